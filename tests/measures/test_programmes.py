"""Caseloads, finds and costs of programmes, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.engine.spells import FIND_LOST, PROGRAMME_JOINED, PROGRAMME_LEFT
from carepath_sim.plan.programmes import ProgrammeInfo
from carepath_sim.scenario.values import Cost, Number
from carepath_sim.units import DAY

YEAR = 365.25 / 61


def cost(pounds: float, per: str, payer: str) -> Cost:
    """Return a cost."""
    return Cost(Number(pounds), per, payer)


@pytest.fixture
def prevented(world: Any) -> Any:
    """Return a world of two programmes: two people on one, nobody on the other.

    The first was on it before the window, till day 10; again from day 40 to the end. The second
    from day 20 to day 35.
    """
    costs = (cost(2, "day", "nhs"), cost(100, "start", "nhs"), cost(1, "place_day", "council"))
    world.given = {
        "programmes": (
            ProgrammeInfo("care", "Care", "care", 4, costs),
            ProgrammeInfo("falls", "Falls", "falls", 9),
        )
    }
    rows = [
        (-5, PROGRAMME_JOINED, 0, 0),
        (10, PROGRAMME_LEFT, 0, 0),
        (15, FIND_LOST, -1, 1),
        (20, PROGRAMME_JOINED, 1, 1),
        (35, PROGRAMME_LEFT, 1, 1),
        (40, PROGRAMME_JOINED, 0, 1),
        (70, PROGRAMME_LEFT, 0, 0),
    ]
    for _ in range(2):
        world.person()
    for day, what, person, value in rows:
        world.changes.append(
            {"t": day * DAY, "what": what, "person": person, "name": 0, "value": value}
        )
    return world


def test_caseloads_are_means_over_time(prevented: Any) -> None:
    """10 + 15 + 21 days of 61; in April 10 + 10 of 30."""
    assert prevented.value("caseload_mean", "programme:care") == pytest.approx(46 / 61)
    april = prevented.value("caseload_mean", "programme:care", "2015-04")
    assert april == pytest.approx(20 / 30)
    assert prevented.value("caseload_mean", "programme:falls") == 0


def test_the_caseload_at_the_end_is_that_of_the_last_instant(prevented: Any) -> None:
    assert prevented.value("caseload_end", "programme:care") == 1
    assert prevented.value("caseload_end", "programme:falls") == 0


def test_joins_lost_finds_and_leavers_are_a_years(prevented: Any) -> None:
    """Who was there at the start was not found; who leaves after the window does not count."""
    assert prevented.value("programme_joins", "programme:care") == pytest.approx(2 * YEAR)
    lost = prevented.cells("programme_lost_finds")
    assert lost["programme:care | reason:no room", "window"] == pytest.approx(YEAR)
    left = prevented.cells("programme_leavers")
    assert left["programme:care", "window"] == pytest.approx(2 * YEAR)
    assert left["programme:care | reason:time over", "window"] == pytest.approx(YEAR)
    assert left["programme:care | reason:death", "window"] == pytest.approx(YEAR)


def test_programmes_cost_by_day_start_and_place(prevented: Any) -> None:
    """46 days at 2, two found at 100, four places for 61 days at 1."""
    cells = prevented.cells("costs")
    assert cells["payer:nhs", "window"] == pytest.approx(46 * 2 + 200)
    assert cells["payer:council", "window"] == pytest.approx(4 * 61)
    assert cells["programme:care", "window"] == pytest.approx(536)
    assert cells["all", "window"] == pytest.approx(536)


def test_without_programmes_there_is_nothing_to_say(world: Any) -> None:
    world.person()
    assert world.cells("caseload_mean") == {}
