"""Setting the capacity of a pool by hand: what goes with it, and one pool of a template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from carepath_sim.scenario.grammar_hours import is_hours
from carepath_sim.scenario.grammar_quantity import bare_names
from carepath_sim.scenario.nodes import Node, plain, planted
from carepath_sim.scenario.positions import written
from carepath_sim.scenario.reading import Path, listed, nearest, wrong
from carepath_sim.scenario.trees import at, put
from carepath_sim.units import half_up

_MEMBER = re.compile(r"(.+)\[(.+)\]")


def is_capacity(path: Path) -> bool:
    """Return whether a path is the capacity of a pool."""
    return len(path) == 3 and path[0] == "pools" and path[2] == "capacity"


def is_staff(path: Path) -> bool:
    """Return whether a path is one of the numbers from which a capacity is worked out."""
    return len(path) > 3 and path[0] == "pools" and path[2] == "from_staff"


def of_member(root: Node, path: Path, value: object) -> tuple[Path, object]:
    """Return what to set where: a capacity as a whole, one pool of a template in its template.

    Raises
    ------
    Wrong
        If there is no such pool, or something else than its capacity is set.
    """
    if is_capacity(path[:3]) and path[3:] == ("value",):
        path = path[:3]
    member = _MEMBER.fullmatch(str(path[1])) if len(path) > 1 else None
    if member is None:
        return path, value
    name, of = member[1], member[2]
    if not is_capacity(path):
        raise wrong("only the capacity of a pool can differ from value to value", *path[:2])
    if at(root, ("pools", name)) is None:
        pools = at(root, ("pools",))
        known = plain(pools) if pools is not None else {}
        raise wrong(f"there is no pool '{name}'{nearest(name, known)}", "pools", name)
    values = _values(root, name)
    if of not in values:
        known_values = f"; known are {listed(values, 'and')}" if values else ": it has no `per`"
        raise wrong(f"there is no '{name}' of '{of}'{known_values}", *path[:2])
    if at(root, ("pools", name, "from_staff")) is not None:
        raise wrong("its capacity comes from staff; write that by value first", *path[:2])
    old = at(root, ("pools", name, "capacity"))
    given: Any = plain(old) if old is not None else None
    if isinstance(given, dict) and "split" in given:
        raise wrong("the capacity is split by population; write it by value first", *path[:2])
    by_value = isinstance(given, dict) and set(bare_names(given)) <= set(values)
    every: dict[str, object] = given if by_value else dict.fromkeys(values, given)
    new = {**every, of: {"value": value, "quality": "by hand"}}
    return ("pools", name, "capacity"), new


def _values(root: Node, name: str) -> list[str]:
    """Return the values of the attribute for each of which a template makes a pool."""
    per = at(root, ("pools", name, "per"))
    attribute = at(root, ("attributes", str(per.value))) if per is not None else None
    given = plain(attribute) if attribute is not None else {}
    mapped = [str(value) for key, value in (given.get("map") or {}).items() if key != "from"]
    shares = given.get("shares") or {}
    drawn = [
        name
        for case in (shares if isinstance(shares, list) else [shares])
        for name in bare_names(case.get("shares", case))
        if name != "when"
    ]
    return list(dict.fromkeys(mapped + drawn))


def consequences(before: Node, after: Node, path: Path, new: Node) -> tuple[Node, list[str]]:
    """Return the tree with the policy in proportion to a capacity, and what the user should know.

    Parameters
    ----------
    before, after
        The tree before and after the capacity was set.
    path
        The capacity, or one of the numbers from which it is worked out.
    new
        What was set.
    """
    old = at(before, path)
    given, chosen = (plain(node) if node is not None else None for node in (old, new))
    said = list(_replaced(given, chosen, written(path)))
    policy = at(after, (*path[:2], "policy"))
    was, now = _places(given), _places(chosen)
    staff = at(before, (*path[:2], "from_staff"))
    if staff is not None:
        was = _from_staff(before, path)
        if is_staff(path):
            now = _from_staff(after, path)
        elif new.value is not None:
            where = written((*path[:2], "from_staff"))
            said.append(f"{where}: replaced by the capacity set by hand")
            after = put(after, (*path[:2], "from_staff"), planted(None, new.mark, new.mark))
    if policy is None or not isinstance(policy.value, dict) or not was or now is None:
        return after, said
    for kind, parts in policy.value.items():
        if kind not in {"ring_fenced", "reserved", "partial"} or not isinstance(parts.value, dict):
            continue
        counts = {name: _places(part) for name, part in bare_names(plain(parts)).items()}
        if None in counts.values():
            continue
        known = {name: count or 0.0 for name, count in counts.items()}
        total = half_up(sum(known.values()) * now / was)
        scaled = dict(zip(known, largest_remainder(total, list(known.values())), strict=True))
        if scaled == known:
            continue
        for name, count in scaled.items():
            node = planted(count, new.mark, new.mark)
            after = put(after, (*path[:2], "policy", kind, name), node)
        words = listed((f"{name} {count}" for name, count in scaled.items()), "and")
        where = written((*path[:2], "policy"))
        said.append(f"{where}: scaled with the capacity to {words}")
    return after, said


def _from_staff(root: Node, path: Path) -> float | None:
    """Return the capacity that staff give at first, or None where there is not one number."""
    from pydantic import ValidationError

    from carepath_sim.scenario.model import Pool

    node = at(root, path[:2])
    try:
        pool = Pool.model_validate(plain(node) if node is not None else None)
    except ValidationError:
        return None
    dated = pool.capacity.dated
    return dated[0].places.value if dated and dated[0].places is not None else None


def _replaced(given: Any, chosen: object, where: str) -> list[str]:
    """Return what the user should know of the capacity that was there."""
    if isinstance(given, list):
        dates = [str(step["from"]) for step in given if isinstance(step, dict) and "from" in step]
        changes = listed(dates, "and")
        return [f"{where}: set by hand; the changes from {changes} are dropped"] if dates else []
    if not isinstance(given, dict) or isinstance(chosen, Mapping) or "value" in given:
        return []
    if any(is_hours(key) for key in given):
        return [f"{where}: set by hand; the places by hours are dropped"]
    return [f"{where}: set by hand to the same for each value of its `per`"]


def _places(given: Any) -> float | None:
    """Return a number of places from what stands in a file, or None."""
    if isinstance(given, list) and given:
        given = given[0]
    while isinstance(given, Mapping):
        given = given.get("value", given.get("places"))
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        return None
    try:
        places = float(given)
    except ValueError:
        return None
    return places if 0 <= places < 2**40 else None


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
