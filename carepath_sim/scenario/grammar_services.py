"""Services: streams, priorities, patience, visits, costs, and what a stay changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from carepath_sim.scenario.grammar_cases import cases
from carepath_sim.scenario.grammar_distributions import is_distribution
from carepath_sim.scenario.grammar_numbers import (
    count,
    duration,
    factor,
    rank,
)
from carepath_sim.scenario.grammar_quantity import (
    BESIDE,
    bare_names,
    inherit,
    pairs,
    provenance,
)
from carepath_sim.scenario.grammar_working import distribution
from carepath_sim.scenario.reading import Flaws, known_keys, mapping, shown, text, wrong
from carepath_sim.scenario.values import Case, Cases, Number, Patience, Test

count_cases = cases(count, under=("value", "units"))
duration_cases = cases(duration)
distribution_cases = cases(distribution)
_name_cases = cases(text, under=("value", "stream"))
_priority_cases = cases(rank, under=("value", "priority"))

_STREAM = "a stream, `{from acute: step_down, via spr: step_up, else: step_up}` or a list of cases"


def name_cases(raw: object) -> Cases[str]:
    """Return the stream of a service: a name, by where people come from, or cases."""
    if not isinstance(raw, Mapping):
        if raw is None:
            raise wrong(f"{_STREAM} is needed, found nothing")
        return _name_cases(raw)
    flaws = Flaws()
    found: list[Case[str]] = []
    for key, value in raw.items():
        stream = flaws.read(text, value, key)
        word, _, name = key.partition(" ")
        if key == "else":
            continue
        if not name.strip():
            flaws.note(f"`from NAME`, `via NAME` or `else` is needed, found '{key}'", key)
        found.append(Case(stream, (Test(word, (name.strip(),)),)))
    if "else" not in raw:
        flaws.note("`else` is missing: the stream of everybody else")
    flaws.close()
    return (*found, Case(text(raw["else"])))


def priority_cases(raw: object) -> Cases[Number]:
    """Return priorities: a number, by the values of an attribute, or cases."""
    if not isinstance(raw, Mapping) or "by" not in raw:
        return _priority_cases(raw)
    flaws = Flaws()
    by = flaws.read(text, raw["by"], "by")
    values = {key: value for key, value in raw.items() if key not in {"by", *BESIDE}}
    if not values:
        flaws.note("the values of the attribute are missing: `{by: urgency, rapid: 0, normal: 1}`")
    given = provenance(raw, flaws)
    found = pairs(values, flaws, rank)
    flaws.close()
    known = [(name, inherit(number, given)) for name, number in found]
    tested = tuple(Case(n, (Test(by, (name,)),)) for name, n in known if name != "else")
    return (*tested, *(Case(n) for name, n in known if name == "else"))


def _patience(raw: object) -> Patience:
    if not isinstance(raw, Mapping) or "after" not in raw:
        if isinstance(raw, Mapping) and ("to" in raw or "cause" in raw):
            raise wrong("`after` is missing: how long people wait")
        return Patience(distribution(raw))
    flaws = Flaws()
    known_keys(raw, ("after", "to", "cause", *BESIDE), flaws)
    given = provenance(raw, flaws)
    after = flaws.read(distribution, raw["after"], "after")
    to = flaws.read(text, raw["to"], "to") if "to" in raw else None
    cause = flaws.read(text, raw["cause"], "cause") if "cause" in raw else None
    flaws.close()
    return Patience(
        replace(after, provenance=given) if bare_names(raw) != raw else after, to, cause
    )


# A stream that is not named waits without limit, so the last case may have a `when`.
_patience_cases = cases(_patience, total=False)


def patience_cases(raw: object) -> Cases[Patience]:
    """Return how long people wait: one patience, by stream, or cases."""
    if not isinstance(raw, Mapping) or "after" in raw or "value" in raw or is_distribution(raw):
        return _patience_cases(raw)
    mapping(raw, "`24 h`, `{after: 24 h, to: acute}` or a map by stream")
    flaws = Flaws()
    if "when" in raw:
        return _patience_cases(raw)
    if "to" in raw or "cause" in raw:
        return _patience_cases(raw)
    found = [(key, flaws.read(_patience, value, key)) for key, value in raw.items()]
    flaws.close()
    named = tuple(Case(p, (Test("stream", (key,)),)) for key, p in found if key != "else")
    return (*named, *(Case(p) for key, p in found if key == "else"))


def sets(raw: object) -> tuple[tuple[str, str, Number | None], ...]:
    """Return attributes that are set, each with its value and for how long."""
    given = mapping(raw, "a map such as `{assessed_by: ACHT}`")
    flaws = Flaws()
    found = [(key, flaws.read(_set, value, key)) for key, value in given.items()]
    flaws.close()
    return tuple((key, value, lasts) for key, (value, lasts) in found)


def _set(raw: object) -> tuple[str, Number | None]:
    if not isinstance(raw, Mapping):
        return text(raw), None
    flaws = Flaws()
    known_keys(raw, ("value", "for"), flaws)
    if "value" not in raw:
        flaws.note("`value` is missing")
    value = flaws.read(text, raw.get("value", "?"), "value")
    lasts = flaws.read(duration, raw["for"], "for") if "for" in raw else None
    flaws.close()
    return value, lasts


def hazard_factors(raw: object) -> tuple[tuple[str, Number], ...]:
    """Return factors on the hazards by cause; `*` stands for all that are not named."""
    if not isinstance(raw, Mapping) or "value" in raw:
        return (("*", factor(raw)),)
    given = mapping(raw, "a number or a map such as `{fall: 0.8, else: 1}`")
    flaws = Flaws()
    found = pairs(given, flaws, factor)
    if not found and not flaws.found:
        flaws.note(f"at least one factor is needed, found {shown(raw)}")
    flaws.close()
    return tuple(("*" if key in {"else", "*"} else key, number) for key, number in found)
