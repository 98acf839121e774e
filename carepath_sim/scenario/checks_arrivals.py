"""Arrivals: rates that change, lists to replay, and what cannot stand together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, listed, unknown
from carepath_sim.scenario.grammar_arrivals import LASTING
from carepath_sim.scenario.model import Arrival
from carepath_sim.scenario.values import Number
from carepath_sim.scenario.values_arrivals import Given
from carepath_sim.units import in_words

DECISIONS = ("stay", "route", "max_wait")
"""Decisions at a service whose outcome can be known beforehand."""

MOST_CHANGES = 1_000_000
"""Changes of a rate in one run."""

WAYS = ("rate", "rates", "every", "replay")
"""Fields of which one says how often people come."""


def arrivals(names: Vocabulary) -> Iterator[Finding]:
    """Yield arrivals that come at no rate, or at two, and fields without effect."""
    for name, arrival in names.scenario.arrivals.items():
        path: Path = ("arrivals", name)
        found = [way for way in WAYS if getattr(arrival, way) is not None]
        if len(found) != 1:
            told = "neither" if not found else "both" if len(found) == 2 else "all"
            of = listed([f"`{way}:`" for way in found or ("rate", "every")], "and")
            message = (
                f"found {told} of {of}; write one of them,"
                " such as `rate: 300 per y` (at random) or `every: 4 min`"
            )
            if not found:
                message += ", `rates:` from a table, or `replay:` from a list"
            yield path, message
            continue
        yield from _without_effect(path, arrival, found[0])
        yield from _rates(path, arrival)
        yield from _many_cycles(names, path, arrival)
        for row in arrival.replay or ():
            yield from known(names, (*path, "replay"), row.given, dict(arrival.is_))


def _without_effect(path: Path, arrival: Arrival, way: str) -> Iterator[Finding]:
    """Yield fields that shape another way of arriving."""
    random = "arrivals at random (`rate:` or `rates:`)"
    profile = arrival.profile
    if arrival.every is not None and arrival.every.value <= 0:
        yield (*path, "every"), "the interval between arrivals must be longer than 0"
    if way not in {"rate", "rates"}:
        if profile.month or profile.weekday or profile.hour:
            message = (
                "a profile shapes a `rate:`; arrivals at a fixed interval (`every:`) have none"
                if way == "every"
                else f"a profile shapes {random}; people of a list come when it says"
            )
            yield (*path, "profile"), message
        for field in ("variation", "growth"):
            if getattr(arrival, field) is not None:
                yield (*path, field), f"`{field}:` belongs to {random}"
    for field in ("first", "count"):
        if getattr(arrival, field) is not None and way != "every":
            message = f"`{field}:` belongs to arrivals at a fixed interval (`every:`)"
            yield (*path, field), message
    for field in ("interpolate", "cycle"):
        if field in arrival.model_fields_set and way != "rates":
            yield (*path, field), f"`{field}:` belongs to `rates:` from a table"


def _rates(path: Path, arrival: Arrival) -> Iterator[Finding]:
    """Yield rates that are out of order, or do not fit into their cycle."""
    if arrival.rates is None:
        return
    here: Path = (*path, "rates")
    steps = arrival.rates.steps
    dated = [step for step in steps if step.at.day is not None]
    if 0 < len(dated) < len(steps):
        first = dated[0] if steps[0].at.day is None else next(s for s in steps if not s.at.day)
        message = "dates and times from the start of the window cannot stand in one table"
        yield (*here, *first.where), message
        return
    day = dated[0].at.day if dated else None
    for before, after in pairwise(steps):
        a, b = (one.at.instant(day) if day else one.at.ms for one in (before, after))
        if b <= a:
            yield (*here, *after.where), "each row must be later than the one before"
    cycle = arrival.cycle
    if cycle is not None and cycle.value <= 0:
        yield (*path, "cycle"), "the cycle must be longer than 0"
    elif cycle is not None and dated:
        message = "with a `cycle` rates have times such as `6 h` from its beginning, no dates"
        yield (*here, *dated[0].where), message
    elif cycle is not None:
        for step in steps:
            if not 0 <= step.at.ms < cycle.value:
                message = f"lies outside the cycle of {in_words(cycle.value)}"
                yield (*here, *step.where), message
    if all(step.rate.value == 0 for step in steps):
        yield here, "at least one rate must be above 0: nobody would ever come"


def _many_cycles(names: Vocabulary, path: Path, arrival: Arrival) -> Iterator[Finding]:
    """Yield cycles that make more changes of the rate than a table can hold."""
    if arrival.rates is None or arrival.cycle is None or arrival.cycle.value <= 0:
        return
    clock = names.scenario.clock
    run = clock.warm_up.value + clock.length.end(clock.start) + clock.run_out.value
    changes = run / arrival.cycle.value * len(arrival.rates.steps)
    if changes > MOST_CHANGES:
        message = (
            f"the rate would change {changes:,.0f} times in a run, at most {MOST_CHANGES:,} can be"
            " held; a longer cycle or fewer rows are needed"
        )
        yield (*path, "cycle"), message


def known(
    names: Vocabulary, path: Path, given: Iterable[Given], fixed: dict[str, str]
) -> Iterator[Finding]:
    """Yield what is wrong with attributes and outcomes that are known of somebody."""
    for one in given:
        here: Path = (*path, *one.where)
        if "." in one.name:
            yield from _outcome(names, here, one)
        elif one.name in fixed:
            yield here, f"'{one.name}' is fixed for all of them by `is:` already"
        else:
            yield from _value(names, here, one)


def _value(names: Vocabulary, path: Path, one: Given) -> Iterator[Finding]:
    if one.name == "age":
        if not str(one.value).isdecimal() or int(str(one.value)) > 120:
            yield path, f"age takes whole years from 0 to 120; found '{one.value}'"
        return
    values = names.attributes.get(one.name)
    if values is None:
        known = unknown("column", one.name, ["age", *names.attributes])
        hint = f"; write `SERVICE.{one.name}` for an outcome" if one.name in DECISIONS else ""
        yield path, f"{known}{hint}"
    elif one.value not in values:
        yield path, unknown(f"value of {one.name}", str(one.value), values)


def _outcome(names: Vocabulary, path: Path, one: Given) -> Iterator[Finding]:
    base, _, what = one.name.rpartition(".")
    service = names.service(base)
    if service is None:
        yield path, unknown("service", base, names.services)
    elif what not in DECISIONS:
        yield path, unknown("decision", what, DECISIONS)
    elif what == "route":
        if one.value not in names.targets(service):
            yield path, unknown(f"target of {base}", str(one.value), names.targets(service))
    elif not getattr(service, what):
        yield path, f"nothing to know beforehand: '{base}' has no `{what}:`"
    elif what in LASTING and not isinstance(one.value, Number):
        yield path, f"a length of time such as `6 d` is needed; found '{one.value}'"


def outside_the_run(names: Vocabulary) -> Iterator[Finding]:
    """Yield lists of which people come before the run begins or after it ends."""
    clock = names.scenario.clock
    begin = -round(clock.warm_up.value)
    end = clock.length.end(clock.start) + round(clock.run_out.value)
    for name, arrival in names.scenario.arrivals.items():
        rows = arrival.replay or ()
        late = [row for row in rows if not begin <= row.at.instant(clock.start) < end]
        if late:
            message = (
                f"{len(late)} of {len(rows)} rows lie outside the run (warm-up, window and"
                " run-out) and are left out"
            )
            yield ("arrivals", name, "replay", *late[0].where), message
