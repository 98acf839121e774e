"""What `run` and `compare` do with a posterior, or with ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, progress_of, records, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from carepath_sim.experiment.uncertain import Uncertainty
    from carepath_sim.scenario.model import Scenario

PANEL = "With all that is not known"

Posterior = Annotated[
    str | None,
    typer.Option(
        "--posterior",
        metavar="FIT",
        help="Folder of `carepath calibrate`: simulate its draws, and tell what is not known from "
        "luck.",
        rich_help_panel=PANEL,
    ),
]
Ranges = Annotated[
    bool,
    typer.Option(
        "--ranges",
        help="The same with draws from the ranges that the scenarios give their numbers.",
        rich_help_panel=PANEL,
    ),
]
Draws = Annotated[
    int | None,
    typer.Option(
        "--draws",
        min=1,
        metavar="N",
        help="Draws to simulate, `--replications` (3) times each. Default 256.",
        rich_help_panel=PANEL,
    ),
]
Parameters = Annotated[
    str,
    typer.Option(
        "--parameters",
        metavar="NAMES",
        help="With `--ranges`: which numbers vary, with commas and `*`. Default: all.",
        rich_help_panel=PANEL,
    ),
]
Measures = Annotated[
    list[str] | None,
    typer.Option(
        "--measure",
        metavar="NAME",
        help="Figure to look at: `p_wait[community_beds]`. May be repeated.",
        rich_help_panel=PANEL,
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="TARGET",
        help="How likely is it met? `p_wait[community_beds]<=0.05`. May be repeated.",
        rich_help_panel=PANEL,
    ),
]
Objective = Annotated[
    str | None,
    typer.Option(
        "--objective",
        metavar="WORDS",
        help="Which scenario is best, and how surely? `minimise costs`.",
        rich_help_panel=PANEL,
    ),
]
OtherModel = Annotated[
    bool,
    typer.Option(
        "--other-model",
        help="Take a fit of another scenario, or of an earlier version of it.",
        rich_help_panel=PANEL,
    ),
]
LeaveOut = Annotated[
    bool,
    typer.Option(
        "--leave-out-impossible",
        help="Go on without draws that make no scenario.",
        rich_help_panel=PANEL,
    ),
]


def is_asked(posterior: str | None, ranges: bool, only_then: Mapping[str, Any]) -> bool:
    """Tell whether draws are to be simulated, and refuse their options where they are not.

    Parameters
    ----------
    posterior, ranges
        As given.
    only_then
        Options that mean nothing otherwise, by name.

    Raises
    ------
    OptionError
        For options that contradict each other.
    """
    from carepath_sim.experiment.batch import OptionError

    if posterior is not None and ranges:
        raise OptionError("draws come from a fit (--posterior) or from ranges (--ranges), not both")
    if posterior is not None or ranges:
        return True
    given = [name for name, value in only_then.items() if value]
    if given:
        raise OptionError(f"{', '.join(given)}: only with --posterior FIT or --ranges")
    return False


def answer(
    scenarios: Sequence[Scenario],
    *,
    posterior: str | None,
    not_with: Mapping[str, Any],
    measures: Sequence[str] | None,
    targets: Sequence[str] | None,
    other_model: bool,
    leave_out: bool,
    out: Path | None,
    as_json: bool,
    replications: int | None,
    parameters: str,
    **given: Any,
) -> None:
    """Simulate draws and print what they come to.

    Raises
    ------
    OptionError
        For options that contradict each other.
    """
    from carepath_sim import uncertainty
    from carepath_sim.experiment.batch import OptionError

    if clash := [name for name, value in not_with.items() if value]:
        raise OptionError(f"{', '.join(clash)}: not with --posterior or --ranges")
    for one in scenarios:
        said(one)
    with progress_of("making draws", "simulating") as (making, bar):
        found = uncertainty(
            *scenarios,
            posterior="ranges" if posterior is None else posterior,
            measures=measures or (),
            targets=targets or (),
            parameters=o.names(parameters),
            replications=replications,
            other_models="accept" if other_model else "refuse",
            impossible_draws="leave out" if leave_out else "refuse",
            out=out,
            progress=bar,
            making=making,
            **given,
        )
    if out is not None:
        _pictures(found, out)
    if as_json:
        print_json(_said(found, scenarios))
        return
    from carepath_sim.report.uncertainty import uncertainty_table

    console().print(uncertainty_table(found))
    if out is not None:
        print(f"Tables are in {out}")


def _pictures(found: Uncertainty, out: Path) -> None:
    from carepath_sim.report.forest import NothingToDrawError
    from carepath_sim.report.saving import save

    several = len(found.names) > 1
    for k, one in enumerate(found.measures, start=1):
        save(found.plot.bands(str(one)), out, f"bands-{k}")
        if several:
            save(found.plot.differences(str(one)), out, f"differences-{k}")
    for k, question in enumerate(dict.fromkeys(found.knowing()["question"]), start=1):
        try:
            save(found.plot.knowing(question), out, f"knowing-{k}")
        except NothingToDrawError:
            continue


def _said(found: Uncertainty, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    several = len(found.names) > 1
    return {
        "scenarios": list(found.names),
        "hashes": [one.hash() for one in scenarios],
        "posterior": found.posterior.source,
        "draws": len(found.posterior),
        "replications": found.replications,
        "seed": found.seed,
        "engine": found.engine,
        "notices": list(found.notices),
        "figures": records(found.figures()),
        **({"differences": records(found.differences())} if several else {}),
        "targets": records(found.targets()),
        **({"best": records(found.best())} if found.objective is not None else {}),
        "knowing": records(found.knowing()),
        "impossible": [{"draw": draw, "reason": why} for draw, why in found.impossible],
    }
