"""Fields set by hand that would change later by date: the changes of them are dropped."""

from __future__ import annotations

from dataclasses import replace

from carepath_sim.scenario.nodes import Node
from carepath_sim.scenario.positions import child, parsed, written
from carepath_sim.scenario.reading import Path
from carepath_sim.scenario.trees import at


def without_changes_of(root: Node, path: Path) -> tuple[Node, list[str]]:
    """Return the tree without dated changes of a field, and what the user should know.

    A change that sets a part of the field, or a section in which it lies, is one of it, too.
    """
    changes = at(root, ("changes",))
    if changes is None or not isinstance(changes.value, list) or path[0] == "changes":
        return root, []
    kept: list[Node] = []
    said: list[str] = []
    for change in changes.value:
        sets = child(change, "set")
        if sets is None or not isinstance(sets.value, dict) or not isinstance(change.value, dict):
            kept.append(change)
            continue
        dropped = [text for text in sets.value if _overlap(parsed(text) or (), path)]
        if not dropped:
            kept.append(change)
            continue
        start = child(change, "from")
        day = start.value if start is not None else "?"
        said.append(f"{written(path)}: set by hand; the change from {day} is dropped")
        left = {text: node for text, node in sets.value.items() if text not in dropped}
        inside = {key: node for key, node in change.value.items() if key != "set"}
        if left:
            inside["set"] = replace(sets, value=left)
        if left or "retire" in inside:
            kept.append(replace(change, value=inside))
    if not said or not isinstance(root.value, dict):
        return root, []
    inside_root = {key: node for key, node in root.value.items() if key != "changes"}
    if kept:
        inside_root["changes"] = replace(changes, value=kept)
    return replace(root, value=inside_root), said


def _overlap(one: Path, other: Path) -> bool:
    """Return whether one path lies within the other; `value` is a number itself."""
    one, other = (path[:-1] if path[-1:] == ("value",) else path for path in (one, other))
    short = min(len(one), len(other))
    return short > 0 and one[:short] == other[:short]
