"""`carepath capacity`: what more or fewer places of one pool would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json, progress, records, said
from carepath_sim.cli.run import tell_where

if TYPE_CHECKING:
    from carepath_sim.experiment.goal import Goal

NO = 1
"""Exit code where no capacity, or no value of a lever, meets the targets."""

Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="TARGET",
        help="What is to be met: `p_wait<=0.05`, `wait_mean[acute] <= 2 days`. May be repeated.",
    ),
]
Most = Annotated[
    int,
    typer.Option("--most", min=5, help="Replications of one value at most."),
]
Confidence = Annotated[
    float,
    typer.Option(
        "--confidence",
        min=0.5,
        max=0.999,
        help="That all decisions of a search are right together.",
    ),
]


def capacity(
    scenario: o.ScenarioName,
    pool: Annotated[str, typer.Option("--pool", metavar="NAME", help="Pool whose places vary.")],
    low: Annotated[int, typer.Option("--from", min=0, help="Smallest capacity.")],
    high: Annotated[int, typer.Option("--to", min=1, help="Largest capacity.")],
    step: Annotated[int, typer.Option("--step", min=1, help="From one point to the next.")] = 10,
    target: Targets = None,
    search_step: Annotated[
        int, typer.Option("--search-step", min=1, help="Step of the search for the smallest.")
    ] = 1,
    measure: Annotated[
        list[str] | None,
        typer.Option("--measure", metavar="NAME", help="A further figure. May be repeated."),
    ] = None,
    replications: o.Replications = 10,
    most: Most = 100,
    confidence: Confidence = 0.95,
    seed: o.Seed = 1,
    engine: o.Engine = o.DEFAULT_ENGINE,
    workers: o.Workers = None,
    sets: o.Sets = None,
    out: o.Out = None,
    as_json: o.AsJson = False,
) -> None:
    """Show what each capacity of a pool does, and the smallest that meets targets.

    Occupancy, time full, waits, delayed days, admissions and costs with intervals, the knee of the
    curve, and what queueing theory says. Without any capacity that meets the targets the exit code
    is 1.

    Example: `carepath capacity buckinghamshire/to-be --pool community_beds --from 60 --to 160
    --target "p_wait<=0.05"`
    """
    from carepath_sim import capacity_curve, load
    from carepath_sim.experiment.batch import OptionError

    if not low < high:
        raise OptionError(f"--from lies below --to, found {low} and {high}")
    loaded = load(scenario, sets=sets or ())
    said(loaded)
    folder = _claimed(out)
    with progress(f"capacity of {pool}") as bar:
        curve = capacity_curve(
            loaded,
            pool=pool,
            # The last point is always --to, so that the curve covers what was asked for.
            capacities=[*range(low, high, step), high],
            targets=target or (),
            measures=measure or (),
            replications=replications,
            most=most,
            step=search_step,
            confidence=confidence,
            seed=seed,
            engine=engine,
            workers=workers,
            progress=bar,
        )
    if folder is not None:
        from carepath_sim.report.folder import write_curve

        write_curve(folder, curve, loaded)
    if as_json:
        search = None if curve.answer is None else records(curve.answer.table())
        print_json({**plain(curve.summary()), "curve": records(curve), "search": search})
    else:
        from carepath_sim.report.levers import curve_table

        console().print(curve_table(curve))
        print(curve.said())
        tell_where(out)
    leave(curve.answer)


def leave(answer: Goal | None) -> None:
    """End with exit code 1 where the answer is that nothing meets the targets."""
    if answer is not None and not answer.met:
        raise typer.Exit(NO)


def plain(value: Any) -> Any:
    """Return plain values without numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):  # noqa: PLR0124
        return None
    return value


def _claimed(out: Any) -> Any:
    """Return the folder for the tables, refused before anything is simulated."""
    if out is None:
        return None
    from carepath_sim.report.folder import claim

    return claim(out)
