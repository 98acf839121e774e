"""What a sweep gives: its design, its tables, and a point as a run."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from carepath_sim.experiment import frames
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.evaluate import point_of, words_of
from carepath_sim.experiment.files import STORE, FolderInUseError
from carepath_sim.experiment.points import design_table
from carepath_sim.experiment.results import RunResult
from carepath_sim.experiment.store.encoding import decode
from carepath_sim.experiment.store.folder import read_manifest
from carepath_sim.experiment.store.growing import KIND as POINTS
from carepath_sim.experiment.store.ledger import LEDGER, Ledger
from carepath_sim.experiment.store.parts import daily_frame, replications_frame
from carepath_sim.experiment.wanted import Wanted
from carepath_sim.experiment.writing import database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from tempfile import TemporaryDirectory

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from carepath_sim.experiment.store.parts import Done
    from carepath_sim.measures import Measure
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.statistics import Intervals

FIGURES = ("measure", "stratum", "unit", "mean", "low", "high")
DIFFERENCES = ("difference", "difference_low", "difference_high", "variance_reduction")

# Points that are read at once: memory does not grow with the design.
AT_ONCE = 32


class SweepPictures(Protocol):
    """Pictures of a sweep; each returns the axes it drew on."""

    def curve(self, measure: str, x: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw a measure with its intervals against one of the fields that vary."""
        ...

    def map(
        self, measure: str, x: str | None = None, y: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw a measure over two fields that vary, darker for more."""
        ...


@dataclass(frozen=True)
class Study:
    """The store of a sweep, read.

    It can be read while the sweep is still at work: what is finished by then is there.

    Attributes
    ----------
    folder
        Where the store lies.
    points
        Settings of the points.
    manifest
        What is known of the sweep: scenario, seed, engine, versions, whether it is complete.
    """

    folder: Path
    points: tuple[dict[str, Any], ...] = field(repr=False)
    manifest: dict[str, Any] = field(repr=False)
    # A sweep without a folder of its own lies in one that goes when the study goes.
    passing: TemporaryDirectory[str] | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        """Return the study in a few words."""
        state = "" if self.complete else ", unfinished"
        fields = ", ".join(self.settings) or "nothing"
        size, seed = self.manifest["replications"], self.manifest["seed"]
        each = f"up to {size} replications" if "of" in self.manifest else f"{size} replications"
        return (
            f"{self.label}: {len(self.points)} points of {fields}, {each} each, seed {seed}{state}"
        )

    def _repr_html_(self) -> str:
        """Return the study for a notebook: what it is, and its design."""
        from html import escape

        return f"<p>{escape(str(self))}</p>{self.design.to_html(index=False, max_rows=12)}"

    @property
    def complete(self) -> bool:
        """Whether all replications of all points are there."""
        return bool(self.manifest.get("complete"))

    @property
    def label(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["name"])

    @property
    def settings(self) -> tuple[str, ...]:
        """The fields that vary."""
        return tuple(dict.fromkeys(path for point in self.points for path in point))

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario whose fields were set."""
        from carepath_sim.scenario.loader import build
        from carepath_sim.scenario.nodes import Mark, planted

        mark = Mark(str(self.folder / "manifest.json"))
        return build(planted(self.manifest["scenario"], mark, mark), self.label)

    @property
    def design(self) -> pd.DataFrame:
        """One row a point.

        Returns
        -------
            Columns point, and one a field.
        """
        return design_table(self.points)

    def replications(self, points: Iterable[int] | None = None) -> pd.DataFrame:
        """Every figure of every replication, in long form.

        Parameters
        ----------
        points
            Only these; None: all, which may be too much for the memory. See also `query`.

        Returns
        -------
            Columns scenario, point, replication, measure, stratum, period, value, weight, unit.
        """
        return self._table("replications", points)

    def daily(self, points: Iterable[int] | None = None) -> pd.DataFrame:
        """Counts by day and pool.

        Parameters
        ----------
        points
            Only these; None: all.

        Returns
        -------
            Columns scenario, point, replication, date, pool, and one a count.
        """
        return self._table("daily", points)

    def query(self, sql: str) -> pd.DataFrame:
        """Ask the tables a question in SQL; what does not fit into memory is read piece by piece.

        Parameters
        ----------
        sql
            A query of the tables `replications`, `daily` and `design` in the words of DuckDB.

        Examples
        --------
        ``study.query("SELECT point, avg(value) FROM replications WHERE measure = 'bed_days' "
        "GROUP BY point")``
        """
        with database() as base, self._open() as ledger:
            self._views(base, ledger, range(len(self.points)))
            base.register("design", self.design)
            found: pd.DataFrame = base.execute(sql).df()
        return found

    def result(self, point: int) -> RunResult:
        """Return one point as `carepath_sim.run` would, with all that can be asked of a run.

        Raises
        ------
        OptionError
            If there is no such point, or nothing of it is done.
        """
        (found,) = self.results([point])
        return found

    def results(self, points: Iterable[int] | None = None) -> Iterator[RunResult]:
        """Yield points as runs, one after the other.

        Raises
        ------
        OptionError
            If there is no such point, or nothing of it is done.
        """
        for point in self._known(points):
            done = self._done(point)
            if not done:
                raise OptionError(f"nothing of point {point} is done yet; go on with the sweep")
            settings = self.points[point]
            yield RunResult(
                f"{self.label} {words_of(settings)}".strip(),
                self._scenario_of(settings),
                self.manifest["seed"],
                self.manifest["engine"],
                done,
                sum(one.seconds for one in done),
            )

    def table(
        self,
        measures: Iterable[str] | None = None,
        *,
        base: int = 0,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """Means of every point with intervals, and paired differences from one of them.

        Parameters
        ----------
        measures
            Only these; None: all.
        base
            The point that the others are compared with.
        level
            Coverage of each interval by itself.

        Returns
        -------
            Columns point, one a field that varies, measure, stratum, unit, mean, low, high,
            replications, difference (from `base`, within replications) with difference_low and
            difference_high, and variance_reduction.

        Raises
        ------
        OptionError
            For an unknown measure or point.
        """
        import pandas as pd

        parts = list(self._tables(measures, base, level))
        columns = ["point", *self.settings, *FIGURES, "replications", *DIFFERENCES]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

    def figures(
        self, names: str | Iterable[str], *, base: int = 0, level: float = 0.95
    ) -> pd.DataFrame:
        """Figures by name at every point with intervals, and paired differences from one of them.

        Parameters
        ----------
        names
            Such as ``p_wait[community_beds]``; a pool may stand where a measure speaks of services.
        base, level
            As in `table`.

        Returns
        -------
            Columns point, one a field that varies, figure (as it was asked for), unit, mean, low,
            high, replications, difference with difference_low and difference_high, and
            variance_reduction.

        Raises
        ------
        OptionError
            If there is no such figure.
        """
        import pandas as pd

        asked = [names] if isinstance(names, str) else list(names)
        first = self.result(base)
        wanted = {name: Wanted.parse(name).on(first) for name in asked}
        chosen = sorted({one.measure for one in wanted.values()})
        start = self._columns([base], chosen)[0].figures(wanted)
        parts = [
            _point_table(point, self._said(point), columns.figures(wanted), start, level)
            for point, columns in self.every(chosen)
        ]
        frame = pd.concat(parts, ignore_index=True).drop(columns="stratum")
        return frame.rename(columns={"measure": "figure"})

    def known_figures(self, names: Iterable[str]) -> tuple[list[str], list[OptionError]]:
        """Return the figures that the scenario has, and what is wrong with the others."""
        found: list[str] = []
        problems: list[OptionError] = []
        first = self.result(0)
        for name in names:
            try:
                Wanted.parse(name).on(first)
            except OptionError as error:
                problems.append(error)
            else:
                found.append(name)
        return found, problems

    def _scenario_of(self, settings: Mapping[str, Any]) -> Scenario:
        if self.manifest.get("of") != "sensitivity":
            return point_of(self.scenario, settings)
        # Where shares sum to the whole, setting one moves the others.
        from carepath_sim.scenario.ranged import ranged, varied

        known, _ = ranged(self.scenario)
        moved = {one: settings[one.name] for one in known if one.name in settings}
        return varied(self.scenario, moved) if moved else self.scenario

    @property
    def plot(self) -> SweepPictures:
        """Pictures of the sweep, such as `.plot.curve("utilisation[community_beds]")`."""
        # As in `RunResult.plot`.
        pictures: SweepPictures = import_module("carepath_sim.report.sweeps").SweepPlots(self)
        return pictures

    def _known(self, points: Iterable[int] | None) -> Sequence[int]:
        chosen = range(len(self.points)) if points is None else list(points)
        for point in chosen:
            if not 0 <= point < len(self.points):
                raise OptionError(
                    f"there is no point {point}; they are numbered 0 to {len(self.points) - 1}"
                )
        return chosen

    def _open(self) -> _Ledger:
        return _Ledger(self.folder)

    def _done(self, point: int) -> tuple[Any, ...]:
        """Replications of one point, from its tables and from the journal."""
        from carepath_sim.experiment.reading import finished_replications_of

        return finished_replications_of(self.replications([point]), self.daily([point]))

    def _table(self, name: str, points: Iterable[int] | None) -> pd.DataFrame:
        chosen = self._known(points)
        with database() as base, self._open() as ledger:
            self._views(base, ledger, chosen, only=name)
            # A condition, not a join with a list: that would not keep the order of the rows.
            frame: pd.DataFrame = base.execute(
                "SELECT * FROM query_table(?) WHERE ? OR list_contains(?::INTEGER[], point)",
                [name, points is None, list(chosen)],
            ).df()
        order = frame.sort_values(["point", "replication"], kind="stable", ignore_index=True)
        words = [
            column
            for column in ("scenario", "measure", "stratum", "period", "unit", "pool")
            if column in order
        ]
        return order.astype(dict.fromkeys(words, "str"))

    def _views(
        self, base: Any, ledger: Ledger, points: Sequence[int], *, only: str | None = None
    ) -> None:
        """Make tables and journal one."""
        wanted = range(min(points, default=0), max(points, default=-1) + 1)
        files = [file.file for part in ledger.parts().values() for file in part]
        chosen = set(points)
        journal: list[Done] = [
            (point, number, decode(content))
            for point, number, content in ledger.journal(wanted)
            if point in chosen
        ]
        for name, make in (("replications", replications_frame), ("daily", daily_frame)):
            if only not in {None, name}:
                continue
            base.register(f"{name}_journal", make(self.label, journal))
            paths = [
                str(self.folder / file)
                for file in files
                if file.startswith(f"{name}-") and _holds(file, wanted)
            ]
            parts = [f"FROM {name}_journal"] if journal or not paths else []
            if paths:
                listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
                parts.insert(0, f"FROM read_parquet([{listed}])")
            both = " UNION ALL BY NAME ".join(parts)
            base.execute(f"CREATE VIEW {name} AS {both}")

    def _tables(
        self, measures: Iterable[str] | None, base: int, level: float
    ) -> Iterator[pd.DataFrame]:
        chosen = None if measures is None else [_checked(name) for name in measures]
        self._known([base])
        (first,) = self._columns([base], chosen)
        for point, columns in self.every(chosen):
            yield _point_table(point, self._said(point), columns, first, level)

    def _said(self, point: int) -> dict[str, Any]:
        return {path: self.points[point].get(path) for path in self.settings}

    def every(self, measures: Sequence[str] | None = None) -> Iterator[tuple[int, Columns]]:
        """Yield the points of which something is done, a few of them in memory at a time."""
        for start in range(0, len(self.points), AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, len(self.points)))
            for point, columns in zip(numbers, self._columns(numbers, measures), strict=True):
                if columns.numbers:
                    yield point, columns

    def _columns(self, points: Sequence[int], measures: Sequence[str] | None) -> list[Columns]:
        """Figures of points over the whole window, one column a measure and stratum."""
        with database() as base, self._open() as ledger:
            self._views(base, ledger, points, only="replications")
            # All measures, or those of a list; no words of anybody stand in the text.
            chosen = list(measures or ())
            rows = base.execute(
                "SELECT point, replication, measure, stratum, value, weight FROM replications "
                "WHERE period = 'window' AND point BETWEEN ? AND ? "
                "AND (? OR list_contains(?::VARCHAR[], measure))",
                [min(points), max(points), measures is None, chosen],
            ).df()
        by_point = dict(iter(rows.groupby("point", sort=False)))
        return [Columns.of(by_point.get(point, rows.iloc[:0])) for point in points]


class _Ledger:
    """A ledger that is looked at."""

    def __init__(self, folder: Path) -> None:
        self._ledger = Ledger(folder, read_only=True)

    def __enter__(self) -> Ledger:
        return self._ledger

    def __exit__(self, *_: object) -> None:
        self._ledger.close()


@dataclass(frozen=True)
class Columns:
    """Figures of a point: rows are replications, columns measures with strata."""

    keys: dict[tuple[str, str], int]
    numbers: tuple[int, ...]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Columns:
        """Return the figures that stand in a table of one point."""
        names = list(zip(frame["measure"].astype(str), frame["stratum"].astype(str), strict=True))
        found = frame["replication"].to_numpy()
        numbers = np.unique(found)
        # In the order of the first replication, whatever was read first.
        order = np.argsort(found, kind="stable")
        keys = {key: k for k, key in enumerate(dict.fromkeys(names[k] for k in order))}
        column = np.array([keys[name] for name in names], dtype=np.int64)
        row = np.searchsorted(numbers, found)
        zero = np.array([frames.definition(measure).absent_is_zero for measure, _ in keys], bool)
        values = np.tile(np.where(zero, 0.0, np.nan), (len(numbers), 1))
        weights = np.full((len(numbers), len(keys)), np.nan)
        values[row, column] = frame["value"].to_numpy()
        weights[row, column] = frame["weight"].to_numpy()
        # Where a measure has weights at all, a replication without a row counted nobody.
        weighted = np.isfinite(weights).any(axis=0)
        weights = np.where(weighted & ~np.isfinite(weights), 0.0, weights)
        return cls(keys, tuple(numbers.tolist()), values, weights)

    def figures(self, wanted: Mapping[str, Wanted]) -> Columns:
        """Return figures by name, each from the columns of its strata."""
        size = (len(self.numbers), len(wanted))
        values, weights = np.full(size, np.nan), np.full(size, np.nan)
        for k, one in enumerate(wanted.values()):
            columns = [
                self.keys[one.measure, stratum]
                for stratum in one.strata
                if (one.measure, stratum) in self.keys
            ]
            value, weight = self.values[:, columns], self.weights[:, columns]
            if not columns:
                zero = frames.definition(one.measure).absent_is_zero
                values[:, k] = 0.0 if zero else np.nan
            elif np.isnan(weight).any():
                values[:, k] = value.sum(axis=1)
            else:
                weights[:, k] = total = weight.sum(axis=1)
                top = np.where(weight > 0, value * weight, 0.0).sum(axis=1)
                with np.errstate(invalid="ignore", divide="ignore"):
                    values[:, k] = np.where(total > 0, top / total, np.nan)
        keys = {(name, ""): k for k, name in enumerate(wanted)}
        return Columns(keys, self.numbers, values, weights)

    def intervals(self, level: float) -> Intervals:
        """Means over replications, as in `RunResult.summary`."""
        from carepath_sim.statistics import mean_intervals

        found = mean_intervals(self.values, level)
        weighted = np.atleast_1d(np.isfinite(self.weights).any(axis=0))
        for (measure, _), k in self.keys.items():
            unit = _unit(measure)
            if not weighted[k] and unit != frames.SHARE:
                if not _definition(measure).signed:
                    # As `frames.estimate` does, for all columns that are plain means.
                    found.low[k] = max(found.low[k], 0.0)
                continue
            weights = self.weights[:, k] if weighted[k] else None
            one = frames.estimate(self.values[:, k], weights, unit, level)
            found.mean[k], found.low[k], found.high[k] = one.mean, one.low, one.high
            found.half_width[k], found.n[k] = one.half_width, one.n
        return found

    def like(self, other: Columns) -> NDArray[np.float64]:
        """Values in the rows and columns of another point."""
        zero = [_absent_is_zero(measure) for measure, _ in other.keys]
        found = np.tile(np.where(zero, 0.0, np.nan), (len(other.numbers), 1))
        rows = [k for k, number in enumerate(other.numbers) if number in self.numbers]
        mine = [self.numbers.index(other.numbers[k]) for k in rows]
        absent = [k for k in range(len(other.numbers)) if k not in rows]
        found[absent] = np.nan
        for key, column in other.keys.items():
            if key in self.keys:
                found[rows, column] = self.values[mine, self.keys[key]]
        return found


def _point_table(
    point: int, settings: dict[str, Any], columns: Columns, base: Columns, level: float
) -> pd.DataFrame:
    import pandas as pd

    from carepath_sim.statistics.columns import paired_differences

    intervals = columns.intervals(level)
    first, here = base.like(columns), columns.values  # noqa: PD011 - no DataFrame
    pairs = paired_differences(first, here, level)
    _cut_shares(pairs.intervals, columns.keys, np.concatenate((first, here)))
    size = len(columns.keys)
    said = {
        path: [json.dumps(value) if isinstance(value, (dict, list)) else value] * size
        for path, value in settings.items()
    }
    return pd.DataFrame(
        {
            "point": np.full(size, point),
            **said,
            "measure": [measure for measure, _ in columns.keys],
            "stratum": [stratum for _, stratum in columns.keys],
            "unit": [_unit(measure) for measure, _ in columns.keys],
            "mean": intervals.mean,
            "low": intervals.low,
            "high": intervals.high,
            "replications": intervals.n,
            "difference": pairs.intervals.mean,
            "difference_low": pairs.intervals.low,
            "difference_high": pairs.intervals.high,
            "variance_reduction": pairs.variance_reduction,
        }
    )


def _cut_shares(
    found: Intervals, keys: Iterable[tuple[str, str]], seen: NDArray[np.float64]
) -> None:
    """Leave out what no difference of shares can be; see `frames.Compared.difference`."""
    largest = np.nanmax(np.abs(seen), axis=0, initial=0.0)
    for k, (measure, _) in enumerate(keys):
        if _unit(measure) == frames.SHARE and not largest[k] > 1:
            found.low[k] = max(found.low[k], -1.0)
            found.high[k] = min(found.high[k], 1.0)


@cache
def _unit(name: str) -> str:
    """Unit of a measure, or of a figure by its name."""
    return Wanted.parse(name).unit


@cache
def _definition(name: str) -> Measure:
    return frames.definition(Wanted.parse(name).measure)


def _absent_is_zero(name: str) -> bool:
    return _definition(name).absent_is_zero


def _checked(name: str) -> str:
    from difflib import get_close_matches

    from carepath_sim.measures import all_measures

    known = all_measures()
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise OptionError(f"there is no measure {name!r}{hint}")
    return name


def _holds(file: str, points: range) -> bool:
    """Tell whether a part may hold points, by the first point in its name."""
    first = int(file.rsplit("-p", 1)[1].split("-", 1)[0])
    return first < points.stop if points else False


def read_sweep(folder: str | Path) -> Study:
    """Return the study in the folder of a sweep, finished or not.

    Also of what `capacity_curve`, `goal`, `bed_mix` and `sensitivity` have simulated: a point a
    value, a configuration, or a point of the design. Of these some have more replications than
    others.

    Parameters
    ----------
    folder
        What was given as `out`.

    Raises
    ------
    FolderInUseError
        If the folder holds no sweep.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    if (path / STORE / LEDGER).exists():
        path /= STORE
        manifest = read_manifest(path)
    if manifest.get("kind") not in {"sweep", POINTS} or not (path / LEDGER).exists():
        raise FolderInUseError(f"{path} holds no sweep, but a {manifest.get('kind', 'run')}")
    try:
        with _Ledger(path) as ledger:
            points = tuple(settings for _, settings in ledger.points())
    except sqlite3.DatabaseError as error:
        raise FolderInUseError(f"{path / LEDGER} cannot be read: {error}") from None
    return Study(path, points, manifest)
