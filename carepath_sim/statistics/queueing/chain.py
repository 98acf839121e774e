"""Steady states of Markov chains in continuous time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from numpy.typing import ArrayLike, NDArray

State = TypeVar("State", bound="Hashable")


def birth_death(births: ArrayLike, deaths: ArrayLike) -> NDArray[np.float64]:
    """Steady state of a chain that moves up or down by one.

    Parameters
    ----------
    births
        Rate from state `i` to `i + 1` [1 / time]; all above zero.
    deaths
        Rate from state `i + 1` to `i` [1 / time]; all above zero.

    Returns
    -------
        Share of time in each state, one more than there are rates.

    Examples
    --------
    >>> birth_death([1.0, 1.0], [1.0, 2.0]).tolist()
    [0.4, 0.4, 0.2]
    """
    steps = np.log(np.asarray(births, dtype=np.float64)) - np.log(
        np.asarray(deaths, dtype=np.float64)
    )
    # In logarithms, so that neither hundreds of beds nor heavy overload leave the range of floats.
    heights = np.concatenate(([0.0], np.cumsum(steps)))
    weights = np.exp(heights - heights.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def stationary_distribution(
    start: State, transitions: Callable[[State], Iterable[tuple[float, State]]]
) -> dict[State, float]:
    """Steady state of any finite chain, given by its moves.

    Parameters
    ----------
    start
        A state to set out from; every state must be able to come back to it.
    transitions
        The moves out of a state: rate [1 / time] and state reached.

    Returns
    -------
        Share of time in each state that can be reached.

    Examples
    --------
    A bed that fills at rate 1 and empties at rate 3 is taken a quarter of the time:

    >>> moves = {"empty": [(1.0, "taken")], "taken": [(3.0, "empty")]}
    >>> round(stationary_distribution("empty", moves.__getitem__)["taken"], 10)
    0.25
    """
    number = {start: 0}
    states = [start]
    rows: list[int] = []
    columns: list[int] = []
    rates: list[float] = []
    for origin, state in enumerate(states):  # grows while it is walked
        for rate, target in transitions(state):
            if target not in number:
                number[target] = len(states)
                states.append(target)
            rows += [number[target], origin]
            columns += [origin, origin]
            rates += [rate, -rate]
    size = len(states)
    if size == 1:
        return {start: 1.0}
    balance = sparse.csc_array((rates, (rows, columns)), shape=(size, size))
    # One balance equation follows from the others. With the weight of the start fixed at one, the
    # rest is a regular system that stays sparse.
    others = balance[1:, 1:].tocsc()
    towards = -balance[1:, [0]].toarray().ravel()
    weights = np.concatenate(([1.0], np.atleast_1d(linalg.spsolve(others, towards))))
    shares = weights / weights.sum()
    return dict(zip(states, shares.tolist(), strict=True))
