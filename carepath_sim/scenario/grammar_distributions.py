"""Distributions of durations, as records with source and quality or bare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final

from carepath_sim.scenario.grammar_numbers import (
    amount,
    exact_duration,
    plain,
    rate,
    share,
)
from carepath_sim.scenario.grammar_quantity import BESIDE, Quantity, provenance
from carepath_sim.scenario.grammar_shares import sums_to_one
from carepath_sim.scenario.reading import Flaws, known_keys, listed, nearest, shown, text, wrong
from carepath_sim.scenario.values import NOWHERE, Distribution, Number, Provenance
from carepath_sim.units import DAY, half_up

FORMS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "exponential": (("mean",), ("median",), ("rate",)),
    "lognormal": (
        ("mean", "sd"),
        ("median", "p90"),
        ("median", "mean"),
        ("median", "sigma"),
        ("mean", "p90"),
        ("mean", "sigma"),
        ("mu", "sigma", "mu_unit"),
    ),
    "gamma": (("mean", "sd"), ("shape", "scale"), ("shape", "mean")),
    "erlang": (("k", "mean"),),
    "weibull": (("shape", "scale"), ("mean", "sd"), ("median", "p90")),
    "uniform": (("min", "max"),),
    "triangular": (("min", "mode", "max"),),
    "normal": (("mean", "sd"),),
    "hyperexponential": (("mean", "sd"),),
}
"""Families with named parameters, and the sets of parameters that each takes."""
LISTS: Final = ("mixture", "histogram", "empirical", "scipy", "coxian")
"""Families made of parts, bins, values or phases, and the border to SciPy."""
FAMILIES: Final = ("fixed", *FORMS, *LISTS)

_PLAIN: Final = frozenset({"sigma", "shape", "k", "mu"})
_LIMITS: Final = ("truncate", "at_least")
_ACCEPTED = (
    "a distribution such as `{lognormal: {median: 12 min, p90: 25 min}}`"
    " or a duration such as `21 d`"
)


def is_distribution(raw: object) -> bool:
    """Return whether a mapping is meant as a distribution."""
    return isinstance(raw, Mapping) and any(key in FAMILIES for key in raw)


def distribution(raw: object) -> Distribution:
    """Return a distribution of durations [ms]."""
    if isinstance(raw, Mapping) and "value" not in raw:
        return _family(raw)
    if isinstance(raw, (bool, list)) or raw is None:
        raise wrong(f"{_ACCEPTED} is needed, found {shown(raw)}")
    return _fixed(exact_duration(raw))


def _fixed(number: Number) -> Distribution:
    value = float(half_up(number.value))
    return Distribution(
        "fixed", (("value", value),), text=number.text, provenance=number.provenance
    )


def _family(raw: Mapping[str, object]) -> Distribution:
    flaws = Flaws()
    named = [key for key in raw if key in FAMILIES]
    for key in raw:
        if key not in (*FAMILIES, *_LIMITS, *BESIDE, "range"):
            flaws.note(
                f"unknown distribution '{key}'; known are {listed(FAMILIES, 'and')}"
                f"{nearest(key, FAMILIES)}",
                key,
            )
    if len(named) > 1:
        flaws.note(f"one distribution is needed, found {listed(named, 'and')}", named[1])
    if not named:
        if not flaws.found:
            raise wrong(f"{_ACCEPTED} is needed, found {shown(raw)}")
        flaws.close()
    family = named[0]
    inside = raw[family]
    limits = {key: raw[key] for key in _LIMITS if key in raw}
    where: dict[str, tuple[str, ...]] = dict.fromkeys(limits, ())
    if isinstance(inside, Mapping):
        for key in _LIMITS:
            if key in inside and key not in limits:
                limits[key], where[key] = inside[key], (family,)
        inside = {key: value for key, value in inside.items() if key not in _LIMITS}
    found = flaws.read(_READERS.get(family, lambda given: _named(family, given)), inside, family)
    given = provenance(raw, flaws)
    truncate = at_least = None
    if "truncate" in limits:
        truncate = flaws.read(_bounds, limits["truncate"], *where["truncate"], "truncate")
    if "at_least" in limits:
        at_least = flaws.read(
            exact_duration.value, limits["at_least"], *where["at_least"], "at_least"
        )
    if "range" in raw:
        flaws.note(
            "a range belongs to one number: write it as `{value: .., range: [..]}` inside", "range"
        )
    flaws.close()
    words = [found.text, *(f"{key} {_words(value)}" for key, value in limits.items())]
    return replace(
        found,
        truncate=truncate,
        at_least=at_least,
        text=", ".join(words),
        provenance=_leading(given, found.provenance),
    )


def _leading(outer: Provenance, inner: Provenance) -> Provenance:
    """Return what stands beside a distribution, unless a number inside was set by hand."""
    return inner if outer == NOWHERE or inner.quality == "by hand" else outer


def _first(known: Iterable[Provenance]) -> Provenance:
    """Return what is said of the first number of which anything is said; by hand goes before."""
    given = [one for one in known if one != NOWHERE]
    return next((one for one in given if one.quality == "by hand"), (given or [NOWHERE])[0])


def _words(raw: object) -> str:
    if isinstance(raw, list):
        return f"{raw[0]} to {raw[1]}"
    return str(raw.get("value")) if isinstance(raw, Mapping) else str(raw)


def _bounds(raw: object) -> tuple[float, float]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise wrong(f"two durations are needed, `[a, b]`, found {shown(raw)}")
    flaws = Flaws()
    low, high = (flaws.read(exact_duration.value, entry, k) for k, entry in enumerate(raw))
    flaws.close()
    if low >= high:
        raise wrong(f"the first must be below the second, found {raw[0]} and {raw[1]}")
    return low, high


def _quantity(name: str) -> Quantity:
    return plain if name in _PLAIN else rate if name.startswith("rate") else exact_duration


def _read_parameters(raw: Mapping[str, object], flaws: Flaws) -> dict[str, Number]:
    return {name: flaws.read(_quantity(name), value, name) for name, value in raw.items()}


def _record(family: str, found: Mapping[str, Number]) -> Distribution:
    parameters = tuple((name, _scaled(name, number.value)) for name, number in found.items())
    known = _first(number.provenance for number in found.values())
    written = ", ".join(f"{name} {number.text}" for name, number in found.items())
    return Distribution(
        family,
        parameters,
        text=f"{family}, {written}" if written else family,
        # A range is that of one parameter, not of the distribution.
        provenance=replace(known, low=None, high=None),
    )


def _scaled(name: str, value: float) -> float:
    return value / DAY if name.startswith("rate") else value


def _named(family: str, raw: object) -> Distribution:
    forms = FORMS[family]
    accepted = listed(f"`{{{', '.join(form)}}}`" for form in forms)
    if not isinstance(raw, Mapping) or not raw:
        raise wrong(f"{family} takes {accepted}, found {shown(raw)}")
    flaws = Flaws()
    names = list(dict.fromkeys(name for form in forms for name in form))
    for name in raw:
        if name not in names:
            flaws.note(f"unknown parameter; {family} takes {accepted}{nearest(name, names)}", name)
    if not flaws.found and not any(set(form) == set(raw) for form in forms):
        flaws.note(f"{family} takes {accepted}, found {listed(raw, 'and')}")
    found = _read_parameters({k: v for k, v in raw.items() if k in names}, flaws)
    flaws.close()
    _possible(family, {name: number.value for name, number in found.items()}, raw)
    return _record(family, found)


def _possible(family: str, given: Mapping[str, float], raw: Mapping[str, object]) -> None:
    flaws = Flaws()
    for name, value in given.items():
        if value <= 0 and name not in {"min", "mode", "mu"}:
            flaws.note(f"must be above 0, found {_words(raw[name])}", name)
    for low, high in (("min", "max"), ("min", "mode"), ("mode", "max"), ("median", "p90")):
        if low not in given or high not in given:
            continue
        # The mode of a triangle may lie at either end.
        may_equal = "mode" in {low, high}
        if given[low] > given[high] or (given[low] == given[high] and not may_equal):
            flaws.note(f"must be above {low} {_words(raw[low])}, found {_words(raw[high])}", high)
    if (
        family == "lognormal"
        and set(given) == {"median", "mean"}
        and given["mean"] <= given["median"]
    ):
        flaws.note(
            f"must be above the median {_words(raw['median'])}, found {_words(raw['mean'])}", "mean"
        )
    if family == "erlang" and given["k"] != round(given["k"]):
        flaws.note(f"a whole number is needed, found {_words(raw['k'])}; or take gamma", "k")
    flaws.close()


def _fixed_in(raw: object) -> Distribution:
    if isinstance(raw, Mapping) and "value" not in raw:
        raise wrong(f"`{{fixed: 21 d}}` takes a duration, found {shown(raw)}")
    return _fixed(exact_duration(raw))


def _mixture(raw: object) -> Distribution:
    if not isinstance(raw, list) or not raw:
        raise wrong(
            f"a list such as `[{{share: 0.3, uniform: {{..}}}}, ..]` is needed, found {shown(raw)}"
        )
    flaws = Flaws()
    parts = [flaws.read(_part, entry, k) for k, entry in enumerate(raw)]
    flaws.close()
    sums_to_one(weight.value for weight, _ in parts)
    written = "; ".join(f"{weight.text} {part.text}" for weight, part in parts)
    known = _first(part.provenance for _, part in parts)
    return Distribution(
        "mixture",
        parts=tuple((weight.value, part) for weight, part in parts),
        text=f"mixture of {written}",
        provenance=known,
    )


def _part(raw: object) -> tuple[Number, Distribution]:
    if not isinstance(raw, Mapping):
        raise wrong(f"`{{share: 0.3, uniform: {{..}}}}` is needed, found {shown(raw)}")
    flaws = Flaws()
    if "share" not in raw:
        flaws.note("`share` is missing")
        weight = Number(0)
    else:
        weight = flaws.read(share, raw["share"], "share")
    rest = {key: value for key, value in raw.items() if key != "share"}
    part = flaws.read(_family, rest)
    flaws.close()
    return weight, part


def _numbers(raw: object, quantity: Quantity, accepted: str) -> tuple[float, ...]:
    if not isinstance(raw, list) or not raw:
        raise wrong(f"a list of {accepted} is needed, found {shown(raw)}")
    flaws = Flaws()
    found = tuple(flaws.read(quantity.value, entry, k) for k, entry in enumerate(raw))
    flaws.close()
    return found


def _histogram(family: str, raw: object) -> Distribution:
    accepted = "`{edges: [..], weights: [..]}` or `{values: [..], weights: [..]}`"
    if not isinstance(raw, Mapping) or ("edges" in raw) == ("values" in raw):
        raise wrong(f"{family} takes {accepted}, found {shown(raw)}")
    flaws = Flaws()
    known_keys(raw, ("edges", "values", "weights"), flaws)
    which = "edges" if "edges" in raw else "values"
    places = flaws.read(lambda x: _numbers(x, exact_duration, "durations"), raw[which], which)
    weights: tuple[float, ...] = ()
    if "weights" in raw:
        weights = flaws.read(lambda x: _numbers(x, amount, "weights"), raw["weights"], "weights")
    flaws.close()
    wanted = len(places) - (which == "edges")
    if which == "edges" and any(b <= a for a, b in pairwise(places)):
        raise wrong("edges must rise", "edges")
    if (weights or which == "edges") and len(weights) != wanted:
        raise wrong(
            f"{wanted} weights are needed for {len(places)} {which}, found {len(weights)}",
            "weights",
        )
    if weights and not any(weights):
        raise wrong("weights cannot all be 0", "weights")
    return Distribution(
        family,
        edges=places if which == "edges" else (),
        values=places if which == "values" else (),
        weights=weights,
        text=f"{family} of {wanted} {'bins' if which == 'edges' else 'values'}",
    )


def _scipy(raw: object) -> Distribution:
    if not isinstance(raw, Mapping) or "name" not in raw:
        raise wrong(
            f"`{{scipy: {{name: burr12, c: 2, d: 3, scale: 4 d}}}}` is needed, found {shown(raw)}"
        )
    flaws = Flaws()
    name = flaws.read(text, raw["name"], "name")
    found = {
        key: flaws.read(exact_duration if key in {"scale", "loc"} else plain, value, key)
        for key, value in raw.items()
        if key != "name"
    }
    if "scale" not in raw:
        flaws.note("`scale` is missing: a duration that gives the others their unit")
    flaws.close()
    record = _record("scipy", found)
    return replace(record, name=name, text=f"{name} of SciPy{record.text.removeprefix('scipy')}")


def _coxian(raw: object) -> Distribution:
    accepted = "coxian takes `{rate1: .. per d, onward1: share, rate2: .. per d, ...}`"
    if not isinstance(raw, Mapping) or not raw:
        raise wrong(f"{accepted}, found {shown(raw)}")
    flaws = Flaws()
    phases = sum(key.startswith("rate") for key in raw)
    wanted = {f"rate{k + 1}" for k in range(phases)} | {f"onward{k + 1}" for k in range(phases - 1)}
    if not phases or set(raw) != wanted:
        raise wrong(f"{accepted}, found {listed(raw, 'and')}")
    found = {
        key: flaws.read(rate if key.startswith("rate") else share, value, key)
        for key, value in raw.items()
    }
    flaws.close()
    for key, number in found.items():
        if number.value <= 0:
            flaws.note(f"must be above 0, found {number.text}", key)
    flaws.close()
    return _record("coxian", found)


_READERS = {
    "fixed": _fixed_in,
    "mixture": _mixture,
    "histogram": lambda raw: _histogram("histogram", raw),
    "empirical": lambda raw: _histogram("empirical", raw),
    "scipy": _scipy,
    "coxian": _coxian,
}
