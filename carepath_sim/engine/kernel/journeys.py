"""A person's journey as a machine with states: what the SimPy engine tells as a generator."""

from __future__ import annotations

from typing import Any

import numpy as np

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.kernel.agenda import at, wake
from carepath_sim.engine.kernel.chance import (
    EVENT,
    EVENT_NONE,
    STREAM,
    TO,
    VIA,
    attributes_of,
    draw_length,
    draw_route,
    look,
    look_back,
    payload,
    service_meant,
)
from carepath_sim.engine.kernel.columns import *
from carepath_sim.engine.kernel.crises import (
    apply_sets,
    depart,
    end_episode,
    new_beside,
    new_process,
    note_exit,
)
from carepath_sim.engine.kernel.lines import in_use, over_of
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.moves import (
    ask,
    begin_step,
    expect_alongside,
    finish_step,
    next_kept,
    return_to_kept,
    takes,
)
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.rules import next_open, own_service

TO_OWN, TO_ALL_OF, TO_BACK = 1, 2, 3


@inner
def until(K: Any, p: int, t: int, kind: int) -> None:
    """Let a process go on at an instant, in the order of that instant."""
    at(K, t, PEOPLE, K.S.processes[p, C_PERSON], kind, DO_WAKE, p, 0)


@inner
def rests(K: Any, person: int) -> bool:
    """Tell whether a person already is where they stay when an episode ends."""
    S, T = K.S, K.T
    place = S.people[person, P_PLACE]
    service = S.places[place, L_SERVICE]
    if service == HOME:
        return S.people[person, P_RESIDENCE] == HOME
    keeps = T.residence[service] or T.keeps_place[service] > 0
    return S.places[place, L_INTERRUPTED] and keeps


@inner
def is_way_out(K: Any, person: int, service: int) -> bool:
    """Tell whether going there ends the person's time in the model."""
    if K.S.people[person, P_LIVES_HERE]:
        return service == DIED
    return service in (DIED, HOME) or K.T.kind[service] == EXIT


@inner
def stands_in(K: Any, person: int, target: int) -> int:
    """Return the step that stands in for one whose wait has ended, -1 where none does."""
    T = K.T
    if target == -1 or T.target_kind[target] > TO_OWN:
        return -1
    service = in_use(K, person, own_service(T, target, K.S.values[person]))
    return service if T.in_place[service] else -1


@inner
def way_back(K: Any, person: int) -> int:
    """Return how long the way to the place that was kept takes [ms]."""
    S, T = K.S, K.T
    if S.people[person, P_KEPT] < 0:
        return 0
    kept = S.nodes[next_kept(K, person), 1]
    transfer = T.transfer[S.places[kept, L_SERVICE]]
    look(K, person)
    return 0 if transfer == -1 else max(0, payload(K, person, transfer))


@part
def decide(m: int, person: int) -> int:
    """Choose the way on from a stay."""
    K = kernel_of(m)
    S = K.S
    L = S.places
    place = S.people[person, P_PLACE]
    service = L[place, L_SERVICE]
    L[place, L_DECIDED] = 1
    if L[place, L_READY] <= S.scalars[NOW]:
        apply_sets(K.m, person, service)
    elif K.L.set_first[service] < K.L.set_first[service + 1]:
        at(K, L[place, L_READY], PEOPLE, person, SETTING, DO_SET, person, place)
    target = L[place, L_TARGET]
    if target == -1:
        look_back(K, person, place)
        S.values[person, attributes_of(K) + EVENT] = L[place, L_EVENT]
        target = draw_route(K.m, person, service)
    S.values[person, attributes_of(K) + VIA] = -1
    return target


