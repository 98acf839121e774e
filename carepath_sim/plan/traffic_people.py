"""Classes of people: those in one class are alike for everything that a scenario tests.

A class is a combination of levels, one of each attribute that is followed; values that no test
tells apart share a level. All arrays have one axis for each attribute that matters, of length 1
where an attribute makes no difference or is not followed, so that amounts and probabilities
multiply as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from functools import partial, reduce
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.days import days_of
from carepath_sim.plan.names import attribute_values, band_years
from carepath_sim.scenario.grammar_conditions import DAYS
from carepath_sim.scenario.grammar_hours import day_windows
from carepath_sim.scenario.matching import is_meant
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Hashable,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from carepath_sim.plan.laws import Array
    from carepath_sim.scenario.model import Attribute, Clock, Hazard, Scenario
    from carepath_sim.scenario.values import Cases, Number, Test

MOST_CLASSES = 20_000
"""Classes beyond which attributes are averaged over instead of followed."""

DAYS_OF_MONTH = {
    "Jan": 31.0,
    "Feb": 28.25,
    "Mar": 31.0,
    "Apr": 30.0,
    "May": 31.0,
    "Jun": 30.0,
    "Jul": 31.0,
    "Aug": 31.0,
    "Sep": 30.0,
    "Oct": 31.0,
    "Nov": 30.0,
    "Dec": 31.0,
}
"""Mean lengths of the months [days]."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

CAUSE, LIVES = "cause", "lives here"
"""Axes beside the attributes: the cause of the episode, and whether people live in the area."""

VISITOR, RESIDENT = "no", "yes"

NOWHERE = ""
"""Level of an attribute that somebody does not have (age, where there is no population)."""

ONE = np.ones(())
NONE = np.zeros(())


def accepts(test: Test, value: str) -> bool:
    """Return whether a test holds for a value of its attribute."""
    if value == NOWHERE:
        return False
    if test.values or not value.isdecimal():
        return is_meant(value, test.values)
    low, high = test.low, test.high
    above = not isinstance(low, (int, float)) or float(value) >= low
    return above and (not isinstance(high, (int, float)) or float(value) < high)


@dataclass(frozen=True)
class Source:
    """People who come to services from one origin: a hazard, or arrivals.

    Attributes
    ----------
    to, at
        Service first asked for, and the present place.
    per_day
        People a day, before factors.
    cause
        Cause of their episode.
    lives
        Whether they live in the area, so that hazards run.
    fixed
        Attributes that all of them have; the others are drawn as for everybody.
    factors
        Factors on the rate, by attribute and value.
    """

    to: str
    at: str
    per_day: float
    cause: str = NOWHERE
    lives: bool = True
    fixed: tuple[tuple[str, str], ...] = ()
    factors: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = ()


