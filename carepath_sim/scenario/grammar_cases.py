"""Ordered cases: wherever a value may stand, a list of `when` cases may stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from carepath_sim.scenario.grammar_conditions import when
from carepath_sim.scenario.reading import Flaws, wrong
from carepath_sim.scenario.values import Case, Cases, Test

T = TypeVar("T")


def cases(
    parse: Callable[[Any], T],
    *,
    under: tuple[str, ...] = ("value",),
    total: bool = True,
) -> Callable[[object], Cases[T]]:
    """Return a reader of one value, or of a list of cases of which the first that holds counts.

    Parameters
    ----------
    parse
        Reads a value.
    under
        Keys under which the value of a case may stand; where none of them is there, what stands
        beside `when` is the value.
    total
        Whether the last case must be without `when`, so that one always holds.
    """

    def one(raw: object) -> Case[T]:
        if not isinstance(raw, Mapping) or "when" not in raw:
            rest = dict(raw) if isinstance(raw, Mapping) else raw
            return Case(_value(rest))
        flaws = Flaws()
        tests: tuple[Test, ...] = flaws.read(when, raw["when"], "when")
        rest = {key: value for key, value in raw.items() if key != "when"}
        if not rest:
            flaws.note("the case says when, but not what")
        value = flaws.read(_value, rest) if rest else None
        flaws.close()
        return Case(value, tests)  # type: ignore[arg-type]

    def _value(rest: object) -> T:
        if isinstance(rest, Mapping) and len(rest) == 1:
            (key,) = rest
            if key in under:
                flaws = Flaws()
                value = flaws.read(parse, rest[key], key)
                flaws.close()
                return value
        return parse(rest)

    def read(raw: object) -> Cases[T]:
        if not isinstance(raw, list):
            if isinstance(raw, Mapping) and "when" in raw:
                raise wrong("cases are a list: put `- ` before `when`; the last case has no `when`")
            return (Case(parse(raw)),)
        if not raw:
            raise wrong("at least one case is needed, found an empty list")
        flaws = Flaws()
        found = tuple(flaws.read(one, entry, k) for k, entry in enumerate(raw))
        for k, entry in enumerate(raw[:-1]):
            if not (isinstance(entry, Mapping) and "when" in entry):
                flaws.note("cases after this one are never reached: it has no `when`", k)
                break
        if total and isinstance(raw[-1], Mapping) and "when" in raw[-1]:
            flaws.note("the last case must have no `when`, so that one always holds", len(raw) - 1)
        flaws.close()
        return found

    return read
