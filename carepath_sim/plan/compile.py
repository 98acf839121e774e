"""Compiling a scenario into a plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.plan import calendar as cal
from carepath_sim.plan import capacity as cap
from carepath_sim.plan import names as nm
from carepath_sim.plan import programmes as pg
from carepath_sim.plan import rooms
from carepath_sim.plan import states as st
from carepath_sim.plan import tables as tb
from carepath_sim.plan.build import Builder, whole
from carepath_sim.plan.compile_starts import StartCompiler
from carepath_sim.plan.dated import (
    CYCLES,
    Retired,
    Shape,
    Switch,
    cycles,
    rate_over_time,
    season_over_time,
)
from carepath_sim.plan.days import days_of
from carepath_sim.plan.givens import GivenRows
from carepath_sim.plan.inflow import inflow, joins
from carepath_sim.plan.plan import (
    AttributeInfo,
    Plan,
    PoolInfo,
    ServiceInfo,
    SetInfo,
    SourceInfo,
)
from carepath_sim.plan.quantiles import unit_exponential
from carepath_sim.plan.surges import surge_tables
from carepath_sim.plan.tapers import Collector, units_of
from carepath_sim.scenario.besides import received_alongside
from carepath_sim.scenario.grammar_hours import day_windows, merged
from carepath_sim.scenario.matching import values_meant
from carepath_sim.scenario.over_time import (
    concerned,
    dated_cases,
    layers,
    service_over_time,
    states,
    switches,
    values,
)
from carepath_sim.scenario.values import AllOf, Case, DatedCapacity, Test
from carepath_sim.units import half_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from carepath_sim.scenario.model import (
        Arrival,
        Attribute,
        Hazard,
        Pool,
        Programme,
        Progression,
        Scenario,
        Service,
    )
    from carepath_sim.scenario.reading import Path
    from carepath_sim.scenario.values import (
        Branch,
        Cases,
        Distribution,
        Number,
        Patience,
        Policy,
        Visits,
    )

YEAR_DAYS = 365.25
PERSON_CAUSE = "start"
"""Cause under which everything is drawn that belongs to no episode."""
HOSPITAL = ("acute_bed", "community_bed")
AT_RISK = ("own_home", "care_home")
_RAGGED = frozenset({"pools", "pool_first", "along_first", "along_target", "along_who"})
"""Columns with an entry for each of several things of a service."""


def compile_plan(scenario: Scenario) -> Plan:
    """Return the plan of a scenario.

    Raises
    ------
    CarepathError
        When two decisions would share their random numbers (their names hash alike).
    """
    return Compiler(scenario).plan()


@dataclass
class Compiler:
    """One compilation; the order of its steps is the order in which names become numbers."""

    scenario: Scenario
    rows: Builder = field(default_factory=Builder)
    decisions: dict[str, int] = field(default_factory=dict)
    targets: dict[tuple[Any, ...], int] = field(default_factory=dict)
    target_names: list[str] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def plan(self) -> Plan:
        """Return the plan."""
        scenario = self.scenario
        self.start: date = scenario.clock.start
        self.begin = -round(scenario.clock.warm_up.value)
        self.window = scenario.clock.length.end(self.start)
        self.end = self.window + round(scenario.clock.run_out.value)
        self.first_day = self.start + timedelta(days=self.begin // tb.DAY)
        self.rows.days = days_of(scenario.clock, self.begin, self.end)
        self.values = nm.attribute_values(scenario)
        self.attribute = {name: k for k, name in enumerate(self.values)}
        self.tapers = Collector(scenario)
        self.taper_choices: list[int] = []
        self._name_services()
        self._name_pools()
        self._name_streams()
        self._name_causes()
        self._name_programmes()
        services = self._service_columns()
        states = self._states()
        hazards = self._hazards()
        self.there = StartCompiler(self)
        draws, sources = self._people()
        pools = self._pool_tables()
        retired = self._retired()
        switched = self._switches()
        source_of = {source.name: k for k, source in enumerate(sources)}
        starts = self.there.infos(source_of)
        census = self.there.census(source_of)
        back = self._target("back")  # before the targets become columns
        programmes, programme_tables = self._programmes()
        ageing = self.scenario.population is not None and self.scenario.population.ageing
        birthday = self._decision("birthday.day") if ageing else tb.NOBODY
        month_first, month_name = cal.months(self.start, self.begin, self.end)
        columns = {
            **self.rows.arrays(),
            **services,
            **self._target_columns(),
            "week_shift": whole([cal.week_shift(self.start)]),
            "month_first": month_first,
            "month_name": month_name,
            "decision_key": self._decision_keys(),
            "causes": whole([len(self.causes)]),
        }
        population = scenario.population
        return Plan(
            scenario=scenario,
            start_date=self.start,
            begin=self.begin,
            window=self.window,
            end=self.end,
            population=self.there.left_at_home(),
            services=self.infos,
            pools=self.pool_infos,
            attributes=tuple(
                AttributeInfo(name, self._of(name), values) for name, values in self.values.items()
            ),
            stream_names=tuple(self.streams),
            cause_names=tuple(self.causes),
            hazard_names=tuple(population.hazards) if population else (),
            decision_names=tuple(self.decisions),
            target_names=tuple(self.target_names),
            sources=sources,
            starts=starts,
            sets=self.sets,
            residual=dict(self.rows.residual_of),
            back=back,
            tables=tb.Tables(**columns),
            hazards=hazards,
            draws=draws,
            pool_tables=pools,
            states=states,
            progression=self._progression(),
            ageing=ageing,
            birthday=birthday,
            givens=self.givens,
            tapers=self.tapers.tables(self.taper_choices),
            surges=surge_tables([row[3] for row in self.pool_rows]),
            switches=switched,
            retired=retired,
            census=census,
            start_said=self.there.said(),
            programmes=programmes,
            programme_tables=programme_tables,
        )

    # --- what changes by date --------------------------------------------------------------

    def _switches(self) -> tuple[Switch, ...]:
        """Return the numbers that change at instants of the run, in order of time."""
        found: list[Switch] = []
        for full, base, value, _ in self.written:
            row = self.service[full]
            for what, day, service in switches(self.scenario, base, value):
                kept = round(service.keeps_place.value) if service.keeps_place else 0
                column, number = {
                    "hold_up_to": ("hold_up_to", round(service.hold_up_to.value)),
                    "keeps_place": ("keeps_place", kept),
                    "keeps_turn": ("keeps_turn", int(service.keeps_turn)),
                    "route_at": ("route_at_start", int(service.route_at == "start")),
                }[what]
                found.append(Switch(cal.instant(self.start, day), column, row, number))
        for row, history in enumerate(self.hazard_history):
            for since, hazard in history[1:]:
                t = self.begin if since is None else cal.instant(self.start, since)
                target, planned = self._target(hazard.to), int(hazard.planned)
                found.append(Switch(t, "target", row, target, of_hazard=True))
                found.append(Switch(t, "planned", row, planned, of_hazard=True))
        return tuple(sorted((s for s in found if s.t > self.begin), key=lambda s: s.t))

    def _retired(self) -> tuple[Retired, ...]:
        """Return the services that are retired, in order of time, then of services."""
        found: dict[int, Retired] = {}
        for variant in self.scenario.variants:
            if variant.retired is None or variant.replacement is None:
                continue
            t = max(self.begin, cal.instant(self.start, variant.start))
            for full, base, value, service in self.written:
                if variant.retired not in {full, base}:
                    continue
                if concerned(self.scenario, variant.where, service.per, value) is not None:
                    row = Retired(t, self.service[full], self._target(variant.replacement))
                    found.setdefault(row.service, row)
        return tuple(sorted(found.values(), key=lambda row: (row.t, row.service)))

    # --- names ---------------------------------------------------------------------------

    def _of(self, attribute: str) -> str:
        declared = self.scenario.attributes.get(attribute)
        return declared.of if declared else "person"

    def _members(self, name: str, per: str | None) -> list[tuple[str, str | None]]:
        return nm.members(name, per, self.values[per] if per else ())

    def _name_services(self) -> None:
        """Number the services: home, outside, died, exits, then the written ones."""
        scenario = self.scenario
        special = [
            ServiceInfo("home", "Home", "home", "own_home", residence=True, responsible="nhs"),
            ServiceInfo("outside", "Outside", "outside", "elsewhere"),
            ServiceInfo("died", "Died", "died", "elsewhere"),
        ]
        special += [
            ServiceInfo(name, name.replace("_", " ").capitalize(), name, "elsewhere", is_exit=True)
            for name in self.scenario.exits
        ]
        self.kinds = [tb.HOME, tb.OUTSIDE, tb.DIED] + [tb.EXIT] * len(self.scenario.exits)
        self.written: list[tuple[str, str, str | None, Service]] = [
            (full, name, value, service_over_time(scenario, name, value, self.first_day))
            for name, service in scenario.services.items()
            for full, value in self._members(name, service.per)
        ]
        self.first_written = len(special)
        self.service = {info.name: k for k, info in enumerate(special)}
        self.service |= {row[0]: len(special) + k for k, row in enumerate(self.written)}
        self.special = special

    def _name_pools(self) -> None:
        """Number the pools in the order of their names."""
        rows = [
            (full, name, value, pool)
            for name, pool in self.scenario.pools.items()
            for full, value in self._members(name, pool.per)
        ]
        self.pool_rows: list[tuple[str, str, str | None, Pool]] = sorted(rows, key=lambda r: r[0])
        self.pool = {row[0]: k for k, row in enumerate(self.pool_rows)}

    def _name_streams(self) -> None:
        names = {
            name
            for _, pool_name, value, pool in self.pool_rows
            for _, state in self._pool_states(pool_name, pool, value)
            for name in _streams_of(state.policy)
        }
        for _, _, _, service in self.written:
            names |= {case.value for case in service.stream if case.value}
        self.streams = {name: k for k, name in enumerate(sorted(names))}

    def _name_causes(self) -> None:
        scenario = self.scenario
        found: dict[str, None] = {PERSON_CAUSE: None}
        if scenario.population:
            found.update(dict.fromkeys(scenario.population.hazards))
        for name, arrival in scenario.arrivals.items():
            found[arrival.cause or name] = None
        for _, _, _, service in self.written:
            found.update(dict.fromkeys(p.cause for p in values(service.max_wait) if p.cause))
            if service.waiting_room is not None and service.waiting_room.cause:
                found[service.waiting_room.cause] = None
        self.causes = {name: k for k, name in enumerate(found)}

    def _name_programmes(self) -> None:
        """Number the programmes in the order of their names."""
        rows = [
            (full, name, value, programme)
            for name, programme in self.scenario.programmes.items()
            for full, value in self._members(name, programme.per)
        ]
        self.programme_rows: list[tuple[str, str, str | None, Programme]] = sorted(
            rows, key=lambda row: row[0]
        )

    def _programmes(self) -> tuple[tuple[pg.ProgrammeInfo, ...], pg.Programmes]:
        """Return the programmes, with whom they find and what they change."""
        population = self.scenario.population
        if population is None or not self.programme_rows:
            return (), pg.no_programmes()
        rows, infos = [], []
        for full, base, value, programme in self.programme_rows:
            who = programme.who
            if value is not None and programme.per is not None:
                who = (*who, Test(programme.per, (value,)))
            ends = set(self._meant(programme.ends_at))
            begins = programme.from_
            for case in programme.lasts:
                self.rows.residual_table(self.rows.table(case.value, f"{base}.lasts"))
            rows.append(
                pg.Rows(
                    programme,
                    since=self.begin
                    if begins is None
                    else max(self.begin, cal.instant(self.start, begins)),
                    who=self._choice((Case(1, who),), lambda one: one) if who else tb.NOBODY,
                    lasts=self._choice(programme.lasts, partial(self._lasts, base)),
                    decision_find=self._decision(f"programme.{base}.find"),
                    decision_lasts=self._decision(f"programme.{base}.lasts"),
                    factors=pg.factors(programme, population),
                    ends_at=[int(k in ends) for k in range(len(self.infos))],
                )
            )
            title = programme.title or base.replace("_", " ").capitalize()
            infos.append(
                pg.ProgrammeInfo(
                    name=full,
                    title=title if value is None else f"{title} ({value})",
                    base=base,
                    caseload=pg.most(programme),
                    costs=tuple(programme.cost),
                )
            )
        return tuple(infos), pg.arrays(rows)

    def _lasts(self, base: str, law: Distribution) -> int:
        """Return the table of how long people stay on a programme."""
        return self.rows.table(law, f"{base}.lasts")

    def _decision(self, name: str) -> int:
        return self.decisions.setdefault(name, len(self.decisions))

    def _decision_keys(self) -> np.ndarray:
        """Return the counter word of each decision and cause, none alike where it would matter."""
        keys = np.array(
            [[nm.hash_word(f"{d}|{c}") for c in self.causes] for d in self.decisions],
            dtype=np.int64,
        ).reshape(len(self.decisions), len(self.causes))
        for column, cause in enumerate(self.causes):
            if len(set(keys[:, column].tolist())) < len(self.decisions):
                found, counts = np.unique(keys[:, column], return_counts=True)
                clash = np.isin(keys[:, column], found[counts > 1]).nonzero()[0]
                twins = [list(self.decisions)[k] for k in clash]
                message = f"{' and '.join(twins)} would share their luck in {cause!r}; rename one"
                raise CarepathError(message)
        return keys.ravel()

    # --- conditions and choices ------------------------------------------------------------

    def _encode(self, test: Test) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
        """Return variable, number of values, accepted codes, and the spans of a date test [ms]."""
        key = test.key
        behind = len(self.values)
        if key == "date":
            return tb.DATE_TEST, 0, (), self._spans(test)
        if key in self.attribute:
            values = self.values[key]
            if test.values:
                codes = tuple(values.index(v) for w in test.values for v in values_meant(w, values))
            else:
                codes = tuple(k for k in range(len(values)) if _within(float(values[k]), test))
            return self.attribute[key], len(values), codes, ()
        if key == "day":
            assert self.rows.days is not None  # noqa: S101 - set before anything else
            return tb.SPAN_TEST, 0, (), self.rows.days.spans(test.values)
        if key == "hour" and any(":" in value for value in test.values):
            windows = merged([w for value in test.values for w in day_windows(value)])
            return tb.MINUTE_TEST, 0, (), tuple(edge for window in windows for edge in window)
        if key == "programme":
            rows = self.programme_rows
            codes = tuple(k for k, row in enumerate(rows) if {row[0], row[1]} & set(test.values))
            return tb.PROGRAMME_TEST, len(rows), codes, ()
        if key == "hour":
            if test.values:
                codes = tuple(int(hour) for hour in test.values)
            else:
                codes = tuple(hour for hour in range(24) if _within(hour, test))
            return behind + tb.TIME_OF_DAY, 24, codes, ()
        names: dict[str, tuple[int, int, tuple[int, ...]]] = {
            "cause": (tb.CAUSE, len(self.causes), self._codes(self.causes, test.values)),
            "weekday": (
                tb.WEEKDAY,
                7,
                tuple(cal.WEEKDAYS.index(v) for v in test.values if v in cal.WEEKDAYS),
            ),
            "month": (
                tb.MONTH,
                12,
                tuple(cal.MONTHS.index(v) for v in test.values if v in cal.MONTHS),
            ),
            "stream": (tb.STREAM, len(self.streams), self._codes(self.streams, test.values)),
            "event": (tb.EVENT, 2, (tb.EVENT_MAX_STAY,) if "max_stay" in test.values else ()),
        }
        if key in names:
            variable, length, codes = names[key]
            return behind + variable, length, codes, ()
        codes = tuple(self._meant(test.values))
        if key == "open":
            return tb.OPEN_TEST, len(self.service), codes, ()
        place = {"from": tb.FROM, "via": tb.VIA, "to": tb.TO, "holds": tb.HELD}[key]
        return behind + place, len(self.service), codes, ()

    @staticmethod
    def _codes(names: dict[str, int], values: Iterable[str]) -> tuple[int, ...]:
        return tuple(names[v] for v in values if v in names)

    def _spans(self, test: Test) -> tuple[int, ...]:
        """Return the beginning and the end of the dates of a test [ms]."""
        low, high = test.low, test.high
        return (
            cal.instant(self.start, low) if isinstance(low, date) else -tb.FAR,
            cal.instant(self.start, high) if isinstance(high, date) else tb.FAR,
        )

    def _meant(self, names: Iterable[str]) -> Iterable[int]:
        """Return the services that names mean, a template's name meaning all of its members."""
        for name in names:
            if name in self.service:
                yield self.service[name]
            for full, base, _, _ in self.written:
                if base == name and full != name:
                    yield self.service[full]

    def _choice(self, cases: Cases[Any], payload: Callable[[Any], int]) -> int:
        def given(value: Any) -> int:  # a dated change may take something away
            return tb.NOBODY if value is None else payload(value)

        return self.rows.choice(cases, given, self._encode)

    def _numbers(self, cases: Cases[Number]) -> int:
        return self._choice(cases, lambda number: half_up(number.value))

    # --- targets ---------------------------------------------------------------------------

    def _target(self, to: str | AllOf) -> int:
        """Return the number of a target, adding it when it is new."""
        row: tuple[Any, ...]
        if isinstance(to, AllOf):
            row = (
                tb.TO_ALL_OF,
                tuple(self._step(name) for name in to.steps),
                self._target(to.then),
            )
            name = to.then
        elif to == "back":
            row, name = (tb.TO_BACK,), "back"
        elif to in self.service:
            row, name = (tb.TO_SERVICE, self.service[to]), to
        else:
            per = self.scenario.services[to].per
            assert per is not None  # noqa: S101 - the checks of the scenario refuse other names
            row, name = (tb.TO_OWN, self.attribute[per], to), to
        if row not in self.targets:
            self.targets[row] = len(self.targets)
            self.target_names.append(name)
        return self.targets[row]

    def _step(self, name: str) -> int:
        """Return a step of an all-of group: a target, because a template may stand there."""
        return self._target(name)

    def _target_columns(self) -> dict[str, np.ndarray]:
        kind, a, b, then = [], [], [], []
        own: list[int] = []
        steps: list[int] = []
        for row in self.targets:
            kind.append(row[0])
            if row[0] == tb.TO_ALL_OF:
                a.append(len(steps))
                b.append(len(row[1]))
                then.append(row[2])
                steps.extend(row[1])
            elif row[0] == tb.TO_OWN:
                a.append(row[1])
                b.append(len(own))
                then.append(tb.NOBODY)
                values = list(self.values.values())[row[1]]
                own.extend(self.service[f"{row[2]}[{value}]"] for value in values)
            else:
                a.append(row[1] if len(row) > 1 else tb.NOBODY)
                b.append(0)
                then.append(tb.NOBODY)
        return {
            "target_kind": whole(kind),
            "target_a": whole(a),
            "target_b": whole(b),
            "target_then": whole(then),
            "own": whole(own),
            "steps": whole(steps),
        }

    def _branches(self, branches: tuple[Branch, ...]) -> int:
        return self.rows.branches([(b.share.value, self._target(b.to)) for b in branches])

    # --- services --------------------------------------------------------------------------

    def _service_columns(self) -> dict[str, np.ndarray]:
        columns: dict[str, list[int]] = {
            name: []
            for name in tb.Tables._fields[
                tb.Tables._fields.index("kind") : tb.Tables._fields.index("decision_key")
            ]
        }
        columns["pool_first"] = [0]
        columns["along_first"] = [0]
        infos: list[ServiceInfo] = []
        sets: list[tuple[SetInfo, ...]] = []
        for k, info in enumerate(self.special):
            self._add(columns, kind=self.kinds[k], residence=int(info.residence))
            infos.append(info)
            sets.append(())
            self.taper_choices.append(tb.NOBODY)
        shared: dict[tuple[str, str], dict[str, int]] = {}
        beside = received_alongside(self.scenario)
        tapers: dict[tuple[str, str], int] = {}
        self.changed_for_some = {
            field[1] for v in self.scenario.variants if v.where for field in v.fields
        }
        for full, base, value, service in self.written:
            # A template's members share all choices; only their names and pools differ, and what
            # changes by date for some of them.
            key = (base, (value or "") if base in self.changed_for_some else "")
            if key not in shared:
                shared[key] = self._choices_of(base, service)
                tapers[key] = self.tapers.choice_of(service, self._choice)
            pools = tuple(self._pool_of(name, value) for name in service.pool)
            self._add(columns, kind=tb.ORDINARY, pools=pools, **shared[key])
            self._add_alongside(columns, service)
            title = service.title or base.replace("_", " ").capitalize()
            infos.append(
                ServiceInfo(
                    name=full,
                    title=title if value is None else f"{title} ({value})",
                    base=base,
                    setting=service.setting,
                    in_place=service.in_place,
                    residence=service.residence,
                    permanent=service.permanent,
                    pools=pools,
                    organisation=service.organisation,
                    responsible=service.responsible,
                    role=tuple(service.role),
                    delay_reason=service.delay_reason or f"awaiting {_in_a_sentence(title)}",
                    costs=tuple(service.cost),
                    visits=tuple(values(service.visiting)),
                    visits_while_waiting=service.visits_while_waiting,
                    alongside=base in beside,
                )
            )
            sets.append(tuple(self._sets(service)))
            self.taper_choices.append(tapers[key])
        for room in rooms.places(self.written, infos):  # behind all that is written
            of = room.room_of
            columns["room"][of] = len(infos)
            self._add(columns, kind=tb.ROOM, hospital=int(room.setting in HOSPITAL))
            infos.append(room)
            sets.append(())
            self.taper_choices.append(tb.NOBODY)
        self.infos = tuple(infos)
        self.sets = tuple(sets)
        return {name: whole(column) for name, column in columns.items()}

    def _add(
        self, columns: dict[str, list[int]], *, pools: tuple[int, ...] = (), **given: int
    ) -> None:
        absent = {
            "in_place": 0,
            "residence": 0,
            "hospital": 0,
            "acute": 0,
            "route_at_start": 0,
            "hold_up_to": 0,
            "keeps_place": 0,
            "keeps_turn": 0,
        }
        for name, column in columns.items():
            if name not in _RAGGED:
                column.append(given.get(name, absent.get(name, tb.NOBODY)))
        columns["pools"].extend(pools)
        columns["pool_first"].append(len(columns["pools"]))
        columns["along_first"].append(len(columns["along_target"]))

    def _add_alongside(self, columns: dict[str, list[int]], service: Service) -> None:
        """Add what is received alongside the stay of the service just added."""
        for entry in service.alongside:
            who = self._choice((Case(1, entry.when),), lambda one: one) if entry.when else tb.NOBODY
            columns["along_target"].append(self._target(entry.service))
            columns["along_who"].append(who)
        columns["along_first"][-1] = len(columns["along_target"])

    def _choices_of(self, base: str, service: Service) -> dict[str, int]:
        luck = service.luck or base
        units = self._units(service)
        return {
            "in_place": int(service.in_place),
            "residence": int(service.residence),
            "hospital": int(service.setting in HOSPITAL),
            "acute": int(service.setting == "acute_bed"),
            "stay": self._choice(service.stay, lambda d: self.rows.table(d, f"{base}.stay")),
            "max_stay": self._choice(service.max_stay, self.rows.longest),
            "route": self._choice(service.next, self._branches),
            "route_at_start": int(service.route_at == "start"),
            "plan_ahead": self._numbers(service.plan_ahead),
            "max_wait": self._choice(service.max_wait, lambda p: self._patience(p, base)),
            "priority": self._numbers(service.priority),
            "units": units,
            "stream": self._choice(service.stream, self.streams.__getitem__),
            "admits": self.rows.calendar(service.admits),
            "discharges": self.rows.calendar(service.discharges),
            "decides": self.rows.calendar(service.decides),
            "hold_up_to": round(service.hold_up_to.value),
            "keeps_place": round(service.keeps_place.value) if service.keeps_place else 0,
            "keeps_turn": int(service.keeps_turn),
            **self._waiting_room(service),
            "transfer": self._numbers(service.transfer),
            "decision_stay": self._decision(f"{luck}.stay"),
            "decision_route": self._decision(f"{luck}.route"),
            "decision_wait": self._decision(f"{luck}.max_wait"),
        }

    def _waiting_room(self, service: Service) -> dict[str, int]:
        """Return how many may wait in the room of a service, and what becomes of the others."""
        room = service.waiting_room
        if room is None:
            return {}
        return {
            "room_inside": rooms.limit(room.from_inside),
            "room_outside": rooms.limit(room.from_outside),
            "room_to": tb.NOBODY if room.to is None else self._target(room.to),
            "room_cause": tb.NOBODY if room.cause is None else self.causes[room.cause],
        }

    def _units(self, service: Service) -> int:
        """Return the choice of units; visits take minutes in a pool of minutes a day."""
        pools = [self.scenario.pools[name] for name in service.pool]
        if service.visiting and any(pool.unit == "minutes_per_day" for pool in pools):

            def minutes(visits: Visits) -> int:
                return units_of(visits.per_day.value, visits.minutes.value)

            return self._choice(service.visiting, minutes)
        return self._numbers(service.units)

    def _patience(self, patience: Patience, base: str) -> int:
        self.rows.patience.append(
            (
                self.rows.table(patience.after, f"{base}.max_wait"),
                tb.NOBODY if patience.to is None else self._target(patience.to),
                tb.NOBODY if patience.cause is None else self.causes[patience.cause],
            )
        )
        return len(self.rows.patience) - 1

    def _pool_of(self, name: str, value: str | None) -> int:
        return self.pool[name] if name in self.pool else self.pool[f"{name}[{value}]"]

    def _sets(self, service: Service) -> Iterable[SetInfo]:
        for name, value, lasts in service.set:
            code = self.values[name].index(value)
            yield SetInfo(self.attribute[name], code, 0 if lasts is None else round(lasts.value))

    # --- hazards ---------------------------------------------------------------------------

    def _hazards(self) -> tb.Hazards:
        population = self.scenario.population
        exponential = unit_exponential()
        hazards = population.hazards if population else {}
        progression = self._progression()
        clocks = (population.progression,) if population and population.progression else ()
        first, attribute, offset, factor = [0], [], [], []  # type: ignore[var-annotated]
        seasons: list[tuple[np.ndarray, np.ndarray]] = []
        season_of: dict[tuple[tuple[int | None, float, Shape], ...], int] = {}
        season: list[int] = []
        history = {name: self._history(("population", "hazards", name)) for name in hazards}
        self.hazard_history = list(history.values())
        hazards = {name: found[0][1] for name, found in history.items()}
        for hazard in (*hazards.values(), *clocks):
            for key, pairs in hazard.times:
                if key in CYCLES:
                    continue
                attribute.append(self.attribute[key])
                offset.append(len(factor))
                given = {name: number.value for name, number in pairs}
                factor.extend(given.get(value, 1.0) for value in self.values[key])
            if progression is not None and len(season) == progression.hazard:
                attribute.append(progression.attribute)
                offset.append(len(factor))
                name = list(self.values)[progression.attribute]
                factor.extend(st.top_factors(name, self.values[name]))
            first.append(len(attribute))
            parts = self._season_parts(len(season), hazard)
            if parts not in season_of:
                season_of[parts] = len(seasons)
                seasons.append(season_over_time(self.start, self.begin, self.end, parts))
            season.append(season_of[parts])
        rows = list(hazards.values())
        more = len(clocks)
        steps = population.after_discharge if population else ()
        return tb.Hazards(
            rate=np.array(
                [
                    *(_usual_rate(states) / tb.DAY for states in self.hazard_history),
                    *(clock.rate.value / tb.DAY for clock in clocks),
                ],
                dtype=np.float64,
            ),
            deadly=whole([*(int(h.to == "died") for h in rows), *[0] * more]),
            target=whole([*(self._target(h.to) for h in rows), *[tb.NOBODY] * more]),
            cause=whole([*(self.causes[name] for name in hazards), *[0] * more]),
            planned=whole([*(int(h.planned) for h in rows), *[1] * more]),
            after_discharge=whole(
                [*(int(h.after_discharge and h.to != "died") for h in rows), *[0] * more]
            ),
            decision=whole(
                self._decision(name)
                for name in (
                    *(f"hazard.{name}" for name in hazards),
                    *(f"progression.{clock.of}" for clock in clocks),
                )
            ),
            factor_first=whole(first),
            factor_attribute=whole(attribute),
            factor_offset=whole(offset),
            factor=np.array(factor, dtype=np.float64),
            exposure=self._exposure(),
            season=whole(season),
            season_first=whole(np.cumsum([0] + [len(s[0]) for s in seasons])),
            season_t=np.concatenate([s[0] for s in seasons] or [whole([])]),
            season_s=np.concatenate([s[1] for s in seasons] or [np.zeros(0)]),
            discharge_until=whole(round(until.value) for until, _ in steps),
            discharge_factor=np.array([times.value for _, times in steps], dtype=np.float64),
            budget_table_u=exponential.u,
            budget_table_v=exponential.v,
        )

    def _history(
        self, path: Path, per: str | None = None, value: str | None = None
    ) -> list[tuple[date | None, Any]]:
        """Return a section from the beginning and from the date of each of its changes."""
        return states(self.scenario, path, self.first_day, per, value)

    def _season_parts(
        self, number: int, hazard: Hazard | Progression
    ) -> tuple[tuple[int | None, float, Shape], ...]:
        """Return the cycles of a hazard by date, with factors on its usual rate."""
        if number >= len(self.hazard_history):
            return ((None, 1.0, cycles(hazard)),)
        history = self.hazard_history[number]
        usual = _usual_rate(history)
        return tuple(
            (
                None if day is None else cal.instant(self.start, day),
                state.rate.value / usual if usual else 1.0,
                cycles(state),
            )
            for day, state in history
        )

    def _exposure(self) -> np.ndarray:
        """Return the factor on each hazard at each service.

        Crises run at home and in care homes; death runs wherever people do not die by the route
        of the service itself.
        """
        population = self.scenario.population
        hazards = population.hazards if population else {}
        runs = self._progression() is not None
        exposure = np.zeros((len(self.infos), len(hazards) + runs))
        for k, info in enumerate(self.infos):
            written = 0 <= k - self.first_written < len(self.written)
            service = self.written[k - self.first_written][3] if written else None
            routes_to_death = service is not None and any(
                branch.to == "died" for case in service.next for branch in case.value or ()
            )
            factors = {name: n.value for name, n in service.hazard_factor} if service else {}
            for h, (name, hazard) in enumerate(hazards.items()):
                if info.name in {"outside", "died"} or info.is_exit:
                    continue
                if hazard.to == "died":
                    exposure[k, h] = 0.0 if routes_to_death else factors.get(name, 1.0)
                elif info.setting in AT_RISK:
                    exposure[k, h] = factors.get(name, factors.get("*", 1.0))
            if runs and not info.is_exit and info.name != "died":
                exposure[k, len(hazards)] = 1.0  # wherever people are
        return exposure.ravel()

    def _progression(self) -> st.Progression | None:
        """Return the clock of frailty, which stands behind the hazards."""
        population = self.scenario.population
        if population is None or population.progression is None:
            return None
        of = population.progression.of
        level = st.moved(of, self.values[of], 1)
        return st.Progression(len(population.hazards), self.attribute[of], level)

    def _states(self) -> st.States:
        """Return how stays move people along levels."""
        rows = st.StateRows(self.values, self.end - self.begin)
        for _ in self.special:
            rows.add(None, ())
        for _, base, _, service in self.written:
            luck = service.luck or base
            rows.add(
                service,
                [self._decision(f"{luck}.state.{c.attribute}") for c in service.changes_state],
            )
        for _ in self.infos[self.first_written + len(self.written) :]:
            rows.add(None, ())  # waiting rooms
        return rows.arrays()

    # --- people ----------------------------------------------------------------------------

    def _people(self) -> tuple[tb.Attributes, tuple[SourceInfo, ...]]:
        scenario = self.scenario
        sources = [SourceInfo("population", nm.hash_word("population", 24) << 8)]
        fixed: list[dict[str, str]] = [{}]
        if scenario.population is not None and joins(scenario.population):
            youngest = next(iter(scenario.population.bands))
            rate, segments = inflow(scenario, self.begin, self.end)
            fixed.append({"age_band": youngest, "age": str(nm.band_years(youngest)[0])})
            sources.append(
                SourceInfo(
                    "turning_65",
                    nm.hash_word("turning_65", 24) << 8,
                    rate=rate,
                    segments=segments,
                    lives_on=True,
                    born=True,
                )
            )
        given = GivenRows(tuple(self.values))
        for _ in sources:
            given.source((), self.fixed_codes, self._outcome)
        for name, arrival in sorted(scenario.arrivals.items()):
            history = self._history(("arrivals", name))
            arrival = history[0][1]  # noqa: PLW2901 - as it is from the beginning
            rows = (row.given for row in arrival.replay or ())
            given.source(rows, self.fixed_codes, self._outcome)
            fixed.append(self._with_band(dict(arrival.is_)))
            every = round(arrival.every.value) if arrival.every else 0
            first = round(arrival.first.value) if arrival.first else every
            sources.append(
                SourceInfo(
                    name,
                    nm.hash_word(name, 24) << 8,
                    rate=arrival.rate.value if arrival.rate else 0.0,
                    month=arrival.profile.month,
                    weekday=arrival.profile.weekday,
                    hour=arrival.profile.hour,
                    segments=rate_over_time(history, self.start, self.begin, self.end),
                    variation=self._variation(arrival),
                    instants=tuple(row.at.instant(self.start) for row in arrival.replay or ()),
                    every=every,
                    first=self.begin + first if every else 0,
                    count=round(arrival.count.value) if arrival.count else -1,
                    target=self._target(arrival.at),
                    cause=self.causes[arrival.cause or name],
                    planned=arrival.planned,
                    lives_on=arrival.returns,
                )
            )
        for name, known, lives in self.there.sources():
            given.source(known, self.fixed_codes, self._outcome)
            fixed.append({})
            identity = nm.hash_word(name, 24) << 8
            sources.append(SourceInfo(name, identity, planned=True, lives_on=lives, at_start=True))
        for name in ("arrival.gap", "arrival.height"):
            self._decision(name)
        if any(source.variation != tb.NOBODY for source in sources):
            self._decision("arrival.day")
        self.givens = given.tables()
        if len({source.identity for source in sources}) < len(sources):
            message = "two sources of arrivals would share their luck: rename one"
            raise CarepathError(message)
        return (
            tb.Attributes(
                choice=whole(self._attribute_choice(name) for name in self.values),
                of_person=whole(int(self._of(name) == "person") for name in self.values),
                decision=whole(self._decision(f"attribute.{name}") for name in self.values),
                fixed=whole(
                    self.values[name].index(given[name]) if name in given else tb.NOBODY
                    for given in fixed
                    for name in self.values
                ),
            ),
            tuple(sources),
        )

    def _variation(self, arrival: Arrival) -> int:
        """Return the table by which the days of a source vary, or NOBODY."""
        if arrival.variation is None or arrival.variation.value <= 0:
            return tb.NOBODY
        return self.rows.day_factor(arrival.variation.value)

    def _outcome(self, name: str, value: str | Number) -> tuple[int, int]:
        """Return a decision of a service and its outcome as numbers."""
        base, _, what = name.rpartition(".")
        service = self.scenario.services[base.partition("[")[0]]
        decision = self.decisions[f"{service.luck or base.partition('[')[0]}.{what}"]
        if not isinstance(value, str):
            return decision, round(value.value)
        for case in service.next:
            for branch in case.value:
                last = branch.to.then if isinstance(branch.to, AllOf) else branch.to
                if last == value:
                    return decision, self._target(branch.to)
        return decision, self._target(value)

    def _with_band(self, given: dict[str, str]) -> dict[str, str]:
        """Add the age band that belongs to a given age."""
        if "age" in given and "age_band" in self.values:
            for band in self.values["age_band"]:
                if int(given["age"]) in nm.band_years(band):
                    given.setdefault("age_band", band)
        return given

    def fixed_codes(self, given: dict[str, str]) -> list[int]:
        """Return codes for given attribute values, NOBODY where none is given."""
        given = self._with_band(dict(given))
        return [
            self.values[name].index(given[name]) if name in given else tb.NOBODY
            for name in self.values
        ]

    def _attribute_choice(self, name: str) -> int:
        """Return the choice of branches by which an attribute is drawn."""
        attribute = self.scenario.attributes.get(name)
        if attribute is not None:
            return self._declared_choice(name, attribute)
        population = self.scenario.population
        if population is None:
            return tb.NOBODY
        bands = population.bands
        band = self.attribute["age_band"]
        rows = self.rows
        if name == "age_band":
            shares = [(b.share.value, k) for k, b in enumerate(bands.values())]
            return self._plain_choice([((), rows.branches(shares))])
        if name == "sex":
            return self._plain_choice(
                [
                    (((band, k),), rows.branches([(b.women.value, 0), (1 - b.women.value, 1)]))
                    for k, b in enumerate(bands.values())
                ]
            )
        if name == "age":
            return self._plain_choice(
                [
                    (((band, k),), rows.branches([(1.0, age) for age in nm.band_years(b)]))
                    for k, b in enumerate(bands)
                ]
            )
        levels = self.values["frailty"]
        sexes = self.values["sex"]
        cases: list[tuple[tuple[tuple[int, int], ...], int]] = []
        for k, b in enumerate(bands.values()):
            for sex, by_level in b.frailty:
                tests = [(band, k)]
                if sex is not None:
                    tests.append((self.attribute["sex"], sexes.index(sex)))
                shares = [(n.value, levels.index(level)) for level, n in by_level]
                cases.append((tuple(tests), rows.branches(shares)))
        return self._plain_choice(cases)

    def _declared_choice(self, name: str, attribute: Attribute) -> int:
        values = self.values[name]
        rows = self.rows
        if attribute.map is not None:
            source = attribute.map.from_
            codes = self.values[source]
            return self._plain_choice(
                [
                    (
                        ((self.attribute[source], codes.index(given)),),
                        rows.branches([(1.0, values.index(value))]),
                    )
                    for given, value in attribute.map.pairs
                ]
            )

        def payload(shares: tuple[tuple[str, Number], ...]) -> int:
            return rows.branches([(n.value, values.index(v)) for v, n in shares])

        later = (
            (v.start, left, v.scenario.attributes[name].shares or ())
            for v, left in layers(self.scenario, ("attributes", name, "shares"))
        )
        shares = dated_cases(attribute.shares or (), later, self.first_day)
        return self._choice(shares, payload)

    def _plain_choice(self, cases: list[tuple[tuple[tuple[int, int], ...], int]]) -> int:
        """Add cases whose tests are (attribute, code) pairs."""
        sizes = [len(values) for values in self.values.values()]

        def encode(pair: Any) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
            variable, code = pair
            return variable, sizes[variable], (code,), ()

        return self.rows.choice(
            tuple(Case(value=payload, when=tests) for tests, payload in cases),  # type: ignore[arg-type]
            lambda payload: payload,  # type: ignore[arg-type,return-value]
            encode,
        )

    # --- pools and starts --------------------------------------------------------------------

    def _pool_tables(self) -> tb.PoolTables:
        size = len(self.streams) or 1
        local = np.zeros((len(self.pool_rows), size), dtype=np.int64)
        ranks = [[0] * size for _ in self.pool_rows]
        step_policy: list[int] = []
        step_rank: list[int] = []
        step_first: list[int] = [0]
        step_t: list[int] = []
        step_capacity: list[int] = []
        step_shared: list[int] = []
        part_first: list[int] = []
        parts: list[int] = []
        infos = []
        policies = []
        kinds = {
            "shared": tb.SHARED,
            "priority": tb.PRIORITY,
            "ring_fenced": tb.RING_FENCED,
            "reserved": tb.RESERVED,
            "partial": tb.PARTIAL,
        }
        counts = []
        for k, (full, base, value, pool) in enumerate(self.pool_rows):
            history = [
                (t, state, self._filled(k, state.policy))
                for t, state in self._pool_states(base, pool, value)
            ]
            # Over time a stream keeps its number; where it has no part it has one of nothing.
            streams = list(dict.fromkeys(n for _, _, p in history for n in _streams_of(p)))
            if any(policy.kind != "shared" for _, _, policy in history):
                for n, name in enumerate(streams):
                    local[k, self.streams[name]] = n
            counts.append(max(1, len(streams)))
            policy = history[0][2]
            policies.append(kinds[policy.kind])
            steps = []
            for number, (t, state, parted) in enumerate(history):
                row = k if not number else len(ranks)
                if number:
                    ranks.append([0] * size)
                if parted.kind == "priority":
                    for n, name in enumerate(_streams_of(parted)):
                        ranks[row][self.streams[name]] = n
                until = history[number + 1][0] if number + 1 < len(history) else self.end
                found = cap.steps(self._dated(state, value), self.start, t, until, self.rows.days)
                steps += found
                for at, capacity in found:
                    own, common = cap.policy_parts(parted, capacity)
                    by_stream = dict(zip(_streams_of(parted), own, strict=False))
                    step_t.append(at)
                    step_capacity.append(capacity)
                    step_shared.append(common)
                    step_policy.append(kinds[parted.kind])
                    step_rank.append(row)
                    part_first.append(len(parts))
                    parts.extend(by_stream.get(name, 0) for name in streams or [""])
            step_first.append(len(step_t))
            title = pool.title or base.replace("_", " ").capitalize()
            infos.append(
                PoolInfo(
                    name=full,
                    title=title if value is None else f"{title} ({value})",
                    unit=pool.unit,
                    base=base,
                    streams=tuple(streams),
                    policy=policy.kind,
                    unlimited=all(c >= tb.UNLIMITED for _, c in steps),
                    overflow=pool.overflow == "unlimited",
                )
            )
        self.pool_infos = tuple(infos)
        by_line = {tb.RING_FENCED, tb.RESERVED, tb.PARTIAL}
        return tb.PoolTables(
            policy=whole(policies),
            streams=whole(counts),
            lines=whole(n if p in by_line else 1 for n, p in zip(counts, policies, strict=True)),
            local=local.ravel(),
            rank=whole(rank for row in ranks for rank in row),
            step_policy=whole(step_policy),
            step_rank=whole(step_rank),
            overflow=whole(int(row[3].overflow == "unlimited") for row in self.pool_rows),
            overtaking=whole(int(row[3].overtaking) for row in self.pool_rows),
            step_first=whole(step_first),
            step_t=whole(step_t),
            step_capacity=whole(step_capacity),
            step_shared=whole(step_shared),
            part_first=whole(part_first),
            parts=whole(parts),
        )

    def _pool_states(self, name: str, pool: Pool, value: str | None) -> list[tuple[int, Pool]]:
        """Return a pool from the beginning [ms] and from the instant of each of its changes."""
        found = self._history(("pools", name), pool.per, value)
        return [
            (self.begin if day is None else cal.instant(self.start, day), state)
            for day, state in found
            if day is None or cal.instant(self.start, day) < self.end
        ]

    def _filled(self, pool: int, policy: Policy) -> Policy:
        """Return a policy in which streams that reserve nothing have a reserve of 0."""
        if policy.kind != "reserved":
            return policy
        streams = [name for name, _ in policy.parts]
        return replace(policy, parts=policy.parts + self._unreserved(pool, streams))

    def _unreserved(self, pool: int, streams: list[str]) -> tuple[tuple[str, Any], ...]:
        """Return the streams that ask for this pool without a reserve of their own."""
        from carepath_sim.scenario.values import Number

        found: dict[str, None] = {}
        for k, info in enumerate(self.infos):
            if pool in info.pools:
                service = self.written[k - self.first_written][3]
                found.update(dict.fromkeys(case.value for case in service.stream if case.value))
        return tuple((name, Number(0.0)) for name in found if name not in streams)

    def _dated(self, pool: Pool, value: str | None) -> tuple[DatedCapacity, ...]:
        """Return the capacity of one pool, of a template's member from its own value."""
        spec = pool.capacity
        if value is not None and spec.by_value:
            return dict(spec.by_value)[value]
        if value is not None and spec.split_total is not None:
            per = pool.per or ""
            shares = attribute_shares(self.scenario, per, self.values)
            split = cap.largest_remainder(
                round(spec.split_total.value), [shares[v] for v in self.values[per]]
            )
            places = replace(spec.split_total, value=float(split[self.values[per].index(value)]))
            return (DatedCapacity(None, places),)
        return spec.dated

    # --- for what is compiled elsewhere --------------------------------------------------------

    def meant(self, names: Iterable[str]) -> Iterable[int]:
        """Return the services that names mean."""
        return self._meant(names)

    def decision(self, name: str) -> int:
        """Return the number of a decision, adding it when it is new."""
        return self._decision(name)

    def target(self, to: str) -> int:
        """Return the number of a target, adding it when it is new."""
        return self._target(to)

    def choice(self, cases: Cases[Any], payload: Callable[[Any], int]) -> int:
        """Add an ordered list of cases."""
        return self._choice(cases, payload)

    def dated(self, pool: Pool, value: str | None) -> tuple[DatedCapacity, ...]:
        """Return the capacity of one pool over time."""
        return self._dated(pool, value)


