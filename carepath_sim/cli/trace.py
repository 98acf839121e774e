"""`carepath trace`: one person's way through care."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, said


def trace(
    scenario: o.ScenarioName,
    story: Annotated[
        str | None, typer.Option("--story", metavar="NAME", help="A story of the scenario.")
    ] = None,
    person: Annotated[
        int | None,
        typer.Option("--person", metavar="ID", min=0, help="Number of a person of a replication."),
    ] = None,
    replication: Annotated[
        int, typer.Option("--replication", min=0, help="Replication of that person, from 0.")
    ] = 0,
    seed: o.Seed = 1,
    engine: o.Engine = "simpy",
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="Draw the way into a png, svg or pdf."),
    ] = None,
    sets: o.Sets = None,
    as_json: o.AsJson = False,
) -> None:
    """Follow one person day by day: where they are, and what they wait for.

    Days count from the start of the way, and from the first time medically fit to leave an
    acute bed.

    Example: `carepath trace buckinghamshire/as-is --story reg --picture reg.png`
    """
    from carepath_sim import load
    from carepath_sim import trace as follow

    check_picture(picture)
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    timeline = follow(
        loaded, story=story, person=person, seed=seed, replication=replication, engine=engine
    )
    if picture is not None:
        from carepath_sim.report.timeline import draw_timeline

        draw_timeline(timeline, picture)
    if as_json:
        print_json(asdict(timeline))
        return
    from carepath_sim.report.timeline import timeline_text

    console().print(timeline_text(timeline))
    if picture is not None:
        print(f"Picture is in {picture}")


def check_picture(file: Path | None) -> None:
    """Refuse a picture in a form that cannot be drawn, or in a folder that does not exist."""
    from carepath_sim.errors import CarepathError

    if file is None:
        return
    if file.suffix.lower() not in {".png", ".svg", ".pdf"}:
        raise CarepathError(f"{file}: a picture is a png, svg or pdf file")
    if not file.parent.is_dir():
        raise CarepathError(f"{file}: there is no folder {file.parent}")
