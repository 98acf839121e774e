"""The folder of an answer: its store, its tables, and a manifest that says how to get them again.

`DIR/manifest.json`, tables and pictures are for people; `DIR/store` holds every replication from
the moment at which it was finished, and is what going on goes on with.
"""

from __future__ import annotations

import json
import platform
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from carepath_sim import __version__
from carepath_sim.errors import ScenarioError
from carepath_sim.experiment.batch import Batch, OptionError
from carepath_sim.experiment.cluster.errors import ClusterError
from carepath_sim.experiment.crews import STOPPED, said_more
from carepath_sim.experiment.files import LIBRARIES, MANIFEST, STORE, FolderInUseError
from carepath_sim.experiment.store.folder import (
    options_apart,
    read_manifest,
    refuse,
    told_if_full,
)
from carepath_sim.experiment.store.growing import GrowingStore
from carepath_sim.experiment.sweep import identity_of
from carepath_sim.experiment.writing import write_csv, write_json, write_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    import pandas as pd

    from carepath_sim.scenario.model import Scenario


@dataclass
class AnswerFolder:
    """A folder that belongs to one question until it is answered, or without a folder nothing.

    Attributes
    ----------
    path
        The folder; None: nothing is kept.
    kind
        The command.
    scenario
        The base.
    store
        Where replications are kept.
    where
        Where the work is done, for the manifest.
    """

    path: Path | None
    kind: str
    scenario: Scenario
    store: GrowingStore | None = None
    fresh: bool = False
    where: Mapping[str, Any] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def claim(
        cls,
        out: str | Path | None,
        kind: str,
        scenario: Scenario,
        options: Mapping[str, object],
        *,
        seed: int,
        engine: str,
        resume: bool,
        libraries: Sequence[str] = (),
    ) -> Self:
        """Take a folder for a question, before any work is done.

        Parameters
        ----------
        out
            The folder; None: nothing is kept.
        options
            What was asked, as far as it decides what is simulated or found.
        resume
            Whether to go on with the same question in that folder.
        libraries
            Further libraries whose versions decide what is simulated.

        Raises
        ------
        OptionError
            For `resume` without a folder.
        FolderInUseError
            When the folder holds something else, or a question that differs.
        StoreInUseError
            When another process works on it.
        """
        if out is None:
            if resume:
                raise OptionError("going on needs the folder in which something is kept (out)")
            return cls(None, kind, scenario)
        path = Path(out)
        fresh = not (path / STORE).exists()
        _refuse_strangers(path, kind, fresh=fresh)
        identity = identity_of(Batch((scenario,), 1, seed, engine))
        versions = identity.fixed["versions"] | versions_of(libraries)
        identity = replace(
            identity,
            fixed={**identity.fixed, "versions": versions},
            options=_plain(options),
        )
        with told_if_full(path):
            (path / STORE).mkdir(parents=True, exist_ok=True)
            store = GrowingStore.open(path / STORE, kind, identity, resume=resume)
        folder = cls(path, kind, scenario, store, fresh)
        if not (path / MANIFEST).exists():
            with told_if_full(path):
                write_json(path / MANIFEST, folder._head(complete=False))
        return folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.store is None or self.path is None:
            return
        done = len(self.store.ledger.done())
        self.store.close()
        if self.fresh and (
            isinstance(error, OptionError | ScenarioError)
            or (isinstance(error, ClusterError) and not done)
        ):
            # What could not begin is asked again, in the same folder.
            shutil.rmtree(self.path / STORE, ignore_errors=True)
            (self.path / MANIFEST).unlink(missing_ok=True)
        elif isinstance(error, STOPPED):
            words = f"{done} replications are kept in {self.path}; --resume goes on with them"
            raise said_more(error, words) from None

    def finish(
        self,
        tables: Mapping[str, pd.DataFrame],
        said: Mapping[str, Any],
        *,
        replications: pd.DataFrame | None = None,
    ) -> None:
        """Write tables as CSV, replications as Parquet, and the manifest last.

        Parameters
        ----------
        tables
            Tables by name.
        said
            What was found: into the manifest.
        replications
            Every figure of every replication that the answer rests on.
        """
        if self.store is None or self.path is None:
            return
        with told_if_full(self.path):
            _write_tables(self.path, tables, replications)
            there = self.store.manifest
            seconds = (datetime.now(UTC) - self.began).total_seconds()
            self.store.finish(
                started=there.get("started", self.began.isoformat(timespec="seconds")),
                wall_time_s=round(there.get("wall_time_s", 0.0) + seconds, 3),
                where=dict(self.where),
            )
            write_json(self.path / MANIFEST, self._head(complete=True, **said))

    def _head(self, *, complete: bool, **said: object) -> dict[str, object]:
        there = {} if self.store is None else self.store.manifest
        times = ("started", "wall_time_s", "simulation_time_s", "where")
        return _head(
            self.kind,
            self.scenario,
            {
                "hash": self.scenario.hash(),
                "seed": there.get("seed"),
                "engine": there.get("engine"),
                "options": there.get("options"),
                **said,
                "complete": complete,
                **{name: there[name] for name in times if name in there},
            },
        )


