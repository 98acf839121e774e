"""`carepath list`: the scenarios that come with the program."""

from __future__ import annotations

from carepath_sim.cli import options as o
from carepath_sim.cli.output import console, print_json


def list_scenarios(as_json: o.AsJson = False) -> None:
    """List the bundled scenarios: name, area, variant and one line each.

    Example: `carepath list --json`
    """
    from carepath_sim.scenario.catalogue import bundled

    found = bundled()
    if as_json:
        print_json(
            [
                {"name": one.name, "area": one.area, "variant": one.variant, "title": one.title}
                for one in found
            ]
        )
        return
    from rich import box

    from carepath_sim.report.fitting import Fitted

    table = Fitted(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("Name", "Area", "Variant"):
        table.add_column(column, no_wrap=True)
    table.add_column("Title")
    for one in found:
        table.add_row(one.name, one.area, one.variant, one.title)
    console().print(table)
