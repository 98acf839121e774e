"""Which parts of the language a scenario uses: each field, and the ways of writing that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carepath_sim.report.reference import Entry, entries
from carepath_sim.scenario.model import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

WORDS = {
    "Pool.policy": ("shared", "ring_fenced", "reserved", "partial", "priority"),
    "Service.stay": ("mixture", "zero_inflated", "histogram", "empirical", "coxian", "fixed"),
    "Service.pool": ("any_of",),
    "Service.next": ("all_of", "then", "died", "back", "home", "advice", "event", "when"),
    "Service.stream": ("from s0", "else", "when"),
    "Service.max_wait": ("to", "cause"),
    "Service.set": ("for",),
}
"""Words inside a field that stand for something of its own."""

FOR_READERS = (
    "Reference.", "Target.", "Standard.", "Denominators.", "Payment.", "Story.",
    "Scenario.references", "Scenario.targets", "Scenario.standards", "Scenario.denominators",
    "Scenario.payments", "Scenario.stories", "Scenario.background", "Scenario.notes",
    "Scenario.extends", "Scenario.audit", "Attribute.note", "Service.description",
    "Service.organisation", "Service.role", "Population.deaths_where", "Programme.description",
    "Change.note",
)  # fmt: skip
"""What no run depends on: words, figures to compare with, stories, looks at the state."""


def runs_depend_on(feature: str) -> bool:
    """Tell whether a feature changes what happens to people, or what is written of them."""
    field = feature.partition("=")[0].rpartition(".")[2]
    return not feature.startswith(FOR_READERS) and field not in {"title", "source", "quality"}


def features(raw: Any) -> set[str]:
    """Return what a scenario, given as plain values, uses."""
    return set(_of(Scenario, raw))


def _of(section: type[BaseModel], raw: Any) -> Iterator[str]:
    fields = {entry.name: entry for entry in entries(section)}
    for key, value in raw.items():
        entry = fields.get(key, fields.get("NAME"))
        if entry is None:
            continue
        if key not in fields:
            yield f"{section.__name__}.NAME"
            yield from _of(entry.below, value)  # a section under a name that the author chooses
            continue
        full = f"{section.__name__}.{key}"
        yield full
        if entry.choices:
            yield f"{full}={str(value).lower()}"
        yield from (f"{full}: {word}" for word in WORDS.get(full, ()) if word in _words(value))
        if entry.below is not None:
            if isinstance(value, str):  # one word in place of a section: `start: steady`
                yield f"{entry.below.__name__}.{value}"
            yield from (found for one in _below(entry, value) for found in _of(entry.below, one))


def _below(entry: Entry, value: Any) -> list[Any]:
    """Return the sections that stand in a field: one, one under each name, or a list."""
    if isinstance(value, dict) and entry.named:
        value = list(value.values())
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, dict)]


def _words(value: Any) -> set[str]:
    """Return every word in a value, keys and leaves."""
    if isinstance(value, dict):
        return {str(key) for key in value}.union(*(_words(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(_words(inner) for inner in value))
    return {str(value)}


def known() -> set[str]:
    """Return every field of the language, the words above, and every choice but the default."""
    found: set[str] = set()
    waiting: list[type[BaseModel]] = [Scenario]
    while waiting:
        section = waiting.pop()
        for entry in entries(section):
            full = f"{section.__name__}.{entry.name}"
            found |= {full, *(f"{full}: {word}" for word in WORDS.get(full, ()))}
            found |= _choices(full, entry)
            if entry.below is not None:
                waiting.append(entry.below)
    return found


def _choices(full: str, entry: Entry) -> set[str]:
    return {f"{full}={choice}" for choice in entry.choices if choice != entry.default}