@dataclass
class Crowd:
    """The people of a scenario, by class.

    Attributes
    ----------
    scenario
        Where they come from.
    tests
        Tests whose answer matters, by the service that asks.
    apart
        Attributes of which every value matters (`per`).
    sources
        Where people come from.
    most
        Largest number of classes.
    values
        Values of every attribute, in the order in which attributes are drawn.
    group
        Level of each value of the attributes that matter; one axis each, in this order.
    followed
        Attributes that classes are made of. The others are averaged over: all that is known of them
        is their distribution in each class, as it is when people first come.
    """

    scenario: Scenario
    tests: Mapping[str, Collection[Test]]
    apart: frozenset[str]
    sources: Sequence[Source]
    most: int = MOST_CLASSES
    values: dict[str, tuple[str, ...]] = field(init=False)
    group: dict[str, dict[str, int]] = field(init=False, default_factory=dict)
    followed: set[str] = field(init=False, default_factory=set)
    averaged: dict[str, Array] = field(init=False, default_factory=dict)
    tables: dict[str, Array] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Find the levels, and which attributes to follow."""
        self.values = self._all_values()
        used = self._used()
        # Children before parents: a parent's values differ where those of its children do.
        for name in reversed(self.values):
            if name in used:
                self.group[name] = self._levels(name, used)
        self.group = {name: self.group[name] for name in self.values if name in used}
        self.followed = self._asked() | ({LIVES} & used)
        for name in self._expendable():
            if math.prod(self.shape) > self.most:
                self.followed.discard(name)
        for name in self.group:
            if name not in self.followed:
                self.averaged[name] = self._among(name)

    def _all_values(self) -> dict[str, tuple[str, ...]]:
        scenario = self.scenario
        causes = dict.fromkeys(source.cause for source in self.sources)
        found = {
            CAUSE: (NOWHERE, *causes),
            LIVES: (VISITOR, RESIDENT),
            **attribute_values(scenario),
        }
        if scenario.population is None:
            found["age"] = (*found["age"], NOWHERE)
        return found

    # --- which attributes and levels ----------------------------------------------------------

    def _asked(self) -> set[str]:
        """Return the attributes that services ask for."""
        tested = {test.key for tests in self.tests.values() for test in tests}
        return (tested | self.apart) & set(self.values)

    def _used(self) -> set[str]:
        """Return the attributes that matter: asked for, of hazards, and what they hang on."""
        used = self._asked() | {key for key, _ in self._factors()}
        if len({source.lives for source in self.sources}) > 1:
            used.add(LIVES)
        while True:
            more = {parent for name in used for parent in self._parents(name)} - used
            if not more & set(self.values):
                return used & set(self.values)
            used |= more

    def _parents(self, name: str) -> set[str]:
        attribute = self.scenario.attributes.get(name)
        if attribute is not None:
            mapped = {attribute.map.from_} if attribute.map else set()
            return mapped | {test.key for case in attribute.shares or () for test in case.when}
        if self.scenario.population is None:
            return set()
        by_band = {"age": {"age_band"}, "sex": {"age_band"}, "frailty": {"age_band", "sex"}}
        return by_band.get(name, set())

    def _expendable(self) -> list[str]:
        """Return the attributes in the order in which they can best be averaged over.

        First those that one service asks for, or none but for its own template: what it decides by
        them no other service looks at. Last those that services set.
        """
        set_somewhere = {
            name for service in self.scenario.services.values() for name, _, _ in service.set
        }

        def cost(name: str) -> tuple[bool, bool, int]:
            asking = [s for s, tests in self.tests.items() if any(t.key == name for t in tests)]
            return name in set_somewhere, len(asking) > 1, -self._size(name)

        names = (name for name in self.group if name in self.followed - {LIVES, CAUSE})
        return sorted(names, key=cost)

    def _levels(self, name: str, used: set[str]) -> dict[str, int]:
        """Return the level of each value: values with the same answers share one."""
        asked = self._questions(name, used)
        numbers: dict[tuple[Hashable, ...], int] = {}
        return {
            value: numbers.setdefault(tuple(answers[value] for answers in asked), len(numbers))
            for value in self.values[name]
        }

    def _questions(self, name: str, used: set[str]) -> list[dict[str, Hashable]]:
        """Return the answers by value to everything that is asked of an attribute."""
        scenario, values = self.scenario, self.values[name]
        by_band = name == "age_band" and used & {"age", "sex", "frailty"}
        by_sex = name == "sex" and "frailty" in used and scenario.population is not None
        if name in self.apart or name == LIVES or by_band or by_sex:
            return [{value: value for value in values}]
        asked: list[dict[str, Hashable]] = []
        tests = {test for some in self.tests.values() for test in some if test.key == name}
        for child in used & set(scenario.attributes):
            attribute = scenario.attributes[child]
            tests |= {t for case in attribute.shares or () for t in case.when if t.key == name}
            if attribute.map is not None and attribute.map.from_ == name:
                to = dict(attribute.map.pairs)
                asked.append({value: self.group[child][to[value]] for value in values})
        asked += [{value: accepts(test, value) for value in values} for test in tests]
        for key, by in self._factors():
            if key == name:
                asked.append({value: by.get(value, 1.0) for value in values})
        return asked

    def _factors(self) -> Iterator[tuple[str, dict[str, float]]]:
        """Yield the factors of all hazards, of death too, by value of an attribute."""
        population = self.scenario.population
        for hazard in population.hazards.values() if population is not None else ():
            for key, pairs in factors_of(hazard):
                yield key, dict(pairs)

    # --- arrays by class ----------------------------------------------------------------------

    def _size(self, name: str) -> int:
        """Return the number of levels of an attribute."""
        return max(self.group[name].values()) + 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of classes along each axis."""
        return tuple(self._size(name) if name in self.followed else 1 for name in self.group)

    def _axis(self, name: str) -> int:
        return list(self.group).index(name)

    def _along(self, name: str, by_value: Callable[[str], float], otherwise: float = 0.0) -> Array:
        """Return an array along the axis of one attribute; values of a level are alike."""
        found = np.full(self._size(name), otherwise)
        for value, level in self.group[name].items():
            if by_value(value) != otherwise:
                found[level] = by_value(value)
        shape = [1] * len(self.group)
        shape[self._axis(name)] = -1
        return found.reshape(shape)

    def answer(self, test: Test) -> Array:
        """Return by level, 0 or 1, whether a test of an attribute holds; to be averaged later."""
        if test.key not in self.group:
            return NONE
        return self._along(test.key, lambda value: float(accepts(test, value)))

    def mean(self, amounts: Array) -> Array:
        """Return the mean, by class, of what depends on attributes that are not followed too."""
        if amounts.ndim == 0:
            return amounts
        for name in self.averaged:
            axis = self._axis(name)
            if amounts.shape[axis] > 1:
                amounts = (self.averaged[name] * amounts).sum(axis=axis, keepdims=True)
        return amounts

    def having(self, name: str, value: str) -> Array:
        """Return the probability, by class, of one value of an attribute."""
        return self.mean(self._is(name, value))

    def factor(self, name: str, pairs: tuple[tuple[str, float], ...]) -> Array:
        """Return the mean, by class, of a factor by value of an attribute; 1 where not given."""
        given = dict(pairs)
        return self.mean(self._along(name, lambda value: given.get(value, 1.0), 1.0))

    def set_to(self, amounts: Array, name: str, value: str) -> Array:
        """Return amounts by class after everybody's attribute is set to one value."""
        if name not in self.followed:
            return amounts
        moved: Array = amounts.sum(axis=self._axis(name), keepdims=True) * self._is(name, value)
        return moved

    def after(self, shares: Array, name: str, value: str) -> Array:
        """Return shares by the class that people are in before an attribute is set to a value."""
        if name not in self.followed or shares.ndim == 0:
            return shares
        axis = self._axis(name)
        if shares.shape[axis] == 1:
            return shares
        taken: Array = np.take(shares, [self.group[name][value]], axis=axis)
        return taken

    # --- how common each class is -------------------------------------------------------------

    def people(self, source: Source | None = None, *, beside: str | None = None) -> Array:
        """Return the people of a source, by class [per day]; of none, the shares of everybody.

        Parameters
        ----------
        beside
            An attribute to keep as axis besides those followed.
        """
        source = source if source is not None else Source(NOWHERE, NOWHERE, 1.0)
        given = self._with_band(dict(source.fixed))
        given |= {CAUSE: source.cause, LIVES: RESIDENT if source.lives else VISITOR}
        kept = self.followed | {beside}
        factors = {key: dict(pairs) for key, pairs in source.factors}
        amounts = np.full((1,) * len(self.group), source.per_day)
        waiting = list(self.group)
        while waiting:
            name = waiting.pop(0)
            amounts = amounts * self._drawn(name, given.get(name))
            if name in factors:
                by = factors[name]
                amounts = amounts * self._along(name, lambda value, by=by: by.get(value, 1.0), 1.0)  # type: ignore[misc]
            # Nothing more hangs on an attribute whose children have all been drawn.
            needed = kept.union(*(self._parents(other) for other in waiting))
            done = tuple(
                k
                for k, other in enumerate(self.group)
                if other not in needed and other not in waiting
            )
            amounts = amounts.sum(axis=done, keepdims=True)
        return np.array(np.broadcast_to(amounts, self._shape_with(beside)))

    def _shape_with(self, beside: str | None) -> tuple[int, ...]:
        return tuple(
            self._size(name) if name == beside else length
            for name, length in zip(self.group, self.shape, strict=True)
        )

    def _among(self, name: str) -> Array:
        """Return the distribution of an attribute in each class, among all who come."""
        axis = self._axis(name)
        amounts = sum((self.people(source, beside=name) for source in self.sources), NONE)
        if not np.any(amounts):
            amounts = self.people(beside=name)  # nobody comes: everybody counts
        total = np.sum(amounts, axis=axis, keepdims=True)
        others = tuple(k for k in range(len(self.group)) if k != axis)
        everybody = np.sum(amounts, axis=others, keepdims=True) / max(float(np.sum(total)), 1e-300)
        found: Array = np.where(total > 0, amounts / np.where(total > 0, total, 1.0), everybody)
        return found

    def _with_band(self, given: dict[str, str]) -> dict[str, str]:
        if "age" in given and self.scenario.population is not None:
            for band in self.scenario.population.bands:
                if int(given["age"]) in band_years(band):
                    given.setdefault("age_band", band)
        return given

    def _drawn(self, name: str, given: str | None) -> Array:
        """Return the probability of each level of an attribute, by those of its parents."""
        if given is not None:
            return self._along(name, lambda value: float(value == given))
        if name not in self.tables:
            table = NONE
            for value, share in self._shares(name).items():
                table = table + share * self._is(name, value)
            self.tables[name] = table
        return self.tables[name]

    def _shares(self, name: str) -> dict[str, Array]:
        """Return the probability of each value of an attribute, by the levels of its parents."""
        attribute = self.scenario.attributes.get(name)
        if attribute is not None:
            return self._declared(name, attribute)
        population = self.scenario.population
        if population is None:
            return {NOWHERE: ONE}
        bands = population.bands
        if name == "age_band":
            return {band: np.array(b.share.value) for band, b in bands.items()}
        found: dict[str, Array] = {}

        def add(value: str, share: Array) -> None:
            found[value] = found.get(value, NONE) + share

        for band, b in bands.items():
            here = self._is("age_band", band)
            if name == "sex":
                add("women", here * b.women.value)
                add("men", here * (1 - b.women.value))
            elif name == "age":
                # The years of a band are equally common.
                years = band_years(band)
                for year in years:
                    add(str(year), here / len(years))
            else:
                for sex, shares in b.frailty:
                    those = here if sex is None else here * self._is("sex", sex)
                    for level, number in shares:
                        add(level, those * number.value)
        return found

    def _is(self, name: str, *values: str) -> Array:
        return self._along(name, lambda other: float(other in values))

    def _declared(self, name: str, attribute: Attribute) -> dict[str, Array]:
        found: dict[str, Array] = {}
        if attribute.map is not None:
            levels = self.group[name]
            first = {level: value for value, level in reversed(levels.items())}
            for level, value in first.items():
                given = [other for other, to in attribute.map.pairs if levels[to] == level]
                found[value] = self._is(attribute.map.from_, *given)
            return found
        shares: Cases[tuple[tuple[str, Number], ...]] = attribute.shares or ()
        tests = {test for case in shares for test in case.when}
        for part, answers in moments(tests, self.scenario.clock):
            rest = np.array(part)
            for case in shares:
                met = reduce(
                    lambda p, test, now=answers: p * now.get(test, self.answer(test)),  # type: ignore[misc]
                    case.when,
                    ONE,
                )
                for value, number in case.value:
                    found[value] = found.get(value, NONE) + rest * met * number.value
                rest = rest * (1 - met)
        return found


