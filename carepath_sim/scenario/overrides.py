"""Fields set by hand: `--set PATH=VALUE` and `Scenario.set`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario.grammar_distributions import is_distribution
from carepath_sim.scenario.grammar_hours import is_hours
from carepath_sim.scenario.grammar_quantity import RECORD, bare_names
from carepath_sim.scenario.messages import section_at
from carepath_sim.scenario.nodes import Mark, Node, plain, planted, read_yaml
from carepath_sim.scenario.positions import child, parsed, written
from carepath_sim.scenario.reading import Path, listed, nearest
from carepath_sim.units import half_up

BY_HAND: Final = "by hand"
FREE: Final = frozenset({"background", "references", "targets", "stories"})
"""Sections without numbers that a result rests on."""
MAPS: Final = frozenset({"next", "to", "policy", "capacity", "shares", "frailty"})
"""Fields whose maps take a quality beside their names."""

_MEMBER = re.compile(r"(.+)\[(.+)\]")

Flawed = Callable[[Node, Path], bool]


@dataclass(frozen=True)
class Override:
    """A field with the value that it gets.

    Attributes
    ----------
    path
        The field.
    value
        What would stand in the file.
    text
        How it was asked for, for messages.
    """

    path: Path
    value: object
    text: str

    @property
    def mark(self) -> Mark:
        """Where the value comes from, in place of a line of a file."""
        return Mark(self.text)


def overrides_of(sets: Mapping[str, object] | Sequence[str]) -> list[Override]:
    """Return overrides from a mapping of path to value, or from texts `PATH=VALUE`.

    Raises
    ------
    ScenarioError
        If a text or a path cannot be read.
    """
    if isinstance(sets, str):
        sets = [sets]
    if isinstance(sets, Mapping):
        return [override(path, value) for path, value in sets.items()]
    found: list[Override] = []
    problems: list[Problem] = []
    for text in sets:
        try:
            found.append(_from_text(text))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return found


def override(path: str, value: object) -> Override:
    """Return one override.

    Raises
    ------
    ScenarioError
        If the path cannot be read.
    """
    text = f"--set {path}={value}"
    steps = parsed(path)
    if steps is None:
        raise ScenarioError([Problem(text, 0, 0, "", _FORM)])
    return Override(steps, value, text)


_FORM = "a field and its value are needed, such as `pools.community_beds.capacity=140`"


def _from_text(text: str) -> Override:
    path, equals, value = text.partition("=")
    if not equals:
        raise ScenarioError([Problem(f"--set {text}", 0, 0, "", _FORM)])
    found = override(path.strip(), value)
    try:
        given = plain(read_yaml(value.encode(), found.text)) if value.strip() else None
    except ScenarioError as error:
        said = error.problems[0].message
        raise ScenarioError([Problem(found.text, 0, 0, "", said)]) from None
    return replace(found, value=given)


def apply(
    root: Node, overrides: Sequence[Override], flawed: Flawed
) -> tuple[Node, tuple[str, ...]]:
    """Return a tree of values with overrides applied in order, and what the user should know.

    Parameters
    ----------
    flawed
        Says whether anything is wrong at or below a path of a tree; with its help numbers get the
        mark `quality: by hand` where the field takes one.

    Raises
    ------
    ScenarioError
        If a path leads nowhere.
    """
    notices: list[str] = []
    problems: list[Problem] = []
    for one in overrides:
        try:
            root = _applied(root, _of_member(root, one), flawed, notices)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return root, tuple(notices)


def _applied(root: Node, one: Override, flawed: Flawed, notices: list[str]) -> Node:
    is_capacity = len(one.path) in {3, 4} and one.path[0] == "pools" and one.path[2] == "capacity"
    if is_capacity and one.path[3:] == ("value",):
        one = replace(one, path=one.path[:3])
    before = _at(root, one.path)
    if is_capacity and len(one.path) == 3 and before is not None:
        _tell_replaced(one, before, notices)
    for value in _sourced(one):
        changed = _put(root, one.path, planted(value, one.mark, one.mark), one, ())
        if value is one.value or not flawed(changed, one.path):
            root = changed
            break
    if is_capacity and len(one.path) == 3 and before is not None:
        root = _scaled(root, one, before, notices)
    return root


def _sourced(one: Override) -> list[object]:
    """Return the value with its mark `by hand`, if it may be a number, and as it is."""
    value = one.value
    if one.path[0] in FREE or value is None or isinstance(value, (bool, list)):
        return [value]
    if isinstance(value, Mapping):
        takes = is_distribution(value) or one.path[-1] in MAPS or "value" in value
        return (
            [{**value, "quality": BY_HAND}, value] if takes and "quality" not in value else [value]
        )
    if isinstance(value, str) and not (
        value[:1].isdigit() or value[:1] in "-+.£" or value == "unlimited"
    ):
        return [value]
    return [{"value": value, "quality": BY_HAND}, value]


def _at(root: Node, path: Path) -> Node | None:
    node: Node | None = root
    for step in path:
        node = child(node, step) if node is not None else None
    return node


def _put(node: Node, path: Path, new: Node, one: Override, done: Path) -> Node:
    """Return a tree with a node put in at a path; the way there must exist."""
    step, rest = path[0], path[1:]
    if isinstance(node.value, list):
        number = int(step) if str(step).isdigit() else -1
        if not 0 <= number < len(node.value):
            size = len(node.value)
            _lost(
                one,
                (*done, step),
                f"entries are numbered 0 to {size - 1}" if size else "the list is empty",
            )
        entries = list(node.value)
        entries[number] = _put(entries[number], rest, new, one, (*done, step)) if rest else new
        return replace(node, value=entries)
    if not isinstance(node.value, dict):
        if step not in RECORD:
            _lost(one, (*done, step), f"`{written(done)}` is a single value and has no parts")
    inside: dict[str, Node] = node.value if isinstance(node.value, dict) else {"value": node}
    below = inside.get(str(step))
    if rest:
        if below is None:
            section = section_at((*done, step))
            if section is None or section_at(done) is None:
                hint = nearest(str(step), inside)
                known = "" if hint or not inside else f"; there are {listed(inside, 'and')}"
                _lost(one, (*done, step), f"there is no '{step}'{hint or known}")
            below = Node({}, one.mark, one.mark)
        new = _put(below, rest, new, one, (*done, step))
    elif below is not None and below.key is not None and new.key is None:
        new = replace(new, key=below.key)
    entries_of = dict(inside)
    if new.value is None and not rest:
        entries_of.pop(str(step), None)
    else:
        entries_of[str(step)] = new
    return replace(node, value=entries_of)


def _lost(one: Override, path: Path, message: str) -> None:
    raise ScenarioError([Problem(one.text, 0, 0, written(path), message)])


# --- the capacity of a pool ----------------------------------------------------------------------


def _of_member(root: Node, one: Override) -> Override:
    """Return the override of a whole template for one of the pools made from it."""
    member = _MEMBER.fullmatch(str(one.path[1])) if len(one.path) > 1 else None
    if member is None:
        return one
    name, value = member[1], member[2]
    if one.path[0] != "pools" or one.path[2:] not in {("capacity",), ("capacity", "value")}:
        _lost(one, one.path[:2], "only the capacity of a pool can differ from value to value")
    pool = _at(root, ("pools", name))
    if pool is None:
        known = plain(_at(root, ("pools",)) or planted({}, one.mark))
        _lost(one, ("pools", name), f"there is no '{name}'{nearest(name, known)}")
    values = _values(root, pool)
    if value not in values:
        _lost(
            one,
            one.path[:2],
            f"'{value}' is no value of its `per`; known are {listed(values, 'and')}",
        )
    old = _at(root, ("pools", name, "capacity"))
    given = plain(old) if old is not None else None
    by_value = isinstance(given, dict) and set(bare_names(given)) <= set(values)
    if isinstance(given, dict) and "split" in given:
        _lost(
            one,
            one.path[:2],
            "the capacity is split by population; write it as a map by value first",
        )
    every = bare_names(given) if by_value else dict.fromkeys(values, given)
    new = {**every, value: {"value": one.value, "quality": BY_HAND}}
    return replace(one, path=("pools", name, "capacity"), value=new)


def _values(root: Node, pool: Node | None) -> list[str]:
    """Return the values of the attribute for each of which there is a pool."""
    per = child(pool, "per") if pool is not None else None
    attribute = _at(root, ("attributes", str(per.value))) if per is not None else None
    if attribute is None:
        return []
    given = plain(attribute)
    mapped = {k: v for k, v in given.get("map", {}).items() if k != "from"}
    shares = given.get("shares", {})
    cases = shares if isinstance(shares, list) else [shares]
    drawn = [
        name for case in cases for name in bare_names(case.get("shares", case)) if name != "when"
    ]
    return list(dict.fromkeys([*map(str, mapped.values()), *drawn]))


def _tell_replaced(one: Override, before: Node, notices: list[str]) -> None:
    where = written(one.path)
    given = plain(before)
    if isinstance(given, list):
        dates = [str(step["from"]) for step in given if isinstance(step, dict) and "from" in step]
        if dates:
            notices.append(
                f"{where}: set by hand; the changes from {listed(dates, 'and')} are dropped"
            )
    elif isinstance(given, dict) and any(is_hours(key) for key in given):
        if not isinstance(one.value, Mapping):
            notices.append(f"{where}: set by hand; the places by hours are dropped")
    elif isinstance(given, dict) and "value" not in given and not isinstance(one.value, Mapping):
        notices.append(f"{where}: set by hand for each of the pools made from the template")


def _number(given: object) -> float | None:
    """Return a number of places from what stands in a file, or None."""
    if isinstance(given, list):
        given = given[0] if given else None
    if isinstance(given, Mapping):
        given = given.get("value", given.get("places"))
        if isinstance(given, Mapping):
            given = given.get("value")
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        return None
    try:
        return float(given)
    except ValueError:
        return None


def _scaled(root: Node, one: Override, before: Node, notices: list[str]) -> Node:
    """Return the tree with the counts of the pool's policy in proportion to the new capacity."""
    path = (*one.path[:2], "policy")
    policy = _at(root, path)
    old, new = _number(plain(before)), _number(one.value)
    if policy is None or not isinstance(policy.value, dict) or not old or new is None or new < 0:
        return root
    for kind, parts in policy.value.items():
        if kind in {"ring_fenced", "reserved", "partial"} and isinstance(parts.value, dict):
            counts = {name: _number(plain(part)) for name, part in parts.value.items()}
            known = {name: count for name, count in counts.items() if count is not None}
            if len(known) != len(bare_names(counts)) or not known:
                continue
            total = half_up(sum(known.values()) * new / old)
            scaled = largest_remainder(total, list(known.values()))
            for (name, count), share in zip(known.items(), scaled, strict=True):
                if share != count:
                    node = planted(share, one.mark, one.mark)
                    root = _put(root, (*path, kind, name), node, one, ())
            words = [f"{name} {n}" for name, n in zip(known, scaled, strict=True)]
            notices.append(f"{written(path)}: scaled with the capacity to {listed(words, 'and')}")
    return root


def largest_remainder(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers in proportion to weights that sum to a total.

    >>> largest_remainder(140, [20, 105])
    [22, 118]
    """
    whole = sum(weights)
    if whole <= 0:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(x) for x in exact]
    order = sorted(range(len(exact)), key=lambda k: (parts[k] - exact[k], k))
    for k in order[: total - sum(parts)]:
        parts[k] += 1
    return parts