def _streams_of(policy: Policy) -> list[str]:
    """Return the streams that a policy names, without the common part."""
    if policy.kind == "shared":
        return []
    return [name for name, _ in policy.parts if policy.kind != "partial" or name != "shared"]


def _usual_rate(history: Sequence[tuple[date | None, Hazard]]) -> float:
    """Return the rate of the beginning [per day], or the first above 0: others are relative."""
    rates = [state.rate.value for _, state in history]
    return next((rate for rate in rates if rate > 0), 0.0)


def _in_a_sentence(title: str) -> str:
    """Return a title as it stands inside a sentence: abbreviations keep their capitals."""
    first = title.split(" ", 1)[0]
    return title if first[1:] != first[1:].lower() else title[:1].lower() + title[1:]


def _within(value: float, test: Test) -> bool:
    """Tell whether a number lies in the range of a test."""
    low, high = test.low, test.high
    above = low is None or (not isinstance(low, date) and low <= value)
    below = high is None or (not isinstance(high, date) and value < high)
    return above and below


def attribute_shares(
    scenario: Scenario, name: str, values: dict[str, tuple[str, ...]]
) -> dict[str, float]:
    """Return the overall share of each value of a person's attribute (first case of shares)."""
    population = scenario.population
    if population is not None and name == "age_band":
        return {band: b.share.value for band, b in population.bands.items()}
    attribute = scenario.attributes[name]
    if attribute.map is not None:
        below = attribute_shares(scenario, attribute.map.from_, values)
        shares = dict.fromkeys(values[name], 0.0)
        for given, value in attribute.map.pairs:
            shares[value] += below[given]
        return shares
    found = dict.fromkeys(values[name], 0.0)
    for case in attribute.shares or ():
        for value, number in case.value:
            found[value] += number.value / len(attribute.shares or ())
    return found
