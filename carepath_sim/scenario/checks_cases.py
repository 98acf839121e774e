"""Where the cases of a field are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from carepath_sim.scenario.checks_words import Path
from carepath_sim.scenario.model import Service
from carepath_sim.scenario.values import Case, Cases

FIELDS = (
    "units",
    "stream",
    "priority",
    "stay",
    "max_stay",
    "next",
    "plan_ahead",
    "max_wait",
    "transfer",
    "visits",
    "taper",
)
"""Fields of a service that may be ordered lists of cases."""


def case_path(field: Path, cases: Sequence[object], number: int) -> Path:
    """Return where a case is written: the field itself where it is the only one."""
    return field if len(cases) == 1 else (*field, number)


def numbered(field: Path, cases: Cases[Any]) -> Iterator[tuple[Path, Case[Any]]]:
    """Yield the cases of a field, each with the place where it is written."""
    for number, case in enumerate(cases):
        yield case_path(field, cases, number), case


def numbered_names(field: Path, entries: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """Yield the entries of a list of names, each with the place where it is written."""
    for number, entry in enumerate(entries):
        yield case_path(field, entries, number), entry


def fields(name: str, service: Service) -> Iterator[tuple[str, Path, Cases[Any]]]:
    """Yield the fields of a service that are lists of cases: name, path, cases."""
    for field in FIELDS:
        yield field, ("services", name, field), getattr(service, field)