@part
def onward(m: int, p: int) -> None:
    """Take the next step towards a target."""
    K = kernel_of(m)
    S, T = K.S, K.T
    C = S.processes
    person, target = C[p, C_PERSON], C[p, C_TARGET]
    kind = T.target_kind[target]
    if kind == TO_ALL_OF:
        wanted = T.target_b[target]
        first = T.target_a[target]
        C[p, C_UNDER_WAY] = wanted
        C[p, C_STATE] = ALL_WAIT
        for slot in range(wanted):
            service = in_use(K, person, own_service(T, T.steps[first + slot], S.values[person]))
            q = new_process(K, person, STEP_ASK, -1, slot)
            C[q, C_SERVICE] = service
            C[q, C_PARENT] = p
        return
    if kind == TO_BACK:
        C[p, C_STATE] = BACK
        return
    service = in_use(K, person, own_service(T, target, S.values[person]))
    C[p, C_SERVICE] = service
    if T.in_place[service]:
        C[p, C_STATE] = STEP_ASK
    elif is_way_out(K, person, service):
        C[p, C_STATE] = LEAVE
    elif T.kind[service] == EXIT:
        C[p, C_STATE] = BACK
        C[p, C_EXIT] = service
    elif service == HOME and rests(K, person):
        C[p, C_TARGET] = -1
    else:
        C[p, C_STATE] = MOVE_ASK


@inner
def done(K: Any, p: int, target: int) -> bool:
    """End a step; return whether the process goes on with the target to which it referred."""
    S = K.S
    C = S.processes
    parent = C[p, C_PARENT]
    if parent >= 0:
        C[p, C_ALIVE] = 0
        C[parent, C_UNDER_WAY] -= 1
        if C[parent, C_UNDER_WAY] == 0:
            wake(K, parent)
        return False
    C[p, C_TARGET] = target
    C[p, C_STATE] = ONWARD
    return True