def factors_of(hazard: Hazard) -> tuple[tuple[str, tuple[tuple[str, float], ...]], ...]:
    """Return the factors of a hazard by attribute; seasonal ones have mean 1 over their cycle."""
    return tuple(
        (key, tuple((value, number.value) for value, number in pairs))
        for key, pairs in hazard.times
        if key not in {"month", "weekday", "hour"}
    )


def moments(tests: Iterable[Test], clock: Clock) -> list[tuple[float, dict[Test, Array]]]:
    """Return the kinds of moments that tests of the clock tell apart.

    Parameters
    ----------
    tests
        Any tests; those of anything but the clock are passed over.

    Returns
    -------
    list
        The share of time of each kind, with the answers of the tests, 0 or 1. Hour, weekday, month
        and date are taken as independent.
    """
    kinds: list[tuple[float, dict[Test, Array]]] = [(1.0, {})]
    for key, values in _clocks(tests, clock).items():
        asked = [test for test in tests if test.key == key]
        shares: dict[tuple[bool, ...], float] = {}
        for weight, holds in values:
            answers = tuple(map(holds, asked))
            shares[answers] = shares.get(answers, 0.0) + weight
        kinds = [
            (part * share, known | {t: np.array(float(a)) for t, a in zip(asked, yes, strict=True)})
            for part, known in kinds
            for yes, share in shares.items()
        ]
    return kinds


