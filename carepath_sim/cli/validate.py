"""`carepath validate`: every problem of every file at once."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from carepath_sim.cli import options as o

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.errors import Problem

WRONG_INPUT = 2


def validate(
    scenarios: Annotated[
        list[str],
        typer.Argument(metavar="SCENARIO...", help="Names of bundled scenarios, or YAML files."),
    ],
    sets: o.Sets = None,
) -> None:
    """Look for everything that is wrong with scenarios, and warn of overloaded pools.

    Exit code 2 when there is a problem; warnings alone are none.

    Example: `carepath validate my-area/*.yaml`
    """
    told: set[Problem] = set()
    found_any = False
    for name in scenarios:
        problems, warnings = look_at(name, sets or ())
        found_any = found_any or bool(problems)
        for problem in problems:
            # What is wrong in a file that two others extend is told once.
            if problem not in told:
                print(problem, file=sys.stderr)
        told.update(problems)
        for warning in warnings:
            print(replace(warning, path=f"warning: {warning.path}"), file=sys.stderr)
        for notice in notices_of(name, sets or ()) if not problems else ():
            print(f"{name}: {notice}", file=sys.stderr)
        for line in sums_of(name, sets or ()) if not problems else ():
            print(line)
        number = len(problems)
        words = f"{number} problem{'s' if number > 1 else ''}" if number else "ok"
        if warnings:
            words += f", {len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
        print(f"{name}: {words}")
    if found_any:
        raise typer.Exit(WRONG_INPUT)


def look_at(name: str, sets: Sequence[str]) -> tuple[list[Problem], list[Problem]]:
    """Return the problems and the warnings of one scenario."""
    from carepath_sim import ScenarioError, load

    try:
        scenario = load(name, sets=sets)
    except ScenarioError as error:
        return list(error.problems), []
    from carepath_sim.errors import Problem
    from carepath_sim.plan import traffic
    from carepath_sim.scenario.positions import written

    problems, warnings = (
        sorted(
            Problem(*scenario.position(path), written(path), message)
            for path, message in look(scenario)
        )
        for look in (traffic.problems, traffic.warnings)
    )
    return problems, warnings


def notices_of(name: str, sets: Sequence[str]) -> tuple[str, ...]:
    """Return what setting fields by hand changed besides."""
    from carepath_sim import load

    return load(name, sets=sets).notices


def sums_of(name: str, sets: Sequence[str]) -> list[str]:
    """Return the sums by which capacities come from staff."""
    from carepath_sim import load
    from carepath_sim.scenario.staffing import sums

    return [
        f"{name}: pools.{pool}{f' ({which})' if which else ''}: {text}"
        for pool, given in load(name, sets=sets).pools.items()
        for which, text in sums(given)
    ]
