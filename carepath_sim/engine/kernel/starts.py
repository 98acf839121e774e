"""How a run starts: who stays where with what is left, and who waits."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.kernel.chance import (
    EVENT_MAX_STAY,
    STREAM,
    TO,
    VIA,
    attributes_of,
    draw_route,
    known,
    length_of,
    look,
    look_back,
    luck,
    payload,
    service_meant,
)
from carepath_sim.engine.kernel.columns import *
from carepath_sim.engine.kernel.crises import apply_sets, begin_episode, new_process
from carepath_sim.engine.kernel.hazards import next_crisis
from carepath_sim.engine.kernel.lines import give_back, local_of, room, take
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.moves import (
    FROM_START,
    clear_place,
    expect_alongside,
    expect_fall_at,
    new_place,
    new_spell,
    run_clock,
    takes,
)
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.rules import after_working_time, duration
from carepath_sim.engine.rules_capacity import step_at
from carepath_sim.engine.rules_starts import whole_given

START_CAUSE = 0
LENGTH_BIASED, FRESH, CONDITIONAL, GIVEN = range(4)


@part
def place_at_start(m: int, row: int) -> None:
    """Put one person where they are at the start."""
    K = kernel_of(m)
    B = K.L.starts
    person, service, target = B[row, B_PERSON], B[row, B_SERVICE], B[row, B_TARGET]
    begin_episode(K.m, person, START_CAUSE, 1)
    so_far = B[row, B_SO_FAR]
    if B[row, B_SO_FAR_TABLE] != -1:
        so_far = length_of(K, person, B[row, B_SO_FAR_DECISION], B[row, B_SO_FAR_TABLE])
    if target != -1:
        if B[row, B_SO_FAR_TABLE] != -1:
            so_far = NEVER
        waited = B[row, B_WAITED]
        if B[row, B_WAITED_TABLE] != -1:
            waited = length_of(K, person, B[row, B_WAITED_DECISION], B[row, B_WAITED_TABLE])
        wait_at_start(K.m, person, service, so_far, target, waited)
    elif service == HOME and B[row, B_REMAINING] == -1:
        next_crisis(K.m, person)
    else:
        stay_at_start(K.m, person, service, B[row, B_REMAINING], B[row, B_LAW], so_far)


@part
def put(m: int, person: int, service: int, since: int) -> int:
    """Put somebody at a service, where they have been since an instant [ms]; return the place."""
    K = kernel_of(m)
    S, T = K.S, K.T
    L, row = S.places, S.spells
    s = new_spell(K, person, service, -1, -1)
    for column in (S_REQUESTED, S_NEEDED, S_GRANTED, S_STARTED):
        row[s, column] = since
    row[s, S_HOW] = FROM_START
    row[s, S_WAITED_AT] = HOME
    row[s, S_ENTERED_FROM] = HOME
    p = new_place(K, service, s)
    look(K, person)
    stream = payload(K, person, T.stream[service])
    L[p, L_STREAM] = stream
    row[s, S_STREAM] = stream
    S.values[person, attributes_of(K) + STREAM] = stream
    if len(K.V.first) > 1:
        row[s, S_TAPER] = payload(K, person, K.V.choice[service])
    first, last = T.pool_first[service], T.pool_first[service + 1]
    if first < last:
        units = payload(K, person, T.units[service])
        units = 1 if units == -1 else units
        L[p, L_UNITS] = units
        row[s, S_UNITS] = units
        pool = T.pools[first]  # over-full starts are allowed
        for entry in range(first, last):
            if room(K, T.pools[entry], stream, units):
                pool = T.pools[entry]
                break
        L[p, L_POOL] = pool
        row[s, S_POOL] = pool
        L[p, L_LOCAL] = local_of(K, pool, stream)
        take(K, pool, L[p, L_LOCAL], units)
    S.people[person, P_PLACE] = p
    if T.residence[service]:
        S.people[person, P_RESIDENCE] = service
    return p


@part
def stay_at_start(m: int, person: int, service: int, remaining: int, law: int, so_far: int) -> None:
    """Let somebody be at a service, with what remains of the stay."""
    K = kernel_of(m)
    S, T = K.S, K.T
    now = S.scalars[NOW]
    p = put(K.m, person, service, now if so_far == NEVER else now - so_far)
    look_back(K, person, p)
    size = attributes_of(K)
    if T.route_at_start[service]:
        target = draw_route(K.m, person, service)
        if target < 0:
            return
        S.places[p, L_TARGET] = target
        S.values[person, size + TO] = service_meant(K, person, target)
    table = payload(K, person, T.stay[service])
    if table != -1:
        left = left_of_stay(K.m, person, p, table, remaining, law, so_far)
        run_clock(K.m, person, p, now + left)
    taper_at_start(K, p)
    S.values[person, size + TO] = -1
    S.values[person, size + VIA] = -1
    next_crisis(K.m, person)
    new_process(K, person, ONWARD, -1, 0)
    if takes(K, service):
        expect_alongside(K, person, p)


@part
def left_of_stay(
    m: int, person: int, p: int, table: int, remaining: int, law: int, so_far: int
) -> int:
    """Return what is left of a stay [ms]."""
    K = kernel_of(m)
    S, T = K.S, K.T
    now, service = S.scalars[NOW], S.places[p, L_SERVICE]
    decision = T.decision_stay[service]
    u = luck(K, person, decision)
    if remaining == FRESH:
        told = known(K, person, decision)
        if told >= 0:
            return told
    if remaining != CONDITIONAL:
        if remaining == LENGTH_BIASED:
            law = K.L.residual[table]
        elif remaining == FRESH:
            law = table
        left = duration(T, law, u)
        if T.table_working[law]:
            left = after_working_time(T, now, left) - now
        return left
    if T.table_working[table]:  # five of seven days so far were working days
        so_far_working = so_far * 5 // 7
        left = whole(K, table, so_far_working, u) - so_far_working
        stay = so_far + after_working_time(T, now, left) - now
    else:
        stay = whole(K, table, so_far, u)
    longest = payload(K, person, T.max_stay[service])
    if longest != -1 and longest < stay:
        S.places[p, L_EVENT] = EVENT_MAX_STAY
        stay = max(longest, so_far)
    return stay - so_far


@inner
def whole(K: Any, table: int, so_far: int, u: float) -> int:
    """Return a whole stay [ms], given that it has lasted so long."""
    T = K.T
    first, last = T.table_first[table], T.table_first[table + 1]
    return int(whole_given(T.table_u, T.table_v, first, last, so_far, u) + 0.5)


@part
def wait_at_start(m: int, person: int, service: int, so_far: int, target: int, waited: int) -> None:
    """Let somebody wait where they are, their stay being over since they began to wait."""
    K = kernel_of(m)
    S = K.S
    now = S.scalars[NOW]
    since = now - waited
    if service == OUTSIDE:
        clear_place(K, S.people[person, P_PLACE], OUTSIDE, -1)
    elif service != HOME:
        p = put(K.m, person, service, since if so_far == NEVER else min(since, now - so_far))
        run_clock(K.m, person, p, since)
        taper_at_start(K, p)
        S.places[p, L_DECIDED] = 1
        apply_sets(K.m, person, service)
    S.people[person, P_ASKED_SINCE] = since
    next_crisis(K.m, person)
    new_process(K, person, ONWARD, target, 0)


@inner
def taper_at_start(K: Any, p: int) -> None:
    """Let a taper be where it is by now; it began with the stay."""
    S, L, V = K.S, K.S.places, K.V
    s = L[p, L_SPELL]
    if len(V.first) <= 1 or S.spells[s, S_TAPER] == -1:
        return
    taper, since = S.spells[s, S_TAPER], S.spells[s, S_STARTED]
    S.scalars[TAPERS] += 1
    L[p, L_TAPER_TOKEN] = S.scalars[TAPERS]
    L[p, L_TAPER] = taper
    L[p, L_TAPER_SINCE] = since
    L[p, L_TAPER_STEP] = step_at(V, taper, since, L[p, L_READY], S.scalars[NOW])
    units = V.units[V.first[taper] + L[p, L_TAPER_STEP]]
    if L[p, L_POOL] != -1 and units < L[p, L_UNITS]:
        give_back(K, L[p, L_POOL], L[p, L_LOCAL], L[p, L_UNITS] - units)
        L[p, L_UNITS] = units
    expect_fall_at(K, p)
