"""The beta law between two bounds, and with it PERT."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carepath_sim.plan.laws import Array, Law, floats


@dataclass(frozen=True)
class Beta(Law):
    """The beta law, stretched over [low, high].

    Parameters
    ----------
    alpha, beta
        Shapes at the lower and at the upper end.
    low, high
        The bounds.
    """

    alpha: float
    beta: float
    low: float
    high: float

    @property
    def mean(self) -> float:
        """Expectation, as far between the bounds as alpha is of alpha + beta."""
        return self.low + (self.high - self.low) * self.alpha / (self.alpha + self.beta)

    @property
    def variance(self) -> float:
        """Variance, (high - low)^2 ab / ((a + b)^2 (a + b + 1))."""
        both = self.alpha + self.beta
        return (self.high - self.low) ** 2 * self.alpha * self.beta / (both * both * (both + 1))

    @property
    def marks(self) -> Array:
        """The bounds."""
        return np.array([self.low, self.high])

    def cdf(self, x: Array) -> Array:
        """P(X <= x)."""
        from scipy.special import betainc

        part = np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)
        return floats(betainc(self.alpha, self.beta, part))

    def sf(self, x: Array) -> Array:
        """P(X > x)."""
        from scipy.special import betainc

        part = np.clip((self.high - x) / (self.high - self.low), 0.0, 1.0)
        return floats(betainc(self.beta, self.alpha, part))

    def quantile(self, p: Array, q: Array) -> Array:
        """Value at (p, q), counted from the nearer end."""
        from scipy.special import betaincinv

        low = p < q
        x = np.empty_like(p)
        width = self.high - self.low
        x[low] = self.low + width * betaincinv(self.alpha, self.beta, p[low])
        x[~low] = self.high - width * betaincinv(self.beta, self.alpha, q[~low])
        return x
