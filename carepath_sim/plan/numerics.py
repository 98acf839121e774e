"""What has no closed form: quantiles by root finding, moments by quadrature."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.plan.laws import Array, Law, outline

if TYPE_CHECKING:
    from collections.abc import Callable

HALVINGS = 200
"""Octaves of the tail that enter a numerical moment: down to 2^-200."""


def solve(law: Law, p: Array, q: Array, low: Array, high: Array) -> Array:
    """Invert the distribution function between bounds.

    Parameters
    ----------
    law
        The law; its distribution function is continuous between the bounds.
    p, q
        Where to look, shape ``(n,)``.
    low, high
        Values at or below, and at or above, the one sought.

    Returns
    -------
    :
        The values, shape ``(n,)``.

    Notes
    -----
    Chandrupatla (1997), Advances in Engineering Software 28, 145-149: inverse quadratic
    interpolation where it is safe, otherwise bisection. The function solved is the logarithm of the
    ratio of the smaller tail to the one sought, which is close to straight.
    """
    lower = p < q

    def miss(x: Array, at: Array) -> Array:
        # Only the tail that is asked for is computed: the other has lost its digits.
        out = np.empty_like(x)
        side = lower[at]
        with np.errstate(divide="ignore"):
            if side.any():
                out[side] = np.log(law.cdf(x[side])) - np.log(p[at][side])
            if not side.all():
                out[~side] = np.log(q[at][~side]) - np.log(law.sf(x[~side]))
        return out

    return _chandrupatla(miss, low, high)


def _chandrupatla(miss: Callable[[Array, Any], Array], low: Array, high: Array) -> Array:
    """Root of each increasing function `miss` between `low` and `high`."""
    result = high.copy()
    at = np.flatnonzero(high > low)
    if not at.size:
        return result
    a, b = high[at].copy(), low[at].copy()
    fa, fb = miss(a, at), miss(b, at)
    # Bounds that are roots already, up to rounding, stand.
    result[at] = np.where(fa <= 0, a, np.where(fb >= 0, b, np.nan))
    going = (fa > 0) & (fb < 0)
    at, a, b, fa, fb = at[going], a[going], b[going], fa[going], fb[going]
    t = np.full_like(a, 0.5)
    for _ in range(200):
        if not at.size:
            return result
        x = a + t * (b - a)
        fx = miss(x, at)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best = np.where(np.abs(fa) < np.abs(fb), a, b)
        width = np.abs(b - a)
        room = 4e-13 * np.abs(best) / np.where(width > 0, width, 1.0)
        done = (room > 0.5) | (fx == 0) | (width == 0)
        result[at] = np.where(fx == 0, x, best)
        with np.errstate(all="ignore"):
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            smooth = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
            guess = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (
                fc - fb
            )
        t = np.where(smooth & np.isfinite(guess), guess, 0.5)
        t = np.clip(t, np.minimum(room, 0.5), 1 - np.minimum(room, 0.5))
        going = ~done
        at, a, b, fa, fb, t = at[going], a[going], b[going], fa[going], fb[going], t[going]
    return result


def moments(law: Law) -> tuple[float, float]:
    """Mean and variance by integrating the quantile function.

    Parameters
    ----------
    law
        A law whose quantiles are known, but not its moments.

    Returns
    -------
    :
        Mean and variance. Gauss-Legendre panels of eight points, halving towards both ends of each
        stretch between marks; one panel where the quantile function is straight.
    """
    p, q, x = outline(law)
    node, weight = np.polynomial.legendre.leggauss(8)
    node, weight = (node + 1) / 2, weight / 2
    mass = np.where(p[1:] <= 0.5, p[1:] - p[:-1], q[:-1] - q[1:])
    values, weights = [x[:-1][::2]], [mass[::2]]
    for k in range(1, len(x) - 1, 2):
        if mass[k] <= 0:
            continue
        if law.straight:
            cuts_low, cuts_high = np.array([0.0, 0.5]), np.array([0.0, 0.5])
        else:
            tail = HALVINGS if math.isinf(x[k + 1]) else 50
            cuts_low = np.concatenate([[0.0], 2.0 ** np.arange(-50, 0)])
            cuts_high = np.concatenate([[0.0], 2.0 ** np.arange(-tail, 0)])
        for cuts, rising in ((cuts_low, True), (cuts_high, False)):
            width = np.diff(cuts)
            part = (cuts[:-1, None] + width[:, None] * node).ravel() * mass[k]
            here = (width[:, None] * weight).ravel() * mass[k]
            at_p = p[k] + part if rising else p[k + 1] - part
            at_q = q[k] - part if rising else q[k + 1] + part
            values.append(law.quantile(np.clip(at_p, 0, 1), np.clip(at_q, 0, 1)))
            weights.append(here)
    value, share = np.concatenate(values), np.concatenate(weights)
    kept = share > 0
    value, share = value[kept], share[kept]
    mean = float(share @ value)
    return mean, float(share @ (value - mean) ** 2)