def _clocks(
    tests: Iterable[Test], clock: Clock
) -> dict[str, list[tuple[float, Callable[[Test], bool]]]]:
    """Return, for each clock that is tested, its times with their shares and what holds then."""
    keys = {test.key for test in tests}
    named = {
        "hour": {str(hour): 1 / 24 for hour in range(24)},
        "weekday": dict.fromkeys(WEEKDAYS, 1 / 7),
        "month": {month: days / 365.25 for month, days in DAYS_OF_MONTH.items()},
    }
    found: dict[str, list[tuple[float, Callable[[Test], bool]]]] = {
        key: [(share, partial(accepts, value=value)) for value, share in times.items()]
        for key, times in named.items()
        if key in keys
    }
    if any(":" in value for test in tests if test.key == "hour" for value in test.values):
        windows = [w for test in tests if test.key == "hour" for w in _windows_of(test)]
        edges = sorted({0, DAY, *(edge for window in windows for edge in window)})
        found["hour"] = [
            ((ends - begins) / DAY, partial(_at_time, moment=begins))
            for begins, ends in pairwise(edges)
        ]
    if "day" in keys:
        length = clock.length.end(clock.start)
        known = days_of(clock, 0, length)
        kinds = [known.kind(day) for day in range(length // DAY or 1)]
        found["day"] = [
            (kinds.count(kind) / len(kinds), partial(accepts, value=kind)) for kind in DAYS
        ]
    if "date" in keys:
        first, last = clock.start, clock.length.last(clock.start)
        ends = (end for test in tests if test.key == "date" for end in (test.low, test.high))
        inside = {end for end in ends if isinstance(end, date) and first < end < last}
        days = sorted({first, *inside, last})
        found["date"] = [
            ((end - begin) / (last - first), partial(_on, day=begin))
            for begin, end in pairwise(days)
        ]
    return found


def _windows_of(test: Test) -> list[tuple[int, int]]:
    """Return the windows of the day of a test of hours [ms]."""
    written = (v if ":" in v else f"{v:0>2}:00-{int(v) + 1:02d}:00" for v in test.values)
    return [window for value in written for window in day_windows(value)]


def _at_time(test: Test, moment: int) -> bool:
    return any(begins <= moment < ends for begins, ends in _windows_of(test))


def _on(test: Test, day: date) -> bool:
    after = not isinstance(test.low, date) or day >= test.low
    return after and (not isinstance(test.high, date) or day < test.high)
