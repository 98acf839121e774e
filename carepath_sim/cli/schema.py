"""`carepath schema`: the JSON Schema of scenarios, for editors."""

from __future__ import annotations

from carepath_sim.cli.output import print_json


def schema() -> None:
    """Print the JSON Schema of scenario files, with which editors complete and explain fields.

    Example: `carepath schema > scenario.schema.json`
    """
    from carepath_sim.scenario.schema import json_schema

    print_json(json_schema())
