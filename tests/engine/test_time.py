"""Time: warm-up, window and run-out; people who are there at the start; arrivals on the clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small import DAY, HOUR, Run, comes, run

from carepath_sim.engine import NEVER, How, Outcome

WARD = {"stay": {"exponential": {"mean": "5 d"}}, "next": "home"}


def test_the_warm_up_is_negative_time_and_nothing_is_reset() -> None:
    """Somebody who came two days before the window is in the table with that instant."""
    seen = run(
        clock={"start": "2015-06-01", "length": "10 d", "warm_up": "3 d", "run_out": "0 d"},
        arrivals={"ann": comes("ward", 24)},
        services={"ward": {"stay": "4 d", "next": "home"}},
    )
    assert (seen.plan.begin, seen.plan.window, seen.plan.end) == (-3 * DAY, 10 * DAY, 10 * DAY)
    assert seen.stays("ann") == [("ward", -48, 48)]


def test_people_are_followed_through_the_run_out() -> None:
    """Demand goes on in it, and who leaves in it is seen leaving."""
    seen = run(
        clock={"start": "2015-06-01", "length": "10 d", "run_out": "5 d"},
        arrivals={"people": {"every": "1 d", "at": "ward"}},
        services={"ward": {"stay": "3 d", "next": "home"}},
    )
    requested = [row.requested for row in seen.rows()]
    assert requested == [24.0 * k for k in range(1, 15)]
    assert seen.one("people 8", "ward").left == 9 * 24 + 72


def test_nothing_happens_at_the_very_end() -> None:
    """The run is [begin, end): who would arrive or leave at the end does not."""
    seen = run(
        clock={"start": "2015-06-01", "length": "10 d", "run_out": "0 d"},
        arrivals={"people": {"every": "10 d", "first": "0 d", "at": "ward"}},
        services={"ward": {"stay": "10 d", "next": "home"}},
    )
    (row,) = seen.rows()
    assert (row.started, row.ready, row.left, row.outcome) == (0, 240, None, Outcome.STILL_THERE)


def test_all_who_are_there_at_the_end_are_in_the_table() -> None:
    """Presence reckoned from the rows equals arrivals less departures."""
    seen = run(
        arrivals={"people": {"rate": "4 per d", "at": "ward"}},
        services={"ward": WARD},
    )
    s, p = seen.record.spells, seen.record.people
    still = s["left"] == NEVER
    assert still.sum() == len(p["person"]) - (p["end_state"] == 2).sum()
    assert set(s["outcome"][still]) == {Outcome.STILL_THERE}
    assert still.sum() > 5


# --- the beginning ---------------------------------------------------------------------------

PEOPLE = {
    "size": 600,
    "bands": {
        "65-84": {"share": 0.5, "frailty": {"fit": 1}},
        "85+": {"share": 0.5, "frailty": {"severe": 1}},
    },
}
PEOPLE["hazards"] = {"fall": {"rate": "0.0001 per y", "to": "care_home"}}


def with_start(start: dict[str, Any], **more: Any) -> Run:
    return run(
        population=PEOPLE,
        start={"care_home": start},
        services={
            "care_home": {
                "residence": True,
                "setting": "care_home",
                "pool": "rooms",
                "stay": {"exponential": {"mean": "400 d"}},
                "next": "home",
                "stream": [{"when": {"age": "90+"}, "value": "old"}, "young"],
            }
        },
        pools={"rooms": {"capacity": 100, **more}},
    )


def test_people_of_the_population_are_there_from_the_start() -> None:
    """So many, each with a row that begins with the run, and nobody twice."""
    seen = with_start({"count": 100})
    rows = [row for row in seen.rows(service="care_home") if row.how == How.START]
    assert len(rows) == len({row.person for row in rows}) == 100
    assert {row.started for row in rows} == {0}
    assert {row.pool for row in rows} == {"rooms"}
    assert {row.stream for row in rows} == {"old", "young"}


def test_who_is_there_can_be_narrowed_down() -> None:
    seen = with_start({"count": 50, "who": {"frailty": "severe"}})
    people = seen.record.people
    frailty = seen.plan.attributes[seen.plan.attribute_index["frailty"]].values
    there = seen.record.spells["person"][seen.record.spells["how"] == How.START]
    rows = np.isin(people["person"], there)
    assert rows.sum() == 50
    assert {frailty[k] for k in people["attribute.frailty"][rows]} == {"severe"}


def test_people_at_the_start_fill_the_first_written_pool_with_room() -> None:
    """Three beds there, three here, and seven people: the seventh is one too many in the first."""
    seen = run(
        population=PEOPLE,
        start={"ward": {"count": 7}},
        pools={"here": {"capacity": 3}, "there": {"capacity": 3}},
        services={
            "ward": {
                "setting": "acute_bed",
                "pool": {"any_of": ["there", "here"]},
                "stay": "100 d",
                "next": "care_home",
            },
            "care_home": {"residence": True, "setting": "care_home"},
        },
    )
    pools = [row.pool for row in seen.rows(service="ward") if row.how == How.START]
    assert (pools.count("there"), pools.count("here")) == (4, 3)


def test_more_people_than_places_at_the_start_is_no_breach() -> None:
    """Over-full starts are allowed; nobody is put out and nobody admitted."""
    seen = with_start({"count": 100}, capacity=80)
    assert seen.record.audit["total"][0] <= 100
    assert seen.record.audit["breaches"][0] == 0


@pytest.mark.parametrize(
    "law",
    [
        {"exponential": {"mean": "40 d"}},
        {"uniform": {"min": "0 d", "max": "80 d"}},
        {"lognormal": {"mean": "40 d", "sd": "60 d"}},
    ],
    ids=lambda law: next(iter(law)),
)
def test_a_service_loaded_length_biased_is_steady_from_the_first_day(law: dict[str, Any]) -> None:
    """M/G/inf with 5 arrivals a day of 40 days: 200 people in the mean at every instant.

    The number there is Poisson; the mean of 16 independent replications has a standard deviation
    of sqrt(200 / 16) = 3.5, and each of four days must lie within 4 of them (failing by chance: one
    in 4,000). With fresh stays instead, day 20 lies 10 of them off for the uniform law.
    """
    days, there = (5, 10, 20, 60), []
    for replication in range(16):
        seen = run(
            population={"size": 300, "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}}},
            start={"ward": {"count": 200}},
            arrivals={"people": {"rate": "5 per d", "at": "ward"}},
            services={"ward": {"setting": "acute_bed", "stay": law, "next": "home"}},
            clock={"start": "2015-06-01", "length": "61 d", "run_out": "0 d"},
            replication=replication,
        )
        s = seen.record.spells
        ward = s["service"] == seen.plan.service_index["ward"]
        left = np.where(s["left"] == NEVER, 2**62, s["left"])
        there.append([(ward & (s["started"] <= d * DAY) & (left > d * DAY)).sum() for d in days])
    mean = np.mean(there, axis=0)
    assert np.abs(mean - 200).max() < 4 * np.sqrt(200 / 16), mean


# --- arrivals --------------------------------------------------------------------------------


def test_arrivals_at_a_fixed_interval_come_like_clockwork() -> None:
    seen = run(
        arrivals={"people": {"every": "90 min", "count": 4, "at": "ward"}},
        services={"ward": WARD},
    )
    assert [row.requested for row in seen.rows()] == [1.5, 3, 4.5, 6]


def test_fewer_arrivals_are_the_same_people_less_some() -> None:
    """Common random numbers: a lower rate removes people and leaves everybody else as they were."""

    def people(rate: str) -> dict[str, tuple[int, ...]]:
        seen = run(
            arrivals={"people": {"rate": rate, "at": "ward"}},
            services={"ward": WARD},
            clock={"start": "2015-06-01", "length": "100 d"},
        )
        p, s = seen.record.people, seen.record.spells
        first = np.searchsorted(s["person"], p["person"])
        return {
            f"{p['layer'][k]}/{p['index'][k]}": (s["requested"][first[k]], s["ready"][first[k]])
            for k in range(len(first))
        }

    many, few = people("10 per d"), people("9 per d")
    assert set(few) < set(many)
    assert all(many[name] == few[name] for name in few)
    # About a tenth of 1,900 is gone: 190 +- 5 standard deviations of a Poisson number.
    assert abs(len(many) - len(few) - 191) < 5 * np.sqrt(191)


def test_the_rate_is_that_of_the_candidates_own_hour() -> None:
    """Trap 7: arrivals by hour of week follow the profile, chi-square.

    168 cells of 52 hours each; a generator that thins with the rate of the hour in
    which it stands, not of the candidate, shifts counts across every edge of the profile. By
    chance a chi-square is more than 5 of its standard deviations off once in a million seeds.
    """
    hour = {"08:00-09:00": 8, "09:00-20:00": 2, "20:00-21:00": 0, "21:00-08:00": 0.2}
    seen = run(
        arrivals={
            "people": {
                "rate": "30 per d",
                "profile": {"hour": hour, "weekday": {"Sat": 0.1, "Sun": 3}},
                "at": "desk",
            }
        },
        services={"desk": {"in_place": True, "stay": "1 min", "next": "home"}},
        clock={"start": "2015-06-01", "length": "364 d", "run_out": "0 d"},
    )
    t = seen.record.spells["requested"]
    counts = np.bincount((t // HOUR) % 168, minlength=168)
    by_hour = np.array([0.2] * 8 + [8] + [2] * 11 + [0] + [0.2] * 3)
    by_day = np.array([1, 1, 1, 1, 1, 0.1, 3])
    expected = np.outer(by_day / by_day.mean(), by_hour / by_hour.mean()).ravel() * 30 / 24 * 52
    assert counts[expected == 0].sum() == 0
    some = expected > 0
    chi_square = ((counts - expected)[some] ** 2 / expected[some]).sum()
    cells = some.sum()
    assert abs(chi_square - cells) < 5 * np.sqrt(2 * cells), chi_square


def test_months_and_the_mean_rate_hold() -> None:
    """A profile is relative: the stated rate stays the mean over the year."""
    seen = run(
        arrivals={
            "people": {
                "rate": "7300 per y",
                "profile": {"month": {"Dec": 3, "Jan": 3}},
                "at": "desk",
            }
        },
        services={"desk": {"in_place": True, "stay": "1 min", "next": "home"}},
        clock={"start": "2015-04-01", "length": "1 y", "run_out": "0 d"},
    )
    t = seen.record.spells["requested"]
    year = 7300 * 366 / 365.25
    assert abs(len(t) - year) < 5 * np.sqrt(year)
    winter = ((t // DAY >= 244) & (t // DAY < 306)).sum()  # 1 December to 31 January
    expected = year * 3 * 62 / (3 * 62 + 304.0)
    assert abs(winter - expected) < 5 * np.sqrt(expected)
