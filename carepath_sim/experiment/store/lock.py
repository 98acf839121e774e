"""A folder belongs to one process; when that ends, however it ends, the folder is free."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from carepath_sim.errors import CarepathError

if TYPE_CHECKING:
    from pathlib import Path

LOCK = ".lock"


# What disks say that know no locks, as some of a network: then nobody is held off.
NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


class StoreInUseError(CarepathError):
    """A store that another process works on."""


class Lock:
    """A lock that the system takes back when its holder ends, even by `kill -9`.

    Parameters
    ----------
    folder
        What is locked.

    Raises
    ------
    StoreInUseError
        When another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        while True:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = (folder / LOCK).open("a+b")
            try:
                _take(self._file.fileno())
            except OSError as error:
                if error.errno in NO_LOCKS:
                    break
                self._file.seek(1)
                holder = self._file.read().decode(errors="replace").strip()
                self._file.close()
                raise StoreInUseError(
                    f"{folder} is being worked on by another process"
                    + (f" ({holder})" if holder else "")
                    + "; wait for its end, or name another folder"
                ) from None
            if _is_still(self._file.fileno(), folder / LOCK):
                break
            # Whoever held it has just removed the folder with it.
            self._file.close()
        self._file.truncate(0)
        # The first byte is what Windows locks, so that the rest can be read by others.
        self._file.write(f" process {os.getpid()}".encode())
        self._file.flush()

    def release(self) -> None:
        """Let the folder go."""
        self._file.close()


def _is_still(file: int, path: Path) -> bool:
    """Tell whether an open file is the one of that name."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":  # pragma: no cover - checked by hand

    def _take(file: int) -> None:
        import msvcrt

        os.lseek(file, 0, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:

    def _take(file: int) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
