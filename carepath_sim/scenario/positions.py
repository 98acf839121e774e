"""Paths of fields: how they are written, read, and found in a file."""

from __future__ import annotations

import re

from carepath_sim.scenario.nodes import Mark, Node
from carepath_sim.scenario.reading import CELL, Path, Step

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


def written(path: Path) -> str:
    """Return a path as text; cells of a table are told by their line and column alone.

    >>> written(("services", "acute", "next", 1, "to"))
    'services.acute.next[1].to'
    """
    steps = [step for step in path if not CELL.fullmatch(str(step))]
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps]
    return "".join(parts).removeprefix(".")


def parsed(text: str) -> Path | None:
    """Return a path from text, or None where it is none.

    What stands in brackets is the number of an entry, or belongs to the name before it: the pool
    or service of one value of an attribute.

    >>> parsed("services.acute.next[1].to"), parsed("pools.nst[rye].capacity")
    (('services', 'acute', 'next', 1, 'to'), ('pools', 'nst[rye]', 'capacity'))
    """
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (found[1] and at and text[at] != "."):
            return None
        if found[1]:
            steps.append(found[1].strip())
        elif not steps or not found[2].strip():
            return None
        elif found[2].strip().isdigit():
            steps.append(int(found[2]))
        else:
            steps[-1] = f"{steps[-1]}[{found[2].strip()}]"
        at = found.end()
    return tuple(steps) or None


def child(node: Node, step: Step) -> Node | None:
    """Return what lies under a key or number."""
    if isinstance(node.value, dict):
        return node.value.get(str(step))
    if isinstance(node.value, list) and str(step).isdigit():
        number = int(step)
        return node.value[number] if number < len(node.value) else None
    return None


def deepest(root: Node, path: Path) -> tuple[Node, int]:
    """Return the node at a path, or the last one on the way to it, and how many steps led there."""
    node = root
    for taken, step in enumerate(path):
        below = child(node, step)
        if below is None:
            return node, taken
        node = below
    return node, len(path)


def mark_of(root: Node, path: Path, *, of_key: bool = False) -> Mark:
    """Return where a field is written; where it is missing, what it is missing in.

    Parameters
    ----------
    of_key
        Where the name of the field stands, rather than its value.
    """
    node, taken = deepest(root, path)
    found = CELL.fullmatch(str(path[taken])) if taken < len(path) else None
    if found is not None and isinstance(node.value, str):
        line = node.mark.line + int(found[1]) - 1
        # Text that stands in the scenario itself begins below its field.
        return (
            node.mark._replace(line=line, column=int(found[2]))
            if not node.key
            else (node.mark._replace(line=line + 1, column=1))
        )
    if node.key is not None and (of_key or node.key[:2] != node.mark[:2]):
        return node.key
    return node.mark
