"""Tables into files: whole or not at all, and never read as formulas."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

# A cell that begins so is run as a formula by spreadsheet programs.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give the name of a file to write, which takes its place only when it is complete."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    with whole(path) as part:
        part.write_text(text + "\n", encoding="utf-8")


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as CSV in which no cell starts a formula."""
    with whole(path) as part:
        safe(frame).to_csv(part, index=False, lineterminator="\n", encoding="utf-8")


def safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose words cannot be taken for formulas; numbers stay as they are."""
    made = {
        column: frame[column] if _is_number(frame[column]) else frame[column].map(_harmless)
        for column in frame.columns
    }
    return frame.assign(**made).rename(columns=_harmless)


def _is_number(column: pd.Series[Any]) -> bool:
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    return is_numeric_dtype(column) or is_datetime64_any_dtype(column)


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    # A carriage return within a cell would end its row.
    words = cell.replace("\r", " ")
    return f"'{words}" if cell.startswith(FORMULA_SIGNS) else words


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as Parquet."""
    with whole(path) as part, database() as base:
        base.register("frame", frame)
        name = str(part).replace("'", "''")
        base.execute(f"COPY frame TO '{name}' (FORMAT parquet, COMPRESSION zstd)")


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file, rows in the order in which they were written."""
    with database() as base:
        frame: pd.DataFrame = base.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()
    return frame


def is_readable(path: Path) -> bool:
    """Tell whether a file is Parquet, as far as its end tells."""
    try:
        with database() as base:
            base.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchall()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, or that it is not there
        return False
    return True


def database() -> Any:
    """Open a database in memory that fetches nothing from elsewhere."""
    import duckdb

    return duckdb.connect(config={"autoinstall_known_extensions": "false"})
