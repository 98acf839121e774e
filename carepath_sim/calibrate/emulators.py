"""Emulators: Gaussian processes of the mean and of the log variance of a figure."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.experiment.batch import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_VARIANCE = 1e-12


@dataclass(frozen=True)
class Quality:
    """How good an emulator is, each point foretold by all others.

    Attributes
    ----------
    q2
        Share that is foretold of the variance of the means beyond that of their luck.
    coverage
        Share of the points within two of its standard deviations.
    stretch
        By which its variance was enlarged, because its errors were larger than it said.
    """

    q2: float
    coverage: float
    stretch: float

    @property
    def is_good(self) -> bool:
        """Whether answers may rest on it."""
        return self.q2 >= 0.9 and self.coverage >= 0.9


@dataclass(frozen=True)
class Emulator:
    """The mean of a figure over luck, and the variance of a replication, at any point.

    Attributes
    ----------
    mean, noise
        Gaussian processes; None where the figure does not vary.
    level, scale
        The mean process is of `(value - level) / scale`.
    flat
        Variance of a replication where there is no process of it.
    replications
        Of each point that it learned from.
    quality
        How good it is.
    """

    mean: Any
    noise: Any
    level: float
    scale: float
    flat: float
    replications: int
    quality: Quality

    def predict(
        self, u: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean, its variance by the emulator, and by the luck of its replications."""
        if self.mean is None:
            middle, doubt = np.full(len(u), self.level), np.zeros(len(u))
        else:
            found, deviation = self.mean.predict(u, return_std=True)
            middle = self.level + self.scale * found
            # The white noise of the process is that of a replication, and not of the mean.
            own = np.maximum(deviation**2 - self._white(), 0.0)
            doubt = self.quality.stretch * self.scale**2 * own
        return middle, doubt, self.variance(u) / self.replications

    def variance(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the variance of one replication."""
        if self.noise is None:
            return np.full(len(u), self.flat)
        return np.asarray(np.exp(self.noise.predict(u)), dtype=np.float64)

    def _white(self) -> float:
        return float(self.mean.kernel_.k2.noise_level)


def emulate(u: NDArray[np.float64], values: NDArray[np.float64]) -> Emulator:
    """Return the emulator of a figure.

    Parameters
    ----------
    u
        Points, shape `(point, parameter)`.
    values
        Shape `(point, replication)`, at least two replications.

    Notes
    -----
    Kernel: squared exponential with a length for each parameter, plus white noise; by maximum
    likelihood. The log of the sample variance of n replications is lower than that of the variance
    by log((n-1)/2) - psi((n-1)/2) on average, and varies by psi'((n-1)/2) (Bartlett and Kendall
    1946); both are taken into account. Leaving out one point: Rasmussen and Williams, Gaussian
    Processes for Machine Learning, equations 5.12.
    """
    means = values.mean(axis=1)
    n = values.shape[1]
    variances = values.var(axis=1, ddof=1)
    level, scale = float(means.mean()), float(means.std())
    flat = float(variances.mean())
    noise = _noise(u, variances, n)
    if scale <= 1e-12 * (1 + abs(level)):
        return Emulator(None, noise, level, 1.0, flat, n, Quality(1.0, 1.0, 1.0))
    process = _process(u, (means - level) / scale, white=1e-3)
    quality = _left_out(process, (means - level) / scale, flat / n / scale**2)
    return Emulator(process, noise, level, scale, flat, n, quality)


def _noise(u: NDArray[np.float64], variances: NDArray[np.float64], n: int) -> Any:
    from scipy.special import polygamma, psi

    known = variances > LEAST_VARIANCE
    if known.sum() < 10:
        return None
    half = (n - 1) / 2
    logs = np.log(variances[known]) - (psi(half) - np.log(half))
    spread = float(polygamma(1, half))
    level = float(logs.mean())
    return _Noise(_process(u[known], logs - level, white=spread, fixed=True), level)


@dataclass(frozen=True)
class _Noise:
    process: Any
    level: float

    def predict(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self.process.predict(u) + self.level, dtype=np.float64)


def _process(
    u: NDArray[np.float64], y: NDArray[np.float64], *, white: float, fixed: bool = False
) -> Any:
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    except ImportError:
        raise OptionError(
            "calibration needs the package scikit-learn: pip install -e '.[calibrate]'"
        ) from None
    lengths = np.ones(u.shape[1])
    noise = WhiteKernel(white, "fixed") if fixed else WhiteKernel(white, (1e-8, 1.0))
    # Where the noise is known, the surface is smooth unless the data say otherwise.
    shortest = 0.5 if fixed else 0.1
    kernel = (
        ConstantKernel(1.0, (1e-4, 1e4)) * RBF(1.0 if fixed else lengths, (shortest, 30.0)) + noise
    )
    made = GaussianProcessRegressor(kernel, alpha=1e-9, normalize_y=False)
    with warnings.catch_warnings():
        # Lengths at their upper bound mean a parameter that does nothing: that is an answer.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return made.fit(u, y)


def _left_out(process: Any, y: NDArray[np.float64], luck: float) -> Quality:
    from scipy.linalg import cho_solve

    inverse = cho_solve((process.L_, True), np.eye(len(y)))
    diagonal = np.diag(inverse)
    residuals = (inverse @ y) / diagonal
    standardised = residuals * np.sqrt(diagonal)
    # Nobody foretells luck: a figure that varies by nothing else is foretold as well as can be.
    missed, there = float((residuals**2).mean()) - luck, float(y.var()) - luck
    q2 = 1 - max(missed, 0.0) / there if there > 0.05 * luck else 1.0
    coverage = float((np.abs(standardised) <= 2).mean())
    return Quality(q2, coverage, max(1.0, float((standardised**2).mean())))
