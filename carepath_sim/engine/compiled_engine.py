"""The compiled engine: the same plan run by a kernel over arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine import people as crowd
from carepath_sim.engine.birthdays import birthdays
from carepath_sim.engine.errors import EndlessInstantError, NoWayOnError
from carepath_sim.engine.kernel import columns as c
from carepath_sim.engine.kernel.address import addresses, room
from carepath_sim.engine.kernel.kept import keep, table
from carepath_sim.engine.kernel.loop import run
from carepath_sim.engine.kernel.memory import grown, known, lists_of, programmes_of
from carepath_sim.engine.kernel.results import as_columns, by_person
from carepath_sim.engine.kernel.tables import ROOMS, SWITCHED, Falls, Kernel, State
from carepath_sim.engine.preparing import prepare
from carepath_sim.engine.present import Present, codes_of
from carepath_sim.engine.prevention import find_luck
from carepath_sim.engine.spells import NEVER, SPELL_COLUMNS, Record
from carepath_sim.plan.starts import CONDITIONAL, LENGTH_BIASED
from carepath_sim.plan.tables import DAY, FAR, NOBODY, UNLIMITED

if TYPE_CHECKING:
    from carepath_sim.engine.present import Somebody
    from carepath_sim.plan import Plan

FEWEST_ROWS = 1024
"""Rows with which tables begin at least."""
MOST_ROWS = 2_000_000
"""Rows with which tables begin at most, but for those of a large population."""
ROWS_A_PERSON = 8
"""Rows for everybody who is expected from outside; what is not used takes no memory."""


def simulate(plan: Plan, *, seed: int, replication: int) -> Record:
    """Run one replication and return its record.

    Parameters
    ----------
    seed, replication
        Key of the random numbers, 0 to 2**32 - 1 each.

    Raises
    ------
    EndlessInstantError
        When one person has more than 1,000 events at one instant; the services are named.
    NoWayOnError
        When no case of a route fits a person.
    """
    prepare()
    return CompiledEngine(plan, seed, replication).run()


class CompiledEngine:
    """One replication: how it begins, and what it leaves behind."""

    def __init__(self, plan: Plan, seed: int, replication: int) -> None:
        self.plan = plan
        self.seed = seed
        self.replication = replication
        self.attributes = len(plan.attributes)
        self.causes = len(plan.cause_names)

    def run(self) -> Record:
        """Run the whole replication."""
        state = self.populate()
        plan = self.plan
        lists = lists_of(plan, self.starts, self.birthdays)
        first = plan.states.first if len(plan.states.first) else np.zeros(len(plan.services) + 1)
        T, H = plan.tables, plan.hazards
        fixed = (
            T._replace(**{name: getattr(T, name).copy() for name in SWITCHED[:4]}),
            H._replace(**{name: getattr(H, name).copy() for name in SWITCHED[4:]}),
            plan.pool_tables,
            plan.draws,
            Falls(*(getattr(plan.tapers, name) for name in Falls._fields)),
            plan.givens,
            plan.states._replace(first=first.astype(np.int64), chance=plan.states.chance * 1.0),
            plan.surges,
            programmes_of(plan),
            lists,
        )
        while True:
            tables = (*fixed, state)
            rows = addresses(dict(zip(ROOMS, tables, strict=True)))
            number = rows.ctypes.data
            known[number] = Kernel(*tables, number)
            full = run(number)
            del known[number]
            if full == c.DONE:
                break
            state = grown(state, int(full))
        self.refuse(state)
        record = self.record(state)
        keep(state)
        return record

    def refuse(self, state: State) -> None:
        """Say what went wrong inside the kernel."""
        error = state.scalars[c.ERROR]
        if error == c.FINE:
            return
        asked = self.plan.services[state.scalars[c.ERROR_SERVICE]].name
        if error == c.NO_WAY_ON:
            message = f"no case of the route of {asked!r} fits a person"
            raise NoWayOnError(message)
        place = state.people[state.scalars[c.ERROR_PERSON], c.P_PLACE]
        here = self.plan.services[state.places[place, c.L_SERVICE]].name
        message = f"time stands still for a person at {here!r}, referred to {asked!r} for ever"
        raise EndlessInstantError(message)

    # --- how it begins -------------------------------------------------------------------

    def populate(self) -> State:
        """Return the state before anything happens."""
        plan, size = self.plan, plan_size(self.plan)
        n, hazards = plan.population, len(plan.hazards.rate)
        identity = plan.sources[0].identity
        codes = codes_of(plan, self.seed, self.replication, 0, 0, 0, n)
        values = [codes]
        speeds, budgets = np.zeros((n, hazards)), np.zeros((n, hazards))
        due, which = np.full(n, FAR, dtype=np.int64), np.full(n, NOBODY, dtype=np.int64)
        if n and hazards:
            self.draw_budgets(identity, 0, codes, speeds, budgets)
            crowd.first_events(
                room("H", plan.hazards), c.HOME * hazards, plan.begin, speeds, budgets, due, which
            )
        all_speeds, all_budgets = [speeds], [budgets]
        origin = [self.origins(0, identity, np.arange(n))]
        present = Present(plan, self.seed, self.replication, codes)
        self.starts, others = self.there_at_start(present)
        for somebody in others:
            info, row = plan.sources[somebody.source], somebody.codes[np.newaxis]
            some, more = np.zeros((1, hazards)), np.zeros((1, hazards))
            if info.lives_on and hazards:
                self.draw_budgets(info.identity, somebody.index, row, some, more)
            values.append(row)
            all_speeds.append(some)
            all_budgets.append(more)
            origin.append(self.origins(somebody.source, info.identity, np.array([somebody.index])))
        there = n + len(others)
        instants: list[np.ndarray] = []
        for source in range(1, len(plan.sources)):
            info = plan.sources[source]
            found = crowd.arrivals_table(plan, source, self.seed, self.replication)
            for layer in np.unique(found[:, 0]).tolist():
                rows = found[found[:, 0] == layer]
                indices = rows[:, 1]
                many = int(indices[-1]) + 1
                codes = codes_of(plan, self.seed, self.replication, source, layer, 0, many)
                some, more = np.zeros((many, hazards)), np.zeros((many, hazards))
                if info.lives_on and hazards:
                    self.draw_budgets(info.identity + layer, 0, codes, some, more)
                all_speeds.append(some[indices])
                all_budgets.append(more[indices])
                values.append(codes[indices])
                instants.append(rows[:, 2])
                origin.append(self.origins(source, info.identity + layer, indices))
        origins = np.concatenate(origin)
        everybody = np.concatenate(values)
        self.start_codes = everybody[:, : self.attributes].copy()
        people = len(everybody)
        when = np.concatenate(instants) if instants else np.zeros(0, dtype=np.int64)
        soonest = np.argsort(when, kind="stable")
        arrivals = np.stack((when[soonest], there + soonest), axis=1)
        P = np.zeros((people, c.PERSON_WIDTH), dtype=np.int64)
        P[:, c.P_PLACE] = np.arange(people)
        P[:, c.P_EPISODE] = NOBODY
        P[:, c.P_DISCHARGED] = NEVER
        P[:, c.P_DUE] = FAR
        P[:, c.P_WHICH] = NOBODY
        P[:, c.P_END_AT] = NEVER
        P[:, c.P_COUNTS_AT] = NEVER
        P[:, c.P_SOURCE], P[:, c.P_IDENTITY], P[:, c.P_INDEX] = origins.T
        for column in (c.P_KEPT, c.P_REQUESTS, c.P_STEPS, c.P_PROCESSES, c.P_TURNS, c.P_COUNTS):
            P[:, column] = NOBODY
        P[:, c.P_SETS] = P[:, c.P_GIVEN] = P[:, c.P_BESIDE] = NOBODY
        for source, info in enumerate(plan.sources):
            if info.instants:
                those = P[:, c.P_SOURCE] == source
                P[those, c.P_GIVEN] = plan.givens.source_first[source] + P[those, c.P_INDEX]
        lives_on = np.array([info.lives_on for info in plan.sources], dtype=bool)
        lives_on[0] = True
        P[:, c.P_LIVES_HERE] = lives_on[P[:, c.P_SOURCE]]
        P[:, c.P_AT_RISK] = P[:, c.P_LIVES_HERE] * (hazards > 0)
        P[:there, c.P_SINCE] = plan.begin
        P[:, c.P_ASKED_SINCE] = NEVER
        for k, somebody in enumerate(others):
            P[n + k, c.P_GIVEN] = somebody.given
        first = self.expected(due, which, present.placed)
        places = table("places", 2 * people + size, c.PLACE_WIDTH)
        L = places[:people]
        L[:, c.L_SERVICE] = c.HOME
        for column in (c.L_SPELL, c.L_POOL, c.L_STREAM, c.L_TARGET, c.L_TAPER):
            L[:, column] = NOBODY
        L[:, c.L_READY] = L[:, c.L_OVER] = NEVER
        L[:, c.L_DECIDES_AT] = FAR
        scalars = np.zeros(c.SCALARS, dtype=np.int64)
        scalars[c.NOW] = scalars[c.BEGIN] = plan.begin
        scalars[c.END] = plan.end
        scalars[c.SEED], scalars[c.REPLICATION] = self.seed, self.replication
        scalars[c.PLACES] = people
        scalars[c.PRESENT] = there
        scalars[c.FREE_NODE] = scalars[c.FREE_LANE_NODE] = scalars[c.ADMITTING] = NOBODY
        pools = np.zeros((len(plan.pools), c.POOL_WIDTH), dtype=np.int64)
        pools[:, c.Q_STEP] = plan.pool_tables.step_first[:-1]
        pools[:, c.Q_SINCE] = plan.begin
        pools[:, c.Q_COMING] = FAR
        if len(plan.pools):
            capacity = plan.pool_tables.step_capacity[plan.pool_tables.step_first[:-1]]
            overflows = plan.pool_tables.overflow == 1
            pools[:, c.Q_CAPACITY] = np.where(overflows, UNLIMITED, capacity)
        self.birthdays: list[tuple[int, list[int]]] = []
        if plan.ageing:
            already = [(plan.begin - 1, number) for number in range(n, there)]
            rows = origins.tolist()
            comers = [(t, number, *rows[number]) for t, number in already + arrivals.tolist()]
            self.birthdays = list(birthdays(plan, self.seed, self.replication, comers))
        lanes = (len(plan.stream_names) + 1) * len(plan.tables.pools)

        codes_width = sum(a.of == "episode" for a in plan.attributes)
        return State(
            scalars=scalars,
            people=P,
            values=everybody,
            numbers=np.zeros((people, self.causes), dtype=np.int64),
            speeds=np.concatenate(all_speeds),
            budgets=np.concatenate(all_budgets),
            occasions=np.zeros((people, hazards), dtype=np.int64),
            places=places,
            spells=table("spells", size, c.SPELL_WIDTH),
            requests=table("requests", size, c.REQUEST_WIDTH),
            processes=table("processes", size, c.PROCESS_WIDTH),
            episodes=np.zeros((size, c.EPISODE_WIDTH), dtype=np.int64),
            codes=np.zeros((size, codes_width), dtype=np.int64),
            changes=table("changes", size, 5),
            agenda=np.zeros((size, c.AGENDA_WIDTH), dtype=np.int64),
            urgent=np.zeros(size, dtype=np.int64),
            normal=np.zeros(size, dtype=np.int64),
            nodes=table("nodes", size, 4),
            lane_nodes=table("lane_nodes", size, 5),
            lanes=np.full((max(1, lanes), 2), NOBODY, dtype=np.int64),
            pools=pools,
            used=np.zeros(int(plan.pool_tables.streams.sum()) + 1, dtype=np.int64),
            impatient=np.zeros(size, dtype=np.int64),
            blocked=np.zeros(size, dtype=np.int64),
            waits=np.zeros((len(plan.pools), len(plan.pools)), dtype=np.int64),
            heads=np.zeros(len(plan.stream_names) + 2, dtype=np.int64),
            gone=np.full(len(plan.services), NOBODY, dtype=np.int64),
            seekers=np.zeros(size, dtype=np.int64),
            newcomers=np.zeros(size, dtype=np.int64),
            in_room=np.zeros((len(plan.services), 2), dtype=np.int64),
            waited=np.tile(np.array([FAR, FAR, NEVER]), (len(plan.pools), 1)),
            idle=np.tile(np.array([FAR, FAR, NEVER]), (len(plan.pools), 1)),
            first=first,
            coming=arrivals,
            **self.programme_tables(P),
        )

    @staticmethod
    def origins(source: int, identity: int, indices: np.ndarray) -> np.ndarray:
        """Return source, identity and number of some people, shape `(person, 3)`."""
        rows = np.empty((len(indices), 3), dtype=np.int64)
        rows[:, 0], rows[:, 1], rows[:, 2] = source, identity, indices
        return rows

    def expected(self, due: np.ndarray, which: np.ndarray, placed: np.ndarray) -> np.ndarray:
        """Return the first crises of those who are at home, in order: person, instant, hazard."""
        plan = self.plan
        ahead = np.flatnonzero(~placed & (due < plan.end))
        kinds = np.where(plan.hazards.deadly == 1, c.DEATH, c.ARRIVAL)
        if plan.progression is not None:
            kinds[plan.progression.hazard] = c.PROGRESSION
        kind = kinds[which[ahead]]
        order = np.lexsort((kind, ahead, due[ahead]))
        columns = (ahead[order], due[ahead][order], which[ahead][order])
        return np.stack(columns, axis=1).astype(np.int64)

    def draw_budgets(
        self, identity: int, first: int, codes: np.ndarray, speeds: np.ndarray, budgets: np.ndarray
    ) -> None:
        """Fill speeds and first budgets of people with consecutive numbers."""
        plan = self.plan
        crowd.draw_budgets(
            room("T", plan.tables), room("H", plan.hazards), self.seed, self.replication, identity,
            first, codes, speeds, budgets,
        )  # fmt: skip

    def there_at_start(self, present: Present) -> tuple[np.ndarray, list[Somebody]]:
        """Return who is where at the start, and those of them who are not of the population."""
        plan, n = self.plan, self.plan.population
        rows: list[tuple[int, ...]] = []
        others: list[Somebody] = []
        for start in plan.starts:
            if start.source:
                found = present.of_their_own(start)
                numbers = [n + len(others) + k for k in range(len(found))]
                others += found
            else:
                numbers = present.of_population(start)
            known = (start.service, start.target, start.remaining, start.law)
            so_far = (NEVER, start.so_far, start.draws_so_far)
            waited = (0, start.since, start.draws_since)
            rows += [(number, *known, *so_far, *waited) for number in numbers]
        census = plan.census
        for row, somebody in enumerate(present.of_census()):
            service, so_long = int(census.service[row]), int(census.so_far[row])
            how = LENGTH_BIASED if so_long == NEVER else CONDITIONAL
            known = (service, int(census.target[row]), NOBODY if service == c.HOME else how, NOBODY)
            times = (so_long, NOBODY, 0, int(census.waited[row]), NOBODY, 0)
            rows.append((n + len(others), *known, *times))
            others.append(somebody)
        return np.array(rows, dtype=np.int64).reshape(-1, c.BEGINNING_WIDTH), others

    def programme_tables(self, P: np.ndarray) -> dict[str, np.ndarray]:
        """Return what programmes know of people."""
        plan, count = self.plan, len(self.plan.programmes)
        people = len(P) if count else 0
        luck = [
            find_luck(
                plan, self.seed, self.replication, p,
                np.ascontiguousarray(P[:, c.P_INDEX]), np.ascontiguousarray(P[:, c.P_IDENTITY]),
            )
            for p in range(count)
        ]  # fmt: skip
        nothing = np.zeros((count, people), dtype=np.int64)
        return {
            "present_at": np.full(people, NOBODY, dtype=np.int64),
            "gone_home": np.full(people, NEVER, dtype=np.int64),
            "meets": nothing,
            "enrolled": nothing.copy(),
            "stays_until": np.full((count, people), FAR, dtype=np.int64),
            "joins": nothing.copy(),
            "find_luck": np.array(luck, dtype=np.float64).reshape(count, people),
            "on_caseload": np.zeros(count, dtype=np.int64),
        }

    # --- what it leaves behind -------------------------------------------------------------

    def record(self, state: State) -> Record:
        """Return the tables."""
        plan, scalars, P = self.plan, state.scalars, state.people
        spells = state.spells[: scalars[c.SPELLS]]
        pools = state.pools
        span = plan.end - pools[:, c.Q_SINCE]
        pools[:, c.Q_SURGE_TIME] += pools[:, c.Q_EXTRA] * span
        pools[:, c.Q_UNITS_TIME] += pools[:, c.Q_TOTAL] * span
        pools[:, c.Q_WAITING_TIME] += pools[:, c.Q_WAITING] * span
        for person in np.flatnonzero(P[:, c.P_KEPT] >= 0):
            node = P[person, c.P_KEPT]
            while node >= 0:
                spell = state.places[state.nodes[node, 1], c.L_SPELL]
                if spell >= 0:
                    spells[spell, c.S_KEPT_UNTIL] = plan.end
                node = state.nodes[node, 0]
        order = by_person(spells, c.S_PERSON, c.S_VISIT, len(P))
        columns = dict(
            zip(SPELL_COLUMNS, as_columns(spells, order, len(SPELL_COLUMNS)), strict=True)
        )
        if plan.tapers.any:
            taper, again = spells[order, c.S_TAPER], spells[order, c.S_TAPER_FROM]
            since = np.where(again == NEVER, columns["started"], again)
            columns["taper"] = taper.copy()
            columns["taper_from"] = np.where(taper == NOBODY, NEVER, since)
        return Record(
            seed=self.seed,
            replication=self.replication,
            spells=columns,
            people=self.people_table(state),
            episodes=self.episode_table(state),
            changes={
                name: state.changes[: scalars[c.CHANGES], k].copy()
                for k, name in enumerate(("t", "what", "person", "name", "value"))
            },
            audit=self.audit_table(state),
        )

    def people_table(self, state: State) -> dict[str, np.ndarray]:
        """Return everybody who was in the model, with attributes at the start."""
        P = state.people
        layer_of = np.array([info.identity for info in self.plan.sources])
        came = np.ones(len(P), dtype=bool)
        table = {
            "person": np.arange(len(P), dtype=np.int64),
            "source": P[:, c.P_SOURCE].copy(),
            "layer": P[:, c.P_IDENTITY] - layer_of[P[:, c.P_SOURCE]],
            "index": P[:, c.P_INDEX].copy(),
            "end_state": P[:, c.P_END_STATE].copy(),
            "ended": P[:, c.P_END_AT].copy(),
            "end_service": state.places[P[:, c.P_PLACE], c.L_SERVICE] * came,
        }
        for k, attribute in enumerate(self.plan.attributes):
            if attribute.of == "person":
                table[f"attribute.{attribute.name}"] = self.start_codes[:, k].copy()
        return table

    def episode_table(self, state: State) -> dict[str, np.ndarray]:
        """Return the episodes with their causes and attributes."""
        own = [k for k, a in enumerate(self.plan.attributes) if a.of == "episode"]
        current = state.people[:, c.P_EPISODE]
        people = np.flatnonzero(current >= 0)
        state.codes[current[people]] = state.values[people][:, own]
        rows = state.episodes[: state.scalars[c.EPISODES]]
        codes = state.codes[: len(rows)]
        order = by_person(rows, c.E_PERSON, c.E_INDEX, len(current))
        names = ("person", "episode", "cause", "number", "began", "planned", "ended", "exit")
        table = dict(zip(names, as_columns(rows, order, len(names)), strict=True))
        for k, attribute in enumerate(own):
            table[f"attribute.{self.plan.attributes[attribute].name}"] = codes[order, k].copy()
        return table

    def audit_table(self, state: State) -> dict[str, np.ndarray]:
        """Return what the pools kept account of, for the checks."""
        Q = state.pools
        table = {
            "pool": np.arange(len(Q), dtype=np.int64),
            "units_time": Q[:, c.Q_UNITS_TIME].copy(),
            "waiting_time": Q[:, c.Q_WAITING_TIME].copy(),
            "joined": Q[:, c.Q_JOINED].copy(),
            "granted": Q[:, c.Q_GRANTED].copy(),
            "waiting": Q[:, c.Q_WAITING].copy(),
            "total": Q[:, c.Q_TOTAL].copy(),
            "breaches": Q[:, c.Q_BREACHES].copy(),
        }
        if self.plan.surges.any:
            table["surge_time"] = Q[:, c.Q_SURGE_TIME].copy()
        return table


def plan_size(plan: Plan) -> int:
    """Return the number of rows to begin with; tables grow by doubling."""
    days = (plan.end - plan.begin) / DAY
    come = sum(len(info.instants) or info.rate * days for info in plan.sources)
    return max(FEWEST_ROWS, plan.population // 4, min(MOST_ROWS, int(ROWS_A_PERSON * come)))
