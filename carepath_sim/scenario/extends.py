"""A scenario that is built on another one: only what differs is written."""

from __future__ import annotations

import os
import pathlib
from dataclasses import replace

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario.beside import taken_in
from carepath_sim.scenario.catalogue import is_there
from carepath_sim.scenario.nodes import MOST_BYTES, Node, read_yaml
from carepath_sim.scenario.reading import Path, nearest, shown
from carepath_sim.scenario.side_files import SideFiles

WHOLE = {
    "services": {
        "next", "stay", "pool", "units", "stream", "priority", "max_stay", "max_wait",
        "plan_ahead", "visits", "taper", "cost", "hazard_factor",
    },
    "pools": {"policy", "capacity"},
    "start": {"who", "remaining", "days_so_far", "waiting"},
    "standards": {"when", "to"},
    "attributes": {"map"},
}  # fmt: skip
"""Fields that are replaced as a whole: half of a route or of a distribution means nothing."""


TURNING = ("population", "turning_65")
"""One rate, or numbers by year."""


def read_file(path: pathlib.Path, shown_as: str, problems: list[Problem] | None = None) -> Node:
    """Return the content of a file, with what it extends and the data that it names.

    Parameters
    ----------
    problems
        Takes what is wrong with the data; something stands in its place, so that the rest of the
        scenario can be looked at.
    """
    return _read(path, shown_as, (), [] if problems is None else problems)


def _read(
    path: pathlib.Path,
    shown_as: str,
    above: tuple[pathlib.Path, ...],
    problems: list[Problem],
) -> Node:
    try:
        with path.open("rb") as file:
            source = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ScenarioError(
            [Problem(shown_as, 0, 0, "", f"cannot be read: {error.strerror or error}")]
        ) from None
    node = read_yaml(source, shown_as)
    if not isinstance(node.value, dict):
        message = f"a scenario is a mapping that begins with `carepath: 1`, found {_kind(node)}"
        raise ScenarioError([Problem(*node.mark, "", message)])
    node = taken_in(node, path, shown_as)
    assert isinstance(node.value, dict)  # noqa: S101 - as it was before
    extends = node.value.get("extends")
    # Most files name no data, and need no walk through their tree.
    if b"csv" in source:
        node = SideFiles(path, shown_as, problems).taken_in(node)
    if extends is None or extends.value is None:
        return node
    base = _base(path, shown_as, extends, (*above, path.resolve()), problems)
    return merged(base, node, ())


def _kind(node: Node) -> str:
    return shown(node.value if not isinstance(node.value, list) else [0] * len(node.value))


def _base(
    path: pathlib.Path,
    shown_as: str,
    extends: Node,
    above: tuple[pathlib.Path, ...],
    problems: list[Problem],
) -> Node:
    def refuse(message: str) -> ScenarioError:
        return ScenarioError([Problem(*extends.mark, "extends", message)])

    given = extends.value
    if not isinstance(given, str) or not given.strip():
        raise refuse(f"the name of a file in the same folder is needed, found {_kind(extends)}")
    folder = path.resolve().parent
    target = (path.parent / given).resolve()
    if pathlib.PurePath(given).is_absolute() or folder not in target.parents:
        raise refuse(f"only files in the scenario's own folder can be extended, found '{given}'")
    if target in above:
        chain = " -> ".join(step.name for step in (*above[above.index(target) :], target))
        raise refuse(f"the files extend each other in a circle: {chain}")
    if not is_there(target):
        known = sorted(p.name for p in folder.glob("*.y*ml") if p != above[-1])
        others = "; there are: " + (", ".join(known) or "no others")
        raise refuse(
            f"there is no file '{given}' in the same folder{nearest(given, known) or others}"
        )
    name = os.path.join(os.path.dirname(shown_as), given)  # noqa: PTH118, PTH120 - as it was given
    return _read(target, name, above, problems)


def merged(base: Node, over: Node, path: Path) -> Node:
    """Return a base with what is written over it.

    Maps merge key by key, everything else is replaced; null removes.
    """
    if not isinstance(base.value, dict) or not isinstance(over.value, dict) or is_whole(path):
        return over
    # A number with its source is one thing; without `value` only what is said of it changes.
    if "value" in base.value and "value" in over.value and not _is_target(path):
        return over
    # So is a rate, or a table by year in its place.
    if path == TURNING and {_is_table(base), _is_table(over)} == {True, False}:
        return over
    found = dict(base.value)
    for key, node in over.value.items():
        if node.value is None and key in found:
            del found[key]
        elif key in found:
            found[key] = merged(found[key], node, (*path, key))
        else:
            found[key] = node
    return replace(over, value=found)


def is_whole(path: Path) -> bool:
    """Return whether a field is replaced as a whole."""
    if path[:1] == ("pools",) and path[2:] == ("from_staff", "fte"):
        return True
    return len(path) == 3 and path[2] in WHOLE.get(str(path[0]), ())


def _is_table(node: Node) -> bool | None:
    """Return whether a node has numbers by year, or one; None where it only says more of them."""
    if not isinstance(node.value, dict) or "value" in node.value:
        return False
    return True if any(key.isdecimal() for key in node.value) else None


def _is_target(path: Path) -> bool:
    return len(path) == 2 and path[0] == "targets"
