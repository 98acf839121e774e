"""What can be taken away from a run: scenario files, the report, the workbook."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

from carepath_sim.experiment.batch import Batch
from carepath_sim.experiment.compare import Comparison
from carepath_sim.experiment.files import write_comparison, write_run
from carepath_sim.experiment.run_folder import RunFolder
from carepath_sim.web.scenario_file import scenario_files

if TYPE_CHECKING:
    from pathlib import Path

    from carepath_sim.experiment.files import Write
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.web.outcome import Outcome

TABLES = "tables"
SCENARIOS, REPORT, WORKBOOK = "scenarios.zip", "report.html", "results.xlsx"


def write_papers(found: Outcome, results: tuple[RunResult, ...], folder: Path) -> None:
    """Write what can be taken away; the report and the workbook are those of the commands."""
    (folder / SCENARIOS).write_bytes(zipped(scenario_files(found.request, found.replications)))
    if not results:
        return
    from carepath_sim.report.board import board
    from carepath_sim.report.page import html
    from carepath_sim.report.workbook import write_workbook

    tables = folder / TABLES
    write_tables(tables, results)
    (folder / REPORT).write_text(html([board(tables)]), encoding="utf-8", newline="\n")
    write_workbook(tables, folder / WORKBOOK)


def write_tables(tables: Path, results: tuple[RunResult, ...]) -> None:
    """Write the folder that `carepath run` or `carepath compare` would have written."""
    first = results[0]
    scenarios = tuple(one.scenario for one in results)
    batch = Batch(scenarios, len(first.done), first.seed, first.engine)
    labelled = tuple(
        replace(one, label=label) for one, label in zip(results, batch.labels(), strict=True)
    )
    write: Write = write_run
    if len(results) > 1:

        def write(folder: Path, ways: tuple[RunResult, ...]) -> None:
            write_comparison(folder, Comparison(ways[0], ways[1:]))

    RunFolder.claim(tables, batch, resume=False).finish(batch, labelled, write, {})


def zipped(files: dict[str, str]) -> bytes:
    """Return texts as one ZIP file, the same bytes for the same texts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()
