"""The record of a run: what the engine writes, and nothing that it counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.plan.tables import NEVER, NOBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NEVER", "NOBODY", "Columns", "How", "Outcome", "Record", "Spell"]

Columns = dict[str, np.ndarray]


class Outcome(IntEnum):
    """How a spell ended."""

    STILL_THERE = 0
    MOVED = 1
    GAVE_UP = 2
    DIVERTED = 3
    TURNED_AWAY = 4
    WITHDRAWN = 5
    INTERRUPTED = 6
    DIED = 7
    LEFT_MODEL = 8


class How(IntEnum):
    """How a place was come by."""

    WAITED = 0
    AT_ONCE = 1
    CIRCLE = 2
    WITHIN_POOL = 3
    START = 4
    BACK = 5
    ROOM = 6


# The busiest members as plain numbers: reading one from its class costs more than its line does.
STILL_THERE, MOVED = int(Outcome.STILL_THERE), int(Outcome.MOVED)
WAITED, AT_ONCE = int(How.WAITED), int(How.AT_ONCE)
CIRCLE, WITHIN_POOL = int(How.CIRCLE), int(How.WITHIN_POOL)

# What a row of `Record.changes` says.
ATTRIBUTE_SET, PROGRAMME_JOINED, PROGRAMME_LEFT, FIND_LOST = range(4)
SURGE_OPENED, SURGE_CLOSED, CAPACITY_CHANGED = range(4, 7)

SPELL_COLUMNS = (
    "person",
    "episode",
    "visit",
    "service",
    "stream",
    "pool",
    "units",
    "host",
    "via",
    "requested",
    "needed",
    "granted",
    "started",
    "ready",
    "over",
    "left",
    "waited_at",
    "entered_from",
    "left_to",
    "outcome",
    "cause",
    "kept_until",
    "how",
)


TAPER_COLUMNS = ("taper", "taper_from")
"""Columns of scenarios in which visits fall in steps: which steps, and since when."""


class Spell:
    """One request and, where it was granted, one stay; a row of the table while it is written."""

    __slots__ = (*SPELL_COLUMNS, *TAPER_COLUMNS)
    taper: int
    taper_from: int

    def __init__(
        self, person: int, episode: int, visit: int, service: int, host: int, via: int, now: int
    ) -> None:
        self.person = person
        self.episode = episode
        self.visit = visit
        self.service = service
        self.stream = NOBODY
        self.pool = NOBODY
        self.units = 0
        self.host = host
        self.via = via
        self.requested = now
        self.needed = now
        self.granted = NEVER
        self.started = NEVER
        self.ready = NEVER
        self.over = NEVER
        self.left = NEVER
        self.waited_at = NOBODY
        self.entered_from = NOBODY
        self.left_to = NOBODY
        self.outcome = STILL_THERE
        self.cause = NOBODY
        self.kept_until = NEVER
        self.how = WAITED


def table_of(spells: Sequence[Spell], *, tapering: bool = False) -> Columns:
    """Return spells as columns, ordered by person and visit.

    Parameters
    ----------
    tapering
        Whether visits fall in steps, which need two columns more.
    """
    read = attrgetter(*SPELL_COLUMNS)
    width = len(SPELL_COLUMNS)
    fields = chain.from_iterable(map(read, spells))
    rows = np.fromiter(fields, dtype=np.int64, count=len(spells) * width)
    rows = rows.reshape(len(spells), width)
    order = np.lexsort((rows[:, 2], rows[:, 0]))
    columns = {name: rows[order, k].copy() for k, name in enumerate(SPELL_COLUMNS)}
    if tapering:
        taper = np.array([getattr(s, "taper", NOBODY) for s in spells], dtype=np.int64)[order]
        again = np.array([getattr(s, "taper_from", NEVER) for s in spells], dtype=np.int64)[order]
        # Who comes back to a kept place goes on where the steps stand by then.
        since = np.where(again == NEVER, columns["started"], again)
        columns["taper"] = taper
        columns["taper_from"] = np.where(taper == NOBODY, NEVER, since)
    return columns


@dataclass(frozen=True)
class Record:
    """Everything that one replication leaves behind.

    Attributes
    ----------
    spells, people, episodes, changes
        Tables of int64 columns of equal length; instants and durations in ms, missing NEVER.
    audit
        Integrals and counters by pool that the engine kept beside the spells, for checks only.
    """

    seed: int
    replication: int
    spells: Columns
    people: Columns
    episodes: Columns
    changes: Columns
    audit: Columns
