"""A replication as bytes: small, checked when read, and nothing in it can be executed."""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.experiment.tasks import Replication, compiled, simulate_task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from carepath_sim.experiment.tasks import Task

# Between the names of a row, and between rows; neither is part of a name.
BETWEEN, END = "\x1f", "\x1e"


class DamagedError(Exception):
    """Bytes that are no replication: cut off, or changed."""


@dataclass(frozen=True)
class Made:
    """A replication that comes from a worker: bytes, and what the parent wants to know of them."""

    content: bytes
    seconds: float


@dataclass(frozen=True)
class Content:
    """What the bytes say.

    Attributes
    ----------
    names
        Measure, stratum and period of each row.
    values, weights
        As in `measures.Row`; nan for no weight.
    start
        First day of the daily figures.
    pools
        Names of the pools of the daily figures.
    daily
        Columns by day and pool.
    seconds
        Wall time of the simulation [s].
    kept
        Large tables that were asked for, by name.
    """

    names: tuple[tuple[str, str, str], ...]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    start: date
    pools: tuple[str, ...]
    daily: Mapping[str, NDArray[np.int64]]
    seconds: float
    kept: Mapping[str, Mapping[str, NDArray[Any]]] = field(default_factory=dict)

    def replication(self, number: int) -> Replication:
        """Return the replication as a worker made it."""
        from carepath_sim.measures import Row

        rows = tuple(
            Row(*names, value, None if math.isnan(weight) else weight)
            for names, value, weight in zip(
                self.names, self.values.tolist(), self.weights.tolist(), strict=True
            )
        )
        return Replication(number, rows, self.daily, self.kept, self.seconds)


def simulate_to_bytes(task: Task) -> Made:
    """Simulate a task of one scenario, and return it as bytes; this is what workers do."""
    (one,) = simulate_all_to_bytes(task)
    return one


def simulate_all_to_bytes(task: Task) -> tuple[Made, ...]:
    """Simulate a task of several scenarios, and return each replication as bytes."""
    plans = map(compiled, task.scenarios)
    return tuple(
        Made(encode(one, [pool.name for pool in plan.pools], plan.start_date), one.seconds)
        for one, plan in zip(simulate_task(task), plans, strict=True)
    )


def encode(one: Replication, pools: Sequence[str], start: date) -> bytes:
    """Return a replication as bytes: a header that says what follows, and columns."""
    columns: dict[str, NDArray[Any]] = {
        "names": _text(END.join(BETWEEN.join(row[:3]) for row in one.rows)),
        "values": np.array([row.value for row in one.rows], dtype=np.float64),
        "weights": np.array(
            [math.nan if row.weight is None else row.weight for row in one.rows], dtype=np.float64
        ),
        **{f"daily.{name}": np.asarray(table) for name, table in one.daily.items()},
        **{
            f"kept.{table}.{name}": _words_as_bytes(each) if each.dtype == object else each
            for table, those in one.kept.items()
            for name, each in those.items()
        },
    }
    header = json.dumps(
        {
            "columns": [[name, each.dtype.str, each.shape] for name, each in columns.items()],
            "pools": list(pools),
            "start": start.isoformat(),
            "seconds": one.seconds,
            "words": [
                f"kept.{table}.{name}"
                for table, those in one.kept.items()
                for name, each in those.items()
                if each.dtype == object
            ],
        }
    ).encode()
    parts = [len(header).to_bytes(8, "little"), header]
    return zlib.compress(b"".join([*parts, *(each.tobytes() for each in columns.values())]), 1)


def decode(content: bytes) -> Content:
    """Return what bytes say.

    Raises
    ------
    DamagedError
        If they are not what was written; compressed bytes end in a checksum.
    """
    try:
        plain = zlib.decompress(content)
        begin = 8 + int.from_bytes(plain[:8], "little")
        header = json.loads(plain[8:begin])
        columns: dict[str, NDArray[Any]] = {}
        for name, kind, shape in header["columns"]:
            size = math.prod(shape)
            columns[name] = np.frombuffer(plain, kind, size, begin).reshape(shape)
            begin += columns[name].nbytes
        daily = {name[6:]: table for name, table in columns.items() if name.startswith("daily.")}
        return Content(
            names=_rows(columns["names"].tobytes()),
            values=columns["values"],
            weights=columns["weights"],
            start=date.fromisoformat(header["start"]),
            pools=tuple(header["pools"]),
            daily=daily,
            seconds=header["seconds"],
            kept=_kept(columns, header["words"]),
        )
    except (zlib.error, KeyError, ValueError, TypeError) as error:
        raise DamagedError(str(error)) from error


def _kept(
    columns: Mapping[str, NDArray[Any]], words: Sequence[str]
) -> dict[str, dict[str, NDArray[Any]]]:
    found: dict[str, dict[str, NDArray[Any]]] = {}
    for column, values in columns.items():
        if not column.startswith("kept."):
            continue
        _, table, name = column.split(".", 2)
        of_words = column in words
        found.setdefault(table, {})[name] = (
            np.array(_words(values.tobytes()), dtype=object) if of_words else values
        )
    return found


def _words_as_bytes(column: NDArray[Any]) -> NDArray[np.uint8]:
    return _text(END.join(column))


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


# Replications of a point name the same rows, mostly.
@lru_cache(maxsize=64)
def _rows(names: bytes) -> tuple[tuple[str, str, str], ...]:
    rows = (row.split(BETWEEN) for row in _words(names))
    return tuple((measure, stratum, period) for measure, stratum, period in rows)


def _words(text: bytes) -> list[str]:
    return text.decode().split(END) if text else []
