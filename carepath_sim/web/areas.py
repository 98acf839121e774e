"""Areas that can be chosen, with what is worked out of each once for everybody."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.web.dials import Dial

OWN = "CAREPATH_WEB_SCENARIOS"
"""Environment variable with files of scenarios that stand before the bundled ones."""
FIRST = "buckinghamshire/to-be"
"""Scenario that is open at first."""


def choices() -> dict[str, str]:
    """Return names of scenarios with what they are called, own files first."""
    found = {name: os.path.basename(name) for name in own()}  # noqa: PTH119 - a text
    return found | _bundled()


def own() -> list[str]:
    """Return the files that this page was started with."""
    return [name for name in os.environ.get(OWN, "").split(os.pathsep) if name]


def first() -> str:
    """Return the scenario that is open at first."""
    return next(iter(own()), FIRST)


@lru_cache(maxsize=1)
def _bundled() -> dict[str, str]:
    from carepath_sim.scenario.catalogue import bundled

    return {one.name: f"{one.area}: {one.variant.replace('-', ' ')}" for one in bundled()}


@lru_cache(maxsize=64)
def scenario_of(name: str) -> Scenario:
    """Return a scenario as it is written; nothing changes it, so that all people have the same."""
    from carepath_sim.scenario.loader import load

    return load(name)


@lru_cache(maxsize=64)
def dials_of(name: str) -> tuple[Dial, ...]:
    """Return the dials of a scenario."""
    from carepath_sim.web.dials import dials

    return dials(scenario_of(name))


@lru_cache(maxsize=64)
def grounds_of(name: str) -> Grounds:
    """Return what the numbers of a scenario rest on."""
    from carepath_sim.scenario.stated import stated

    found = stated(scenario_of(name))
    supposed = [one for one in found if one.supposed]
    ranged = sum(bool(one.span) for one in found)
    return Grounds(len(found), len(supposed), ranged)


@dataclass(frozen=True)
class Grounds:
    """How many numbers a scenario states, and of those the assumptions and those with a range."""

    numbers: int
    supposed: int
    ranged: int


@lru_cache(maxsize=64)
def pathway_of(name: str) -> str:
    """Return the picture of a pathway, as SVG."""
    from carepath_sim.report.diagram import pathway_figure
    from carepath_sim.report.pathway import pathway

    buffer = io.StringIO()
    figure = pathway_figure(pathway(scenario_of(name)))
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
