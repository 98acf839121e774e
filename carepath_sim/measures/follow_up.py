"""Why a plan cannot answer a measure: no denominator, or people not followed long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.measures.episodes import followed_sources
from carepath_sim.units import DAY, in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.plan import Plan


def followed_for(days: int) -> Callable[[Plan], str]:
    """Return what refuses a plan in which people cannot be followed for some days."""

    def refusal(plan: Plan) -> str:
        if plan.end - plan.window < days * DAY:
            found = in_words(plan.end - plan.window)
            return f"outcomes are followed for {days} d, but the run-out is {found} (clock.run_out)"
        if not plan.population and followed_sources(plan) <= {0}:
            return "people leave the model after an exit (no population, no arrivals that return)"
        return ""

    return refusal


def left_out(plan: Plan) -> str:
    """Name the arrivals that are left out because their people leave the model."""
    kept = followed_sources(plan)
    names = [source.name for k, source in enumerate(plan.sources) if k not in kept]
    if not names:
        return ""
    return f"without the arrivals of {', '.join(names)}, who leave the model after an exit"


def denominator(plan: Plan, name: str) -> float | None:
    """Return a denominator of the scenario [people]; None where it is not given."""
    given = getattr(plan.scenario.denominators, name)
    if given is not None:
        return float(given.value)
    return float(plan.population) if name == "over_65" and plan.population else None


def needs(name: str) -> Callable[[Plan], str]:
    """Return what refuses a plan that lacks a denominator."""

    def refusal(plan: Plan) -> str:
        return "" if denominator(plan, name) else f"the scenario gives no denominators.{name}"

    return refusal
