"""Who turns 65 over time: tables by year, growth, and a projection that is followed."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from small import DAY, Run, comes, run, scenario

from carepath_sim.engine.people import arrivals
from carepath_sim.plan import compile_plan
from carepath_sim.plan.inflow import expected_deaths, followed
from carepath_sim.plan.inflow import warnings as projection_warnings
from carepath_sim.scenario.values import Number

YEAR = 365.25
WARD = {"ward": {"setting": "acute_bed", "stay": "1 h", "next": "home"}}
BANDS = {"65+": {"share": 1, "frailty": {"fit": 1}}}
DEATH = {"rate": "0.1 per y", "to": "died"}


def sections(start: str, length: str, population: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario in which people do nothing but join and die."""
    return {
        "clock": {"start": start, "length": length, "run_out": "0 d"},
        "population": {"size": 1, "bands": BANDS, **population},
        "services": WARD,
        "arrivals": {"nobody": comes("ward", 0)},
    }


def joined(start: str, length: str, **population: Any) -> np.ndarray:
    """Return when people turn 65 [days]."""
    plan = compile_plan(scenario(**sections(start, length, population)))
    source = plan.source_names.index("turning_65")
    return np.array(sorted(t for _, _, t in arrivals(plan, source, 1, 0))) / DAY


def day(start: str, year: int, month: int = 1) -> int:
    """Return the number of a first of the month, from the start on."""
    return (date(year, month, 1) - date.fromisoformat(start)).days


# --- tables by year, and growth -------------------------------------------------------------------


def test_a_table_gives_so_many_people_a_calendar_year() -> None:
    """Poisson counts, +- 4 sigma: the first year holds before it, the last after it."""
    start = "2014-01-01"
    t = joined(start, "5 y", turning_65={2015: 400, 2016: 1600, 2017: 900})
    for year, expected in ((2014, 400), (2015, 400), (2016, 1600), (2017, 900), (2018, 900)):
        found = ((t >= day(start, year)) & (t < day(start, year + 1))).sum()
        assert abs(found - expected) < 4 * expected**0.5, year


def test_a_leap_year_has_its_people_too() -> None:
    """So many a year, not a day: the rate of 2016 is that of 366 days."""
    plan = compile_plan(scenario(**sections("2015-01-01", "2 y", {"turning_65": {2015: 366}})))
    segments = plan.sources[plan.source_names.index("turning_65")].segments
    assert segments.at(0) == 366 / 365
    assert segments.at(365 * DAY - 1) == 366 / 365
    assert segments.at(365 * DAY) == 1.0


def test_another_number_of_a_year_changes_nobody_of_the_others() -> None:
    """Who turns 65 in 2015 does so whatever is said of 2016, and nobody is taken from 2016."""
    few = joined("2015-01-01", "2 y", turning_65={2015: 300, 2016: 300})
    many = joined("2015-01-01", "2 y", turning_65={2015: 300, 2016: 900})
    assert few[few < 365].tolist() == many[many < 365].tolist()
    assert set(few) < set(many)


def test_growth_is_geometric() -> None:
    """Doubling every year: the integral of 1000 x 2 ^ t over two years; steps of days matter less
    than 4 sigma.
    """
    t = joined("2015-06-01", "730 d", turning_65="1000 per y", growth="100 % per y")
    for last in (365, 730):
        expected = 1000 / math.log(2) * (2 ** (last / YEAR) - 1)
        assert abs((t < last).sum() - expected) < 4 * expected**0.5


def test_no_growth_is_as_if_it_were_not_written() -> None:
    plain = joined("2015-06-01", "1 y", turning_65="500 per y")
    grown = joined("2015-06-01", "1 y", turning_65="500 per y", growth="0 % per y")
    assert plain.tolist() == grown.tolist()


# --- a projection ---------------------------------------------------------------------------------


def test_people_join_at_the_slope_and_for_those_who_die() -> None:
    """By hand: 365 more in 365 days, one dead of a thousand a day."""
    rows = ((2014, Number(1000.0)), (2015, Number(1365.0)))
    pieces, clipped = followed(rows, 0.001, date(2014, 7, 1))
    assert [t for t, _, _ in pieces[1:]] == [0, 365 * DAY]
    assert [rate for _, *rates in pieces for rate in rates] == pytest.approx(
        [1.0, 1.0, 1 + 1.0, 1 + 1.365, 1.365, 1.365]
    )
    assert not clipped


