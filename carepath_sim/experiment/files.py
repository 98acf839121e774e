"""The folder of a run: its manifest, its tables, and going on where it was left."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carepath_sim import __version__
from carepath_sim.errors import CarepathError
from carepath_sim.experiment import frames
from carepath_sim.experiment.reading import finished_replications
from carepath_sim.experiment.tasks import KEEPABLE
from carepath_sim.experiment.writing import read_parquet, write_csv, write_json, write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from carepath_sim.experiment.batch import Batch
    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.experiment.tasks import Replication

MANIFEST = "manifest.json"

# Whose versions can move a number.
LIBRARIES = ("numpy", "scipy", "simpy", "numba", "pandas", "duckdb")

Write = Callable[[Path, "tuple[RunResult, ...]"], None]


class FolderInUseError(CarepathError):
    """A folder for results that holds another run."""


@dataclass
class RunFolder:
    """A folder that belongs to one batch.

    Attributes
    ----------
    path
        The folder.
    earlier
        The manifest of the run that is gone on with; empty for a new one.
    """

    path: Path
    earlier: dict[str, Any] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def claim(cls, path: Path, batch: Batch, *, resume: bool) -> RunFolder:
        """Take a folder for a batch, before any work is done.

        Raises
        ------
        FolderInUseError
            When it holds another run, or the same one and `resume` is not asked for.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise FolderInUseError(f"{path} is a file, not a folder") from None
        manifest = path / MANIFEST
        if not manifest.exists():
            strangers = [name for name in _file_names() if (path / name).exists()]
            if strangers:
                raise FolderInUseError(f"{path} holds {strangers[0]} of another run")
            _write_first(manifest, _identity(batch))
            return cls(path)
        earlier = json.loads(manifest.read_text(encoding="utf-8"))
        if not resume:
            raise FolderInUseError(
                f"{path} holds another run ({_words(earlier)}); name another folder, "
                "or go on with that run with --resume"
            )
        mismatch = [key for key, value in _identity(batch).items() if earlier.get(key) != value]
        if mismatch:
            raise FolderInUseError(
                f"{path} holds a run ({_words(earlier)}) that differs in {', '.join(mismatch)}; "
                "name another folder"
            )
        return cls(path, earlier)

    def finished(self, batch: Batch) -> dict[int, tuple[Replication, ...]]:
        """Read the replications that were finished before, by number."""
        if not (self.path / "replications.parquet").exists():
            return {}
        numbers = range(batch.max_replications if batch.precision else batch.replications)
        found = finished_replications(self.path, batch.labels())
        return {number: found[number] for number in numbers if number in found}

    def close(
        self,
        batch: Batch,
        results: tuple[RunResult, ...],
        write: Write,
        where: Mapping[str, Any],
    ) -> None:
        """Write what is done, and where; without anything done, leave the folder as it was."""
        if not results:
            if not self.earlier:
                (self.path / MANIFEST).unlink(missing_ok=True)
            return
        write(self.path, results)
        seconds = (datetime.now(UTC) - self.started).total_seconds()
        write_json(self.path / MANIFEST, _manifest(batch, results, self, seconds, where))


def claim_for_tables(folder: Path, names: Sequence[str]) -> None:
    """Take a folder for some tables, before any work is done.

    Raises
    ------
    FolderInUseError
        When it is a file, or holds a table of that name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise FolderInUseError(f"{folder} is a file, not a folder") from None
    for name in names:
        if (folder / name).exists():
            raise FolderInUseError(f"{folder} already holds {name}; name another folder")


def write_run(folder: Path, results: tuple[RunResult, ...]) -> None:
    """Write the tables of one scenario's run."""
    (result,) = results
    write_csv(folder / "summary.csv", result.summary())
    if result.scenario.targets:
        write_csv(folder / "scorecard.csv", result.scorecard())
    _write_tables(folder, results)
    if (looks := folder / "audit.parquet").exists():
        write_csv(folder / "distribution.csv", frames.distribution(read_parquet(looks)))


def write_comparison(folder: Path, comparison: Comparison) -> None:
    """Write the tables of a comparison."""
    write_csv(folder / "summary.csv", comparison.summary())
    write_csv(folder / "differences.csv", comparison.differences())
    write_csv(folder / "changed.csv", comparison.changed())
    if not (targets := comparison.targets()).empty:
        write_csv(folder / "targets.csv", targets)
    _write_tables(folder, comparison.results)


