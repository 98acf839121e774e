"""The kernel's loop: the next thing of the agenda, until the end of the run."""

from __future__ import annotations

from typing import Any

import numpy as np

from carepath_sim.engine.compiling import batch, inner
from carepath_sim.engine.kernel.agenda import at, drop_first
from carepath_sim.engine.kernel.circles import resolve_circle
from carepath_sim.engine.kernel.columns import *
from carepath_sim.engine.kernel.crises import (
    apply_sets,
    begin_episode,
    celebrate,
    crisis,
    depart,
    expect_birthdays,
    new_process,
    undo,
)
from carepath_sim.engine.kernel.hazards import next_crisis
from carepath_sim.engine.kernel.journeys import advance, ask_alongside
from carepath_sim.engine.kernel.lines import (
    DIVERTED,
    GAVE_UP,
    asked,
    block,
    close_request,
    comes_before,
    expect_opening,
    first_of,
    in_use,
    keep_turn,
    look_at_rooms,
    look_at_surge,
    mark,
    note_capacity,
    open_service,
    pools_of,
    rank_of,
    set_capacity,
    stand_before,
    stand_in_line,
    start_counting,
    tell,
)
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.moves import (
    WAITED,
    clear_place,
    enter_room,
    fall_at,
    fall_step,
    grant,
    stop_keeping,
    take_up,
)
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.kernel.programmes import (
    begin_programmes,
    find_somebody,
    look_again,
    look_where,
    time_over,
)
from carepath_sim.engine.kernel.starts import place_at_start

HEADROOM = 128
"""Rows that one event may need of any table, but for what `lately` adds."""
TURNED_AWAY = 4


@inner
def full(K: Any, more: int) -> int:
    """Return the number of a table without room for one more event, or DONE."""
    S = K.S
    c = S.scalars
    need = HEADROOM + more
    if len(S.places) - c[PLACES] < need:
        return FULL_PLACES
    if len(S.spells) - c[SPELLS] < need:
        return FULL_SPELLS
    if len(S.requests) - c[REQUESTS] < need:
        return FULL_REQUESTS
    if len(S.processes) - c[PROCESSES] < need:
        return FULL_PROCESSES
    if len(S.episodes) - c[EPISODES] < need:
        return FULL_EPISODES
    if len(S.changes) - c[CHANGES] < need:
        return FULL_CHANGES
    if len(S.agenda) - c[AGENDA] < need:
        return FULL_AGENDA
    if len(S.normal) - c[NORMAL_TAIL] < need or len(S.urgent) - c[URGENT_TAIL] < need:
        return FULL_QUEUE
    if len(S.nodes) - c[NODES] < need:
        return FULL_NODES
    if len(S.lane_nodes) - c[LANE_NODES] < need:
        return FULL_LANE_NODES
    most = max(c[IMPATIENT], c[BLOCKED], c[SEEKERS], c[NEWCOMERS])
    if len(S.impatient) - most < HEADROOM:
        return FULL_LISTS
    return DONE


@batch
def run(m: int) -> int:
    """Run until the end, or until a table is full; return DONE or the number of that table."""
    K = kernel_of(m)
    S = K.S
    c = S.scalars
    if not c[STARTED]:
        code = start(K.m)
        if code != DONE:
            return code
    while c[ERROR] == FINE:
        code = full(K, 0)
        if code != DONE:
            return code
        if c[ADMITTING] >= 0:
            admit_one(K.m)
        elif c[URGENT_HEAD] < c[URGENT_TAIL]:
            process = S.urgent[c[URGENT_HEAD]]
            c[URGENT_HEAD] += 1
            if c[URGENT_HEAD] == c[URGENT_TAIL]:
                c[URGENT_HEAD] = 0
                c[URGENT_TAIL] = 0
            if S.processes[process, C_ALIVE]:
                advance(K.m, process)
        elif c[NORMAL_HEAD] < c[NORMAL_TAIL]:
            process = S.normal[c[NORMAL_HEAD]]
            c[NORMAL_HEAD] += 1
            if c[NORMAL_HEAD] == c[NORMAL_TAIL]:
                c[NORMAL_HEAD] = 0
                c[NORMAL_TAIL] = 0
            if S.processes[process, C_ALIVE]:
                advance(K.m, process)
        else:
            if c[AGENDA] == 0 or S.agenda[0, A_TIME] >= c[END]:
                return DONE
            what = S.agenda[0, A_WHAT]
            if what in (DO_CIRCLE, DO_DIVERT, DO_SETTLE_ROOMS):
                many = c[BLOCKED] + c[IMPATIENT] + c[SEEKERS] + c[NEWCOMERS]
                code = full(K, 4 * many)
                if code != DONE:
                    return code
            first, second = S.agenda[0, A_FIRST], S.agenda[0, A_SECOND]
            if what == DO_RETIRE:
                code = full(K, 4 * sum_of_waiting(K))
                if code != DONE:
                    return code
            if what == DO_BIRTHDAYS:
                celebrating = K.L.birthdays[first + 1, 1] - K.L.birthdays[first, 1]
                code = full(K, 2 * celebrating)
                if code != DONE:
                    return code
            c[NOW] = S.agenda[0, A_TIME]
            drop_first(K)
            c[EVENTS] += 1
            act(K.m, what, first, second)
    return DONE


