"""Rates of national definition, and money that depends on counts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from carepath_sim.measures import headline, notes
from carepath_sim.measures.payments import lost, released
from carepath_sim.scenario.model import Payment
from carepath_sim.scenario.values import Background, Number

# The window is April and May 2015, 61 days; a year has 365.25.
YEARS = 61 / 365.25


def admitted(world: Any, *days: float) -> None:
    """Add an emergency admission for each day."""
    for day in days:
        p = world.person()
        world.episode(p, "fall", day)
        world.spell(p, "acute", day, day + 2)


def stated(world: Any, value: float, per: str, adds_to: str = "emergency_admissions") -> None:
    world.background[f"rest_{len(world.background)}"] = Background(Number(value), per, adds_to)


def test_a_national_rate_adds_what_is_stated_to_what_is_simulated(world: Any) -> None:
    """6 admissions in 61 days and 1,000 a year stated, of 50,000 people."""
    world.denominators = {"all_ages": 50_000}
    stated(world, 1000, "year")
    admitted(world, 2, 3, 4, 35, 36, 37)
    assert world.value("emergency_admissions_rate") == pytest.approx((6 / YEARS + 1000) * 2)
    assert world.value("emergency_admissions_per_100k") == pytest.approx(6 / YEARS * 2)
    # April has 30 days: 3 admissions and 1000 x 30 / 365.25.
    april = world.cells("emergency_admissions_rate")["all", "2015-04"]
    assert april == pytest.approx((3 + 1000 * 30 / 365.25) * 2)


def test_figures_for_other_periods_and_several_groups_add_up(world: Any) -> None:
    world.denominators = {"all_ages": 100_000}
    for value, per in ((100, "year"), (25, "quarter"), (10, "month"), (1, "day")):
        stated(world, value, per)
    stated(world, 999, "year", "care_home_admissions")
    assert world.value("emergency_admissions_rate") == pytest.approx(100 + 100 + 120 + 365.25)


def test_without_background_or_people_there_is_no_national_rate(world: Any) -> None:
    world.denominators = {"all_ages": 50_000}
    assert world.cells("emergency_admissions_rate") == {}
    (note,) = notes(world.plan, ["emergency_admissions_rate"])
    assert note.refused
    assert "adds_to: emergency_admissions" in note.text
    stated(world, 1000, "year")
    assert ("emergency_admissions_rate", "all") in headline(world.plan)
    world.denominators = {}
    assert world.cells("emergency_admissions_rate") == {}


def test_delayed_days_of_younger_adults_can_be_stated(world: Any) -> None:
    world.denominators = {"adults": 40_000}
    stated(world, 500, "year", "delayed_transfer_days")
    p = world.person()
    world.episode(p, "fall", 2)
    world.spell(p, "acute", 2, 8.5, ready=3.5)  # midnights 4, 5, 6, 7, 8
    found = world.value("delayed_transfer_days_rate")
    assert found == pytest.approx((5 / YEARS + 500) * 2.5)


# Rutland's plan, section 5b: 103 admissions of 2,943 at 1,490 GBP each.
P4P: dict[str, Any] = {"baseline": 2943, "up_to": 103, "unit": "1490 GBP"}
CASES = [
    ("proportional", 2943, 0.0),
    ("proportional", 3100, 0.0),
    ("proportional", 2893, 50 * 1490.0),
    ("proportional", 2840, 153_470.0),
    ("proportional", 2000, 153_470.0),
    ("threshold", 2893, 0.0),
    ("threshold", 2841, 0.0),
    ("threshold", 2840, 153_470.0),
]


@pytest.mark.parametrize(("form", "count", "paid"), CASES)
def test_so_much_is_released_for_so_many(form: str, count: float, paid: float) -> None:
    payment = Payment.model_validate({**P4P, "form": form})
    assert released(payment, count) == pytest.approx(paid)
    assert lost(payment, count) == pytest.approx(153_470 - paid)


def test_the_loss_is_shared_and_the_count_is_a_years_with_its_background(world: Any) -> None:
    """6 admissions in 61 days are 35.9 a year, 64 stated: 99.9 against a baseline of 110."""
    stated(world, 64, "year")
    world.payments["p4p"] = Payment.model_validate(
        {"baseline": 110, "up_to": 20, "unit": "100 GBP", "loss": {"council": 0.25, "ccg": 0.75}}
    )
    admitted(world, 2, 3, 4, 35, 36, 37)
    paid = (110 - (6 / YEARS + 64)) * 100
    assert paid > 0
    assert world.value("payment_released", "payment:p4p") == pytest.approx(paid)
    assert world.value("payment_lost", "payment:p4p") == pytest.approx(2000 - paid)
    for party, share in (("council", 0.25), ("ccg", 0.75)):
        found = world.value("payment_lost", f"payment:p4p | payer:{party}")
        assert found == pytest.approx(share * (2000 - paid))


def test_other_counts_can_be_paid_for(world: Any) -> None:
    world.payments["home"] = Payment.model_validate(
        {"measure": "delayed_transfer_days", "baseline": 40, "up_to": 40, "unit": "1 GBP"}
    )
    p = world.person()
    world.episode(p, "fall", 2)
    world.spell(p, "acute", 2, 8.5, ready=3.5)
    assert world.value("payment_released", "payment:home") == pytest.approx(40 - 5 / YEARS)


def test_without_payments_nothing_is_paid(world: Any) -> None:
    assert world.cells("payment_released") == {}
    assert not any(name.startswith("payment") for name, _ in headline(world.plan))
    world.payments["p4p"] = SimpleNamespace()
    assert ("payment_released", "payment:*") in headline(world.plan)
