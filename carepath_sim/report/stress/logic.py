"""Section 2: what the model does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.report.stress.items import (
    Item,
    bullets,
    from_terminal,
    joined,
    markdown_table,
)
from carepath_sim.report.words import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.report.stress.basis import Basis
    from carepath_sim.scenario.model import Scenario, Service

RULES = (
    (
        "People live at home, or come from outside, until a crisis, a planned referral or an "
        "arrival asks for a service. Competing hazards run wherever a person is not protected from "
        "them; the first to fire counts."
    ),
    (
        "A stay lasts its drawn length; then the person is *ready*. The way on is chosen at a "
        "decision, `plan_ahead` before ready or at the next round, and the next place is asked "
        "for. Until it is free the person stays, and the time from ready is delay with a reason "
        "and somebody responsible."
    ),
    (
        "A step `in place` is received without giving up the present place (triage, assessment, "
        "notice)."
    ),
    "A place that is granted before the person can move is *booked* and counts as used.",
    "People who wait for each other's places in a circle move together.",
    (
        "A crisis or a death ends a stay at that instant; it gives back what was held, unless the "
        "place is kept."
    ),
)
ALGORITHMS = (
    (
        "*Arrivals at a rate*: a Poisson process in the plane of time and height, whose points "
        "count where they lie below the rate of that instant (thinning; Lewis and Shedler, 1979), "
        "in fixed layers of height, so that more demand adds people and leaves the others as they "
        "are."
    ),
    (
        "*Hazards*: each person has an exponential budget a hazard, which the integrated rate uses "
        "up; factors by attribute, month, weekday, hour and time since discharge multiply the rate."
    ),
    "*Distributions*: every one becomes a quantile table, read with one uniform number a draw.",
    (
        "*Admission*: while any pool has changed, the first of each line that fits is granted, the "
        "least by priority, time of asking and number of the person first; sharing policies say "
        "what fits."
    ),
    (
        "*Circles*: those who are blocked and wait for each other's places are looked for after "
        "admissions."
    ),
    "*Delay*: time from ready until the move, cut at the borders of window and month.",
)


def logic(basis: Basis) -> Iterator[Item]:
    """Yield the items of section 2."""
    from carepath_sim.report.diagram import mermaid

    base = basis.base
    tables = base_tables(base)
    yield Item("2.1", "Base model overview diagram", f"```mermaid\n{mermaid(base).strip()}\n```")
    yield Item("2.2", "Base model logic", joined(bullets(RULES), tables.get("Ways on", "")))
    yield Item("2.3", "Scenario logic", _differences(basis))
    yield Item("2.4", "Algorithms", bullets(ALGORITHMS))
    yield Item("2.5.1", "Entities", _entities(base, tables))
    yield Item("2.5.2", "Activities", tables.get("Services", ""))
    yield Item("2.5.3", "Resources", tables.get("Pools", "") or "No pool limits anybody.")
    yield Item("2.5.4", "Queues", _queues(base))
    yield Item("2.5.5", "Entry and exit points", _doors(base, tables))


def base_tables(scenario: Scenario) -> dict[str, str]:
    """Return the tables of `carepath show` as Markdown, by the first words of their titles."""
    from rich.console import Group

    from carepath_sim.plan.traffic import offered_load
    from carepath_sim.report.fitting import Fitted
    from carepath_sim.report.parameters import scenario_tables

    group = scenario_tables(scenario, offered_load(scenario))
    parts = group.renderables if isinstance(group, Group) else []
    return {
        str(one.title).split(":")[0]: from_terminal(one) for one in parts if isinstance(one, Fitted)
    }


def _differences(basis: Basis) -> str:
    from carepath_sim.scenario.diff import difference

    if len(basis.scenarios) == 1:
        return "There is one scenario only."
    parts = []
    for label, other in list(basis.scenarios.items())[1:]:
        rows = difference(basis.base, other)
        table = markdown_table(("field", "base", "here"), rows) or "Nothing differs."
        parts.append(f"**{label}**: {len(rows)} fields differ from the base.\n\n{table}")
    return joined(*parts)


def _entities(base: Scenario, tables: dict[str, str]) -> str:
    return joined(
        "The entities are people. Each has an age, a sex, a frailty, and the attributes below; an "
        "*episode*, the care that follows one cause, has attributes of its own.",
        *(
            f"{title}:\n\n{tables[title]}"
            for title in ("People", "Crises and other hazards", "Attributes", "Programmes")
            if tables.get(title)
        ),
        "" if base.population is not None else "There is no population: people come from outside.",
    )


def _queues(base: Scenario) -> str:
    rows = []
    for name, pool in base.pools.items():
        users = [one for one in base.services.values() if name in one.pool]
        patience = {
            f"{case.value.after.text}{f' to {case.value.to}' if case.value.to else ''}"
            for one in users
            for case in one.max_wait
        }
        rooms = any(one.waiting_room is not None for one in users)
        rows.append(
            (
                title_of(name, pool),
                pool.policy.kind.replace("_", " "),
                "priority, then time of asking" if _ranks(users) else "time of asking",
                "; ".join(sorted(patience)) or "nobody gives up",
                "waiting room" if rooms else "none",
                "a smaller request may pass" if pool.overtaking else "no overtaking",
            )
        )
    heads = ("pool", "sharing", "order", "patience", "limit of the queue", "overtaking")
    return joined(
        (
            "One line a pool, or one a stream where streams have parts of their own. Ties go to "
            "the lower number of a person. Nobody changes lines; a request for any of several "
            "pools stands in all."
        ),
        markdown_table(heads, rows),
    )


def _ranks(users: list[Service]) -> bool:
    return any(len(one.priority) > 1 or one.priority[0].value for one in users if one.priority)


def _doors(base: Scenario, tables: dict[str, str]) -> str:
    planned = [
        f"{name.replace('_', ' ')} (to {hazard.to})"
        for name, hazard in (base.population.hazards.items() if base.population else ())
    ]
    way_in = (
        f"People of the population ask for care by hazard: {', '.join(planned)}." if planned else ""
    )
    exits = ", ".join(["home", "died", *base.exits])
    return joined(way_in, tables.get("Referrals from outside", ""), f"Episodes end at: {exits}.")
