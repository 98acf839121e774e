"""The page on capacities and goals: its answers are the exact ones, its snippets run."""

from __future__ import annotations

import re

import numpy as np
from scipy import optimize

import carepath_sim as cp
from carepath_sim.experiment.closed_form import closed_form
from carepath_sim.experiment.goal import goal
from carepath_sim.experiment.lever import Lever
from carepath_sim.experiment.wanted import ALIASES, targets
from carepath_sim.statistics.queueing import erlang_b
from tests.docs.snippets import DOCS

PAGE = (DOCS / "guide" / "capacity-and-goals.md").read_text(encoding="utf-8")
LOST = DOCS / "cookbook" / "lost-when-full.yaml"
LOAD = 8.0


def test_smallest_capacity_is_erlangs() -> None:
    """The page's answer is the first number of beds of which Erlang B loses at most 4 %."""
    found = re.search(r"(\d+) beds are the fewest with which at most 4 % give up", PAGE)
    assert found is not None
    exact = next(beds for beds in range(6, 19) if erlang_b(LOAD, beds) <= 0.04)
    assert int(found[1]) == exact
    form = closed_form(cp.load(LOST), "beds")
    assert form is not None
    assert form.exact


def test_table_is_near_theory() -> None:
    """Each row of the page is within 8 % of the formula, or half a percentage point."""
    rows = re.findall(r"^ +(\d+) +([\d.]+) ± [\d.]+ +([\d.]+) [±(]", PAGE, re.MULTILINE)
    assert len(rows) == 7
    for beds, occupied, full in rows:
        lost = erlang_b(LOAD, int(beds))
        assert np.isclose(float(full), 100 * lost, rtol=0.08, atol=0.5)
        assert np.isclose(float(occupied), 100 * LOAD * (1 - lost) / int(beds), rtol=0.03)


def test_largest_demand_is_erlangs() -> None:
    """The page's answer lies within the exact one by no more than it says itself."""
    found = re.search(r"Demand ([\d.]+) times is the largest with which at most 5 % give up", PAGE)
    between = re.search(r"it lies from ([\d.]+) x to ([\d.]+) x", PAGE)
    assert found is not None
    exact = optimize.brentq(lambda factor: erlang_b(LOAD * factor, 10) - 0.05, 0.3, 1.5)
    low, high = (float(between[1]), float(between[2])) if between else (float(found[1]),) * 2
    assert low - 0.011 <= exact <= high + 0.011


def test_levers_of_the_table_can_be_pulled() -> None:
    """Every lever that the page shows is understood, in a scenario that has the field."""
    town = cp.load(DOCS.parent / "tests" / "experiment" / "scenarios" / "before.yaml")
    section = PAGE.split("## Any lever")[1]
    levers = re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)
    assert len(levers) == 6
    for path in levers:
        asked = path.replace("pools.beds", "pools.community_beds").replace("ward", "acute")
        if "lognormal" in path:
            asked = "services.community_hospital.stay.lognormal.mean"
        scenario = town.set("services.acute.admits", "daily 08:00-20:00")
        assert len(Lever.of(scenario, asked).line()) > 5


def test_targets_of_the_page_are_understood() -> None:
    section = PAGE.split("## Targets")[1].split("## How sure")[0]
    written = [one for one in re.findall(r"`([^`]+)`", section) if re.search("[<>]=.", one)]
    assert len(written) == 4
    assert len(targets(written)) == 4
    for name in ALIASES:
        assert f"`{name}`" in section


def test_goal_of_the_page_in_short() -> None:
    """The command's question in a shorter window has an answer near the exact one."""
    short = cp.load(LOST, sets={"clock.length": "120 d"})
    found = goal(
        short, "demand", "given_up[beds]<=5%", low=0.5, high=1.1, step=0.1, replications=5, most=5,
        workers=1, engine="simpy",
    )  # fmt: skip
    assert found.value in {0.6, 0.7, 0.8, 0.9}
