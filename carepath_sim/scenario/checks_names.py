"""Names: every place where one can stand names something that exists."""

from __future__ import annotations

from collections.abc import Iterator

from carepath_sim.scenario.checks_cases import numbered, numbered_names
from carepath_sim.scenario.checks_vocabulary import RESERVED, SPECIAL, Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, listed, unknown
from carepath_sim.scenario.model import Attribute, Story
from carepath_sim.scenario.values import AllOf, Number

MOST_STEPS = 8
"""Steps that can be asked for together."""

DECISIONS = ("stay", "route", "max_wait")
"""Decisions at a service whose outcome a story can fix."""

STARTS = frozenset({"steady", "census"})
"""Fields of `start:` beside the names of services."""

LUCK = frozenset({"attribute", "hazard", "start", "progression", "programme", "birthday"})
"""First words of the names of other draws; a service called so would share its luck with them."""

PERSON_CAUSE = "start"
"""Cause under which everything is drawn that belongs to no episode."""

SOURCES = frozenset({"population", "turning_65"})
"""Sources of people that are no arrivals."""


def definitions(names: Vocabulary) -> Iterator[Finding]:
    """Yield names that cannot be given, or are given twice."""
    scenario = names.scenario
    for name in scenario.services:
        if name in RESERVED:
            message = (
                f"'{name}' is a reserved name: every scenario has"
                f" {listed(RESERVED)}; give the service another name"
            )
            yield ("services", name), message
        elif name in LUCK | STARTS:
            yield ("services", name), f"'{name}' is a reserved name; give the service another name"
    for number, name in enumerate(scenario.exits):
        path: Path = ("exits", number)
        if name in RESERVED:
            yield path, f"'{name}' is a reserved name and needs no declaration as an exit"
        elif name in scenario.services:
            yield path, f"'{name}' is a service already; an exit needs a name of its own"
        elif name in scenario.exits[:number]:
            yield path, f"the exit '{name}' is declared twice"
    from_bands = {"age_band", "sex", "frailty"} if scenario.population is not None else set()
    for name in scenario.attributes:
        if name in {*SPECIAL, "else", "by"}:
            message = f"'{name}' is a built-in word of conditions; give the attribute another name"
            yield ("attributes", name), message
        elif name in from_bands:
            message = f"'{name}' comes with the population; give the attribute another name"
            yield ("attributes", name), message
    for name in scenario.arrivals:
        if name in SOURCES:
            yield ("arrivals", name), f"'{name}' is a reserved name; give the arrivals another name"
    for path, name in _causes(names):
        if name == PERSON_CAUSE:
            yield path, f"'{name}' is a reserved cause: it stands for people there at the start"


def _causes(names: Vocabulary) -> Iterator[tuple[Path, str]]:
    for name in names.hazards:
        yield ("population", "hazards", name), name
    for name, arrival in names.scenario.arrivals.items():
        yield ("arrivals", name), arrival.cause or name


def templates(names: Vocabulary) -> Iterator[Finding]:
    """Yield `per` that names no attribute of people, and pools that fit no template."""
    scenario = names.scenario
    written = [
        *((("services", name), service.per) for name, service in scenario.services.items()),
        *((("pools", name), pool.per) for name, pool in scenario.pools.items()),
        *((("programmes", name), one.per) for name, one in scenario.programmes.items()),
    ]
    of_people = [name for name, a in scenario.attributes.items() if a.of == "person"]
    for path, per in written:
        if per is None or per in of_people:
            continue
        if per in names.of_episode:
            message = (
                f"'{per}' belongs to an episode and changes with it;"
                " `per` needs an attribute `of: person`"
            )
            yield (*path, "per"), message
        elif per in names.attributes:
            message = (
                f"'{per}' is built in; `per` needs an attribute declared under `attributes:`,"
                f" accepted: {listed(of_people)}"
            )
            yield (*path, "per"), message
        else:
            yield (*path, "per"), unknown("attribute", per, of_people)


def services(names: Vocabulary) -> Iterator[Finding]:
    """Yield unknown names in the routes, pools, patience and settings of services."""
    for name, service in names.services.items():
        here: Path = ("services", name)
        yield from _pools(names, name)
        for path, case in numbered((*here, "next"), service.next):
            for branch in case.value:
                yield from _target(names, (*path, "to"), branch.to)
        for path, case in numbered((*here, "max_wait"), service.max_wait):
            if case.value.to is not None:
                yield from _target(names, (*path, "to"), case.value.to)
        if service.waiting_room is not None and service.waiting_room.to is not None:
            room = (*here, "waiting_room", "when_full", "to")
            yield from _target(names, room, service.waiting_room.to)
        for attribute, value, _ in service.set:
            yield from _set(names, (*here, "set", attribute), attribute, value)
        for cause, _ in service.hazard_factor:
            if cause != "*" and cause not in names.hazards:
                yield (*here, "hazard_factor", cause), unknown("hazard", cause, names.hazards)


