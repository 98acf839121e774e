"""Flat tables under construction: choices, branches, distributions, calendars."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan import tables as tb
from carepath_sim.plan.calendar import instant
from carepath_sim.plan.days import working_columns
from carepath_sim.plan.distributions import DistributionSpec
from carepath_sim.plan.quantiles import residual, tabulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from carepath_sim.plan.days import Days
    from carepath_sim.plan.quantiles import QuantileTable
    from carepath_sim.scenario.values import Cases, Distribution, Hours, Number, Test


def spec_of(distribution: Distribution) -> DistributionSpec:
    """Return a distribution of the scenario in the form that can be tabulated."""
    return DistributionSpec(
        family=distribution.family,
        parameters=distribution.parameters,
        parts=tuple((weight, spec_of(part)) for weight, part in distribution.parts),
        edges=distribution.edges,
        weights=distribution.weights,
        values=distribution.values,
        smooth=distribution.smooth,
        name=distribution.name,
        truncate=distribution.truncate,
        at_least=distribution.at_least,
    )


@dataclass
class Builder:
    """Collects rows; every method returns the number under which a row can be found."""

    choice_first: list[int] = field(default_factory=lambda: [0])
    case_first: list[int] = field(default_factory=lambda: [0])
    case_payload: list[int] = field(default_factory=list)
    test_variable: list[int] = field(default_factory=list)
    test_first: list[int] = field(default_factory=list)
    test_length: list[int] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    tables: list[QuantileTable] = field(default_factory=list)
    table_names: list[str] = field(default_factory=list)
    working: set[int] = field(default_factory=set)
    counts_working_time: bool = False
    table_of: dict[Distribution, int] = field(default_factory=dict)
    residual_of: dict[int, int] = field(default_factory=dict)
    branch_first: list[int] = field(default_factory=lambda: [0])
    branch_upto: list[float] = field(default_factory=list)
    branch_target: list[int] = field(default_factory=list)
    patience: list[tuple[int, int, int]] = field(default_factory=list)
    calendars: list[tuple[tuple[int, int], ...]] = field(default_factory=list)
    behind: list[tuple[int, int]] = field(default_factory=list)
    calendar_of: dict[object, int] = field(default_factory=dict)
    days: Days | None = None

    def choice(
        self,
        cases: Cases[object],
        payload: Callable[[object], int],
        encode: Callable[[Test], tuple[int, int, tuple[int, ...], tuple[int, ...]]],
    ) -> int:
        """Add an ordered list of cases; an empty list is NOBODY."""
        if not cases:
            return tb.NOBODY
        for case in cases:
            for test in case.when:
                variable, length, codes, spans = encode(test)
                self.test_variable.append(variable)
                self.test_first.append(len(self.accepted))
                self.test_length.append(len(spans) if spans else length)
                if spans:
                    self.accepted.extend(spans)
                    continue
                row = [0] * length
                for code in codes:
                    row[code] = 1
                self.accepted.extend(row)
            self.case_first.append(len(self.test_variable))
            self.case_payload.append(payload(case.value))
        self.choice_first.append(len(self.case_payload))
        return len(self.choice_first) - 2

    def table(self, distribution: Distribution, what: str) -> int:
        """Add the quantile table of a distribution, once for equal distributions."""
        if distribution not in self.table_of:
            self.table_of[distribution] = len(self.tables)
            self.tables.append(tabulate(spec_of(distribution), what=what))
            self.table_names.append(what)
            if distribution.working:
                self.working.add(self.table_of[distribution])
                self.counts_working_time = True
        return self.table_of[distribution]

    def residual_table(self, table: int) -> int:
        """Add the table of remaining stays of people found there at a random instant."""
        if table not in self.residual_of and not self.tables[table].v[-1] > 0:
            self.residual_of[table] = table  # nothing is left of a stay of length 0
        if table not in self.residual_of:
            self.residual_of[table] = len(self.tables)
            self.tables.append(residual(self.tables[table]))
            self.table_names.append(f"{self.table_names[table]}, remaining")
            if table in self.working:
                self.working.add(self.residual_of[table])
        return self.residual_of[table]

    def day_factor(self, variation: float) -> int:
        """Add the table of the factor by which days vary: gamma with mean 1."""
        spec = DistributionSpec("gamma", {"mean": 1.0, "sd": variation})
        table = tabulate(spec, what="variation")
        # Scaled, so that the mean over many days is the rate that was stated.
        self.tables.append(replace(table, v=table.v / table.implied.mean))
        self.table_names.append("variation of days")
        return len(self.tables) - 1

    def longest(self, number: Number) -> int:
        """Return a longest stay as payload [ms]; one of working time lies below NOBODY."""
        length = int(number.value + 0.5)
        self.counts_working_time = self.counts_working_time or number.working
        return -2 - length if number.working else length

    def branches(self, shares: Sequence[tuple[float, int]]) -> int:
        """Add branches with their shares, read in written order."""
        total = sum(share for share, _ in shares)
        upto = 0.0
        for share, target in shares:
            upto += share
            self.branch_upto.append(upto / total)
            self.branch_target.append(target)
        self.branch_first.append(len(self.branch_target))
        return len(self.branch_first) - 2

    def calendar(self, hours: Hours | None) -> int:
        """Add hours; none or the whole week is NOBODY."""
        if hours is not None and (hours.minds_bank_holidays or hours.later):
            assert self.days is not None  # noqa: S101 - the compiler sets it before anything else
            start = self.days.start
            later = ((instant(start, day), then) for day, then in hours.later)
            return self.dated_calendar(((None, replace(hours, later=())), *later))
        if hours is None or hours.windows == ((0, tb.WEEK),):
            return tb.NOBODY
        return self._calendar(hours.windows, tb.NOBODY, 0)

    def dated_calendar(self, parts: Sequence[tuple[int | None, Hours | None]]) -> int:
        """Add hours by date: instants [ms] with the hours from then on, the first without one."""
        assert self.days is not None  # noqa: S101 - the compiler sets it before anything else
        days = self.days
        begins = [days.first * tb.DAY if t is None else t for t, _ in parts]
        ends = [*begins[1:], days.until * tb.DAY]
        windows: list[tuple[int, int]] = []
        for (_, hours), begin, end in zip(parts, begins, ends, strict=True):
            for opens, closes in days.opened(hours, begin, end):
                if windows and windows[-1][1] == opens:
                    windows[-1] = (windows[-1][0], closes)
                else:
                    windows.append((opens, closes))
        last = parts[-1][1]
        week = None if last is None else last.windows
        always = week in {None, ((0, tb.WEEK),)}
        behind = tb.NOBODY if always else self._calendar(week or (), tb.NOBODY, 0)
        return self._calendar(tuple(windows), behind, days.until * tb.DAY)

    def _calendar(self, windows: tuple[tuple[int, int], ...], behind: int, until: int) -> int:
        """Add a calendar, weekly (until 0) or by date, once for equal ones."""
        key = (windows, behind, until)
        if key not in self.calendar_of:
            number = self.calendar_of[key] = len(self.calendars)
            self.calendars.append(windows)
            self.behind.append((behind if until else number, until))
        return self.calendar_of[key]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the columns collected here."""
        knots = np.cumsum([0] + [len(table.u) for table in self.tables])
        windows = [window for calendar in self.calendars for window in calendar]
        return {
            "choice_first": whole(self.choice_first),
            "case_first": whole(self.case_first),
            "case_payload": whole(self.case_payload),
            "test_variable": whole(self.test_variable),
            "test_first": whole(self.test_first),
            "test_length": whole(self.test_length),
            "accepted": whole(self.accepted),
            "table_first": whole(knots),
            "table_u": np.concatenate([t.u for t in self.tables] or [np.zeros(0)]),
            "table_v": np.concatenate([t.v for t in self.tables] or [np.zeros(0)]),
            "branch_first": whole(self.branch_first),
            "branch_upto": np.array(self.branch_upto, dtype=np.float64),
            "branch_target": whole(self.branch_target),
            "patience_table": whole(row[0] for row in self.patience),
            "patience_to": whole(row[1] for row in self.patience),
            "patience_cause": whole(row[2] for row in self.patience),
            "hours_first": whole(np.cumsum([0] + [len(c) for c in self.calendars])),
            "hours_from": whole(window[0] for window in windows),
            "hours_to": whole(window[1] for window in windows),
            "hours_week": whole(row[0] for row in self.behind),
            "hours_until": whole(row[1] for row in self.behind),
            "table_working": whole(int(k in self.working) for k in range(len(self.tables))),
            **{
                name: whole(column)
                for name, column in working_columns(
                    self.days if self.counts_working_time else None
                ).items()
            },
        }


def whole(values: object) -> np.ndarray:
    """Return whole numbers as an array."""
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload]
