"""Asking for places, getting them, moving, and keeping them."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.kernel.agenda import at
from carepath_sim.engine.kernel.chance import (
    EVENT,
    EVENT_NONE,
    FROM,
    HELD,
    STREAM,
    TO,
    VIA,
    attributes_of,
    draw_length,
    draw_route,
    look,
    look_back,
    luck,
    occurrence_of,
    payload,
    service_meant,
    where,
)
from carepath_sim.engine.kernel.columns import *
from carepath_sim.engine.kernel.hazards import change_risk, next_crisis, settle, speed_now
from carepath_sim.engine.kernel.lines import (
    drop_turn,
    forget_request,
    give_back,
    is_open,
    join,
    keep_turn,
    leave_line,
    local_of,
    look_at_rooms,
    mark,
    over_of,
    take,
    tell,
    unblock,
    withdraw,
)
from carepath_sim.engine.kernel.lists import append, find, remove
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.kernel.programmes import look_again, moved_on
from carepath_sim.engine.rules import is_kept, next_open
from carepath_sim.engine.rules_capacity import next_fall, step_at
from carepath_sim.engine.rules_states import chance_of_move

STILL_THERE, MOVED, INTERRUPTED = 0, 1, 6
WAITED, AT_ONCE, IN_CIRCLE, WITHIN_POOL, FROM_START, CAME_BACK, IN_ROOM = range(7)
EVENTS_OF_AN_INSTANT = 1_000
ATTRIBUTE_SET = 0


# --- rows ------------------------------------------------------------------------------------


@inner
def new_spell(K: Any, person: int, service: int, host: int, via: int) -> int:
    """Open a row for a request."""
    S = K.S
    s = S.scalars[SPELLS]
    S.scalars[SPELLS] = s + 1
    row = S.spells
    row[s, S_PERSON] = person
    row[s, S_EPISODE] = -1
    if S.people[person, P_EPISODE] >= 0:
        row[s, S_EPISODE] = S.episodes[S.people[person, P_EPISODE], E_INDEX]
    row[s, S_VISIT] = S.people[person, P_VISITS]
    row[s, S_SERVICE] = service
    row[s, S_STREAM] = -1
    row[s, S_POOL] = -1
    row[s, S_UNITS] = 0
    row[s, S_HOST] = host
    row[s, S_VIA] = via
    row[s, S_REQUESTED] = S.scalars[NOW]
    row[s, S_NEEDED] = S.scalars[NOW]
    row[s, S_GRANTED] = NEVER
    row[s, S_STARTED] = NEVER
    row[s, S_READY] = NEVER
    row[s, S_OVER] = NEVER
    row[s, S_LEFT] = NEVER
    row[s, S_WAITED_AT] = -1
    row[s, S_ENTERED_FROM] = -1
    row[s, S_LEFT_TO] = -1
    row[s, S_OUTCOME] = STILL_THERE
    row[s, S_CAUSE] = -1
    row[s, S_KEPT_UNTIL] = NEVER
    row[s, S_HOW] = WAITED
    row[s, S_TAPER] = -1
    row[s, S_TAPER_FROM] = NEVER
    S.people[person, P_VISITS] += 1
    return s


@inner
def new_place(K: Any, service: int, spell: int) -> int:
    """Return a new place."""
    S = K.S
    p = S.scalars[PLACES]
    S.scalars[PLACES] = p + 1
    clear_place(K, p, service, spell)
    return p


@inner
def clear_place(K: Any, p: int, service: int, spell: int) -> None:
    """Write a place as it is before anything is known of the stay."""
    L = K.S.places
    L[p, L_SERVICE] = service
    L[p, L_SPELL] = spell
    L[p, L_POOL] = -1
    L[p, L_LOCAL] = 0
    L[p, L_STREAM] = -1
    L[p, L_UNITS] = 0
    L[p, L_READY] = NEVER
    L[p, L_OVER] = NEVER
    L[p, L_DECIDES_AT] = FAR
    L[p, L_TARGET] = -1
    L[p, L_EVENT] = 0
    L[p, L_DECIDED] = 0
    L[p, L_HANDED_ON] = 0
    L[p, L_INTERRUPTED] = 0
    L[p, L_TAPER] = -1
    L[p, L_TAPER_TOKEN] = 0


@part
def open_home(m: int, person: int, how: int) -> None:
    """Write that somebody has been at home since the start."""
    K = kernel_of(m)
    S = K.S
    s = new_spell(K, person, HOME, -1, -1)
    begin = S.scalars[BEGIN] if S.people[person, P_SOURCE] == 0 else S.people[person, P_SINCE]
    for column in (S_REQUESTED, S_NEEDED, S_GRANTED, S_STARTED):
        S.spells[s, column] = begin
    S.spells[s, S_WAITED_AT] = HOME
    S.spells[s, S_ENTERED_FROM] = HOME
    S.spells[s, S_HOW] = how
    S.places[S.people[person, P_PLACE], L_SPELL] = s


@inner
def visit_of(K: Any, place: int) -> int:
    """Return the running number of the row of a place, -1 where there is none."""
    spell = K.S.places[place, L_SPELL]
    return -1 if spell < 0 else K.S.spells[spell, S_VISIT]


# --- visits that taper -----------------------------------------------------------------------


@inner
def expect_fall_at(K: Any, p: int) -> None:
    """Expect the next step of a taper of a place."""
    L = K.S.places
    due = next_fall(K.V, L[p, L_TAPER], L[p, L_TAPER_STEP], L[p, L_TAPER_SINCE], L[p, L_READY])
    if due < FAR:
        person = K.S.spells[L[p, L_SPELL], S_PERSON]
        at(K, due, PEOPLE, person, TAPER, DO_FALL_AT, p, L[p, L_TAPER_TOKEN])


@inner
def expect_fall_step(K: Any, r: int) -> None:
    """Expect the next step of a taper of a step received in place."""
    R = K.S.requests
    due = next_fall(K.V, R[r, R_TAPER], R[r, R_TAPER_STEP], R[r, R_TAPER_SINCE], NEVER)
    if due < FAR:
        at(K, due, PEOPLE, R[r, R_PERSON], TAPER, DO_FALL_STEP, r, R[r, R_TAPER_TOKEN])


@inner
def begin_taper_at(K: Any, p: int, taper: int, since: int) -> None:
    """Begin a taper with the stay that it belongs to."""
    S = K.S
    S.scalars[TAPERS] += 1
    S.places[p, L_TAPER_TOKEN] = S.scalars[TAPERS]
    S.places[p, L_TAPER] = taper
    S.places[p, L_TAPER_SINCE] = since
    S.places[p, L_TAPER_STEP] = 0
    expect_fall_at(K, p)


@part
def fall_at(m: int, p: int, token: int) -> None:
    """Free what the next step of a stay no longer needs, unless the place was given up."""
    K = kernel_of(m)
    L = K.S.places
    if L[p, L_TAPER_TOKEN] != token:
        return
    L[p, L_TAPER_STEP] += 1
    units = K.V.units[K.V.first[L[p, L_TAPER]] + L[p, L_TAPER_STEP]]
    if units < L[p, L_UNITS]:
        give_back(K, L[p, L_POOL], L[p, L_LOCAL], L[p, L_UNITS] - units)
        L[p, L_UNITS] = units
        mark(K, L[p, L_POOL])
    expect_fall_at(K, p)


@part
def fall_step(m: int, r: int, token: int) -> None:
    """Free what the next step of visits received in place no longer needs."""
    K = kernel_of(m)
    R = K.S.requests
    if R[r, R_TAPER_TOKEN] != token:
        return
    R[r, R_TAPER_STEP] += 1
    units = K.V.units[K.V.first[R[r, R_TAPER]] + R[r, R_TAPER_STEP]]
    if units < R[r, R_UNITS]:
        pool = K.S.spells[R[r, R_SPELL], S_POOL]
        give_back(K, pool, local_of(K, pool, R[r, R_STREAM]), R[r, R_UNITS] - units)
        R[r, R_UNITS] = units
        mark(K, pool)
    expect_fall_step(K, r)


@inner
def units_when_moving(K: Any, p: int, service: int) -> int:
    """Return what a place will hold when its person can move to a service."""
    L, V = K.S.places, K.V
    if not L[p, L_TAPER_TOKEN]:
        return L[p, L_UNITS]
    over = max(K.S.scalars[NOW], over_of(K, p))
    moves_at = next_open(K.T, K.T.admits[service], over)
    step = step_at(V, L[p, L_TAPER], L[p, L_TAPER_SINCE], L[p, L_READY], moves_at)
    units = V.units[V.first[L[p, L_TAPER]] + step]
    return L[p, L_UNITS] if units < 0 else min(units, L[p, L_UNITS])


# --- levels ----------------------------------------------------------------------------------


@part
def change(m: int, person: int, attribute: int, code: int) -> None:
    """Change an attribute from now on; hazards run on at their new speed."""
    K = kernel_of(m)
    S = K.S
    if S.values[person, attribute] != code:
        settle(K, person)
        S.values[person, attribute] = code
        note_change(K, person, attribute, code)
        if S.people[person, P_AT_RISK]:
            for h in range(S.speeds.shape[1]):
                S.speeds[person, h] = speed_now(K, person, h)
        next_crisis(K.m, person)
    if len(K.B.caseload):
        look_again(K.m, person)


@inner
def note_change(K: Any, person: int, attribute: int, code: int) -> None:
    """Write that an attribute was set."""
    S = K.S
    k = S.scalars[CHANGES]
    S.scalars[CHANGES] = k + 1
    S.changes[k, 0] = S.scalars[NOW]
    S.changes[k, 1] = ATTRIBUTE_SET
    S.changes[k, 2] = person
    S.changes[k, 3] = attribute
    S.changes[k, 4] = code


@inner
def shift(K: Any, person: int, attribute: int, level: Any, first: int) -> None:
    """Move a person to the level that follows the present one."""
    before = K.S.values[person, attribute]
    if before >= 0 and level[first + before] != before:
        node = find(K, person, P_SETS, attribute)
        if node >= 0:
            remove(K, person, P_SETS, node)
        change(K.m, person, attribute, level[first + before])


@part
def change_state(m: int, person: int, service: int, stayed: int) -> None:
    """Move a person who leaves a service along the levels that it changes."""
    K = kernel_of(m)
    Z = K.Z
    for row in range(Z.first[service], Z.first[service + 1]):
        decision, p = Z.decision[row], chance_of_move(Z, row, stayed)
        if 0.0 < p < 1.0:
            moves = luck(K, person, decision) < p
        else:
            occurrence_of(K, person, decision)
            moves = p >= 1.0
        if moves:
            shift(K, person, Z.attribute[row], Z.level, Z.level_first[row])


# --- asking ----------------------------------------------------------------------------------


@part
def ask(m: int, person: int, service: int, slot: int) -> int:
    """Ask for a place; what can be granted at once is granted at once."""
    K = kernel_of(m)
    S, T = K.S, K.T
    people, L, R = S.people, S.places, S.requests
    now = S.scalars[NOW]
    if people[person, P_COUNTS_AT] != now:
        people[person, P_COUNTS_AT] = now
        people[person, P_COUNTS_EVENTS] = 0
    people[person, P_COUNTS_EVENTS] += 1
    if people[person, P_COUNTS_EVENTS] > EVENTS_OF_AN_INSTANT:
        S.scalars[ERROR] = ENDLESS_INSTANT
        S.scalars[ERROR_PERSON] = person
        S.scalars[ERROR_SERVICE] = service
    place = people[person, P_PLACE]
    look(K, person)
    size = attributes_of(K)
    via = S.values[person, size + VIA]
    if L[place, L_SPELL] < 0 and L[place, L_SERVICE] == HOME:
        open_home(K.m, person, FROM_START)
    s = new_spell(K, person, service, visit_of(K, place), via)
    r = S.scalars[REQUESTS]
    S.scalars[REQUESTS] = r + 1
    in_place = T.in_place[service]
    R[r, R_PERSON] = person
    R[r, R_SLOT] = slot
    R[r, R_SERVICE] = service
    R[r, R_SPELL] = s
    R[r, R_ANSWERED] = 0
    R[r, R_DIVERTED_TO] = -1
    R[r, R_ONLY_POOL] = -1
    R[r, R_IN_PLACE] = in_place
    R[r, R_WAITING] = 1
    R[r, R_BOOKED] = 0
    R[r, R_IN_LANES] = 0
    R[r, R_BLOCKED] = 0
    R[r, R_DUE] = FAR
    R[r, R_PATIENCE] = -1
    R[r, R_WAITER] = -1
    R[r, R_LANE_NODES] = -1
    R[r, R_PRIORITY] = 0
    R[r, R_JOINED] = 0
    R[r, R_OPEN] = 1
    R[r, R_NEXT] = people[person, P_REQUESTS]
    people[person, P_REQUESTS] = r
    row = S.spells
    row[s, S_WAITED_AT] = S.values[person, size + FROM]
    stream = payload(K, person, T.stream[service])
    row[s, S_STREAM] = stream
    R[r, R_STREAM] = stream
    S.values[person, size + STREAM] = stream
    units = payload(K, person, T.units[service])
    units = 1 if units == -1 else units
    row[s, S_UNITS] = units
    R[r, R_UNITS] = units
    R[r, R_TAPER] = -1
    R[r, R_TAPER_TOKEN] = 0
    R[r, R_SEVERAL] = 0
    R[r, R_CALLING] = 0
    R[r, R_COUNTED] = 0
    R[r, R_TRANSFER] = 0
    if T.transfer[service] != -1:
        R[r, R_TRANSFER] = max(0, payload(K, person, T.transfer[service]))
    if len(K.V.first) > 1:
        taper = payload(K, person, K.V.choice[service])
        R[r, R_TAPER] = taper
        row[s, S_TAPER] = taper
    if not in_place and not L[place, L_INTERRUPTED]:
        row[s, S_NEEDED] = max(now, L[place, L_READY])
    since = people[person, P_ASKED_SINCE]
    if since != NEVER:  # who waits when the run starts asked when they did
        people[person, P_ASKED_SINCE] = NEVER
        row[s, S_REQUESTED] = since
        row[s, S_NEEDED] = since
        keep_turn(K, person, service, since)
    first, last = T.pool_first[service], T.pool_first[service + 1]
    if first == last:
        row[s, S_UNITS] = 0
        if len(K.L.retired):
            drop_turn(K, person, service)
        grant_without_pool(K, r)
        return r
    within = False
    if (
        not in_place
        and L[place, L_STREAM] == stream
        and units <= units_when_moving(K, place, service)
    ):
        for entry in range(first, last):
            within = within or T.pools[entry] == L[place, L_POOL]
    if within:
        if len(K.L.retired):
            drop_turn(K, person, service)
        R[r, R_ONLY_POOL] = L[place, L_POOL]
        R[r, R_WAITING] = 0
        R[r, R_BOOKED] = 1
        row[s, S_HOW] = WITHIN_POOL
        R[r, R_TRANSFER] = 0  # the place stays the same
        move_when_open(K.m, r)
    else:
        join(K.m, r)
    return r


@inner
def grant_without_pool(K: Any, r: int) -> None:
    """Grant a place of a service without a pool; the move waits for the hours."""
    S = K.S
    R = S.requests
    R[r, R_WAITING] = 0
    R[r, R_BOOKED] = 1
    spell = R[r, R_SPELL]
    S.spells[spell, S_GRANTED] = S.scalars[NOW]
    S.spells[spell, S_HOW] = AT_ONCE
    if R[r, R_IN_PLACE]:
        if is_open(K, R[r, R_SERVICE]):
            begin_step(K.m, r)
        tell(K, r, -1)
    else:
        move_when_open(K.m, r)


@part
def move_when_open(m: int, r: int) -> None:
    """Move at the first instant at which the stay is over and the new service admits."""
    K = kernel_of(m)
    S = K.S
    R = S.requests
    person, now = R[r, R_PERSON], S.scalars[NOW]
    over = max(now, over_of(K, S.people[person, P_PLACE])) + R[r, R_TRANSFER]
    moves_at = next_open(K.T, K.T.admits[R[r, R_SERVICE]], over)
    if moves_at == now:
        take_up(K.m, r)
    else:
        at(K, moves_at, PEOPLE, person, OWN, DO_TAKE_UP, r, 0)


@part
def grant(m: int, r: int, pool: int, how: int) -> None:
    """Give a person a place of a pool; they take it at once, or it is booked."""
    K = kernel_of(m)
    S = K.S
    R = S.requests
    leave_line(K.m, r)
    R[r, R_BOOKED] = 1
    R[r, R_ONLY_POOL] = pool
    spell = R[r, R_SPELL]
    S.spells[spell, S_GRANTED] = S.scalars[NOW]
    S.spells[spell, S_POOL] = pool
    S.spells[spell, S_HOW] = how
    S.pools[pool, Q_GRANTED] += 1
    take(K, pool, local_of(K, pool, R[r, R_STREAM]), R[r, R_UNITS])
    if how != IN_CIRCLE and S.pools[pool, Q_TOTAL] > S.pools[pool, Q_CAPACITY]:
        S.pools[pool, Q_BREACHES] += 1
    if R[r, R_IN_PLACE]:
        begin_step(K.m, r)
        tell(K, r, -1)
    else:
        move_when_open(K.m, r)


# --- moving ----------------------------------------------------------------------------------


@part
def take_up(m: int, r: int) -> None:
    """Move to a granted place."""
    K = kernel_of(m)
    S = K.S
    R, L = S.requests, S.places
    if not R[r, R_BOOKED] or not R[r, R_OPEN]:
        return
    person, spell, service = R[r, R_PERSON], R[r, R_SPELL], R[r, R_SERVICE]
    now = S.scalars[NOW]
    if S.spells[spell, S_GRANTED] == NEVER:
        S.spells[spell, S_GRANTED] = now
    p = new_place(K, service, spell)
    stream = R[r, R_STREAM]
    within = S.spells[spell, S_HOW] == WITHIN_POOL
    if R[r, R_ONLY_POOL] != -1 and not within:
        L[p, L_POOL] = R[r, R_ONLY_POOL]
        L[p, L_LOCAL] = local_of(K, L[p, L_POOL], stream)
        L[p, L_UNITS] = R[r, R_UNITS]
    L[p, L_STREAM] = stream
    if within:  # the same place; what is not needed is given back
        old = S.people[person, P_PLACE]
        L[p, L_POOL] = L[old, L_POOL]
        L[p, L_LOCAL] = L[old, L_LOCAL]
        L[p, L_UNITS] = R[r, R_UNITS]
        S.spells[spell, S_POOL] = L[old, L_POOL]
        L[old, L_UNITS] -= R[r, R_UNITS]
        L[old, L_HANDED_ON] = 1
    forget_request(K, r)
    move(K.m, person, p)
    if K.T.residence[service]:
        live_at(K.m, person, service)
    start_clock(K.m, person, p)
    if R[r, R_TAPER] != -1:
        begin_taper_at(K, p, R[r, R_TAPER], now)
    tell(K, r, -1)


@part
def move(m: int, person: int, p: int) -> None:
    """Leave the present place and start a stay at the next one, at the same instant."""
    K = kernel_of(m)
    S, T = K.S, K.T
    people, L = S.people, S.places
    old = people[person, P_PLACE]
    was, will = L[old, L_SERVICE], L[p, L_SERVICE]
    goes_home = T.hospital[was] and not T.hospital[will]
    changes_risk = goes_home or K.L.risk[was] != K.L.risk[will]
    leave(K.m, person, old, will)
    spell = L[p, L_SPELL]
    if spell >= 0:
        S.spells[spell, S_STARTED] = S.scalars[NOW]
        S.spells[spell, S_ENTERED_FROM] = where(K, old)
    S.values[person, attributes_of(K) + VIA] = -1
    discharged = people[person, P_DISCHARGED]
    if goes_home:
        people[person, P_DISCHARGED] = S.scalars[NOW]
    people[person, P_PLACE] = p
    if changes_risk:
        change_risk(K, person, was, discharged)
    if takes(K, will):
        expect_alongside(K, person, p)
    spell = L[old, L_SPELL]
    if spell >= 0 and len(K.Z.attribute):
        stayed = S.scalars[NOW] - S.spells[spell, S_STARTED]
        change_state(K.m, person, was, stayed)
    if len(K.B.caseload) and people[person, P_LIVES_HERE]:
        moved_on(K.m, person)


@part
def start_clock(m: int, person: int, p: int) -> None:
    """Draw the stay: when it is over, and when the way on is decided."""
    K = kernel_of(m)
    S, T = K.S, K.T
    L = S.places
    service = L[p, L_SERVICE]
    look_back(K, person, p)
    size = attributes_of(K)
    if T.route_at_start[service]:
        S.values[person, size + EVENT] = EVENT_NONE
        target = draw_route(K.m, person, service)
        if target < 0:
            return
        L[p, L_TARGET] = target
        S.values[person, size + TO] = service_meant(K, person, target)
    length = draw_length(K.m, person, service)
    event = K.S.scalars[ENDED_BY]
    L[p, L_EVENT] = event
    if length != -1:
        run_clock(K.m, person, p, S.scalars[NOW] + length)
    S.values[person, size + TO] = -1
    S.values[person, size + VIA] = -1


@part
def run_clock(m: int, person: int, p: int, ready: int) -> None:
    """Set the instants that follow from the end of a stay."""
    K = kernel_of(m)
    S, T = K.S, K.T
    L = S.places
    service = L[p, L_SERVICE]
    L[p, L_READY] = ready
    L[p, L_OVER] = next_open(T, T.discharges[service], ready)
    ahead = payload(K, person, T.plan_ahead[service])
    decided = max(S.scalars[NOW], ready - max(0, ahead))
    L[p, L_DECIDES_AT] = next_open(T, T.decides[service], decided)
    spell = L[p, L_SPELL]
    if spell >= 0:
        S.spells[spell, S_READY] = ready
        S.spells[spell, S_OVER] = L[p, L_OVER]


@part
def leave(m: int, person: int, old: int, to: int) -> None:
    """Close the spell of a place; give the place back, or keep it for a person in a crisis."""
    K = kernel_of(m)
    S, T = K.S, K.T
    L, row = S.places, S.spells
    now = S.scalars[NOW]
    spell = L[old, L_SPELL]
    if spell >= 0:
        row[spell, S_LEFT] = now
        row[spell, S_LEFT_TO] = to
        if row[spell, S_READY] > now:
            row[spell, S_READY] = NEVER
            row[spell, S_OVER] = NEVER
        if row[spell, S_OUTCOME] == STILL_THERE:
            row[spell, S_OUTCOME] = INTERRUPTED if L[old, L_INTERRUPTED] else MOVED
        if L[old, L_INTERRUPTED]:
            row[spell, S_CAUSE] = S.people[person, P_CAUSE]
    if takes(K, L[old, L_SERVICE]):
        end_alongside(K.m, person)
    if L[old, L_SERVICE] >= K.L.first_room[0]:
        of = K.L.room_of[L[old, L_SERVICE]]
        S.in_room[of, L[old, L_SIDE]] -= 1
        for k in range(S.scalars[SEEKERS]):
            if S.requests[S.seekers[k], R_SERVICE] == of:
                look_at_rooms(K)
                break
    if stays_kept(K, old, to):
        ready = L[old, L_READY]
        until = now + T.keeps_place[L[old, L_SERVICE]]
        if ready != NEVER:
            until = min(until, ready)
        append(K, person, P_KEPT, old, until, 0)
        remember_kept(K, person)
        at(K, until, PEOPLE, person, KEPT, DO_STOP_KEEPING, person, old)
    else:
        free(K, old)


@inner
def stays_kept(K: Any, p: int, to: int) -> bool:
    """Tell whether a place that is left now is kept for a person in a crisis."""
    L = K.S.places
    return is_kept(
        K.T, L[p, L_SERVICE], L[p, L_INTERRUPTED] != 0, L[p, L_HANDED_ON] != 0, L[p, L_READY], to,
        K.S.scalars[NOW],
    )  # fmt: skip


@inner
def free(K: Any, p: int) -> None:
    """Give the units of a place back to its pool."""
    L = K.S.places
    L[p, L_TAPER_TOKEN] = 0
    if L[p, L_POOL] != -1 and L[p, L_UNITS]:
        give_back(K, L[p, L_POOL], L[p, L_LOCAL], L[p, L_UNITS])
        mark(K, L[p, L_POOL])


@part
def stop_keeping(m: int, person: int, p: int) -> None:
    """Free a kept place."""
    K = kernel_of(m)
    S = K.S
    node = S.people[person, P_KEPT]
    while node >= 0 and S.nodes[node, 1] != p:
        node = S.nodes[node, 0]
    if node < 0:
        return
    remove(K, person, P_KEPT, node)
    remember_kept(K, person)
    spell = S.places[p, L_SPELL]
    if spell >= 0:
        S.spells[spell, S_KEPT_UNTIL] = S.scalars[NOW]
    free(K, p)


@inner
def remember_kept(K: Any, person: int) -> None:
    """Write the kept places where conditions can see them."""
    S = K.S
    size = attributes_of(K)
    node = S.people[person, P_KEPT]
    for k in range(2):
        held = -1
        if node >= 0:
            held = S.places[S.nodes[node, 1], L_SERVICE]
            node = S.nodes[node, 0]
        S.values[person, size + HELD + k] = held


@inner
def next_kept(K: Any, person: int) -> int:
    """Return the node of the kept place to return to first: a caseload before a residence."""
    S = K.S
    chosen = S.people[person, P_KEPT]
    node = chosen
    while node >= 0 and K.T.residence[S.places[S.nodes[node, 1], L_SERVICE]]:
        node = S.nodes[node, 0]
    return node if node >= 0 else chosen


@part
def return_to_kept(m: int, person: int, departed: int) -> None:
    """Return to a kept place without queueing; a caseload before a residence."""
    K = kernel_of(m)
    S = K.S
    people, L, row = S.people, S.places, S.spells
    chosen = next_kept(K, person)
    old = S.nodes[chosen, 1]
    remove(K, person, P_KEPT, chosen)
    remember_kept(K, person)
    now = S.scalars[NOW]
    if L[old, L_SPELL] >= 0:
        row[L[old, L_SPELL], S_KEPT_UNTIL] = now
    here = people[person, P_PLACE]
    service = L[old, L_SERVICE]
    via = S.values[person, attributes_of(K) + VIA]
    s = new_spell(K, person, service, visit_of(K, here), via)
    row[s, S_WAITED_AT] = where(K, here)
    if departed != NEVER:
        row[s, S_REQUESTED] = departed
    row[s, S_NEEDED] = row[s, S_REQUESTED]
    if not L[here, L_INTERRUPTED]:
        row[s, S_NEEDED] = max(row[s, S_REQUESTED], L[here, L_READY])
    row[s, S_GRANTED] = row[s, S_REQUESTED]
    row[s, S_HOW] = CAME_BACK
    row[s, S_POOL] = L[old, L_POOL]
    row[s, S_UNITS] = L[old, L_UNITS]
    row[s, S_STREAM] = L[old, L_STREAM]
    p = new_place(K, service, s)
    L[p, L_POOL] = L[old, L_POOL]
    L[p, L_LOCAL] = L[old, L_LOCAL]
    L[p, L_UNITS] = L[old, L_UNITS]
    L[p, L_STREAM] = L[old, L_STREAM]
    token = L[old, L_TAPER_TOKEN]
    L[old, L_TAPER_TOKEN] = 0
    move(K.m, person, p)
    if L[old, L_READY] != NEVER:
        look_back(K, person, p)
        run_clock(K.m, person, p, L[old, L_READY])
        S.values[person, attributes_of(K) + VIA] = -1
    if token:
        L[p, L_TAPER_TOKEN] = token
        for column in (L_TAPER, L_TAPER_SINCE, L_TAPER_STEP):
            L[p, column] = L[old, column]
        row[s, S_TAPER] = L[p, L_TAPER]
        row[s, S_TAPER_FROM] = L[p, L_TAPER_SINCE]
        expect_fall_at(K, p)


@part
def live_at(m: int, person: int, service: int) -> None:
    """Make a service the residence; places kept at another residence are given up."""
    K = kernel_of(m)
    S = K.S
    S.people[person, P_RESIDENCE] = service
    node = S.people[person, P_KEPT]
    while node >= 0:
        following = S.nodes[node, 0]
        p = S.nodes[node, 1]
        if K.T.residence[S.places[p, L_SERVICE]] or service == HOME:
            stop_keeping(K.m, person, p)
        node = following


# --- alongside -------------------------------------------------------------------------------


@inner
def takes(K: Any, service: int) -> bool:
    """Tell whether something is received alongside a stay at a service."""
    return K.T.along_first[service] < K.T.along_first[service + 1]


@inner
def expect_alongside(K: Any, person: int, p: int) -> None:
    """Ask for what is received alongside a stay, as an event of the person at this instant."""
    now = K.S.scalars[NOW]
    at(K, now, PEOPLE, person, STEP + ALONGSIDE, DO_ASK_ALONGSIDE, person, p)


@part
def end_alongside(m: int, person: int) -> None:
    """End what is received alongside a stay that is left; withdraw what is still awaited."""
    K = kernel_of(m)
    S = K.S
    people, R, C = S.people, S.requests, S.processes
    r = people[person, P_REQUESTS]
    while r >= 0:
        following = R[r, R_NEXT]
        if R[r, R_SLOT] >= ALONGSIDE:
            withdraw(K.m, r)
            S.spells[R[r, R_SPELL], S_CAUSE] = -1
        r = following
    before, r = -1, people[person, P_STEPS]
    while r >= 0:
        following = R[r, R_NEXT]
        if R[r, R_SLOT] >= ALONGSIDE:
            if before < 0:
                people[person, P_STEPS] = following
            else:
                R[before, R_NEXT] = following
            S.spells[R[r, R_SPELL], S_LEFT] = S.scalars[NOW]
            S.spells[R[r, R_SPELL], S_OUTCOME] = MOVED
            release_step(K, r)
        else:
            before = r
        r = following
    p = people[person, P_BESIDE]
    while p >= 0:
        C[p, C_ALIVE] = 0
        p = C[p, C_NEXT]
    people[person, P_BESIDE] = -1


# --- waiting rooms ---------------------------------------------------------------------------


@part
def enter_room(m: int, request: int, side: int) -> None:
    """Leave the present place and wait in the room, at the same instant."""
    K = kernel_of(m)
    S, T = K.S, K.T
    R, L, row = S.requests, S.places, S.spells
    person, now = R[request, R_PERSON], S.scalars[NOW]
    old = S.people[person, P_PLACE]
    size = attributes_of(K)
    via = S.values[person, size + VIA]
    if R[request, R_BLOCKED]:
        unblock(K, request)
    s = new_spell(K, person, T.room[R[request, R_SERVICE]], visit_of(K, old), -1)
    # The room comes before the place that is waited for, also in the numbers of visits.
    awaited = R[request, R_SPELL]
    row[s, S_VISIT], row[awaited, S_VISIT] = row[awaited, S_VISIT], row[s, S_VISIT]
    row[s, S_GRANTED] = now
    row[s, S_WAITED_AT] = where(K, old)
    row[s, S_HOW] = IN_ROOM
    p = new_place(K, row[s, S_SERVICE], s)
    L[p, L_CAME_FROM] = where(K, old)
    L[p, L_SIDE] = side
    L[p, L_DECIDED] = 1
    L[p, L_DECIDES_AT] = now
    S.in_room[R[request, R_SERVICE], side] += 1
    move(K.m, person, p)
    S.values[person, size + VIA] = via


# --- steps -----------------------------------------------------------------------------------


@part
def begin_step(m: int, r: int) -> None:
    """Start an in-place step."""
    K = kernel_of(m)
    S = K.S
    R = S.requests
    spell, person = R[r, R_SPELL], R[r, R_PERSON]
    if S.spells[spell, S_STARTED] == NEVER:
        S.spells[spell, S_STARTED] = S.scalars[NOW]
        S.spells[spell, S_ENTERED_FROM] = where(K, S.people[person, P_PLACE])
        forget_request(K, r)
        R[r, R_NEXT] = S.people[person, P_STEPS]
        S.people[person, P_STEPS] = r
        if R[r, R_TAPER] != -1:
            S.scalars[TAPERS] += 1
            R[r, R_TAPER_TOKEN] = S.scalars[TAPERS]
            R[r, R_TAPER_SINCE] = S.scalars[NOW]
            R[r, R_TAPER_STEP] = 0
            expect_fall_step(K, r)


@inner
def release_step(K: Any, r: int) -> None:
    """Give back the units of an in-place step."""
    S = K.S
    S.requests[r, R_TAPER_TOKEN] = 0
    pool = S.spells[S.requests[r, R_SPELL], S_POOL]
    if pool != -1:
        give_back(K, pool, local_of(K, pool, S.requests[r, R_STREAM]), S.requests[r, R_UNITS])
        mark(K, pool)


@part
def finish_step(m: int, r: int) -> None:
    """End an in-place step and give back what it held."""
    K = kernel_of(m)
    S = K.S
    R = S.requests
    person, spell, now = R[r, R_PERSON], R[r, R_SPELL], S.scalars[NOW]
    before = S.people[person, P_STEPS]
    if before == r:
        S.people[person, P_STEPS] = R[r, R_NEXT]
    else:
        while R[before, R_NEXT] != r:
            before = R[before, R_NEXT]
        R[before, R_NEXT] = R[r, R_NEXT]
    S.spells[spell, S_READY] = now
    S.spells[spell, S_OVER] = now
    S.spells[spell, S_LEFT] = now
    S.spells[spell, S_OUTCOME] = MOVED
    release_step(K, r)
    S.values[person, attributes_of(K) + VIA] = S.spells[spell, S_SERVICE]
    if len(K.Z.attribute):
        stayed = now - S.spells[spell, S_STARTED]
        change_state(K.m, person, S.spells[spell, S_SERVICE], stayed)
