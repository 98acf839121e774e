"""Programmes: people are found, stay on a caseload, and run their hazards at another speed."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.kernel.agenda import at
from carepath_sim.engine.kernel.chance import PROGRAMMES, attributes_of, payload
from carepath_sim.engine.kernel.columns import *
from carepath_sim.engine.kernel.hazards import reckon
from carepath_sim.engine.kernel.lines import note
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.rules import duration, first_match
from carepath_sim.engine.rules_programmes import best, find_at
from carepath_sim.engine.streams import uniform

JOINED, LEFT, LOST = 1, 2, 3
# Values of rows of `changes`.
AT_START, FOUND = 0, 1
TIME_OVER, BY_DEATH, OUT_OF_MODEL, MOVED_AWAY = range(4)
NOBODY_THERE, NO_ROOM = 0, 1


# --- what programmes know of people ----------------------------------------------------------


@part
def look_again(m: int, person: int) -> None:
    """Look again at which programmes may find a person."""
    K = kernel_of(m)
    S, B = K.S, K.B
    for p in range(len(B.caseload)):
        who = B.who[p]
        S.meets[p, person] = 1
        if who >= 0:
            found = first_match(K.T, who, S.values[person], attributes_of(K), S.scalars[NOW])
            S.meets[p, person] = 1 if found >= 0 else 0


@inner
def look_where(K: Any, person: int) -> None:
    """Note where somebody is who lives here."""
    S = K.S
    S.present_at[person] = S.places[S.people[person, P_PLACE], L_SERVICE]
    S.gone_home[person] = S.people[person, P_DISCHARGED]


@part
def moved_on(m: int, person: int) -> None:
    """Note a move of somebody who lives here, which may end a programme."""
    K = kernel_of(m)
    S, B = K.S, K.B
    look_where(K, person)
    services = len(K.T.kind)
    for p in range(len(B.caseload)):
        if S.enrolled[p, person] and B.ends_at[p * services + S.present_at[person]]:
            leave_programme(K.m, person, p, MOVED_AWAY)


@part
def leave_all(m: int, person: int, to: int) -> None:
    """Leave all programmes: somebody died, or left the model."""
    K = kernel_of(m)
    S = K.S
    S.present_at[person] = -1
    for p in range(len(K.B.caseload)):
        if S.enrolled[p, person]:
            leave_programme(K.m, person, p, BY_DEATH if to == DIED else OUT_OF_MODEL)


# --- finding, joining, leaving ---------------------------------------------------------------


@part
def begin_programmes(m: int) -> None:
    """Look at everybody who is there, and put people on programmes at the start."""
    K = kernel_of(m)
    S, B = K.S, K.B
    for person in range(S.scalars[PRESENT]):
        if S.people[person, P_LIVES_HERE]:
            look_where(K, person)
            look_again(K.m, person)
    for p in range(len(B.caseload)):
        for _ in range(B.start[p]):
            person = candidate(K.m, p)
            if person < 0:
                break
            enrol(K.m, p, person, AT_START)
        expect_find(K, p, 1)


@inner
def expect_find(K: Any, p: int, number: int) -> None:
    """Expect a find of a programme."""
    interval = K.B.interval[p]
    if interval > 0.0:
        t = find_at(K.B.since[p], interval, number)
        at(K, t, FINDING, p, 0, DO_FIND, p, number)


@part
def find_somebody(m: int, p: int, number: int) -> None:
    """Find somebody, if there is room and anybody who may join."""
    K = kernel_of(m)
    expect_find(K, p, number + 1)
    if K.S.on_caseload[p] >= K.B.caseload[p]:
        note(K, LOST, -1, p, NO_ROOM)
        return
    person = candidate(K.m, p)
    if person < 0:
        note(K, LOST, -1, p, NOBODY_THERE)
    else:
        enrol(K.m, p, person, FOUND)


@part
def candidate(m: int, p: int) -> int:
    """Return the number of the person whom a programme would find now, or -1."""
    K = kernel_of(m)
    S = K.S
    return best(
        K.H, K.L.crisis_exposure, K.B.rule[p], K.T.residence, S.present_at, S.gone_home,
        S.meets[p], S.enrolled[p], S.speeds, S.find_luck[p], S.scalars[NOW],
    )  # fmt: skip


@part
def enrol(m: int, p: int, person: int, how: int) -> None:
    """Put a person on a programme; its effect begins at this instant."""
    K = kernel_of(m)
    S = K.S
    S.enrolled[p, person] = 1
    S.on_caseload[p] += 1
    note(K, JOINED, person, p, how)
    S.values[person, attributes_of(K) + PROGRAMMES] |= 1 << p
    set_end(K, person, p, how)
    S.joins[p, person] += 1
    reckon(K.m, person)


@inner
def set_end(K: Any, person: int, p: int, how: int) -> None:
    """Draw how long a person stays on a programme."""
    S, T, B = K.S, K.T, K.B
    table = payload(K, person, B.lasts[p])
    if table == -1:
        return
    if how == AT_START and B.start_length_biased[p]:
        table = K.L.residual[table]
    key = T.decision_key[B.decision_lasts[p] * T.causes[0]]
    u = uniform(
        S.scalars[SEED], S.scalars[REPLICATION], S.people[person, P_INDEX], key,
        S.people[person, P_IDENTITY], S.joins[p, person],
    )  # fmt: skip
    until = S.scalars[NOW] + duration(T, table, u)
    S.stays_until[p, person] = until
    at(K, until, PEOPLE, person, PROGRAMME_ENDS, DO_TIME_OVER, person, 0)


@part
def time_over(m: int, person: int) -> None:
    """Leave the programmes whose time is over at this instant, in their order."""
    K = kernel_of(m)
    for p in range(len(K.B.caseload)):
        if K.S.stays_until[p, person] == K.S.scalars[NOW]:
            leave_programme(K.m, person, p, TIME_OVER)


@part
def leave_programme(m: int, person: int, p: int, why: int) -> None:
    """Take a person off a programme; its effect ends at this instant."""
    K = kernel_of(m)
    S = K.S
    S.enrolled[p, person] = 0
    S.stays_until[p, person] = FAR
    S.on_caseload[p] -= 1
    note(K, LEFT, person, p, why)
    S.values[person, attributes_of(K) + PROGRAMMES] &= ~(1 << p)
    reckon(K.m, person)
