"""A census as the start of a scenario: what is written over it, and as YAML to paste."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from carepath_sim.scenario.checks_vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from carepath_sim.calibrate.census_rows import CensusPerson
    from carepath_sim.scenario.model import Scenario


@dataclass(frozen=True)
class Extra:
    """An attribute that only the census knows.

    Attributes
    ----------
    name
        Its name.
    shares
        Values with the share of people in the census, by which later people are drawn.
    """

    name: str
    shares: tuple[tuple[str, float], ...]


def sections_of(
    scenario: Scenario,
    people: Sequence[CensusPerson],
    day: date,
    rest: str,
    extras: Sequence[Extra],
) -> dict[str, Any]:
    """Return what is written over a scenario so that it starts with these people.

    A service that is in the census starts with these people and nobody else.

    Parameters
    ----------
    day
        The day on which the scenario starts.
    rest
        How other services start: steady, as written, or empty.
    """
    names = Vocabulary(scenario)
    covered = {one.service.partition("[")[0] for one in people}
    written = scenario.resolved().get("start")
    old: dict[str, Any] = written if isinstance(written, dict) else {}
    start: dict[str, Any] = dict.fromkeys(old)
    steady = scenario.start.steady
    if rest == "empty":
        wished: list[str] = []
    elif rest == "steady":
        wished = [name for name in names.services if name not in names.in_place]
    elif steady is None:
        wished = []
    else:
        wished = list(steady.services) or [n for n in names.services if n not in names.in_place]
    if rest != "empty":
        for name, there in old.items():
            if name in {"census", "steady"}:
                continue
            if name.partition("[")[0] in covered:
                continue
            start[name] = there
    counted = {
        name.partition("[")[0]
        for name, there in scenario.start.services.items()
        if start.get(name) is not None and there.count is not None
    }
    left = [name for name in wished if name not in covered and name not in counted]
    if left:
        start["steady"] = left
    start["census"] = [_row(one) for one in people]
    sections: dict[str, Any] = {
        "clock": {"start": day.isoformat(), "warm_up": "0 d"},
        "start": start,
    }
    if extras:
        sections["attributes"] = {
            one.name: {"of": "person", "shares": _rounded(one.shares)} for one in extras
        }
    return sections


def _row(one: CensusPerson) -> dict[str, Any]:
    row: dict[str, Any] = {"person": one.name, "service": one.service}
    if one.days is not None:
        row["days_so_far"] = _short(one.days)
    if one.waiting_for:
        row["waiting_for"] = one.waiting_for
        if one.waited is not None:
            row["waiting_since"] = _short(one.waited)
    return {**row, **dict(one.known)}


def _short(days: float) -> float | int:
    return int(days) if days == int(days) else round(days, 4)


def _rounded(shares: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Return shares of six decimals that sum to 1."""
    found = {value: round(share, 6) for value, share in shares}
    last = shares[-1][0]
    found[last] = round(1 - sum(share for value, share in found.items() if value != last), 6)
    return found


def start_yaml(sections: Mapping[str, Any], name: str) -> str:
    """Return sections as YAML to paste; the people stand in ``census.csv`` beside it."""
    lines = [
        f"# Made from {name}. Paste into a scenario, or into a file that `extends` one;",
        "# census.csv lies beside it. What is null here takes away what the scenario says.",
    ]
    for section, fields in sections.items():
        lines.append(f"{section}:")
        for key, value in fields.items():
            shown = "census.csv" if (section, key) == ("start", "census") else _flow(value)
            lines.append(f"  {_word(key)}: {shown}")
    return "\n".join(lines) + "\n"


def _flow(value: object) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{_word(str(key))}: {_flow(one)}" for key, one in value.items())
        return "{" + pairs + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _word(key: str) -> str:
    return key if key.isidentifier() else json.dumps(key, ensure_ascii=False)
