"""What the page says of a run: only what the intervals bear out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from carepath_sim.statistics import paired_difference
from carepath_sim.web.curves import capacities
from carepath_sim.web.differences import between, change, changes, shown
from carepath_sim.web.hours import Hours
from carepath_sim.web.limits import Limits
from carepath_sim.web.outcome import Outcome, Series
from carepath_sim.web.request import Request, Way
from carepath_sim.web.verdict import standing

LUCK = np.array([0.0, 9.0, -4.0, 5.0])
LITTLE = np.array([0.1, -0.1, 0.2, -0.2])


def outcome(seed: int = 1, **figures: list[float]) -> Outcome:
    """Return a run in which each way has a mean, with the same luck in all."""
    number = len(next(iter(figures.values())))
    labels = tuple("ABCD"[:number])
    series = tuple(
        Series("Group", name, name, "all", "admissions", -1, 100 + np.stack(rows))
        for name, means in figures.items()
        for rows in [[mean + LUCK + k * LITTLE for k, mean in enumerate(means)]]
    )
    request = Request("area", tuple(map(Way, labels)), seed=seed)
    return Outcome(request, labels, ("",) * number, "Title", "Area", series, "1 y", 4)


def test_differences_are_paired_and_hold_for_all_ways_together() -> None:
    found = outcome(emergency_admissions=[0, 3, 5])
    (one,) = changes(found, 1)
    exact = paired_difference(
        found.series[0].values[0], found.series[0].values[1], comparisons=2
    ).interval
    assert (one.interval.low, one.interval.high) == (exact.low, exact.high)
    # Luck of a range of 13 in both is gone from the difference.
    assert one.interval.high - one.interval.low < 2
    assert one.verdict == "worse"


def test_more_than_luck_tells_is_not_said() -> None:
    words = standing(outcome(emergency_admissions=[0, 0.1]))
    assert words.headline.startswith("B cannot be told apart from A")
    assert words.reasons == ()
    assert not words.decided


def test_best_is_named_where_all_others_are_surely_worse() -> None:
    words = standing(outcome(emergency_admissions=[0, 5, 7], delayed_transfer_days=[0, 0.1, 9]))
    assert words.headline == "A comes out best: B and C are surely worse."
    assert words.decided
    assert words.reasons[0].startswith("B: 5.0 more emergency admissions than with A (95 % ")
    assert len(words.reasons) == 3


def test_price_is_told_with_what_is_won() -> None:
    words = standing(outcome(emergency_admissions=[0, 5], delayed_transfer_days=[0, -50]))
    assert words.headline == (
        "B has a price against A: better in delayed transfer days, worse in emergency admissions."
    )


def test_what_moves_nothing_is_the_same_and_not_unclear() -> None:
    found = outcome(emergency_admissions=[0, 0])
    alike = replace(found.series[0], values=found.series[0].values[[0, 0]])
    words = standing(replace(found, series=(alike,)))
    assert words.headline == "B is the same as A in emergency admissions."


def test_equal_differences_of_two_replications_prove_nothing() -> None:
    found = outcome(emergency_admissions=[0, 1]).series[0]
    before = found.values[0]
    assert change(found, before[:2], before[:2] + 1, 1).verdict == "unclear"
    assert change(found, before, before + 1, 1).verdict == "worse"


def test_share_differs_by_a_hundred_points_at_most() -> None:
    share = replace(outcome(p_wait=[0, 0]).series[0], unit="share")
    found = change(share, np.array([0.0, 0.4]), np.array([0.9, 0.2]), 1)
    assert found.difference == ("+35 points", "-100", "+100 points")


def test_figures_of_another_area_are_neither_better_nor_worse() -> None:
    one = outcome(emergency_admissions=[0, 5])
    (near,) = between(one, 0, one, 1)
    (far,) = between(one, 0, replace(one, area="Elsewhere"), 1)
    assert (near.verdict, far.verdict) == ("worse", "different")


def test_runs_of_one_seed_share_their_luck_and_others_do_not() -> None:
    one, same = outcome(emergency_admissions=[0]), outcome(emergency_admissions=[3])
    other = outcome(seed=2, emergency_admissions=[3])
    (paired,), (apart,) = between(one, 0, same, 0), between(one, 0, other, 0)
    assert paired.interval.mean == apart.interval.mean == pytest.approx(3)
    assert paired.verdict == "worse"
    assert apart.verdict == "unclear"


def test_figure_that_one_run_lacks_is_left_out() -> None:
    one = outcome(emergency_admissions=[0], costs=[1])
    two = outcome(emergency_admissions=[0])
    assert [each.series.measure for each in between(one, 0, two, 0)] == ["emergency_admissions"]


def test_pounds_shares_and_what_nobody_knows() -> None:
    assert shown(-52_600, "GBP", signed=True) == "-£53k"
    assert shown(0.084, "share", signed=True) == "+8.4 points"
    assert shown(float("nan"), "d") == "not known"


def test_hours_that_are_not_moved_set_nothing() -> None:
    one = Hours("services.a.admits", "A admits", "Mon-Fri", 9, 17, "Mon-Fri 09:00-17:00")
    assert one.sets(9, 17, every_day=False) == ()
    assert one.sets(9, 17, every_day=True) == (("services.a.admits", "daily 09:00-17:00"),)
    assert one.sets(8, 20.5, every_day=False) == (("services.a.admits", "Mon-Fri 08:00-20:30"),)


@pytest.mark.parametrize(("low", "high"), [(88, 162), (1, 2), (5, 5), (0, 11)])
def test_curve_has_few_points_in_equal_steps_and_both_ends(low: int, high: int) -> None:
    found = capacities(low, high)
    assert 2 <= len(found) <= 6
    assert found[0] == low
    assert found[-1] == max(high, low + 1)
    assert len(set(np.diff(found[:-1]))) <= 1


def test_no_more_replications_are_offered_than_there_is_time_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from unittest.mock import MagicMock

    from carepath_sim.web import results

    page = MagicMock()
    page.columns.return_value = (MagicMock(), MagicMock())
    monkeypatch.setattr(results, "st", page)
    found = outcome(emergency_admissions=[0, 1])

    def offered(seconds: float) -> int:
        asked = results.more(replace(found, seconds=seconds), Limits(minutes=10))
        return asked.replications if asked is not None else 0

    # Four replications in ten seconds: three times as many; in six minutes: one more; in ten: none.
    assert [offered(10.0), offered(360.0), offered(600.0)] == [12, 5, 0]


def test_kept_ways_are_told_apart_and_the_last_two_of_an_area_stand_side_by_side() -> None:
    from carepath_sim.web.keeping import Kept, _before, _named

    one, two = (outcome(seed, emergency_admissions=[0, 5]) for seed in (1, 2))
    far = replace(one, area="Elsewhere")
    ways = _named([Kept("x", one), Kept("y", two)])
    assert list(ways) == ["A (x)", "B (x)", "A (y)", "B (y)"]
    kept = [Kept("x", one), Kept("far", far), Kept("y", two)]
    assert _before(kept, _named(kept)) == "Area: B (x)"
    assert _before(kept[:2], _named(kept[:2])) == "Elsewhere: A"
