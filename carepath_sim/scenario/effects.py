"""Effects that somebody put in without evidence: named beside every result they touch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.values import Number

EVIDENCE = ("document", "good", "fair")
"""Qualities of effects that need no word beside the results."""


def unfounded(scenario: Scenario) -> tuple[str, ...]:
    """Return a sentence for every effect that changes something and has no evidence."""
    return tuple(_all(scenario))


def _all(scenario: Scenario) -> Iterator[str]:
    for name, programme in scenario.programmes.items():
        for cause, number in programme.effect:
            if number.value != 1:
                what = f"programme {name}: {cause} x {number.value:.10g}"
                yield from _said(what, number)
    for name, service in scenario.services.items():
        for change in service.changes_state:
            if change.chance.value > 0:
                way = "up" if change.up else "down"
                what = f"{name} moves {change.attribute} {way}: {change.chance.text}"
                yield from _said(what, change.chance)


def _said(what: str, number: Number) -> Iterator[str]:
    known = number.provenance
    if known.quality in EVIDENCE or (known.quality is None and known.source):
        return
    quality = known.quality or "no source given"
    span = ""
    if known.low is not None and known.high is not None:
        span = f", range {known.low:.10g} to {known.high:.10g}"
    yield f"an effect that was put in: {what} ({quality}{span})"
