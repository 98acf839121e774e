"""The ledger of a store: what is done, and where it is."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from carepath_sim.experiment.evaluate import Settings

LEDGER = "ledger.sqlite"

# A power cut costs the work of so many seconds at most; a killed process costs nothing.
FLUSH_EVERY = 5.0

_TABLES = """
CREATE TABLE points (point INTEGER PRIMARY KEY, hash TEXT NOT NULL, settings TEXT NOT NULL);
CREATE TABLE stages (
    first INTEGER PRIMARY KEY, size INTEGER NOT NULL, together INTEGER NOT NULL
);
CREATE TABLE parts (
    part INTEGER PRIMARY KEY, file TEXT NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL,
    UNIQUE (file)
);
CREATE TABLE blocks (
    block INTEGER PRIMARY KEY, first_point INTEGER NOT NULL, end_point INTEGER NOT NULL,
    first_replication INTEGER NOT NULL, end_replication INTEGER NOT NULL
);
CREATE TABLE done (
    point INTEGER NOT NULL, replication INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (point, replication)
) WITHOUT ROWID;
CREATE TABLE journal (
    point INTEGER NOT NULL, replication INTEGER NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (point, replication)
);
"""


class Stage(NamedTuple):
    """Replications that were asked for at one time.

    Attributes
    ----------
    first, size
        The first of them, and how many.
    together
        How many points go into one part.
    """

    first: int
    size: int
    together: int


class PartFile(NamedTuple):
    """A file of tables, and how to tell that it is whole."""

    file: str
    bytes: int
    digest: str


class Ledger:
    """An SQLite file: points, what is done, and the replications that are in no table yet.

    A replication is written to the journal the moment it comes from its worker. When the
    replications of a part are there, they go into a table, and from the journal.

    Parameters
    ----------
    folder
        Where the file lies.
    read_only
        Whether it is only looked at, perhaps while another process works on it.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        path = folder / LEDGER
        self._read_only = read_only
        if read_only:
            self._base = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        else:
            self._base = sqlite3.connect(path, isolation_level=None)
            try:
                self._base.execute("PRAGMA journal_mode = WAL")
                self._base.execute("PRAGMA synchronous = NORMAL")
                if not self._base.execute("SELECT 1 FROM sqlite_master").fetchone():
                    self._base.executescript(f"BEGIN IMMEDIATE;{_TABLES}COMMIT;")
            except BaseException:
                self._base.close()
                raise
        self._flushed = monotonic()

    def close(self) -> None:
        """Close the file; what is in its log moves into it, unless somebody is reading."""
        if not self._read_only:
            with suppress(sqlite3.OperationalError):
                self._base.execute("PRAGMA journal_mode = DELETE")
        self._base.close()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        except BaseException:
            # A full disk may have ended the transaction already.
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise

    @classmethod
    def sound(cls, folder: Path) -> Ledger | None:
        """Return the ledger of a folder, or None where it is gone or not what SQLite wrote."""
        if not (folder / LEDGER).exists():
            return None
        try:
            ledger = cls(folder)
        except sqlite3.OperationalError:  # a full disk, say, which is not damage
            raise
        except sqlite3.DatabaseError:
            return None
        try:
            if ledger._base.execute("PRAGMA quick_check").fetchone() == ("ok",):
                return ledger
        except sqlite3.DatabaseError:
            pass
        ledger._base.close()
        return None

    # Points

    def add_points(self, points: Iterable[tuple[int, str, Settings]]) -> None:
        """Write points with the hashes of their scenarios."""
        rows = ((k, digest, json.dumps(dict(settings))) for k, digest, settings in points)
        with self._all_or_nothing():
            self._base.executemany("INSERT INTO points VALUES (?, ?, ?)", rows)

    def points(self) -> list[tuple[str, dict[str, Any]]]:
        """Hash and settings of every point, in their order."""
        found = self._base.execute("SELECT hash, settings FROM points ORDER BY point")
        return [(digest, json.loads(settings)) for digest, settings in found]

    def stages(self) -> list[Stage]:
        """What was asked for, in order."""
        found = self._base.execute("SELECT first, size, together FROM stages ORDER BY first")
        return [Stage(*row) for row in found]

    def add_stage(self, stage: Stage) -> None:
        """Note that replications are wanted."""
        with self._all_or_nothing():
            self._base.execute("INSERT INTO stages VALUES (?, ?, ?)", stage)

    def blocks(self) -> list[tuple[int, range, range]]:
        """Number, points and replications of each block of a store that grows."""
        found = self._base.execute("SELECT * FROM blocks ORDER BY block")
        return [(number, range(p, q), range(r, s)) for number, p, q, r, s in found]

    def grow(
        self,
        points: Iterable[tuple[int, str, Settings]],
        blocks: Iterable[tuple[int, range, range]],
    ) -> None:
        """Note further points, and the blocks that are wanted of them and of others."""
        with self._all_or_nothing():
            self._base.executemany(
                "INSERT INTO points VALUES (?, ?, ?)",
                ((k, key, json.dumps(dict(settings))) for k, key, settings in points),
            )
            self._base.executemany(
                "INSERT INTO blocks VALUES (?, ?, ?, ?, ?)",
                ((number, p.start, p.stop, r.start, r.stop) for number, p, r in blocks),
            )

    # What is done

    def add(self, point: int, replication: int, content: bytes, seconds: float) -> None:
        """Write a replication to the journal."""
        with self._all_or_nothing():
            self._base.execute(
                "INSERT INTO journal VALUES (?, ?, ?)", (point, replication, content)
            )
            self._base.execute("INSERT INTO done VALUES (?, ?, ?)", (point, replication, seconds))
        if monotonic() - self._flushed > FLUSH_EVERY:
            self.flush()

    def flush(self) -> None:
        """Bring everything to the disk."""
        self._base.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self._flushed = monotonic()

    def done(self) -> set[tuple[int, int]]:
        """Point and replication of all that is done."""
        return set(self._base.execute("SELECT point, replication FROM done"))

    def seconds(self) -> float:
        """Wall time of all simulations together [s]."""
        (total,) = self._base.execute("SELECT total(seconds) FROM done").fetchone()
        return float(total)

    def journal(
        self, points: range | None = None, replications: range | None = None
    ) -> Iterator[tuple[int, int, bytes]]:
        """Yield what is in the journal, by point and replication."""
        most = range(2**62)
        p, r = points or most, replications or most
        yield from self._base.execute(
            "SELECT point, replication, content FROM journal WHERE point >= ? AND point < ? "
            "AND replication >= ? AND replication < ? ORDER BY point, replication",
            (p.start, p.stop, r.start, r.stop),
        )

    def forget(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Strike what turned out to be damaged: it is to be done again."""
        rows = list(pairs)
        with self._all_or_nothing():
            for table in ("journal", "done"):
                self._base.executemany(
                    f"DELETE FROM {table} WHERE point = ? AND replication = ?",  # noqa: S608
                    rows,
                )

    # Parts

    def parts(self) -> dict[int, list[PartFile]]:
        """Files by part."""
        found: dict[int, list[PartFile]] = {}
        for part, *file in self._base.execute(
            "SELECT part / 10, file, bytes, digest FROM parts ORDER BY part"
        ):
            found.setdefault(part, []).append(PartFile(*file))
        return found

    def into_part(
        self, part: int, files: Sequence[PartFile], points: range, replications: range
    ) -> None:
        """Note a part whose files are whole and on the disk; its replications leave the journal."""
        with self._all_or_nothing():
            self._base.executemany(
                "INSERT INTO parts VALUES (?, ?, ?, ?)",
                ((10 * part + k, *file) for k, file in enumerate(files)),
            )
            self._base.execute(
                "DELETE FROM journal WHERE point >= ? AND point < ? AND replication >= ? "
                "AND replication < ?",
                (points.start, points.stop, replications.start, replications.stop),
            )

    def add_part(
        self, part: int, files: Sequence[PartFile], pairs: Iterable[tuple[int, int]]
    ) -> None:
        """Note a part that was found without a ledger."""
        with self._all_or_nothing():
            self._base.executemany(
                "INSERT INTO done VALUES (?, ?, 0)", ((point, number) for point, number in pairs)
            )
            self._base.executemany(
                "INSERT INTO parts VALUES (?, ?, ?, ?)",
                ((10 * part + k, *file) for k, file in enumerate(files)),
            )

    def forget_part(self, part: int, points: range, replications: range) -> None:
        """Strike a part whose files are damaged: its replications are to be done again."""
        with self._all_or_nothing():
            self._base.execute("DELETE FROM parts WHERE part / 10 = ?", (part,))
            self._base.execute(
                "DELETE FROM done WHERE point >= ? AND point < ? AND replication >= ? "
                "AND replication < ?",
                (points.start, points.stop, replications.start, replications.stop),
            )
