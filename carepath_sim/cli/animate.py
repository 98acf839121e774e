"""`carepath animate`: people flowing through the services, in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli import options as o
from carepath_sim.cli.output import said


def animate(
    given: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO|RUN",
            help="Name or file of a scenario, or the folder of a run (`--out DIR`), whose scenario "
            "and seed are taken.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The page to write.")
    ] = Path("film.html"),
    first_day: Annotated[
        int, typer.Option("--from", metavar="DAY", help="First day; 0 is the end of the warm-up.")
    ] = 0,
    days: Annotated[int, typer.Option("--days", min=1, help="Days to show.")] = 14,
    every: Annotated[
        int, typer.Option("--every", min=1, metavar="HOURS", help="From picture to picture.")
    ] = 6,
    services: Annotated[
        list[str] | None,
        typer.Option(
            "--service", metavar="NAME", help="Show this service; may be repeated. Default: all."
        ),
    ] = None,
    most: Annotated[
        int,
        typer.Option("--most", min=1, help="Most people drawn in one place; the others a number."),
    ] = 144,
    replication: Annotated[
        int, typer.Option("--replication", min=0, help="Which replication, from 0.")
    ] = 0,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", metavar="NAME", help="Which scenario of the folder of a comparison."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", "-s", min=0, help="Start of all luck. Default: 1.")
    ] = None,
    engine: o.Engine = o.DEFAULT_ENGINE,
    sets: o.Sets = None,
) -> None:
    """Show people flowing through the services, as a page that plays in any browser.

    The page needs nothing from anywhere, and weighs some 5 to 15 MB.

    Example: `carepath animate buckinghamshire/to-be --days 7 --service community_hospital`
    """
    from carepath_sim import animate as film_of
    from carepath_sim import load
    from carepath_sim.errors import CarepathError

    if out.is_dir() or not out.parent.is_dir():
        raise CarepathError(f"--out: {out} cannot be written: name a file in a folder that exists")
    if Path(given).is_dir():
        from carepath_sim.experiment.reopen import scenario_of

        if sets:
            raise CarepathError("--set: a run that is over cannot be changed; give its scenario")
        scenario, found = scenario_of(given, name)
        seed = found if seed is None else seed
    else:
        scenario = load(given, sets=sets or ())
        said(scenario)
    film = film_of(
        scenario,
        seed=1 if seed is None else seed,
        replication=replication,
        first_day=first_day,
        days=days,
        every=every,
        services=services or (),
        most=most,
        engine=engine,
    )
    film.save(out)
    print(f"The film is in {out}: open it in a browser")
