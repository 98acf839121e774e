"""The folder of a run or comparison: claimed by one process, gone on with after anything.

What is finished is written to a journal at once. Tables are written at the end, or where work ends
early; when all of it stands in tables the journal goes.
"""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from carepath_sim.experiment.files import (
    MANIFEST,
    STORE,
    FolderInUseError,
    file_names,
    library_versions,
)
from carepath_sim.experiment.identity import identity
from carepath_sim.experiment.reading import finished_replications
from carepath_sim.experiment.store.encoding import decode
from carepath_sim.experiment.store.folder import (
    StoreError,
    differences_from,
    read_manifest,
    refuse,
    told_if_full,
)
from carepath_sim.experiment.store.journal import Journal
from carepath_sim.experiment.store.parts import sync_folder
from carepath_sim.experiment.writing import is_readable, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from carepath_sim.experiment.batch import Batch
    from carepath_sim.experiment.files import Write
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.experiment.store.encoding import Made
    from carepath_sim.experiment.tasks import Replication


@dataclass
class RunFolder:
    """A folder that belongs to one batch.

    Attributes
    ----------
    path
        The folder.
    journal
        Where replications are until they stand in tables.
    earlier
        The manifest of the run that is gone on with; empty for a new one.
    """

    path: Path
    journal: Journal
    earlier: dict[str, Any] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def claim(cls, path: Path, batch: Batch, *, resume: bool) -> RunFolder:
        """Take a folder for a batch, before any work is done.

        Raises
        ------
        FolderInUseError
            When it holds another run, or the same one and `resume` is not asked for.
        StoreInUseError
            When another process works on it.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise FolderInUseError(f"{path} is a file, not a folder") from None
        fresh = not (path / MANIFEST).exists()
        if fresh:
            strangers = [name for name in file_names() if (path / name).exists()]
            if strangers:
                raise FolderInUseError(f"{path} holds {strangers[0]} of another run")
        else:
            _refuse_what_differs(path, read_manifest(path), batch, resume=resume)
        with told_if_full(path):
            journal = Journal(path / STORE)
        try:
            # Another process may have written it, and ended, since it was looked for.
            if (path / MANIFEST).exists():
                earlier = read_manifest(path)
                _refuse_what_differs(path, earlier, batch, resume=resume)
                return cls(path, journal, earlier)
            with told_if_full(path):
                write_json(path / MANIFEST, _first(batch))
                sync_folder(path)
        except BaseException:
            journal.close()
            raise
        return cls(path, journal)

    def finished(self, batch: Batch) -> dict[int, tuple[Replication, ...]]:
        """Read the replications that were finished before, by number.

        Raises
        ------
        FolderInUseError
            When there are more than are asked for, which would be lost.
        """
        found = self._in_tables(batch.labels()) | self.journal.finished(
            len(batch.scenarios), lambda content, number: decode(content).replication(number)
        )
        most = batch.max_replications if batch.precision else batch.replications
        there = max(found, default=-1) + 1
        if there > most:
            refuse(self.path, self._kind, [f"replications: {there} there, {most} asked for"])
        return dict(sorted(found.items()))

    def _in_tables(self, labels: Sequence[str]) -> dict[int, tuple[Replication, ...]]:
        """Return what stands in tables; the manifest, which is written last, says what that is."""
        numbers, kept = self.earlier.get("finished", []), self.earlier.get("keep", ())
        large = [self.path / f"{name}.parquet" for name in kept if name != "events"]
        broken = [path for path in large if not is_readable(path)]
        for path in broken:
            path.unlink(missing_ok=True)
        if broken or ("events" in kept and not any(self.path.glob("events*.csv"))):
            return {}
        try:
            found = finished_replications(self.path, labels)
        except Exception:  # noqa: BLE001 - whatever is wrong with the files: it is done again
            return {}
        return {number: found[number] for number in numbers if number in found}

    def add(self, number: int, made: Sequence[Made]) -> None:
        """Put a replication of all scenarios away; from here on it is never done again."""
        with told_if_full(self.path):
            self.journal.add(number, made)

    def leave(
        self,
        batch: Batch,
        results: tuple[RunResult, ...],
        write: Write,
        where: Mapping[str, Any],
    ) -> None:
        """Write tables of what there is so far; what there is stays in the journal, too.

        Without anything done, leave the folder as it was.
        """
        if results:
            # What is finished is safe, and why work has ended matters more.
            with suppress(StoreError):
                self._write(batch, results, write, where)
        elif not self.earlier:
            (self.path / MANIFEST).unlink(missing_ok=True)
            self.journal.remove()
            return
        self.journal.close()

    def finish(
        self,
        batch: Batch,
        results: tuple[RunResult, ...],
        write: Write,
        where: Mapping[str, Any],
    ) -> None:
        """Write all tables; the journal is needed no more.

        Raises
        ------
        StoreError
            When the disk is full; what is finished stays in the journal.
        """
        try:
            self._write(batch, results, write, where)
        except BaseException:
            self.journal.close()
            raise
        self.journal.remove()

    def _write(
        self,
        batch: Batch,
        results: tuple[RunResult, ...],
        write: Write,
        where: Mapping[str, Any],
    ) -> None:
        with told_if_full(self.path):
            write(self.path, results)
            sync_folder(self.path)
            seconds = (datetime.now(UTC) - self.started).total_seconds()
            write_json(self.path / MANIFEST, _manifest(batch, results, self, seconds, where))
            sync_folder(self.path)

    @property
    def _kind(self) -> str:
        return str(self.earlier.get("kind", "run"))


def _refuse_what_differs(
    path: Path, manifest: Mapping[str, Any], batch: Batch, *, resume: bool
) -> None:
    """Refuse to go on with what is not the same run.

    Raises
    ------
    FolderInUseError
        With what differs.
    """
    there, asked = manifest.get("kind", "run"), _batch_says(batch)
    same = there == asked["kind"]
    if not resume or not same:
        advice = f", or go on with that {there} with --resume" if same else ""
        raise FolderInUseError(
            f"{path} holds another {there} ({_words(manifest)}); name another folder{advice}"
        )
    differences = [
        f"{key}: {_listed(manifest.get(key))} there, {_listed(value)} now"
        for key, value in asked.items()
        if manifest.get(key) != value
    ]
    if manifest.get("names") == asked["names"]:
        trees = manifest.get("scenarios") or [manifest.get("scenario", {})]
        hashes = manifest.get("hashes", [])
        for tree, hash_, label, scenario in zip(
            trees, hashes, asked["names"], batch.scenarios, strict=True
        ):
            now = identity(scenario, label, batch.seed, batch.engine)
            differences += differences_from({**manifest, "scenario": tree, "hash": hash_}, now)
    refuse(path, there, list(dict.fromkeys(differences)))


def _listed(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _batch_says(batch: Batch) -> dict[str, Any]:
    """What two runs must share to be one, beside what decides a replication."""
    return {
        "kind": "run" if len(batch.scenarios) == 1 else "comparison",
        "names": list(batch.labels()),
        "common_random_numbers": batch.common_random_numbers,
        "keep": sorted(batch.keep),
    }


def _identity(batch: Batch) -> dict[str, Any]:
    """Everything that two runs must share to be one."""
    each = [
        identity(scenario, label, batch.seed, batch.engine)
        for scenario, label in zip(batch.scenarios, batch.labels(), strict=True)
    ]
    fixed = each[0].fixed
    resolved = [one.resolved for one in each]
    one = {"scenario": resolved[0], "hash": fixed["hash"]}
    return {
        "program": "carepath-sim",
        **_batch_says(batch),
        "hashes": [scenario.hash() for scenario in batch.scenarios],
        **{key: fixed[key] for key in ("seed", "engine", "version", "sources")},
        "versions": {"python": platform.python_version(), **library_versions()},
        **(one if len(resolved) == 1 else {"scenarios": resolved}),
    }


def _first(batch: Batch) -> dict[str, Any]:
    """Return the manifest of a run of which nothing is done."""
    return {"complete": False, "replications": batch.replications, "finished": []} | _identity(
        batch
    )


def _manifest(
    batch: Batch,
    results: Sequence[RunResult],
    folder: RunFolder,
    seconds: float,
    where: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that is needed to get the same numbers again."""
    said = _identity(batch)
    # What is long stands at the end.
    last: dict[str, Any] = {
        key: said.pop(key) for key in ("scenario", "hash", "scenarios") if key in said
    }
    return {
        **said,
        "complete": len(results[0].done) >= batch.replications,
        "replications": max(batch.replications, len(results[0].done)),
        "precision": _precision(results),
        "finished": [replication.replication for replication in results[0].done],
        "started": folder.earlier.get("started", folder.started.isoformat(timespec="seconds")),
        "wall_time_s": round(seconds + folder.earlier.get("wall_time_s", 0.0), 3),
        "simulation_time_s": round(sum(r.seconds for one in results for r in one.done), 3),
        "where": dict(where),
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "processors": os.cpu_count(),
        },
        "start": [list(result.plan.start_said) for result in results],
        "notices": [notice for result in results for notice in result.scenario.notices],
        **last,
    }


def _precision(results: Sequence[RunResult]) -> list[dict[str, Any]]:
    """What has become of the precision that was wanted."""
    from carepath_sim.experiment.precision import reached, table

    rows = table(reached(results, results[0].wanted)).to_dict("records")
    # JSON knows no number that is none.
    return [{str(k): None if v != v else v for k, v in row.items()} for row in rows]  # noqa: PLR0124


def _words(manifest: Mapping[str, Any]) -> str:
    names = " and ".join(map(str, manifest.get("names", ["?"])))
    state = "" if manifest.get("complete") else ", unfinished"
    return f"{names}, seed {manifest.get('seed', '?')}{state}"
