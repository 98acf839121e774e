"""Designs of sensitivity analyses: points in the unit cube, a parameter an axis, and a dummy."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from carepath_sim.experiment.batch import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHODS: Final = ("tornado", "morris", "sobol")
"""Methods, from the cheapest to the dearest."""
LEVELS: Final = 4
"""Levels of Morris's grid."""


def morris_design(number: int, trajectories: int, seed: int) -> NDArray[np.float64]:
    """Return trajectories of Morris, shape `(trajectories x (number + 1), number)`."""
    design = _salib("sample.morris").sample(
        problem(number), trajectories, num_levels=LEVELS, seed=seed
    )
    return np.asarray(design, dtype=np.float64)


def sobol_design(number: int, samples: int, seed: int) -> NDArray[np.float64]:
    """Return Saltelli's design on a scrambled Sobol sequence.

    Returns
    -------
        Shape `(samples x (number + 2), number)`.

    Raises
    ------
    OptionError
        If the number of samples is no power of 2, of which the sequence is made.
    """
    if samples < 2 or samples & (samples - 1):
        near = 2 ** max(1, round(np.log2(max(samples, 2))))
        raise OptionError(f"samples must be a power of 2, such as {near}, not {samples}")
    design = _salib("sample.sobol").sample(
        problem(number), samples, calc_second_order=False, seed=seed
    )
    return np.asarray(design, dtype=np.float64)


def morris_indices(
    design: NDArray[np.float64], values: NDArray[np.float64], level: float, seed: int
) -> dict[str, NDArray[np.float64]]:
    """Return mu, mu_star, mu_star_conf (half an interval) and sigma, shape `(parameter,)` each."""
    found = _salib("analyze.morris").analyze(
        problem(design.shape[1]), design, values, conf_level=level, num_levels=LEVELS, seed=seed
    )
    names = ("mu", "mu_star", "mu_star_conf", "sigma")
    return {name: np.asarray(found[name], dtype=np.float64) for name in names}


def sobol_result(
    number: int, values: NDArray[np.float64], level: float, seed: int
) -> dict[str, NDArray[np.float64]]:
    """Return first and total indices with half an interval, shape `(parameter,)` each."""
    names = {"first": "S1", "first_conf": "S1_conf", "total": "ST", "total_conf": "ST_conf"}
    if np.ptp(values) <= 1e-12 * (1 + abs(values.mean())):
        return {name: np.full(number, np.nan) for name in names}
    found = _salib("analyze.sobol").analyze(
        problem(number), values, calc_second_order=False, conf_level=level, seed=seed
    )
    return {name: np.asarray(found[key], dtype=np.float64) for name, key in names.items()}


def problem(number: int) -> dict[str, Any]:
    """Return the unit cube as SALib describes it."""
    return {
        "num_vars": number,
        "names": [f"x{k}" for k in range(number)],
        "bounds": [[0.0, 1.0]] * number,
    }


def _salib(module: str) -> Any:
    try:
        return import_module(f"SALib.{module}")
    except ImportError:
        raise OptionError(
            "Morris and Sobol need the package SALib: pip install -e '.[calibrate]'; "
            "the method tornado does without"
        ) from None
