"""Parameters of a fit: priors tied to fields of a scenario, and points as settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.calibrate.priors import Prior, Written
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.lever import Lever
from carepath_sim.experiment.one_of import BESIDE, share_of
from carepath_sim.scenario.positions import parsed
from carepath_sim.scenario.reading import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from carepath_sim.experiment.evaluate import Settings
    from carepath_sim.scenario.model import Scenario


@dataclass(frozen=True)
class Parameter:
    """A number that is fitted.

    Attributes
    ----------
    name, title
        Of the parameter.
    prior
        In the unit of its field.
    levers
        What it moves; several only as factors.
    source, quality, note
        Of the prior.
    """

    name: str
    title: str
    prior: Prior
    levers: tuple[Lever, ...]
    source: str = ""
    quality: str = ""
    note: str = ""

    @property
    def unit(self) -> str:
        """Unit of its values."""
        return "x" if self.levers[0].kind == "factor" else self.levers[0].unit

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that it sets."""
        return tuple(lever.path for lever in self.levers)

    @property
    def written(self) -> float:
        """Its value in the scenario as written."""
        return self.levers[0].base


def tied(scenario: Scenario, given: Written) -> Parameter:
    """Return a prior tied to the fields of a scenario.

    Raises
    ------
    Wrong
        If there are no such fields, or the ends do not fit them.
    """
    levers = []
    for k, path in enumerate(given.fields):
        try:
            levers.append(Lever.of(scenario, path))
        except OptionError as error:
            raise wrong(str(error).removeprefix(f"lever {path}: "), "field") from None
        if len(given.fields) > 1 and levers[k].kind != "factor":
            raise wrong(f"several fields can share a factor only: write {path}*", "field", k)
    key = "between" if given.shape == "uniform" else "interval80"
    low, high = _ends(levers[0], given.ends, key)
    bounds = _ends(levers[0], given.bounds, "bounds") if given.bounds is not None else None
    if given.shape == "lognormal" and low <= 0:
        raise wrong("a lognormal prior lies above 0", key)
    if given.shape == "logitnormal" and not 0 < low < high < 1:
        raise wrong("a logit-normal prior lies between 0 and 1", key)
    if levers[0].kind == "share" and not (low >= 0 and high <= 1):
        raise wrong("a share lies between 0 and 1", key)
    prior = Prior(given.shape, low, high, bounds)
    made = (prior, tuple(levers), given.source, given.quality, given.note)
    return Parameter(given.name, given.title, *made)


def _ends(lever: Lever, ends: tuple[str | float, str | float], key: str) -> tuple[float, float]:
    try:
        low, high = lever.read(ends[0]), lever.read(ends[1])
    except OptionError as error:
        raise wrong(str(error), key) from None
    if not low < high:
        raise wrong(f"the first value lies below the second, found {ends[0]} and {ends[1]}", key)
    return low, high


def overlaps(parameters: Sequence[Parameter]) -> list[tuple[str, str]]:
    """Return parameters that move the same field, with what is wrong."""
    found = []
    for k, one in enumerate(parameters):
        for other in parameters[:k]:
            for mine, theirs in ((a, b) for a in one.levers for b in other.levers):
                if _collide(mine, theirs):
                    words = f"{other.name} sets {theirs.path} already; a field has one parameter"
                    found.append((one.name, words))
    return found


def _collide(one: Lever, other: Lever) -> bool:
    if one.kind == other.kind == "share" and one.target[0] == other.target[0]:
        return one.target[1] == other.target[1]
    for mine in _fields(one):
        for theirs in _fields(other):
            a, b = parsed(mine) or (), parsed(theirs) or ()
            short = min(len(a), len(b))
            if a[:short] == b[:short]:
                return True
    return False


def _fields(lever: Lever) -> tuple[str, ...]:
    return lever.target if lever.kind == "factor" else (lever.target[0],)


def values_at(parameters: Sequence[Parameter], u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values of parameters at points of the unit cube, shape `(point, parameter)`."""
    columns = [one.prior.at(u[:, k]) for k, one in enumerate(parameters)]
    return np.column_stack(columns) if columns else np.empty((len(u), 0))


def settings_of(parameters: Sequence[Parameter], values: Sequence[float]) -> Settings:
    """Return what a point sets, as `--set` would.

    Several shares of one whole get their values exactly; the others keep their proportions.

    Raises
    ------
    OptionError
        If shares come to more than the whole.
    """
    settings: dict[str, Any] = {}
    shares: dict[str, tuple[Mapping[str, Any], dict[str, float]]] = {}
    for one, value in zip(parameters, values, strict=True):
        for lever in one.levers:
            if lever.kind == "share":
                given, chosen = shares.setdefault(lever.target[0], (lever.given, {}))
                chosen[lever.target[1]] = float(value)
            else:
                settings.update(lever.settings(float(value)))
    for path, (given, chosen) in shares.items():
        settings[path] = _with_shares(path, given, chosen)
    return settings


def _with_shares(path: str, given: Mapping[str, Any], chosen: Mapping[str, float]) -> Any:
    shares = {key: share_of(one) or 0.0 for key, one in given.items() if key not in BESIDE}
    known = sum(one for one in shares.values() if np.isfinite(one))
    shares = {key: one if np.isfinite(one) else 1 - known for key, one in shares.items()}
    left = 1 - sum(chosen.values())
    if left < 0:
        raise OptionError(
            f"{path}: the shares {', '.join(chosen)} come to {1 - left:.3f} together, which is "
            "more than the whole; narrow their priors"
        )
    others = {key: one for key, one in shares.items() if key not in chosen}
    total = sum(others.values())
    parts = {
        key: chosen[key]
        if key in chosen
        else left * (one / total if total > 0 else 1 / len(others))
        for key, one in shares.items()
    }
    parts = {key: round(part, 12) for key, part in parts.items()}
    # What rounding left goes to the largest, where it is least.
    largest = max(parts, key=lambda key: parts[key])
    parts[largest] = round(1 - sum(one for key, one in parts.items() if key != largest), 12)
    beside = {key: one for key, one in given.items() if key in BESIDE - {"quality", "range"}}
    return {**parts, **beside}
