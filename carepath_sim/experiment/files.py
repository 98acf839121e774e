"""The tables of a run or comparison in its folder."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.experiment import frames
from carepath_sim.experiment.tasks import KEEPABLE
from carepath_sim.experiment.writing import read_parquet, write_csv, write_parquet

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from carepath_sim.experiment.compare import Comparison
    from carepath_sim.experiment.results import RunResult

MANIFEST = "manifest.json"

# Folder, within that of a run or an answer, of what stands in no table yet.
STORE = "store"

# Whose versions can move a number.
LIBRARIES = ("numpy", "scipy", "simpy", "numba", "pandas", "duckdb")

Write = Callable[[Path, "tuple[RunResult, ...]"], None]


class FolderInUseError(CarepathError):
    """A folder for results that holds another run."""


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
    for result, part in zip(results, parts, strict=True):
        which = f"-{result.label.replace('/', '-')}" if len(results) > 1 else ""
        path = folder / f"events{which}.csv"
        log = part.drop(columns=["scenario", "replication"])
        # Numbers of places are whole, but most events have none.
        log = log.assign(resource_id=log["resource_id"].astype("Int64"))
        write_csv(path, _log_with_earlier(path, log))


def _log_with_earlier(path: Path, log: pd.DataFrame) -> pd.DataFrame:
    """Put events behind those of replications that were finished before."""
    import pandas as pd

    if not path.exists():
        return log
    # Words stay as they were written.
    there = pd.read_csv(path, dtype=str, keep_default_na=False)
    numbers = there["run_number"].astype(int)
    earlier = ~numbers.isin(log["run_number"])
    if not earlier.any():
        return log
    both = pd.concat([there[earlier], log.astype(object)])
    return both.sort_values("run_number", key=lambda one: one.astype(int), kind="stable")


def _with_earlier(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Put rows among those of replications that were finished before."""
    import pandas as pd

    if not path.exists():
        return frame
    there = read_parquet(path)
    earlier = ~there["replication"].isin(frame["replication"])
    if not earlier.any():
        return frame
    # So that it is as if all had been written at once.
    both = pd.concat([there[earlier].astype(frame.dtypes), frame])
    place = {label: k for k, label in enumerate(frame["scenario"].unique())}
    order = both["scenario"].astype("str").map(place).to_numpy()
    return both.iloc[np.lexsort((both["replication"].to_numpy(), order))].reset_index(drop=True)


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that can move a number."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def file_names() -> list[str]:
    """Return the names of tables that a run may leave in its folder."""
    tables = [f"{name}.parquet" for name in ("replications", "daily", *KEEPABLE)]
    return [
        "summary.csv",
        "scorecard.csv",
        "distribution.csv",
        "differences.csv",
        "targets.csv",
        *tables,
    ]
