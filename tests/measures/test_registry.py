"""The registry: names, definitions, evaluation of all measures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from carepath_sim.errors import CarepathError
from carepath_sim.measures import (
    Cell,
    all_measures,
    evaluate,
    headline,
    measure,
    notes,
    parts,
    selects,
    stratum,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures import View


@pytest.fixture
def busy(world: Any) -> Any:
    """Return a world in which something of everything happens."""
    world.denominators = {"all_ages": 50_000, "adults": 40_000}
    for k in range(6):
        p = world.person()
        day = 3 + 9 * k
        world.episode(p, "fall", day)
        world.spell(p, "acute", day, day + 8, ready=day + 5, to="reablement")
        world.spell(p, "assessment", day + 5, day + 7, host=0)
        world.spell(p, "reablement", day + 8, day + 30, asked=day + 7, host=0, to="home")
        world.spell(p, "home", day + 30, None, ready=None)
    return world


def test_every_measure_says_what_it_is() -> None:
    for name, found in all_measures().items():
        assert found.name == name
        assert found.definition.endswith(".")
        assert found.unit
        assert found.version
        if found.unit == "share":
            assert found.denominator


def test_names_are_lower_case_words() -> None:
    assert all(name.replace("_", "").isalnum() and name.islower() for name in all_measures())


def test_all_rows_belong_to_a_measure_and_to_a_period(busy: Any) -> None:
    rows = evaluate(busy.plan, busy.record)
    assert {row.period for row in rows} == {"window", "2015-04", "2015-05"}
    assert {row.measure for row in rows} <= set(all_measures())
    keys = [(row.measure, row.stratum, row.period) for row in rows]
    assert len(keys) == len(set(keys))
    assert all(isinstance(row.value, float) for row in rows)


def test_values_are_plain_numbers_that_are_finite_or_undefined(busy: Any) -> None:
    for row in evaluate(busy.plan, busy.record):
        assert math.isnan(row.value) or math.isfinite(row.value)
        if row.weight is not None:
            # What is divided by nothing is undefined, and nothing else is.
            assert math.isnan(row.value) == (row.weight == 0), row


def test_totals_of_months_sum_to_the_window(busy: Any) -> None:
    totals = (
        "emergency_admissions",
        "delayed_transfer_days",
        "delayed_transfer_time",
        "bed_days",
        "bed_nights",
        "care_home_admissions",
    )
    rows = evaluate(busy.plan, busy.record, totals)
    window = {(r.measure, r.stratum): r.value for r in rows if r.period == "window"}
    months: dict[tuple[str, str], float] = {}
    for row in rows:
        if row.period != "window":
            key = (row.measure, row.stratum)
            months[key] = months.get(key, 0.0) + row.value
    assert len(months) > 20
    for key, value in months.items():
        assert window[key] == pytest.approx(value)


def test_shares_lie_between_0_and_1(busy: Any) -> None:
    shares = [name for name, found in all_measures().items() if found.unit == "share"]
    values = [row.value for row in evaluate(busy.plan, busy.record, shares)]
    assert any(value > 0 for value in values)
    assert all(math.isnan(value) or 0 <= value <= 1 for value in values)


def test_an_empty_record_can_be_measured(world: Any) -> None:
    rows = evaluate(world.plan, world.record)
    counts = {row.value for row in rows if row.weight is None and not math.isnan(row.value)}
    # Nothing happened: only capacities are above 0.
    assert counts == {0.0, 2.0, 4.0}


def test_an_unknown_name_is_refused_with_the_nearest(world: Any) -> None:
    with pytest.raises(CarepathError, match="did you mean 'emergency_admissions'"):
        evaluate(world.plan, world.record, ["emergency_admission"])


def test_a_measure_of_ones_own_is_evaluated_like_the_others(world: Any) -> None:
    @measure(name="people", definition="People who ever were in the model.", unit="people")
    def people(view: View) -> Iterator[Cell]:
        yield Cell(stratum(), "window", float(len(view.people["person"])))

    world.person()
    (row,) = evaluate(world.plan, world.record, [people])
    assert row == ("people", "all", "window", 1.0, None)


def test_the_headline_table_names_measures_and_strata_that_exist(busy: Any) -> None:
    rows = evaluate(busy.plan, busy.record)
    for name, pattern in headline(busy.plan):
        found = [row for row in rows if row.measure == name and selects(pattern, row.stratum)]
        # Nothing costs anything here.
        assert found or pattern == "payer:*", name


def test_without_standards_the_headline_table_shows_waits(busy: Any) -> None:
    assert ("wait_mean", "service:*") in headline(busy.plan)
    assert ("standard_met", "standard:*") not in headline(busy.plan)


def test_refused_measures_are_not_in_the_headline_table(world: Any) -> None:
    refused = {note.measure for note in notes(world.plan) if note.refused}
    assert "delayed_transfer_days_per_100k_adults" in refused
    assert not refused & {name for name, _ in headline(world.plan)}


def test_strata_are_written_and_read_alike() -> None:
    name = stratum(pool="community_beds", stream="step_up")
    assert name == "pool:community_beds | stream:step_up"
    assert parts(name) == {"pool": "community_beds", "stream": "step_up"}
    assert parts(stratum()) == {}
    assert parts(stratum(reason="a | b")) == {"reason": "a / b"}


def test_patterns_select_strata_with_the_same_keys() -> None:
    assert selects("all", "all")
    assert selects("pool:*", "pool:acute[north]")
    assert selects("service:acute | reason:*", "service:acute | reason:transfer")
    assert not selects("all", "pool:acute_beds")
    assert not selects("service:acute | reason:*", "service:acute")
    assert not selects("pool:a", "pool:b")
