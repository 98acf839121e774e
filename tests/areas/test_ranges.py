"""Ranges in bundled scenarios: every end by itself makes a distribution that can be drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.plan.build import spec_of
from carepath_sim.plan.distributions import DistributionError
from carepath_sim.plan.quantiles import tabulate
from carepath_sim.scenario.grammar_distributions import distribution, is_distribution
from carepath_sim.scenario.loader import load
from carepath_sim.scenario.positions import written
from carepath_sim.scenario.ranged import Ranged, ranged, varied
from tests.areas.library import SCENARIOS

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.reading import Path

BUNDLED = sorted(
    path.relative_to(SCENARIOS).with_suffix("").as_posix() for path in SCENARIOS.rglob("*.yaml")
)


@pytest.mark.parametrize("name", BUNDLED)
def test_every_end_of_a_range_makes_a_distribution_that_can_be_drawn_from(name: str) -> None:
    scenario = load(name)
    assert inside_distributions(scenario)
    assert impossible_ends(scenario) == set()


def test_a_range_that_passes_the_p90_would_be_found() -> None:
    stay = "services.icrs_visit.stay"
    # A visit's median of 90 min lies below that, the upper end of its range (115 min) does not.
    scenario = load("rutland/to-be", sets={f"{stay}.lognormal.p90": "95 min"})
    assert impossible_ends(scenario) == {f"{stay}.lognormal.p90"}


def inside_distributions(scenario: Scenario) -> dict[Ranged, Path]:
    """Return the numbers with a range that belong to a distribution, with where that stands."""
    root = scenario.resolved()
    found: dict[Ranged, Path] = {}
    for one in ranged(scenario)[0]:
        if one.path[0] == "attributes":
            continue  # What its shares are shares of may have the name of a family ("normal").
        inner: Any = root
        for depth, step in enumerate(one.path):
            if depth and is_distribution(inner):
                found[one] = one.path[:depth]
                break
            inner = inner[step]
    return found


def impossible_ends(scenario: Scenario) -> set[str]:
    """Return the distributions that an end of the range of one of their numbers makes impossible.

    Numbers that belong together (the parameters of one family, the shares of one mixture) are
    taken one by one, those of different families at the same time: they know nothing of each other.
    """
    where = inside_distributions(scenario)
    batches: dict[int, list[Ranged]] = {}
    met: dict[object, int] = {}
    for one in where:
        together = frozenset((one.path, *one.group)) if one.group else one.path[:-1]
        rank = met[together] = met.get(together, 0) + 1
        batches.setdefault(rank, []).append(one)
    wrong: set[str] = set()
    for batch in batches.values():
        for part in (0.0, 1.0):
            try:
                changed = varied(scenario, {one: one.at(part) for one in batch}).resolved()
            except ScenarioError as error:
                wrong |= {problem.path for problem in error.problems}
                continue
            for path in {where[one] for one in batch}:
                inner: Any = changed
                for step in path:
                    inner = inner[step]
                try:
                    tabulate(spec_of(distribution(_without_condition(inner))))
                except DistributionError as error:
                    wrong.add(f"{written(path)}: {error}")
    return wrong


def _without_condition(record: dict[str, Any]) -> dict[str, Any]:
    """Return a distribution without the words of the case that it stands in."""
    return {key: value for key, value in record.items() if key != "when"}
