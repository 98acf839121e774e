"""Each warning fires where it should, and is silent where it should be."""

from __future__ import annotations

import numpy as np
import pytest

from carepath_sim.calibrate import cautions
from carepath_sim.calibrate.emulators import Quality

EVEN = (np.arange(1000) + 0.5) / 1000


def test_w1_says_what_the_data_do_not_inform() -> None:
    assert next(cautions.uninformed("stay", 0.95)).startswith("W1: the data do not inform stay")
    assert not list(cautions.uninformed("stay", 0.89))


def test_w2_says_what_is_known_together_only() -> None:
    """Stay times occupancy is known, neither of the two: they lie on a falling line."""
    luck = np.random.default_rng(1).random(1000)
    falling = np.column_stack([EVEN, 1 - EVEN + 0.05 * luck])
    (said,) = cautions.only_together(["stay", "arrivals"], falling)
    assert said.startswith("W2: of stay and arrivals only a product or sum is identified")
    (said,) = cautions.only_together(["stay", "arrivals"], np.column_stack([EVEN, EVEN + luck / 9]))
    assert "ratio or difference" in said
    assert not list(cautions.only_together(["stay", "arrivals"], np.column_stack([EVEN, luck])))


def test_w2_does_not_speak_of_what_stands_still() -> None:
    still = np.column_stack([EVEN, np.full(1000, 0.5)])
    assert not list(cautions.only_together(["stay", "arrivals"], still))


def test_w2_names_the_direction_that_no_target_sees() -> None:
    """Two targets see the same sum of two parameters: their difference is unseen."""
    said = list(cautions.unseen(["a", "b"], np.array([[1.0, 1.0], [2.0, 2.0]])))
    assert said[0] == "W3: the targets see 1 combinations of 2 parameters"
    assert said[1] in {
        "W2: no target sees a up, b down together", "W2: no target sees b up, a down together",
    }  # fmt: skip


def test_w2_is_silent_where_all_is_seen_and_fires_where_hardly_anything_is() -> None:
    assert not list(cautions.unseen(["a", "b"], np.array([[1.0, 0.0], [0.0, 0.002]])))
    (_, said) = cautions.unseen(["a", "b"], np.array([[1.0, 0.0], [0.0, 0.0005]]))
    assert said == "W2: no target sees b at all"


def test_w3_counts_targets_against_parameters() -> None:
    (said,) = cautions.unseen(["a", "b", "c"], np.array([[1.0, 2.0, 0.5], [0.0, 1.0, 3.0]]))
    assert said.startswith("W3: 2 targets for 3 parameters: 1 of")
    assert not list(cautions.unseen(["a"], np.array([[1.0], [2.0]])))


def test_w4_says_where_draws_press_against_an_end() -> None:
    assert not list(cautions.at_an_end("stay", EVEN))
    assert next(cautions.at_an_end("stay", EVEN**3)).startswith("W4: stay lies at the low end")
    assert next(cautions.at_an_end("stay", 1 - EVEN**3)).startswith("W4: stay lies at the high")


def test_w5_says_that_nothing_is_left() -> None:
    assert list(cautions.nothing_left(0.0))
    assert not list(cautions.nothing_left(1e-4))


def test_w6_says_that_draws_are_worth_little() -> None:
    assert list(cautions.worth_little(99.0)) == ["W6: the draws are worth 99 independent ones"]
    assert not list(cautions.worth_little(100.0))


@pytest.mark.parametrize(("held_out", "word"), [(True, "W7"), (False, "misfit")])
def test_w7_says_which_target_is_missed(*, held_out: bool, word: str) -> None:
    assert next(cautions.missed("beds", -3.2, held_out=held_out)).startswith(word)
    assert not list(cautions.missed("beds", 2.9, held_out=held_out))


def test_w8_says_where_the_stated_discrepancy_decides() -> None:
    assert next(cautions.vacuous("beds", 0.9, 0.1)).startswith("W8")
    assert not list(cautions.vacuous("beds", 0.7, 0.3))


def test_a_poor_emulator_and_a_conflict_are_told() -> None:
    assert next(cautions.poorly_emulated("beds", Quality(0.5, 0.95, 1.0)))
    assert not list(cautions.poorly_emulated("beds", Quality(0.95, 0.95, 1.0)))
    assert next(cautions.in_conflict("beds", 4.0)).startswith("conflict")
    assert not list(cautions.in_conflict("beds", 2.0))
