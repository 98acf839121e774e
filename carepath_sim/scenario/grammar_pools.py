"""Pools: capacities by hours and by date, and policies for streams that share them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from carepath_sim.scenario.grammar_dates import day
from carepath_sim.scenario.grammar_hours import hours, is_hours
from carepath_sim.scenario.grammar_numbers import amount, count, places, share
from carepath_sim.scenario.grammar_quantity import BESIDE, bare_names, inherit, pairs, provenance
from carepath_sim.scenario.grammar_shares import sums_to_one
from carepath_sim.scenario.grammar_templates import by_value, check_rising, split
from carepath_sim.scenario.reading import (
    Flaws,
    known_keys,
    listed,
    mapping,
    nearest,
    one_or_more,
    shown,
    text,
    wrong,
)
from carepath_sim.scenario.values import (
    NOWHERE,
    CapacitySpec,
    DatedCapacity,
    Number,
    Policy,
    Provenance,
    RosterLine,
)

SHARED: Final = Policy()
KINDS: Final = ("shared", "ring_fenced", "reserved", "partial", "priority")

_CAPACITY = (
    "a number, `unlimited`, places by hours (`{daily 07:00-22:00: 3}`), a dated list"
    " (`[{from: 2015-04-01, places: 5}]`), or for a template a map by value"
)


def _roster(raw: Mapping[str, object]) -> tuple[RosterLine, ...]:
    flaws = Flaws()
    given = provenance(raw, flaws)
    lines = []
    for key, value in bare_names(raw).items():
        opened = flaws.attempt(hours, key, key)
        number = flaws.attempt(places, value, key)
        if opened is not None and number is not None:
            lines.append((key, RosterLine(opened, inherit(number, given))))
    taken: list[tuple[int, int]] = []
    for key, line in lines:
        if any(a < end and begin < b for a, b in line.hours.windows for begin, end in taken):
            flaws.note("these hours overlap with others above", key)
        taken += line.hours.windows
    flaws.close()
    return tuple(line for _, line in lines)


def _places(raw: object) -> DatedCapacity:
    """Return one step: a number, or a roster."""
    if isinstance(raw, Mapping) and "value" not in raw:
        if any(is_hours(key) for key in raw):
            return DatedCapacity(None, None, _roster(raw))
        raise wrong(f"{_CAPACITY} is needed, found {shown(raw)}")
    return DatedCapacity(None, places(raw))


def _step(raw: object) -> DatedCapacity:
    if not isinstance(raw, Mapping):
        raise wrong(f"`{{from: 2015-04-01, places: 5}}` is needed, found {shown(raw)}")
    flaws = Flaws()
    known_keys(raw, ("from", "places", *BESIDE), flaws)
    given = provenance(raw, flaws)
    start = flaws.read(day, raw["from"], "from") if "from" in raw else None
    if "places" not in raw:
        flaws.note("`places` is missing")
    step = flaws.read(_places, raw.get("places", 0), "places")
    flaws.close()
    return _sourced(replace(step, start=start), given)


def _sourced(step: DatedCapacity, given: Provenance) -> DatedCapacity:
    if given == NOWHERE:
        return step
    number = inherit(step.places, given) if step.places is not None else None
    roster = tuple(replace(line, places=inherit(line.places, given)) for line in step.roster)
    return replace(step, places=number, roster=roster)


def _dated(raw: list[object]) -> tuple[DatedCapacity, ...]:
    if not raw:
        raise wrong(f"{_CAPACITY} is needed, found an empty list")
    flaws = Flaws()
    steps = tuple(flaws.read(_step, entry, k) for k, entry in enumerate(raw))
    flaws.close()
    check_rising([step.start for step in steps])
    return steps


def _steps(raw: object) -> tuple[DatedCapacity, ...]:
    return _dated(raw) if isinstance(raw, list) else (_places(raw),)


def capacity(raw: object) -> CapacitySpec:
    """Return the capacity of a pool."""
    if not isinstance(raw, Mapping) or "value" in raw or any(is_hours(key) for key in raw):
        if raw is None or isinstance(raw, bool):
            raise wrong(f"{_CAPACITY} is needed, found {shown(raw)}")
        return CapacitySpec(dated=_steps(raw))
    if "split" in raw:
        total, source = split(raw, amount, "places")
        return CapacitySpec(split_total=inherit(total, source))
    found, given = by_value(raw, _steps, _CAPACITY)
    return CapacitySpec(
        by_value=tuple((key, tuple(_sourced(s, given) for s in steps)) for key, steps in found)
    )


def policy(raw: object) -> Policy:
    """Return how the streams of a pool share its places."""
    accepted = (
        "`shared`, `{ring_fenced: {..}}`, `{reserved: {..}}`, `{partial: {.., shared: n}}`"
        " or `{priority: [..]}`"
    )
    if isinstance(raw, str):
        if raw == "shared":
            return SHARED
        if raw in KINDS:
            raise wrong(f"`{raw}` says nothing of the streams: {accepted} is needed")
        raise wrong(f"{accepted} is needed, found {shown(raw)}{nearest(raw, KINDS)}")
    given = mapping(raw, accepted)
    flaws = Flaws()
    known_keys(given, (*KINDS, *BESIDE), flaws)
    beside = provenance(given, flaws)
    kinds = [key for key in given if key in KINDS]
    if len(kinds) != 1 and not flaws.found:
        flaws.note(f"one policy is needed, found {listed(kinds, 'and')}")
    flaws.close()
    kind = kinds[0]
    if kind == "shared":
        return SHARED
    found = flaws.read(_ranks if kind == "priority" else _parts(kind), given[kind], kind)
    flaws.close()
    return replace(
        found, kind=kind, parts=tuple((name, inherit(n, beside)) for name, n in found.parts)
    )


def _ranks(raw: object) -> Policy:
    if not isinstance(raw, list) or not raw:
        raise wrong(f"a list of streams, the first served first, is needed, found {shown(raw)}")
    names = one_or_more(text)(raw)
    for k, name in enumerate(names):
        if name in names[:k]:
            raise wrong(f"'{name}' stands there twice", k)
    return Policy(parts=tuple((name, Number(float(k), str(k))) for k, name in enumerate(names)))


def _is_share(raw: object) -> bool:
    value = raw.get("value") if isinstance(raw, Mapping) else raw
    return isinstance(value, str) and ("%" in value or "/" in value)


def _parts(kind: str) -> Callable[[object], Policy]:
    def read(raw: object) -> Policy:
        given = mapping(
            raw, "a map of streams with counts or shares, `{step_up: 20, step_down: 105}`,"
        )
        flaws = Flaws()
        numbers = bare_names(given)
        are_shares = [_is_share(value) for value in numbers.values()]
        if any(are_shares) and not all(are_shares):
            raise wrong("either counts or shares in percent are needed, found both")
        parts = pairs(given, flaws, share if any(are_shares) else count)
        if not parts and not flaws.found:
            flaws.note("at least one stream is needed")
        if kind == "partial" and "shared" not in numbers:
            flaws.note("`shared` is missing: the part that all streams may use")
        flaws.close()
        values = [number.value for _, number in parts]
        if any(are_shares) and kind != "reserved":
            sums_to_one(values)
        return Policy(parts=parts, is_share=any(are_shares))

    return read


def pool_ref(raw: object) -> tuple[str, ...]:
    """Return the pools of a service, the first written with room is taken."""
    if isinstance(raw, str):
        return (text(raw),)
    if isinstance(raw, Mapping) and set(raw) == {"any_of"} and raw["any_of"]:
        flaws = Flaws()
        found = flaws.read(one_or_more(text), raw["any_of"], "any_of")
        flaws.close()
        return found
    raise wrong(f"a pool or `{{any_of: [..]}}` is needed, found {shown(raw)}")
