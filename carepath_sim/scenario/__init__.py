"""The scenario room: what an area's care looks like, read from YAML and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carepath_sim.scenario.catalogue import bundled
    from carepath_sim.scenario.diff import difference
    from carepath_sim.scenario.loader import load, validate
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.schema import json_schema

__all__ = ["Scenario", "bundled", "difference", "json_schema", "load", "validate"]

_HOMES = {
    "Scenario": "model",
    "bundled": "catalogue",
    "difference": "diff",
    "json_schema": "schema",
    "load": "loader",
    "validate": "loader",
}


def __getattr__(name: str) -> Any:
    """Load a name where it is first used: a list of scenarios needs no pydantic."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
