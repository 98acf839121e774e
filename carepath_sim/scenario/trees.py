"""Taking values out of a tree and putting others in."""

from __future__ import annotations

from dataclasses import replace

from carepath_sim.scenario.grammar_quantity import RECORD
from carepath_sim.scenario.messages import fields_of, section_at
from carepath_sim.scenario.nodes import Node
from carepath_sim.scenario.positions import child, written
from carepath_sim.scenario.reading import Path, Step, listed, nearest, wrong


def at(root: Node, path: Path) -> Node | None:
    """Return the node at a path, or None where there is none."""
    node: Node | None = root
    for step in path:
        node = child(node, step) if node is not None else None
    return node


def put(node: Node, path: Path, new: Node, done: Path = ()) -> Node:
    """Return a tree with a node put in at a path; a node without value takes out what is there.

    Parameters
    ----------
    done
        The way to `node` from the root of the scenario.

    Raises
    ------
    Wrong
        If the path leads through something that is not there. Only sections that the language
        knows are made on the way: a new pool or service would be a misspelt name.
    """
    step, rest = path[0], path[1:]
    here = (*done, step)
    if isinstance(node.value, list):
        entries = list(node.value)
        k = _number(step, len(entries), here)
        entries[k] = put(entries[k], rest, new, here) if rest else new
        return replace(node, value=entries)
    if not isinstance(node.value, dict) and step not in RECORD:
        raise wrong(f"`{written(done)}` is a single value and has no parts", *here)
    inside = dict(node.value) if isinstance(node.value, dict) else {"value": node}
    key = str(step)
    if rest:
        inside[key] = put(inside.get(key) or _section(inside, done, step, new), rest, new, here)
    elif new.value is None:
        inside.pop(key, None)
    else:
        inside[key] = new
    return replace(node, value=inside)


def _number(step: Step, size: int, here: Path) -> int:
    if str(step).isdigit() and int(step) < size:
        return int(step)
    known = f"entries are numbered 0 to {size - 1}" if size else "the list is empty"
    raise wrong(f"there is no entry {step}: {known}", *here)


def _section(inside: dict[str, Node], done: Path, step: Step, new: Node) -> Node:
    """Return an empty section where the language knows one."""
    if section_at(done) is not None and section_at((*done, step)) is not None:
        return Node({}, new.mark, new.mark)
    hint = nearest(str(step), [*inside, *fields_of(section_at(done))])
    known = "" if hint or not inside else f"; there are {listed(inside, 'and')}"
    raise wrong(f"there is no '{step}'{hint or known}", *done, step)
