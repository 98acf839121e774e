"""Parts of the tables of a store: many replications a file, whole or not there."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.experiment.frames import definition
from carepath_sim.experiment.store.ledger import PartFile, Stage
from carepath_sim.experiment.writing import database, write_parquet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from carepath_sim.experiment.store.encoding import Content

# Replications in a part: a county makes files of some megabytes, and 10,000 points some hundreds.
PART = 256

TABLES = ("replications", "daily")

# A replication with its point and number.
Done = tuple[int, int, "Content"]


@dataclass(frozen=True)
class Block:
    """Points and replications that go into one part.

    Which these are depends on the design and the replications alone, not on who was ready when:
    the files of a sweep that was interrupted are those of one that was not.
    """

    number: int
    points: range
    replications: range

    @property
    def name(self) -> str:
        """What stands behind the name of the table."""
        return f"p{self.points.start:06d}-r{self.replications.start:04d}.parquet"

    @property
    def pairs(self) -> Iterable[tuple[int, int]]:
        """Point and replication of all of it."""
        return ((point, number) for point in self.points for number in self.replications)


def stage_of(first: int, size: int) -> Stage:
    """Return a stage whose parts have about `PART` replications."""
    return Stage(first, size, max(1, PART // size))


def blocks(points: int, stages: Iterable[Stage]) -> list[Block]:
    """Return the parts of a store.

    >>> [one.points for one in blocks(5, [stage_of(0, 100)])]
    [range(0, 2), range(2, 4), range(4, 5)]
    """
    numbers = count()
    found = []
    for first, size, together in stages:
        for start in range(0, points, together):
            block = range(start, min(start + together, points))
            found.append(Block(next(numbers), block, range(first, first + size)))
    return found


def replications_frame(label: str, done: Iterable[Done]) -> pd.DataFrame:
    """Return every figure of replications.

    Returns
    -------
        Columns scenario, point, replication, measure, stratum, period, value, weight, unit.
    """
    import pandas as pd

    known: dict[tuple[str, str, str], int] = {}
    rows_of: dict[int, np.ndarray] = {}
    rows, points, numbers, values, weights = [], [], [], [], []
    for point, number, content in done:
        # Equal names are one object, mostly.
        mark = id(content.names)
        if mark not in rows_of:
            codes = [known.setdefault(names, len(known)) for names in content.names]
            rows_of[mark] = np.array(codes, dtype=np.int64)
        rows.append(rows_of[mark])
        size = len(content.names)
        points.append(np.full(size, point, dtype=np.int32))
        numbers.append(np.full(size, number, dtype=np.int32))
        values.append(content.values)
        weights.append(content.weights)
    row = np.concatenate([np.empty(0, np.int64), *rows])
    names = list(known)
    measures = [one[0] for one in names]

    def words(of: list[str]) -> Any:
        categories = list(dict.fromkeys(of))
        codes = {word: k for k, word in enumerate(categories)}
        each = np.array([codes[word] for word in of], dtype=np.int32)
        return pd.Categorical.from_codes(each[row], categories=pd.Index(categories, dtype="str"))

    return pd.DataFrame(
        {
            "scenario": _all_the_same(label, len(row)),
            "point": np.concatenate([np.empty(0, np.int32), *points]),
            "replication": np.concatenate([np.empty(0, np.int32), *numbers]),
            "measure": words(measures),
            "stratum": words([one[1] for one in names]),
            "period": words([one[2] for one in names]),
            "value": np.concatenate([np.empty(0), *values]),
            "weight": np.concatenate([np.empty(0), *weights]),
            "unit": words([definition(measure).unit for measure in measures]),
        }
    )


def daily_frame(label: str, done: Iterable[Done]) -> pd.DataFrame:
    """Return the counts by day and pool of replications.

    Returns
    -------
        Columns scenario, point, replication, date, pool, and one a count.
    """
    import pandas as pd

    made: dict[str, list[Any]] = {}
    pools: dict[str, int] = {}
    for point, number, content in done:
        days = len(next(iter(content.daily.values()))) if content.daily else 0
        width = len(content.pools)
        codes = [pools.setdefault(pool, len(pools)) for pool in content.pools]
        first = np.datetime64(content.start, "s")
        columns = {
            "point": np.full(days * width, point, dtype=np.int32),
            "replication": np.full(days * width, number, dtype=np.int32),
            "date": np.repeat(first + np.arange(days) * np.timedelta64(86_400, "s"), width),
            "pool": np.tile(np.array(codes, dtype=np.int32), days),
            **{name: table.reshape(-1) for name, table in content.daily.items()},
        }
        for name, column in columns.items():
            made.setdefault(name, []).append(column)
    if not made:
        return pd.DataFrame(columns=["scenario", "point", "replication", "date", "pool"])
    joined: dict[str, Any] = {name: np.concatenate(parts) for name, parts in made.items()}
    joined["pool"] = pd.Categorical.from_codes(
        joined["pool"], categories=pd.Index(list(pools), dtype="str")
    )
    return pd.DataFrame({"scenario": _all_the_same(label, len(joined["point"])), **joined})


def _all_the_same(word: str, size: int) -> Any:
    """Return a column of one word."""
    import pandas as pd

    categories = pd.Index([word], dtype="str")
    return pd.Categorical.from_codes(np.zeros(size, dtype=np.int32), categories=categories)


def write_part(folder: Path, label: str, block: Block, done: list[Done]) -> list[PartFile]:
    """Write the tables of a part, so that they outlive a power cut, and return what was written."""
    files = []
    frames = (replications_frame(label, done), daily_frame(label, done))
    for table, frame in zip(TABLES, frames, strict=True):
        path = folder / f"{table}-{block.name}"
        write_parquet(path, frame)
        files.append(PartFile(path.name, path.stat().st_size, digest_of(path)))
    sync_folder(folder)
    return files


def found_part(folder: Path, block: Block) -> list[PartFile]:
    """Return the files of a part that hold what they should, or none; for want of a ledger."""
    files = []
    for table in TABLES:
        path = folder / f"{table}-{block.name}"
        try:
            with database() as base:
                rows = base.execute(
                    "SELECT DISTINCT point, replication FROM read_parquet(?) ORDER BY ALL",
                    [str(path)],
                ).fetchall()
        except Exception:  # noqa: BLE001 - whatever is wrong with the file: it is done again
            return []
        if rows != list(block.pairs):
            return []
        files.append(PartFile(path.name, path.stat().st_size, digest_of(path)))
    return files


def is_whole(folder: Path, file: PartFile) -> bool:
    """Tell whether a file is what was written."""
    path = folder / file.file
    try:
        return path.stat().st_size == file.bytes and digest_of(path) == file.digest
    except OSError:
        return False


def digest_of(path: Path) -> str:
    """Return a hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


def sync_folder(folder: Path) -> None:
    """Bring the names of files to the disk; Windows does so by itself."""
    if os.name == "nt":  # pragma: no cover - folders cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
