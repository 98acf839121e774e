"""What changes when: the dated changes of a scenario as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.report.words import condition_text
from carepath_sim.scenario.diff import bare, in_text
from carepath_sim.scenario.nodes import plain
from carepath_sim.scenario.positions import parsed
from carepath_sim.scenario.trees import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.reading import Path


class Changed(NamedTuple):
    """One field that changes.

    Attributes
    ----------
    day, where, field
        From when, for whom, and what.
    before, after
        What stood there, and what stands there then.
    source
        Where the change comes from, and how good it is.
    """

    day: str
    where: str
    field: str
    before: str
    after: str
    source: str


def changed(scenario: Scenario) -> Iterator[Changed]:
    """Yield every field that changes, in order of time."""
    stands: dict[tuple[str, Path], object] = {}
    root = scenario.tree
    for change in scenario.changes:
        day, where = change.from_.isoformat(), condition_text(change.where)
        source = ", ".join(filter(None, [change.source, change.quality]))
        for text, value in change.set:
            path = parsed(text) or ()
            node = at(root, path)
            first = plain(node) if node is not None else None
            before = stands.get((where, path), stands.get(("", path), first))
            stands[where, path] = value
            yield Changed(day, where, text, _short(before), _short(value), source)
        if change.retire is not None:
            gone, to = change.retire.service, change.retire.to
            yield Changed(day, where, f"services.{gone}", "in use", f"retired to {to}", source)


def _short(value: object) -> str:
    return "-" if value is None else in_text(bare(value))
