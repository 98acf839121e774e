"""Levers: what of a scenario is varied, by which values, and how a value is written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.each import each_capacity, values_of
from carepath_sim.experiment.one_of import BESIDE, CLOCK, share_of, with_end, with_share
from carepath_sim.experiment.scaling import fields_scaled, number_of
from carepath_sim.scenario.nodes import plain
from carepath_sim.scenario.pool_overrides import is_capacity
from carepath_sim.scenario.positions import deepest, parsed, written
from carepath_sim.scenario.reading import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.experiment.evaluate import Settings
    from carepath_sim.scenario.model import Scenario

DEMAND: Final = ("demand", "demand*")
"""Lever of everybody who can need care: the population, and all arrivals from outside."""

# Fields of whole numbers beside capacities.
WHOLE: Final = frozenset({"size", "count", "units", "from_inside", "from_outside"})
STEPS: Final = 100
MOST_VALUES: Final = 100_000
_ENDS: Final = ("opens", "closes")


@dataclass(frozen=True)
class Lever:
    """One thing that is varied.

    Attributes
    ----------
    path
        As asked for: ``pools.community_beds.capacity``, ``services.acute.stay*``, ``demand``.
    kind
        number, factor, share, or hours.
    base
        Its value in the scenario.
    target
        The field that is set, with the part of it that is; the fields for a factor.
    given
        What stands there.
    unit
        What follows a value, such as ``days``, or nothing.
    whole
        Whether its values are whole numbers.
    range
        Values that the scenario gives as possible, or None.
    counts
        What a whole number counts, such as ``beds``.
    each
        What a value stands for where there is one pool for each locality; else nothing.
    """

    path: str
    kind: str
    base: float
    target: tuple[str, ...]
    given: Any
    unit: str = ""
    whole: bool = False
    range: tuple[float, float] | None = None
    counts: str = ""
    each: str = ""

    @classmethod
    def of(cls, scenario: Scenario, path: str) -> Lever:
        """Find a lever in a scenario.

        Parameters
        ----------
        path
            A field with one number, a share, or an opening hour (``services.x.admits.closes``);
            with a star at its end, all that is in the field times a factor; ``demand``: the
            population and all arrivals times a factor.

        Raises
        ------
        OptionError
            If there is nothing to be varied.
        """
        text = path.strip()
        if text in DEMAND:
            fields = [one for one in ("population.size", "arrivals") if _given(scenario, one)]
            return _factor(scenario, text, fields)
        if text.endswith("*"):
            return _factor(scenario, text, [text.rstrip("*").rstrip(".")])
        steps = parsed(text)
        if steps is None:
            raise OptionError(f"lever {path!r}: a field is needed, such as pools.beds.capacity")
        if str(steps[-1]) in _ENDS:
            return _hours(scenario, text, written(steps[:-1]), str(steps[-1]))
        given = _value_at(scenario, text)
        share = _share(scenario, text)
        if share is not None:
            return share
        of_pool = steps[0] == "pools" and str(steps[1]).partition("[")[0] in scenario.pools
        pool = scenario.pools[str(steps[1]).partition("[")[0]] if of_pool else None
        found = _number(text, steps, given, pool.unit if pool is not None else "")
        return replace(found, each=each_capacity(scenario, text))

    def settings(self, value: float) -> Settings:
        """Return what a value sets, as `--set` would.

        Parameters
        ----------
        value
            In the unit of the lever.
        """
        if self.kind == "factor":
            return {path: fields_scaled(given, value, path) for path, given in self.given.items()}
        if self.kind == "share":
            return {self.target[0]: with_share(self.given, self.target[1], value)}
        if self.kind == "hours":
            return {self.target[0]: with_end(self.given, self.target[1], value)}
        number: object = round(value) if self.whole else float(f"{value:.12g}")
        return {self.target[0]: f"{number} {self.unit}".strip() if self.unit else number}

    def words(self, value: float) -> str:
        """Return a value as people read it."""
        if self.kind == "hours":
            minutes = round(value * 60)
            return f"{minutes // 60:02d}:{minutes % 60:02d}"
        shown = f"{value:.6g}"
        if self.kind == "factor":
            return f"{shown} x"
        return f"{shown} {self.unit or self.counts}".strip()

    def read(self, text: str | float) -> float:
        """Read a value: a number in the unit of the lever, with that unit or without, or a time.

        Raises
        ------
        OptionError
            If it is neither.
        """
        if not isinstance(text, str):
            return float(text)
        clock = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*", text)
        if clock is not None and self.kind == "hours":
            return int(clock[1]) + int(clock[2]) / 60
        word = text.strip()
        for unit in (self.unit, self.counts, "x", "%"):
            if unit and word.endswith(unit) and number_of(word.removesuffix(unit)) is not None:
                number = float(word.removesuffix(unit))
                return number / 100 if unit == "%" and self.unit != "%" else number
        found = number_of(word)
        if found is None:
            wanted = "a time such as 17:30" if self.kind == "hours" else "a number"
            where = f" in {self.unit}" if self.unit else ""
            raise OptionError(f"lever {self.path}: {wanted}{where} is needed, found {text!r}")
        return found

    def line(
        self,
        low: str | float | None = None,
        high: str | float | None = None,
        step: str | float | None = None,
    ) -> tuple[float, ...]:
        """Return the values between two ends.

        Parameters
        ----------
        low, high
            None: the range that the scenario gives, else from half to double; for shares 0 to 1.
        step
            None: 1 for whole numbers, half an hour for hours, else about a hundredth of the way.

        Raises
        ------
        OptionError
            If there are no such values.
        """
        first, last = self._ends()
        start = first if low is None else self.read(low)
        end = last if high is None else self.read(high)
        if not start < end:
            raise OptionError(
                f"lever {self.path}: values go from a low end to a higher one, found "
                f"{self.words(start)} to {self.words(end)}"
            )
        stride = self._stride(end - start) if step is None else self.read(step)
        if stride <= 0 or (end - start) / stride > MOST_VALUES:
            raise OptionError(
                f"lever {self.path}: a step above 0, of at most {MOST_VALUES} values, is needed, "
                f"found {step}"
            )
        if self.whole and any(abs(one - round(one)) > 1e-9 for one in (start, stride)):
            raise OptionError(f"lever {self.path}: its values are whole numbers")
        count = math.floor((end - start) / stride + 1e-9)
        return tuple(float(f"{start + k * stride:.12g}") for k in range(count + 1))

    def _ends(self) -> tuple[float, float]:
        if self.range is not None:
            return self.range
        if self.kind == "share":
            return 0.0, 1.0
        if self.kind == "hours":
            return self._hours_possible()
        low, high = (0.5, 2.0) if self.kind == "factor" else (self.base / 2, 2 * self.base)
        return (math.floor(low), math.ceil(high)) if self.whole else (low, high)

    def _hours_possible(self) -> tuple[float, float]:
        found = CLOCK.search(str(self.given))
        opens, closes = (int(found[1]), int(found[4])) if found is not None else (0, 24)
        return (0.0, closes - 0.5) if self.target[1] == "opens" else (opens + 0.5, 24.0)

    def _stride(self, length: float) -> float:
        if self.whole:
            return 1.0
        if self.kind == "hours":
            return 0.5
        # The nice number (1, 2 or 5 times a power of ten) next to a hundredth.
        exact = length / STEPS
        power = 10.0 ** math.floor(math.log10(exact))
        return min((1, 2, 5, 10), key=lambda one: abs(one * power - exact)) * power


def _given(scenario: Scenario, path: str) -> Any:
    node, taken = deepest(scenario.tree, parsed(path) or ())
    return plain(node) if taken == len(parsed(path) or ()) else None


def _value_at(scenario: Scenario, path: str) -> Any:
    """Return what stands in a field.

    Raises
    ------
    OptionError
        If nothing does, with the nearest name.
    """
    steps = parsed(path) or ()
    node, taken = deepest(scenario.tree, steps)
    if taken == len(steps):
        return plain(node)
    if is_capacity(steps) and (found := _member_at(scenario, str(steps[1]))) is not None:
        return found
    inside = node.value if isinstance(node.value, dict) else {}
    hint = nearest(str(steps[taken]), inside)
    where = written(steps[:taken])
    known = "" if hint or not inside else f"; there are {', '.join(list(inside)[:8])}"
    raise OptionError(
        f"lever {path}: there is no {str(steps[taken])!r}"
        + (f" in {where}" if where else "")
        + (hint or known)
    )


def _member_at(scenario: Scenario, name: str) -> Any:
    """Return the capacity of one pool of a template, such as ``teams[north]``; None: unknown."""
    pool, _, value = name.removesuffix("]").partition("[")
    if value not in values_of(scenario, pool):
        return None
    given = _given(scenario, f"pools.{pool}.capacity")
    return given.get(value) if isinstance(given, Mapping) and value in given else given


def _number(path: str, steps: Sequence[str | int], given: Any, counts: str) -> Lever:
    """Return a lever of one number, bare or as a record."""
    record = given if isinstance(given, Mapping) and "value" in given else {"value": given}
    raw = record["value"]
    unit = str(record.get("unit", ""))
    if isinstance(raw, str):
        found = re.fullmatch(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(\D.*)?", raw)
        if found is None or number_of(found[1]) is None:
            raise OptionError(f"lever {path}: {raw!r} is no single number; {_advice(path)}")
        raw, unit = float(found[1]), (found[2] or "").strip()
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise OptionError(f"lever {path}: {_shown(given)} is no single number; {_advice(path)}")
    counts = counts if not unit else ""
    places = is_capacity(tuple(steps[:3])) and len(steps) <= len(
        ("pools", "x", "capacity", "north")
    )
    whole = not unit and (places or str(steps[-1]) in WHOLE)
    limits = record.get("range")
    span = None
    if isinstance(limits, (list, tuple)) and len(limits) == 2:
        ends = [number_of(str(one).removesuffix(unit)) for one in limits]
        if all(end is not None for end in ends) and ends[0] != ends[1]:
            span = (float(ends[0] or 0), float(ends[1] or 0))
    return Lever(
        path, "number", float(raw), (path,), given, unit, whole, span, counts if whole else ""
    )


def _factor(scenario: Scenario, path: str, fields: Sequence[str]) -> Lever:
    """Return a lever of a factor on fields."""
    given = {field: _value_at(scenario, field) for field in fields}
    if not given:
        raise OptionError(f"lever {path}: the scenario has neither a population nor arrivals")
    for field, value in given.items():
        # Refused now, with the reason, rather than by a worker.
        fields_scaled(value, 1.5, field)
    return Lever(path, "factor", 1.0, tuple(fields), given)


def _share(scenario: Scenario, path: str) -> Lever | None:
    """Return a lever of one of several shares that sum to 1, or None."""
    steps = parsed(path) or ()
    above = _given(scenario, written(steps[:-1]))
    if not isinstance(above, Mapping):
        return None
    numbers = {key: share_of(value) for key, value in above.items() if key not in BESIDE}
    if len(numbers) < 2 or any(value is None for value in numbers.values()):
        return None
    known = [value for value in numbers.values() if value is not None and value != math.inf]
    has_rest = len(known) < len(numbers)
    total = math.fsum(known)
    if len(numbers) - len(known) > 1 or (abs(total - 1) > 1e-6 and not (has_rest and total <= 1)):
        return None
    name = str(steps[-1])
    mine = numbers[name]
    if mine == math.inf:
        mine = 1 - total
    return Lever(path, "share", mine or 0.0, (written(steps[:-1]), name), dict(above))


def _hours(scenario: Scenario, path: str, field: str, end: str) -> Lever:
    """Return a lever of the hour at which something opens or closes."""
    given = _value_at(scenario, field)
    lines = [given] if isinstance(given, str) else given
    found = [CLOCK.search(str(line)) for line in lines] if isinstance(lines, list) else [None]
    if any(one is None for one in found) or len(found) != 1:
        several = f"; it has several lines: write {field}[0].{end}" if len(found) > 1 else ""
        raise OptionError(
            f"lever {path}: {_shown(given)} are no hours from one time to another{several}"
        )
    one = found[0]
    hour, minute = (
        (one[1], one[2])
        if one is not None and end == "opens"
        else ((one[4], one[5]) if one is not None else ("0", "0"))
    )
    base = int(hour) + int(minute) / 60
    return Lever(path, "hours", base, (field, end), given)


def _advice(path: str) -> str:
    return f"name a number within it, or vary all of it by a factor: {path}*"


def _shown(given: Any) -> str:
    text = str(given)
    return text if len(text) <= 60 else f"{text[:57]}..."
