"""Semantic checks: every problem and every warning of a scenario, all at once.

The grammar has read each field for itself; what is looked at here concerns several fields together:
names, the graph of services, pools against what is asked of them, people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from carepath_sim.scenario import (
    checks_arrivals,
    checks_calendar,
    checks_changes,
    checks_conditions,
    checks_graph,
    checks_inflow,
    checks_measures,
    checks_names,
    checks_people,
    checks_pools,
    checks_prevention,
    checks_programmes,
    checks_references,
    checks_rooms,
    checks_services,
    checks_start,
    over_time,
)
from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding
from carepath_sim.scenario.model import Scenario

Check = Callable[[Vocabulary], Iterator[Finding]]

PROBLEMS: tuple[Check, ...] = (
    checks_names.definitions,
    checks_names.templates,
    checks_names.attributes,
    checks_names.services,
    checks_names.sources,
    checks_names.standards,
    checks_names.stories,
    checks_measures.targets,
    checks_measures.payments,
    checks_measures.background,
    checks_measures.by_class,
    checks_calendar.bank_holidays,
    checks_measures.audit,
    checks_conditions.conditions,
    checks_conditions.priorities,
    checks_people.population,
    checks_arrivals.arrivals,
    checks_start.start,
    checks_inflow.inflow,
    checks_prevention.progression,
    checks_prevention.states,
    checks_programmes.programmes,
    checks_pools.capacities,
    checks_pools.policies,
    checks_pools.streams,
    checks_pools.shared_by_steps_and_stays,
    checks_pools.requests,
    checks_pools.surges,
    checks_pools.units_of_measure,
    checks_services.in_place,
    checks_services.residence,
    checks_services.leaving,
    checks_rooms.waiting_rooms,
    checks_rooms.alongside,
    checks_rooms.steps_that_turn_away,
    checks_graph.unreachable,
    checks_graph.closed_rings,
    checks_graph.rings_without_time,
    checks_graph.waits_in_beds,
)
"""What makes a scenario impossible to run, or certainly not what was meant."""

WARNINGS: tuple[Check, ...] = (
    checks_services.settings,
    checks_services.staff,
    checks_services.minutes,
    checks_services.without_effect,
    checks_rooms.rooms_without_effect,
    checks_services.luck,
    checks_graph.never_from,
    checks_pools.steps_out_of_the_run,
    checks_pools.unused,
    checks_pools.early_closings,
    checks_calendar.unused,
    checks_changes.outside_the_run,
    checks_people.without_population,
    checks_arrivals.outside_the_run,
    checks_start.without_effect,
    checks_start.more_than_places,
    checks_people.denominators,
    checks_measures.months_and_year,
    checks_measures.all_paid_for,
    checks_prevention.levels_left_out,
    checks_prevention.ageing_alone,
    checks_inflow.without_effect,
    checks_inflow.another_number,
    checks_programmes.without_effect,
    checks_references.unknown_sources,
)
"""What can be run, but is probably not what was meant."""


def problems(scenario: Scenario) -> list[Finding]:
    """Return everything that makes a scenario impossible to run.

    Parameters
    ----------
    scenario
        A scenario whose fields have been read.

    Returns
    -------
    list
        Pairs of the path of the field (keys and list positions) and what is wrong there: what was
        found, what is accepted, and the nearest known name.
    """
    return _all(PROBLEMS, scenario)


def warnings(scenario: Scenario) -> list[Finding]:
    """Return what can be run, but is probably not what was meant.

    Warnings about loads and stays need the traffic equations and stand in
    `carepath_sim.plan.traffic.warnings`, which holds these too.

    Parameters
    ----------
    scenario
        A scenario without `problems`.

    Returns
    -------
    list
        Pairs of the path of the field and what is strange there.
    """
    return _all(WARNINGS, scenario)


def _all(checks: tuple[Check, ...], scenario: Scenario) -> list[Finding]:
    names = Vocabulary(scenario)
    if scenario.changes and checks is PROBLEMS:
        # What is reached only after a change, or no longer, is reached all the same.
        checks = tuple(check for check in PROBLEMS if check is not checks_graph.unreachable)
        reached = checks_graph.unreachable(Vocabulary(over_time.whole(scenario)))
        return list(dict.fromkeys([*_all(checks, scenario), *reached]))
    found = dict.fromkeys(finding for check in checks for finding in check(names))
    return list(found)