@part
def advance(m: int, p: int) -> None:
    """Let a process go on until it waits for something."""
    K = kernel_of(m)
    S, T = K.S, K.T
    C, people, L, R = S.processes, S.people, S.places, S.requests
    person = C[p, C_PERSON]
    now = S.scalars[NOW]
    while S.scalars[ERROR] == FINE:
        state = C[p, C_STATE]
        if state == ONWARD:
            if C[p, C_EXIT] >= 0:
                note_exit(K, person, C[p, C_EXIT])
                C[p, C_EXIT] = -1
            if C[p, C_TARGET] == -1:
                C[p, C_STATE] = STAY
            else:
                onward(K.m, p)
                if C[p, C_STATE] == ALL_WAIT:
                    return
        elif state == ALL_WAIT:
            C[p, C_TARGET] = T.target_then[C[p, C_TARGET]]
            C[p, C_STATE] = ONWARD
        elif state == BACK:
            C[p, C_STATE] = ONWARD
            C[p, C_TARGET] = -1
            if rests(K, person):
                continue
            if not people[person, P_LIVES_HERE]:
                C[p, C_SERVICE] = HOME
                C[p, C_STATE] = LEAVE
            elif people[person, P_KEPT] >= 0:
                C[p, C_STATE] = BACK_WAY
                over = over_of(K, people[person, P_PLACE])
                if over > now:
                    until(K, p, over, OWN)
                    return
            else:
                C[p, C_SERVICE] = in_use(K, person, people[person, P_RESIDENCE])
                C[p, C_STATE] = MOVE_ASK
        elif state == BACK_WAY:
            C[p, C_DEPARTED] = now
            C[p, C_STATE] = BACK_GO
            way = way_back(K, person)
            if way:
                until(K, p, now + way, OWN)
                return
        elif state == BACK_GO:
            if people[person, P_KEPT] >= 0:
                return_to_kept(K.m, person, C[p, C_DEPARTED])
                C[p, C_STATE] = ONWARD
            else:
                C[p, C_SERVICE] = in_use(K, person, people[person, P_RESIDENCE])
                C[p, C_STATE] = MOVE_ASK
        elif state == MOVE_ASK:
            r = ask(K.m, person, C[p, C_SERVICE], 0)
            C[p, C_REQUEST] = r
            C[p, C_STATE] = MOVE_ANSWER
            if not R[r, R_ANSWERED]:
                R[r, R_WAITER] = p
                return
        elif state == MOVE_ANSWER:
            C[p, C_TARGET] = R[C[p, C_REQUEST], R_DIVERTED_TO]
            C[p, C_STATE] = ONWARD
        elif state == LEAVE:
            C[p, C_STATE] = LEAVE_GO
            place = people[person, P_PLACE]
            if C[p, C_SERVICE] == DIED:
                if L[place, L_READY] > now and not L[place, L_INTERRUPTED]:
                    until(K, p, L[place, L_READY], OWN)
                    return
            else:
                over = over_of(K, place)
                if over > now:
                    until(K, p, over, OWN)
                    return
        elif state == LEAVE_GO:
            depart(K.m, person, C[p, C_SERVICE])
            C[p, C_TARGET] = -1
            C[p, C_STATE] = ONWARD
        elif state == STEP_ASK:
            r = ask(K.m, person, C[p, C_SERVICE], C[p, C_SLOT])
            C[p, C_REQUEST] = r
            C[p, C_STATE] = STEP_ANSWER
            R[r, R_SEVERAL] = C[p, C_PARENT] >= 0
            if not R[r, R_ANSWERED]:
                R[r, R_WAITER] = p
                return
        elif state == STEP_ANSWER:
            r = C[p, C_REQUEST]
            if not R[r, R_BOOKED]:
                # Of several steps, one whose wait ends is done when what stands in for it is.
                instead = -1
                if C[p, C_PARENT] >= 0:
                    instead = stands_in(K, person, R[r, R_DIVERTED_TO])
                if instead >= 0:
                    C[p, C_SERVICE] = instead
                    C[p, C_STATE] = STEP_ASK
                elif not done(K, p, R[r, R_DIVERTED_TO]):
                    return
            elif S.spells[R[r, R_SPELL], S_STARTED] == NEVER:
                C[p, C_STATE] = STEP_OPEN
                until(K, p, next_open(T, T.admits[C[p, C_SERVICE]], now), STEP + C[p, C_SLOT])
                return
            else:
                C[p, C_STATE] = STEP_BEGUN
        elif state == STEP_OPEN:
            begin_step(K.m, C[p, C_REQUEST])
            C[p, C_STATE] = STEP_BEGUN
        elif state == STEP_BEGUN:
            service = C[p, C_SERVICE]
            look(K, person)
            size = attributes_of(K)
            S.values[person, size + STREAM] = R[C[p, C_REQUEST], R_STREAM]
            C[p, C_ROUTE] = -1
            if T.route_at_start[service]:
                S.values[person, size + EVENT] = EVENT_NONE
                target = draw_route(K.m, person, service)
                if target < 0:
                    return
                C[p, C_ROUTE] = target
                S.values[person, size + TO] = service_meant(K, person, target)
            length = draw_length(K.m, person, service)
            event = S.scalars[ENDED_BY]
            C[p, C_EVENT] = event
            S.values[person, size + TO] = -1
            C[p, C_STATE] = STEP_ENDED
            started = S.spells[R[C[p, C_REQUEST], R_SPELL], S_STARTED]
            until(K, p, started + length, STEP + C[p, C_SLOT])
            return
        elif state == STEP_ENDED:
            finish_step(K.m, C[p, C_REQUEST])
            C[p, C_STATE] = STEP_ROUND
            round_at = next_open(T, T.decides[C[p, C_SERVICE]], now)
            if round_at > now:
                until(K, p, round_at, STEP + C[p, C_SLOT])
                return
        elif state == STEP_ROUND:
            service = C[p, C_SERVICE]
            apply_sets(K.m, person, service)
            target = C[p, C_ROUTE]
            if target == -1 and T.route[service] != -1:
                look(K, person)
                S.values[person, attributes_of(K) + EVENT] = C[p, C_EVENT]
                target = draw_route(K.m, person, service)
                if target < 0:
                    return
            if not done(K, p, target):
                return
        elif state == STAY:
            place = people[person, P_PLACE]
            asked_already = L[place, L_DECIDED] and not L[place, L_INTERRUPTED]
            if L[place, L_INTERRUPTED]:
                L[place, L_INTERRUPTED] = 0
                if takes(K, L[place, L_SERVICE]):
                    expect_alongside(K, person, place)
            if L[place, L_DECIDES_AT] == FAR or people[person, P_END_STATE]:
                end_episode(K, person)
                C[p, C_ALIVE] = 0
                return
            if T.residence[L[place, L_SERVICE]]:
                end_episode(K, person)
                if asked_already:
                    C[p, C_ALIVE] = 0
                    return
            elif asked_already:
                C[p, C_TARGET] = K.L.back[0]
                C[p, C_STATE] = ONWARD
                continue
            C[p, C_STATE] = STAY_END
            until(K, p, max(now, L[place, L_DECIDES_AT]), OWN)
            return
        elif state == STAY_END:
            C[p, C_TARGET] = decide(K.m, person)
            C[p, C_STATE] = ONWARD
        elif not attend(K.m, p):
            return


