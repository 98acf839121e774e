"""The futures of a forecast as tasks: what a worker counts, and the same as bytes."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, overload

import numpy as np

from carepath_sim.experiment.store.encoding import DamagedError, Made
from carepath_sim.experiment.tasks import Task, checked_record, compiled, pack
from carepath_sim.measures.midnight import midnight_counts
from carepath_sim.measures.midnight_pools import pool_midnights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from carepath_sim.experiment.batch import Batch
    from carepath_sim.experiment.posterior import Posterior
    from carepath_sim.scenario.model import Scenario

    Counts = NDArray[np.int64]

POOLS, AWAITED, BY = "pools", "awaited", "by "


@dataclass(frozen=True)
class Asked:
    """One replication with what is to be counted."""

    task: Task
    by: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """What is counted of one future.

    Attributes
    ----------
    by
        By attribute, as from `carepath_sim.measures.midnight`.
    pools, awaited
        As from `carepath_sim.measures.midnight_pools`.
    """

    by: Mapping[str, Counts]
    pools: Counts
    awaited: Counts


def count_future(asked: Asked) -> Counted:
    """Simulate one replication and count people at midnights."""
    plan = compiled(asked.task.scenarios[0])
    record = checked_record(plan, asked.task)
    pools = pool_midnights(plan, record)
    return Counted(midnight_counts(plan, record, asked.by), pools.pools, pools.awaited)


def count_to_bytes(asked: Asked) -> Made:
    """Simulate one replication, and return what is counted as bytes."""
    began = perf_counter()
    found = count_future(asked)
    return Made(encode(found), perf_counter() - began)


def encode(found: Counted) -> bytes:
    """Return counts as bytes: a header that says what follows, and tables."""
    tables = {POOLS: found.pools, AWAITED: found.awaited}
    tables |= {BY + name: one for name, one in found.by.items()}
    header = json.dumps([[name, one.shape] for name, one in tables.items()]).encode()
    parts = [len(header).to_bytes(8, "little"), header]
    parts += [one.astype("<i8").tobytes() for one in tables.values()]
    return zlib.compress(b"".join(parts), 1)


def decode(content: bytes, _number: int = 0) -> Counted:
    """Return what bytes say.

    Raises
    ------
    DamagedError
        If they are not what was written; compressed bytes end in a checksum.
    """
    try:
        plain = zlib.decompress(content)
        begin = 8 + int.from_bytes(plain[:8], "little")
        tables: dict[str, Counts] = {}
        for name, shape in json.loads(plain[8:begin]):
            size = math.prod(shape)
            tables[name] = np.frombuffer(plain, "<i8", size, begin).reshape(shape).astype(np.int64)
            begin += 8 * size
        pools, awaited = tables.pop(POOLS), tables.pop(AWAITED)
    except (zlib.error, KeyError, ValueError, TypeError) as error:
        raise DamagedError(str(error)) from error
    return Counted({name[len(BY) :]: one for name, one in tables.items()}, pools, awaited)


class Futures(Sequence[Asked]):
    """The replications to simulate, made when their turn comes.

    Parameters
    ----------
    ahead
        The scenario.
    batch
        Seed and engine.
    by
        Attributes by which people are counted.
    drawn
        Draws of uncertain numbers, one a replication; None: the scenario's numbers in all.
    numbers
        The replications that are missing.
    """

    def __init__(
        self,
        ahead: Scenario,
        batch: Batch,
        by: tuple[str, ...],
        drawn: Posterior | None,
        numbers: Sequence[int],
    ) -> None:
        self._ahead, self._batch, self._by, self._drawn = ahead, batch, by, drawn
        self._numbers = numbers
        self._packed = pack(ahead)

    def __len__(self) -> int:
        """Return how many futures there are."""
        return len(self._numbers)

    @overload
    def __getitem__(self, k: int) -> Asked: ...
    @overload
    def __getitem__(self, k: slice) -> Sequence[Asked]: ...
    def __getitem__(self, k: int | slice) -> Asked | Sequence[Asked]:
        """Return a replication with its scenario."""
        if isinstance(k, slice):
            return [self[one] for one in range(*k.indices(len(self)))]
        number = self._numbers[k]
        packed = self._packed
        if self._drawn is not None:
            packed = pack(self._drawn.scenario(self._ahead, number))
        return Asked(Task((packed,), self._batch.seed, number, self._batch.engine), self._by)