def _pools(names: Vocabulary, name: str) -> Iterator[Finding]:
    service = names.services[name]
    path: Path = ("services", name, "pool")
    for number, pool_name in enumerate(service.pool):
        pool = names.scenario.pools.get(pool_name)
        if pool is None:
            yield path, unknown("pool", pool_name, names.scenario.pools)
        elif pool.per is not None and pool.per != service.per:
            written = "has no `per`" if service.per is None else f"is `per: {service.per}`"
            message = (
                f"there is one pool '{pool_name}' for each value of {pool.per}, but this service"
                f" {written}; write `per: {pool.per}` here too"
            )
            yield path, message
        if pool_name in service.pool[:number]:
            yield path, f"pool '{pool_name}' is named twice"


def _target(names: Vocabulary, path: Path, to: str | AllOf) -> Iterator[Finding]:
    """Yield what is wrong with a target of a route or a diversion."""
    if isinstance(to, AllOf):
        yield from _steps(names, path, to)
        yield from _target(names, (*path, "then"), to.then)
    elif to == "outside":
        message = (
            "nobody can be sent to 'outside', where arrivals stand before their first place;"
            f" accepted: home, back, or an exit ({listed(names.scenario.exits)})"
        )
        yield (*path, to), message
    elif to not in names.ends and names.base(to) is None:
        yield (*path, to), _unknown_service(names, to, [*names.services, *names.ends])


def _unknown_service(names: Vocabulary, name: str, known: list[str]) -> str:
    """Return the message for a target that does not exist, `nst[nowhere]` included."""
    template, bracket, value = name.partition("[")
    service = names.services.get(template)
    if bracket and service is not None:
        if service.per is None:
            return f"'{template}' is one service (it has no `per`); write '{template}'"
        values = names.attributes.get(service.per, ())
        return unknown(f"value of {service.per} in '{name}':", value.rstrip("]"), values)
    return unknown("service", name, known)


def _steps(names: Vocabulary, path: Path, to: AllOf) -> Iterator[Finding]:
    here = (*path, "all_of")
    if len(to.steps) > MOST_STEPS:
        message = f"{len(to.steps)} steps are asked for together; accepted are at most {MOST_STEPS}"
        yield here, message
    for number, step in enumerate(to.steps):
        if step in to.steps[:number]:
            yield (*here, number), f"step '{step}' is named twice"
        base = names.base(step)
        if base is None:
            yield (*here, number), _unknown_service(names, step, list(names.in_place))
        elif base not in names.in_place:
            message = (
                f"'{step}' is a place of its own; steps asked for together must be"
                f" `in_place: true`, accepted: {listed(names.in_place)}"
            )
            yield (*here, number), message


def _set(names: Vocabulary, path: Path, attribute: str, value: str) -> Iterator[Finding]:
    known = names.attributes.get(attribute)
    settable = [name for name in names.attributes if name not in {"age", "age_band", "sex"}]
    if known is None:
        yield path, unknown("attribute", attribute, settable)
    elif attribute not in settable:
        yield path, f"'{attribute}' cannot be set; accepted: {listed(settable)}"
    elif value not in known:
        yield path, _new_value(attribute, value, known)


def _new_value(attribute: str, value: str, known: tuple[str, ...]) -> str:
    message = unknown(f"value of {attribute}", value, known)
    return f"{message} (a value that nobody has at first is declared with a share of 0)"


def sources(names: Vocabulary) -> Iterator[Finding]:
    """Yield unknown names in hazards, arrivals and the start."""
    scenario = names.scenario
    if scenario.population is not None:
        for name, hazard in scenario.population.hazards.items():
            path: Path = ("population", "hazards", name)
            known = [*names.services, "died", *scenario.exits]
            if hazard.to not in {"died", *scenario.exits} and names.base(hazard.to) is None:
                yield (*path, "to"), _asked_first(names, hazard.to, known)
            for key, pairs in hazard.times:
                yield from factors(names, (*path, "times", key), key, [v for v, _ in pairs])
    for name, arrival in scenario.arrivals.items():
        path = ("arrivals", name)
        if names.base(arrival.at) is None:
            yield (*path, "at"), _asked_first(names, arrival.at, list(names.services))
        yield from _fixed(names, (*path, "is"), arrival.is_)
    for name in scenario.start.services:
        if names.base(name) is None:
            yield ("start", name), _asked_first(names, name, list(names.services))


def _asked_first(names: Vocabulary, name: str, known: list[str]) -> str:
    if name in {*RESERVED, *names.scenario.exits}:
        return f"'{name}' cannot stand here; accepted: {listed(known)}"
    return _unknown_service(names, name, known)


def factors(names: Vocabulary, path: Path, key: str, values: list[str]) -> Iterator[Finding]:
    """Yield what is wrong with factors by the values of an attribute."""
    if key in {"month", "weekday", "hour"}:
        return
    if key not in names.attributes:
        yield path, unknown("attribute", key, [*names.attributes, "month", "weekday", "hour"])
    elif key in names.of_episode:
        message = (
            f"'{key}' belongs to an episode, which begins only when a hazard fires;"
            " accepted are attributes `of: person`"
        )
        yield path, message
    elif key == "age":
        years = (value for value in values if not value.isdecimal())
        for value in years:
            yield (*path, value), f"factors by age take whole years; found '{value}'. Use age_band"
    else:
        for value in values:
            if value not in names.attributes[key]:
                yield (*path, value), unknown(f"value of {key}", value, names.attributes[key])


