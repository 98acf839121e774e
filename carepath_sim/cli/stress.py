"""`carepath stress`: the reporting checklist STRESS-DES, filled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import complain, print_json


def stress(
    given: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO|RUN",
            help="Name or file of a scenario, or the folder of a run (`--out DIR`).",
        ),
    ],
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            metavar="FILE",
            help="YAML file with what only an author knows: purpose, rationale, preprocessing, "
            "validation, access.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the page into a file.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with code 1 if anything is left blank.")
    ] = False,
    sets: o.Sets = None,
    as_json: o.AsJson = False,
) -> None:
    """Fill the reporting checklist STRESS-DES (Monks and others, 2019), with a model card.

    What only an author can know is marked BLANK.

    Example: `carepath stress results/ --answers study.yaml --out stress.md --strict`
    """
    from carepath_sim.errors import CarepathError
    from carepath_sim.experiment.writing import whole
    from carepath_sim.report.stress import stress as fill

    checklist = fill(given, sets=sets or (), answers=answers)
    page = checklist.markdown()
    if out is not None:
        if out.is_dir() or not out.parent.is_dir():
            raise CarepathError(f"{out} cannot be written: name a file in a folder that is there")
        with whole(out) as part:
            part.write_text(page, encoding="utf-8")
    if as_json:
        print_json(
            {
                "scenarios": list(checklist.names),
                "items": [
                    {
                        "number": item.number,
                        "title": item.title,
                        "text": item.text,
                        "blanks": list(item.blanks),
                    }
                    for item in checklist.items
                ],
                "blanks": [{"item": number, "asked": words} for number, words in checklist.blanks],
                "card": checklist.card,
            }
        )
    elif out is None:
        print(page, end="")
    else:
        print(f"STRESS-DES is in {out}; {len(checklist.blanks)} left blank")
    if strict and checklist.blanks:
        for number, words in checklist.blanks:
            complain(f"{number} is blank: {words}")
        raise typer.Exit(1)
