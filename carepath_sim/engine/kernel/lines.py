"""Lines for pools: joining, leaving, who is first, and patience."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.kernel.agenda import at, wake
from carepath_sim.engine.kernel.chance import known, length_of, payload
from carepath_sim.engine.kernel.columns import *
from carepath_sim.engine.kernel.lists import find, push, remove
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.rules import (
    after_working_time,
    comes_from_inside,
    fits,
    next_open,
    next_opening_behind,
    own_service,
)
from carepath_sim.engine.rules_capacity import begins_to_hold

DIVERTED, GAVE_UP, WITHDRAWN = 3, 2, 5
SURGE_OPENED, SURGE_CLOSED, CAPACITY_CHANGED = 4, 5, 6


# --- pools -----------------------------------------------------------------------------------


@inner
def keep_account(K: Any, pool: int) -> None:
    """Add what was used and waited for since the last change, for the checks."""
    Q = K.S.pools
    now = K.S.scalars[NOW]
    span = now - Q[pool, Q_SINCE]
    if span:
        Q[pool, Q_SURGE_TIME] += Q[pool, Q_EXTRA] * span
        Q[pool, Q_UNITS_TIME] += Q[pool, Q_TOTAL] * span
        Q[pool, Q_WAITING_TIME] += Q[pool, Q_WAITING] * span
        Q[pool, Q_SINCE] = now


@inner
def local_of(K: Any, pool: int, stream: int) -> int:
    """Return the number of a stream within the policy of a pool."""
    if stream == -1:
        return 0
    return K.P.local[pool * (len(K.P.local) // len(K.P.policy)) + stream]


@inner
def rank_of(K: Any, pool: int, stream: int) -> int:
    """Return the rank of a stream under a pool's priority."""
    if stream == -1:
        return 0
    row = K.P.step_rank[K.S.pools[pool, Q_STEP]]
    return K.P.rank[row * (len(K.P.local) // len(K.P.policy)) + stream]


# --- surge -----------------------------------------------------------------------------------


@inner
def surges(K: Any, pool: int) -> bool:
    """Tell whether a pool has a rule of surge."""
    return len(K.U.people) > 0 and K.U.people[pool] > 0


@part
def look_out(m: int, pool: int) -> None:
    """Note since when enough people have waited, or enough places have been free."""
    K = kernel_of(m)
    S, U, Q = K.S, K.U, K.S.pools
    now = S.scalars[NOW]
    if Q[pool, Q_EXTRA]:
        free = Q[pool, Q_CAPACITY] - Q[pool, Q_TOTAL] >= U.empty[pool]
        if begins_to_hold(S.idle[pool], 0, free, now):
            due = S.idle[pool, 0] + U.calm[pool]
            at(K, due, CALENDAR, pool, SURGE, DO_SURGE, pool, 0)
    elif Q[pool, Q_COMING] == FAR:
        many = Q[pool, Q_COULD_MOVE] >= U.people[pool]
        if begins_to_hold(S.waited[pool], 0, many, now):
            due = S.waited[pool, 0] + U.crowded[pool]
            at(K, due, CALENDAR, pool, SURGE, DO_SURGE, pool, 0)


@inner
def watch(K: Any, pool: int) -> None:
    """Keep watch over a pool that has a rule of surge."""
    if surges(K, pool):
        look_out(K.m, pool)


@inner
def note(K: Any, what: int, person: int, name: int, value: int) -> None:
    """Write a row of the changes."""
    S = K.S
    k = S.scalars[CHANGES]
    S.scalars[CHANGES] = k + 1
    S.changes[k, 0] = S.scalars[NOW]
    S.changes[k, 1] = what
    S.changes[k, 2] = person
    S.changes[k, 3] = name
    S.changes[k, 4] = value


@inner
def note_capacity(K: Any, pool: int) -> None:
    """Write the capacity that a pool with surge places has from now on."""
    if surges(K, pool):
        note(K, CAPACITY_CHANGED, -1, pool, K.S.pools[pool, Q_CAPACITY])
        look_out(K.m, pool)


@inner
def set_capacity(K: Any, pool: int, step: int) -> None:
    """Begin a step of capacity; open surge places come on top."""
    Q = K.S.pools
    Q[pool, Q_STEP] = step
    Q[pool, Q_CAPACITY] = 2**40 if K.P.overflow[pool] else K.P.step_capacity[step]
    Q[pool, Q_CAPACITY] += Q[pool, Q_EXTRA]


@inner
def set_open(K: Any, pool: int, units: int) -> None:
    """Open so many surge places, or close them with 0; both conditions begin anew."""
    S, Q = K.S, K.S.pools
    keep_account(K, pool)
    Q[pool, Q_EXTRA] = units
    Q[pool, Q_COMING] = FAR
    for k in range(3):
        S.waited[pool, k] = NEVER if k == 2 else FAR
        S.idle[pool, k] = NEVER if k == 2 else FAR
    set_capacity(K, pool, Q[pool, Q_STEP])
    look_out(K.m, pool)


@part
def open_surge(m: int, pool: int) -> None:
    """Open surge places."""
    K = kernel_of(m)
    set_open(K, pool, K.U.add[pool])
    note(K, SURGE_OPENED, -1, pool, K.U.add[pool])
    note_capacity(K, pool)
    mark(K, pool)


@part
def look_at_surge(m: int, pool: int) -> None:
    """Open or close surge places, if it is time."""
    K = kernel_of(m)
    S, U, Q = K.S, K.U, K.S.pools
    now = S.scalars[NOW]
    if Q[pool, Q_COMING] == now:
        open_surge(m, pool)
    elif Q[pool, Q_EXTRA]:
        if S.idle[pool, 0] + U.calm[pool] == now:
            set_open(K, pool, 0)
            note(K, SURGE_CLOSED, -1, pool, U.add[pool])
            note_capacity(K, pool)
    elif Q[pool, Q_COMING] == FAR and S.waited[pool, 0] + U.crowded[pool] == now:
        if U.lead[pool]:
            Q[pool, Q_COMING] = now + U.lead[pool]
            at(K, Q[pool, Q_COMING], CALENDAR, pool, SURGE, DO_SURGE, pool, 0)
        else:
            open_surge(m, pool)


@inner
def count(K: Any, request: int, change: int) -> None:
    """Count somebody who waits and could move, or does so no more."""
    K.S.requests[request, R_COUNTED] = change > 0
    first, last = pools_of(K, request)
    for entry in range(first, last):
        pool = asked(K, request, entry)
        if pool >= 0 and surges(K, pool):
            K.S.pools[pool, Q_COULD_MOVE] += change
            look_out(K.m, pool)


@part
def start_counting(m: int, request: int) -> None:
    """The stay is over: the person could move if there were a place."""
    K = kernel_of(m)
    R = K.S.requests
    if R[request, R_WAITING] and not R[request, R_COUNTED]:
        count(K, request, 1)


@inner
def expect_waiting(K: Any, request: int, over: int) -> None:
    """Count a request as waiting from the instant at which its person could move."""
    here = False
    first, last = pools_of(K, request)
    for entry in range(first, last):
        pool = asked(K, request, entry)
        here = here or (pool >= 0 and surges(K, pool))
    if here:
        if over <= K.S.scalars[NOW]:
            start_counting(K.m, request)
        else:
            at(K, over, PEOPLE, K.S.requests[request, R_PERSON], OVER, DO_COUNT, request, 0)


# --- units -----------------------------------------------------------------------------------


@inner
def take(K: Any, pool: int, local: int, units: int) -> None:
    """Take units of a pool."""
    keep_account(K, pool)
    K.S.used[K.L.used_first[pool] + local] += units
    K.S.pools[pool, Q_TOTAL] += units
    watch(K, pool)


@inner
def give_back(K: Any, pool: int, local: int, units: int) -> None:
    """Give units of a pool back."""
    keep_account(K, pool)
    K.S.used[K.L.used_first[pool] + local] -= units
    K.S.pools[pool, Q_TOTAL] -= units
    watch(K, pool)


@inner
def room(K: Any, pool: int, stream: int, units: int) -> bool:
    """Tell whether a request fits into a pool now."""
    Q = K.S.pools
    return fits(
        K.P, pool, Q[pool, Q_STEP], K.S.used, K.L.used_first[pool], Q[pool, Q_TOTAL],
        local_of(K, pool, stream), units, Q[pool, Q_EXTRA],
    )  # fmt: skip


@inner
def mark(K: Any, pool: int) -> None:
    """Note that somebody in line might be admitted to a pool."""
    S = K.S
    if not S.pools[pool, Q_IN_LINE]:
        return
    if not S.pools[pool, Q_DIRTY]:
        S.pools[pool, Q_DIRTY] = 1
        S.scalars[DIRTY] += 1
    if not S.scalars[ADMISSION_DUE]:
        S.scalars[ADMISSION_DUE] = 1
        at(K, S.scalars[NOW], ADMISSION, 0, 0, DO_ADMIT, 0, 0)


@inner
def is_open(K: Any, service: int) -> bool:
    """Tell whether a service admits now."""
    calendar = K.T.admits[service]
    return calendar < 0 or next_open(K.T, calendar, K.S.scalars[NOW]) == K.S.scalars[NOW]


# --- the pools of a request ------------------------------------------------------------------


@inner
def pools_of(K: Any, request: int) -> Any:
    """Return the first entry of `pools` that a request asks for, and the one after the last."""
    R = K.S.requests
    service = R[request, R_SERVICE]
    return K.T.pool_first[service], K.T.pool_first[service + 1]


@inner
def asked(K: Any, request: int, entry: int) -> int:
    """Return the pool of an entry, -1 when the request asks for another alone."""
    pool = K.T.pools[entry]
    only = K.S.requests[request, R_ONLY_POOL]
    return pool if only in (-1, pool) else -1


# --- lanes -----------------------------------------------------------------------------------


@inner
def comes_before(K: Any, a: int, b: int) -> bool:
    """Tell whether one request stands before another in a lane."""
    R = K.S.requests
    if R[a, R_PRIORITY] != R[b, R_PRIORITY]:
        return R[a, R_PRIORITY] < R[b, R_PRIORITY]
    if R[a, R_JOINED] != R[b, R_JOINED]:
        return R[a, R_JOINED] < R[b, R_JOINED]
    if R[a, R_PERSON] != R[b, R_PERSON]:
        return R[a, R_PERSON] < R[b, R_PERSON]
    return R[a, R_SLOT] < R[b, R_SLOT]


@part
def join_lane(m: int, request: int, lane: int, pool: int) -> None:
    """Put a request into a lane; most stand last, so the search begins at the end."""
    K = kernel_of(m)
    S = K.S
    N, ends = S.lane_nodes, S.lanes
    node = S.scalars[FREE_LANE_NODE]
    if node >= 0:
        S.scalars[FREE_LANE_NODE] = N[node, 2]
    else:
        node = S.scalars[LANE_NODES]
        S.scalars[LANE_NODES] = node + 1
    N[node, 0] = request
    N[node, 3] = lane
    N[node, 4] = S.requests[request, R_LANE_NODES]
    S.requests[request, R_LANE_NODES] = node
    after = ends[lane, 1]
    while after >= 0 and comes_before(K, request, N[after, 0]):
        after = N[after, 1]
    follower = ends[lane, 0] if after < 0 else N[after, 2]
    N[node, 1] = after
    N[node, 2] = follower
    if after < 0:
        ends[lane, 0] = node
    else:
        N[after, 2] = node
    if follower < 0:
        ends[lane, 1] = node
    else:
        N[follower, 1] = node
    S.pools[pool, Q_IN_LINE] += 1


@inner
def leave_lanes(K: Any, request: int) -> None:
    """Take a request out of all its lanes."""
    S = K.S
    N, ends = S.lane_nodes, S.lanes
    node = S.requests[request, R_LANE_NODES]
    while node >= 0:
        lane, before, after = N[node, 3], N[node, 1], N[node, 2]
        if before < 0:
            ends[lane, 0] = after
        else:
            N[before, 2] = after
        if after < 0:
            ends[lane, 1] = before
        else:
            N[after, 1] = before
        following = N[node, 4]
        N[node, 2] = S.scalars[FREE_LANE_NODE]
        S.scalars[FREE_LANE_NODE] = node
        node = following
    S.requests[request, R_LANE_NODES] = -1


@part
def first_of(m: int, pool: int) -> int:
    """Return the request that is to be admitted next to a pool, or -1."""
    K = kernel_of(m)
    S, L, P = K.S, K.L, K.P
    if not S.pools[pool, Q_IN_LINE]:
        return -1
    by_stream = P.step_policy[S.pools[pool, Q_STEP]] > 1
    overtaking = P.overtaking[pool]
    heads = S.heads
    for line in range(P.streams[pool]):
        heads[line] = -1
    for lane in range(L.lane_first[pool], L.lane_first[pool + 1]):
        node = S.lanes[lane, 0]
        if node < 0 or not is_open(K, L.lane_service[lane]):
            continue
        stream = L.lane_stream[lane]
        line = local_of(K, pool, stream) if by_stream else 0
        while node >= 0:
            request = S.lane_nodes[node, 0]
            if overtaking and not room(K, pool, stream, S.requests[request, R_UNITS]):
                node = S.lane_nodes[node, 2]
                continue
            if heads[line] < 0 or earlier(K, pool, request, heads[line]):
                heads[line] = request
            break
    best = -1
    for line in range(P.streams[pool]):
        request = heads[line]
        if (
            request >= 0
            and (best < 0 or earlier(K, pool, request, best))
            and room(K, pool, S.requests[request, R_STREAM], S.requests[request, R_UNITS])
        ):
            best = request
    return best


@inner
def earlier(K: Any, pool: int, a: int, b: int) -> bool:
    """Tell whether one request stands before another in the order of a pool's line."""
    R = K.S.requests
    rank_a, rank_b = rank_of(K, pool, R[a, R_STREAM]), rank_of(K, pool, R[b, R_STREAM])
    if rank_a != rank_b:
        return rank_a < rank_b
    return comes_before(K, a, b)


# --- joining and leaving ---------------------------------------------------------------------


@inner
def over_of(K: Any, place: int) -> int:
    """Return the instant from which a person may leave a place."""
    L = K.S.places
    if L[place, L_INTERRUPTED] or L[place, L_READY] == NEVER:
        return K.S.scalars[NOW]
    return L[place, L_OVER]


@part
def join(m: int, request: int) -> None:
    """Stand in line, from the instant at which the place could be booked."""
    K = kernel_of(m)
    S, T = K.S, K.T
    R = S.requests
    now, person, service = S.scalars[NOW], R[request, R_PERSON], R[request, R_SERVICE]
    priority = payload(K, person, T.priority[service])
    joined = now
    turn = find(K, person, P_TURNS, service)
    if turn >= 0:
        joined = S.nodes[turn, 2]
        remove(K, person, P_TURNS, turn)
    R[request, R_PRIORITY] = 0 if priority == -1 else priority
    R[request, R_JOINED] = joined
    first, last = pools_of(K, request)
    for entry in range(first, last):
        pool = asked(K, request, entry)
        if pool >= 0:
            keep_account(K, pool)
            S.pools[pool, Q_JOINED] += 1
            S.pools[pool, Q_WAITING] += 1
    place = S.people[person, P_PLACE]
    over = now if R[request, R_IN_PLACE] else over_of(K, place)
    be_patient(K, request)
    bookable = over - T.hold_up_to[service]
    if bookable <= now:
        stand_in_line(K.m, request)
    else:
        at(K, bookable, PEOPLE, person, BOOKABLE, DO_STAND_IN_LINE, request, 0)
    if not R[request, R_IN_PLACE] and S.places[place, L_POOL] != -1:
        if over <= now:
            block(K.m, request)
        else:
            at(K, over, PEOPLE, person, OVER, DO_BLOCK, request, 0)
    if T.room_outside[service] != -1:
        if over <= now:
            stand_before(K.m, request)
        else:
            at(K, over, PEOPLE, person, OVER, DO_STAND_BEFORE, request, 0)
    if len(K.U.people):
        expect_waiting(K, request, over)


@part
def stand_in_line(m: int, request: int) -> None:
    """Enter the lanes of the pools asked for."""
    K = kernel_of(m)
    S = K.S
    R = S.requests
    if not R[request, R_WAITING]:
        return
    R[request, R_IN_LANES] = 1
    first, last = pools_of(K, request)
    for entry in range(first, last):
        pool = asked(K, request, entry)
        if pool >= 0:
            join_lane(K.m, request, K.L.lane_of[entry, R[request, R_STREAM] + 1], pool)
            mark(K, pool)


@inner
def be_patient(K: Any, request: int) -> None:
    """Set the timer at whose end the person is diverted or gives up."""
    S, T = K.S, K.T
    R = S.requests
    person, service = R[request, R_PERSON], R[request, R_SERVICE]
    patience = payload(K, person, T.max_wait[service])
    if patience == -1:
        return
    after = length_of(K, person, T.decision_wait[service], T.patience_table[patience])
    needed = S.spells[R[request, R_SPELL], S_NEEDED]
    if T.table_working[T.patience_table[patience]]:
        after = after_working_time(T, needed, after) - needed
    told = known(K, person, T.decision_wait[service])
    if told >= 0:
        after = told
    R[request, R_PATIENCE] = patience
    due = max(S.scalars[NOW], needed + after)
    R[request, R_DUE] = due
    at(K, due, PATIENCE, person, STEP + R[request, R_SLOT], DO_LOSE_PATIENCE, request, 0)


@part
def leave_line(m: int, request: int) -> None:
    """Leave all lines; what was being waited for is nobody's any more."""
    K = kernel_of(m)
    S = K.S
    R = S.requests
    if not R[request, R_WAITING]:
        return
    R[request, R_WAITING] = 0
    in_lanes = R[request, R_IN_LANES]
    if in_lanes:
        leave_lanes(K, request)
    first, last = pools_of(K, request)
    for entry in range(first, last):
        pool = asked(K, request, entry)
        if pool >= 0:
            keep_account(K, pool)
            S.pools[pool, Q_WAITING] -= 1
            if in_lanes:
                S.pools[pool, Q_IN_LINE] -= 1
            mark(K, pool)
    if R[request, R_BLOCKED]:
        unblock(K, request)
    if R[request, R_CALLING]:
        R[request, R_CALLING] = 0
        S.in_room[R[request, R_SERVICE], 1] -= 1
    if R[request, R_COUNTED]:
        count(K, request, -1)


@inner
def unblock(K: Any, request: int) -> None:
    """The person blocks their place no longer."""
    S = K.S
    R = S.requests
    base = S.places[S.people[R[request, R_PERSON], P_PLACE], L_POOL]
    first, last = pools_of(K, request)
    for entry in range(first, last):
        pool = asked(K, request, entry)
        if pool >= 0:
            S.waits[base, pool] -= 1
    k = R[request, R_BLOCKED] - 1
    R[request, R_BLOCKED] = 0
    last_one = S.scalars[BLOCKED] - 1
    S.scalars[BLOCKED] = last_one
    if k != last_one:
        other = S.blocked[last_one]
        S.blocked[k] = other
        R[other, R_BLOCKED] = k + 1


# --- waiting rooms ---------------------------------------------------------------------------


@part
def stand_before(m: int, request: int) -> None:
    """The stay is over, and somebody would go to the waiting room."""
    K = kernel_of(m)
    S, T = K.S, K.T
    R = S.requests
    if not R[request, R_WAITING]:
        return
    place = S.people[R[request, R_PERSON], P_PLACE]
    here, asked_for = S.places[place, L_SERVICE], R[request, R_SERVICE]
    if not comes_from_inside(T.kind[here], T.residence[here], S.places[place, L_POOL]):
        S.newcomers[S.scalars[NEWCOMERS]] = request
        S.scalars[NEWCOMERS] += 1
    elif R[request, R_IN_PLACE] or T.room_inside[asked_for] == 0:
        return
    else:
        S.seekers[S.scalars[SEEKERS]] = request
        S.scalars[SEEKERS] += 1
    look_at_rooms(K)


@inner
def look_at_rooms(K: Any) -> None:
    """Note that somebody may enter a waiting room, or be turned away."""
    c = K.S.scalars
    if not c[ROOMS_DUE]:
        c[ROOMS_DUE] = 1
        at(K, c[NOW], DIVERSION, 0, TURNING, DO_SETTLE_ROOMS, 0, 0)


@part
def block(m: int, request: int) -> None:
    """The stay is over and the next place is not there: the present place is blocked."""
    K = kernel_of(m)
    S = K.S
    R = S.requests
    if not R[request, R_WAITING] or R[request, R_BLOCKED]:
        return
    k = S.scalars[BLOCKED]
    S.blocked[k] = request
    S.scalars[BLOCKED] = k + 1
    R[request, R_BLOCKED] = k + 1
    base = S.places[S.people[R[request, R_PERSON], P_PLACE], L_POOL]
    first, last = pools_of(K, request)
    for entry in range(first, last):
        pool = asked(K, request, entry)
        if pool >= 0:
            S.waits[base, pool] += 1
    look_for_circles(K)


@inner
def look_for_circles(K: Any) -> None:
    """Note that a circle may have come about."""
    if not K.S.scalars[LOOKING]:
        K.S.scalars[LOOKING] = 1
        at(K, K.S.scalars[NOW], CIRCLE, 0, 0, DO_CIRCLE, 0, 0)


@inner
def in_use(K: Any, person: int, service: int) -> int:
    """Return the service that is asked for in place of one that is retired."""
    S = K.S
    while S.gone[service] >= 0:
        service = own_service(K.T, S.gone[service], S.values[person])
    return service


@inner
def drop_turn(K: Any, person: int, service: int) -> None:
    """Forget a turn that was kept."""
    node = find(K, person, P_TURNS, service)
    if node >= 0:
        remove(K, person, P_TURNS, node)


@inner
def keep_turn(K: Any, person: int, service: int, joined: int) -> None:
    """Keep a turn for the next request."""
    node = find(K, person, P_TURNS, service)
    if node >= 0:
        K.S.nodes[node, 2] = joined
    else:
        push(K, person, P_TURNS, service, joined, 0)


@inner
def tell(K: Any, request: int, diverted_to: int) -> None:
    """Tell a person that the wait is over, and where they are diverted to, if they are."""
    R = K.S.requests
    R[request, R_ANSWERED] = 1
    R[request, R_DIVERTED_TO] = diverted_to
    if R[request, R_WAITER] >= 0:
        wake(K, R[request, R_WAITER])


@inner
def forget_request(K: Any, request: int) -> None:
    """Take a request off the person's list of open ones."""
    S = K.S
    R = S.requests
    if not R[request, R_OPEN]:
        return
    R[request, R_OPEN] = 0
    person = R[request, R_PERSON]
    before = S.people[person, P_REQUESTS]
    if before == request:
        S.people[person, P_REQUESTS] = R[request, R_NEXT]
        return
    while R[before, R_NEXT] != request:
        before = R[before, R_NEXT]
    R[before, R_NEXT] = R[request, R_NEXT]


@part
def close_request(m: int, request: int, outcome: int) -> None:
    """End a request that came to nothing."""
    K = kernel_of(m)
    leave_line(K.m, request)
    S = K.S
    S.requests[request, R_BOOKED] = 0
    spell = S.requests[request, R_SPELL]
    S.spells[spell, S_LEFT] = S.scalars[NOW]
    S.spells[spell, S_OUTCOME] = outcome
    forget_request(K, request)


@part
def withdraw(m: int, request: int) -> None:
    """End a request because a crisis or a death came between."""
    K = kernel_of(m)
    S = K.S
    R = S.requests
    spell, person, service = (
        R[request, R_SPELL],
        R[request, R_PERSON],
        R[request, R_SERVICE],
    )
    if S.spells[spell, S_STARTED] != NEVER:
        return
    pool = S.spells[spell, S_POOL]
    if R[request, R_BOOKED] and pool != -1:
        give_back(K, pool, local_of(K, pool, R[request, R_STREAM]), R[request, R_UNITS])
        mark(K, pool)
    elif K.T.keeps_turn[service] and R[request, R_WAITING]:
        keep_turn(K, person, service, R[request, R_JOINED])
    close_request(K.m, request, WITHDRAWN)
    S.spells[spell, S_CAUSE] = S.people[person, P_CAUSE]


# --- openings --------------------------------------------------------------------------------


@inner
def expect_opening(K: Any, service: int, after: int) -> None:
    """Expect the next opening of a service."""
    T = K.T
    calendar = T.admits[service]
    t = next_open(T, calendar, after)
    if t == after:  # open now: look for the opening behind the next closing
        t = next_opening_behind(T, calendar, after)
    at(K, t, CALENDAR, service, OPENING, DO_OPEN, service, 0)


@part
def open_service(m: int, service: int) -> None:
    """A service opens: its queue is served."""
    K = kernel_of(m)
    T = K.T
    for entry in range(T.pool_first[service], T.pool_first[service + 1]):
        mark(K, T.pools[entry])
    look_for_circles(K)
    expect_opening(K, service, K.S.scalars[NOW])
