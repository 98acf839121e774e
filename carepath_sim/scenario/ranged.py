"""The numbers of a scenario that have a range, and scenarios with other values of them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from carepath_sim.scenario.grammar_quantity import BESIDE
from carepath_sim.scenario.positions import parsed, written
from carepath_sim.scenario.reading import Path
from carepath_sim.units import LENGTHS, UNITS, half_up

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario

SILENT: Final = frozenset({"references", "targets", "stories", "notes"})
"""Sections without numbers that a result rests on."""
WHOLE: Final = frozenset({"size", "count", "caseload", "waiting", "coordinators"})
"""Fields that hold whole numbers wherever they stand."""
WHOLE_IN: Final = {
    "denominators": frozenset({"all_ages", "adults", "over_65"}),
    "payments": frozenset({"baseline", "up_to"}),
}
"""Fields that hold whole numbers in some sections."""
REST: Final = "rest"
"""What stands for the share that the others leave."""

_WRITTEN: Final = re.compile(
    r"(£?)\s*([-+]?(?:\d[\d,_]*)?\.?\d+(?:[eE][-+]?\d+)?)\s*(.*)", re.DOTALL
)
_FRACTION: Final = re.compile(r"(\d+)\s*/\s*(\d+)(?=\s|%|$)")
# Closer to 1 no share is weighed: the others would vanish.
NEARLY_ALL: Final = 1 - 1e-9


@dataclass(frozen=True)
class Ranged:
    """A number with a range.

    Attributes
    ----------
    path
        Where it stands.
    text
        The value as it is written.
    value, low, high
        The value and the ends of its range [unit].
    unit
        Unit of the three, such as ``d`` or ``%``; empty for plain numbers.
    pound
        Whether a pound sign stands before the number.
    whole
        Whether it is a whole number.
    group
        The other shares that sum to the whole with it; they give way in proportion.
    source, quality
        What is said of it; or None.
    """

    path: Path
    text: str
    value: float
    low: float
    high: float
    unit: str = ""
    pound: bool = False
    whole: bool = False
    group: tuple[Path, ...] = ()
    source: str | None = None
    quality: str | None = None

    @property
    def name(self) -> str:
        """The field, as it is written in messages and for `--set`."""
        return written(self.path)

    def at(self, part: float) -> float:
        """Return the value at a part of the range, 0 for its low end and 1 for its high one."""
        found = self.low + part * (self.high - self.low)
        return float(half_up(found)) if self.whole else found

    def said(self, value: float) -> str | int | float:
        """Return a value as it would be written in the file."""
        if self.whole and not self.unit:
            return half_up(value)
        return said(value, ("£" if self.pound else "", self.unit))


def said(value: float, unit: tuple[str, str]) -> str | int | float:
    """Return a value as it would be written in a file, with what stands before and behind it.

    >>> said(26.28, ("£", "per day")), said(140.0, ("", ""))
    ('£26.28 per day', 140)
    """
    number = f"{value:.12g}"
    if unit == ("", ""):
        return int(value) if value == int(value) else float(number)
    return f"{unit[0]}{number} {unit[1]}".strip()


def completed(scenario: Scenario, settings: Mapping[str, object]) -> dict[str, object]:
    """Return settings with those of the other shares, so that shares go on summing to the whole.

    What is set is had exactly; the shares that are not set give way in proportion. Shares that
    cannot be brought to the whole are left as they are, for the scenario to complain of.

    Parameters
    ----------
    settings
        Field path -> value, as for `--set`.
    """
    root = scenario.resolved()
    paths = {path: value for name, value in settings.items() if (path := parsed(name))}
    found = dict(settings)
    for path, value in paths.items():
        new = split(value)
        group = _group_of(root, path) if new is not None and new[2] in {"", "%"} else ()
        rest = [one for one in group if one not in paths and one != path]
        if not rest:
            continue
        whole = 100.0 if new is not None and new[2] == "%" else 1.0
        try:
            given = sum(_number(paths[one]) for one in group if one in paths)
            old = dict(zip(group, _parts(root, group, whole), strict=True))
        except (KeyError, TypeError):
            continue
        left, before = whole - given, sum(old[one] for one in rest)
        if left < 0 or before <= 0:
            continue
        for one in rest:
            if _at(root, one) != REST:
                part = old[one] * left / before
                found[written(one)] = f"{part:.12g} %" if whole > 1 else float(f"{part:.15g}")
    return found


def _group_of(root: object, path: Path) -> tuple[Path, ...]:
    """Return the paths of all shares that sum to the whole with one, itself among them; or none."""
    try:
        at, around = _at(root, path), _at(root, path[:-1])
        unit = split(at["value"] if _is_map(at) else at)
    except (KeyError, IndexError, TypeError):
        return ()
    if unit is None or unit[0] or unit[2] not in {"", "%"}:
        return ()
    others = _group(root, path, around, 100.0 if unit[2] == "%" else 1.0)
    return (path, *others) if others else ()


def ranged(scenario: Scenario) -> tuple[tuple[Ranged, ...], tuple[tuple[str, str], ...]]:
    """Return the numbers that have a range, and the names of those that cannot be varied with why.

    A range of one value is no range.
    """
    root = scenario.resolved()
    found, left_out = [], []
    for path, record, parent in _records(root, (), None):
        if path[0] in SILENT:
            continue
        low, high = record["range"]
        if low == high:
            continue
        numbers = _same_unit(record["value"], low, high)
        if numbers is None:
            left_out.append((written(path), "its value and range are in units that do not match"))
            continue
        value, bottom, top, unit, pound = numbers
        is_share = unit in {"", "%"} and not pound
        found.append(
            Ranged(
                path,
                f"{record['value']} {record.get('unit', '')}".strip(),
                value,
                bottom,
                top,
                unit,
                pound,
                _is_whole(path) and not unit,
                _group(root, path, parent, 100.0 if unit == "%" else 1.0) if is_share else (),
                record.get("source"),
                record.get("quality"),
            )
        )
    return tuple(found), tuple(left_out)


def varied(scenario: Scenario, values: Mapping[Ranged, float]) -> Scenario:
    """Return the scenario with other values of some of its numbers, checked as a whole.

    Shares that sum to the whole go on doing so: the value of one alone is had exactly, and the
    others give way in proportion. If several of them are set, each gets the weight with which it
    would be had exactly alone, t (1 - b) / (1 - t) for a share b that is set to t.

    Raises
    ------
    ScenarioError
        If what comes out is no scenario.
    """
    from carepath_sim.scenario.loader import build
    from carepath_sim.scenario.nodes import Mark, planted

    root = copy.deepcopy(scenario.resolved())
    shares: dict[Path, float] = {}
    for one, value in values.items():
        if one.group:
            shares[one.path] = value / (100.0 if one.unit == "%" else 1.0)
        else:
            _write(root, one.path, one.said(value))
    done: set[Path] = set()
    for one in values:
        if one.group and one.path not in done:
            done |= {one.path, *one.group}
            _write_shares(root, (one.path, *one.group), shares, one.unit)
    return build(planted(root, Mark("varied")), scenario.name, notices=scenario.notices)


def _write_shares(
    root: dict[str, Any], paths: tuple[Path, ...], shares: Mapping[Path, float], unit: str
) -> None:
    whole = 100.0 if unit == "%" else 1.0
    weights = []
    for path, number in zip(paths, _parts(root, paths, whole), strict=True):
        base = number / whole
        wanted = min(shares.get(path, base), NEARLY_ALL)
        weights.append(wanted * (1 - base) / (1 - wanted) if path in shares else base)
    total = sum(weights)
    parts = [round(weight / total, 12) for weight in weights]
    # What rounding left goes to the largest, where it is least.
    largest = max(range(len(parts)), key=parts.__getitem__)
    parts[largest] = round(1 - sum(part for k, part in enumerate(parts) if k != largest), 12)
    for path, part in zip(paths, parts, strict=True):
        if _at(root, path) != REST:
            _write(root, path, f"{part * 100:.12g} %" if unit == "%" else part)


def _records(
    value: object, path: Path, parent: object
) -> Iterator[tuple[Path, dict[str, Any], object]]:
    if isinstance(value, Mapping):
        if "value" in value and isinstance(value.get("range"), list):
            yield path, dict(value), parent
            return
        for key, inner in value.items():
            yield from _records(inner, (*path, key), value)
    elif isinstance(value, list):
        for k, inner in enumerate(value):
            yield from _records(inner, (*path, k), value)


def _same_unit(*given: object) -> tuple[float, float, float, str, bool] | None:
    """Return a value and two ends in one unit, or None."""
    found = [split(one) for one in given]
    parts = [one for one in found if one is not None]
    if len(parts) < len(given):
        return None
    units = {re.sub(r"\bworking day$", "working days", unit) for _, _, unit in parts}
    pounds = {pound for pound, _, _ in parts}
    numbers = [number for _, number, _ in parts]
    if len(units) == 1 and len(pounds) == 1:
        return numbers[0], numbers[1], numbers[2], units.pop(), pounds.pop()
    # Lengths of time in several units become those of the low end.
    lengths = [LENGTHS.get(UNITS.get(unit, "")) for _, _, unit in parts]
    known = [length for length in lengths if length is not None]
    if len(known) < len(parts):
        return None
    of = known[1]
    value, low, high = (n * x / of for n, x in zip(numbers, known, strict=True))
    return value, low, high, parts[1][2], False


def split(given: object) -> tuple[bool, float, str] | None:
    """Return whether there is a pound sign, the number, and the unit of what is written; or None.

    >>> split("£26.28 per day"), split(0.3), split("1/4")
    ((True, 26.28, 'per day'), (False, 0.3, ''), (False, 0.25, ''))
    """
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        return None
    if not isinstance(given, str):
        return False, float(given), ""
    fraction = _FRACTION.match(given.strip())
    if fraction is not None and int(fraction[2]):
        rest = given.strip()[fraction.end() :].strip()
        return False, int(fraction[1]) / int(fraction[2]), rest
    parts = _WRITTEN.fullmatch(given.strip())
    if parts is None:
        return None
    number = float(parts[2].replace(",", "").replace("_", ""))
    return bool(parts[1]), number, parts[3].strip()


def _group(root: object, path: Path, parent: object, whole: float) -> tuple[Path, ...]:
    """Return the paths of the other shares, where a number is one of shares that sum to 1."""
    members: list[Path] = []
    if isinstance(parent, Mapping):
        members = [(*path[:-1], key) for key in parent if key not in BESIDE]
    if not _sums_to(root, members, whole) and path[-1] == "share":
        around = _at(root, path[:-2])
        if isinstance(around, Mapping):
            members = [(*path[:-2], key, "share") for key in around]
        elif isinstance(around, list):
            members = [(*path[:-2], k, "share") for k in range(len(around))]
    if not _sums_to(root, members, whole):
        return ()
    return tuple(member for member in members if member != path)


def _sums_to(root: object, members: list[Path], whole: float) -> bool:
    if len(members) < 2:
        return False
    try:
        parts = _parts(root, members, whole)
    except (KeyError, TypeError, ValueError):
        return False
    return min(parts) >= 0 and abs(sum(parts) - whole) < 1e-6 * whole


def _parts(root: object, members: Sequence[Path], whole: float) -> list[float]:
    """Return shares of a whole; one that is written `rest` is what the others leave.

    Raises
    ------
    KeyError, TypeError
        If one of them is no share.
    """
    given = [_at(root, member) for member in members]
    left = whole - sum(_number(one) for one in given if one != REST)
    return [left if one == REST else _number(one) for one in given]


def _number(given: object) -> float:
    """Return a bare share.

    Raises
    ------
    TypeError
        If it is no number without a unit, or a percentage.
    """
    found = split(given["value"] if isinstance(given, Mapping) else given)
    if found is None or found[2] not in {"", "%"}:
        raise TypeError
    return found[1]


def _at(root: object, path: Path) -> Any:
    value: Any = root
    for step in path:
        value = value[step]
    return value


def _write(root: dict[str, Any], path: Path, value: object) -> None:
    """Put a value in; its range no longer holds, nor does what was said of the old number."""
    around = _at(root, path[:-1])
    old = around[path[-1]]
    # What else the record says, such as `when`, still holds.
    gone = {"value", "range", "source", "quality"}
    kept = {key: one for key, one in old.items() if key not in gone} if _is_map(old) else {}
    around[path[-1]] = {"value": value, **kept, "quality": "by hand"} if kept else value


def _is_whole(path: Path) -> bool:
    path = _field(path)
    in_pool = path[0] == "pools" and "from_staff" not in path
    in_section = WHOLE_IN.get(str(path[0]), frozenset())
    return in_pool or path[-1] in WHOLE or path[-1] in in_section


def _field(path: Path) -> Path:
    """Return the field that a number is of; a dated change names the field that it sets.

    >>> _field(("changes", 0, "set", "pools.beds.capacity")), _field(("pools", "beds", "capacity"))
    (('pools', 'beds', 'capacity'), ('pools', 'beds', 'capacity'))
    """
    if path[0] == "changes" and len(path) >= 4 and path[2] == "set":
        return (*(parsed(str(path[3])) or ()), *path[4:]) or path
    return path


def _is_map(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)
