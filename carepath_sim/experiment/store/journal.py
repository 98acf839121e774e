"""A journal of replications: one file that only grows, read as far as it is whole.

Unlike a ledger it needs no database, and so it works on disks of a network, too.
"""

from __future__ import annotations

import os
import shutil
import zlib
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from carepath_sim.experiment.store.encoding import DamagedError
from carepath_sim.experiment.store.ledger import FLUSH_EVERY
from carepath_sim.experiment.store.lock import Lock
from carepath_sim.experiment.store.parts import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from carepath_sim.experiment.store.encoding import Made

R = TypeVar("R")

JOURNAL: Final = "journal"

# Before each entry: its length, and a checksum of what follows.
HEAD: Final = 12


class Journal:
    """The replications of a batch that stand in no table yet; the folder belongs to this process.

    Parameters
    ----------
    folder
        Where the journal lies; made if it is not there.

    Raises
    ------
    StoreInUseError
        When another process works on it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = Lock(folder)
        try:
            self._file = (folder / JOURNAL).open("a+b", buffering=0)
            sync_folder(folder)
        except BaseException:
            self._lock.release()
            raise
        self._flushed = monotonic()

    def finished(self, size: int, read: Callable[[bytes, int], R]) -> dict[int, tuple[R, ...]]:
        """Return what is there by number, and strike what is not whole.

        Parameters
        ----------
        size
            How many parts each entry has: one for each scenario.
        read
            Returns what the bytes of a part say, given the number of the entry; raises
            `DamagedError` if they are not what was written.
        """
        found: dict[int, tuple[R, ...]] = {}
        sound = 0
        for content, end in self._entries():
            try:
                number, each = _parted(content)
                made = tuple(read(one, number) for one in each)
            except DamagedError:
                break
            if len(made) != size:
                break
            found[number] = made
            sound = end
        self._file.truncate(sound)
        return found

    def _entries(self) -> Iterator[tuple[bytes, int]]:
        """Yield entries as long as they are whole, and where each ends."""
        self._file.seek(0)
        place = 0
        while len(head := self._read(HEAD)) == HEAD:
            size, check = int.from_bytes(head[:8], "little"), int.from_bytes(head[8:], "little")
            content = self._read(size)
            if len(content) < size or zlib.crc32(content) != check:
                return
            place += HEAD + size
            yield content, place

    def _read(self, size: int) -> bytes:
        # A damaged length may be larger than any memory.
        if size > os.fstat(self._file.fileno()).st_size:
            return b""
        parts = []
        while size and (part := self._file.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def add(self, number: int, made: Sequence[Made]) -> None:
        """Write a replication of all scenarios down; a killed process does not lose it."""
        parts = [number.to_bytes(8, "little")]
        for one in made:
            parts += [len(one.content).to_bytes(8, "little"), one.content]
        content = b"".join(parts)
        head = len(content).to_bytes(8, "little") + zlib.crc32(content).to_bytes(4, "little")
        left = memoryview(head + content)
        while left:
            left = left[self._file.write(left) :]
        if monotonic() - self._flushed > FLUSH_EVERY:
            os.fsync(self._file.fileno())
            self._flushed = monotonic()

    def close(self) -> None:
        """Let the folder go."""
        self._file.close()
        self._lock.release()

    def remove(self) -> None:
        """Let the folder go, and leave nothing: all of it stands in tables."""
        self._file.close()
        if os.name == "nt":  # pragma: no cover - an open file cannot be removed there
            self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()


def _parted(content: bytes) -> tuple[int, list[bytes]]:
    """Return the number of an entry, and its parts."""
    number, place, parts = int.from_bytes(content[:8], "little"), 8, []
    while place < len(content):
        size = int.from_bytes(content[place : place + 8], "little")
        parts.append(content[place + 8 : place + 8 + size])
        place += 8 + size
    return number, parts
