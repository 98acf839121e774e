"""`carepath verify`: the simulator against queueing theory and the laws of conservation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from carepath_sim.verification import Verdict

ANSWER_IS_NO = 1


def verify(
    workers: o.Workers = None,
    as_json: o.AsJson = False,
) -> None:
    """Hold the simulator to what is known exactly, and print claim, expected, got and verdict.

    Exit code 1 when a claim fails.

    Example: `carepath verify`
    """
    from carepath_sim.experiment.workers import default_workers
    from carepath_sim.verification import run_pack

    with progress("verifying") as bar:
        verdicts = run_pack(workers=workers or default_workers(), progress=bar)
    if as_json:
        print_json([row(verdict) for verdict in verdicts])
    else:
        console().print(table_of(verdicts))
        failed = sum(not verdict.ok for verdict in verdicts)
        print(f"{len(verdicts) - failed} of {len(verdicts)} claims hold")
    if not all(verdict.ok for verdict in verdicts):
        raise typer.Exit(ANSWER_IS_NO)


def row(verdict: Verdict) -> dict[str, object]:
    """Return a verdict as JSON values."""
    names = ("claim", "case", "expected", "got", "low", "high", "ok", "source")
    return {name: plain(getattr(verdict, name)) for name in names}


def plain(value: object) -> object:
    """Return a number that JSON knows, or None where there is none."""
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value


def table_of(verdicts: Sequence[Verdict]) -> RenderableType:
    """Return verdicts as a table."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Claim", ratio=4)
    table.add_column("Case", ratio=4)
    for name in ("Expected", "Got", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("Source", ratio=3)
    for one in verdicts:
        table.add_row(
            one.claim,
            one.case,
            digits(one.expected),
            digits(one.got),
            f"{digits(one.low)} to {digits(one.high)}" if plain(one.low) is not None else "",
            "[green]holds[/]" if one.ok else "[bold red]FAILS[/]",
            one.source,
        )
    return table


def digits(value: object) -> str:
    """Return a number with five digits, anything else as it is.

    >>> digits(0.1234567), digits(12), digits("equal")
    ('0.12346', '12', 'equal')
    """
    return f"{value:.5g}" if isinstance(value, float) else str(value)
