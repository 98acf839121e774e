"""Traps met in the code of other models of this field; each has a test that would show it.

1. A bed freed at the instant patience runs out: `test_patience.py`, the first two.
2. Queues that forget those who give up: `test_properties.py`, the last.
3. Seeds by position: `test_streams.py`, the last part.
7. Thinning with the rate of the current hour: `test_time.py`, arrivals.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import simpy
from small import DAY, Run, comes, run

from carepath_sim import errors as all_errors
from carepath_sim.engine import Outcome, errors

ENGINE_ERRORS = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, all_errors.CarepathError)
]


@pytest.mark.parametrize("error", ENGINE_ERRORS)
def test_errors_come_out_of_simpy_as_they_went_in(error: type[Exception]) -> None:
    """Trap 4: SimPy builds the error of a process anew from its arguments."""

    def process(env: simpy.Environment) -> Any:
        yield env.timeout(1)
        raise error("what went wrong")

    env = simpy.Environment()
    env.process(process(env))
    with pytest.raises(error, match=r"^what went wrong$"):
        env.run()


def test_a_heavy_tail_keeps_its_mean() -> None:
    """Trap 5: no stay is drawn again until it looks plausible, and none is cut off.

    9,600 stays with mean 18.1 and standard deviation 40 days: the mean has a standard error of
    0.4; a model that draws again above 30 days would give about 10.
    """
    seen = run(
        arrivals={"people": {"every": "15 min", "at": "ward"}},
        services={
            "ward": {"stay": {"lognormal": {"mean": "18.1 d", "sd": "40 d"}}, "next": "home"}
        },
        clock={"start": "2015-06-01", "length": "100 d", "run_out": "0 d"},
    )
    s = seen.record.spells
    stays = (s["ready"] - s["started"]) / DAY
    assert stays.mean() == pytest.approx(18.1, abs=4 * 40 / np.sqrt(len(stays)))
    assert stays.max() > 300


def test_people_who_are_there_at_the_start_take_nobody_elses_referral() -> None:
    """Trap 6: a starting queue of people adds to the arrivals, and every one of them is served."""

    def seen(count: int) -> Run:
        start = {"start": {"ward": {"count": count, "remaining": "fresh"}}} if count else {}
        return run(
            population={"size": 50, "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}}},
            pools={"beds": {"capacity": 2}},
            arrivals={"people": {"every": "1 d", "count": 10, "at": "ward"}},
            services={
                "ward": {"setting": "acute_bed", "pool": "beds", "stay": "12 h", "next": "home"}
            },
            **start,
        )

    def served(found: Run) -> list[str]:
        return [row.person for row in found.rows(service="ward") if row.started is not None]

    empty, full = served(seen(0)), served(seen(30))
    assert len(empty) == 10
    assert set(empty) < set(full)
    assert len(full) == 40


def test_nobody_gives_up_a_bed_by_giving_up_the_wait_for_another() -> None:
    """Trap 1 from within: the request ends, the bed that is held does not leak."""
    seen = run(
        pools={"east": {"capacity": 1}, "west": {"capacity": 1}},
        arrivals={"ann": comes("west", 0), "bob": comes("east", 0), "cat": comes("east", 1)},
        services={
            "east": {
                "setting": "acute_bed",
                "pool": "east",
                "stay": "1 d",
                "next": [{"when": {"cause": "bob"}, "to": "west"}, {"to": "home"}],
            },
            "west": {
                "pool": "west",
                "stay": "9 d",
                "next": "home",
                "max_wait": {"after": "6 h", "to": "home"},
            },
        },
    )
    assert seen.one("bob", "west").outcome == Outcome.DIVERTED
    assert seen.one("bob", "east").left == 30
    assert seen.one("cat", "east").started == 30
    assert seen.record.audit["total"].tolist() == [0, 0]
