"""Names that do not exist, in a scenario with fields that cannot be read.

The checks need a scenario that has been read. So that an author need not mend the fields first to
hear of a misspelt service, the flawed fields are left out and the names are looked up in the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pydantic import ValidationError

from carepath_sim.scenario import checks
from carepath_sim.scenario.messages import Found, section_at
from carepath_sim.scenario.model import Scenario
from carepath_sim.scenario.nodes import Mark, Node, plain, planted
from carepath_sim.scenario.reading import Path, Wrong
from carepath_sim.scenario.trees import put

STAND_INS: Final[dict[str, Any]] = {
    "at": "home",
    "capacity": "unlimited",
    "count": 1,
    "fte": 1,
    "length": "1 y",
    "rate": "1 per y",
    "size": 1,
    "start": "2000-01-01",
    "title": "?",
    "to": "home",
    "within": "1 d",
}
"""Values in place of flawed ones where a section cannot do without."""
KINDS: Final = {"service": "exits", "pool": "", "attribute": "attributes", "hazard": "population"}
"""Kinds of names, and the section that must be without flaw for them to be known."""


def misspelt(root: Node, flawed: Iterable[Path]) -> list[Found]:
    """Return names that do not exist, found without the flawed fields.

    Only what can be said with certainty is returned: names of services, pools, attributes and
    hazards, which do not depend on the fields left out.
    """
    paths = [path for path in flawed if path]
    # A section that does not exist may be a misspelt one: all names that stand in it are unknown.
    if any(section_at(path[:1]) is None and path[0] not in Scenario.model_fields for path in paths):
        return []
    # A flawed key hides a name.
    if any(len(path) < 3 and path[0] in {"services", "pools", "exits"} for path in paths):
        return []
    mark = Mark("")
    try:
        for path in paths:
            field = _field(path)
            value = STAND_INS.get(str(field[-1])) if section_at(field) is None else None
            root = put(root, field, planted(value, mark))
        scenario = Scenario.model_validate(plain(root))
    except (ValidationError, Wrong):
        return []
    sections = {path[0] for path in paths}
    certain = tuple(f"unknown {kind} '" for kind, basis in KINDS.items() if basis not in sections)
    return [
        Found(path, message)
        for path, message in checks.problems(scenario)
        if message.startswith(certain) and path not in paths
    ]


def _field(path: Path) -> Path:
    """Return the field in which a flaw lies."""
    inside = max(k for k in range(len(path)) if section_at(path[:k]) is not None)
    return path[: inside + 1]
