"""Indices of sensitivity from the values at the points of their designs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def elementary_effects(
    design: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Elementary effects of Morris trajectories.

    Parameters
    ----------
    design
        Points, shape `(trajectories x (parameters + 1), parameters)`; from one point of a
        trajectory to the next one parameter moves.
    values
        Shape `(point,)` [unit of the measure].

    Returns
    -------
        Shape `(trajectory, parameter)` [unit of the measure, over the whole range].

    Raises
    ------
    ValueError
        If more than one parameter moves in a step.

    Notes
    -----
    Morris (1991), Technometrics 33, pages 161-174.

    Examples
    --------
    >>> corners = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.5]])
    >>> elementary_effects(corners, np.array([1.0, 4.0, 5.0])).tolist()
    [[3.0, 2.0]]
    """
    number = design.shape[1]
    points = design.reshape(-1, number + 1, number)
    steps = np.diff(points, axis=1)
    if ((np.abs(steps) > 1e-9).sum(axis=2) != 1).any():
        raise ValueError("One parameter moves in each step of a trajectory.")
    gains = np.diff(values.reshape(-1, number + 1), axis=1)
    moved = np.abs(steps).argmax(axis=2)
    lengths = np.take_along_axis(steps, moved[..., None], axis=2)[..., 0]
    found = np.empty((len(points), number))
    np.put_along_axis(found, moved, gains / lengths, axis=1)
    return found


def sobol_indices(values: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    """First-order and total indices of Saltelli's design.

    Parameters
    ----------
    values
        Values at the points, in blocks of A, one AB a parameter, B; shape
        `(samples x (parameters + 2),)` [unit of the measure].
    number
        How many parameters there are.

    Returns
    -------
        Shape `(2, parameter)`: first order, total; nan where the values do not vary.

    Notes
    -----
    Saltelli and others (2010), Computer Physics Communications 181, pages 259-270: the first-order
    estimator of their table 2 (b), the total one of Jansen (f).
    """
    blocks = values.reshape(-1, number + 2)
    a, mixed, b = blocks[:, :1], blocks[:, 1:-1], blocks[:, -1:]
    centre = values.mean()
    variance = np.concatenate([a, b]).var()
    if variance <= 1e-24 * (1 + centre**2):
        return np.full((2, number), np.nan)
    first = ((b - centre) * (mixed - a)).mean(axis=0) / variance
    total = ((a - mixed) ** 2).mean(axis=0) / 2 / variance
    return np.stack([first, total])
