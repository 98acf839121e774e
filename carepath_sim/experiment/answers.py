"""The folder of an answer: tables, and a manifest that says how to get them again."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carepath_sim import __version__
from carepath_sim.experiment.files import LIBRARIES, MANIFEST, FolderInUseError
from carepath_sim.experiment.writing import write_csv, write_json, write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from carepath_sim.scenario.model import Scenario


def claim(out: str | Path) -> Path:
    """Return a folder that holds no other run, before any work is done.

    Raises
    ------
    FolderInUseError
        When it holds one, or is a file.
    """
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise FolderInUseError(f"{folder} is a file, not a folder") from None
    for pattern in (MANIFEST, "*.csv", "*.parquet"):
        if strangers := sorted(folder.glob(pattern)):
            raise FolderInUseError(
                f"{folder} holds {strangers[0].name} of another run; name another folder"
            )
    return folder


def write_answer(
    folder: Path,
    kind: str,
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    said: Mapping[str, Any],
    *,
    replications: pd.DataFrame | None = None,
) -> None:
    """Write tables as CSV, replications as Parquet, and the manifest last.

    Parameters
    ----------
    folder
        Where, from `claim`.
    kind
        The command.
    scenario
        The base.
    tables
        Tables by name.
    said
        What was asked for, and found: into the manifest.
    replications
        Every figure of every replication.
    """
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table)
    if replications is not None:
        write_parquet(folder / "replications.parquet", replications)
    manifest = {
        "program": "carepath-sim",
        "kind": kind,
        "names": [scenario.name],
        "hashes": [scenario.hash()],
        **said,
        "complete": True,
        "version": __version__,
        "versions": {"python": platform.python_version(), **_versions()},
        "machine": {"system": platform.platform(), "processor": platform.machine()},
        "scenario": scenario.resolved(),
    }
    write_json(folder / MANIFEST, manifest)


def _versions() -> dict[str, str]:
    found = {}
    for name in (*LIBRARIES, "SALib"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
