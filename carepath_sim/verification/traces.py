"""Small crowds without any luck, person by person, as other people's tests print them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from carepath_sim.engine.spells import NEVER, Outcome
from carepath_sim.units import MINUTE
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.lines import line_sets
from carepath_sim.verification.trials import replications
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Seen

Row = tuple[int, int, str, int, int | None, int | None, int]
"""Customer, node, what happened, arrival, start, end and exit [ms]."""


class Trace(NamedTuple):
    """A scenario without luck: its fields, what stands for the nodes, and its unit of time [ms]."""

    scenario: str
    sets: dict[str, object]
    nodes: tuple[str, ...] = ("service",)
    unit: int = MINUTE


def _queue(every: str, count: int, **fields: object) -> dict[str, object]:
    found: dict[str, object] = {
        "arrivals.people": {"every": every, "count": count, "at": "service"},
        "clock.length": "1 d",
        "clock.warm_up": "0 d",
        "clock.run_out": "0 d",
    }
    return found | {name.replace("__", "."): value for name, value in fields.items()}


_SERVICE = "services__service__stay"
_PATIENCE = "services__service__max_wait"
_SERVERS = "pools__servers__capacity"

TRACES = {
    "det_renege": Trace("queue", _queue("7 min", 8, **{_SERVICE: "11 min", _PATIENCE: "3 min"})),
    "det_simultaneous_renege": Trace("four_people", {}),
    # A unit is half an hour: the server goes home at 8 o'clock, 16 units after midnight.
    "det_renege_schedule": Trace(
        "queue",
        _queue(
            "210 min",
            4,
            **{
                _SERVICE: "330 min",
                _PATIENCE: "90 min",
                _SERVERS: {"daily 00:00-08:00": 1},
            },
        ),
        unit=30 * MINUTE,
    ),
    "det_bas": Trace(
        "line",
        {
            **line_sets(["6 s", "3 min"], (0,)),
            "clock.length": "1 d",
            "clock.warm_up": "0 d",
            "arrivals.people": {"every": "1 min", "count": 6, "at": "station_1"},
        },
        ("station_1", "station_2"),
    ),
    "det_loss": Trace(
        "queue", _queue("1 min", 12, **{_SERVICE: "156 s", _SERVERS: 2, _PATIENCE: "0 min"})
    ),
    "det_mc": Trace("queue", _queue("1 min", 8, **{_SERVICE: "156 s", _SERVERS: 2})),
}


def rows_of(seen: Seen, nodes: tuple[str, ...]) -> set[Row]:
    """Return what happened as rows; customers are numbered from 1 in order of arrival."""
    spells = seen.spells
    first = spells["visit"] == 0
    came = spells["requested"][first]
    order = np.lexsort((spells["person"][first], came))
    number = {int(p): k for k, p in enumerate(spells["person"][first][order], start=1)}
    found: set[Row] = set()
    for node, service in enumerate(nodes, start=1):
        for k in np.flatnonzero(seen.at(service)).tolist():
            start, end, left, requested = (
                int(spells[name][k]) for name in ("started", "ready", "left", "requested")
            )
            customer = number[int(spells["person"][k])]
            if start != NEVER:
                # Behind the first node there is no waiting room: people arrive when they start.
                arrival = requested if node == 1 else start
                found.add((customer, node, "service", arrival, start, end, left))
            elif spells["outcome"][k] == Outcome.GAVE_UP:
                what = "rejection" if left == requested else "renege"
                found.add((customer, node, what, requested, None, None, left))
    return found


def _expected(case: str, unit: int) -> list[Row]:
    def ms(value: float | None) -> int | None:
        return None if value is None else round(value * unit)

    return [
        (customer, node, what, round(arrival * unit), ms(start), ms(end), round(left * unit))
        for customer, node, what, arrival, start, end, left in answer(case).expected["trace"]
    ]


def _work(case: str, _: Effort) -> tuple[Verdict, ...]:
    trace, known = TRACES[case], answer(case)
    wanted = _expected(case, trace.unit)
    (seen,) = replications(trace.scenario, trace.sets, 1, 1)
    got = rows_of(seen, trace.nodes)
    missing = [row for row in wanted if row not in got]
    note = f"first row that is not there: {missing[0]}" if missing else ""
    words = "rows of the trace, exactly as printed"
    return (exactly(case, words, len(wanted), len(wanted) - len(missing), known.source, note),)


def _whole_system(_: Effort) -> tuple[Verdict, ...]:
    known = answer("det_system_capacity")
    (seen,) = replications("whole_system", {}, 1, 1)
    spells = seen.spells
    house, desks = seen.at("house"), seen.at("desk_1") | seen.at("desk_2")
    asked, inside = spells["requested"], seen.begun
    first = seen.plan.service_index["desk_1"]
    begun = np.flatnonzero(desks & inside)
    begun = begun[np.lexsort((spells["service"][begun], spells["started"][begun]))]
    got = {
        "accepted_arrivals": np.sort(asked[house & inside]) / MINUTE,
        "starts": spells["started"][begun] / MINUTE,
        "node": spells["service"][begun] - first + 1,
        "first_rejections": np.sort(asked[house & ~inside]) / MINUTE,
    }
    return tuple(
        exactly(
            known.case,
            f"first entries of `{name}`, exactly as printed",
            len(wanted),
            sum(a == b for a, b in zip(wanted, got[name].tolist(), strict=False)),
            known.source,
        )
        for name, wanted in known.expected.items()
    )


CASES = (
    *(Case(name, partial(_work, name), quick=True) for name in TRACES),
    Case("det_system_capacity", _whole_system, quick=True),
)
