"""Who is where when a run starts, what is left of their stays, and who waits since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

from carepath_sim.engine import NEVER, simulate
from carepath_sim.engine.checks import check
from carepath_sim.engine.rules_starts import reached, whole_given
from carepath_sim.engine.spells import Outcome
from carepath_sim.errors import ScenarioError
from carepath_sim.plan import compile_plan
from carepath_sim.plan.distributions import DistributionSpec
from carepath_sim.plan.quantiles import residual, tabulate
from tests.engine.small import DAY, comes, lives, run, scenario

if TYPE_CHECKING:
    from carepath_sim.engine import Record
    from carepath_sim.plan import Plan

WARD: dict[str, Any] = {
    "ward": {"setting": "acute_bed", "pool": "beds", "stay": {"fixed": "10 d"}, "next": "home"}
}
BEDS: dict[str, Any] = {"beds": {"unit": "beds", "capacity": 2}}


def told(seed: int = 1, **sections: Any) -> tuple[Plan, Record]:
    """Run a scenario once; return plan and record."""
    plan = compile_plan(scenario(**sections))
    record = simulate(plan, seed=seed, replication=0)
    check(plan, record)
    return plan, record


# --- what is left of a stay ----------------------------------------------------------------------

U = np.array([0.001, 0.05, 0.3, 0.5, 0.8, 0.95, 0.999])


@pytest.mark.parametrize("so_far", [0.0, 2.0, 10.0, 25.0, 60.0])
@pytest.mark.parametrize(
    ("spec", "law"),
    [
        (DistributionSpec("exponential", {"mean": 8.0}), stats.expon(scale=8)),
        (DistributionSpec("gamma", {"mean": 12.0, "sd": 6.0}), stats.gamma(4, scale=3)),
        (DistributionSpec("uniform", {"min": 0.0, "max": 80.0}), stats.uniform(0, 80)),
    ],
    ids=["exponential", "gamma", "uniform"],
)
def test_a_stay_that_has_lasted_goes_on_by_the_conditional_law(
    spec: DistributionSpec, law: Any, so_far: float
) -> None:
    """P(X > x | X > s), against SciPy, for stays [h]; the table is within 0.5 %."""
    table = tabulate(spec)
    scale = 3_600_000  # the rule counts whole milliseconds so far
    vs = table.v * scale
    for u in U:
        whole = whole_given(table.u, vs, 0, len(vs), round(so_far * scale), float(u)) / scale
        exact = law.isf(law.sf(so_far) * (1 - u))
        assert whole == pytest.approx(exact, rel=5e-3)
        assert reached(table.u, vs, 0, len(vs), whole * scale) == pytest.approx(
            law.cdf(exact), abs=2e-3
        )


def test_beyond_the_end_of_the_table_a_stay_ends_now() -> None:
    """Nobody stays longer than what can be drawn: 10 h have passed of fixed 10 h."""
    table = tabulate(DistributionSpec("fixed", {"value": 10.0}))
    found = [whole_given(table.u, table.v, 0, 2, s, 0.7) for s in (0, 4, 10, 12)]
    assert found == [10, 10, 10, 12]


def test_length_biased_remainders_follow_renewal_theory() -> None:
    """Of an exponential the same again; of a fixed stay evenly from nothing to all of it."""
    exponential = residual(tabulate(DistributionSpec("exponential", {"mean": 8.0})))
    assert exponential.draw(U) == pytest.approx(stats.expon(scale=8).ppf(U), rel=5e-3)
    fixed = residual(tabulate(DistributionSpec("fixed", {"value": 10.0})))
    assert fixed.draw(U) == pytest.approx(10 * U, rel=1e-9)


@pytest.mark.parametrize(
    ("start", "left"),
    [
        ({"remaining": "fresh"}, 10.0),
        ({"remaining": "conditional", "days_so_far": "3 d"}, 7.0),
        ({"remaining": {"fixed": "36 h"}}, 1.5),
        ({"remaining": "2 d"}, 2.0),
    ],
    ids=["fresh", "conditional", "distribution", "time"],
)
def test_remaining_stays_as_they_are_stated(start: dict[str, Any], left: float) -> None:
    """A stay of 10 days from the start of the run, or what is said to be left of it."""
    pools = {"beds": {"capacity": 3}}
    seen = run(services=WARD, pools=pools, start={"ward": {"count": 2, **start}})
    assert [row.ready for row in seen.rows(service="ward")] == [left * 24] * 2
    since = -72 if "days_so_far" in start else 0
    assert [row.started for row in seen.rows(service="ward")] == [since] * 2


def test_a_longest_stay_counts_from_when_it_began() -> None:
    """Six weeks at most, five of which have passed: one is left, however long the rest."""
    services = {"ward": {**WARD["ward"], "stay": {"fixed": "90 d"}, "max_stay": "42 d"}}
    start = {"count": 1, "remaining": "conditional", "days_so_far": "35 d"}
    seen = run(services=services, pools=BEDS, start={"ward": start})
    assert seen.rows(service="ward")[0].ready == 7 * 24


def test_remaining_fixed_stays_of_many_are_even() -> None:
    """Found at a random instant, 2,000 stays of 10 days have between 0 and 10 days left."""
    _, record = told(
        services=WARD, pools={"beds": {"capacity": "unlimited"}}, start={"ward": {"count": 2000}}
    )
    left = record.spells["ready"] / (10 * DAY)
    # Kolmogorov-Smirnov; a right program fails once in 10,000 seeds.
    assert stats.kstest(left, "uniform").pvalue > 1e-4


# --- who is there --------------------------------------------------------------------------------


def test_without_a_population_people_come_from_the_start_and_leave_at_the_end() -> None:
    """More people than beds: nobody is put out, and the third bed closes as it empties."""
    seen = run(
        services=WARD,
        pools=BEDS,
        start={"ward": {"count": 3, "remaining": "4 d"}},
        arrivals={"gp": comes("ward", 24)},
    )
    assert [seen.end(f"start.ward {k}") for k in range(3)] == [(2, 96)] * 3
    assert seen.one("gp", "ward").started == 96


def test_people_of_one_service_are_the_same_whoever_else_is_there() -> None:
    """They are numbered by service: more at one changes nobody at the other."""
    services = {name: {**WARD["ward"], "stay": {"exponential": {"mean": "9 d"}}} for name in "ab"}
    sections: dict[str, Any] = {"services": services, "pools": {"beds": {"capacity": 40}}}
    few = run(**sections, start={"a": {"count": 2}, "b": {"count": 5}})
    many = run(**sections, start={"a": {"count": 9}, "b": {"count": 5}})
    for k in range(5):
        assert few.stays(f"start.b {k}") == many.stays(f"start.b {k}")
    assert few.stays("start.a 1") == many.stays("start.a 1")


def test_who_is_there_fits_what_is_said_of_them() -> None:
    """Of people drawn as everybody is, those are taken who fit."""
    _, record = told(
        attributes={"zone": {"shares": {"north": 0.1, "south": 0.9}}},
        services=WARD,
        pools={"beds": {"capacity": 60}},
        start={"ward": {"count": 50, "who": {"zone": "north"}}},
    )
    assert record.people["attribute.zone"].tolist() == [0] * 50


# --- who waits -----------------------------------------------------------------------------------

STEPS: dict[str, Any] = {
    "services": {
        "acute": {
            "setting": "acute_bed",
            "pool": "acute_beds",
            "stay": {"fixed": "2 d"},
            "next": "rehab",
        },
        "rehab": {
            "setting": "community_bed",
            "pool": "rehab_beds",
            "stay": {"fixed": "1 d"},
            "next": "home",
        },
    },
    "pools": {"acute_beds": {"capacity": 2}, "rehab_beds": {"capacity": 1}},
}


def test_people_who_wait_stand_in_line_since_they_began_to_wait() -> None:
    """One rehab bed, free in a day; three wait for it, and a fourth asks later.

    Who has waited for five days outside goes first, then two days on the ward (where a bed is
    held meanwhile), then whoever asks during the run.
    """
    seen = run(
        **STEPS,
        start={
            "rehab": {
                "count": 1,
                "remaining": "1 d",
                "waiting": [
                    {"count": 1, "at": "acute", "waited": "2 d"},
                    {"count": 1, "at": "outside", "waited": "5 d"},
                    {"count": 1, "at": "home"},
                ],
            }
        },
        arrivals={"gp": comes("rehab", 1)},
    )
    assert seen.stays("start.rehab") == [("rehab", 0, 24)]
    outside = seen.one("start.rehab.from.outside", "rehab")
    assert (outside.requested, outside.needed, outside.started) == (-120, -120, 24)
    assert seen.stays("start.rehab.from.acute") == [("acute", -48, 48), ("rehab", 48, 72)]
    ward = seen.rows("start.rehab.from.acute")
    assert (ward[0].ready, ward[0].left, ward[1].needed) == (-48, 48, -48)
    assert seen.rows("start.rehab.from.home")[-1].started == 72
    assert seen.one("gp", "rehab").started == 96


def test_a_queue_at_the_start_takes_away_nobody_who_asks_later() -> None:
    """A queue of real people: five wait, five ask, ten are admitted in the end."""
    services = {"rehab": STEPS["services"]["rehab"]}
    pools = {"rehab_beds": {"capacity": 1}}
    start = {"rehab": {"waiting": {"count": 5, "at": "outside", "waited": "1 d"}}}
    gp = {"every": "1 h", "count": 5, "at": "rehab"}
    _, record = told(services=services, pools=pools, start=start, arrivals={"gp": gp})
    s = record.spells
    assert len(s["person"]) == 10
    assert (s["outcome"] == Outcome.LEFT_MODEL).all()
    assert sorted(s["started"].tolist()) == [k * DAY for k in range(10)]


def test_patience_of_who_waits_runs_from_when_they_asked() -> None:
    """Of 3 days of patience two are over; who has waited longer goes at once, if not admitted."""
    services = {
        "rehab": {**STEPS["services"]["rehab"], "max_wait": {"after": "3 d"}, "stay": "30 d"}
    }
    pools = {"rehab_beds": {"capacity": 1}}
    waiting = {
        "at": "outside",
        "count": 3,
        "waited": {"histogram": {"values": ["2 d", "9 d"], "weights": [1, 1]}},
    }
    start = {"rehab": {"waiting": waiting}}
    seen = run(services=services, pools=pools, start=start)
    rows = seen.rows(service="rehab")
    longest = min(row.requested for row in rows)
    for row in rows:
        if row.started is None:
            assert row.left == max(0, row.requested + 72)
            assert row.outcome == Outcome.GAVE_UP
        else:
            assert row.requested == longest


def test_somebody_waits_for_a_step_received_in_place() -> None:
    """On the ward for an assessment, a day since; the assessor comes at nine."""
    services = {
        "ward": {**WARD["ward"], "next": "assessment"},
        "assessment": {
            "in_place": True,
            "pool": "assessors",
            "admits": "daily 09:00-17:00",
            "stay": {"fixed": "2 h"},
            "next": "home",
        },
    }
    pools = {**BEDS, "assessors": {"unit": "staff", "capacity": 1}}
    start = {"assessment": {"waiting": {"count": 1, "at": "ward", "waited": "1 d"}}}
    seen = run(services=services, pools=pools, start=start)
    step = seen.rows(service="assessment")[0]
    assert (step.requested, step.started, step.left) == (-24, 9, 11)
    assert seen.rows(service="ward")[0].left == 11


def test_people_of_the_population_who_wait_are_drawn_from_it() -> None:
    """They wait at home, with hazards, and go home again."""
    services = {"rehab": STEPS["services"]["rehab"]}
    sections = {"services": services, "pools": {"rehab_beds": {"capacity": 1}}}
    sections["population"] = {**lives(), "size": 30}
    start = {"rehab": {"waiting": {"count": 4, "at": "home", "waited": "6 h"}}}
    plan, record = told(**sections, start=start)
    assert plan.population == 30
    s = record.spells
    rehab = s["service"] == plan.service_index["rehab"]
    assert rehab.sum() == 4
    assert len(set(s["person"][rehab].tolist())) == 4
    assert s["person"].max() < 30
    assert sorted(s["started"][rehab].tolist()) == [k * DAY for k in range(4)]


# --- a census ------------------------------------------------------------------------------------


def test_a_census_by_hand() -> None:
    """Each row is a person: where, since when, waiting for what; luck goes with the name."""
    census = [
        {"person": "A1", "service": "acute", "days_so_far": 0.5},
        {"person": "B2", "service": "acute", "days_so_far": 9, "waiting_for": "rehab",
         "waiting_since": 1.5},
        {"person": "C3", "service": "outside", "waiting_for": "rehab",
         "waiting_since": "2015-05-29 12:00"},
        {"person": "D4", "service": "rehab", "days_so_far": "18 h"},
    ]  # fmt: skip
    seen = run(**STEPS, start={"census": census})
    names = dict.fromkeys(row.person for row in seen.rows())
    assert sorted(seen.stays(name) for name in names) == [
        # B2 is ready since 36 hours, holds the bed, and waits for C3.
        [("acute", -216, 30), ("rehab", 30, 54)],
        # A1 has 36 of 48 hours to go, and then waits for B2 to leave the rehab bed.
        [("acute", -12, 54), ("rehab", 54, 78)],
        # D4 has 6 of 24 hours to go.
        [("rehab", -18, 6)],
        # C3 has waited for 60 hours, longest of all.
        [("rehab", 6, 30)],
    ]


CENSUS: list[dict[str, Any]] = [
    {"person": f"P{k}", "service": "ward", "days_so_far": k % 7} for k in range(30)
]


def test_luck_goes_with_the_name_of_a_row() -> None:
    """Taking a row out, or turning the order round, changes nobody else."""
    services = {"ward": {**WARD["ward"], "stay": {"exponential": {"mean": "9 d"}}}}
    sections: dict[str, Any] = {"services": services, "pools": {"beds": {"capacity": 40}}}

    def ends(rows: list[dict[str, Any]]) -> dict[int, int]:
        _, record = told(**sections, start={"census": rows})
        index = record.people["index"][record.spells["person"]]
        return dict(zip(index.tolist(), record.spells["left"].tolist(), strict=True))

    everybody, fewer = ends(CENSUS), ends(CENSUS[:11:-1])
    assert len(everybody) == 30
    assert len(fewer) == 18
    assert fewer.items() <= everybody.items()


def test_people_of_a_census_belong_to_the_population() -> None:
    """They are so many fewer at home, have hazards, and what is said of them holds."""
    population = {
        "size": 50,
        "bands": {"65+": {"share": 1, "frailty": {"fit": 0.9, "severe": 0.1}}},
        "hazards": {"death": {"rate": "400 per y", "to": "died"}},
    }
    rows = [{**row, "frailty": "severe"} for row in CENSUS]
    plan, record = told(
        services=WARD, pools={"beds": {"capacity": 40}}, population=population,
        start={"census": rows},
    )  # fmt: skip
    assert plan.population == 20
    p = record.people
    assert len(p["person"]) == 50
    there = p["source"] > 0
    assert (p["attribute.frailty"][there] == 1).all()
    assert (p["end_state"] == 1).all()  # nobody survives 400 deaths a year


# --- steady --------------------------------------------------------------------------------------


def present(plan: Plan, record: Record, service: str, days: np.ndarray) -> np.ndarray:
    """Return how many are at a service at some instants [days]."""
    s = record.spells
    rows = (s["service"] == plan.service_index[service]) & (s["started"] != NEVER)
    t = days[:, None] * DAY
    left = np.where(s["left"] == NEVER, 2**62, s["left"])
    return ((s["started"][rows] <= t) & (t < left[rows])).sum(axis=1)


HOMES: dict[str, Any] = {
    "clock": {"start": "2015-06-01", "length": "200 d", "run_out": "0 d"},
    "services": {
        "care_home": {
            "setting": "care_home",
            "stay": {"gamma": {"mean": "800 d", "sd": "400 d"}},
            "next": "home",
        },
        "ward": {"setting": "acute_bed", "stay": {"fixed": "4 d"}, "next": "care_home"},
    },
    "arrivals": {"gp": {"rate": "1 per d", "at": "ward"}},
}


def test_a_steady_start_of_an_unlimited_system_stays_at_its_level() -> None:
    """M/G/infinity: 800 in care homes and 4 on the ward on every day, over 12 replications.

    The number present is Poisson with the mean 800 at any instant (Takacs 1962, Introduction to
    the Theory of Queues, chapter 3); here it starts at exactly 800, so that its variance is less.
    """
    days = np.array([0.0, 20, 60, 120, 199])
    plan = compile_plan(scenario(**HOMES, start="steady"))
    counts = []
    wards = []
    for replication in range(12):
        record = simulate(plan, seed=5, replication=replication)
        check(plan, record)
        counts.append(present(plan, record, "care_home", days))
        wards.append(present(plan, record, "ward", days))
    room = 4 * (800 / 12) ** 0.5
    assert np.mean(counts, axis=0) == pytest.approx([800] * 5, abs=room)
    assert counts[0][0] == 800
    assert np.mean(wards, axis=0) == pytest.approx([4] * 5, abs=4 * (4 / 12) ** 0.5)


def test_from_empty_the_same_system_is_far_from_its_level() -> None:
    """After 199 days not even a quarter of the 800 are there."""
    plan = compile_plan(scenario(**HOMES))
    record = simulate(plan, seed=5, replication=0)
    assert present(plan, record, "care_home", np.array([199.0]))[0] < 220


def test_a_steady_start_fills_places_and_no_more() -> None:
    """Of 800 who would be there, 300 places hold 300; it is said."""
    services = {**HOMES["services"]}
    services["care_home"] = {**services["care_home"], "pool": "homes"}
    sections = {**HOMES, "services": services, "pools": {"homes": {"capacity": 300}}}
    plan = compile_plan(scenario(**sections, start={"steady": ["care_home"]}))
    record = simulate(plan, seed=5, replication=0)
    assert present(plan, record, "care_home", np.array([0.0]))[0] == 300
    assert present(plan, record, "ward", np.array([0.0]))[0] == 0
    assert any("room for 300 of the 800" in line for line in plan.start_said)


def test_who_is_there_in_a_steady_start_is_who_would_enter() -> None:
    """Severe people enter ten times as often and stay as long: 10 / 11 of those there."""
    population = {
        "size": 4000,
        "bands": {"65+": {"share": 1, "frailty": {"fit": 0.5, "severe": 0.5}}},
        "hazards": {
            "fall": {
                "rate": "0.01 per y",
                "times": {"frailty": {"severe": 10}},
                "to": "care_home",
            }
        },
    }
    services = {"care_home": {**HOMES["services"]["care_home"], "setting": "elsewhere"}}
    clock = {"start": "2015-06-01", "length": "2 d", "run_out": "0 d"}
    plan = compile_plan(
        scenario(clock=clock, services=services, population=population, start="steady")
    )
    frail = []
    for replication in range(6):
        record = simulate(plan, seed=3, replication=replication)
        there = record.spells["started"] == 0
        who = record.spells["person"][there & (record.spells["how"] == 4)]
        frail += record.people["attribute.frailty"][who].tolist()
    # 4,000 people x 0.055 a year x 800 d = 482 there.
    assert len(frail) == pytest.approx(6 * 482, rel=0.01)
    share = 10 / 11
    assert np.mean(frail) == pytest.approx(share, abs=4 * (share * (1 - share) / 2890) ** 0.5)


def test_a_steady_start_without_a_population_draws_who_would_come() -> None:
    """Long stays weigh more: of those there 3/4 are of the half that stays three times as long."""
    plan = compile_plan(
        scenario(
            attributes={"kind": {"shares": {"short": 0.5, "long": 0.5}}},
            services={
                "ward": {
                    "setting": "acute_bed",
                    "stay": [{"when": {"kind": "long"}, "value": "90 d"}, "30 d"],
                    "next": "home",
                }
            },
            arrivals={"gp": {"rate": "10 per d", "at": "ward"}},
            start="steady",
        )
    )
    record = simulate(plan, seed=3, replication=0)
    first = record.people["source"] == plan.source_names.index("start.ward")
    assert first.sum() == 600
    assert record.people["attribute.kind"][first].mean() == pytest.approx(
        0.75, abs=4 * (0.75 * 0.25 / 600) ** 0.5
    )


def test_what_a_run_starts_with_is_said() -> None:
    """One line for the reader."""
    plan = compile_plan(
        scenario(
            **STEPS,
            start={
                "acute": {"count": 2},
                "rehab": {"waiting": {"count": 1, "at": "outside"}},
                "census": [{"person": 1, "service": "acute"}],
            },
        )
    )
    assert plan.start_said == (
        (
            "Start: counts for acute (2); waiting 1 at outside for rehab; a census of 1 people;"
            " else empty, without a warm-up."
        ),
    )


# --- stays of no time ----------------------------------------------------------------------------

NO_TIME: dict[str, Any] = {
    "ward": {
        **WARD["ward"],
        "stay": [{"when": {"kind": "a"}, "value": {"fixed": "0 d"}}, {"fixed": "10 d"}],
        "next": "desk",
    },
    "desk": {"setting": "elsewhere", "stay": {"fixed": "0 d"}, "next": "home"},
}


def test_whoever_stays_no_time_leaves_when_the_run_starts() -> None:
    """Of 40 people those of kind a leave at once; what is left to the others is even on 10 d."""
    _, record = told(
        attributes={"kind": {"shares": {"a": 0.5, "b": 0.5}}},
        services=NO_TIME,
        pools={"beds": {"unit": "beds", "capacity": 40}},
        start={"ward": {"count": 40}},
        clock={"start": "2015-06-01", "length": "20 d", "run_out": "0 d"},
    )
    first = record.spells["visit"] == 0
    kind_a = record.people["attribute.kind"][record.spells["person"][first]] == 0
    left = record.spells["left"][first]
    assert 0 < kind_a.sum() < 40
    assert (left[kind_a] == 0).all()
    assert ((left[~kind_a] > 0) & (left[~kind_a] <= 10 * DAY)).all()


def test_nobody_is_counted_where_stays_take_no_time() -> None:
    with pytest.raises(ScenarioError, match=r"start\.desk\.count: stays at 'desk' take no time"):
        told(
            attributes={"kind": {"shares": {"a": 0.5, "b": 0.5}}},
            services=NO_TIME,
            pools=BEDS,
            start={"desk": {"count": 2}},
        )
