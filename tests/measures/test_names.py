"""The names that scenarios may use for measures are those of the measures."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.measures import aims, all_measures, evaluate
from carepath_sim.measures.avoided import MEASURES
from carepath_sim.measures.rates import COUNTED
from carepath_sim.scenario import measure_names as names


def test_every_measure_of_a_run_is_known_by_its_name() -> None:
    """A new measure belongs into one of the lists of `scenario/measure_names.py`."""
    of_one_run = set(all_measures()) - {found.name for found in MEASURES}
    assert set(names.KNOWN) == of_one_run
    assert len(names.KNOWN) == len(of_one_run)


def test_what_is_no_amount_has_a_denominator_or_is_a_level() -> None:
    known = all_measures()
    assert all(not known[name].denominator for name in names.COUNTS)
    assert all(known[name].unit != "share" for name in (*names.COUNTS, *names.YEARLY))


def test_counts_with_background_and_money_are_counted_somehow() -> None:
    assert set(names.PAID_FOR) == set(COUNTED)
    assert set(names.ADDED_TO) <= set(COUNTED)
    assert set(names.PAID_FOR) <= set(names.COUNTS)


def test_months_of_counts_add_up_and_years_are_scaled(world: Any) -> None:
    """Counts: the window is the sum of its months; amounts a year: that sum x 365.25 / 61."""
    world.denominators = {"all_ages": 50_000, "adults": 40_000, "over_65": 9_000}
    for k in range(6):
        p = world.person()
        day = 3 + 9 * k
        world.episode(p, "fall", day)
        world.spell(p, "acute", day, day + 8, ready=day + 5)
    rows = evaluate(world.plan, world.record)
    window = {(r.measure, r.stratum): r.value for r in rows if r.period == "window"}
    sums: dict[tuple[str, str], float] = {}
    for row in rows:
        if row.period != "window" and row.measure not in names.LEVELS:
            key = (row.measure, row.stratum)
            sums[key] = sums.get(key, 0.0) + row.value
    assert {"emergency_admissions", "emergency_admissions_per_100k"} <= {name for name, _ in sums}
    for (name, stratum), value in sums.items():
        factor = 365.25 / 61 if name in names.YEARLY else 1
        assert window[name, stratum] == pytest.approx(value * factor), name


def test_every_measure_that_is_good_in_some_way_is_there() -> None:
    known = set(all_measures())
    assert known >= aims.LARGE_IS_GOOD
    assert known >= aims.NEITHER
    assert not aims.LARGE_IS_GOOD & aims.NEITHER
