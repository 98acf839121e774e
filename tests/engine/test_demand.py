"""Demand from outside: rates over time, days that vary, growth, and lists that are replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from carepath_sim.engine.demand import day_factors, rate_at
from carepath_sim.engine.people import arrivals
from carepath_sim.plan import compile_plan
from carepath_sim.plan.rates import constant, grown, linear, steps
from tests.engine.small import DAY, HOUR, run, scenario

if TYPE_CHECKING:
    from carepath_sim.plan import Plan

WARD = {"acute": {"setting": "acute_bed", "stay": {"fixed": "6 h"}, "next": "home"}}


def plan_of(
    *, length: str = "30 d", warm_up: str = "0 d", start: str = "2015-06-01", **source: Any
) -> Plan:
    """Return the plan of one source that sends people to a ward."""
    clock = {"start": start, "length": length, "warm_up": warm_up, "run_out": "0 d"}
    return compile_plan(
        scenario(clock=clock, services=WARD, arrivals={"gp": {"at": "acute", **source}})
    )


def instants(plan: Plan, *, seed: int = 1) -> np.ndarray:
    """Return when people come [days]."""
    return np.array(sorted(t for _, _, t in arrivals(plan, 1, seed, 0))) / DAY


def people(plan: Plan) -> set[tuple[int, int, int]]:
    """Return who comes, and when."""
    return set(arrivals(plan, 1, 1, 0))


# --- rates over time ----------------------------------------------------------------------------


def test_steps_hold_until_the_next() -> None:
    """Nobody comes while the rate is 0; 200 a day give 1,000 in five days, +- 4 sigma."""
    rows = [
        {"from": "2015-06-01", "rate": "0 per d"},
        {"from": "2015-06-11 12:00", "rate": "200 per d"},
        {"from": "2015-06-16 12:00", "rate": "0 per d"},
    ]
    t = instants(plan_of(rates=rows))
    assert t.min() >= 10.5
    assert t.max() < 15.5
    assert abs(len(t) - 1000) < 4 * 1000**0.5


def test_the_first_rate_holds_before_its_row_too() -> None:
    """A table that begins with the window says how it was in the warm-up."""
    rows = [{"from": "0 d", "rate": "50 per d"}, {"from": "1 d", "rate": "0 per d"}]
    t = instants(plan_of(rates=rows, warm_up="10 d"))
    assert t.max() < 1
    assert abs(len(t) - 550) < 4 * 550**0.5


def test_lines_join_the_rates() -> None:
    """From 0 to 400 a day in ten days: 2,000 people, a quarter of them in the first half."""
    rows = [{"from": "0 d", "rate": "0 per d"}, {"from": "10 d", "rate": "400 per d"}]
    t = instants(plan_of(rates=rows, interpolate="linear", length="10 d"))
    assert abs(len(t) - 2000) < 4 * 2000**0.5
    assert abs((t < 5).sum() - 500) < 4 * 500**0.5


def test_a_cycle_repeats_from_the_start_of_the_window_in_both_directions() -> None:
    """A rate for the first 6 hours of every second day, in the warm-up too."""
    rows = [{"from": "0 h", "rate": "100 per d"}, {"from": "6 h", "rate": "0 per d"}]
    t = instants(plan_of(rates=rows, cycle="2 d", warm_up="20 d"))
    assert (t % 2 < 0.25).all()
    assert set(np.floor(t / 2)) == set(range(-10, 15))


def test_rates_and_profile_multiply() -> None:
    """An hourly profile shapes what a table says of days."""
    hours = {"00:00-12:00": 0, "12:00-24:00": 1}
    rows = [{"from": "0 d", "rate": "100 per d"}]
    t = instants(plan_of(rates=rows, profile={"hour": hours}))
    assert (t % 1 >= 0.5).all()
    assert abs(len(t) - 3000) < 4 * 3000**0.5


@pytest.mark.parametrize("t", [-5, 0, 3, 10, 11, 19, 20, 25])
def test_the_rule_and_the_table_agree(t: int) -> None:
    """Engines look a rate up where the plan keeps it."""
    rows = [(0, 2.0), (10, 4.0), (20, 1.0)]
    for made, expected in ((steps(rows), {3: 2.0, 25: 1.0}), (linear(rows), {11: 3.7, 25: 1.0})):
        found = rate_at(*map(np.array, (made.t, made.first, made.last)), t)
        assert found == made.at(t)
        assert found == pytest.approx(expected.get(t, found))


# --- growth --------------------------------------------------------------------------------------


def test_growth_is_geometric_by_days_and_stated_at_the_start() -> None:
    """After 365.25 days a rate is 3 % higher; on the first day it is what was written."""
    made = grown(constant(8.0), 0.03, -10 * DAY, 1461 * DAY)
    assert made.at(0) == made.at(DAY - 1) == 8.0
    assert made.at(1460 * DAY) == pytest.approx(8.0 * 1.03 ** (1460 / 365.25), rel=1e-12)
    assert made.at(-DAY) == pytest.approx(8.0 * 1.03 ** (-1 / 365.25), rel=1e-12)


def test_growth_keeps_the_mean_of_straight_lines() -> None:
    """Without growth the days of a straight line add up to the line."""
    line = linear([(0, 0.0), (10 * DAY, 10.0)])
    assert grown(line, 0.0, 0, 10 * DAY).mean(0, 10 * DAY) == pytest.approx(5.0)


def test_growth_shows_in_the_second_year() -> None:
    """A doubling every year: 10 a day become 20, the sum over two years is 10,950 / ln 2 x 1.5."""
    t = instants(plan_of(rate="10 per d", growth="100 % per y", length="730 d"))
    expected = 10 * 365.25 / np.log(2) * (2 ** (730 / 365.25) - 1)
    assert abs(len(t) - expected) < 4 * expected**0.5 + 10


# --- days that vary ------------------------------------------------------------------------------


def test_daily_counts_are_overdispersed_as_stated() -> None:
    """Variance = mean + cv^2 mean^2: 20 a day with cv 0.5 give 120 (Poisson: 20)."""
    plan = plan_of(rate="20 per d", variation=0.5, length="6000 d")
    counts = np.bincount(instants(plan).astype(int), minlength=6000)
    assert counts.mean() == pytest.approx(20, abs=4 * (120 / 6000) ** 0.5)
    # The variance of a sample variance is (kurtosis - 1) / n times its square; kurtosis < 6.
    assert counts.var() == pytest.approx(120, abs=4 * 120 * (5 / 6000) ** 0.5)


def test_a_day_varies_alike_in_every_scenario() -> None:
    """The factor belongs to the source and the day of the calendar, not to the run."""
    one = plan_of(rate="5 per d", variation=0.4, start="2015-06-01", warm_up="7 d")
    two = plan_of(rate="9 per d", variation=0.4, start="2015-06-15", length="60 d")
    first, factors = day_factors(one, one.sources[1], 1, 0)
    assert first == -7
    _, others = day_factors(two, two.sources[1], 1, 0)
    assert factors[21:30].tolist() == others[:9].tolist()  # 15 June is 14 days after 1 June
    assert len(set(factors.tolist())) == len(factors)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"variation": 0.8},
        {"variation": 0.3, "growth": "20 % per y", "profile": {"weekday": {"Sat": 0.2}}},
    ],
    ids=["plain", "varying", "all at once"],
)
def test_less_demand_removes_people_and_moves_nobody(more: dict[str, Any]) -> None:
    """A tenth less is the same crowd without some of them."""
    all_of_them = people(plan_of(rate="20 per d", **more))
    fewer = people(plan_of(rate="18 per d", **more))
    assert fewer < all_of_them
    assert 0.02 < 1 - len(fewer) / len(all_of_them) < 0.2


def test_no_variation_is_plain_chance() -> None:
    """A coefficient of 0 changes nobody."""
    assert people(plan_of(rate="20 per d", variation=0)) == people(plan_of(rate="20 per d"))


# --- lists ---------------------------------------------------------------------------------------

CARE: dict[str, Any] = {
    "clock": {"start": "2015-06-01", "length": "30 d", "warm_up": "2 d", "run_out": "0 d"},
    "attributes": {
        "urgency": {"of": "episode", "shares": {"fast": 0, "slow": 1}},
        "zone": {"shares": {"north": 0, "south": 1}},
    },
    "services": {
        "acute": {
            "setting": "acute_bed",
            "stay": {"exponential": {"mean": "3 d"}},
            "next": {"to": {"rehab": 0.5, "home": 0.5}},
        },
        "rehab": {
            "setting": "community_bed",
            "stay": [
                {"when": {"urgency": "fast"}, "value": "1 d"},
                {"when": {"zone": "north"}, "value": "2 d"},
                "4 d",
            ],
            "next": "home",
        },
    },
}


def test_a_list_is_replayed_as_it_is_written() -> None:
    """People come when the list says, twins at one instant too, with what is known of them."""
    rows = [
        {"at": "2015-06-01 09:30", "acute.stay": "12 h", "acute.route": "rehab", "urgency": "fast"},
        {"at": "2015-06-01 09:30", "acute.stay": "6 h", "acute.route": "rehab", "zone": "north"},
        {"at": "-1 d", "acute.stay": "24 h", "acute.route": "home"},
        {"at": "2015-06-02", "acute.stay": "1 h", "acute.route": "rehab"},
    ]
    seen = run(**CARE, arrivals={"ed": {"at": "acute", "replay": rows}})
    assert seen.stays("ed 0") == [("acute", 9.5, 21.5), ("rehab", 21.5, 45.5)]
    assert seen.stays("ed 1") == [("acute", 9.5, 15.5), ("rehab", 15.5, 63.5)]
    assert seen.stays("ed 2") == [("acute", -24, 0)]
    assert seen.stays("ed 3") == [("acute", 24, 25), ("rehab", 25, 121)]


def test_what_a_list_does_not_say_is_drawn_as_without_it() -> None:
    """Knowing one stay changes nothing else: not the other people, not the way on."""
    rows = [{"at": f"{k} h"} for k in range(40)]
    known = [{"acute.stay": "9 h", **row} if row["at"] == "7 h" else row for row in rows]
    plain = run(**CARE, arrivals={"ed": {"at": "acute", "replay": rows}})
    told = run(**CARE, arrivals={"ed": {"at": "acute", "replay": known}})
    for k in range(40):
        services = [row.service for row in plain.rows(f"ed {k}")]
        assert services == [row.service for row in told.rows(f"ed {k}")]
        if k != 7:
            assert plain.stays(f"ed {k}") == told.stays(f"ed {k}")
    assert told.one("ed 7", "acute").ready == 16


def test_a_known_outcome_holds_the_first_time_only() -> None:
    """Back in the ward a second time, the stay is drawn."""
    services = {
        "acute": {
            "setting": "acute_bed",
            "stay": {"fixed": "2 d"},
            "next": [{"when": {"from": "rehab"}, "to": "home"}, {"to": "rehab"}],
        },
        "rehab": {"setting": "community_bed", "stay": {"fixed": "1 d"}, "next": "acute"},
    }
    rows = [{"at": "0 h", "acute.stay": "5 h"}]
    seen = run(services=services, arrivals={"ed": {"at": "acute", "replay": rows}})
    assert seen.stays("ed") == [("acute", 0, 5), ("rehab", 5, 29), ("acute", 29, 77)]


def test_known_patience_ends_a_wait() -> None:
    """Somebody known to have left after an hour leaves after an hour."""
    services = {
        "acute": {
            "setting": "acute_bed",
            "stay": {"fixed": "2 d"},
            "next": "home",
            "pool": "beds",
            "max_wait": {"after": "9 h"},
        }
    }
    pools = {"beds": {"capacity": 1}}
    rows = [{"at": "0 h"}, {"at": "1 h", "acute.max_wait": "1 h"}, {"at": "1 h"}]
    seen = run(services=services, pools=pools, arrivals={"ed": {"at": "acute", "replay": rows}})
    assert [seen.rows(f"ed {k}")[0].left for k in range(3)] == [48, 2, 10]


def test_people_of_a_list_keep_their_luck_whoever_comes_before_them() -> None:
    """They are numbered by row; the times of others are nothing to them."""
    first = run(**CARE, arrivals={"ed": {"at": "acute", "replay": [{"at": "1 h"}, {"at": "5 h"}]}})
    moved = run(**CARE, arrivals={"ed": {"at": "acute", "replay": [{"at": "9 h"}, {"at": "5 h"}]}})
    assert first.stays("ed 1") == moved.stays("ed 1")


def test_hours_of_the_trace_are_whole() -> None:
    """Instants of a list are exact: no rounding by way of days."""
    plan = plan_of(replay=[{"at": "2015-06-01 23:59:59"}])
    assert arrivals(plan, 1, 1, 0) == [(0, 0, 24 * HOUR - 1000)]
