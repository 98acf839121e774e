"""What pydantic finds, in plain words and with places."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from carepath_sim.errors import Problem
from carepath_sim.scenario.model import Scenario
from carepath_sim.scenario.nodes import Node
from carepath_sim.scenario.positions import deepest, mark_of, written
from carepath_sim.scenario.reading import Path, listed, nearest, shown
from carepath_sim.scenario.thousands import advice, without_comma

LATER = frozenset(
    {
        "appointments", "balking", "batch", "batches", "discipline", "group_size", "lifo",
        "pre_emption", "preempt", "preemption", "preemptive", "processor_sharing", "slots",
    }
)  # fmt: skip
"""Words for what the language cannot say; the guide says what can be written instead."""


# A word with more places than this (`title`, `rate`) says little about where it was meant to stand.
MOST_HOMES = 2


COMMA = '; names with a comma must be quoted inside braces: "Sat,Sun": 0.85'
MISSING = "this is missing"
# So many sections that a scenario must have are missing in files that say only what differs.
MANY = 3
EXTENDS = "; to say only what differs from another file, begin with `extends: FILE.yaml`"


class Found(NamedTuple):
    """Something wrong with a field.

    Attributes
    ----------
    path
        The field.
    message
        What is wrong.
    of_key
        Whether it is about the name of the field rather than its value.
    """

    path: Path
    message: str
    of_key: bool = False


def found_in(error: ValidationError) -> list[Found]:
    """Return everything that is wrong with the fields of a scenario, in plain words."""
    found: dict[Found, None] = {}
    for detail in error.errors(include_url=False):
        path = tuple(step for step in detail["loc"] if step != "[key]")
        of_key = path != detail["loc"] or detail["type"] in {"extra_forbidden", "missing"}
        if detail["type"] != "flaws":
            found[Found(path, _message(detail, path), of_key)] = None
            continue
        for flaw in detail["ctx"]["flaws"]:
            key = of_key or flaw.message.startswith("unknown ")
            found[Found((*path, *flaw.path), flaw.message, key)] = None
    return list(found)


def python_names(raw: Any) -> list[Found]:
    """Return fields written under the names that only Python needs, such as `from_`."""
    return [
        Found(
            (section, name, key), f"unknown field '{key}'; did you mean '{key[:-1]}'?", of_key=True
        )
        for section in ("standards", "arrivals", "stories")
        if isinstance(raw.get(section), dict)
        for name, entry in raw[section].items()
        if isinstance(entry, dict)
        for key in ("from_", "is_")
        if key in entry
    ]


def located(found: Iterable[Found], root: Node) -> list[Problem]:
    """Return findings with their places, in the order of the file."""
    of_all = list(found)
    lacking = [one for one in of_all if len(one.path) == 1 and one.message.startswith(MISSING)]
    if len(lacking) >= MANY and isinstance(root.value, dict) and "extends" not in root.value:
        names = listed([f"`{one.path[0]}`" for one in lacking], "and")
        of_all = [one for one in of_all if one not in lacking]
        of_all.append(Found((), f"{names} are missing{EXTENDS}"))
    return sorted(
        Problem(
            *mark_of(root, one.path, of_key=one.of_key),
            written(one.path),
            one.message + _advice(one, root),
        )
        for one in of_all
    )


def _advice(one: Found, root: Node) -> str:
    """What to write where a comma is in the way."""
    if _cut_at_a_comma(one, root):
        above, _ = deepest(root, one.path[:-1])
        inside = above.value if isinstance(above.value, dict) else {}
        fields = [(name, node.value) for name, node in inside.items()]
        return without_comma(fields, list(inside).index(str(one.path[-1]))) or COMMA
    node, taken = deepest(root, one.path)
    return advice(node.value) if one.path and taken == len(one.path) else ""


def _cut_at_a_comma(one: Found, root: Node) -> bool:
    """Tell whether a finding may be half of a name such as `Sat,Sun` that stands in braces.

    YAML ends an unquoted name there, and what is left of it has neither `:` nor value.
    """
    node, taken = deepest(root, one.path)
    if not one.path or taken < len(one.path) or node.value is not None or node.key is None:
        return False
    name = str(one.path[-1])
    bare = node.mark == node.key._replace(column=node.key.column + len(name))
    # A field of the language has no comma: that one lacks its value.
    return bare and node.key.line > 0 and name not in fields_of(section_at(one.path[:-1]))


def _message(detail: Any, path: Path) -> str:
    kind, raw = detail["type"], detail["input"]
    if kind == "missing":
        field = fields_of(section_at(path[:-1])).get(str(path[-1]))
        return f"{MISSING}: {field.description}" if field and field.description else MISSING
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "bool_type":
        hint = ""
        if str(raw).lower() in {"yes", "on", "y"}:
            hint = "; did you mean true?"
        elif str(raw).lower() in {"no", "off", "n"}:
            hint = "; did you mean false?"
        return f"true or false is needed, found {shown(raw)}{hint}"
    if kind == "literal_error":
        return _choice(path, raw)
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return f"a mapping (`name: value`, indented) is needed, found {shown(raw)}"
    return f"{detail['msg']}, found {shown(raw)}"


def _unknown(path: Path) -> str:
    word = str(path[-1])
    known = list(fields_of(section_at(path[:-1])))
    if word in LATER:
        return f"'{word}' is not in this version of the language"
    homes = _homes(word)
    if homes:
        return f"'{word}' does not stand here; it is a field of {listed(homes, 'and')}"
    hint = nearest(word, known)
    return (
        f"unknown field '{word}'{hint}"
        if hint
        else f"unknown field '{word}'; known are {listed(known, 'and')}"
    )


def _homes(word: str) -> list[str]:
    """Return where a word is a field; nothing for words that stand in many sections."""
    homes = []
    for name in fields_of(Scenario):
        whole = fields_of(section_at((name,)))
        entry = fields_of(section_at((name, "NAME")))
        if word in whole:
            homes.append(f"`{name}:`")
        elif word in entry:
            homes.append(f"each of `{name}:`")
    return homes if len(homes) <= MOST_HOMES else []


def _choice(path: Path, raw: object) -> str:
    field = fields_of(section_at(path[:-1])).get(str(path[-1]))
    accepted = [str(value) for value in typing.get_args(field.annotation)] if field else []
    return f"{listed(accepted)} is needed, found {shown(raw)}{nearest(str(raw), accepted)}"


def fields_of(section: type[BaseModel] | None) -> dict[str, Any]:
    """Return the fields of a section by the names under which they are written."""
    if section is None:
        return {}
    return {field.alias or name: field for name, field in section.model_fields.items()}


def named_in(section: type[BaseModel]) -> object:
    """Return what stands under names beside the fields of a section, or None."""
    if section.model_config.get("extra") != "allow":
        return None
    return typing.get_args(typing.get_type_hints(section)["__pydantic_extra__"])[1]


def section_at(path: Path) -> type[BaseModel] | None:
    """Return the section of the language at a path, or None where there is none."""
    at: Any = Scenario
    for step in path:
        if isinstance(at, type) and issubclass(at, BaseModel):
            field = fields_of(at).get(str(step))
            at = field.annotation if field else named_in(at)
        elif typing.get_origin(at) is dict:
            at = typing.get_args(at)[1]
        elif typing.get_origin(at) is list:
            at = typing.get_args(at)[0]
        else:
            return None
        if typing.get_origin(at) in {typing.Union, types.UnionType}:
            at = next(arg for arg in typing.get_args(at) if arg is not type(None))
    return at if isinstance(at, type) and issubclass(at, BaseModel) else None
