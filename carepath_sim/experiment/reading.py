"""Replications read back from the folder of a run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from carepath_sim.experiment.tasks import Replication
from carepath_sim.experiment.writing import read_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from carepath_sim.measures import Row

# Columns that name a row of the daily table; the others are counts.
DAILY_KEYS = ("scenario", "point", "replication", "date", "pool")


def finished_replications(
    folder: Path, labels: Sequence[str]
) -> dict[int, tuple[Replication, ...]]:
    """Return the replications in a folder, by number; large tables stay in their files.

    Parameters
    ----------
    folder
        Folder of a run.
    labels
        Names of its scenarios, the base first.
    """
    rows = _by_replication(read_parquet(folder / "replications.parquet"))
    days = _by_replication(read_parquet(folder / "daily.parquet"))
    numbers = sorted({number for _, number in rows})
    return {
        number: tuple(
            Replication(
                number, _rows(rows[label, number]), _daily(days.get((label, number))), {}, 0.0
            )
            for label in labels
        )
        for number in numbers
        if all((label, number) in rows for label in labels)
    }


def finished_replications_of(rows: pd.DataFrame, days: pd.DataFrame) -> tuple[Replication, ...]:
    """Return replications of one scenario from its tables, in order."""
    daily = {int(str(number)): part for number, part in days.groupby("replication")}
    return tuple(
        Replication(int(str(number)), _rows(part), _daily(daily.get(int(str(number)))), {}, 0.0)
        for number, part in rows.groupby("replication")
    )


def _by_replication(frame: pd.DataFrame) -> Mapping[tuple[str, int], pd.DataFrame]:
    return {
        (label, int(str(number))): part
        for label, of_scenario in frame.groupby(frame["scenario"].astype("str"), sort=False)
        for number, part in of_scenario.groupby("replication", sort=False)
    }


def _rows(frame: pd.DataFrame) -> tuple[Row, ...]:
    from carepath_sim.measures import Row

    columns = (frame[name] for name in ("measure", "stratum", "period", "value", "weight"))
    return tuple(
        Row(measure, stratum, period, value, None if math.isnan(weight) else weight)
        for measure, stratum, period, value, weight in zip(*columns, strict=True)
    )


def _daily(frame: pd.DataFrame | None) -> dict[str, np.ndarray]:
    if frame is None:
        return {}
    pools = frame["pool"].nunique()
    counts = [name for name in frame.columns if name not in DAILY_KEYS]
    return {name: frame[name].to_numpy().reshape(-1, pools) for name in counts}
