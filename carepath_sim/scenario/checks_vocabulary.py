"""The names of a scenario, and what each of them stands for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from carepath_sim.scenario.checks_words import nearest_name
from carepath_sim.scenario.model import Arrival, Scenario, Service
from carepath_sim.scenario.values import AllOf, Branch

RESERVED = ("home", "outside", "back", "died")
"""Places and targets that every scenario has; no service, pool or exit may be called so."""

CALENDAR = frozenset({"hour", "weekday", "month", "date", "day"})
"""Tests of the clock."""

SPECIAL = (
    "age",
    "cause",
    *sorted(CALENDAR),
    "from",
    "via",
    "to",
    "holds",
    "open",
    "stream",
    "event",
    "programme",
)
"""What a condition can test besides attributes."""

BEDS = frozenset({"acute_bed", "community_bed", "care_home"})
"""Settings that people cannot simply walk out of."""

AT_RISK = frozenset({"own_home", "care_home"})
"""Settings in which crises happen."""


@dataclass(frozen=True)
class Vocabulary:
    """What names a scenario defines."""

    scenario: Scenario

    @property
    def services(self) -> dict[str, Service]:
        """Services by name, a template by the name it is written under."""
        return self.scenario.services

    @cached_property
    def in_place(self) -> tuple[str, ...]:
        """Services received without giving up the present place."""
        return tuple(name for name, service in self.services.items() if service.in_place)

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Everything that can be a present place."""
        here = (name for name, service in self.services.items() if not service.in_place)
        return ("home", "outside", *here)

    @cached_property
    def ends(self) -> tuple[str, ...]:
        """Targets that are no service: home, back, death, and the declared exits."""
        return ("home", "back", "died", *self.scenario.exits)

    @cached_property
    def attributes(self) -> dict[str, tuple[str, ...]]:
        """Values of every attribute in written order; none for age, which is a number."""
        found: dict[str, tuple[str, ...]] = {}
        population = self.scenario.population
        if population is not None:
            levels = (
                level
                for band in population.bands.values()
                for _, shares in band.frailty
                for level, _ in shares
            )
            found = {
                "age": (),
                "age_band": tuple(population.bands),
                "sex": ("women", "men"),
                "frailty": tuple(dict.fromkeys(levels)),
            }
        elif any("age" in said_of(arrival) for arrival in self.scenario.arrivals.values()):
            found = {"age": ()}
        for name, attribute in self.scenario.attributes.items():
            pairs = attribute.map.pairs if attribute.map is not None else ()
            mapped = [value for _, value in pairs]
            drawn = [value for case in attribute.shares or () for value, _ in case.value]
            found[name] = tuple(dict.fromkeys(mapped + drawn))
        return found

    @cached_property
    def of_episode(self) -> frozenset[str]:
        """Attributes drawn anew for every episode."""
        return frozenset(
            name
            for name, attribute in self.scenario.attributes.items()
            if attribute.of == "episode"
        )

    @cached_property
    def hazards(self) -> tuple[str, ...]:
        """Names of the hazards."""
        population = self.scenario.population
        return tuple(population.hazards) if population is not None else ()

    @cached_property
    def causes(self) -> tuple[str, ...]:
        """Causes that an episode can have."""
        arrivals = (arrival.cause or name for name, arrival in self.scenario.arrivals.items())
        return tuple(dict.fromkeys((*self.hazards, *arrivals)))

    def base(self, name: str) -> str | None:
        """Return the written name of a service: ``nst`` for ``nst`` and ``nst[bexhill]``.

        None when there is no such service, or no such value of the attribute it stands for.
        """
        if name in self.services:
            return name
        template, bracket, value = name.partition("[")
        service = self.services.get(template)
        if not bracket or not value.endswith("]") or service is None or service.per is None:
            return None
        return template if value[:-1] in self.attributes.get(service.per, ()) else None

    def meant(self, name: str) -> str | None:
        """Return the written name of the service that a target means, misspelt ones too.

        A misspelling is reported where it stands; what can be reached by it is no second problem.
        """
        base = self.base(name)
        if base is not None or name in {*self.ends, "outside"}:
            return base
        guess = nearest_name(name, [*self.services, *self.ends])
        return guess if guess in self.services else None

    def service(self, name: str) -> Service | None:
        """Return the service that a name means, or None."""
        base = self.base(name)
        return None if base is None else self.services[base]

    def targets(self, service: Service) -> tuple[str, ...]:
        """Return every name that the routes of a service lead to."""
        found: dict[str, None] = {}
        for case in service.next:
            for branch in case.value:
                found.update(dict.fromkeys(led_to(branch)))
        return tuple(found)

    def streams(self, service: Service) -> tuple[str, ...]:
        """Return the streams that requests for a service can be in."""
        return tuple(dict.fromkeys(case.value for case in service.stream))

    def policy_streams(self, pool: str) -> tuple[str, ...]:
        """Return the streams that the policy of a pool names."""
        policy = self.scenario.pools[pool].policy
        common = policy.kind == "partial"
        return tuple(name for name, _ in policy.parts if not (common and name == "shared"))


def said_of(arrival: Arrival) -> set[str]:
    """Return the attributes and decisions that are known of some who arrive."""
    rows = arrival.replay or ()
    return {name for name, _ in arrival.is_} | {one.name for row in rows for one in row.given}


def led_to(branch: Branch) -> tuple[str, ...]:
    """Return the names in the target of a branch, the one after common steps last."""
    if isinstance(branch.to, AllOf):
        return (*branch.to.steps, branch.to.then)
    return (branch.to,)