@part
def act(m: int, what: int, first: int, second: int) -> None:
    """Do what an entry of the agenda says."""
    K = kernel_of(m)
    S = K.S
    if what == DO_WAKE:
        if S.processes[first, C_ALIVE]:
            advance(K.m, first)
    elif what == DO_TAKE_UP:
        take_up(K.m, first)
    elif what == DO_STAND_IN_LINE:
        stand_in_line(K.m, first)
    elif what == DO_BLOCK:
        block(K.m, first)
    elif what == DO_STOP_KEEPING:
        stop_keeping(K.m, first, second)
    elif what == DO_CRISIS:
        crisis(K.m, first, second)
    elif what == DO_FIRST_CRISIS:
        expect_first(K)
        crisis(K.m, first, second)
    elif what == DO_ARRIVE:
        expect_arrival(K)
        arrive(K.m, first)
    elif what == DO_UNDO:
        undo(K.m, first, second)
    elif what == DO_SET:
        if S.people[first, P_PLACE] == second:
            apply_sets(K.m, first, S.places[second, L_SERVICE])
    elif what == DO_CAPACITY:
        change_capacity(K, first, second)
    elif what == DO_OPEN:
        open_service(K.m, first)
    elif what == DO_ADMIT:
        S.scalars[ADMITTING] = len(S.pools)
    elif what == DO_CIRCLE:
        resolve_circle(K.m)
    elif what == DO_LOSE_PATIENCE:
        lose_patience(K, first)
    elif what == DO_FALL_AT:
        fall_at(K.m, first, second)
    elif what == DO_FALL_STEP:
        fall_step(K.m, first, second)
    elif what == DO_STAND_BEFORE:
        stand_before(K.m, first)
    elif what == DO_SETTLE_ROOMS:
        settle_rooms(K.m)
    elif what == DO_ASK_ALONGSIDE:
        ask_alongside(K.m, first, second)
    elif what == DO_COUNT:
        start_counting(K.m, first)
    elif what == DO_SURGE:
        look_at_surge(K.m, first)
    elif what == DO_SWITCH:
        switch(K, first)
    elif what == DO_RETIRE:
        retire(K.m, first)
    elif what == DO_BIRTHDAYS:
        celebrate(K.m, first)
    elif what == DO_FIND:
        find_somebody(K.m, first, second)
    elif what == DO_TIME_OVER:
        time_over(K.m, first)
    else:
        divert(K.m)


# --- admission -------------------------------------------------------------------------------


@part
def admit_one(m: int) -> None:
    """Admit the next person of the pool that is looked at, or look at the next pool.

    `ADMITTING` holds that pool; the number of pools stands for none, -1 for no admission.
    """
    K = kernel_of(m)
    S = K.S
    c, Q = S.scalars, S.pools
    if c[ADMITTING] == len(Q):
        if c[DIRTY] == 0:
            c[ADMISSION_DUE] = 0
            c[ADMITTING] = -1
            return
        pool = 0
        while not Q[pool, Q_DIRTY]:
            pool += 1
        Q[pool, Q_DIRTY] = 0
        c[DIRTY] -= 1
        c[ADMITTING] = pool
    pool = c[ADMITTING]
    request = first_of(K.m, pool)
    if request < 0:
        c[ADMITTING] = len(Q)
        return
    chosen = pool
    first, last = pools_of(K, request)
    for entry in range(first, last):
        other = asked(K, request, entry)
        if other >= 0 and (other == pool or first_of(K.m, other) == request):
            chosen = other
            break
    grant(K.m, request, chosen, WAITED)


