"""What stands for all members of a template: a value for each, or a total that is shared out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from carepath_sim.scenario.grammar_quantity import BESIDE, bare_names, provenance
from carepath_sim.scenario.reading import Flaws, known_keys, shown, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from carepath_sim.scenario.values import Provenance

T = TypeVar("T")


def by_value(
    raw: Mapping[str, object], read: Callable[[object], T], wanted: str
) -> tuple[tuple[tuple[str, T], ...], Provenance]:
    """Return what is written for each value of the attribute, and the source of the whole."""
    flaws = Flaws()
    given = provenance(raw, flaws)
    found = tuple((key, flaws.read(read, value, key)) for key, value in bare_names(raw).items())
    if not found:
        flaws.note(f"{wanted} is needed, found {shown(raw)}")
    flaws.close()
    return found, given


def split(
    raw: Mapping[str, object], read: Callable[[object], T], what: str
) -> tuple[T, Provenance]:
    """Return the total that is shared out in proportion to the population, and its source."""
    flaws = Flaws()
    known_keys(raw, ("split", "total", *BESIDE), flaws)
    if raw["split"] != "population":
        flaws.note(f"`population` is needed, found {shown(raw['split'])}", "split")
    if "total" not in raw:
        flaws.note(f"`total` is missing: the {what} of all together")
    total = flaws.read(read, raw.get("total", 0), "total")
    given = provenance(raw, flaws)
    flaws.close()
    return total, given


def check_rising(starts: Sequence[date | None]) -> None:
    """Refuse dated steps that do not follow each other."""
    for k, (before, after) in enumerate(pairwise(starts), start=1):
        if after is None:
            raise wrong("only the first may be without `from`", k)
        if before is not None and after <= before:
            raise wrong(f"dates must rise, found {after} after {before}", k, "from")
