"""The pathway of a scenario as a graph: who can go where, how often, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from carepath_sim.report.words import condition_text, title_of
from carepath_sim.scenario.values import AllOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carepath_sim.scenario.model import Scenario, Service
    from carepath_sim.scenario.values import Number

# Ways that end the pathway or lead back to where people live. As arrows they would cover the
# drawing, so they stand as words in the box they leave.
HOME, BACK, DIED, OUTSIDE = "home", "back", "died", "outside"

# Letters of a condition that a picture has room for.
SHORT = 24


@dataclass(frozen=True)
class Node:
    """A box of the drawing.

    Attributes
    ----------
    name, title
        Name in the scenario and words for the reader.
    kind
        setting of a stay (own_home, acute_bed, ...), ``step`` for in-place steps, ``source`` for
        where people come from.
    capacity
        Words on the pool, such as "125 beds"; empty without a pool.
    ends
        Words on the ways that end here, such as "back 55 %".
    """

    name: str
    title: str
    kind: str
    capacity: str = ""
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """An arrow of the drawing.

    Attributes
    ----------
    tail, head
        Names of the two boxes.
    kind
        ``route``, ``diversion`` (patience ran out), ``demand`` (crises, arrivals) or ``beside``
        (received alongside a stay).
    label
        Share, condition, patience, or causes.
    short
        The same for a picture; empty where it would be long.
    """

    tail: str
    head: str
    kind: str
    label: str
    short: str


@dataclass(frozen=True)
class Pathway:
    """All boxes and arrows of a scenario."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass
class _Ways:
    """Shares by target, with the conditions under which each holds."""

    cases: int
    found: dict[str, list[tuple[float, str, bool]]] = field(default_factory=dict)

    def add(self, target: str, share: float, condition: str, *, together: bool = False) -> None:
        self.found.setdefault(target, []).append((share, condition, together))

    def text(self, target: str) -> str:
        """Words such as "35 %", "35-50 %", "if needs hospital", "10 % in some cases"."""
        words, condition, together = self._parts(target)
        if condition:
            words = f"{words} {condition}".strip()
        elif self._sometimes(target):
            words = f"{words} in some cases".strip()
        return ", ".join(filter(None, (words, "together" if together else "")))

    def short(self, target: str) -> str:
        """The share, or the condition where that is short enough for a picture."""
        words, condition, together = self._parts(target)
        if words:
            return words
        if together:
            return "together"
        return condition if len(condition) <= SHORT else ""

    def _parts(self, target: str) -> tuple[str, str, bool]:
        """Share (empty when certain), condition (empty without, or with several), all together."""
        found = self.found[target]
        words = share_text([share for share, _, _ in found])
        condition = f"if {found[0][1]}" if len(found) == 1 and found[0][1] else ""
        together = any(together for _, _, together in found)
        return "" if words == "100 %" else words, condition, together

    def _sometimes(self, target: str) -> bool:
        found = self.found[target]
        return len(found) < self.cases and all(condition for _, condition, _ in found)


def pathway(scenario: Scenario) -> Pathway:
    """Draw up who can go where in a scenario.

    Shares of one and the same way that differ by case are given as a range.
    """
    ended = {HOME, BACK, DIED, OUTSIDE, *scenario.exits} - set(scenario.services)
    nodes = list(_sources(scenario))
    edges = list(_demand(scenario))
    for name, service in scenario.services.items():
        if name == HOME:
            continue  # where people live is the source `home`
        ways, after = _ways(service)
        ends = tuple(
            f"{_end_title(target, scenario)} {ways.text(target)}".strip()
            for target in ways.found
            if target in ended or target == HOME
        )
        kind = "step" if service.in_place else service.setting
        nodes.append(Node(name, title_of(name, service), kind, _capacity(scenario, service), ends))
        edges += [
            Edge(name, target, "route", ways.text(target), ways.short(target))
            for target in ways.found
            if target in scenario.services and target != HOME
        ]
        edges += [
            Edge(step, then, "route", "when all are done", "when all done")
            for step, then in after
            if then in scenario.services and then != HOME
        ]
        edges += list(_diversions(scenario, name, service))
        edges += [
            Edge(name, beside.service, "beside", "alongside", "alongside")
            for beside in service.alongside
        ]
    known = {node.name for node in nodes}
    edges = [edge for edge in edges if {edge.tail, edge.head} <= known]
    return Pathway(scenario.title, tuple(nodes), tuple(_merged(edges)))


