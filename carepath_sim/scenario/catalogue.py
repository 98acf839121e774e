"""Scenarios by name: those that travel with the program, and files."""

from __future__ import annotations

import os
import pathlib
import re
from dataclasses import dataclass

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario.reading import nearest

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, order=True)
class Bundled:
    """A scenario that travels with the program.

    Attributes
    ----------
    name
        What to call it on the command line: ``area/variant``.
    area, variant, title
        As the file says.
    """

    name: str
    area: str
    variant: str
    title: str


def folder() -> pathlib.Path:
    """Return the folder of the bundled scenarios."""
    package = pathlib.Path(__file__).resolve().parents[1]
    installed = package / "_data" / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def names() -> list[str]:
    """Return the names of the bundled scenarios."""
    root = folder()
    found = (
        path.relative_to(root).with_suffix("")
        for path in root.rglob("*")
        if path.suffix in SUFFIXES
    )
    return sorted(path.as_posix() for path in found)


def bundled() -> list[Bundled]:
    """Return the bundled scenarios, from the heads of their files only."""
    return [_head(name) for name in names()]


_HEAD = re.compile(r"(area|variant|title|extends):\s*(.*)")


def _head(name: str, seen: tuple[str, ...] = ()) -> Bundled:
    """Return what the top of a file says; what it does not say stands in the file it extends."""
    path = _bundled_path(name)
    found = {"area": "", "variant": "", "title": ""}
    if path is None or name in seen:
        return Bundled(name, **found)
    base = ""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            head = _HEAD.match(line)
            if head and head[1] == "extends":
                base = _unquoted(head[2])
            elif head:
                found[head[1]] = _unquoted(head[2])
    if any(value[:1] in {">", "|", "&", "*"} for value in found.values()):
        found = _whole(path) or found
    if base and not all(found.values()):
        inherited = _head(f"{name.rpartition('/')[0]}/{pathlib.PurePath(base).stem}", (*seen, name))
        found = {key: value or getattr(inherited, key) for key, value in found.items()}
    return Bundled(name, **found)


def _whole(path: pathlib.Path) -> dict[str, str]:
    """Return the head of a file in which it is not written on single lines."""
    from carepath_sim.scenario.extends import read_file
    from carepath_sim.scenario.nodes import plain

    try:
        found = plain(read_file(path, path.name))
    except ScenarioError:
        return {}
    return {key: str(found.get(key, "")).strip() for key in ("area", "variant", "title")}


def _unquoted(written: str) -> str:
    text = written.strip()
    if text[:1] in {"'", '"'} and text.find(text[0], 1) > 0:
        return text[1 : text.find(text[0], 1)]
    return re.split(r"\s#", text, maxsplit=1)[0].strip()


def _bundled_path(name: str) -> pathlib.Path | None:
    root = folder().resolve()
    for suffix in SUFFIXES:
        path = (root / f"{name}{suffix}").resolve()
        if path.is_file() and root in path.parents:
            return path
    return None


def find(name_or_path: str | os.PathLike[str]) -> tuple[pathlib.Path, str]:
    """Return the file of a scenario, and how to call it in messages.

    Raises
    ------
    ScenarioError
        If there is none.
    """
    given = os.fspath(name_or_path)
    path = pathlib.Path(given)
    known = names()

    def refuse(message: str) -> ScenarioError:
        return ScenarioError([Problem(given or "scenario", 0, 0, "", message)])

    if not given.strip():
        raise refuse(f"the name of a scenario or file is needed; bundled are {', '.join(known)}")
    if "\0" in given:
        raise refuse("a file name cannot contain this character")
    bundled_path = _bundled_path(given) if given in known else None
    if bundled_path is not None and not is_there(path):
        root = folder()
        return bundled_path, (
            pathlib.Path(root.name) / bundled_path.relative_to(root.resolve())
        ).as_posix()
    if os.path.isdir(path):  # noqa: PTH112 - as in `is_there`
        inside = sorted(p.name for p in path.iterdir() if p.suffix in SUFFIXES)
        raise refuse(
            "this is a folder; name a file"
            + (f" in it: {', '.join(inside)}" if inside else ", such as my-area/as-is.yaml")
        )
    if is_there(path):
        return path, given
    raise refuse(f"there is no such file or bundled scenario{_hint(given, path, known)}")


def is_there(path: pathlib.Path) -> bool:
    """Tell whether a file is there; a name that no file can have (too long) names none."""
    return os.path.isfile(path)  # noqa: PTH113 - `Path.is_file` fails for such a name


def _hint(given: str, path: pathlib.Path, known: list[str]) -> str:
    beside = []
    if os.path.isdir(path.parent):  # noqa: PTH112 - as in `is_there`
        beside = [str(path.parent / p.name) for p in path.parent.iterdir() if p.suffix in SUFFIXES]
    hint = nearest(given, [*known, *beside]) or nearest(f"{given}.yaml", beside)
    return hint or (f"; bundled are {', '.join(known)}" if known else "")


def name_of(path: pathlib.Path, shown_as: str) -> str:
    """Return the name of a scenario: the bundled one, or file and folder without the ending."""
    root = folder().resolve()
    resolved = path.resolve()
    if root in resolved.parents:
        return resolved.relative_to(root).with_suffix("").as_posix()
    given = pathlib.PurePath(shown_as)
    return (
        given.stem if given.parent.name in {"", ".", ".."} else f"{given.parent.name}/{given.stem}"
    )