@inner
def change_capacity(K: Any, pool: int, step: int) -> None:
    """The capacity of a pool changes; nobody is put out."""
    set_capacity(K, pool, step)
    note_capacity(K, pool)
    mark(K, pool)


# --- patience --------------------------------------------------------------------------------


@inner
def lose_patience(K: Any, request: int) -> None:
    """Put a person on the list of those who are diverted together at this instant."""
    S = K.S
    c = S.scalars
    if S.requests[request, R_WAITING] and S.requests[request, R_DUE] == c[NOW]:
        if c[IMPATIENT] == 0:
            at(K, c[NOW], DIVERSION, 0, 0, DO_DIVERT, 0, 0)
        S.impatient[c[IMPATIENT]] = request
        c[IMPATIENT] += 1


@inner
def sum_of_waiting(K: Any) -> int:
    """Return how many requests are in the lines of all pools."""
    waiting = 0
    for pool in range(len(K.S.pools)):
        waiting += K.S.pools[pool, Q_WAITING]
    return waiting


@part
def divert(m: int) -> None:
    """Let everybody whose patience ran out leave the line; then they ask elsewhere."""
    K = kernel_of(m)
    S, T = K.S, K.T
    R, n = S.requests, S.scalars[IMPATIENT]
    leaving = np.empty(n, dtype=np.int64)
    for k in range(n):
        leaving[k] = S.impatient[k]
    S.scalars[IMPATIENT] = 0
    sort_by_person(K, leaving)
    for request in leaving:
        patience = R[request, R_PATIENCE]
        close_request(K.m, request, GAVE_UP if T.patience_to[patience] == -1 else DIVERTED)
        S.spells[R[request, R_SPELL], S_CAUSE] = T.patience_cause[patience]
        gave_up(K, request)
    for request in leaving:
        send_on(K, request, T.patience_to[R[request, R_PATIENCE]])


@inner
def sort_by_person(K: Any, some: Any) -> None:
    """Put requests into the order of people and slots."""
    R = K.S.requests
    for k in range(1, len(some)):
        request = some[k]
        j = k - 1
        while j >= 0 and (
            R[some[j], R_PERSON] > R[request, R_PERSON]
            or (
                R[some[j], R_PERSON] == R[request, R_PERSON]
                and R[some[j], R_SLOT] > R[request, R_SLOT]
            )
        ):
            some[j + 1] = some[j]
            j -= 1
        some[j + 1] = request


@inner
def gave_up(K: Any, request: int) -> None:
    """Count those who leave a line."""
    first, last = pools_of(K, request)
    for entry in range(first, last):
        pool = asked(K, request, entry)
        if pool >= 0:
            K.S.pools[pool, Q_GAVE_UP] += 1


@inner
def send_on(K: Any, request: int, to: int) -> None:
    """Send on somebody who has left a line, or let them go who came from outside."""
    S = K.S
    person = S.requests[request, R_PERSON]
    outside = S.places[S.people[person, P_PLACE], L_SERVICE] == OUTSIDE
    lost = to == -1 and outside and not S.people[person, P_LIVES_HERE]
    if lost and not S.requests[request, R_SEVERAL]:
        depart(K.m, person, OUTSIDE)
    tell(K, request, to)


# --- what changes by date --------------------------------------------------------------------


@inner
def switch(K: Any, k: int) -> None:
    """A number of a service or of a hazard is another from now on."""
    column, row, value = K.L.switches[k, 1], K.L.switches[k, 2], K.L.switches[k, 3]
    if column == 0:
        K.T.hold_up_to[row] = value
    elif column == 1:
        K.T.keeps_place[row] = value
    elif column == 2:
        K.T.keeps_turn[row] = value
    elif column == 3:
        K.T.route_at_start[row] = value
    elif column == 4:
        K.H.target[row] = value
    else:
        K.H.planned[row] = value


