"""`carepath show`: what a scenario says, its pathway, and the load of its pools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, said
from carepath_sim.cli.trace import check_picture


def show(
    scenario: o.ScenarioName,
    svg: Annotated[
        Path | None,
        typer.Option(
            "--svg", metavar="FILE", help="Draw the pathway into a file (svg, png or pdf)."
        ),
    ] = None,
    mermaid_only: Annotated[
        bool, typer.Option("--mermaid", help="Print the pathway for Mermaid, nothing else.")
    ] = False,
    sets: o.Sets = None,
    as_json: o.AsJson = False,
) -> None:
    """Show a scenario: parameters with source and quality, offered load by pool, the pathway.

    The pathway is text for Mermaid, which many editors and web pages draw; `--svg` draws it here.

    Example: `carepath show buckinghamshire/to-be --svg pathway.svg`
    """
    from carepath_sim import load
    from carepath_sim.report.diagram import draw_pathway, mermaid

    check_picture(svg)
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    if svg is not None:
        draw_pathway(loaded, svg)
    if as_json:
        print_json(loaded.resolved())
        return
    if not mermaid_only:
        from carepath_sim.plan.traffic import offered_load
        from carepath_sim.report.parameters import scenario_tables

        console().print(scenario_tables(loaded, offered_load(loaded)))
    print(mermaid(loaded), end="")
    if svg is not None and not mermaid_only:
        print(f"\nPicture is in {svg}")
