"""A run as a workbook: tables with native charts, units, and a sheet of assumptions."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from carepath_sim import __version__
from carepath_sim.experiment.batch import OptionError
from carepath_sim.experiment.writing import FORMULA_SIGNS, whole
from carepath_sim.report.colours import SERIES
from carepath_sim.report.kept import KEPT, kept
from carepath_sim.report.stress.basis import read_basis
from carepath_sim.report.workbook_sheets import sheets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from carepath_sim.report.stress.basis import Basis
    from carepath_sim.report.workbook_sheets import Chart, Sheet

HEAD: Final = 2
"""Row in which the heads of columns stand, from 0; above are the heading and an empty row."""
WIDEST: Final = 60
A4: Final = 9
"""Its number among sizes of paper."""
SHARE: Final = "share"
HOW_TO_READ: Final = {
    "run": (
        "Means over replications. `low` and `high` are the ends of 95 % intervals of "
        "the mean: they say how exactly the replications tell it, not how much single "
        "years differ, nor whether the inputs are right. Compare scenarios on the "
        "sheet Differences, never by looking at two intervals."
    ),
    "forecast": (
        "Each row is a midnight: what is there as its date begins. Of the futures 80 % lie from "
        "`low80` to `high80`, ends included, and 95 % from `low95` to `high95`. `taken`: units in "
        "use, booked or kept. `p_full`: chance that no unit is free then; `p_full_until`: at some "
        "midnight up to then; `p_short`: that taken and waited for together are more than there "
        "are. `from_start`: of those present, who has been there since the list."
    ),
    "uncertainty": (
        "`parameter_low` and `parameter_high`: 95 % range of the mean that would be had if the "
        "numbers were known. `p10` and `p90`: four in five runs lie between, for all that is not "
        "known and for luck. `parameter_share`: part of the variance of one run that better "
        "knowledge could take away; the rest, `chance_sd`, is luck. `probability`: of the truth; "
        "`probability_one_run`: of a single run. `worth`: what knowing a number would bring."
    ),
}
"""By the kind of folder."""
NOT_THERE: Final = "'-"
"""How the tables of a run write a field that is not there."""


def write_workbook(folder: Path, out: Path) -> None:
    """Write a run as a workbook (xlsx).

    Words are written as words: no cell is a formula, whatever a scenario says. The same folder
    gives the same bytes.

    Parameters
    ----------
    folder
        Folder of a run.
    out
        The file.

    Raises
    ------
    OptionError
        When the folder holds no run, or the file cannot be written.
    """
    import xlsxwriter

    if not folder.is_dir():
        raise OptionError(f"{folder} is no folder of a run (`carepath run ... --out DIR`)")
    if out.is_dir() or not out.parent.is_dir():
        raise OptionError(f"{out} cannot be written: name a file in a folder that is there")
    basis = read_basis(folder)
    settings = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with whole(out) as part, xlsxwriter.Workbook(str(part), settings) as book:
        book.set_properties(
            {
                "title": f"carepath-sim: {', '.join(basis.scenarios)}",
                "comments": f"Made by carepath-sim {__version__}",
                "created": _begun(basis),
            }
        )
        _about(book, basis)
        for sheet in sheets(basis):
            _write(book, sheet)


def _begun(basis: Basis) -> datetime:
    """Return when the run was started: the hour of writing would change the bytes."""
    started = basis.manifest.get("started")
    found = datetime.fromisoformat(started) if started else datetime(2000, 1, 1, tzinfo=UTC)
    return found.replace(tzinfo=None)


def _about(book: Any, basis: Basis) -> None:
    """Write the first sheet: what this is, how it was run, how to read it."""
    page = book.add_worksheet("About")
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 100)
    bold = book.add_format({"bold": True, "valign": "top"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    manifest, clock = basis.manifest, basis.base.clock
    finished = manifest.get("finished")
    lines = [
        *((label, one.title) for label, one in basis.scenarios.items()),
        *_said(basis),
        ("Replications", str(len(finished) if finished else manifest.get("replications", ""))),
        ("Window", f"{clock.length.text} from {clock.start.isoformat()}"),
        ("Seed", str(manifest.get("seed", ""))),
        ("Engine", str(manifest.get("engine", ""))),
        ("Version", f"carepath-sim {manifest.get('version', __version__)}"),
        ("How to read it", HOW_TO_READ.get(str(manifest.get("kind")), HOW_TO_READ["run"])),
        (
            "Units",
            "Each row names its unit; a share is a number from 0 to 1, shown as a percentage.",
        ),
        *(("Note", note) for one in basis.scenarios.values() for note in one.notes),
    ]
    page.write_string(0, 0, "Results of carepath-sim", bold)
    for row, (name, words) in enumerate(dict.fromkeys(lines), HEAD):
        page.write_string(row, 0, _words(name), bold)
        page.write_string(row, 1, _words(words), wrap)
    page.freeze_panes(HEAD, 0)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)


def _said(basis: Basis) -> Iterator[tuple[str, str]]:
    """Yield question and answer of a command that keeps them."""
    if basis.folder is None or not (basis.folder / KEPT).exists():
        return
    found = kept(basis.folder, KEPT)
    yield "Question", found.question
    yield "Answer", "\n".join(found.words)


def _write(book: Any, sheet: Sheet) -> None:
    """Write a table with frozen heads and a filter, and its charts to the right."""
    page = book.add_worksheet(sheet.name)
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {
        kind: book.add_format({"num_format": kind}) for kind in ("#,##0.0", "0.0%", "0.000", "0")
    }
    table = sheet.table
    page.write_string(0, 0, _words(sheet.heading), bold)
    for column, name in enumerate(table.columns):
        page.write_string(HEAD, column, _words(name), head)
        page.set_column(column, column, _width(table, column))
    units = table["unit"].tolist() if "unit" in table else [""] * len(table)
    for number, row in enumerate(table.itertuples(index=False, name=None)):
        for column, value in enumerate(row):
            at = (HEAD + 1 + number, column)
            if _is_number(value):
                kind = _kind(str(table.columns[column]), value, str(units[number]))
                page.write_number(*at, value, formats[kind])
            elif not _is_nothing(value):
                page.write_string(*at, _words(value))
    page.freeze_panes(HEAD + 1, 1)
    # On paper: across, as wide as a sheet, with the heads on every page.
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEAD)
    if len(table):
        page.autofilter(HEAD, 0, HEAD + len(table), len(table.columns) - 1)
    for number, chart in enumerate(sheet.charts):
        drawn = _chart(book, sheet, table, chart)
        page.insert_chart(
            HEAD + 1 + 25 * number,
            len(table.columns) + 1,
            drawn,
            {"description": f"{chart.title} [{chart.axis}]; the numbers stand in the table."},
        )


def _chart(book: Any, sheet: Sheet, table: pd.DataFrame, chart: Chart) -> Any:
    drawn = book.add_chart({"type": chart.kind})
    first, last = (HEAD + 1 + row for row in chart.rows)
    columns = [str(name) for name in table.columns]
    category = columns.index(chart.category)
    for number, name in enumerate(chart.values):
        column = columns.index(name)
        look: dict[str, object] = {"color": SERIES[number % len(SERIES)]}
        if chart.kind == "line":
            look["width"] = 1.75
        drawn.add_series(
            {
                "name": [sheet.name, HEAD, column],
                "categories": [sheet.name, first, category, last, category],
                "values": [sheet.name, first, column, last, column],
                "fill" if chart.kind == "bar" else "line": look,
            }
        )
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    values, names = {"name": chart.axis, "min": 0}, {"name": chart.category}
    if chart.kind == "bar":
        # The names of bars stand on the upright axis, the first on top; their scale stays below.
        drawn.set_y_axis(names | {"reverse": True, "crossing": "max"})
        drawn.set_x_axis(values)
    else:
        drawn.set_x_axis(names)
        drawn.set_y_axis(values)
    drawn.set_size({"width": 900, "height": 460})
    return drawn


def _kind(column: str, value: float, unit: str) -> str:
    """Return how a number is shown."""
    if column in {"replications", "replication"}:
        return "0"
    if column.startswith("probability") or column == "level":
        return "0.0%"
    if unit == SHARE and column != "variance_reduction":
        return "0.0%"
    return "0.000" if 0 < abs(value) < 1 else "#,##0.0"


def _is_number(value: object) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and math.isfinite(value)  # type: ignore[arg-type]


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _words(value: object) -> str:
    text = str(value)
    if text in {NOT_THERE, "-"}:
        return "(not there)"
    # Such a text is no formula here, but would be one once the table is saved as CSV.
    guard = "'" if text.startswith(FORMULA_SIGNS) else ""
    # The longest text that a cell holds has 32,767 characters.
    return f"{guard}{text}"[:32_767]


def _width(table: pd.DataFrame, column: int) -> int:
    longest = max((len(str(cell)) for cell in table.iloc[:, column].head(300)), default=0)
    name = len(str(table.columns[column]))
    numbers = table.iloc[:, column].dtype.kind in "if"
    return max(10, min(WIDEST, name // 2 + 2 if numbers else max(longest, name) + 2))
