"""The kernel's tables by name: what of the plan it reads, and everything that changes."""

from __future__ import annotations

from typing import Any, NamedTuple

from carepath_sim.plan import tables as tb
from carepath_sim.plan.programmes import Programmes
from carepath_sim.plan.states import States
from carepath_sim.plan.surges import Surges


class State(NamedTuple):
    """Everything that changes while the kernel runs; whole numbers but for speeds and budgets."""

    scalars: Any
    people: Any
    values: Any  # (person, variable)
    numbers: Any  # (person, cause) running number of each cause
    speeds: Any  # (person, hazard) [per ms]
    budgets: Any  # (person, hazard)
    occasions: Any  # (person, hazard) how often it has fired
    places: Any
    spells: Any
    requests: Any
    processes: Any
    episodes: Any
    codes: Any  # (episode, attribute of episodes)
    changes: Any
    agenda: Any
    urgent: Any
    normal: Any
    nodes: Any  # (node) next, and three numbers
    lane_nodes: Any  # (node) request, previous, next, lane, next of the same request
    lanes: Any  # (lane) first, last
    pools: Any
    used: Any  # units in use by pool and stream of its policy
    impatient: Any
    blocked: Any
    waits: Any  # (pool, pool) people in one who wait for the other
    heads: Any  # scratch: head of each line
    seekers: Any  # requests of people who would leave their place for a waiting room
    newcomers: Any  # requests of people who are new at this instant
    gone: Any  # (service) target in place of one that is retired, or -1
    in_room: Any  # (service) how many in its waiting room from inside, and from elsewhere
    waited: Any  # (pool, 3) condition that many wait: since, since before, broken
    idle: Any  # (pool, 3) condition that many places are free
    first: Any  # (row) person, due, hazard: first crises in order
    coming: Any  # (row) instant, person: arrivals in order
    # What programmes know of people; empty without any.
    present_at: Any  # (person) service where somebody is who lives here, or -1
    gone_home: Any  # (person) last discharge from hospital
    meets: Any  # (programme, person) 1: may be found
    enrolled: Any  # (programme, person) 1: is on it
    stays_until: Any  # (programme, person)
    joins: Any  # (programme, person) how often they have joined
    find_luck: Any  # (programme, person) uniforms of finds at random
    on_caseload: Any  # (programme) people on it


class Lists(NamedTuple):
    """What the plan says, in the form in which the kernel looks it up."""

    risk: Any  # (service)
    fixed: Any  # (distribution) length [ms], or -1
    set_first: Any  # (service + 1)
    set_attribute: Any
    set_code: Any
    set_lasts: Any
    episode_attributes: Any
    lane_first: Any  # (pool + 1) first lane
    lane_service: Any
    lane_stream: Any
    lane_of: Any  # (entry of `pools`, stream + 1) lane
    used_first: Any  # (pool)
    tests_time: Any  # (1)
    back: Any  # (1)
    source: Any  # (source) lives on, born, cause, planned, target
    starts: Any  # (row) who is where at the start, the columns `B_...`
    residual: Any  # (distribution) its remaining stays, or -1
    hazard_kind: Any  # (hazard) kind of the event that it brings
    progression: Any  # (2) hazard that moves people a level up, and its attribute; -1: none
    progression_level: Any  # value afterwards by the value before
    birthdays: Any  # (day) instant [ms], first entry of `celebrating`
    celebrating: Any  # people by day
    ageing: Any  # (5) attributes of age and band, oldest age, whether each of the two counts
    band_of: Any  # (age) band
    switches: Any  # (row) instant [ms], place in `SWITCHED`, service or hazard, value
    retired: Any  # (row) instant [ms], service, target in its place
    room_of: Any  # (service) the service whose waiting room it is, or -1
    first_room: Any  # (1) number of the first waiting room
    crisis_exposure: Any  # (service * hazards) factor of each place; 0 for what is no crisis
    beside: Any  # (service) 1: it is received alongside stays


class Falls(NamedTuple):
    """Steps of visits that taper: what of `plan.tapers.Tapers` decides."""

    choice: Any
    first: Any
    after: Any
    units: Any


class Kernel(NamedTuple):
    """All that the kernel's functions are given, and the number under which it is found again."""

    T: Any
    H: Any
    P: Any
    A: Any
    V: Falls
    G: Any
    Z: Any
    U: Any
    B: Any
    L: Lists
    S: State
    m: int


REAL = {
    *("table_u", "table_v", "branch_upto", "rate", "factor", "exposure", "season_s"),
    *("discharge_factor", "budget_table_u", "budget_table_v", "speeds", "budgets", "chance"),
    *("interval", "crisis_exposure", "find_luck"),
}
"""Tables of real numbers; all others hold whole numbers."""
ONE_ROW = {
    *("scalars", "urgent", "normal", "used", "impatient", "blocked", "heads"),
    *("seekers", "newcomers", "gone", "present_at", "gone_home", "on_caseload"),
}
TWO_DIMENSIONS = {
    "lane_of",
    "source",
    "starts",
    "birthdays",
    "switches",
    "retired",
    *(set(State._fields) - ONE_ROW),
}
ROOMS: dict[str, Any] = {
    "T": tb.Tables, "H": tb.Hazards, "P": tb.PoolTables, "A": tb.Attributes, "V": Falls,
    "G": tb.Givens, "Z": States, "U": Surges, "B": Programmes, "L": Lists, "S": State,
}  # fmt: skip
"""What a kernel consists of, in the order in which addresses are listed."""


SWITCHED = ("hold_up_to", "keeps_place", "keeps_turn", "route_at_start", "target", "planned")
"""Columns in which a number may be another from an instant on."""


def dimensions(room: str, name: str) -> int:
    """Return the number of dimensions of a table."""
    return 2 if room in {"L", "S"} and name in TWO_DIMENSIONS else 1


def positions() -> dict[tuple[str, str], int]:
    """Return where in the list of addresses each table stands: three numbers a table."""
    names = [(room, name) for room, kind in ROOMS.items() for name in kind._fields]
    return {both: 3 * k for k, both in enumerate(names)}