def _fixed(names: Vocabulary, path: Path, fixed: tuple[tuple[str, str], ...]) -> Iterator[Finding]:
    """Yield what is wrong with attributes fixed for some people."""
    for name, value in fixed:
        known = names.attributes.get(name)
        if name == "age":
            if not value.isdecimal() or int(value) > 120:
                yield (*path, name), f"age takes whole years from 0 to 120; found '{value}'"
        elif known is None:
            yield (*path, name), unknown("attribute", name, ["age", *names.attributes])
        elif value not in known:
            yield (*path, name), unknown(f"value of {name}", value, known)


def standards(names: Vocabulary) -> Iterator[Finding]:
    """Yield standards that begin or end at no service."""
    known = [*names.services, *names.scenario.exits]
    for name, standard in names.scenario.standards.items():
        path: Path = ("standards", name)
        ends = numbered_names((*path, "to"), standard.to)
        for here, end in [((*path, "from"), standard.from_), *ends]:
            service = end.rpartition(".")[0]
            if names.base(service) is None and service not in names.scenario.exits:
                yield here, _unknown_service(names, service, known)


def stories(names: Vocabulary) -> Iterator[Finding]:
    """Yield unknown names in stories."""
    for name, story in names.scenario.stories.items():
        path: Path = ("stories", name)
        yield from _fixed(names, (*path, "is"), story.is_)
        if story.at != "home" and names.base(story.at) is None:
            yield (*path, "at"), _unknown_service(names, story.at, ["home", *names.services])
        if story.crisis is not None and story.crisis not in names.hazards:
            yield (*path, "crisis"), unknown("hazard", story.crisis, names.hazards)
        if story.at == "home" and story.crisis is None:
            message = (
                "nothing happens to somebody at home without a crisis; name one with `crisis:`"
                f" ({listed(names.hazards)}), or the service at which the story starts with `at:`"
            )
            yield (*path, "at"), message
        yield from _draws(names, (*path, "draws"), story)


def _draws(names: Vocabulary, path: Path, story: Story) -> Iterator[Finding]:
    for key, outcomes in story.draws:
        service_name, _, decision = key.rpartition(".")
        service = names.service(service_name)
        here = (*path, key)
        if service is None or decision not in DECISIONS:
            if service is None:
                yield here, _unknown_service(names, service_name or key, list(names.services))
            if decision not in DECISIONS:
                yield here, unknown("decision", decision, DECISIONS)
            continue
        known = names.targets(service)
        for outcome in outcomes if decision == "route" else ():
            if isinstance(outcome, Number):
                yield here, f"a route leads to a name; found '{outcome.text}'"
            elif outcome not in known:
                yield here, unknown(f"target of {service_name}", outcome, known)


def attributes(names: Vocabulary) -> Iterator[Finding]:
    """Yield attributes without values, maps that do not fit, and rings of dependence."""
    for name, attribute in names.scenario.attributes.items():
        path: Path = ("attributes", name)
        if attribute.map is None and not attribute.shares:
            yield path, f"nothing says which values '{name}' has; write `shares:` or `map:`"
        if attribute.map is not None:
            if attribute.shares:
                yield path, "an attribute has `shares:` or a `map:`, not both"
            yield from _map(names, path, attribute)
    yield from _dependence(names)


def _map(names: Vocabulary, path: Path, attribute: Attribute) -> Iterator[Finding]:
    if attribute.map is None:
        return
    source = attribute.map.from_
    here = (*path, "map")
    known = names.attributes.get(source)
    if known is None or source == "age":
        others = [name for name in names.attributes if name not in {path[-1], "age"}]
        yield (*here, "from"), unknown("attribute", source, others)
        return
    if source in names.of_episode and attribute.of == "person":
        message = (
            f"'{source}' belongs to an episode, this attribute to the person; write `of: episode`"
        )
        yield (*here, "from"), message
    given = [value for value, _ in attribute.map.pairs]
    for value in given:
        if value not in known:
            yield (*here, value), unknown(f"value of {source}", value, known)
    missing = [value for value in known if value not in given]
    if missing:
        yield here, f"the map says nothing of {listed(missing)}; every value of {source} needs one"


def _dependence(names: Vocabulary) -> Iterator[Finding]:
    needs = {
        name: {
            *({attribute.map.from_} if attribute.map is not None else ()),
            *(test.key for case in attribute.shares or () for test in case.when),
        }
        for name, attribute in names.scenario.attributes.items()
    }
    settled: set[str] = set()
    while True:
        free = [n for n in needs if n not in settled and not (needs[n] & set(needs)) - settled]
        if not free:
            break
        settled.update(free)
    ring = [name for name in needs if name not in settled]
    if ring:
        message = (
            f"the values of {listed(ring)} depend on each other, so that none can be drawn first"
        )
        yield ("attributes", ring[0]), message