def test_nobody_joins_where_the_projection_falls_faster_than_people_die() -> None:
    """By hand: 10,000 fall by 2 a day for 365 days; deaths of 0.0002 a day drop from 2 to 1.854."""
    rows = ((2014, Number(10000.0)), (2015, Number(10000.0 - 730)), (2016, Number(9270.0)))
    pieces, clipped = followed(rows, 0.0002, date(2014, 7, 1))
    assert [rate for _, *rates in pieces[1:2] for rate in rates] == [0.0, 0.0]
    assert clipped == [2014]
    # With 0.00021 the rate starts at 0.1 and reaches 0 when 9,523.8 are left: after 238.1 days.
    pieces, clipped = followed(rows, 0.00021, date(2014, 7, 1))
    assert pieces[1][1:] == pytest.approx((0.1, 0.0))
    assert pieces[2][0] / DAY == pytest.approx((10000 - 2 / 0.00021) / 2, abs=1e-6)
    assert pieces[2][1:] == (0.0, 0.0)
    assert clipped == [2014]


def alive(seen: Run, at: int) -> int:
    """Return how many people live here at an instant [ms]."""
    p, plan = seen.record.people, seen.plan
    source = plan.source_names.index("turning_65")
    came = [t for _, _, t in arrivals(plan, source, 1, 0)]
    died = p["ended"][(p["end_state"] == 1) & (p["ended"] >= 0)]
    return round(seen.plan.population) + sum(t < at for t in came) - int((died < at).sum())


def test_the_population_follows_its_projection_for_ten_years() -> None:
    """A thousand become two thousand while a tenth of them die every year.

    The mean is the projection; of those there at first, binomially many are left, and those who
    join and live on are Poisson, so that the variance is known: 4 standard deviations.
    """
    projection = {2015: 1000, 2018: 1600, 2020: 1400, 2025: 2000}
    given = {"size": 1000, "hazards": {"death": DEATH}, "projection": projection}
    seen = run(**sections("2015-07-01", "10 y", given))
    assert seen.plan.population == 1000
    for year, people in projection.items():
        t = day("2015-07-01", year, 7)
        left = math.exp(-0.1 * t / YEAR)
        variance = 1000 * left * (1 - left) + (people - 1000 * left)
        assert abs(alive(seen, t * DAY) - people) <= 4 * variance**0.5, year


def test_people_turn_65_at_the_youngest_age_whatever_says_when() -> None:
    projection = {2015: 50, 2016: 250}
    bands = {"65-74": {"share": 0, "frailty": {"fit": 1}}, "75+": BANDS["65+"]}
    given = {"size": 50, "bands": bands, "hazards": {"death": DEATH}, "projection": projection}
    seen = run(**sections("2015-07-01", "1 y", given))
    p = seen.record.people
    new = p["source"] == seen.plan.source_names.index("turning_65")
    assert new.sum() > 100
    assert set(p["attribute.age"][new].tolist()) == {65}


def test_expected_deaths_are_the_mean_over_those_who_live_here() -> None:
    """A quarter die at 0.4 a year, the others at 0.1, by hazard; 0.2 of a yearly illness."""
    bands = {"65+": {"share": 1, "frailty": {"fit": 0.75, "severe": 0.25}}}
    hazards = {
        "death": {**DEATH, "times": {"frailty": {"severe": 4}, "month": {"Jan": 3}}},
        "illness": {"rate": "1 per y", "to": "ward"},
    }
    services = {"ward": {**WARD["ward"], "next": {"to": {"home": 0.8, "died": 0.2}}}}
    given = {"size": 500, "bands": bands, "hazards": hazards}
    raw = {**sections("2015-07-01", "1 y", given), "services": services}
    deaths = expected_deaths(scenario(**raw))
    assert deaths.hazards * YEAR == pytest.approx(0.75 * 0.1 + 0.25 * 0.4)
    # Within the hour of the stay next to nobody falls ill a second time (1 in 9,000).
    assert deaths.routes * YEAR == pytest.approx(0.2, rel=2e-4)


def test_who_comes_from_outside_dies_outside_the_projection() -> None:
    services = {"ward": {**WARD["ward"], "next": "died"}}
    given = {"size": 500, "hazards": {"death": DEATH}}
    raw = {**sections("2015-07-01", "1 y", given), "services": services}
    assert expected_deaths(scenario(**raw)).routes == 0


def test_a_projection_that_falls_too_fast_is_told() -> None:
    given = {
        "size": 1000,
        "hazards": {"death": DEATH},
        "projection": {2015: 1000, 2016: 950, 2017: 500},
    }
    raw = sections("2015-07-01", "2 y", given)
    ((path, message),) = projection_warnings(scenario(**raw))
    assert path == ("population", "projection", "2016")
    assert "falls by 450 a year" in message