def share_text(shares: list[float]) -> str:
    """A share, or the range of several, in percent.

    >>> share_text([0.35, 0.5]), share_text([1.0]), share_text([0.002])
    ('35-50 %', '100 %', '0.2 %')
    """
    low, high = _percent(min(shares)), _percent(max(shares))
    return f"{low} %" if low == high else f"{low}-{high} %"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share == 0 or share >= 0.01 else f"{100 * share:.1g}"


def _sources(scenario: Scenario) -> list[Node]:
    nodes = []
    if scenario.population is not None:
        people = _count(scenario.population.size)
        nodes.append(Node(HOME, "People at home", "source", f"{people} people"))
    for name, arrival in scenario.arrivals.items():
        rate = arrival.rate.text if arrival.rate is not None else ""
        if arrival.every is not None:
            rate = f"every {arrival.every.text}"
        nodes.append(Node(f"from:{name}", arrival.title or name.replace("_", " "), "source", rate))
    return nodes


def _demand(scenario: Scenario) -> list[Edge]:
    edges = []
    if scenario.population is not None:
        for cause, hazard in scenario.population.hazards.items():
            if hazard.to in scenario.services:
                words = cause.replace("_", " ")
                edges.append(Edge(HOME, hazard.to, "demand", words, words))
    edges += [
        Edge(f"from:{name}", arrival.at, "demand", "", "")
        for name, arrival in scenario.arrivals.items()
    ]
    return edges


def _ways(service: Service) -> tuple[_Ways, list[tuple[str, str]]]:
    """Targets with their shares in each case, and what follows steps asked for together."""
    ways = _Ways(len(service.next))
    after: dict[tuple[str, str], None] = {}
    for case in service.next:
        condition = condition_text(case.when)
        for branch in case.value:
            if isinstance(branch.to, AllOf):
                for step in branch.to.steps:
                    ways.add(step, branch.share.value, condition, together=True)
                    after[step, branch.to.then] = None
            else:
                ways.add(branch.to, branch.share.value, condition)
    return ways, list(after)


def _diversions(scenario: Scenario, name: str, service: Service) -> list[Edge]:
    """Where people turn who can wait no longer; drawn from the service that kept them waiting."""
    edges = []
    for case in service.max_wait:
        to, words = case.value.to, f"not within {case.value.after.text}"
        if to is not None and to in scenario.services and to != HOME:
            edges.append(Edge(name, to, "diversion", words, words))
    room = service.waiting_room
    if room is not None and room.to in scenario.services and room.to != HOME:
        edges.append(Edge(name, room.to, "diversion", "waiting room full", "room full"))
    return edges


def _merged(edges: list[Edge]) -> list[Edge]:
    """One arrow where several of a kind run between the same two boxes."""
    groups: dict[tuple[str, str, str], list[Edge]] = {}
    for edge in edges:
        groups.setdefault((edge.tail, edge.head, edge.kind), []).append(edge)
    return [
        Edge(*key, _joined(one.label for one in group), _joined(one.short for one in group))
        for key, group in groups.items()
    ]


def _joined(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(word for word in words if word))


def _end_title(target: str, scenario: Scenario) -> str:
    service = scenario.services.get(target)
    return title_of(target, service) if service is not None else target.replace("_", " ")


def _capacity(scenario: Scenario, service: Service) -> str:
    words = []
    for name in service.pool:
        pool = scenario.pools.get(name)
        if pool is None:
            continue
        unit = pool.unit.replace("_", " ").replace("minutes per day", "min a day")
        places = _places(pool.capacity)
        words.append(f"{places} {unit}" + (f" for each {pool.per}" if pool.per else ""))
    return " or ".join(words)


def _places(capacity: object) -> str:
    """Words on a capacity: a number, a range over hours and dates, or "unlimited"."""
    numbers: list[float] = []
    total: Number | None = getattr(capacity, "split_total", None)
    if total is not None:
        return f"{_count(total)} in all,"
    parts = [getattr(capacity, "dated", ())]
    parts += [dated for _, dated in getattr(capacity, "by_value", ())]
    for part in parts:
        for dated in part:
            if dated.places is not None:
                numbers.append(dated.places.value)
            numbers += [line.places.value for line in dated.roster]
    if not numbers or min(numbers) == float("inf"):
        return "unlimited"
    low, high = min(numbers), max(numbers)
    return f"{low:,.0f}" if low == high else f"{low:,.0f}-{high:,.0f}"


def _count(number: Number) -> str:
    return f"{number.value:,.0f}"