@part
def retire(m: int, k: int) -> None:
    """Nobody is referred to a service any more; who waits for it moves, in order of the queue."""
    K = kernel_of(m)
    S, R = K.S, K.S.requests
    service, to = K.L.retired[k, 1], K.L.retired[k, 2]
    S.gone[service] = to
    found = np.empty(S.scalars[REQUESTS], dtype=np.int64)
    n = 0
    for r in range(S.scalars[REQUESTS]):
        if R[r, R_OPEN] and R[r, R_WAITING] and R[r, R_SERVICE] == service:
            j = n - 1
            while j >= 0 and comes_before(K, r, found[j]):
                found[j + 1] = found[j]
                j -= 1
            found[j + 1] = r
            n += 1
    for request in found[:n]:
        close_request(K.m, request, DIVERTED)
        gave_up(K, request)
    for request in found[:n]:
        person = R[request, R_PERSON]
        keep_turn(K, person, in_use(K, person, service), R[request, R_JOINED])
        tell(K, request, to)


# --- waiting rooms ---------------------------------------------------------------------------


@inner
def ranked_before(K: Any, a: int, b: int) -> bool:
    """Tell whether one request stands before another, each in the line of its first pool."""
    R, T = K.S.requests, K.T
    pool_a = T.pools[T.pool_first[R[a, R_SERVICE]]]
    pool_b = T.pools[T.pool_first[R[b, R_SERVICE]]]
    rank_a, rank_b = rank_of(K, pool_a, R[a, R_STREAM]), rank_of(K, pool_b, R[b, R_STREAM])
    if rank_a != rank_b:
        return rank_a < rank_b
    return comes_before(K, a, b)


@inner
def still_waiting(K: Any, some: Any, n: int) -> Any:
    """Return who of a list still waits, in the order of their lines."""
    R = K.S.requests
    found = np.empty(n, dtype=np.int64)
    size = 0
    for k in range(n):
        request = some[k]
        if not R[request, R_WAITING]:
            continue
        j = size - 1
        while j >= 0 and ranked_before(K, request, found[j]):
            found[j + 1] = found[j]
            j -= 1
        found[j + 1] = request
        size += 1
    return found[:size]


@inner
def somebody_moves(K: Any) -> bool:
    """Tell whether somebody may move yet at this instant; then rooms are settled again."""
    c = K.S.scalars
    if c[ADMISSION_DUE] or c[LOOKING] or c[ROOMS_DUE]:
        look_at_rooms(K)
        return True
    return False


@part
def let_in(m: int) -> None:
    """Let those who block their places into waiting rooms, service by service, in order."""
    K = kernel_of(m)
    S, R = K.S, K.S.requests
    waiting = still_waiting(K, S.seekers, S.scalars[SEEKERS])
    S.scalars[SEEKERS] = 0
    for service in range(len(K.T.kind)):
        free = max(0, K.T.room_inside[service] - S.in_room[service, 0])
        for k in range(len(waiting)):
            if R[waiting[k], R_SERVICE] == service:
                if free > 0:
                    enter_room(K.m, waiting[k], 0)
                    free -= 1
                else:
                    S.seekers[S.scalars[SEEKERS]] = waiting[k]
                    S.scalars[SEEKERS] += 1


@part
def let_newcomers_in(m: int) -> None:
    """Let those in who are new at this instant, in the order of their lines."""
    K = kernel_of(m)
    S, R = K.S, K.S.requests
    waiting = still_waiting(K, S.newcomers, S.scalars[NEWCOMERS])
    S.scalars[NEWCOMERS] = 0
    for k in range(len(waiting)):
        request = waiting[k]
        service = R[request, R_SERVICE]
        if S.in_room[service, 1] >= K.T.room_outside[service]:
            S.newcomers[S.scalars[NEWCOMERS]] = request
            S.scalars[NEWCOMERS] += 1
        elif R[request, R_IN_PLACE]:
            R[request, R_CALLING] = 1
            S.in_room[service, 1] += 1
        else:
            enter_room(K.m, request, 1)


@part
def settle_rooms(m: int) -> None:
    """Let people into waiting rooms; when nothing more moves, turn away who finds no room."""
    K = kernel_of(m)
    S = K.S
    c = S.scalars
    c[ROOMS_DUE] = 0
    if c[SEEKERS]:
        let_in(K.m)
    if somebody_moves(K):
        return
    let_newcomers_in(K.m)
    if somebody_moves(K):
        return
    leaving = np.empty(c[NEWCOMERS], dtype=np.int64)
    for k in range(len(leaving)):
        leaving[k] = S.newcomers[k]
    c[NEWCOMERS] = 0
    sort_by_person(K, leaving)
    for request in leaving:
        close_request(K.m, request, TURNED_AWAY)
        service = S.requests[request, R_SERVICE]
        S.spells[S.requests[request, R_SPELL], S_CAUSE] = K.T.room_cause[service]
        gave_up(K, request)
    for request in leaving:
        send_on(K, request, K.T.room_to[S.requests[request, R_SERVICE]])


