"""The scenario after each dated change: built with all checks, told where the change is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from pydantic import ValidationError

from carepath_sim.errors import Problem
from carepath_sim.scenario.changeable import field_of, refusal
from carepath_sim.scenario.messages import Found, fields_of, found_in, located, section_at
from carepath_sim.scenario.nodes import Node, plain
from carepath_sim.scenario.positions import parsed, written
from carepath_sim.scenario.reading import Path, Wrong, listed, nearest
from carepath_sim.scenario.trees import at, put
from carepath_sim.scenario.values import Test

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Change, Scenario


@dataclass(frozen=True)
class Variant:
    """What a change makes of the scenario.

    Attributes
    ----------
    start
        The day from whose first instant it holds.
    where
        Whom it concerns; empty: everybody.
    scenario
        The scenario with this change and the earlier ones that concern everybody, or the same.
    fields
        The fields that it sets, each as a whole.
    retired, replacement
        A service to which nobody is referred any more, and the one in its place; or None.
    """

    start: date
    where: tuple[Test, ...]
    scenario: Scenario
    fields: tuple[Path, ...]
    retired: str | None = None
    replacement: str | None = None


def variants_of(scenario: Scenario, root: Node) -> tuple[tuple[Variant, ...], list[Problem]]:
    """Return what each change makes of a scenario, and what is wrong with the changes.

    Parameters
    ----------
    root
        The tree that the scenario was read from.
    """
    from carepath_sim.scenario.model import Scenario

    base = replace(root, value={k: v for k, v in _inside(root).items() if k != "changes"})
    done: list[tuple[tuple[Test, ...], Path, Node]] = []
    found: list[Variant] = []
    problems: list[Problem] = []
    for k, change in enumerate(scenario.changes):
        tree = base
        for where, path, node in done:
            if where in {(), change.where}:
                tree = put(tree, path, node)
        tree, fields, flaws = _applied(tree, change, _sets(root, k))
        if flaws:
            problems += located((Found(("changes", k, *f.path), *f[1:]) for f in flaws), root)
            continue
        done += ((change.where, path, node) for path, node in fields)
        try:
            after = Scenario.model_validate(plain(tree))
        except ValidationError as error:
            problems += [_dated(change, one) for one in located(found_in(error), tree)]
            continue
        after.remember(tree, scenario.name, ())
        whole = dict.fromkeys(field_of(path) for path, _ in fields)
        found.append(_variant(change, after, tuple(whole)))
    return tuple(found), problems


def _applied(
    tree: Node, change: Change, sets: dict[str, Node]
) -> tuple[Node, list[tuple[Path, Node]], list[Found]]:
    """Return a tree with what a change sets, the fields, and what cannot be set."""
    fields: list[tuple[Path, Node]] = []
    flaws: list[Found] = []
    for text, _ in change.set:
        path = parsed(text) or ()
        why = _unknown(path) or refusal(path) if path else f"`{text}` is no path of a field"
        if why is not None:
            flaws.append(Found(("set", text), why, of_key=True))
            continue
        try:
            tree = put(tree, path, sets[text])
        except Wrong as refused:
            flaws += (Found(("set", text), flaw.message, of_key=True) for flaw in refused.flaws)
        else:
            fields.append((path, sets[text]))
    return tree, fields, flaws


def _inside(node: Node) -> dict[str, Node]:
    return node.value if isinstance(node.value, dict) else {}


def _unknown(path: Path) -> str | None:
    """Return why a path names no field of the language, or None."""
    whole = field_of(path)
    known = fields_of(section_at(whole[:-1]))
    if not known or str(whole[-1]) in known:
        return None
    hint = nearest(str(whole[-1]), known) or f"; known are {listed(known, 'and')}"
    return f"unknown field '{whole[-1]}'{hint}"


def _sets(root: Node, number: int) -> dict[str, Node]:
    """Return what a change sets, with the places where it is written."""
    sets = at(root, ("changes", number, "set"))
    return {} if sets is None else _inside(sets)


def _variant(change: Change, after: Scenario, fields: tuple[Path, ...]) -> Variant:
    retire = change.retire
    return Variant(
        change.from_,
        change.where,
        after,
        fields,
        None if retire is None else retire.service,
        None if retire is None else retire.to,
    )


def _dated(change: Change, problem: Problem) -> Problem:
    """Return a problem with the date of the change that brings it."""
    return replace(problem, message=f"with the change from {change.from_}: {problem.message}")


def problems_of(variant: Variant, found: list[tuple[Path, str]]) -> list[Problem]:
    """Return what is wrong with the scenario after a change, with its places."""
    return [
        Problem(
            *variant.scenario.position(path),
            written(path),
            f"with the change from {variant.start}: {message}",
        )
        for path, message in found
    ]
