"""Competing hazards on budgets, and the speed at which people use them up."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.kernel.agenda import at
from carepath_sim.engine.kernel.chance import PROGRAMMES, attributes_of
from carepath_sim.engine.kernel.columns import *
from carepath_sim.engine.kernel.memory import kernel_of
from carepath_sim.engine.kernel.parts import part
from carepath_sim.engine.people import change_risk as risk_changed
from carepath_sim.engine.people import next_event
from carepath_sim.engine.people import settle as used_up
from carepath_sim.engine.rules import speed_of


@inner
def settle(K: Any, person: int) -> None:
    """Take what the hazards used up since they were last looked at."""
    S = K.S
    people = S.people
    if people[person, P_AT_RISK]:
        now = S.scalars[NOW]
        if now > people[person, P_SINCE]:
            service = S.places[people[person, P_PLACE], L_SERVICE]
            used_up(
                K.H, service * S.speeds.shape[1], people[person, P_SINCE], now,
                people[person, P_DISCHARGED], S.speeds[person], S.budgets[person],
            )  # fmt: skip
        people[person, P_SINCE] = now


@part
def expect(m: int, person: int, due: int, which: int) -> None:
    """Expect a hazard to fire."""
    K = kernel_of(m)
    people = K.S.people
    if due == people[person, P_DUE] and which == people[person, P_WHICH]:
        return
    people[person, P_DUE] = due
    people[person, P_WHICH] = which
    kind = K.L.hazard_kind[max(which, 0)]  # of none: whatever stands first, and never comes
    at(K, due, PEOPLE, person, kind, DO_CRISIS, person, due)


@part
def next_crisis(m: int, person: int) -> None:
    """Expect the next event that the hazards bring, if it comes before the end."""
    K = kernel_of(m)
    S = K.S
    people = S.people
    if not people[person, P_AT_RISK]:
        return
    service = S.places[people[person, P_PLACE], L_SERVICE]
    due, which = next_event(
        K.H, service * S.speeds.shape[1], S.scalars[NOW], people[person, P_DISCHARGED],
        S.speeds[person], S.budgets[person],
    )  # fmt: skip
    expect(K.m, person, due, which)


@inner
def change_risk(K: Any, person: int, left: int, discharged: int) -> None:
    """Settle what was used at the place just left, and expect what comes at the new one."""
    S = K.S
    people = S.people
    if not people[person, P_AT_RISK]:
        return
    hazards = S.speeds.shape[1]
    service = S.places[people[person, P_PLACE], L_SERVICE]
    due, which = risk_changed(
        K.H, left * hazards, service * hazards, people[person, P_SINCE], S.scalars[NOW],
        discharged, people[person, P_DISCHARGED], S.speeds[person], S.budgets[person],
    )  # fmt: skip
    people[person, P_SINCE] = S.scalars[NOW]
    expect(K.m, person, due, which)


@inner
def speed_now(K: Any, person: int, h: int) -> float:
    """Return the speed [per ms] of a hazard of a person, with the programmes they are on."""
    S, B = K.S, K.B
    values = S.values[person]
    speed = speed_of(K.H, h, values)
    on = values[attributes_of(K) + PROGRAMMES]
    if on:
        for p in range(len(B.caseload)):
            if on >> p & 1:
                speed = speed * B.factor[p * S.speeds.shape[1] + h]
    return speed


@part
def reckon(m: int, person: int) -> None:
    """Let hazards run on at their new speeds, where any has changed."""
    K = kernel_of(m)
    S = K.S
    if not S.people[person, P_AT_RISK]:
        return
    hazards = S.speeds.shape[1]
    differs = False
    for h in range(hazards):
        differs = differs or speed_now(K, person, h) != S.speeds[person, h]
    if differs:
        settle(K, person)
        for h in range(hazards):
            S.speeds[person, h] = speed_now(K, person, h)
        S.people[person, P_EXPECTED_ANEW] = 1
        next_crisis(K.m, person)
