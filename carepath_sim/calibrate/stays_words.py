"""Fitted lengths of stay in the words of the scenario language, and warnings in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from carepath_sim.errors import CarepathError
from carepath_sim.plan.build import spec_of
from carepath_sim.plan.quantiles import tabulate
from carepath_sim.scenario.grammar_distributions import distribution
from carepath_sim.scenario.reading import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.calibrate.stays import FittedGroup, LosFits
    from carepath_sim.statistics.length_fits import LengthFit

POOR: Final = 0.05
"""Below this chance a fit is said to depart from the data."""
FAR: Final = 0.15
"""Share of the mean beyond the longest stay that was seen, from which on it is told."""
FEW: Final = 50
"""Stays that ended, below which a fit is said to rest on few."""


def written(fit: LengthFit) -> dict[str, object]:
    """Return a fit as the scenario language writes it."""
    values = fit.parameters
    if "zero" in values:
        zero = values.pop("zero")
        name = fit.family.name.partition(",")[0]
        return {"zero_inflated": {"zero": _share(zero), "otherwise": _written(name, values)}}
    return _written(fit.family.name, values)


def _written(name: str, values: dict[str, float]) -> dict[str, object]:
    if name == "hyperexponential":
        first = _share(values["share"])
        return {
            name: [
                {"share": first, "mean": _days(values["mean1"])},
                {"share": round(1 - first, 6), "mean": _days(values["mean2"])},
            ]
        }
    if name == "coxian":
        return {
            name: {
                "mean1": _days(values["mean1"]),
                "onward1": _share(values["onward1"]),
                "mean2": _days(values["mean2"]),
            }
        }
    if name == "exponential and lognormal":
        first = _share(values["share"])
        log = {"median": _days(values["median"]), "sigma": _plain(values["sigma"])}
        return {
            "mixture": [
                {"share": first, "exponential": {"mean": _days(values["mean"])}},
                {"share": round(1 - first, 6), "lognormal": log},
            ]
        }
    if name == "two lognormals":
        first = _share(values["share"])
        shares = (first, round(1 - first, 6))
        return {
            "mixture": [
                {
                    "share": share,
                    "lognormal": {
                        "median": _days(values[f"median{k}"]),
                        "sigma": _plain(values[f"sigma{k}"]),
                    },
                }
                for k, share in enumerate(shares, 1)
            ]
        }
    plain = {"shape", "sigma"}
    return {name: {key: _plain(x) if key in plain else _days(x) for key, x in values.items()}}


def refusal(fit: LengthFit) -> str:
    """Return why the scenario language cannot take a fit; empty if it can."""
    if not all(math.isfinite(value) for value in fit.parameters.values()):
        return "a parameter is not finite"
    try:
        tabulate(spec_of(distribution(written(fit))))
    except Wrong as wrong:
        return wrong.flaws[0].message
    except (CarepathError, ValueError, OverflowError) as error:
        return str(error).splitlines()[0]
    return ""


def flow(value: object) -> str:
    """Return a value as YAML on one line.

    >>> flow({"lognormal": {"median": "6 d", "sigma": 0.8}})
    '{lognormal: {median: 6 d, sigma: 0.8}}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return str(value)


def quoted(text: str) -> str:
    """Return text as YAML in double quotes."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'


def as_yaml(fits: LosFits, service: str | None = None) -> str:
    """Return what to paste into a scenario; see `LosFits.yaml`."""
    from carepath_sim.calibrate.stays import slug
    from carepath_sim.calibrate.stays_reading import ALL, DELAY

    lines = [f"# Fitted to {fits.data.table.name}. Paste under your services."]
    lines += [f"# Note: {warning}" for warning in fits.warnings if "twice" in warning]
    lines.append("services:")
    found = False
    for group in fits.groups:
        best = group.best
        if best is None or group.part == DELAY:
            continue
        found = True
        name = (service or "your_service") if group.group == ALL else slug(group.group)
        source = (
            f"{fits.data.table.name}: {group.data.size:g} {group.label},"
            f" {group.data.completed:g} ended; {best.fit.family.name} by maximum likelihood"
        )
        quality = "fair" if group.data.completed >= FEW and not group.warnings else "poor"
        stay = {**written(best.fit), "source": quoted(source), "quality": quality}
        lines += [f"  {name}:", f"    stay: {flow(stay)}"]
    if not found:
        lines.append("  # nothing could be fitted")
    delays = [one for one in fits.groups if one.part == DELAY and one.best is not None]
    for group in delays:
        law = group.best.fit.law if group.best is not None else None
        if law is not None:
            lines.append(
                f"# {group.label}: mean {law.mean:.3g} d, median {law.quantile(0.5):.3g} d. These"
                " belong in no `stay`: the scenario should bring them about by itself."
            )
    return "\n".join(lines) + "\n"


def warnings_of(group: FittedGroup) -> tuple[str, ...]:
    """Return what a reader should know before using a fit."""
    return tuple(_warnings(group))


def _warnings(group: FittedGroup) -> Iterator[str]:
    ended = group.data.completed
    best = group.best
    if not group.candidates:
        yield f"only {ended:g} ended, too few to fit anything"
        return
    if ended < FEW:
        yield f"only {ended:g} ended: the fit rests on few, and its tail on fewer"
    still = 1 - ended / group.data.size
    if still > 0.5:
        yield f"{still:.0%} had not ended: the length of long stays is mostly supposed"
    if best is None:
        yield "no family both fits and can stand in a scenario; take `empirical` or `csv`"
        return
    if best.goodness.p < POOR:
        words = ""
        if best.goodness.worst is not None:
            low, high, observed, expected = best.goodness.worst
            until = f"to {high:.3g} d" if math.isfinite(high) else "and more"
            words = f"; worst at {low:.3g} d {until}: {observed:g} ended, {expected:.0f} expected"
        yield (
            f"even the best law ({best.fit.family.name}) departs from the data"
            f" (p = {best.goodness.p:.2g}){words}. Two kinds of people may be mixed (try --group),"
            " or take the data as they are (`csv`)"
        )
    longest = float(group.data.low.max())
    beyond = best.fit.law.beyond(longest + 1) if best.fit.law.mean > 0 else 0.0
    if beyond > FAR:
        yield (
            f"{beyond:.0%} of the mean lies beyond the longest stay that was seen"
            f" ({longest:.3g} d): it is supposed, not observed"
        )
    if not math.isfinite(best.fit.mean_error()):
        yield "the data do not tell all parameters: standard errors cannot be given"


def _days(value: float) -> str:
    return f"{float(f'{value:.5g}'):.10g} d"


def _plain(value: float) -> float:
    return float(f"{value:.5g}")


def _share(value: float) -> float:
    return round(min(max(value, 1e-5), 1.0), 5)