def _write_tables(folder: Path, results: Sequence[RunResult]) -> None:
    import pandas as pd

    rows = pd.concat([result.replications() for result in results], ignore_index=True)
    write_parquet(folder / "replications.parquet", rows)
    days = pd.concat([result.daily() for result in results], ignore_index=True)
    write_parquet(folder / "daily.parquet", days)
    for name in KEEPABLE:
        parts = [
            frames.kept_table(name, result.label, result.plan, kept)
            for result in results
            if (kept := [one for one in result.done if name in one.kept])
        ]
        if parts and name == "events":
            _write_events(folder, results, parts)
        elif parts:
            path = folder / f"{name}.parquet"
            write_parquet(path, _with_earlier(path, pd.concat(parts, ignore_index=True)))


def _write_events(
    folder: Path, results: Sequence[RunResult], parts: Sequence[pd.DataFrame]
) -> None:
    """Write the event log; several scenarios get a file each, because a log knows only one."""
    import pandas as pd

    for result, part in zip(results, parts, strict=True):
        which = f"-{result.label.replace('/', '-')}" if len(results) > 1 else ""
        path = folder / f"events{which}.csv"
        log = part.drop(columns=["scenario", "replication"])
        if path.exists():
            log = pd.concat([pd.read_csv(path), log], ignore_index=True)
        # Numbers of places are whole, but most events have none.
        write_csv(path, log.assign(resource_id=log["resource_id"].astype("Int64")))


def _with_earlier(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Put rows behind those of replications that were finished before."""
    import pandas as pd

    if not path.exists():
        return frame
    return pd.concat([read_parquet(path), frame], ignore_index=True)


def _identity(batch: Batch) -> dict[str, Any]:
    """What two runs must share to be one: everything that decides a replication, and its tables."""
    return {
        "kind": "run" if len(batch.scenarios) == 1 else "comparison",
        "names": list(batch.labels()),
        "hashes": [scenario.hash() for scenario in batch.scenarios],
        "seed": batch.seed,
        "common_random_numbers": batch.common_random_numbers,
        "engine": batch.engine,
        "keep": sorted(batch.keep),
        "version": __version__,
    }


def _manifest(
    batch: Batch,
    results: Sequence[RunResult],
    folder: RunFolder,
    seconds: float,
    where: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that is needed to get the same numbers again."""
    resolved = [result.scenario.resolved() for result in results]
    one = (
        {"scenario": resolved[0], "hash": results[0].scenario.hash()}
        if len(results) == 1
        else {"scenarios": resolved}
    )
    return {
        "program": "carepath-sim",
        **_identity(batch),
        "complete": len(results[0].done) >= batch.replications,
        "replications": max(batch.replications, len(results[0].done)),
        "precision": _precision(results),
        "finished": [replication.replication for replication in results[0].done],
        "started": folder.earlier.get("started", folder.started.isoformat(timespec="seconds")),
        "wall_time_s": round(seconds + folder.earlier.get("wall_time_s", 0.0), 3),
        "simulation_time_s": round(sum(r.seconds for one in results for r in one.done), 3),
        "versions": {"python": platform.python_version(), **library_versions()},
        "where": dict(where),
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "processors": os.cpu_count(),
        },
        "start": [list(result.plan.start_said) for result in results],
        "notices": [notice for result in results for notice in result.scenario.notices],
        **one,
    }


def _precision(results: Sequence[RunResult]) -> list[dict[str, Any]]:
    """What has become of the precision that was wanted."""
    from carepath_sim.experiment.precision import reached, table

    rows = table(reached(results, results[0].wanted)).to_dict("records")
    # JSON knows no number that is none.
    return [{str(k): None if v != v else v for k, v in row.items()} for row in rows]  # noqa: PLR0124


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that can move a number."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _file_names() -> list[str]:
    tables = [f"{name}.parquet" for name in ("replications", "daily", *KEEPABLE)]
    return [
        "summary.csv",
        "scorecard.csv",
        "distribution.csv",
        "differences.csv",
        "targets.csv",
        *tables,
    ]


def _write_first(manifest: Path, identity: dict[str, Any]) -> None:
    """Write the first manifest; of two runs that start together, one is refused."""
    try:
        with manifest.open("x", encoding="utf-8") as file:
            json.dump({"program": "carepath-sim", **identity, "complete": False}, file, indent=2)
    except FileExistsError:
        raise FolderInUseError(f"{manifest.parent} has just been taken by another run") from None


def _words(manifest: dict[str, Any]) -> str:
    names = " and ".join(map(str, manifest.get("names", ["?"])))
    state = "" if manifest.get("complete") else ", unfinished"
    return f"{names}, seed {manifest.get('seed', '?')}{state}"
