"""Priors: what was thought of a number before the data, as a distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from carepath_sim.calibrate.forms import QUALITIES, one_of, records, words
from carepath_sim.scenario.reading import Flaws, known_keys, one_or_more, prose, shown, text, wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SHAPES: Final = ("uniform", "normal", "lognormal", "logitnormal")
FIELDS: Final = (
    *("field", "title", "shape", "between", "interval80", "bounds"),
    *("source", "quality", "note"),
)
Z80: Final = 1.2815515655446004
"""Four fifths of a normal distribution lie within so many standard deviations."""
LARGEST: Final = 1e300


@dataclass(frozen=True)
class Written:
    """A prior as it stands in a file; ends may carry the unit of their field.

    Attributes
    ----------
    name, title
        Of the parameter.
    fields
        What it sets; several get the same factor.
    shape
        uniform between two values, or normal, lognormal or logit-normal with four fifths between
        them.
    ends
        The two values.
    bounds
        Beyond which it cannot lie; None: nowhere.
    source, quality, note
        Why.
    """

    name: str
    title: str
    fields: tuple[str, ...]
    shape: str
    ends: tuple[str | float, str | float]
    bounds: tuple[str | float, str | float] | None
    source: str
    quality: str
    note: str


@dataclass(frozen=True)
class Prior:
    """The distribution of one number.

    Attributes
    ----------
    shape
        uniform, normal, lognormal or logitnormal.
    low, high
        Ends of the uniform; of the others the 10th and 90th percentile, before bounds.
    bounds
        Truncation.

    Examples
    --------
    >>> prior = Prior("lognormal", 10.0, 40.0)
    >>> [round(float(x), 6) for x in prior.at(np.array([0.1, 0.5, 0.9]))]
    [10.0, 20.0, 40.0]
    """

    shape: str
    low: float
    high: float
    bounds: tuple[float, float] | None = None

    def at(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return quantiles."""
        from scipy.special import ndtr, ndtri

        if self.shape == "uniform":
            return np.asarray(self.low + u * (self.high - self.low))
        first, last = self._ends()
        mu, sigma = (first + last) / 2, (last - first) / (2 * Z80)
        part = np.asarray(u, dtype=np.float64)
        if self.bounds is not None:
            limits = self.scale(np.asarray(self.bounds))
            bottom, top = ndtr((limits - mu) / sigma)
            part = bottom + part * (top - bottom)
        part = np.clip(part, 1e-12, 1 - 1e-12)
        return self.unscale(np.asarray(mu + sigma * ndtri(part)))

    def scale(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values on the scale on which the prior is normal, or as they are."""
        if self.shape == "lognormal":
            return np.asarray(np.log(np.clip(values, 1e-300, LARGEST)))
        if self.shape == "logitnormal":
            inside = np.clip(values, 1e-12, 1 - 1e-12)
            return np.asarray(np.log(inside / (1 - inside)))
        return np.asarray(values, dtype=np.float64)

    def unscale(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values of that scale as they are."""
        if self.shape == "lognormal":
            return np.asarray(np.exp(values))
        if self.shape == "logitnormal":
            return np.asarray(1 / (1 + np.exp(-values)))
        return values

    @property
    def sd(self) -> float:
        """Standard deviation on the scale of the prior."""
        middle = (np.arange(4096) + 0.5) / 4096
        return float(self.scale(self.at(middle)).std())

    def _ends(self) -> tuple[float, float]:
        low, high = self.scale(np.array([self.low, self.high]))
        return float(low), float(high)


def read_priors(raw: object) -> tuple[Written, ...]:
    """Return the priors of a file.

    Raises
    ------
    Wrong
        With every flaw.
    """
    found, _ = records(raw, "parameters", _prior)
    if not found:
        raise wrong("a parameter is needed", "parameters")
    return tuple(found.values())


def _prior(name: str, raw: Mapping[str, Any]) -> Written:
    flaws = Flaws()
    known_keys(raw, FIELDS, flaws)
    if name in {"draw", "weight"}:
        flaws.note("draw and weight are columns of every posterior; take another name")
    given = raw.get("field")
    if given is None:
        flaws.note("the field that it sets must be given, such as pools.beds.capacity", "field")
    fields = flaws.read(one_or_more(text), given, "field") if given is not None else ()
    shape = str(flaws.read(one_of(*SHAPES), raw.get("shape", "uniform"), "shape"))
    key = "between" if shape == "uniform" else "interval80"
    other = "interval80" if key == "between" else "between"
    if other in raw:
        flaws.note(f"a {shape} prior is given by `{key}`, not by `{other}`", other)
    ends = flaws.attempt(_pair, raw.get(key), key)
    bounds = flaws.attempt(_pair, raw["bounds"], "bounds") if "bounds" in raw else None
    if bounds is not None and shape == "uniform":
        flaws.note("a uniform prior has its bounds already", "bounds")
    source = str(flaws.read(words, raw["source"], "source")) if "source" in raw else ""
    quality = ""
    if "quality" in raw:
        quality = str(flaws.read(one_of(*QUALITIES), raw["quality"], "quality"))
    if not source and quality not in {"assumption", "by hand"}:
        flaws.note("its source is needed, or `quality: assumption`")
    title = str(flaws.read(text, raw["title"], "title")) if "title" in raw else ""
    note = str(flaws.read(prose, raw["note"], "note")) if "note" in raw else ""
    flaws.close()
    if ends is None:
        raise wrong("this prior cannot be read")
    return Written(name, title or name, fields, shape, ends, bounds, source, quality, note)


def _pair(raw: object) -> tuple[str | float, str | float]:
    if (
        isinstance(raw, list)
        and len(raw) == 2
        and all(isinstance(one, (int, float, str)) and not isinstance(one, bool) for one in raw)
    ):
        return raw[0], raw[1]
    raise wrong(f"two values, such as [18 d, 30 d], are needed, found {shown(raw)}")
