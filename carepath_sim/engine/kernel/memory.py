"""The kernel's memory: tables that grow by doubling, and what of the plan it reads beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.engine.birthdays import ages_of
from carepath_sim.engine.compiling import COMPILED
from carepath_sim.engine.errors import OutOfRoomError
from carepath_sim.engine.kernel import columns as c
from carepath_sim.engine.kernel.tables import REAL, SWITCHED, Kernel, Lists, State
from carepath_sim.engine.prevention import crisis_exposure
from carepath_sim.plan import tables as tb
from carepath_sim.plan.programmes import Programmes
from carepath_sim.plan.tables import NOBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.plan import Plan


GROWING = {
    c.FULL_PLACES: ("places",),
    c.FULL_SPELLS: ("spells",),
    c.FULL_REQUESTS: ("requests",),
    c.FULL_PROCESSES: ("processes",),
    c.FULL_EPISODES: ("episodes", "codes"),
    c.FULL_CHANGES: ("changes",),
    c.FULL_AGENDA: ("agenda",),
    c.FULL_QUEUE: ("urgent", "normal"),
    c.FULL_NODES: ("nodes",),
    c.FULL_LANE_NODES: ("lane_nodes",),
    c.FULL_LISTS: ("impatient", "blocked", "seekers", "newcomers"),
}


WORDS = {
    "agenda": "events ahead",
    "urgent": "events of one instant",
    "nodes": "notes on people",
    "lane_nodes": "entries of waiting lists",
    "impatient": "requests in line",
}
"""What tables hold, where their name does not say it."""


def grown(state: State, full: int) -> State:
    """Return the state with twice the room where it ran out.

    Raises
    ------
    OutOfRoomError
        When there is no memory for that; the table is named.
    """
    names = GROWING[full]
    try:
        return state._replace(**{name: _doubled(getattr(state, name)) for name in names})
    except MemoryError:
        rows = 2 * len(getattr(state, names[0]))
        what = WORDS.get(names[0], names[0])
        message = f"there is no memory for {rows:,} {what} of one replication"
        raise OutOfRoomError(message) from None


def _doubled(table: np.ndarray) -> np.ndarray:
    larger = np.zeros((2 * len(table), *table.shape[1:]), dtype=table.dtype)
    larger[: len(table)] = table
    return larger


def lists_of(plan: Plan, starts: np.ndarray, birthdays: Sequence[tuple[int, list[int]]]) -> Lists:
    """Return the look-up tables of a plan."""
    T, services = plan.tables, len(plan.services)
    hazards = len(plan.hazards.rate)
    rows = plan.hazards.exposure.reshape(services, hazards).tolist()
    firsts, values = T.table_first, T.table_v
    lasts = np.asarray(firsts[1:]) - 1
    same = values[firsts[:-1]] == values[lasts] if len(lasts) else np.zeros(0, dtype=bool)
    fixed = np.where(same, (values[lasts] + 0.5).astype(np.int64), tb.NOBODY)
    sets = [info for row in plan.sets for info in row]
    streams = len(plan.stream_names)
    lane_first = [0]
    lane_service: list[int] = []
    lane_stream: list[int] = []
    lane_of = np.full((max(1, len(T.pools)), streams + 1), tb.NOBODY, dtype=np.int64)
    for pool in range(len(plan.pools)):
        for service in range(services):
            for entry in range(T.pool_first[service], T.pool_first[service + 1]):
                if T.pools[entry] == pool:
                    for stream in range(-1, streams):
                        lane_of[entry, stream + 1] = len(lane_service)
                        lane_service.append(service)
                        lane_stream.append(stream)
        lane_first.append(len(lane_service))
    times = {len(plan.attributes) + k for k in (tb.TIME_OF_DAY, tb.WEEKDAY, tb.MONTH)}
    residual = np.full(max(1, len(firsts) - 1), tb.NOBODY, dtype=np.int64)
    for table, remaining in plan.residual.items():
        residual[table] = remaining
    return Lists(
        risk=_whole(rows.index(row) for row in rows),
        fixed=fixed.astype(np.int64),
        set_first=_whole(np.cumsum([0] + [len(row) for row in plan.sets])),
        set_attribute=_whole(info.attribute for info in sets),
        set_code=_whole(info.code for info in sets),
        set_lasts=_whole(info.lasts for info in sets),
        episode_attributes=_whole(k for k, a in enumerate(plan.attributes) if a.of == "episode"),
        lane_first=_whole(lane_first),
        lane_service=_whole(lane_service),
        lane_stream=_whole(lane_stream),
        lane_of=lane_of,
        used_first=_whole(np.cumsum([0, *plan.pool_tables.streams.tolist()])),
        tests_time=_whole([int(bool(times & set(T.test_variable.tolist())))]),
        back=_whole([plan.back]),
        source=np.array(
            [
                [int(s.lives_on), int(s.born), s.cause, int(s.planned), s.target]
                for s in plan.sources
            ],
            dtype=np.int64,
        ).reshape(-1, 5),
        starts=starts,
        residual=residual,
        switches=np.array(
            [(s.t, SWITCHED.index(s.column), s.row, s.value) for s in plan.switches],
            dtype=np.int64,
        ).reshape(-1, 4),
        retired=np.array([(r.t, r.service, r.to) for r in plan.retired], dtype=np.int64).reshape(
            -1, 3
        ),
        room_of=_whole(service.room_of for service in plan.services),
        first_room=_whole(
            [next((k for k, s in enumerate(plan.services) if s.room_of >= 0), services)]
        ),
        crisis_exposure=crisis_exposure(plan),
        beside=_whole(int(service.alongside) for service in plan.services),
        **_levels_of(plan),
        **_ageing_of(plan, birthdays),
    )


def _levels_of(plan: Plan) -> dict[str, np.ndarray]:
    """Return how frailty grows by a clock of its own, and what kind of event each hazard brings."""
    kinds = np.where(plan.hazards.deadly == 1, c.DEATH, c.ARRIVAL).astype(np.int64)
    moves = plan.progression
    if moves is not None:
        kinds[moves.hazard] = c.PROGRESSION
    return {
        "hazard_kind": kinds,
        "progression": _whole((-1, -1) if moves is None else (moves.hazard, moves.attribute)),
        "progression_level": _whole(() if moves is None else moves.level),
    }


def _ageing_of(plan: Plan, birthdays: Sequence[tuple[int, list[int]]]) -> dict[str, np.ndarray]:
    """Return who has a birthday when, and what changes with it."""
    counts: tuple[int, ...] = (NOBODY,) * 5
    band_of: tuple[int, ...] = ()
    if plan.ageing:
        ages = ages_of(plan)
        counts = (ages.age, ages.band, ages.oldest, int(ages.age_counts), int(ages.band_counts))
        band_of = ages.band_of
    firsts = np.cumsum([0] + [len(people) for _, people in birthdays])
    instants = [day * tb.DAY for day, _ in birthdays] + [tb.FAR]
    return {
        "birthdays": np.stack((_whole(instants), _whole(firsts)), axis=1),
        "celebrating": _whole(number for _, people in birthdays for number in people),
        "ageing": _whole(counts),
        "band_of": _whole(band_of),
    }


def _whole(values: Any) -> np.ndarray:
    return np.array(list(values), dtype=np.int64)


def programmes_of(plan: Plan) -> Programmes:
    """Return the tables of programmes; those of none are empty."""
    return Programmes(
        **{
            name: getattr(plan.programme_tables, name).astype(
                np.float64 if name in REAL else np.int64
            )
            for name in Programmes._fields
        }
    )


known: dict[int, Kernel] = {}


def _named(m: int) -> Kernel:
    """Return all tables by the number under which they were made known."""
    return known[m]


kernel_of: Any = _named
"""What every part of the kernel begins with: all tables by one number."""
if COMPILED:
    from carepath_sim.engine.kernel.typing import kernel_of as _read

    kernel_of = _read


__all__ = [
    "Kernel",
    "Lists",
    "State",
    "grown",
    "kernel_of",
    "known",
    "lists_of",
    "programmes_of",
]
