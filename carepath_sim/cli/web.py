"""`carepath web`: the commissioners' page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carepath_sim.cli.output import complain


def web(
    scenarios: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[SCENARIO...]", help="Files of your own, to choose beside the bundled ones."
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Where the page listens.")
    ] = 8501,
) -> None:
    """Open the commissioners' page on this machine (127.0.0.1): dials, runs, answers.

    Needs the extra `web`: `pip install -e '.[web]'`. Ctrl-C ends it, with all runs.

    Example: `carepath web --port 8600`
    """
    from carepath_sim.scenario.loader import load
    from carepath_sim.web.serve import ADDRESS, check, serve

    check(port)
    for path in scenarios or ():
        load(path)
    complain(f"the page is at http://{ADDRESS}:{port} (Ctrl-C ends it)")
    serve(port, [str(path) for path in scenarios or ()])