@contextmanager
def claimed(
    folder: Path, kind: str, scenario: Scenario, said: Mapping[str, Any], *, resume: bool
) -> Iterator[None]:
    """Hold a folder for a question whose answer has stores of its own, in folders within it.

    Parameters
    ----------
    folder
        Where.
    kind
        The command.
    scenario
        The base.
    said
        Seed and engine, and in `options` what was asked, which must not change; the stores
        themselves see to the scenarios and versions.
    resume
        Whether to go on with the same question in that folder.

    Raises
    ------
    FolderInUseError
        When the folder holds something else, or a question that differs.
    """
    fresh = not (folder / MANIFEST).exists()
    _refuse_strangers(folder, kind, fresh=fresh)
    if fresh:
        with told_if_full(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_json(folder / MANIFEST, _head(kind, scenario, {**said, "complete": False}))
    else:
        there = read_manifest(folder)
        if there.get("kind") != kind or not resume:
            state = "" if there.get("complete") else ", unfinished"
            advice = ", or go on with it with --resume" if there.get("kind") == kind else ""
            raise FolderInUseError(
                f"{folder} holds another {there.get('kind', 'run')} (seed "
                f"{there.get('seed', '?')}{state}); name another folder{advice}"
            )
        refuse(folder, kind, options_apart(there, _plain(said["options"])))
    try:
        yield
    except (OptionError, ScenarioError):
        if fresh:  # what could not begin is asked again, in the same folder
            for store in folder.iterdir():
                if store.is_dir():
                    shutil.rmtree(store, ignore_errors=True)
            (folder / MANIFEST).unlink(missing_ok=True)
        raise


def write_answer(
    folder: Path,
    kind: str,
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    said: Mapping[str, Any],
) -> None:
    """Write the answer of a command that has stores of its own: tables, and the manifest last.

    Parameters
    ----------
    folder
        Where.
    kind
        The command.
    scenario
        The base.
    tables
        Tables by name.
    said
        What was asked for, and found: into the manifest.
    """
    with told_if_full(folder):
        _write_tables(folder, tables, None)
        write_json(folder / MANIFEST, _head(kind, scenario, {**said, "complete": True}))


def _write_tables(
    folder: Path, tables: Mapping[str, pd.DataFrame], replications: pd.DataFrame | None
) -> None:
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table)
    if replications is not None:
        write_parquet(folder / "replications.parquet", replications)


def _plain(options: Mapping[str, object]) -> dict[str, Any]:
    """Return options as they come back from a manifest."""
    found: dict[str, Any] = json.loads(json.dumps(options, default=str))
    return found


def _head(kind: str, scenario: Scenario, said: Mapping[str, Any]) -> dict[str, object]:
    return {
        "program": "carepath-sim",
        "kind": kind,
        "names": [scenario.name],
        "hashes": [scenario.hash()],
        **said,
        "version": __version__,
        "versions": {"python": platform.python_version(), **versions_of((*LIBRARIES, "SALib"))},
        "machine": {"system": platform.platform(), "processor": platform.machine()},
        "scenario": scenario.resolved(),
    }


def _refuse_strangers(path: Path, kind: str, *, fresh: bool) -> None:
    """Refuse a folder with anything in it that is not of an answer with a store.

    Raises
    ------
    FolderInUseError
        When it is a file, or holds something else.
    """
    if path.exists() and not path.is_dir():
        raise FolderInUseError(f"{path} is a file, not a folder")
    if not fresh or not path.exists():
        return
    if (path / MANIFEST).exists():
        raise FolderInUseError(f"{path} holds another run; name another folder for the {kind}")
    for file in sorted(path.iterdir()):
        if not file.name.startswith("."):
            raise FolderInUseError(
                f"{path} is not empty (it holds {file.name}); name another folder"
            )


def versions_of(names: Sequence[str]) -> dict[str, str]:
    """Return the versions of libraries, of those that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
