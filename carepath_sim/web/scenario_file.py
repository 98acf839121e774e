"""A scenario as a file of its own, for an analyst who runs it again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from carepath_sim import __version__
from carepath_sim.web.request import file_name, scenarios

if TYPE_CHECKING:
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.web.request import Request


def scenario_text(scenario: Scenario, remarks: tuple[str, ...] = ()) -> str:
    """Return a scenario with all that it extends and sets, as YAML.

    Loaded again it has the same hash, and so the same figures for the same seed.
    """
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 4096
    yaml.allow_unicode = True
    buffer = io.StringIO()
    yaml.dump(scenario.resolved(), buffer)
    head = "".join(f"# {line}\n" for remark in remarks for line in remark.splitlines())
    return head + buffer.getvalue()


def scenario_files(request: Request, replications: int) -> dict[str, str]:
    """Return the scenarios of a run by name of file, each with the command that repeats it.

    Parameters
    ----------
    request
        What was asked for.
    replications
        How often each way was simulated.
    """
    found = scenarios(request)
    names = file_names(request)
    command = command_of(request, replications)
    return {
        name: scenario_text(
            scenario,
            (
                f"{scenario.name}: {request.scenario} with the fields below set by hand.",
                *(f"  {path} = {value!r}" for path, value in way.sets),
                f"Hash {scenario.hash()}, carepath-sim {__version__}.",
                f"The same figures again: {command}",
            ),
        )
        for name, scenario, way in zip(names, found, request.ways, strict=True)
    }


def command_of(request: Request, replications: int) -> str:
    """Return the command that gives the figures of a run again, in the folder of its files."""
    names = file_names(request)
    options = f"--replications {replications} --seed {request.seed}"
    if request.capacities:
        ends = f"--from {request.capacities[0]} --to {request.capacities[-1]}"
        step = f"--step {max(1, request.capacities[1] - request.capacities[0])}"
        return f"carepath capacity {names[0]} --pool {request.pool} {ends} {step} {options}"
    if len(names) > 1:
        return f"carepath compare {' '.join(names)} {options}"
    return f"carepath run {names[0]} {options}"


def file_names(request: Request) -> list[str]:
    """Return a name of a file for each way, each different."""
    names: list[str] = []
    for way in request.ways:
        name = file_name(way.label)
        again = sum(other.split(".")[0].rstrip("0123456789") == name for other in names)
        names.append(f"{name}{again + 1}.yaml" if f"{name}.yaml" in names else f"{name}.yaml")
    return names