@part
def attend(m: int, p: int) -> bool:
    """Take the next step of a service received alongside; return whether another follows."""
    K = kernel_of(m)
    S, T = K.S, K.T
    C, R = S.processes, S.requests
    person, service, r = C[p, C_PERSON], C[p, C_SERVICE], C[p, C_REQUEST]
    state = C[p, C_STATE]
    now = S.scalars[NOW]
    size = attributes_of(K)
    if state == BESIDE_ANSWER:
        if not R[r, R_ANSWERED]:
            R[r, R_WAITER] = p
            return False
        if not R[r, R_BOOKED]:
            instead = stands_in(K, person, R[r, R_DIVERTED_TO])
            if instead < 0:
                C[p, C_ALIVE] = 0
                return False
            C[p, C_SERVICE] = instead
            C[p, C_REQUEST] = ask_beside(K, person, instead, C[p, C_SLOT])
            return True
        C[p, C_STATE] = BESIDE_BEGUN
        if S.spells[R[r, R_SPELL], S_STARTED] == NEVER:
            C[p, C_STATE] = BESIDE_OPEN
            until(K, p, next_open(T, T.admits[service], now), STEP + C[p, C_SLOT])
            return False
        return True
    if state == BESIDE_OPEN:
        begin_step(K.m, r)
        C[p, C_STATE] = BESIDE_BEGUN
        return True
    if state == BESIDE_BEGUN:
        if T.stay[service] == -1 and T.max_stay[service] == -1:
            C[p, C_ALIVE] = 0
            return False
        look(K, person)
        via, stream = S.values[person, size + VIA], S.values[person, size + STREAM]
        S.values[person, size + VIA] = -1
        S.values[person, size + STREAM] = R[r, R_STREAM]
        length = draw_length(K.m, person, service)
        S.values[person, size + VIA] = via
        S.values[person, size + STREAM] = stream
        C[p, C_STATE] = BESIDE_ENDED
        until(K, p, S.spells[R[r, R_SPELL], S_STARTED] + length, STEP + C[p, C_SLOT])
        return False
    via = S.values[person, size + VIA]
    finish_step(K.m, r)
    S.values[person, size + VIA] = via  # nobody comes on by way of it
    apply_sets(K.m, person, service)
    C[p, C_ALIVE] = 0
    return False


@inner
def ask_beside(K: Any, person: int, service: int, slot: int) -> int:
    """Ask for a service alongside, as if nothing had been asked for before."""
    S = K.S
    size = attributes_of(K)
    via, stream = S.values[person, size + VIA], S.values[person, size + STREAM]
    S.values[person, size + VIA] = -1
    r = ask(K.m, person, service, slot)
    S.requests[r, R_SEVERAL] = 1
    S.values[person, size + VIA] = via
    S.values[person, size + STREAM] = stream
    return r


@inner
def has_slot(K: Any, person: int, slot: int) -> bool:
    """Tell whether a person asks for something in a slot, or receives it."""
    R = K.S.requests
    for column in (P_REQUESTS, P_STEPS):
        r = K.S.people[person, column]
        while r >= 0:
            if R[r, R_SLOT] == slot:
                return True
            r = R[r, R_NEXT]
    return False


@part
def ask_alongside(m: int, person: int, place: int) -> None:
    """Ask for what is received alongside a stay, in written order."""
    K = kernel_of(m)
    S, T = K.S, K.T
    here = S.people[person, P_PLACE] == place and not S.places[place, L_INTERRUPTED]
    if not here or S.people[person, P_END_STATE]:
        return
    service = S.places[place, L_SERVICE]
    look_back(K, person, place)
    first, last = T.along_first[service], T.along_first[service + 1]
    wanted = np.full(last - first, -1)
    for k in range(first, last):
        if T.along_who[k] == -1 or payload(K, person, T.along_who[k]) != -1:
            wished = own_service(T, T.along_target[k], S.values[person])
            wanted[k - first] = in_use(K, person, wished)
    for k in range(last - first):
        slot = ALONGSIDE + k
        if wanted[k] >= 0 and not has_slot(K, person, slot):
            r = ask_beside(K, person, wanted[k], slot)
            new_beside(K, person, wanted[k], r, slot)