# --- how it begins ---------------------------------------------------------------------------


@inner
def places_at_start(K: Any) -> int:
    """Return how many people are on programmes at the start, at most."""
    places = 0
    for p in range(len(K.B.start)):
        places += K.B.start[p]
    return places


@part
def start(m: int) -> int:
    """Put people where they are at the start, and expect the first of everything."""
    K = kernel_of(m)
    S, L = K.S, K.L
    c = S.scalars
    if len(K.U.people) and not c[SURGES_NOTED]:
        code = full(K, len(S.pools))
        if code != DONE:
            return code
        c[SURGES_NOTED] = 1
        for pool in range(len(S.pools)):
            note_capacity(K, pool)
    while c[STARTED] == 0 and c[NEXT_START] < len(L.starts):
        code = full(K, 0)
        if code != DONE:
            return code
        row = c[NEXT_START]
        c[NEXT_START] += 1
        place_at_start(K.m, row)
    code = full(K, len(K.P.step_t) + len(K.T.kind) + len(L.switches) + 2 * places_at_start(K))
    if code != DONE:
        return code
    c[STARTED] = 1
    expect_first(K)
    expect_arrival(K)
    expect_birthdays(K)
    for k in range(len(L.switches)):
        at(K, L.switches[k, 0], CALENDAR, L.switches[k, 2], SWITCH, DO_SWITCH, k, 0)
    for k in range(len(L.retired)):
        if L.retired[k, 0] <= c[BEGIN]:
            S.gone[L.retired[k, 1]] = L.retired[k, 2]
        else:
            at(K, L.retired[k, 0], CALENDAR, L.retired[k, 1], RETIREMENT, DO_RETIRE, k, 0)
    for pool in range(len(S.pools)):
        for step in range(K.P.step_first[pool] + 1, K.P.step_first[pool + 1]):
            at(K, K.P.step_t[step], CALENDAR, pool, CAPACITY, DO_CAPACITY, pool, step)
    for service in range(len(K.T.kind)):
        if K.T.admits[service] >= 0 and K.T.pool_first[service] < K.T.pool_first[service + 1]:
            expect_opening(K, service, c[BEGIN])
    if len(K.B.caseload):
        begin_programmes(K.m)
    return DONE


@inner
def expect_first(K: Any) -> None:
    """Expect the next of the first crises; one at a time keeps the agenda short."""
    S = K.S
    k = S.scalars[NEXT_FIRST]
    while k < len(S.first) and S.people[S.first[k, 0], P_EXPECTED_ANEW]:
        k += 1
    S.scalars[NEXT_FIRST] = k + 1
    if k >= len(S.first):
        return
    person, due, which = S.first[k, 0], S.first[k, 1], S.first[k, 2]
    S.people[person, P_DUE] = due
    S.people[person, P_WHICH] = which
    kind = K.L.hazard_kind[which]
    at(K, due, PEOPLE, person, kind, DO_FIRST_CRISIS, person, due)


@inner
def expect_arrival(K: Any) -> None:
    """Expect the next who comes from outside."""
    S = K.S
    k = S.scalars[NEXT_COMING]
    if k == len(S.coming):
        return
    S.scalars[NEXT_COMING] = k + 1
    at(K, S.coming[k, 0], PEOPLE, S.coming[k, 1], ARRIVAL, DO_ARRIVE, S.coming[k, 1], 0)


@part
def arrive(m: int, person: int) -> None:
    """A person comes from outside."""
    K = kernel_of(m)
    S = K.S
    people = S.people
    source = K.L.source[people[person, P_SOURCE]]
    people[person, P_SINCE] = S.scalars[NOW]
    if source[1]:
        clear_place(K, people[person, P_PLACE], HOME, -1)
        next_crisis(K.m, person)
    else:
        clear_place(K, people[person, P_PLACE], OUTSIDE, -1)
        begin_episode(K.m, person, source[2], source[3])
        new_process(K, person, ONWARD, source[4], 0)
    if len(K.B.caseload) and people[person, P_LIVES_HERE]:
        look_where(K, person)
        look_again(K.m, person)
