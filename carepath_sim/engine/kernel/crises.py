"""Episodes: how they begin, how they are broken off, how lives end; and attributes that change."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.kernel.agenda import at, start_process
from carepath_sim.engine.kernel.chance import CAUSE, VIA, attributes_of, look, where
from carepath_sim.engine.kernel.columns import *
from carepath_sim.engine.kernel.hazards import next_crisis, reckon, settle
from carepath_sim.engine.kernel.lines import withdraw
from carepath_sim.engine.kernel.lists import clear, find, push, remove
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.moves import (
    CAME_BACK,
    FROM_START,
    INTERRUPTED,
    change,
    change_state,
    leave,
    move,
    new_place,
    new_spell,
    note_change,
    open_home,
    release_step,
    return_to_kept,
    shift,
    stop_keeping,
    visit_of,
)
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.kernel.programmes import leave_all, look_again
from carepath_sim.engine.people import draw_episode
from carepath_sim.engine.rules import quantile
from carepath_sim.engine.streams import uniform

DIED_OUTCOME, LEFT_MODEL = 7, 8


# --- attributes ------------------------------------------------------------------------------


@part
def apply_sets(m: int, person: int, service: int) -> None:
    """Set the attributes that a service sets."""
    K = kernel_of(m)
    S, L = K.S, K.L
    for k in range(L.set_first[service], L.set_first[service + 1]):
        attribute = L.set_attribute[k]
        node = find(K, person, P_SETS, attribute)
        before = S.values[person, attribute]
        if node >= 0:
            before = S.nodes[node, 3]
            remove(K, person, P_SETS, node)
        change(K.m, person, attribute, L.set_code[k])
        if L.set_lasts[k]:
            until = S.scalars[NOW] + L.set_lasts[k]
            push(K, person, P_SETS, attribute, until, before)
            at(K, until, PEOPLE, person, SETTING, DO_UNDO, person, attribute)


@part
def undo(m: int, person: int, attribute: int) -> None:
    """Take back what was set for a time, unless it was set anew since."""
    K = kernel_of(m)
    S = K.S
    node = find(K, person, P_SETS, attribute)
    if node >= 0 and S.nodes[node, 2] == S.scalars[NOW] and not S.people[person, P_END_STATE]:
        before = S.nodes[node, 3]
        remove(K, person, P_SETS, node)
        change(K.m, person, attribute, before)


# --- episodes --------------------------------------------------------------------------------


@inner
def write_codes(K: Any, person: int) -> None:
    """Write the attributes of an episode as they are now."""
    S = K.S
    episode = S.people[person, P_EPISODE]
    for k in range(len(K.L.episode_attributes)):
        S.codes[episode, k] = S.values[person, K.L.episode_attributes[k]]


@inner
def end_episode(K: Any, person: int) -> None:
    """Note when an episode came to rest."""
    S = K.S
    episode = S.people[person, P_EPISODE]
    if episode >= 0:
        if S.episodes[episode, E_ENDED] == NEVER:
            S.episodes[episode, E_ENDED] = S.scalars[NOW]
        write_codes(K, person)


@inner
def note_exit(K: Any, person: int, service: int) -> None:
    """Note the way out by which an episode ended."""
    episode = K.S.people[person, P_EPISODE]
    if episode >= 0:
        K.S.episodes[episode, E_EXIT] = service


@part
def begin_episode(m: int, person: int, cause: int, planned: int) -> None:
    """Start an episode: its attributes are drawn anew."""
    K = kernel_of(m)
    S = K.S
    people = S.people
    number = S.numbers[person, cause] + 1
    S.numbers[person, cause] = number
    end_episode(K, person)
    e = S.scalars[EPISODES]
    S.scalars[EPISODES] = e + 1
    S.episodes[e, E_PERSON] = person
    S.episodes[e, E_INDEX] = people[person, P_EPISODES]
    S.episodes[e, E_CAUSE] = cause
    S.episodes[e, E_NUMBER] = number
    S.episodes[e, E_BEGAN] = S.scalars[NOW]
    S.episodes[e, E_PLANNED] = planned
    S.episodes[e, E_ENDED] = NEVER
    S.episodes[e, E_EXIT] = -1
    people[person, P_EPISODE] = e
    people[person, P_EPISODES] += 1
    people[person, P_CAUSE] = cause
    people[person, P_NUMBER] = number
    clear(K, person, P_COUNTS)
    look(K, person)
    size = attributes_of(K)
    S.values[person, size + CAUSE] = cause
    S.values[person, size + VIA] = -1
    own = K.L.episode_attributes
    if len(own):
        for k in range(len(own)):
            node = find(K, person, P_SETS, own[k])
            if node >= 0:
                remove(K, person, P_SETS, node)
        row = people[person, P_GIVEN]
        known = row * size if row >= 0 and people[person, P_EPISODES] == 1 else -1
        draw_episode(
            K.T, K.A, K.G.codes, known, cause, S.scalars[SEED], S.scalars[REPLICATION],
            people[person, P_INDEX], people[person, P_IDENTITY], number << 16,
            people[person, P_SOURCE] * size, S.scalars[NOW], S.values[person],
        )  # fmt: skip
    write_codes(K, person)


@part
def break_off(m: int, person: int, outcome: int) -> None:
    """Stop everything that is under way for a person, but for the present place."""
    K = kernel_of(m)
    S = K.S
    people, R, C = S.people, S.requests, S.processes
    while people[person, P_REQUESTS] >= 0:
        r = people[person, P_REQUESTS]
        withdraw(K.m, r)
        if people[person, P_REQUESTS] == r:  # it has started already
            people[person, P_REQUESTS] = R[r, R_NEXT]
            R[r, R_OPEN] = 0
    steps = people[person, P_STEPS]
    r = steps
    while r >= 0:
        spell = R[r, R_SPELL]
        S.spells[spell, S_LEFT] = S.scalars[NOW]
        S.spells[spell, S_OUTCOME] = outcome
        S.spells[spell, S_CAUSE] = people[person, P_CAUSE]
        release_step(K, r)
        r = R[r, R_NEXT]
    people[person, P_STEPS] = -1
    p = people[person, P_PROCESSES]
    while p >= 0:
        C[p, C_ALIVE] = 0
        p = C[p, C_NEXT]
    people[person, P_PROCESSES] = -1
    p = people[person, P_BESIDE]
    while p >= 0:
        C[p, C_ALIVE] = 0
        p = C[p, C_NEXT]
    people[person, P_BESIDE] = -1
    if outcome == INTERRUPTED and len(K.Z.attribute):
        steps_had_effect(K.m, person, steps)


@part
def steps_had_effect(m: int, person: int, steps: int) -> None:
    """Let steps that were broken off change levels, in the order of their slots."""
    K = kernel_of(m)
    S, R = K.S, K.S.requests
    slot = -1
    while True:
        chosen, r = -1, steps
        while r >= 0:
            later = R[r, R_SLOT] > slot
            if later and (chosen < 0 or R[r, R_SLOT] < R[chosen, R_SLOT]):
                chosen = r
            r = R[r, R_NEXT]
        if chosen < 0:
            return
        slot = R[chosen, R_SLOT]
        spell = R[chosen, R_SPELL]
        stayed = S.spells[spell, S_LEFT] - S.spells[spell, S_STARTED]
        change_state(K.m, person, S.spells[spell, S_SERVICE], stayed)


@inner
def new_process(K: Any, person: int, state: int, target: int, slot: int) -> int:
    """Return a new process of a person, which begins before anybody else goes on."""
    S = K.S
    C = S.processes
    p = S.scalars[PROCESSES]
    S.scalars[PROCESSES] = p + 1
    C[p, C_PERSON] = person
    C[p, C_STATE] = state
    C[p, C_SLOT] = slot
    C[p, C_SERVICE] = -1
    C[p, C_TARGET] = target
    C[p, C_REQUEST] = -1
    C[p, C_PARENT] = -1
    C[p, C_UNDER_WAY] = 0
    C[p, C_ALIVE] = 1
    C[p, C_NEXT] = S.people[person, P_PROCESSES]
    C[p, C_ROUTE] = -1
    C[p, C_EVENT] = 0
    C[p, C_DEPARTED] = NEVER
    C[p, C_EXIT] = -1
    S.people[person, P_PROCESSES] = p
    start_process(K, p)
    return p


@inner
def new_beside(K: Any, person: int, service: int, request: int, slot: int) -> None:
    """Begin a process of a service received alongside the present stay."""
    S = K.S
    p = new_process(K, person, BESIDE_ANSWER, -1, slot)
    S.people[person, P_PROCESSES] = S.processes[p, C_NEXT]
    S.processes[p, C_NEXT] = S.people[person, P_BESIDE]
    S.people[person, P_BESIDE] = p
    S.processes[p, C_SERVICE] = service
    S.processes[p, C_REQUEST] = request


@part
def crisis(m: int, person: int, due: int) -> None:
    """A hazard fires: a new episode begins, or the person dies."""
    K = kernel_of(m)
    S, H, T = K.S, K.H, K.T
    people = S.people
    if people[person, P_DUE] != due or people[person, P_END_STATE]:
        return
    hazard = people[person, P_WHICH]
    settle(K, person)
    S.occasions[person, hazard] += 1
    key = T.decision_key[H.decision[hazard] * T.causes[0]]
    u = uniform(
        S.scalars[SEED], S.scalars[REPLICATION], people[person, P_INDEX], key,
        people[person, P_IDENTITY], S.occasions[person, hazard],
    )  # fmt: skip
    S.budgets[person, hazard] = quantile(
        H.budget_table_u, H.budget_table_v, 0, len(H.budget_table_u), u
    )
    people[person, P_DUE] = FAR
    if hazard == K.L.progression[0]:
        shift(K, person, K.L.progression[1], K.L.progression_level, 0)
        next_crisis(K.m, person)
        return
    if H.deadly[hazard]:
        break_off(K.m, person, DIED_OUTCOME)
        depart(K.m, person, DIED)
        return
    place = people[person, P_PLACE]
    if S.places[place, L_SPELL] < 0 and S.places[place, L_SERVICE] == HOME:
        open_home(K.m, person, FROM_START)
    begin_episode(K.m, person, H.cause[hazard], H.planned[hazard])
    break_off(K.m, person, INTERRUPTED)
    place = people[person, P_PLACE]
    S.places[place, L_INTERRUPTED] = 1
    service = S.places[place, L_SERVICE]
    if not T.residence[service] and not T.keeps_place[service]:
        fall_back(K.m, person)
    next_crisis(K.m, person)
    new_process(K, person, ONWARD, H.target[hazard], 0)


@part
def fall_back(m: int, person: int) -> None:
    """Return somebody whose stay was broken off to their residence, where the crisis is met."""
    K = kernel_of(m)
    S = K.S
    people, L = S.people, S.places
    node = people[person, P_KEPT]
    lives_elsewhere = False
    while node >= 0:
        if K.T.residence[L[S.nodes[node, 1], L_SERVICE]]:
            lives_elsewhere = True
        node = S.nodes[node, 0]
    if lives_elsewhere:
        return_to_kept(K.m, person, NEVER)
    else:
        old = people[person, P_PLACE]
        s = new_spell(K, person, HOME, visit_of(K, old), -1)
        S.spells[s, S_GRANTED] = S.scalars[NOW]
        S.spells[s, S_WAITED_AT] = where(K, old)
        S.spells[s, S_HOW] = CAME_BACK
        move(K.m, person, new_place(K, HOME, s))
    L[people[person, P_PLACE], L_INTERRUPTED] = 1


@part
def depart(m: int, person: int, to: int) -> None:
    """Close the life of a person in the model: death, or leaving it."""
    K = kernel_of(m)
    S = K.S
    people, L = S.people, S.places
    place = people[person, P_PLACE]
    if L[place, L_SPELL] < 0 and L[place, L_SERVICE] == HOME:
        open_home(K.m, person, FROM_START)
    settle(K, person)
    spell = L[place, L_SPELL]
    if spell >= 0:
        S.spells[spell, S_OUTCOME] = DIED_OUTCOME if to == DIED else LEFT_MODEL
    leave(K.m, person, place, to)
    node = people[person, P_KEPT]
    while node >= 0:
        following = S.nodes[node, 0]
        stop_keeping(K.m, person, S.nodes[node, 1])
        node = following
    end_episode(K, person)
    if K.T.kind[to] == EXIT:
        note_exit(K, person, to)
    people[person, P_PLACE] = new_place(K, to, -1)
    people[person, P_END_STATE] = 1 if to == DIED else 2
    people[person, P_END_AT] = S.scalars[NOW]
    people[person, P_DUE] = FAR
    people[person, P_AT_RISK] = 0
    if len(K.B.caseload):
        leave_all(K.m, person, to)


# --- birthdays -------------------------------------------------------------------------------


@inner
def expect_birthdays(K: Any) -> None:
    """Expect the next day on which somebody has a birthday."""
    S, L = K.S, K.L
    k = S.scalars[NEXT_BIRTHDAYS]
    if k + 1 < len(L.birthdays):
        S.scalars[NEXT_BIRTHDAYS] = k + 1
        at(K, L.birthdays[k, 0], CALENDAR, 0, BIRTHDAYS, DO_BIRTHDAYS, k, 0)


@part
def celebrate(m: int, day: int) -> None:
    """Those whose birthday it is grow a year older, in order of their numbers."""
    K = kernel_of(m)
    expect_birthdays(K)
    S, L = K.S, K.L
    age_at, band_at, oldest = L.ageing[0], L.ageing[1], L.ageing[2]
    for k in range(L.birthdays[day, 1], L.birthdays[day + 1, 1]):
        person = L.celebrating[k]
        age = S.values[person, age_at]
        if S.people[person, P_END_STATE] or age < 0 or age >= oldest:
            continue
        band, before = L.band_of[age + 1], S.values[person, band_at]
        S.values[person, age_at] = age + 1
        note_change(K, person, age_at, age + 1)
        moved = band not in (before, -1)
        if moved:
            S.values[person, band_at] = band
            note_change(K, person, band_at, band)
        if len(K.B.caseload):
            look_again(K.m, person)
        if L.ageing[3] or (moved and L.ageing[4]):
            reckon(K.m, person)
