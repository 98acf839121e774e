"""How many replications a wanted precision needs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FEWEST = 3
"""Replications before which no precision is believed."""
LOOK_AHEAD = 5
"""Further replications through which it must hold, of a hundred or fewer."""


def looking_ahead(n: int) -> int:
    """Return through how many further replications a precision reached at `n` must hold.

    >>> looking_ahead(20), looking_ahead(300)
    (5, 15)
    """
    return LOOK_AHEAD if n <= 100 else LOOK_AHEAD * n // 100


def replications_needed(ratio: Callable[[int], float], done: int) -> int | None:
    """Return the first number of replications that is precise enough and stays so.

    Parameters
    ----------
    ratio
        Half width by wanted half width after so many replications; 1 or less is precise enough,
        nan is not.
    done
        How many replications there are.

    Returns
    -------
        The number; None when more replications are needed, if only to look ahead.

    Notes
    -----
    Hoad, Robinson & Davies (2010), Automated selection of the number of replications for a
    discrete-event simulation, Journal of the Operational Research Society 61: the half width must
    stay small for `looking_ahead` further replications, because a first small one may be luck.

    Examples
    --------
    Precise enough at 4 by luck, at 6 for good:

    >>> ratios = [2, 2, 0.9, 1.1, 0.8, 0.8, 0.7, 0.7, 0.7, 0.7]
    >>> replications_needed(lambda n: ratios[n - 2], done=11)
    6
    """
    candidate = FEWEST
    for n in range(FEWEST, done + 1):
        if not ratio(n) <= 1:
            candidate = n + 1
        elif n >= candidate + looking_ahead(candidate):
            return candidate
    return None


def predicted(done: int, ratio: float) -> int:
    """Return how many replications a precision will probably need.

    Parameters
    ----------
    done
        How many there are.
    ratio
        Half width by wanted half width after them.

    Notes
    -----
    Widths shrink with the square root of the number (Law, Simulation Modeling and Analysis, 5th
    edition, section 9.4.1).

    Examples
    --------
    >>> predicted(10, 2.0)
    40
    """
    return math.ceil(done * max(1.0, ratio) ** 2)
