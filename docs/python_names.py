"""The list of the public Python names, for the documentation site."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from pathlib import Path

import carepath_sim


def listed() -> str:
    """Return directives that document every public name, and what its functions return."""
    functions, classes = [], []
    for name in carepath_sim.__all__:
        one = getattr(carepath_sim, name)
        if inspect.isclass(one):
            classes.append(one)
        elif callable(one):
            functions.append(one)
    parts = ["\n\n## What can be called\n"]
    results: list[type] = []
    for function in functions:
        parts.append(_directive("autofunction", function, f"carepath_sim.{function.__name__}"))
        made = returned(function)
        if made is not None and made not in (*results, *classes):
            results.append(made)
    parts.append("\n## What comes back\n")
    parts += [_directive("autoclass", one, one.__name__) for one in results]
    parts.append("\n## Scenarios, and what can be wrong with them\n")
    parts += [_directive("autoclass", one, one.__name__) for one in classes]
    return "\n".join(parts)


def returned(function: object) -> type | None:
    """Return the class that a function is said to return, if it is one of this package."""
    name = str(inspect.signature(function).return_annotation)  # type: ignore[arg-type]
    module = sys.modules[function.__module__]
    found = getattr(module, name, None) or _imported_for_types(module.__file__ or "", name)
    ours = inspect.isclass(found) and found.__module__.startswith("carepath_sim")
    return found if ours else None


def _imported_for_types(file: str, name: str) -> type | None:
    """Return a class that a module imports for its annotations only."""
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and name in {one.name for one in node.names}:
            return getattr(importlib.import_module(node.module or ""), name, None)
    return None


def _directive(kind: str, one: type, title: str) -> str:
    lines = [f"### `{title}`", "", "```{eval-rst}", f".. {kind}:: {one.__module__}.{one.__name__}"]
    if kind == "autoclass":
        lines += ["   :members:", "   :no-undoc-members:"]
    return "\n".join([*lines, "```", ""])
