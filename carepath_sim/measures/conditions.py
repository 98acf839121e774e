"""Conditions of a scenario, tested on rows of spells at given instants."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from carepath_sim.engine.spells import NOBODY
from carepath_sim.measures.arrays import latest
from carepath_sim.measures.episodes import causes, episode_rows, people_rows
from carepath_sim.measures.places import keyed
from carepath_sim.measures.services import services
from carepath_sim.plan.days import days_of
from carepath_sim.scenario.grammar_hours import day_windows, merged
from carepath_sim.scenario.matching import is_meant
from carepath_sim.scenario.over_time import service_over_time
from carepath_sim.units import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from carepath_sim.measures.arrays import Bools, Floats, Ints
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Service
    from carepath_sim.scenario.values import Cases, Test

    T = TypeVar("T")

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = frozenset({"hour", "weekday", "month", "date", "day"})
_SPELL = frozenset({"cause", "from", "via", "to", "stream"})
_ATTRIBUTE_SET = 0


def unreadable(plan: Plan, tests: Iterable[Test]) -> set[str]:
    """Return the keys of tests that cannot be answered from a record (`holds`, `open`, `event`)."""
    known = _CLOCK | _SPELL | {info.name for info in plan.attributes}
    return {test.key for test in tests} - known


def written_service(plan: Plan, number: int) -> Service | None:
    """Return a service as it is written, with the cases of all dates; None for exits and home."""
    info = plan.services[number]
    if info.base not in plan.scenario.services:
        return None
    if not plan.scenario.changes:
        return plan.scenario.services[info.base]
    value = info.name[len(info.base) + 1 : -1] or None
    return service_over_time(plan.scenario, info.base, value, None)


def hold(view: View, tests: Sequence[Test], rows: Ints, t: Ints) -> Bools:
    """Tell for which rows of spells all tests hold at the instants `t` [ms], shape `(row,)`."""
    found = np.ones(len(rows), dtype=np.bool_)
    for test in tests:
        found &= _holds(view, test, rows, t)
    return found


def first_case(view: View, cases: Cases[T], rows: Ints, t: Ints) -> Ints:
    """Return the number of the first case that holds for each row, -1: none."""
    found = np.full(len(rows), -1, dtype=np.int64)
    for k, case in enumerate(cases):
        found[(found < 0) & hold(view, case.when, rows, t)] = k
    return found


def meant(plan: Plan, names: Iterable[str]) -> Ints:
    """Return the services that names mean; the name of a template means all of its members."""
    wanted = set(names)
    return np.array(
        [k for k, info in enumerate(plan.services) if wanted & {info.name, info.base}],
        dtype=np.int64,
    )


def attribute_at(view: View, name: str, rows: Ints, t: Ints) -> Ints:
    """Return the code of an attribute of the persons or episodes of rows at instants; -1: none."""
    number = view.plan.attribute_index[name]
    person = view.spells["person"][rows]
    column = f"attribute.{name}"
    since = np.full(len(rows), view.plan.begin, dtype=np.int64)
    if view.plan.attributes[number].of == "person":
        code = view.people[column][people_rows(view, person)]
    else:
        episode = view.once(episode_rows)[rows]
        table = view.episodes
        code = np.full(len(rows), NOBODY, dtype=np.int64)
        code[episode >= 0] = table[column][episode[episode >= 0]]
        since[episode >= 0] = table["began"][episode[episode >= 0]]
    return _changed(view, number, person, since, t, code)


def _changed(view: View, number: int, person: Ints, since: Ints, t: Ints, code: Ints) -> Ints:
    """Replace codes by the latest that was set between `since` and `t`."""
    changes = view.changes
    if not changes or not len(changes["t"]):
        return code
    mine = np.flatnonzero((changes["what"] == _ATTRIBUTE_SET) & (changes["name"] == number))
    if not len(mine):
        return code
    keys = keyed(view.plan, changes["person"][mine], changes["t"][mine])
    k = latest(keys, keyed(view.plan, person, t))
    found = mine[k]
    counts = (k >= 0) & (changes["person"][found] == person) & (changes["t"][found] >= since)
    return np.where(counts, changes["value"][found], code)


def _holds(view: View, test: Test, rows: Ints, t: Ints) -> Bools:
    """Tell for which rows one test holds.

    Raises
    ------
    ValueError
        When the record does not hold what the test asks for (`unreadable` tells beforehand).
    """
    plan, spells = view.plan, view.spells
    if test.key in plan.attribute_index:
        values = plan.attributes[plan.attribute_index[test.key]].values
        code = attribute_at(view, test.key, rows, t)
        if test.values:
            accepted = np.array([is_meant(value, test.values) for value in values])
        else:
            accepted = _in_range(np.array([float(value) for value in values]), test, _number)
        holds: Bools = (code >= 0) & accepted[code]
        return holds
    if test.key == "cause":
        return _named(plan.cause_names, test, view.once(causes)[rows])
    if test.key == "stream":
        return _named(plan.stream_names, test, spells["stream"][rows])
    if test.key == "weekday":
        return _named(WEEKDAYS, test, (t // DAY + plan.start_date.weekday()) % 7)
    if test.key == "month":
        first = np.datetime64(plan.start_date, "D")
        months = (first + t // DAY).astype("datetime64[M]").astype(np.int64) % 12
        return _named(MONTHS, test, months)
    if test.key == "day":
        days = days_of(plan.scenario.clock, plan.begin, plan.end)
        return _within(days.spans(test.values), t)
    if test.key == "hour":
        if any(":" in value for value in test.values):
            windows = merged([w for value in test.values for w in day_windows(value)])
            return _within([edge for window in windows for edge in window], t % DAY)
        if test.values:
            return np.isin(t % DAY // HOUR, [int(value) for value in test.values])
        return _in_range(t % DAY / HOUR, test, _number)
    if test.key == "date":
        return _in_range((t // DAY).astype(np.float64), test, lambda day: _day(plan, day))
    if test.key in _SPELL:
        waited_at = spells["waited_at"][rows]
        place = {
            "from": np.where(waited_at >= 0, waited_at, spells["entered_from"][rows]),
            "via": spells["via"][rows],
            "to": _meant_to(view, spells["left_to"][rows]),
        }[test.key]
        return np.isin(place, meant(plan, test.values))
    raise ValueError(f"a record does not hold {test.key!r}")


def _within(edges: Sequence[int], t: Ints) -> Bools:
    """Tell which instants lie in spans given by their beginnings and ends, in order."""
    found: Bools = np.searchsorted(np.asarray(edges, dtype=np.int64), t, side="right") % 2 == 1
    return found


def _meant_to(view: View, service: Ints) -> Ints:
    """Return services, each waiting room as the service that it leads to."""
    room_of = view.once(services).room_of
    return np.where((service >= 0) & (room_of[service] >= 0), room_of[service], service)


def _named(names: Sequence[str], test: Test, code: Ints) -> Bools:
    return np.isin(code, [k for k, name in enumerate(names) if name in test.values])


def _in_range(values: Floats, test: Test, bound: Callable[[float | date], float]) -> Bools:
    """Tell which values lie in the half-open range of a test."""
    found = np.ones(len(values), dtype=np.bool_)
    if test.low is not None:
        found &= values >= bound(test.low)
    if test.high is not None:
        found &= values < bound(test.high)
    return found


def _number(bound: float | date) -> float:
    """Return a bound that is a number.

    Raises
    ------
    ValueError
        When it is a date.
    """
    if isinstance(bound, date):
        raise ValueError(f"a number is needed, not {bound}")  # noqa: TRY004 - the value is wrong
    return bound


def _day(plan: Plan, bound: float | date) -> float:
    """Return the number of a day, counted from the start of the window."""
    return (bound.toordinal() if isinstance(bound, date) else bound) - plan.start_date.toordinal()
