"""Compiling starting states: who is where when the run starts, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.plan import capacity as cap
from carepath_sim.plan import names as nm
from carepath_sim.plan import starts as st
from carepath_sim.plan import tables as tb
from carepath_sim.plan.build import whole
from carepath_sim.scenario.over_time import values
from carepath_sim.scenario.values import Case, Test
from carepath_sim.units import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.plan.compile import Compiler
    from carepath_sim.plan.steady import SteadyGroup
    from carepath_sim.scenario.model import StartCount
    from carepath_sim.scenario.values import Distribution
    from carepath_sim.scenario.values_arrivals import Given
    from carepath_sim.scenario.values_start import CensusRow, StartWaiting

CENSUS = "census"
"""Source of the people of a census."""


@dataclass(frozen=True)
class _Group:
    """People of one kind, before they become numbers."""

    name: str  # of the decision by which they are drawn
    source: str  # of the people, where they have one of their own
    service: str
    start: StartCount | None = None
    waiting: StartWaiting | None = None
    target: str = ""
    steady: SteadyGroup | None = None


@dataclass
class StartCompiler:
    """The starting state of one scenario.

    Attributes
    ----------
    compiler
        What names have become numbers in.
    """

    compiler: Compiler
    groups: list[_Group] = field(default_factory=list)

    def __post_init__(self) -> None:
        """List the groups."""
        self.groups = list(self._listed())

    def _listed(self) -> Iterator[_Group]:
        start, c = self.compiler.scenario.start, self.compiler
        names = list(c.service)
        for name, there in start.services.items():
            for number in c.meant([name]):
                full = names[number]
                if there.count is not None and there.count.value > 0:
                    yield _Group(f"start.{name}", f"start.{full}", full, start=there)
                for one in there.waiting:
                    yield _Group(
                        f"start.{full}.from.{one.at}",
                        f"start.{full}.from.{one.at}",
                        one.at,
                        start=there,
                        waiting=one,
                        target=full,
                    )
        if start.steady is not None:
            from carepath_sim.plan.steady import steady_groups

            for group in steady_groups(c.scenario, self._room()):
                label = f"start.{group.service}"
                yield _Group(label, label, group.service, steady=group)

    def _room(self) -> dict[str, float]:
        """Return the units of each pool at the start that nobody has been given by hand."""
        c = self.compiler
        room: dict[str, float] = {}
        for full, _, value, pool in c.pool_rows:
            capacity = cap.steps(c.dated(pool, value), c.start, c.begin, c.end)[0][1]
            free = pool.overflow == "unlimited" or capacity >= tb.UNLIMITED
            room[full] = np.inf if free else float(capacity)
        taken = [row.service for row in c.scenario.start.census]
        for name, there in c.scenario.start.services.items():
            number = 0 if there.count is None else round(there.count.value)
            names = list(c.service)
            taken += [names[k] for k in c.meant([name]) for _ in range(number)]
            taken += [one.at for one in there.waiting for _ in range(round(one.count.value))]
        pools = {info.name: info.pools for info in c.infos}
        for service in taken:
            for number in pools.get(service, ())[:1]:
                room[c.pool_rows[number][0]] -= 1
        return room

    # --- sources -----------------------------------------------------------------------------

    def _own_source(self, group: _Group) -> bool:
        return self.compiler.scenario.population is None or group.service == "outside"

    def sources(self) -> list[tuple[str, tuple[tuple[Given, ...], ...], bool]]:
        """Return the sources of people who are there at the start, beside the population.

        Returns
        -------
        list
            Name, what is known of each person, and whether they live here.
        """
        found: list[tuple[str, tuple[tuple[Given, ...], ...], bool]] = [
            (group.source, (), False) for group in self.groups if self._own_source(group)
        ]
        census = self.compiler.scenario.start.census
        if census:
            lives = self.compiler.scenario.population is not None
            found.append((CENSUS, tuple(row.given for row in census), lives))
        return found

    def left_at_home(self) -> int:
        """Return the size of the population without the people of the census, who belong to it."""
        scenario = self.compiler.scenario
        if scenario.population is None:
            return 0
        return max(0, round(scenario.population.size.value) - len(scenario.start.census))

    # --- numbers -----------------------------------------------------------------------------

    def infos(self, source_of: dict[str, int]) -> tuple[st.StartInfo, ...]:
        """Return the groups in numbers.

        Parameters
        ----------
        source_of
            Numbers of the sources by name.
        """
        return tuple(self._info(group, source_of) for group in self.groups)

    def _info(self, group: _Group, source_of: dict[str, int]) -> st.StartInfo:
        c = self.compiler
        source = source_of[group.source] if self._own_source(group) else 0
        decision = c.decision(group.name)
        service = c.service[group.service]
        if group.waiting is not None:
            one = group.waiting
            return st.StartInfo(
                service=service,
                count=round(one.count.value),
                who=self._who(one.who),
                decision=decision,
                source=source,
                target=c.target(group.target),
                since=self._table(one.waited, f"{group.name}.waited"),
                draws_since=c.decision(f"{group.name}.waited"),
            )
        if group.steady is not None:
            self._residuals(service, f"{group.service}.stay")
            who, classes = self._classes(group.steady)
            return st.StartInfo(
                service=service,
                count=group.steady.count,
                who=who,
                decision=decision,
                source=source,
                classes=classes,
                draws_class=c.decision(f"{group.name}.class"),
            )
        start = group.start
        assert start is not None  # noqa: S101 - every other group has one
        kind = st.KINDS.index(start.remaining.kind)
        if kind == st.LENGTH_BIASED:
            self._residuals(service, f"{group.service}.stay")
        law = tb.NOBODY
        if start.remaining.law is not None:
            law = self._table(start.remaining.law, f"start.{group.service}.remaining")
        so_far = self._table(start.days_so_far, f"{group.name}.so_far")
        return st.StartInfo(
            service=service,
            count=0 if start.count is None else round(start.count.value),
            who=self._who(start.who),
            decision=decision,
            source=source,
            remaining=kind,
            law=law,
            so_far=so_far,
            draws_so_far=c.decision(f"{group.name}.so_far") if so_far != tb.NOBODY else 0,
        )

    def _who(self, who: tuple[Test, ...]) -> int:
        return self.compiler.choice((Case(0, who),), int) if who else tb.NOBODY

    def _table(self, law: Distribution | None, what: str) -> int:
        return tb.NOBODY if law is None else self.compiler.rows.table(law, what)

    def _residuals(self, service: int, what: str) -> None:
        """Make the tables of what is left of stays at a service."""
        c = self.compiler
        if service >= c.first_written:
            for stay in values(c.written[service - c.first_written][3].stay):
                c.rows.residual_table(c.rows.table(stay, what))

    def _classes(self, group: SteadyGroup) -> tuple[int, int]:
        """Return who is of which class, and how common each is."""
        if not group.classes:
            return tb.NOBODY, tb.NOBODY
        cases = tuple(
            Case(k, tuple(map(_one_of, group.attributes, accepted)))
            for k, (_, accepted) in enumerate(group.classes)
        )
        shares = [(share, k) for k, (share, _) in enumerate(group.classes)]
        return self.compiler.choice(cases, int), self.compiler.rows.branches(shares)

    def census(self, source_of: dict[str, int]) -> st.Census:
        """Return the people of the census in numbers.

        Raises
        ------
        CarepathError
            When two of them would share their luck (their names hash alike).
        """
        c, rows = self.compiler, self.compiler.scenario.start.census
        if not rows:
            return st.NO_CENSUS
        index = [nm.hash_word(f"census|{row.person}") for row in rows]
        if len(set(index)) < len(index):
            twins = [row.person for row, k in zip(rows, index, strict=True) if index.count(k) > 1]
            raise CarepathError(f"{' and '.join(twins)} would share their luck: rename one")
        for row in rows:
            if row.so_far is None and row.waiting_for is None:
                self._residuals(c.service[row.service], f"{row.service}.stay")
        return st.Census(
            source=source_of[CENSUS],
            index=whole(index),
            service=whole(c.service[row.service] for row in rows),
            so_far=whole(tb.NEVER if r.so_far is None else round(r.so_far.value) for r in rows),
            target=whole(
                tb.NOBODY if row.waiting_for is None else c.target(row.waiting_for) for row in rows
            ),
            waited=whole(self._waited(row) for row in rows),
        )

    def _waited(self, row: CensusRow) -> int:
        """Return how long somebody has waited when the run starts [ms]."""
        if row.since is None:
            return 0
        if row.since.day is None:
            return -row.since.ms
        return self.compiler.begin - row.since.instant(self.compiler.start)

    # --- words -------------------------------------------------------------------------------

    def said(self) -> tuple[str, ...]:
        """Return in words what the run starts with."""
        c = self.compiler
        counts = [
            f"{group.service} ({round(group.start.count.value):,})"
            for group in self.groups
            if group.waiting is None and group.start is not None and group.start.count is not None
        ]
        waiting = [
            f"{round(g.waiting.count.value):,} at {g.service} for {g.target}"
            for g in self.groups
            if g.waiting is not None
        ]
        steady = [g.steady for g in self.groups if g.steady is not None]
        parts = []
        if steady:
            listed = ", ".join(f"{g.service} ({g.count:,})" for g in steady)
            parts.append(f"steady by the traffic equations for {listed}")
        if counts:
            parts.append(f"counts for {', '.join(counts)}")
        if waiting:
            parts.append(f"waiting {', '.join(waiting)}")
        if c.scenario.start.census:
            parts.append(f"a census of {len(c.scenario.start.census):,} people")
        warm_up = in_words(-c.begin)
        after = f"with {warm_up} of warm-up" if c.begin else "without a warm-up"
        words = (
            f"Start: {'; '.join(parts)}; else empty, {after}."
            if parts
            else (f"Start: empty, {after}.")
        )
        full = [
            f"Start: {g.service} has room for {g.count:,} of the {g.load:,.0f} who would be there"
            " in the long run; nobody is put in line for the rest."
            for g in steady
            if g.count < g.load - 1
        ]
        return (words, *full)


def _one_of(attribute: str, accepted: tuple[str, ...]) -> Test:
    return Test(attribute, accepted)
