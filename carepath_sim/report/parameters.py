"""The parameters of a scenario in short tables, with their source and quality."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from rich import box
from rich.console import Group
from rich.text import Text

from carepath_sim.report.changes import changed
from carepath_sim.report.fitting import Fitted
from carepath_sim.report.stays import stays_table
from carepath_sim.report.words import condition_text, title_of
from carepath_sim.scenario import staffing
from carepath_sim.scenario.values import AllOf, Distribution, Number
from carepath_sim.units import DAY, YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from carepath_sim.plan.traffic import PoolLoad
    from carepath_sim.scenario.grammar_years import ByYear
    from carepath_sim.scenario.model import Hazard, Pool, Scenario, Service, Surge
    from carepath_sim.scenario.values import Branch, Cases, Provenance, Visits

T = TypeVar("T")

# A load above this share of the capacity is shown in red: queues grow without end.
FULL = 1.0


def scenario_tables(scenario: Scenario, loads: Sequence[PoolLoad]) -> RenderableType:
    """Return what a scenario says, section by section.

    Parameters
    ----------
    scenario
        The scenario.
    loads
        Offered load of its pools (`carepath_sim.plan.traffic.offered_load`).
    """
    parts: list[RenderableType] = [*_heading(scenario)]
    sections = (
        _people(scenario),
        _hazards(scenario),
        _programmes(scenario),
        _arrivals(scenario),
        _attributes(scenario),
        _pools(scenario),
        _loads(loads),
        _services(scenario),
        stays_table(scenario),
        _routes(scenario),
        _changes(scenario),
        _standards(scenario),
        _targets(scenario),
        _background(scenario),
        _payments(scenario),
        _stories(scenario),
    )
    for table in sections:
        if table.row_count:
            parts += [Text(""), table]
    parts += [Text(""), *(Text(f"Note: {note}") for note in scenario.notes), Text("")]
    return Group(*parts)


def _changes(scenario: Scenario) -> Fitted:
    heads = ("From", "Whom", "Field", "Before", "Then", "Source")
    table = Fitted(*heads, title="What changes when", box=box.SIMPLE_HEAD, title_justify="left")
    for one in changed(scenario):
        table.add_row(*map(Text, one))
    return table


def _heading(scenario: Scenario) -> Iterator[RenderableType]:
    clock = scenario.clock
    yield Text(f"{scenario.name}: {scenario.title}", style="bold")
    yield Text(
        f"Window from {clock.start.isoformat()} for {clock.length.text}, after "
        f"{clock.warm_up.text or '0 d'} of warm-up; followed for {clock.run_out.text} more"
    )


def _people(scenario: Scenario) -> Fitted:
    table = _table("People", "Age", "Share", "Women", "Frailty", ratios=(1, 1, 1, 4))
    population = scenario.population
    if population is not None:
        size = population.size
        table.title = f"People: {size.value:,.0f}, {_from(size.provenance)}".rstrip(", ")
        for name, band in population.bands.items():
            _row(
                table,
                (name, _number(band.share), _number(band.women), _frailty(band.frailty)),
                [band.share, *(n for _, levels in band.frailty for _, n in levels)],
            )
        for years, factor in population.after_discharge:
            words = f"times {_number(factor)} until {_number(years)} after a hospital stay"
            _row(table, ("crises", "", "", words), [factor, years])
        if population.progression is not None:
            clock = population.progression
            words = f"{_number(clock.rate)}: one level up{_times(clock.times)}"
            numbers = [clock.rate, *(n for _, values in clock.times for _, n in values)]
            _row(table, (clock.of.replace("_", " "), "", "", words), numbers)
        if population.ageing:
            _row(table, ("all", "", "", "a year older at each birthday"), [])
        if population.turning_65 is not None:
            words, numbers = _joining(population.turning_65, population.growth)
            _row(table, ("youngest", "", "", words), numbers)
        if population.projection is not None:
            numbers = [number for _, number in population.projection]
            _row(table, ("youngest", "", "", _following(scenario)), numbers)
    return table


def _joining(joining: Number | ByYear, growth: Number | None) -> tuple[str, list[Number]]:
    """How many people turn 65, and the numbers that say so."""
    if isinstance(joining, Number):
        more = f", growing by {_number(growth)}" if growth is not None else ""
        return f"{_number(joining)} people join{more}", [joining, *([growth] if growth else [])]
    return f"people join: {_years(joining)}", [number for _, number in joining]


def _following(scenario: Scenario) -> str:
    """What a projection says, and what it comes to."""
    from carepath_sim.plan.inflow import expected_deaths

    population = scenario.population
    if population is None or population.projection is None:
        return ""
    deaths, size = expected_deaths(scenario), population.size.value * YEAR / DAY
    return (
        f"so many join that there are, on 30 June: {_years(population.projection)};"
        f" expected deaths of the {population.size.value:,.0f}:"
        f" {deaths.hazards * size:,.3g} a year by hazards,"
        f" {deaths.routes * size:,.3g} by routes of services"
    )


def _years(rows: ByYear) -> str:
    return ", ".join(f"{year} {number.value:,.10g}" for year, number in rows)


def _frailty(frailty: tuple[tuple[str | None, tuple[tuple[str, Number], ...]], ...]) -> str:
    parts = []
    for sex, levels in frailty:
        words = ", ".join(f"{level} {_number(share)}" for level, share in levels)
        parts.append(f"{sex}: {words}" if sex else words)
    return "; ".join(parts)


def _hazards(scenario: Scenario) -> Fitted:
    table = _table(
        "Crises and other hazards", "Cause", "Rate", "Leads to", "Times", ratios=(2, 2, 2, 5)
    )
    population = scenario.population
    for name, hazard in (population.hazards if population is not None else {}).items():
        numbers = [hazard.rate, *(n for _, values in hazard.times for _, n in values)]
        _row(table, (_plain(name), _number(hazard.rate), hazard.to, _factors(hazard)), numbers)
    return table


def _times(factors: tuple[tuple[str, tuple[tuple[str, Number], ...]], ...]) -> str:
    parts = [
        f"{key.replace('_', ' ')}: {', '.join(f'{value} {_number(n)}' for value, n in values)}"
        for key, values in factors
    ]
    return f"; times {'; '.join(parts)}" if parts else ""


def _programmes(scenario: Scenario) -> Fitted:
    columns = ("Programme", "Finds", "Of", "Caseload", "Lasts", "Times on hazards")
    table = _table("Programmes", *columns, ratios=(3, 3, 3, 2, 2, 3))
    for name, one in scenario.programmes.items():
        finds = "nobody"
        if one.finds is not None:
            many = one.finds.coordinators
            times = "" if many.value == 1 else f" x {_number(many)}"
            finds = f"{_number(one.finds.rate)}{times}, {one.finds.rule}"
        effect = ", ".join(f"{cause} {_number(n)}" for cause, n in one.effect) or "no effect"
        cells = (
            title_of(name, one),
            finds,
            condition_text(one.who) or "everybody",
            _number(one.caseload) if one.caseload is not None else "no limit",
            _by_case(one.lasts, lambda law: law.text) or "for life",
            effect,
        )
        numbers = [one.caseload, *(n for _, n in one.effect)]
        _row(table, cells, numbers if one.finds is None else [one.finds.rate, *numbers])
    return table


def _factors(hazard: Hazard) -> str:
    return "; ".join(
        f"{key.replace('_', ' ')}: {', '.join(f'{value} {_number(n)}' for value, n in values)}"
        for key, values in hazard.times
    )


def _arrivals(scenario: Scenario) -> Fitted:
    table = _table("Referrals from outside", "From", "Rate", "First to", ratios=(3, 2, 2))
    for name, arrival in scenario.arrivals.items():
        rate = arrival.rate or arrival.every
        words = f"every {_number(rate)}" if arrival.every and rate else _number(rate)
        _row(table, (title_of(name, arrival), words, arrival.at), [rate])
    return table


def _attributes(scenario: Scenario) -> Fitted:
    table = _table("Attributes", "Name", "Of", "Values", ratios=(2, 1, 6))
    for name, attribute in scenario.attributes.items():
        numbers: list[Number | Distribution | None] = []
        if attribute.map is not None:
            words = f"by {attribute.map.from_}: " + ", ".join(
                f"{one} {other}" for one, other in attribute.map.pairs
            )
        else:
            cases = attribute.shares or ()
            numbers += [n for case in cases for _, n in case.value]
            words = _by_case(
                cases, lambda pairs: ", ".join(f"{value} {_number(n)}" for value, n in pairs)
            )
        _row(table, (_plain(name), attribute.of, words), numbers)
    return table


def _pools(scenario: Scenario) -> Fitted:
    table = _table("Pools", "Pool", "Capacity", "Sharing", ratios=(3, 4, 3))
    for name, pool in scenario.pools.items():
        words, numbers = _capacity(pool)
        if pool.surge is not None:
            words, more = f"{words}; {_surge(pool.surge)}", _surge_numbers(pool.surge)
            numbers = [*numbers, *more]
        _row(table, (title_of(name, pool), words, _policy(pool)), numbers)
    return table


def _capacity(pool: Pool) -> tuple[str, list[Number | Distribution | None]]:
    spec = pool.capacity
    unit = pool.unit.replace("minutes_per_day", "minutes a day")
    numbers: list[Number | Distribution | None] = []
    words = []
    if spec.split_total is not None:
        numbers.append(spec.split_total)
        words.append(f"{_number(spec.split_total)} {unit} in all, by {pool.per}")
    groups = [("", spec.dated), *((f"{value} ", dated) for value, dated in spec.by_value)]
    for value, steps in groups:
        for step in steps:
            when = f"from {step.start.isoformat()} " if step.start else ""
            if step.places is not None:
                numbers.append(step.places)
                words.append(f"{value}{when}{_number(step.places)}")
            for line in step.roster:
                numbers.append(line.places)
                words.append(f"{value}{when}{_number(line.places)} {line.hours.text}")
    text = ", ".join(words)
    if pool.from_staff is not None:
        sums = [f"{which}: {words}" if which else words for which, words in staffing.sums(pool)]
        return "; ".join(sums), list(staffing.numbers(pool))
    if spec.split_total is None and not text.endswith("unlimited"):
        text += f" {unit}"
    return text + (", more when full" if pool.overflow == "unlimited" else ""), numbers


def _surge(surge: Surge) -> str:
    """When places are opened and closed, and what they cost."""
    empty = surge.add if surge.close.empty is None else surge.close.empty
    words = (
        f"{_number(surge.add)} more when {_number(surge.when.waiting)} wait for"
        f" {_number(surge.when.lasting)}, until {_number(empty)} are empty for"
        f" {_number(surge.close.lasting)}"
    )
    if surge.lead.value:
        words += f", {_number(surge.lead)} ahead"
    costs = [f"{_number(c.amount)} a {c.per.replace('_', ' ')} ({c.payer})" for c in surge.cost]
    return ", ".join([words, *costs])


def _surge_numbers(surge: Surge) -> list[Number | Distribution | None]:
    return [
        surge.add,
        surge.when.waiting,
        surge.when.lasting,
        surge.close.empty,
        surge.close.lasting,
        *(cost.amount for cost in surge.cost),
    ]


def _policy(pool: Pool) -> str:
    kind = pool.policy.kind.replace("_", "-")
    if pool.policy.kind == "priority":
        ranked = sorted(pool.policy.parts, key=lambda part: part[1].value)
        return f"{kind}: {', '.join(name for name, _ in ranked)}"
    parts = ", ".join(f"{name} {_number(n)}" for name, n in pool.policy.parts)
    return f"{kind}: {parts}" if parts else kind


def _loads(loads: Sequence[PoolLoad]) -> Fitted:
    """Offered load: what would be in use if there were no limits."""
    table = Fitted(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title="Offered load by pool, from mean flows and stays (the simulation may differ)",
        title_justify="left",
    )
    table.add_column("Pool")
    for name in ("Load", "Capacity", "Load / capacity"):
        table.add_column(name, justify="right")
    table.add_column("How it comes about")
    for load in loads:
        share = load.load / load.capacity if load.capacity else math.inf
        finite = math.isfinite(load.capacity)
        table.add_row(
            _safe(load.pool.replace("_", " ")),
            f"{load.load:,.1f}" if load.load >= 1 else f"{load.load:.2g}",
            _places(load.capacity) if finite else "unlimited",
            f"{share:.0%}" if finite else "",
            _safe(load.sum_shown),
            style="red" if finite and share >= FULL else None,
        )
    return table


def _places(mean: float) -> str:
    """Mean over the week: of staff who are there by the hour it is no whole number."""
    if mean == round(mean):
        return f"{mean:,.0f}"
    return f"{mean:,.1f}" if mean >= 1 else f"{mean:.2g}"


def _services(scenario: Scenario) -> Fitted:
    table = _table(
        "Services", "Service", "Where", "Pool", "Stay", "Limits and hours", ratios=(4, 2, 3, 4, 5)
    )
    for name, service in scenario.services.items():
        where = "step" if service.in_place else service.setting.replace("_", " ")
        stays = [case.value for case in service.stay]
        _row(
            table,
            (
                title_of(name, service),
                where,
                " or ".join(service.pool).replace("_", " "),
                _by_case(service.stay, lambda law: law.text) or "no end of its own",
                "; ".join(_limits(service)),
            ),
            stays,
        )
    return table


def _limits(service: Service) -> Iterator[str]:
    """Rules of a service beyond its stay."""
    for name in ("admits", "discharges", "decides"):
        hours = getattr(service, name)
        if hours is not None:
            yield f"{name} {hours.text}"
    if service.max_stay:
        yield f"at most {_by_case(service.max_stay, _number)}"
    if service.max_wait:
        yield "waits " + _by_case(
            service.max_wait,
            lambda one: one.after.text + (f", then {one.to}" if one.to else ""),
        )
    room = service.waiting_room
    if room is not None:
        full = f"then {room.to}" if room.to else "then lost"
        inside, outside = _number(room.from_inside), _number(room.from_outside)
        yield f"waiting room: {inside} from inside, {outside} from outside, {full}"
    if service.transfer:
        yield f"transfer {_by_case(service.transfer, _number)}"
    if service.alongside:
        words = [f"{e.service} {condition_text(e.when)}".strip() for e in service.alongside]
        yield f"alongside: {', '.join(words)}"
    if service.plan_ahead:
        yield f"plans {_by_case(service.plan_ahead, _number)} ahead"
    for change in service.changes_state:
        way = "up" if change.up else "down"
        yield f"{change.attribute.replace('_', ' ')} {way} {change.chance.text}"
    if service.keeps_place is not None:
        yield f"keeps the place {_number(service.keeps_place)}"
    if service.visiting:
        yield _by_case(service.visiting, _visits)
    for cost in service.cost:
        yield f"{_number(cost.amount)} a {cost.per.replace('_', ' ')} ({cost.payer})"


def _visits(visits: Visits) -> str:
    words = f"{_number(visits.per_day)} visits a day of {_number(visits.minutes)}"
    for step in visits.then:
        words += f", after {_number(step.after)} {_number(step.per_day)} of {_number(step.minutes)}"
    return words


def _routes(scenario: Scenario) -> Fitted:
    table = _table("Ways on", "From", "When", "To", ratios=(3, 3, 6))
    for name, service in scenario.services.items():
        for k, case in enumerate(service.next):
            several = len(service.next) > 1
            when = condition_text(case.when) or ("else" if several else "")
            title = title_of(name, service) if k == 0 else ""
            shares = [branch.share for branch in case.value]
            _row(table, (title, when, _branches(case.value)), shares)
    return table


def _branches(branches: tuple[Branch, ...]) -> str:
    words = []
    for branch in branches:
        to = branch.to
        target = f"{' and '.join(to.steps)}, then {to.then}" if isinstance(to, AllOf) else to
        certain = len(branches) == 1
        words.append(target if certain else f"{target} {_number(branch.share)}")
    return ", ".join(words)


def _standards(scenario: Scenario) -> Fitted:
    table = _table("Standards", "Standard", "From", "To", "Within", ratios=(3, 3, 3, 2))
    for name, one in scenario.standards.items():
        cells = (title_of(name, one), one.from_, " or ".join(one.to), _number(one.within))
        _row(table, cells, [one.within, one.target])
    return table


def _targets(scenario: Scenario) -> Fitted:
    table = _table("Targets of the documents, to compare with", "Target", "Value", ratios=(3, 2))
    for name, one in scenario.targets.items():
        per = f" a {one.per}" if one.per else ""
        value = f"{_number(one.value)}{per}" if one.value else "left open"
        table.add_row(_safe(title_of(name, one)), value, _safe(one.source or ""), "")
    return table


def _background(scenario: Scenario) -> Fitted:
    title = "Background: stated, not simulated"
    table = _table(title, "Figure", "Value", "Added to", ratios=(3, 2, 2))
    for name, one in scenario.background.items():
        value = _number(one.value) + (f" a {one.per}" if one.per else "")
        adds_to = (one.adds_to or "").replace("_", " ")
        _row(table, (name.replace("_", " "), value, adds_to), [one.value])
    return table


def _payments(scenario: Scenario) -> Fitted:
    columns = ("Payment", "Depends on", "Paid", "What is lost is borne by")
    table = _table("Payments", *columns, ratios=(2, 3, 3, 2))
    for name, one in scenario.payments.items():
        each = one.per or one.measure.replace("_", " ")
        paid = f"{_number(one.unit)} for each {each} less, up to {_number(one.up_to)}"
        if one.form == "threshold":
            paid = f"{_number(one.unit)} x {_number(one.up_to)} when as many {each} are fewer"
        cells = (
            title_of(name, one),
            f"{one.measure.replace('_', ' ')} below {_number(one.baseline)} a year",
            paid,
            ", ".join(f"{party} {_number(share)}" for party, share in one.loss),
        )
        _row(table, cells, [one.baseline, one.up_to, one.unit])
    return table


def _stories(scenario: Scenario) -> Fitted:
    title = "Stories (carepath trace)"
    table = Fitted(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=title,
        title_justify="left",
        min_width=len(title) + 2,
    )
    table.add_column("Name", no_wrap=True)
    table.add_column("Title")
    for name, story in scenario.stories.items():
        table.add_row(name, _safe(title_of(name, story)))
    return table


# --- cells -----------------------------------------------------------------------------------


def _table(title: str, *columns: str, ratios: Sequence[int]) -> Fitted:
    """A table whose last columns are source and quality."""
    table = Fitted(
        box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", expand=True
    )
    for name, ratio in zip(columns, ratios, strict=True):
        table.add_column(name, ratio=ratio, overflow="fold")
    table.add_column("Source", ratio=2, overflow="fold")
    table.add_column("Quality", width=11, overflow="fold")
    return table


def _row(
    table: Fitted, cells: Iterable[str], numbers: Iterable[Number | Distribution | None]
) -> None:
    """Add a row, with all sources and the poorest qualities of its numbers."""
    known = [number.provenance for number in numbers if number is not None]
    sources = dict.fromkeys(one.source for one in known if one.source)
    qualities = dict.fromkeys(one.quality for one in known if one.quality)
    table.add_row(*(_safe(cell) for cell in cells), _safe("; ".join(sources)), ", ".join(qualities))


def _from(provenance: Provenance) -> str:
    return ", ".join(part for part in (provenance.source, provenance.quality) if part)


def _by_case(cases: Cases[T], words: Callable[[T], str]) -> str:
    """A value, or the value in each case."""
    if len(cases) == 1 and not cases[0].when:
        return words(cases[0].value)
    return "; ".join(
        f"{condition_text(case.when) or 'else'}: {words(case.value)}" for case in cases
    )


def _number(number: Number | None) -> str:
    """A number as its author wrote it."""
    if number is None:
        return ""
    return number.text or f"{number.value:g}"


def _plain(name: str) -> str:
    return _safe(name.replace("_", " "))


def _safe(words: str) -> str:
    """Words in which brackets are no markup."""
    return words.replace("[", "\\[")
