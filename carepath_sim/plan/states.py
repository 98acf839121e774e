"""Levels of attributes: frailty that grows, and stays that move people up or down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from carepath_sim.plan.build import whole
from carepath_sim.plan.tables import DAY
from carepath_sim.scenario.checks_people import FRAILTY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.scenario.model import Service
    from carepath_sim.scenario.values import StateChange


class States(NamedTuple):
    """How stays move people along the levels of attributes, in flat arrays.

    A *row* is one attribute that one service changes.
    """

    first: Any  # (service + 1) first row
    attribute: Any  # (row)
    after: Any  # (row) time of the stay that changes nothing [ms]
    decision: Any  # (row) number of the decision
    chance_first: Any  # (row + 1) first entry of `chance`
    chance: Any  # by whole days beyond `after`; the last holds for all more
    level_first: Any  # (row) first entry of `level`
    level: Any  # value afterwards by the value before


NO_STATES = States(*(np.zeros(0, dtype=np.int64) for _ in States._fields))
"""No stay changes anybody."""


@dataclass(frozen=True)
class Progression:
    """A clock that moves people one level up.

    Attributes
    ----------
    hazard
        Its number among the hazards.
    attribute
        The attribute.
    level
        Value afterwards by the value before.
    """

    hazard: int
    attribute: int
    level: tuple[int, ...]


def ranks(attribute: str, values: Sequence[str]) -> list[int]:
    """Return the codes of an attribute's values from the lowest level to the highest.

    >>> ranks("frailty", ["severe", "fit"])
    [1, 0]
    """
    codes = list(range(len(values)))
    if attribute == "frailty":
        codes.sort(key=lambda code: FRAILTY.index(values[code]))
    return codes


def moved(attribute: str, values: Sequence[str], levels: int) -> tuple[int, ...]:
    """Return the code of the value so many levels higher, by code; never beyond the ends.

    >>> moved("frailty", ["fit", "mild", "severe"], 1), moved("frailty", ["fit", "mild"], -5)
    ((1, 2, 2), (0, 0))
    """
    order = ranks(attribute, values)
    last = len(order) - 1
    return tuple(
        order[min(last, max(0, order.index(code) + levels))] for code in range(len(values))
    )


def chances(change: StateChange, longest: int) -> list[float]:
    """Return the chance of a move by whole days beyond `after`; one chance for a whole stay.

    Parameters
    ----------
    longest
        Longest possible stay [ms].
    """
    p = change.chance.value
    if not change.per_day:
        return [p]
    found = [0.0]
    stays = 1.0
    for _ in range(longest // DAY + 1):
        stays *= 1.0 - p
        found.append(1.0 - stays)
    return found


@dataclass
class StateRows:
    """States under construction."""

    values: dict[str, tuple[str, ...]]
    longest: int
    first: list[int] = field(default_factory=lambda: [0])
    attribute: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    decision: list[int] = field(default_factory=list)
    chance_first: list[int] = field(default_factory=lambda: [0])
    chance: list[float] = field(default_factory=list)
    level_first: list[int] = field(default_factory=list)
    level: list[int] = field(default_factory=list)

    def add(self, service: Service | None, decisions: Sequence[int]) -> None:
        """Add the next service, with the decisions by which its moves are drawn."""
        changes = service.changes_state if service is not None else ()
        for change, decision in zip(changes, decisions, strict=True):
            values = self.values[change.attribute]
            levels = round(change.levels.value)
            self.attribute.append(list(self.values).index(change.attribute))
            self.after.append(round(change.after.value))
            self.decision.append(decision)
            self.chance.extend(chances(change, self.longest))
            self.chance_first.append(len(self.chance))
            self.level_first.append(len(self.level))
            self.level.extend(moved(change.attribute, values, levels if change.up else -levels))
        self.first.append(len(self.attribute))

    def arrays(self) -> States:
        """Return the rows as arrays."""
        return States(
            first=whole(self.first),
            attribute=whole(self.attribute),
            after=whole(self.after),
            decision=whole(self.decision),
            chance_first=whole(self.chance_first),
            chance=np.array(self.chance, dtype=np.float64),
            level_first=whole(self.level_first),
            level=whole(self.level),
        )


def top_factors(attribute: str, values: Sequence[str]) -> list[float]:
    """Return factors that stop a progression at the highest level.

    >>> top_factors("frailty", ["fit", "severe", "mild"])
    [1.0, 0.0, 1.0]
    """
    top = ranks(attribute, values)[-1]
    return [0.0 if code == top else 1.0 for code in range(len(values))]
