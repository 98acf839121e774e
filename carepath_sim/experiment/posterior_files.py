"""The files of a fit: draws with values as `--set` takes them, and what is said beside them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.experiment.one_of import BESIDE
from carepath_sim.scenario.positions import parsed, written
from carepath_sim.scenario.ranged import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

RANGES: Final = "ranges"
"""What is given in place of a fit where the ranges of the scenario are meant."""
FILES: Final = ("posterior.parquet", "posterior.csv")
KINDS: Final = frozenset({"fit", "calibrate", "calibration"})
"""What the manifest of a fit calls it."""


class PosteriorError(CarepathError):
    """A posterior that cannot be read, or does not fit the scenario."""


def fit_file(path: Path) -> tuple[Path, dict[str, Any]]:
    """Return the file with the draws, and the manifest beside it."""
    from carepath_sim.experiment.files import MANIFEST, FolderInUseError
    from carepath_sim.experiment.store.folder import read_manifest

    if not path.exists():
        raise PosteriorError(f"{path}: there is no such fit; a folder of `carepath calibrate`, "
                             f"or `{RANGES}`, is needed")  # fmt: skip
    if path.is_file():
        beside = path.parent / MANIFEST
        return path, read_manifest(path.parent) if beside.exists() else {}
    files = [path / name for name in FILES if (path / name).exists()]
    manifest: dict[str, Any] = {}
    if (path / MANIFEST).exists():
        try:
            manifest = read_manifest(path)
        except FolderInUseError as error:
            raise PosteriorError(str(error)) from None
        kind = manifest.get("kind")
        if kind not in KINDS:
            raise PosteriorError(f"{path} holds no fit, but a {kind or 'run'}")
        if manifest.get("complete") is False:
            raise PosteriorError(f"{path} holds a fit that is not finished; go on with it with "
                                 "`carepath calibrate --resume`")  # fmt: skip
    if not files and manifest:
        raise PosteriorError(f"{path}: the fit found no posterior; its report says why")
    if not files:
        there = ", ".join(sorted(one.name for one in path.iterdir())[:6]) or "nothing"
        raise PosteriorError(f"{path} has no {' or '.join(FILES)}; there is {there}")
    return files[0], manifest


def table_of(file: Path) -> pd.DataFrame:
    """Return the table of a file of draws."""
    import pandas as pd

    from carepath_sim.experiment.batch import OptionError
    from carepath_sim.experiment.points import read_table
    from carepath_sim.experiment.writing import read_parquet

    if file.suffix == ".parquet":
        try:
            return read_parquet(file)
        except Exception as error:
            # The library behind Parquet has errors of its own.
            if not type(error).__module__.startswith(("duckdb", "_duckdb")):
                raise
            raise PosteriorError(f"{file} cannot be read: {error}") from None
    try:
        return pd.DataFrame(read_table(file))
    except OptionError as error:
        raise PosteriorError(str(error)) from None


def warnings_of(folder: Path) -> tuple[str, ...]:
    """Return the warnings of a fit."""
    try:
        found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    warnings = found.get("warnings") if isinstance(found, dict) else None
    return tuple(map(str, warnings)) if isinstance(warnings, list) else ()


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with a column a number, where cells hold several as JSON."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for name in table.columns:
        path = parsed(str(name))
        if path is None or not len(table) or _json(table[name].iloc[0]) is None:
            columns[str(name)] = table[name]
            continue
        cells = [dict(_numbers(_json(cell))) for cell in table[name]]
        for leaf in cells[0]:
            # One that is missing in a later draw is complained of as a value that is missing.
            columns[written((*path, *leaf))] = [cell.get(leaf, math.nan) for cell in cells]
    return pd.DataFrame(columns)


def _json(cell: Any) -> dict[str, Any] | list[Any] | None:
    """Return the mapping or list that a cell holds, or None."""
    if not isinstance(cell, str) or not cell.lstrip().startswith(("{", "[")):
        return None
    try:
        found = json.loads(cell)
    except ValueError:
        return None
    return found if isinstance(found, (dict, list)) else None


def _numbers(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield the numbers within a value, each with where it stands; not what is said of them."""
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        pairs = [(key, one) for key, one in value.items() if key not in BESIDE]
    elif isinstance(value, list):
        pairs = enumerate(value)
    elif split(value) is not None:
        yield at, value
    for key, one in pairs:
        yield from _numbers(one, (*at, key))


def numbers_in(name: str, column: Any) -> tuple[NDArray[np.float64], tuple[str, str]]:
    """Return the values of a column, and what stands before and behind them."""
    if column.dtype.kind in "iuf":
        return np.asarray(column, dtype=np.float64), ("", "")
    values, units = [], set()
    for k, cell in enumerate(column):
        parts = split(_plain(cell))
        if parts is None:
            raise PosteriorError(f"column {name!r}, draw {k}: a number is needed, found {cell!r}")
        pound, value, unit = parts
        values.append(value)
        units.add(("£" if pound else "", unit))
    if len(units) > 1:
        words = " and ".join(sorted(repr(" ".join(one).strip()) for one in units))
        raise PosteriorError(f"column {name!r}: one unit is needed, found {words}")
    return np.array(values, dtype=np.float64), units.pop() if units else ("", "")


def _plain(cell: Any) -> object:
    return cell.item() if hasattr(cell, "item") else cell


def first(manifest: Mapping[str, Any], *keys: str) -> str:
    """Return the first of some entries that is a text, or a list that begins with one."""
    for key in keys:
        found = manifest.get(key)
        if isinstance(found, list) and found:
            found = found[0]
        if isinstance(found, str):
            return found
    return ""


def listed(table: pd.DataFrame) -> str:
    """Return the names of the columns on one line."""
    return ", ".join(map(str, table.columns)) or "none"
