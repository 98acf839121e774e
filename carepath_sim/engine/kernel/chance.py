"""What is decided by chance and by case, as the journeys decide it."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.demand import given_draw
from carepath_sim.engine.kernel.columns import (
    E_INDEX,
    ENDED_BY,
    ERROR,
    ERROR_PERSON,
    ERROR_SERVICE,
    L_CAME_FROM,
    L_SERVICE,
    L_SPELL,
    L_STREAM,
    NO_WAY_ON,
    NOW,
    P_CAUSE,
    P_COUNTS,
    P_EPISODE,
    P_GIVEN,
    P_IDENTITY,
    P_INDEX,
    P_NUMBER,
    P_PLACE,
    REPLICATION,
    S_ENTERED_FROM,
    S_VIA,
    SEED,
)
from carepath_sim.engine.kernel.lists import find, push
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.rules import (
    after_working_time,
    choose,
    duration,
    first_match,
    look_at_clock,
    own_service,
)
from carepath_sim.engine.streams import uniform
from carepath_sim.plan.tables import VARIABLES

# Variables of conditions behind the attributes; they equal those of `plan.tables`.
CAUSE, FROM, VIA, TO, STREAM, EVENT, HELD, PROGRAMMES = 0, 4, 5, 6, 7, 8, 9, 11
TO_ALL_OF, TO_BACK = 2, 3
EVENT_NONE, EVENT_MAX_STAY = 0, 1


@inner
def attributes_of(K: Any) -> int:
    """Return how many attributes there are; the other variables stand behind them."""
    return K.S.values.shape[1] - VARIABLES


@inner
def occurrence_of(K: Any, person: int, decision: int) -> int:
    """Return how often a decision was taken in this episode, and count it."""
    node = find(K, person, P_COUNTS, decision)
    if node < 0:
        push(K, person, P_COUNTS, decision, 1, 0)
        return 0
    K.S.nodes[node, 2] += 1
    return K.S.nodes[node, 2] - 1


@inner
def luck(K: Any, person: int, decision: int) -> float:
    """Return the uniform of a decision: of this person, this episode, this occurrence."""
    S, T = K.S, K.T
    occurrence = occurrence_of(K, person, decision)
    key = T.decision_key[decision * T.causes[0] + S.people[person, P_CAUSE]]
    occasion = (S.people[person, P_NUMBER] << 16) + occurrence
    return uniform(
        S.scalars[SEED], S.scalars[REPLICATION], S.people[person, P_INDEX], key,
        S.people[person, P_IDENTITY], occasion,
    )  # fmt: skip


@inner
def where(K: Any, place: int) -> int:
    """Return the service at which a place is; of a waiting room the one before it."""
    service = K.S.places[place, L_SERVICE]
    return service if service < K.L.first_room[0] else K.S.places[place, L_CAME_FROM]


@inner
def look(K: Any, person: int) -> None:
    """Write what conditions can test about a person now."""
    S = K.S
    size = attributes_of(K)
    if K.L.tests_time[0]:
        look_at_clock(K.T, S.values[person], size, S.scalars[NOW])
    S.values[person, size + FROM] = where(K, S.people[person, P_PLACE])


@inner
def look_back(K: Any, person: int, place: int) -> None:
    """Write what the choices of a stay can test: how the person came."""
    look(K, person)
    S = K.S
    spell = S.places[place, L_SPELL]
    if spell >= 0:
        size = attributes_of(K)
        S.values[person, size + FROM] = S.spells[spell, S_ENTERED_FROM]
        S.values[person, size + VIA] = S.spells[spell, S_VIA]
        S.values[person, size + STREAM] = S.places[place, L_STREAM]


@inner
def payload(K: Any, person: int, choice: int) -> int:
    """Return what the first matching case of a choice gives for a person now."""
    return first_match(K.T, choice, K.S.values[person], attributes_of(K), K.S.scalars[NOW])


@inner
def pick(K: Any, person: int, decision: int, branches: int) -> int:
    """Return the target or value that chance picks; what is certain needs no number."""
    T = K.T
    first = T.branch_first[branches]
    if T.branch_first[branches + 1] == first + 1:
        occurrence_of(K, person, decision)
        return T.branch_target[first]
    return choose(T, branches, luck(K, person, decision))


@inner
def length_of(K: Any, person: int, decision: int, table: int) -> int:
    """Return a length of time [ms] from a table; a fixed one needs no number."""
    fixed = K.L.fixed[table]
    if fixed != -1:
        occurrence_of(K, person, decision)
        return fixed
    return duration(K.T, table, luck(K, person, decision))


@inner
def known(K: Any, person: int, decision: int) -> int:
    """Return the outcome that is known of the decision just drawn, -1 where none is."""
    S = K.S
    row = S.people[person, P_GIVEN]
    if row < 0 or S.episodes[S.people[person, P_EPISODE], E_INDEX] != 0:
        return -1
    occurrence = S.nodes[find(K, person, P_COUNTS, decision), 2] - 1
    return given_draw(K.G, row, decision, occurrence)


@part
def draw_length(m: int, person: int, service: int) -> int:
    """Return the length of a stay [ms]; -1: no end. What ends it is noted in ENDED_BY."""
    K = kernel_of(m)
    K.S.scalars[ENDED_BY] = EVENT_NONE
    T = K.T
    table = payload(K, person, T.stay[service])
    longest = payload(K, person, T.max_stay[service])
    now = K.S.scalars[NOW]
    if longest < -1:
        longest = after_working_time(T, now, -2 - longest) - now
    if table == -1:
        if longest != -1:
            K.S.scalars[ENDED_BY] = EVENT_MAX_STAY
            return longest
        return 0 if T.in_place[service] else -1
    length = length_of(K, person, T.decision_stay[service], table)
    if T.table_working[table]:
        length = after_working_time(T, now, length) - now
    told = known(K, person, T.decision_stay[service])
    if told >= 0:
        length = told
    if longest != -1 and longest < length:
        K.S.scalars[ENDED_BY] = EVENT_MAX_STAY
        return longest
    return length


@part
def draw_route(m: int, person: int, service: int) -> int:
    """Return the target that a service refers a person to."""
    K = kernel_of(m)
    T = K.T
    branches = payload(K, person, T.route[service])
    if branches == -1:
        K.S.scalars[ERROR] = NO_WAY_ON
        K.S.scalars[ERROR_PERSON] = person
        K.S.scalars[ERROR_SERVICE] = service
        return -1
    target = pick(K, person, T.decision_route[service], branches)
    told = known(K, person, T.decision_route[service])
    return told if told >= 0 else target


@inner
def service_meant(K: Any, person: int, target: int) -> int:
    """Return the service that a target comes to, -1 for `back`."""
    T = K.T
    while T.target_kind[target] == TO_ALL_OF:
        target = T.target_then[target]
    if T.target_kind[target] == TO_BACK:
        return -1
    return own_service(T, target, K.S.values[person])
