"""What is outside its interval by luck gets a second try; what has no luck in it gets none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from carepath_sim.verification import Verdict, pack
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import Claim, Effort, Observation, Sample, verdicts
from carepath_sim.verification.verdict import exactly, not_said, within

if TYPE_CHECKING:
    from collections.abc import Callable


def claim(low: float, high: float) -> Verdict:
    return within("case", "claim", 1.0, ((low + high) / 2, low, high), "source")


def tries(
    *rounds: tuple[Verdict, ...],
) -> tuple[Callable[[Effort], tuple[Verdict, ...]], list[Effort]]:
    efforts: list[Effort] = []

    def work(effort: Effort) -> tuple[Verdict, ...]:
        efforts.append(effort)
        return rounds[len(efforts) - 1]

    return work, efforts


def test_a_claim_holds_where_the_interval_has_the_answer() -> None:
    assert claim(0.9, 1.1).ok is True
    assert claim(1.01, 1.1).ok is False
    assert claim(0.9, 0.99).ok is False


def test_an_exact_claim_takes_nothing_but_the_answer() -> None:
    assert exactly("case", "claim", 3, 3, "source").ok is True
    assert exactly("case", "claim", 3, 2, "source").ok is False


def test_what_cannot_be_said_is_neither_right_nor_wrong() -> None:
    said = not_said("case", "claim", "source", "no pre-emption")
    assert said.ok is None
    assert said.got is None
    assert "no pre-emption" in said.note


def test_the_second_try_has_other_luck_and_more_of_it_and_decides() -> None:
    work, efforts = tries((claim(1.5, 2), claim(0.9, 1.2)), (claim(0.9, 1.1), claim(2, 3)))
    first, second = pack.judged(Case("case", work), Effort(1, 0.5))
    assert first.ok is True
    assert "second try" in first.note
    assert (second.low, second.ok) == (0.9, True)  # it held at once, so the first try stands
    assert efforts[1].share == 0.5 * pack.AGAIN
    assert efforts[1].luck("case") != efforts[0].luck("case")


def test_a_wrong_answer_is_wrong_twice() -> None:
    work, _ = tries((claim(1.5, 2),), (claim(1.6, 1.9),))
    (verdict,) = pack.judged(Case("case", work), Effort())
    assert verdict.ok is False


def test_what_holds_is_not_tried_again() -> None:
    work, efforts = tries((claim(0.9, 1.1),))
    pack.judged(Case("case", work), Effort())
    assert len(efforts) == 1


def test_exact_claims_are_not_tried_again() -> None:
    work, efforts = tries((exactly("case", "rows", 3, 2, "source"),))
    (verdict,) = pack.judged(Case("case", work), Effort())
    assert verdict.ok is False
    assert len(efforts) == 1


def test_means_over_people_come_from_sums_over_replications() -> None:
    found = Sample()
    for observation in (Observation(10, 5), Observation(0, 1), Observation(20, 4)):
        found.add({"wait": observation})
    assert found.interval("wait").mean == 3.0


def test_the_error_of_an_estimated_answer_widens_the_interval() -> None:
    found = Sample()
    for value in (1.0, 2.0, 3.0, 4.0, 5.0):
        found.add({"wait": value})
    (exact,) = verdicts("case", found, [Claim("wait", "mean wait", 3.0)], "theory")
    (estimated,) = verdicts("case", found, [Claim("wait", "mean wait", 3.0, 1.0)], "a program")
    half = [(v.high - v.low) / 2 for v in (exact, estimated) if v.high is not None and v.low]
    # Student's t with 4 degrees of freedom at 99.9 %: 8.610; standard error sqrt(0.5).
    assert half == pytest.approx([8.6103 * 0.5**0.5, 8.6103 * 1.5**0.5], rel=1e-4)
