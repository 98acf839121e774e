"""Fields set by hand: `--set PATH=VALUE` and `Scenario.set`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario import pool_overrides
from carepath_sim.scenario.change_overrides import without_changes_of
from carepath_sim.scenario.grammar_distributions import is_distribution
from carepath_sim.scenario.nodes import Mark, Node, plain, planted, read_yaml
from carepath_sim.scenario.positions import parsed, written
from carepath_sim.scenario.reading import Path, Wrong
from carepath_sim.scenario.trees import put

BY_HAND: Final = "by hand"
"""Quality of a number that was set by hand."""
FREE: Final = frozenset({"references", "targets", "stories"})
"""Sections without numbers that a result rests on."""
MAPS: Final = frozenset({"next", "to", "policy", "capacity", "shares", "frailty", "fte"})
"""Fields whose maps take a quality beside their names."""

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
    def node(self) -> Node:
        """The value; in place of a line of a file it has what was asked for."""
        mark = Mark(self.text)
        return planted(self.value, mark, mark)

    def refused(self, path: str, message: str) -> ScenarioError:
        """Return the error of an override that cannot be carried out."""
        return ScenarioError([Problem(self.text, 0, 0, path, message)])


def overrides_of(sets: Mapping[str, object] | Sequence[str]) -> list[Override]:
    """Return overrides from a mapping of path to value, or from texts `PATH=VALUE`.

    Raises
    ------
    ScenarioError
        If texts or paths cannot be read.
    """
    if isinstance(sets, Mapping):
        return [override(path, value) for path, value in sets.items()]
    found: list[Override] = []
    problems: list[Problem] = []
    for text in [sets] if isinstance(sets, str) else sets:
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
    found = Override(parsed(path) or (), value, f"--set {path}={value}")
    if not found.path:
        raise found.refused("", _FORM)
    return found


_FORM = "a field and its value are needed, such as `pools.community_beds.capacity=140`"


def _from_text(text: str) -> Override:
    path, equals, value = text.partition("=")
    if not equals:
        raise Override((), None, f"--set {text}").refused("", _FORM)
    found = override(path.strip(), value)
    if not value.strip():
        return replace(found, value=None)
    try:
        return replace(found, value=plain(read_yaml(value.encode(), found.text)))
    except ScenarioError as error:
        raise found.refused(written(found.path), error.problems[0].message) from None


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
        If paths lead nowhere.
    """
    notices: list[str] = []
    problems: list[Problem] = []
    for one in overrides:
        try:
            root = _applied(root, one, flawed, notices)
        except Wrong as refused:
            problems += (
                Problem(one.text, 0, 0, written(flaw.path), flaw.message) for flaw in refused.flaws
            )
    if problems:
        raise ScenarioError(problems)
    return root, tuple(notices)


def _applied(root: Node, one: Override, flawed: Flawed, notices: list[str]) -> Node:
    path, value = pool_overrides.of_member(root, one.path, one.value)
    one = replace(one, path=path, value=value)
    root, said = without_changes_of(root, path)
    notices += said
    changed = put(root, path, one.node)
    marked = _by_hand(one)
    if marked is not None:
        sourced = put(root, path, replace(one, value=marked).node)
        changed = changed if flawed(sourced, path) else sourced
    if pool_overrides.is_capacity(path) or pool_overrides.is_staff(path):
        changed, said = pool_overrides.consequences(root, changed, path, one.node)
        notices += said
    return changed


def _by_hand(one: Override) -> object:
    """Return the value with its mark `by hand`, or None where it can be no number."""
    value = one.value
    if one.path[0] in FREE or value is None or isinstance(value, (bool, list)):
        return None
    if isinstance(value, Mapping):
        takes = is_distribution(value) or one.path[-1] in MAPS or "value" in value
        return {**value, "quality": BY_HAND} if takes and "quality" not in value else None
    if isinstance(value, str) and not (value[:1].isdigit() or value[:1] in "-+.£u"):
        return None
    return {"value": value, "quality": BY_HAND}
