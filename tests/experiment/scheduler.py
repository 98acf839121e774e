"""A real Dask scheduler and its workers as processes of this machine, for tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[2]
HERE = "127.0.0.1"

# How long [s] anything may take to start; a machine with much else to do is slow.
PATIENCE = 90


class Scheduler:
    """A scheduler and workers on ports that were free; all of them end with the `with` block.

    Parameters
    ----------
    folder
        For what they write.
    settings
        Of Dask, as environment variables.
    options
        Of the command lines of scheduler and workers: certificates.
    scheme
        How they speak: tcp or tls.
    idle
        For how long nothing may happen before they end by themselves, should nobody end them.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        scheme: str = "tcp",
        idle: str = "180s",
    ) -> None:
        self.folder = folder
        self.settings = dict(settings or {})
        self.options = list(options)
        self.idle = idle
        with socket.socket() as one:
            one.bind((HERE, 0))
            self.port = one.getsockname()[1]
        self.address = f"{scheme}://{HERE}:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        options = ("--host", f"{self.address.partition('://')[0]}://{HERE}", "--port", self.port)
        self.scheduler = self.start("dask_scheduler", *options, "--idle-timeout", self.idle)
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def start(self, program: str, *options: object, root: Path = ROOT) -> subprocess.Popen[bytes]:
        """Start a program of Dask."""
        number = len(self.processes)
        with (self.folder / f"{program}-{number}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *map(str, options),
                 *self.options, "--no-dashboard"],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self.settings, "PYTHONPATH": str(root)},
            )  # fmt: skip
        self.processes.append(process)
        return process

    def worker(self, *options: object, root: Path = ROOT) -> subprocess.Popen[bytes]:
        """Start a worker with one thread, and no nanny that would start it again."""
        given = options or ("--nthreads", 1)
        return self.start(
            "dask_worker", self.address, *given, "--no-nanny", "--host", HERE,
            "--memory-limit", 0, "--death-timeout", 20, "--local-directory", self.folder,
            root=root,
        )  # fmt: skip

    def wait(self, workers: int, security: object = None) -> None:
        """Wait until so many workers are there."""
        from distributed import Client

        end = monotonic() + PATIENCE
        while True:
            assert self.scheduler.poll() is None, self.said()
            with suppress(OSError):
                socket.create_connection((HERE, self.port), 1).close()
                break
            assert monotonic() < end, self.said()
            sleep(0.05)
        with Client(  # type: ignore[no-untyped-call]
            self.address, set_as_default=False, timeout=PATIENCE, security=security
        ) as client:
            while len(client.nthreads()) != workers:
                assert monotonic() < end, self.said()
                sleep(0.05)

    def said(self) -> str:
        """Return what everybody has written."""
        return "\n".join(
            file.read_text(encoding="utf-8", errors="replace")
            for file in sorted(self.folder.glob("*.log"))
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process as the system does when memory runs out."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
