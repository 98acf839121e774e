"""Ways to share one bed base between streams: fences, reserves, common parts, priorities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.experiment.batch import OptionError
from carepath_sim.units import half_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.values import Policy

POLICIES: Final = ("ring_fenced", "shared", "reserved", "partial", "priority")
"""Policies, in the order in which they are shown."""
SPLITS: Final = (0.10, 0.20, 0.30, 0.40)
"""Parts of the first stream that are tried where none are given."""
RESERVES: Final = (0.02, 0.05)
"""Parts kept free for the first stream that are tried where none are given."""
COMMON: Final = 0.5
"""Part of each stream's beds that is common under `partial` where nothing else is said."""
# More orders than this nobody compares.
MOST_ORDERS: Final = 6

Value = Mapping[str, Any] | str


@dataclass(frozen=True)
class Configuration:
    """One way to share a pool.

    Attributes
    ----------
    name
        What it is called in tables: ``ring-fenced 20/105``.
    policy
        Its kind, such as ``ring_fenced``.
    split
        Parts by stream as they are written: ``20/105``; empty where there are none.
    value
        What stands under `policy` of the pool; None: what the scenario has.
    """

    name: str
    policy: str
    split: str
    value: Value | None = None


@dataclass(frozen=True)
class BedBase:
    """A pool with the streams that share it.

    Attributes
    ----------
    pool
        Its name.
    streams
        The streams, the one that splits speak of first.
    capacity
        Its places, where it is one number that never changes; else None, and parts are shares.
    written
        The policy of the scenario.
    """

    pool: str
    streams: tuple[str, ...]
    capacity: int | None
    written: Policy

    @classmethod
    def of(cls, scenario: Scenario, pool: str, streams: Sequence[str] = ()) -> BedBase:
        """Return the bed base of a scenario.

        Raises
        ------
        OptionError
            If there is no such pool, or its streams are others.
        """
        if pool not in scenario.pools:
            near = get_close_matches(pool, scenario.pools, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            known = ", ".join(scenario.pools) or "none"
            raise OptionError(f"{scenario.name} has no pool {pool!r}{hint}; it has: {known}")
        known_streams = _streams(scenario, pool)
        if len(known_streams) < 2:
            raise OptionError(
                f"pool {pool!r} is not shared: say with `stream:` of its services in which stream "
                "people ask for it, such as `stream: {from acute: step_down, else: step_up}`"
            )
        asked = tuple(streams) or known_streams
        if sorted(asked) != sorted(known_streams):
            raise OptionError(
                f"pool {pool!r} has the streams {', '.join(known_streams)}; all of them must be "
                f"named, found {', '.join(asked)}"
            )
        spec = scenario.pools[pool].capacity
        places = spec.dated[0].places if len(spec.dated) == 1 and not spec.by_value else None
        one = places is not None and math.isfinite(places.value) and not spec.split_total
        capacity = half_up(places.value) if one and places is not None else None
        return cls(pool, asked, capacity, scenario.pools[pool].policy)

    def as_written(self) -> Configuration:
        """Return the policy of the scenario."""
        return Configuration("as written", self.written.kind, self._written_parts())

    def _written_parts(self) -> str:
        parts = dict(self.written.parts)
        if self.written.kind == "priority":
            return " > ".join(sorted(parts, key=lambda name: parts[name].value))
        names = [*self.streams, *(name for name in parts if name not in self.streams)]
        return "/".join((parts[name].text if name in parts else "0") for name in names if parts)


def configurations(
    base: BedBase,
    *,
    policies: Sequence[str] = POLICIES,
    splits: Sequence[str] = (),
    reserves: Sequence[str] = (),
    common: float = COMMON,
    also: Mapping[str, Value] | None = None,
) -> tuple[Configuration, ...]:
    """Return the ways to share a bed base, the one that is written first.

    Parameters
    ----------
    base
        The bed base.
    policies
        Which kinds.
    splits
        Parts by stream, for `ring_fenced` and `partial`: ``20`` (of the first stream, the others
        share the rest), ``20/105``, or in percent.
    reserves
        Beds kept free, for `reserved`: ``3`` (for the first stream), ``0/3`` (for the second).
    common
        Under `partial`: the part of each stream's beds that all may use.
    also
        Further ways: a name, and what stands under `policy` of the pool.

    Raises
    ------
    OptionError
        For a policy that there is not, parts that do not fit, or a common part out of range.
    """
    kinds = [_kind(name) for name in policies]
    if not 0 < common < 1:
        raise OptionError(f"the common part lies between 0 and 1, not {common:g}")
    makers = {
        "ring_fenced": lambda: _fences(base, splits),
        "shared": lambda: iter([Configuration("shared", "shared", "", "shared")]),
        "reserved": lambda: _reserves(base, reserves),
        "partial": lambda: _partial(base, splits, common),
        "priority": lambda: _priorities(base),
    }
    made = [base.as_written()]
    for kind in dict.fromkeys(kinds):
        made += [one for one in makers[kind]() if not _is_written(base, one)]
    made += [Configuration(name, "own", "", value) for name, value in (also or {}).items()]
    found = {one.name: one for one in made}
    if len(found) < 2:
        raise OptionError("there is nothing to compare: name more policies or splits")
    return tuple(found.values())


def _fences(base: BedBase, splits: Sequence[str]) -> Iterator[Configuration]:
    for parts in _splits(base, splits):
        text = _text(parts)
        value = {"ring_fenced": dict(zip(base.streams, parts, strict=True))}
        yield Configuration(f"ring-fenced {text}", "ring_fenced", text, value)


def _partial(base: BedBase, splits: Sequence[str], common: float) -> Iterator[Configuration]:
    for parts in _splits(base, splits):
        if base.capacity is None:
            shares = [float(str(part).rstrip("% ")) for part in parts]
            own: list[Any] = [f"{share * (1 - common):.10g} %" for share in shares]
            rest: Any = f"{100 - sum(float(part[:-2]) for part in own):.10g} %"
        else:
            own = [half_up(part * (1 - common)) for part in parts]
            rest = base.capacity - sum(own)
        text = f"{_text(own)} + {_text([rest])}"
        value = {"partial": {**dict(zip(base.streams, own, strict=True)), "shared": rest}}
        yield Configuration(f"partial {text}", "partial", text, value)


def _reserves(base: BedBase, reserves: Sequence[str]) -> Iterator[Configuration]:
    given = [_parts(base, text, whole=False) for text in reserves]
    if not reserves:
        rest: list[Any] = [0] * (len(base.streams) - 1)
        given = [
            [f"{part:.0%}" if base.capacity is None else max(1, half_up(base.capacity * part))]
            + ([f"{0} %"] * len(rest) if base.capacity is None else rest)
            for part in RESERVES
        ]
    for parts in given:
        text = _text(parts)
        value = {"reserved": dict(zip(base.streams, parts, strict=True))}
        yield Configuration(f"reserved {text}", "reserved", text, value)


def _priorities(base: BedBase) -> Iterator[Configuration]:
    orders = list(permutations(base.streams))
    if len(orders) > MOST_ORDERS:
        raise OptionError(f"{len(orders)} orders of priority are too many; leave `priority` out")
    for order in orders:
        yield Configuration(
            f"priority {order[0]}" if len(order) == 2 else f"priority {' > '.join(order)}",
            "priority",
            " > ".join(order),
            {"priority": list(order)},
        )


def _splits(base: BedBase, splits: Sequence[str]) -> list[list[Any]]:
    """Parts of each stream, which sum to the whole."""
    if splits:
        return [_parts(base, text, whole=True) for text in splits]
    if len(base.streams) > 2:
        raise OptionError(
            f"pool {base.pool!r} has {len(base.streams)} streams; say with splits how to part it, "
            "such as 20/40/65"
        )
    return [_parts(base, f"{share:.0%}", whole=True) for share in SPLITS]


def _parts(base: BedBase, text: str, *, whole: bool) -> list[Any]:
    """Read parts by stream: counts, or percent where the capacity is no single number."""
    words = [word.strip() for word in text.split("/")]
    percent = "%" in text
    try:
        given = [float(word.rstrip("% ")) for word in words]
    except ValueError:
        raise OptionError(
            f"{text.strip()!r} is no split; such as 20 or 20/105 is accepted"
        ) from None
    if not percent and any(number != int(number) for number in given):
        raise OptionError(f"{text.strip()!r} is no split: beds are whole, or in percent")
    total = 100.0 if percent else base.capacity
    if total is None:
        raise OptionError(
            f"the capacity of pool {base.pool!r} varies: write splits in percent, such as 15%"
        )
    number = len(base.streams)
    if len(given) == 1 and (number == 2 or not whole):
        given += [total - given[0] if whole else 0.0] * (number - 1)
    if len(given) != number:
        raise OptionError(f"{text.strip()!r} needs a part for each of {', '.join(base.streams)}")
    if min(given) < 0 or (whole and abs(sum(given) - total) > 1e-9) or sum(given) > total:
        raise OptionError(
            f"{text.strip()!r} does not fit: pool {base.pool!r} has {total:g}"
            f"{' %' if percent else ' ' + 'beds'}"
        )
    if not percent:
        return [int(part) for part in given]
    if base.capacity is None:
        return [f"{part:.10g} %" for part in given]
    counts = [half_up(base.capacity * part / 100) for part in given[:-1]]
    last = base.capacity - sum(counts) if whole else half_up(base.capacity * given[-1] / 100)
    return [*counts, last]


def _kind(name: str) -> str:
    kind = name.strip().lower().replace("-", "_")
    if kind in POLICIES:
        return kind
    near = get_close_matches(kind, POLICIES, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise OptionError(f"there is no policy {name.strip()!r}{hint}; known: {', '.join(POLICIES)}")


def _is_written(base: BedBase, one: Configuration) -> bool:
    """Tell whether a configuration is what the scenario has: it is there already."""
    if one.policy != base.written.kind:
        return False
    if one.policy in {"shared", "priority"}:
        return one.split == base.as_written().split
    if base.written.is_share or not isinstance(one.value, Mapping):
        return False
    parts = {name: int(number.value) for name, number in base.written.parts if number.value}
    return parts == {name: part for name, part in one.value[one.policy].items() if part}


def _streams(scenario: Scenario, pool: str) -> tuple[str, ...]:
    """Streams in which people ask for a pool, and those that its policy names."""
    asked = [
        case.value
        for service in scenario.services.values()
        if pool in service.pool
        for case in service.stream
    ]
    policy = scenario.pools[pool].policy
    named = [
        name for name, _ in policy.parts if not (policy.kind == "partial" and name == "shared")
    ]
    return tuple(dict.fromkeys([*named, *asked]))


def _text(parts: Sequence[Any]) -> str:
    return "/".join(str(part).replace(" %", "%") for part in parts)
