"""Services: settings of one service that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from carepath_sim.scenario.besides import received_alongside
from carepath_sim.scenario.checks_flow import asked_alone
from carepath_sim.scenario.checks_pools import takes_visits
from carepath_sim.scenario.checks_vocabulary import AT_RISK, Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, listed

NOT_IN_PLACE = {
    "residence": "nobody lives at a step received in place",
    "permanent": "nobody moves to a step received in place",
    "keeps_place": "a step received in place is no place to come back to",
    "plan_ahead": "a step received in place refers on when it is done",
    "transfer": "a step is received where the person is",
    "alongside": "a step is no stay that something could be received alongside of",
}
"""Fields that a service received in place cannot have, and why."""


def in_place(names: Vocabulary) -> Iterator[Finding]:
    """Yield what a service received in place cannot have."""
    beside = received_alongside(names.scenario)
    for name, service in names.services.items():
        if not service.in_place:
            continue
        path: Path = ("services", name)
        for field, reason in NOT_IN_PLACE.items():
            if getattr(service, field):
                yield (*path, field), f"`{field}` and `in_place: true` exclude each other: {reason}"
        if not service.stay and not service.max_stay and name not in beside:
            yield (
                path,
                "nothing says how long the step takes; write `stay:`, such as `stay: 30 min`",
            )


def residence(names: Vocabulary) -> Iterator[Finding]:
    """Yield residences where nobody can live, and permanent moves to no residence."""
    for name, service in names.services.items():
        path: Path = ("services", name)
        if service.residence and service.setting in {"acute_bed", "community_bed"}:
            message = (
                f"nobody lives in setting {service.setting};"
                f" a residence has the setting {listed(sorted(AT_RISK), 'or')}"
            )
            yield (*path, "setting"), message
        if service.permanent and not service.residence and not service.in_place:
            message = (
                "a permanent move is to a place where people live: write `residence: true` too"
            )
            yield (*path, "permanent"), message


def leaving(names: Vocabulary) -> Iterator[Finding]:
    """Yield stays that end nowhere, and routes that are never taken."""
    alone = asked_alone(names)
    for name, service in names.services.items():
        path: Path = ("services", name)
        ends = bool(service.stay or service.max_stay)
        if service.in_place:
            if not service.next and name in alone:
                message = (
                    "nobody can leave: nothing says what follows this step; write `next:`"
                    " (only steps asked for with `all_of` do without)"
                )
                yield path, message
        elif ends and not service.next:
            message = (
                "nobody can leave: the stay ends, but nothing says where people go;"
                " write `next:`, such as `next: home`"
            )
            yield path, message
        elif service.next and not ends:
            message = (
                "nobody can leave: without `stay:` nobody is ever ready, so that `next:` never"
                " counts; write `stay:`, or leave `next:` out where people live"
            )
            yield path, message
        elif not ends and not service.residence:
            message = (
                "nobody can leave: a stay without end is only for places where people live"
                " (`residence: true`); write `stay:` and `next:`"
            )
            yield path, message


def luck(names: Vocabulary) -> Iterator[Finding]:
    """Yield services that would draw the same numbers as another of the same scenario."""
    first: dict[str, str] = {}
    for name, service in names.services.items():
        drawn = service.luck or name
        if drawn in first or (service.luck in names.services and service.luck != name):
            twin = first.get(drawn, drawn)
            message = (
                f"'{name}' and '{twin}' draw under one name, so that their stays and routes are"
                " tied to each other; `luck:` is for services of two scenarios"
            )
            yield ("services", name, "luck"), message
        first.setdefault(drawn, name)


def without_effect(names: Vocabulary) -> Iterator[Finding]:
    """Yield settings that change nothing."""
    for name, service in names.services.items():
        path: Path = ("services", name)
        if service.in_place and service.discharges is not None:
            message = (
                "has no effect: nobody is discharged from a step received in place;"
                " `admits:` gives the hours in which it can begin"
            )
            yield (*path, "discharges"), message
        if (
            service.keeps_place is not None
            and service.setting not in AT_RISK
            and not service.in_place
        ):
            message = (
                f"has no effect: places are kept during a crisis, and none happens in setting"
                f" {service.setting}"
            )
            yield (*path, "keeps_place"), message
        if service.max_wait and not service.pool:
            yield (*path, "max_wait"), "has no effect: without a pool a place is granted at once"
        if any(cost.per == "visit" for cost in service.cost) and not service.visiting:
            yield (*path, "cost"), "a cost per visit of a service without `visits:` is never paid"
        if any(cost.per == "place_day" for cost in service.cost) and not service.pool:
            yield (
                (*path, "cost"),
                "a cost per day of each place of a service without a pool is never paid",
            )


def settings(names: Vocabulary) -> Iterator[Finding]:
    """Yield places of which nobody said where people are during the stay."""
    for name, service in names.services.items():
        if not service.in_place and "setting" not in service.model_fields_set:
            message = (
                "nothing says where people are during the stay, so `elsewhere` is taken: no crisis"
                " happens there, and it is no hospital; write `setting:`"
                " (own_home, acute_bed, community_bed, care_home or elsewhere)"
            )
            yield ("services", name, "setting"), message


def staff(names: Vocabulary) -> Iterator[Finding]:
    """Yield stays that hold a member of staff from their start to their end."""
    for name, service in names.services.items():
        pools = [pool for pool in service.pool if _unit(names, pool) == "staff"]
        if pools and not service.in_place:
            message = (
                f"draws on staff ({listed(pools)}) but is not `in_place: true`: somebody would be"
                " held for the whole stay, and while people wait for what comes next"
            )
            yield ("services", name, "pool"), message


def minutes(names: Vocabulary) -> Iterator[Finding]:
    """Yield services in a pool of visit minutes that name none, or name them twice."""
    for name, service in names.services.items():
        path: Path = ("services", name)
        if not any(_unit(names, pool) == "minutes_per_day" for pool in service.pool):
            continue
        written = "units" in service.model_fields_set
        if takes_visits(names, service) and written:
            yield (*path, "units"), "has no effect: the minutes of the visits are taken"
        elif not takes_visits(names, service) and not written:
            message = (
                "draws on minutes a day, but says nothing of visits, so that one minute a day is"
                " taken; write `visits:`, such as `3 per day of 30 min`"
            )
            yield (*path, "pool"), message


def _unit(names: Vocabulary, pool: str) -> str:
    found = names.scenario.pools.get(pool)
    return found.unit if found is not None else ""
