"""Distributions of durations, as records with source and quality or bare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final

from carepath_sim.scenario.grammar_numbers import (
    amount,
    exact_duration,
    factor,
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
        ("mean", "cv"),
        ("median", "p90"),
        ("median", "mean"),
        ("median", "sd"),
        ("median", "cv"),
        ("median", "gsd"),
        ("median", "sigma"),
        ("mean", "p90"),
        ("mean", "gsd"),
        ("mean", "sigma"),
        ("mu", "sigma", "mu_unit"),
    ),
    "gamma": (
        ("mean", "sd"),
        ("mean", "cv"),
        ("median", "p90"),
        ("shape", "scale"),
        ("shape", "rate"),
        ("shape", "mean"),
        ("shape", "median"),
    ),
    "erlang": (("k", "mean"), ("k", "rate")),
    "weibull": (
        ("mean", "sd"),
        ("mean", "cv"),
        ("median", "p90"),
        ("shape", "scale"),
        ("shape", "mean"),
        ("shape", "median"),
    ),
    "loglogistic": (
        ("mean", "sd"),
        ("mean", "cv"),
        ("median", "p90"),
        ("shape", "scale"),
        ("shape", "mean"),
        ("shape", "median"),
    ),
    "inverse_gaussian": (("mean", "sd"), ("mean", "cv")),
    "lomax": (("mean", "sd"), ("mean", "cv"), ("shape", "scale"), ("shape", "mean")),
    "pareto": (("min", "shape"), ("min", "mean")),
    "uniform": (("min", "max"), ("mean", "sd")),
    "triangular": (("min", "mode", "max"), ("min", "mean", "max")),
    "pert": (("min", "mode", "max"), ("min", "mean", "max")),
    "beta": (("min", "max", "mean", "sd"), ("min", "max", "alpha", "beta")),
    "normal": (("mean", "sd"), ("mean", "cv"), ("median", "p90")),
    "hyperexponential": (("mean", "sd"), ("mean", "cv")),
}
"""Families with named parameters, and the sets of parameters that each takes."""
QUANTILES: Final[Mapping[str, int]] = {
    "exponential": 1,
    **dict.fromkeys(("lognormal", "gamma", "weibull", "loglogistic", "normal"), 2),
}
"""Families that quantiles of any level decide, and how many of them it takes."""
LISTS: Final = (
    "mixture",
    "zero_inflated",
    "histogram",
    "empirical",
    "csv",
    "coxian",
    "scipy",
)
"""Families made of parts, bins, values or phases, and the border to SciPy."""
FAMILIES: Final = ("fixed", *FORMS, *LISTS)

_PLAIN: Final = frozenset({"sigma", "shape", "k", "mu", "gsd", "alpha", "beta"})
_LEVEL: Final = re.compile(r"p(\d{1,2}(?:\.\d{1,6})?)")
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
    if name in _PLAIN:
        return plain
    if name == "cv":
        return factor
    return rate if name.startswith("rate") else share if name[:6] == "onward" else exact_duration


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
    several = QUANTILES.get(family, 0)
    accepted = listed(
        [
            *(f"`{{{', '.join(form)}}}`" for form in forms),
            *(
                ("any quantile such as `{p90}`", "two quantiles such as `{p25, p75}`")[
                    several - 1 :
                ][:several]
            ),
        ]
    )
    if not isinstance(raw, Mapping) or not raw:
        raise wrong(f"{family} takes {accepted}, found {shown(raw)}")
    flaws = Flaws()
    names = list(dict.fromkeys(name for form in forms for name in form))
    for name in raw:
        if name not in names and not (several and (name == "quantiles" or _LEVEL.fullmatch(name))):
            flaws.note(f"unknown parameter; {family} takes {accepted}{nearest(name, names)}", name)
    if flaws.found:
        flaws.close()
    if not any(set(form) == set(raw) for form in forms):
        return _by_quantiles(family, raw, accepted)
    found = _read_parameters({k: v for k, v in raw.items() if k in names}, flaws)
    flaws.close()
    _possible(family, {name: number.value for name, number in found.items()}, raw)
    return _record(family, found)


def _by_quantiles(family: str, raw: Mapping[str, object], accepted: str) -> Distribution:
    """Return a family of which quantiles are given, each under its level."""
    flaws = Flaws()
    places: dict[float, tuple[str, ...]] = {}
    given: dict[float, object] = {}

    def take(level: float, value: object, *path: str) -> None:
        if level in given:
            flaws.note("this quantile is given twice", *path)
        given[level], places[level] = value, path

    for name, value in raw.items():
        if name == "quantiles":
            if not isinstance(value, Mapping) or not value:
                flaws.note(
                    f"`{{25 %: 3 d, 90 %: 20 d}}` is needed, found {shown(value)}", "quantiles"
                )
                continue
            for key, inner in value.items():
                level = flaws.attempt(_share_of_level, key, "quantiles", key)
                if level is not None:
                    take(level, inner, "quantiles", key)
        elif name == "median" or _LEVEL.fullmatch(name):
            level = 50.0 if name == "median" else float(name[1:])
            if level == 0:
                flaws.note("a level lies above 0 and below 100", name)
            take(level, value, name)
        else:
            flaws.note(f"{family} takes {accepted}, found {listed(raw, 'and')}")
            break
    flaws.close()
    if len(given) != QUANTILES.get(family, 0):
        more = "; for more of them take `histogram`" if len(given) > 2 else ""
        raise wrong(f"{family} takes {accepted}, found {listed(raw, 'and')}{more}")
    read = {
        level: flaws.read(exact_duration, given[level], *places[level]) for level in sorted(given)
    }
    flaws.close()
    lowest = ("0", 0.0)
    for level, number in read.items():
        if number.value <= lowest[1]:
            flaws.note(f"must be above {lowest[0]}, found {number.text}", *places[level])
        lowest = (f"the {level:.10g} % quantile {number.text}", number.value)
    flaws.close()
    return _record(family, {_name_of_level(level): number for level, number in read.items()})


def _share_of_level(raw: object) -> float:
    """Return the level of a quantile [%]."""
    level = share.value(raw) * 100
    if not 0 < level < 100:
        raise wrong(f"a level lies above 0 and below 100 %, found {shown(raw)}")
    return round(level, 6)


def _name_of_level(level: float) -> str:
    return "median" if level == 50 else f"p{level:.10g}"


def _possible(family: str, given: Mapping[str, float], raw: Mapping[str, object]) -> None:
    flaws = Flaws()
    at_zero = {"mode", "mu"} | ({"min"} if family != "pareto" else set())
    for name, value in given.items():
        if value <= 0 and name not in at_zero:
            flaws.note(f"must be above 0, found {_words(raw[name])}", name)
    for low, high in _RISING:
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
    if "gsd" in given and given["gsd"] <= 1:
        flaws.note(f"must be above 1, found {_words(raw['gsd'])}", "gsd")
    if family in {"lomax", "pareto", "loglogistic"} and given.get("shape", 3) <= 2:
        flaws.note(
            "must be above 2, for the variance is not finite otherwise, found"
            f" {_words(raw['shape'])}",
            "shape",
        )
    if family == "erlang" and given["k"] != round(given["k"]):
        flaws.note(f"a whole number is needed, found {_words(raw['k'])}; or take gamma", "k")
    flaws.close()


_RISING: Final = (
    ("min", "max"),
    ("min", "mode"),
    ("mode", "max"),
    ("min", "mean"),
    ("mean", "max"),
    ("median", "p90"),
)
"""Pairs of parameters of which the second is the larger."""


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


def _zero_inflated(raw: object) -> Distribution:
    accepted = "zero_inflated takes `{zero: 20 %, otherwise: {lognormal: {..}}}`"
    if not isinstance(raw, Mapping):
        raise wrong(f"{accepted}, found {shown(raw)}")
    flaws = Flaws()
    known_keys(raw, ("zero", "otherwise"), flaws)
    for key in ("zero", "otherwise"):
        if key not in raw:
            flaws.note(f"`{key}` is missing; {accepted}")
    flaws.close()
    zero = flaws.read(share, raw["zero"], "zero")
    rest = flaws.read(distribution, raw["otherwise"], "otherwise")
    flaws.close()
    return Distribution(
        "mixture",
        parts=(
            (zero.value, Distribution("fixed", (("value", 0.0),), text="0 d")),
            (1 - zero.value, rest),
        ),
        text=f"{zero.text} no time, otherwise {rest.text}",
        provenance=_first((zero.provenance, rest.provenance)),
    )


def _hyperexponential(raw: object) -> Distribution:
    if not isinstance(raw, list):
        return _named("hyperexponential", raw)
    accepted = "a list such as `[{share: 0.7, mean: 2 d}, {share: 0.3, mean: 20 d}]`"
    flaws = Flaws()
    parts = []
    for k, entry in enumerate(raw):
        if not isinstance(entry, Mapping) or set(entry) not in _PHASES:
            flaws.note(f"{accepted} is needed, found {shown(entry)}", k)
            continue
        weight = flaws.read(share, entry["share"], k, "share")
        inner = {key: value for key, value in entry.items() if key != "share"}
        parts.append((weight, flaws.read(lambda x: _named("exponential", x), inner, k)))
    flaws.close()
    if not parts:
        raise wrong(f"{accepted} is needed, found {shown(raw)}")
    sums_to_one(weight.value for weight, _ in parts)
    return Distribution(
        "hyperexponential",
        parts=tuple((weight.value, part) for weight, part in parts),
        text="hyperexponential of " + "; ".join(f"{w.text} {part.text}" for w, part in parts),
        provenance=_first(n.provenance for pair in parts for n in pair),
    )


_PHASES: Final = ({"share", "mean"}, {"share", "rate"}, {"share", "median"})


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
    known_keys(raw, ("edges", "values", "weights", "smooth"), flaws)
    which = "edges" if "edges" in raw else "values"
    places = flaws.read(lambda x: _numbers(x, exact_duration, "durations"), raw[which], which)
    weights: tuple[float, ...] = ()
    if "weights" in raw:
        weights = flaws.read(lambda x: _numbers(x, amount, "weights"), raw["weights"], "weights")
    smooth = _smooth(raw, flaws)
    if smooth and which == "edges":
        flaws.note("bins are even inside already; `smooth` belongs to `values`", "smooth")
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
        smooth=smooth,
        text=f"{family} of {wanted} {'bins' if which == 'edges' else 'values'}"
        + (", smoothed" if smooth else ""),
    )


def _smooth(raw: Mapping[str, object], flaws: Flaws) -> bool:
    given = raw.get("smooth", False)
    if not isinstance(given, bool):
        flaws.note(f"true or false is needed, found {shown(given)}", "smooth")
    return given is True


def _csv(raw: object) -> Distribution:
    """Return data of a file, which the loader has put in beside its name."""
    accepted = "csv takes `{file: stays.csv, column: days, unit: d}`"
    if not isinstance(raw, Mapping):
        raise wrong(f"{accepted}, found {shown(raw)}")
    flaws = Flaws()
    known_keys(raw, (*CSV, "values", "weights"), flaws)
    for key in ("file", "column", "unit"):
        if key not in raw:
            flaws.note(f"`{key}` is missing; {accepted}")
    flaws.close()
    if "values" not in raw:
        raise wrong("a file can be named only in a scenario that is itself a file")
    unit = flaws.read(text, raw["unit"], "unit")
    flaws.read(exact_duration.value, f"1 {unit}", "unit")
    flaws.close()
    given = raw["values"]
    if isinstance(given, list):
        given = [f"{one} {unit}" if isinstance(one, (int, float)) else one for one in given]
    values = flaws.read(lambda x: _numbers(x, exact_duration, "numbers"), given, "values")
    weights: tuple[float, ...] = ()
    if "weights" in raw:
        weights = flaws.read(lambda x: _numbers(x, amount, "weights"), raw["weights"], "weights")
    smooth = _smooth(raw, flaws)
    name, column = (flaws.read(text, raw[key], key) for key in ("file", "column"))
    flaws.close()
    if weights and (len(weights) != len(values) or not any(weights)):
        raise wrong(
            f"as many weights as values are needed, and not all 0, found {len(weights)}", "weights"
        )
    group = raw.get("group")
    chosen = ""
    if isinstance(group, Mapping) and "value" in group:
        one = group["value"]
        any_of = listed(map(text, one)) if isinstance(one, list) else text(one)
        chosen = f" where {group.get('column')} is {any_of}"
    return Distribution(
        "empirical",
        values=values,
        weights=weights,
        smooth=smooth,
        text=f"{len(values)} values of {name}, {column}{chosen}" + (", smoothed" if smooth else ""),
    )


CSV: Final = ("file", "column", "unit", "weight", "group", "round", "smooth")
"""What says which numbers of a file are meant."""


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
    accepted = (
        "coxian takes `{mean1: 2 d, onward1: 30 %, mean2: 20 d, ..}` (or `rate1: .. per d`),"
        " `{mean, sd}` or `{mean, cv}`"
    )
    if not isinstance(raw, Mapping) or not raw:
        raise wrong(f"{accepted}, found {shown(raw)}")
    flaws = Flaws()
    phases = sum(key[:4] in {"rate", "mean"} for key in raw)
    numbers = range(1, phases + 1)
    wanted = {f"{'rate' if f'rate{k}' in raw else 'mean'}{k}" for k in numbers}
    wanted |= {f"onward{k}" for k in numbers[:-1]}
    if set(raw) not in (wanted, {"mean", "sd"}, {"mean", "cv"}) or not phases:
        raise wrong(f"{accepted}, found {listed(raw, 'and')}")
    found = _read_parameters(raw, flaws)
    flaws.close()
    for key, number in found.items():
        if number.value <= 0:
            flaws.note(f"must be above 0, found {number.text}", key)
    flaws.close()
    return _record("coxian", found)


_READERS = {
    "fixed": _fixed_in,
    "mixture": _mixture,
    "zero_inflated": _zero_inflated,
    "hyperexponential": _hyperexponential,
    "csv": _csv,
    "histogram": lambda raw: _histogram("histogram", raw),
    "empirical": lambda raw: _histogram("empirical", raw),
    "scipy": _scipy,
    "coxian": _coxian,
}
