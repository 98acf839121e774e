"""`carepath report`: a page for a board paper, from the folder of a run or comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli.output import complain
from carepath_sim.errors import CarepathError

FORMATS = ("html", "md", "xlsx")


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...",
            help="Folders that run, compare, a search, a sweep or a forecast wrote with --out.",
        ),
    ],
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="html: one file with pictures; md: words and tables; xlsx: a workbook. "
            "Default: as FILE ends.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; without it standard output."),
    ] = None,
    question: Annotated[
        str | None,
        typer.Option("--question", metavar="TEXT", help="The question in your own words."),
    ] = None,
) -> None:
    """Write a report: the question, the answer and how sure it is, figures, assumptions, limits.

    The page needs nothing from anywhere: no script, no picture, no font. It can be sent by post.

    Example: `carepath report study/ --out report.html`
    """
    chosen = form or (out.suffix[1:].lower() if out is not None and out.suffix else "html")
    chosen = {"htm": "html", "markdown": "md"}.get(chosen, chosen)
    if chosen not in FORMATS:
        raise CarepathError(f"--format: found {chosen!r}; accepted are: {', '.join(FORMATS)}")
    if out is not None and out.is_dir():
        raise CarepathError(f"--out: {out} is a folder; give the name of a file")
    if out is not None and not out.parent.is_dir():
        raise CarepathError(f"--out: there is no folder {out.parent}")
    from carepath_sim.experiment.reopen import refuse_others

    for run in runs:
        refuse_others(run)
    if chosen == "xlsx":
        _workbook(runs, out)
        return
    from carepath_sim.report.board import board
    from carepath_sim.report.page import html, markdown

    parts = [board(run, question=question, name=f"r{k + 1}") for k, run in enumerate(runs)]
    text = html(parts) if chosen == "html" else markdown(parts)
    if out is None:
        typer.echo(text, nl=False)
        return
    from carepath_sim.experiment.writing import whole

    with whole(out) as written:
        written.write_text(text, encoding="utf-8", newline="\n")
    complain(f"The report is in {out}")


def _workbook(runs: list[Path], out: Path | None) -> None:
    """Write one run as a workbook."""
    if out is None or len(runs) != 1:
        raise CarepathError("--format xlsx: takes one RUN and needs --out FILE")
    from carepath_sim.report.workbook import write_workbook

    write_workbook(runs[0], out)
    complain(f"The workbook is in {out}")
