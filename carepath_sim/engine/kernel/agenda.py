"""The agenda: what is to happen next, in the order of time, phase, number, kind and age."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import inner
from carepath_sim.engine.kernel.columns import (
    A_FIRST,
    A_KEY,
    A_SECOND,
    A_SEQ,
    A_TIME,
    A_WHAT,
    AGENDA,
    END,
    NORMAL_TAIL,
    NOW,
    SEQ,
    URGENT_TAIL,
)


@inner
def before(a: Any, i: int, b: Any, j: int) -> bool:
    """Tell whether one entry comes before another."""
    if a[i, 0] != b[j, 0]:
        return a[i, 0] < b[j, 0]
    if a[i, 1] != b[j, 1]:
        return a[i, 1] < b[j, 1]
    return a[i, 2] < b[j, 2]


@inner
def at(
    K: Any, t: int, phase: int, number: int, kind: int, what: int, first: int, second: int
) -> None:
    """Put something on the agenda; beyond the end of the run it never happens."""
    S = K.S
    scalars = S.scalars
    if t >= scalars[END]:
        return
    agenda = S.agenda
    key = (phase + 1) << 46 | number << 6 | kind
    seq = scalars[SEQ] + 1
    scalars[SEQ] = seq
    k = scalars[AGENDA]
    scalars[AGENDA] = k + 1
    while k > 0:
        up = (k - 1) >> 1
        if agenda[up, A_TIME] < t or (
            agenda[up, A_TIME] == t
            and (agenda[up, A_KEY] < key or (agenda[up, A_KEY] == key and agenda[up, A_SEQ] < seq))
        ):
            break
        for column in range(6):
            agenda[k, column] = agenda[up, column]
        k = up
    agenda[k, A_TIME] = t
    agenda[k, A_KEY] = key
    agenda[k, A_SEQ] = seq
    agenda[k, A_WHAT] = what
    agenda[k, A_FIRST] = first
    agenda[k, A_SECOND] = second


@inner
def drop_first(K: Any) -> None:
    """Take the first entry off the agenda."""
    S = K.S
    agenda = S.agenda
    n = S.scalars[AGENDA] - 1
    S.scalars[AGENDA] = n
    if n == 0:
        return
    k = 0
    while True:
        child = 2 * k + 1
        if child >= n:
            break
        if child + 1 < n and before(agenda, child + 1, agenda, child):
            child += 1
        if before(agenda, n, agenda, child):
            break
        for column in range(6):
            agenda[k, column] = agenda[child, column]
        k = child
    if k != n:
        for column in range(6):
            agenda[k, column] = agenda[n, column]


@inner
def wake(K: Any, process: int) -> None:
    """Let a process go on as soon as what happens now is done, first come first served."""
    S = K.S
    S.normal[S.scalars[NORMAL_TAIL]] = process
    S.scalars[NORMAL_TAIL] += 1


@inner
def start_process(K: Any, process: int) -> None:
    """Let a new process begin before anybody else goes on."""
    S = K.S
    S.urgent[S.scalars[URGENT_TAIL]] = process
    S.scalars[URGENT_TAIL] += 1


@inner
def now_of(K: Any) -> int:
    """Return the present instant [ms]."""
    return K.S.scalars[NOW]
