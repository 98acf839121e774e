"""Rules of capacity that changes during a stay: which step of a taper holds, and when it falls.

`V` is a `plan.tapers.Tapers`, with arrays when compiled, with lists when the journeys read it.
"""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import rule


@rule
def next_fall(V: Any, taper: int, step: int, since: int, ready: int) -> int:
    """Return the instant at which the step after `step` of a taper begins, FAR if it never does.

    Parameters
    ----------
    since, ready
        When the stay began, and when it is over [ms]; `ready` NEVER: it never is.
    """
    k = V.first[taper] + step + 1
    if k >= V.first[taper + 1] or V.units[k] < 0:
        return 4611686018427387904
    t: int = since + V.after[k]
    if ready != -(2**63) and t > ready:
        return 4611686018427387904
    return t


@rule
def begins_to_hold(C: Any, first: int, holds: bool, now: int) -> bool:  # noqa: FBT001 - a rule
    """Keep watch over a condition; tell whether it holds now and did not a moment ago.

    What is broken and mended within one instant has not been broken: an instant has the state that
    its last event leaves.

    Parameters
    ----------
    C, first
        From `first` on: since when the condition holds (FAR: it does not), since when it held
        before, and when it was last broken [ms].
    """
    if holds == (C[first] != 4611686018427387904):
        return False
    if holds:
        C[first] = C[first + 1] if C[first + 2] == now else now
        return True
    C[first + 1] = C[first]
    C[first + 2] = now
    C[first] = 4611686018427387904
    return False


@rule
def step_at(V: Any, taper: int, since: int, ready: int, t: int) -> int:
    """Return the number of the step of a taper that holds once those due at `t` have fallen."""
    step = 0
    while next_fall(V, taper, step, since, ready) <= t:
        step += 1
    return step
