"""A folder with the tables and pictures of one answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from carepath_sim import __version__
from carepath_sim.experiment.files import FolderInUseError
from carepath_sim.experiment.writing import whole, write_csv, write_json, write_parquet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from carepath_sim.experiment.capacity import CapacityCurve
    from carepath_sim.experiment.goal import Goal
    from carepath_sim.scenario.model import Scenario

MANIFEST = "manifest.json"


def claim(out: str | Path) -> Path:
    """Return a folder for an answer, made if it is not there.

    Raises
    ------
    FolderInUseError
        When it holds another run.
    """
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInUseError(f"{folder} is not empty; give a folder of its own")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_curve(folder: Path, curve: CapacityCurve, scenario: Scenario) -> None:
    """Write a capacity curve: tables, every replication, pictures, what was asked."""
    import pandas as pd

    write_csv(folder / "capacity.csv", pd.DataFrame(curve))
    parts = [
        run.replications().assign(scenario=curve.label, capacity=capacity)
        for capacity, run in zip(dict.fromkeys(curve["capacity"]), curve.runs, strict=True)
    ]
    write_parquet(folder / "replications.parquet", pd.concat(parts, ignore_index=True))
    _draw(folder, "capacity", curve)
    if curve.answer is not None:
        write_csv(folder / "search.csv", curve.answer.table())
    _write_manifest(folder, "capacity", scenario, curve.summary())


def write_goal(folder: Path, goal: Goal, scenario: Scenario) -> None:
    """Write an answer: the values looked at, a picture, what was asked."""
    write_csv(folder / "search.csv", goal.table())
    _draw(folder, "goal", goal)
    _write_manifest(folder, "goal", scenario, goal.summary())


def save(figure: Figure, path: Path) -> None:
    """Write a picture that is the same for the same result, byte for byte."""
    import matplotlib as mpl

    metadata = {"Date": None} if path.suffix == ".svg" else None
    with mpl.rc_context({"svg.hashsalt": "carepath-sim"}), whole(path) as part:
        figure.savefig(part, format=path.suffix[1:], dpi=150, metadata=metadata)


def _draw(folder: Path, name: str, shown: Any) -> None:
    import matplotlib.pyplot as plt

    drawn = shown.plot()
    axes = drawn[0] if isinstance(drawn, list) else drawn
    for form in ("png", "svg"):
        save(axes.figure, folder / f"{name}.{form}")
    plt.close(axes.figure)


def _write_manifest(folder: Path, kind: str, scenario: Scenario, summary: dict[str, Any]) -> None:
    write_json(
        folder / MANIFEST,
        {
            "program": "carepath-sim",
            "kind": kind,
            "version": __version__,
            "hash": scenario.hash(),
            **summary,
            "resolved": scenario.resolved(),
        },
    )
