"""Classes of people: those in one class are alike for everything that a scenario tests.

A class is a combination of levels, one of each attribute that is tested; values that no test tells
apart share a level. Amounts by class are arrays with one axis for each attribute, probabilities by
class are arrays that broadcast to them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.names import attribute_values, band_years

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from carepath_sim.plan.laws import Array
    from carepath_sim.scenario.model import Attribute, Scenario
    from carepath_sim.scenario.values import Cases, Number, Test

MOST_CLASSES = 20_000
"""Classes beyond which attributes are averaged over, those with most levels first."""

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
        return value in test.values
    low, high = test.low, test.high
    above = not isinstance(low, (int, float)) or float(value) >= low
    return above and (not isinstance(high, (int, float)) or float(value) < high)


@dataclass
class Crowd:
    """The people of a scenario, by class.

    Attributes
    ----------
    scenario
        Where they come from.
    tests
        Every test whose answer matters.
    apart
        Attributes of which every value matters (`per`).
    most
        Largest number of classes.
    values
        Values of every attribute, in the order in which attributes are drawn.
    group
        Level of each value of the attributes that matter.
    level
        The same, of those that are axes.
    averaged
        Share of each value of those that are not.
    """

    scenario: Scenario
    tests: tuple[Test, ...]
    apart: frozenset[str] = frozenset()
    most: int = MOST_CLASSES
    values: dict[str, tuple[str, ...]] = field(init=False)
    group: dict[str, dict[str, int]] = field(init=False, default_factory=dict)
    level: dict[str, dict[str, int]] = field(init=False, default_factory=dict)
    averaged: dict[str, dict[str, float]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Find the levels, then average over attributes until the classes are few enough."""
        self.values = self._all_values()
        used = self._used()
        # Children before parents: a parent's values differ where those of its children do.
        for name in reversed(self.values):
            if name in used:
                self.group[name] = self._levels(name, used)
        self.level = {name: self.group[name] for name in self.values if name in used}
        while math.prod(self.shape) > self.most:
            widest = max(self.level, key=self.size)
            del self.level[widest]
            self.averaged[widest] = {}
        for name in self.values:
            if name in self.averaged:
                people = self.people(before=name)
                self.averaged[name] = {
                    value: float((people * share).sum())
                    for value, share in self._drawn(name, {}).items()
                }

    def _all_values(self) -> dict[str, tuple[str, ...]]:
        scenario = self.scenario
        population = scenario.population
        causes: dict[str, None] = dict.fromkeys(population.hazards) if population else {}
        causes.update((arrival.cause or name, None) for name, arrival in scenario.arrivals.items())
        found = {
            CAUSE: (NOWHERE, *causes),
            LIVES: (VISITOR, RESIDENT),
            **attribute_values(scenario),
        }
        if population is None:
            found["age"] = (*found["age"], NOWHERE)
        return found

    # --- which attributes and levels --------------------------------------------------------

    def _used(self) -> set[str]:
        """Return the attributes that matter: tested, of hazards, apart, and what they hang on."""
        hazards = self.scenario.population.hazards if self.scenario.population else {}
        factors = {key for hazard in hazards.values() for key, _ in hazard.times}
        used = {test.key for test in self.tests} | factors | self.apart
        if hazards and self.scenario.arrivals:
            used.add(LIVES)
        while True:
            more = {parent for name in used for parent in self._parents(name)} - used
            if not more:
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
        tests = {test for test in self.tests if test.key == name}
        for child in used & set(scenario.attributes):
            attribute = scenario.attributes[child]
            tests |= {t for case in attribute.shares or () for t in case.when if t.key == name}
            if attribute.map is not None and attribute.map.from_ == name:
                to = dict(attribute.map.pairs)
                asked.append({value: self.group[child][to[value]] for value in values})
        asked += [{value: accepts(test, value) for value in values} for test in tests]
        for hazard in scenario.population.hazards.values() if scenario.population else ():
            for key, pairs in hazard.times:
                if key == name:
                    by = {value: number.value for value, number in pairs}
                    asked.append({value: by.get(value, 1.0) for value in values})
        return asked

    # --- arrays by class --------------------------------------------------------------------

    def size(self, name: str) -> int:
        """Return the number of levels of an attribute."""
        return max(self.level[name].values()) + 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of levels of each attribute, in the order of `level`."""
        return tuple(self.size(name) for name in self.level)

    def axis(self, name: str) -> int:
        """Return the number of an attribute's axis."""
        return list(self.level).index(name)

    def along(self, name: str, by_level: Iterable[float]) -> Array:
        """Return an array that varies along the axis of one attribute only."""
        shape = [1] * len(self.level)
        shape[self.axis(name)] = -1
        return np.array(list(by_level), dtype=np.float64).reshape(shape)

    def share(self, test: Test) -> Array:
        """Return the probability, by class, that a test of an attribute holds."""
        return self._where(test.key, lambda value: accepts(test, value))

    def having(self, name: str, value: str) -> Array:
        """Return the probability, by class, of one value of an attribute."""
        return self._where(name, lambda other: other == value)

    def _where(self, name: str, wanted: Callable[[str], bool]) -> Array:
        if name in self.averaged:
            shares = self.averaged[name]
            return np.array(sum(share for value, share in shares.items() if wanted(value)))
        if name not in self.level:
            return NONE
        found = np.zeros(self.size(name))
        for value, level in self.level[name].items():
            # Values of one level have the same answer, whichever is asked.
            found[level] = max(found[level], float(wanted(value)))
        return self.along(name, found)

    def factor(self, name: str, pairs: Mapping[str, float]) -> Array:
        """Return a factor by value of an attribute, as array by class; 1 where none is given."""
        if name in self.averaged:
            shares = self.averaged[name].items()
            return np.array(sum(share * pairs.get(value, 1.0) for value, share in shares))
        if name not in self.level:
            return ONE
        found = np.ones(self.size(name))
        for value, level in self.level[name].items():
            found[level] = pairs.get(value, 1.0)
        return self.along(name, found)

    def set_to(self, amounts: Array, name: str, value: str) -> Array:
        """Return amounts by class after everybody's attribute is set to one value."""
        if name not in self.level:
            return amounts
        axis = self.axis(name)
        moved = np.zeros(self.shape)
        where: list[slice | int] = [slice(None)] * len(self.level)
        where[axis] = self.level[name][value]
        moved[tuple(where)] = amounts.sum(axis=axis)
        return moved

    # --- how common each class is -----------------------------------------------------------

    def people(
        self,
        fixed: Mapping[str, str] | None = None,
        *,
        cause: str = NOWHERE,
        lives: bool = True,
        before: str | None = None,
    ) -> Array:
        """Return the share of each class among people of one source; sums to 1.

        Parameters
        ----------
        fixed
            Attributes that all of them have; the others are drawn as for everybody.
        cause
            Cause of their episode.
        lives
            Whether they live in the area, so that hazards run.
        before
            Leave attributes drawn after this one at even shares: nothing is asked of them yet.
        """
        given = self._with_band(dict(fixed or {}))
        given |= {CAUSE: cause, LIVES: RESIDENT if lives else VISITOR}
        order = list(self.values)
        shares = np.ones(self.shape)
        for name, levels in self.level.items():
            axis = self.axis(name)
            if before is not None and order.index(name) > order.index(before):
                shares /= self.size(name)
                continue
            by_level = np.zeros(self.shape)
            for value, share in self._drawn(name, given).items():
                where: list[slice | int] = [slice(None)] * len(self.level)
                where[axis] = levels[value]
                by_level[tuple(where)] += np.broadcast_to(share, self._flat(axis)).squeeze(axis)
            shares *= by_level
        return shares

    def _flat(self, axis: int) -> tuple[int, ...]:
        """Return the shape of all classes with one axis of length 1."""
        return (*self.shape[:axis], 1, *self.shape[axis + 1 :])

    def _with_band(self, given: dict[str, str]) -> dict[str, str]:
        if "age" in given and self.scenario.population is not None:
            for band in self.scenario.population.bands:
                if int(given["age"]) in band_years(band):
                    given.setdefault("age_band", band)
        return given

    def _drawn(self, name: str, given: Mapping[str, str]) -> dict[str, Array]:
        """Return the probability of each value of an attribute, given the classes of the others."""
        if name in given:
            return {given[name]: ONE}
        attribute = self.scenario.attributes.get(name)
        if attribute is not None:
            return self._declared(name, attribute)
        population = self.scenario.population
        if population is None:
            return {NOWHERE: ONE}
        if name == CAUSE:
            return {NOWHERE: ONE}
        bands = population.bands
        if name == LIVES:
            return {RESIDENT: ONE}
        if name == "age_band":
            return {band: np.array(b.share.value) for band, b in bands.items()}
        if name == "sex":
            women = self._by_band({band: b.women.value for band, b in bands.items()})
            return {"women": women, "men": 1 - women}
        if name == "age":
            return self._ages()
        found: dict[str, Array] = {}
        for band, b in bands.items():
            here = self.having("age_band", band)
            for sex, shares in b.frailty:
                those = here if sex is None else here * self.having("sex", sex)
                for level, number in shares:
                    found[level] = found.get(level, NONE) + those * number.value
        return found

    def _by_band(self, by: Mapping[str, float]) -> Array:
        return reduce(
            lambda found, item: found + self.having("age_band", item[0]) * item[1],
            by.items(),
            NONE,
        )

    def _ages(self) -> dict[str, Array]:
        """Return the probability of each year of age: those of a band are equally common."""
        assert self.scenario.population is not None  # noqa: S101 - the caller has looked
        found: dict[str, Array] = {}
        for band in self.scenario.population.bands:
            years = band_years(band)
            for year in years:
                part = self.having("age_band", band) / len(years)
                found[str(year)] = found.get(str(year), NONE) + part
        return found

    def _declared(self, name: str, attribute: Attribute) -> dict[str, Array]:
        found: dict[str, Array] = {}
        if attribute.map is not None:
            return self._mapped(name, dict(attribute.map.pairs), attribute.map.from_)
        shares: Cases[tuple[tuple[str, Number], ...]] = attribute.shares or ()
        rest = ONE
        for case in shares:
            met = reduce(lambda p, test: p * self._answer(test), case.when, ONE)
            for value, number in case.value:
                found[value] = found.get(value, NONE) + rest * met * number.value
            rest = rest * (1 - met)
        return found

    def _mapped(self, name: str, to: Mapping[str, str], parent: str) -> dict[str, Array]:
        """Return the probability of one value of each level of an attribute that is mapped."""
        levels = self.group[name]
        first = {level: value for value, level in reversed(levels.items())}
        found: dict[str, Array] = {}
        for level, value in first.items():
            given = {other for other, mapped in to.items() if levels[mapped] == level}
            found[value] = self._where(parent, given.__contains__)
        return found

    def _answer(self, test: Test) -> Array:
        return self.share(test) if test.key in self.values else self.time_share(test)

    def time_share(self, test: Test) -> Array:
        """Return the share of time for which a test of the clock holds."""
        if test.key == "hour":
            return np.array(sum(accepts(test, str(hour)) for hour in range(24)) / 24)
        if test.key == "weekday":
            return np.array(len(set(test.values)) / 7)
        if test.key == "month":
            return np.array(sum(DAYS_OF_MONTH[month] for month in set(test.values)) / 365.25)
        if test.key == "date":
            first = self.scenario.clock.start
            last = self.scenario.clock.length.last(first)
            begin = max(first, test.low) if isinstance(test.low, date) else first
            end = min(last, test.high) if isinstance(test.high, date) else last
            return np.array(max(0.0, (end - begin) / (last - first)))
        return NONE
