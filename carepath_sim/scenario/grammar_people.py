"""People: shares of attributes, factors on hazards, and seasons."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise

from carepath_sim.scenario.grammar_cases import cases
from carepath_sim.scenario.grammar_hours import (
    MONTHS,
    WEEKDAYS,
    day_windows,
    months,
    weekdays,
    whole_hours,
)
from carepath_sim.scenario.grammar_numbers import duration, factor
from carepath_sim.scenario.grammar_quantity import BESIDE, bare_names, inherit, pairs, provenance
from carepath_sim.scenario.grammar_shares import shares
from carepath_sim.scenario.reading import Flaws, known_keys, listed, mapping, shown, text, wrong
from carepath_sim.scenario.values import Number, ValueMap
from carepath_sim.units import HOUR

Pairs = tuple[tuple[str, Number], ...]

SEXES = ("women", "men")
DAYS_OF_MONTH = (31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Mean lengths of the months [days]."""


def _shares_case(raw: object) -> Pairs:
    """Return shares, alone or under `shares` with their source beside them."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("shares"), Mapping):
        return shares(raw, "a map of values with their shares")
    flaws = Flaws()
    known_keys(raw, ("shares", *BESIDE), flaws)
    given = provenance(raw, flaws)
    found = flaws.read(shares, raw["shares"], "shares")
    flaws.close()
    return tuple((name, inherit(number, given)) for name, number in found)


attribute_shares = cases(_shares_case)


def value_map(raw: object) -> ValueMap:
    """Return the values of an attribute by those of another."""
    given = mapping(raw, "a map such as `{from: locality, bexhill: east, rye: east}`")
    flaws = Flaws()
    if "from" not in given:
        flaws.note("`from` is missing: the attribute whose values stand on the left")
    from_ = flaws.read(text, given.get("from", "?"), "from")
    found = tuple((k, flaws.read(text, v, k)) for k, v in given.items() if k != "from")
    if not found:
        flaws.note("at least one value is needed beside `from`")
    flaws.close()
    return ValueMap(from_, found)


def frailty_shares(raw: object) -> tuple[tuple[str | None, Pairs], ...]:
    """Return shares of frailty levels, for all or by sex."""
    if not isinstance(raw, Mapping) or not set(raw) & set(SEXES):
        return ((None, shares(raw, "a map of frailty levels with their shares")),)
    flaws = Flaws()
    known_keys(raw, SEXES, flaws)
    for sex in SEXES:
        if sex not in raw:
            flaws.note(f"`{sex}` is missing")
    found = tuple((sex, flaws.read(shares, raw[sex], sex)) for sex in SEXES if sex in raw)
    flaws.close()
    return found


def _named(parse: Callable[[str], list[int]], names: tuple[str, ...]) -> Callable[[str], list[str]]:
    return lambda written: [names[k] for k in parse(written)]


def _window_name(written: str) -> list[str]:
    """Return a window of whole hours as it is read later; one over midnight becomes two."""
    whole_hours(written)
    return [f"{a // HOUR:02d}:00-{b // HOUR:02d}:00" for a, b in day_windows(written)]


_NAMES: Mapping[str, Callable[[str], list[str]]] = {
    "month": _named(months, MONTHS),
    "weekday": _named(weekdays, WEEKDAYS),
    "hour": _window_name,
}


def _expanded(found: Pairs, names: Callable[[str], list[str]], flaws: Flaws) -> Pairs:
    expanded: dict[str, Number] = {}
    for key, number in found:
        for name in flaws.read(names, key, key) or []:
            if name in expanded:
                flaws.note(f"{name} is given twice", key)
            expanded[name] = number
    return tuple(expanded.items())


def _factor_pairs(key: str, raw: object) -> Pairs:
    given = mapping(raw, "a map of values with their factors, such as `{mild: 1.6, severe: 3}`,")
    flaws = Flaws()
    found = pairs(given, flaws, factor)
    if key in _NAMES:
        found = _expanded(found, _NAMES[key], flaws)
    flaws.close()
    if key == "hour":
        _overlaps([name for name, _ in found])
    return found


def _overlaps(windows: list[str]) -> None:
    taken: list[tuple[int, int]] = []
    for name in windows:
        for begin, end in day_windows(name):
            if any(begin < b and a < end for a, b in taken):
                raise wrong("these hours overlap with others above", name)
            taken.append((begin, end))


def factors(raw: object) -> tuple[tuple[str, Pairs], ...]:
    """Return factors by attribute, month, weekday or hour of day."""
    given = mapping(raw, "a map such as `{frailty: {mild: 1.6, severe: 3}, month: {Dec: 1.3}}`")
    flaws = Flaws()
    found = tuple(
        (key, flaws.read(partial(_factor_pairs, key), value, key)) for key, value in given.items()
    )
    flaws.close()
    return found


def _times(raw: object) -> Number:
    if not isinstance(raw, Mapping) or "times" not in raw:
        return factor(raw)
    flaws = Flaws()
    known_keys(raw, ("times", *BESIDE), flaws)
    given = provenance(raw, flaws)
    found = flaws.read(factor, raw["times"], "times")
    flaws.close()
    return inherit(found, given)


def discharge_steps(raw: object) -> tuple[tuple[Number, Number], ...]:
    """Return factors by time since discharge, the shortest time first."""
    given = mapping(raw, "a map such as `{28 d: {times: 2.5}}`")
    flaws = Flaws()
    found = [
        (flaws.read(duration, key, key), flaws.read(_times, value, key))
        for key, value in bare_names(given).items()
    ]
    beside = provenance(given, flaws)
    flaws.close()
    found.sort(key=lambda step: step[0].value)
    for (first, _), (second, _) in pairwise(found):
        if first.value == second.value:
            raise wrong(f"{first.text} and {second.text} are the same time", second.text)
    return tuple((until, inherit(number, beside)) for until, number in found)


def _cycle(
    raw: object,
    size: int,
    places: Callable[[str], list[int]],
    weights: tuple[float, ...],
    accepted: str,
) -> tuple[float, ...]:
    flaws = Flaws()
    relative = [1.0] * size
    if isinstance(raw, list):
        if len(raw) != size:
            raise wrong(f"{accepted} or {size} numbers are needed, found {shown(raw)}")
        relative = [flaws.read(factor.value, entry, k) for k, entry in enumerate(raw)]
    else:
        given = mapping(raw, f"{accepted} or a list of {size} numbers")
        seen: set[int] = set()
        for key, number in pairs(given, flaws, factor):
            for k in flaws.read(places, key, key) or []:
                if k in seen:
                    flaws.note("given twice: another entry names it too", key)
                seen.add(k)
                relative[k] = number.value
    flaws.close()
    mean = math.fsum(w * r for w, r in zip(weights, relative, strict=True)) / math.fsum(weights)
    if mean <= 0:
        raise wrong("at least one must be above 0")
    return tuple(r / mean for r in relative)


def by_month(raw: object) -> tuple[float, ...]:
    """Return relative rates of the months, January first, with mean 1 over the year."""
    return _cycle(raw, 12, months, DAYS_OF_MONTH, "months such as `{Dec: 1.3, Jan: 1.3}`")


def by_weekday(raw: object) -> tuple[float, ...]:
    """Return relative rates of the weekdays, Monday first, with mean 1."""
    return _cycle(raw, 7, weekdays, (1,) * 7, "weekdays such as `{Sat: 0.3, Sun: 0.2}`")


def by_hour(raw: object) -> tuple[float, ...]:
    """Return relative rates of the hours of day with mean 1."""
    return _cycle(raw, 24, whole_hours, (1,) * 24, "hours such as `{08:00-20:00: 3}`")


def fixed(raw: object) -> tuple[tuple[str, str], ...]:
    """Return attributes with their values."""
    given = mapping(raw, "a map such as `{urgency: rapid, age: 80}`")
    flaws = Flaws()
    found = tuple((key, flaws.read(text, value, key)) for key, value in given.items())
    flaws.close()
    return found


def story_draws(raw: object) -> tuple[tuple[str, tuple[Number | str, ...]], ...]:
    """Return the outcomes of named decisions, in the order in which they are taken."""
    given = mapping(raw, "a map such as `{acute.stay: 6 d, acute.route: reablement}`")
    flaws = Flaws()
    found = []
    for key, value in given.items():
        if "." not in key:
            flaws.note("a decision such as `acute.stay` or `acute.route` is needed", key)
        read = _outcome(key)
        entries = value if isinstance(value, list) else [value]
        if not entries:
            flaws.note("at least one outcome is needed, found an empty list", key)
        listed_ = isinstance(value, list)
        found.append(
            (
                key,
                tuple(
                    flaws.read(read, e, key, *([k] if listed_ else []))
                    for k, e in enumerate(entries)
                ),
            )
        )
    flaws.close()
    return tuple(found)


def _outcome(key: str) -> Callable[[object], Number | str]:
    lasts = key.rpartition(".")[2] in {"stay", "wait", "max_wait", "max_stay"}

    def read(raw: object) -> Number | str:
        if lasts or (isinstance(raw, str) and raw.strip()[:1].isdigit()):
            return duration(raw)
        return text(raw)

    return read


def standard_end(raw: object) -> tuple[str, ...]:
    """Return the instants of which the first ends a waiting time."""
    flaws = Flaws()
    entries = raw if isinstance(raw, list) else [raw]
    if not entries:
        raise wrong("at least one instant is needed, found an empty list")
    found = tuple(
        flaws.read(instant, entry, *([k] if isinstance(raw, list) else []))
        for k, entry in enumerate(entries)
    )
    flaws.close()
    return found


INSTANTS = ("requested", "needed", "granted", "started", "ready", "left")


def instant(raw: object) -> str:
    """Return an instant of a stay, such as `spr.requested`."""
    service, _, word = str(raw).rpartition(".")
    if not isinstance(raw, str) or not service or word not in INSTANTS:
        raise wrong(
            f"a service with {listed(f'`.{w}`' for w in INSTANTS)} is needed, found {shown(raw)}"
        )
    return raw
