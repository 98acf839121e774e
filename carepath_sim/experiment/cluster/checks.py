"""Whether a cluster would give the same results: looked at before anything runs there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carepath_sim.experiment.cluster.errors import ClusterError
from carepath_sim.experiment.cluster.remote import CARRYING, DECIDING, introduce

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from carepath_sim.experiment.cluster.connection import Connection
    from carepath_sim.experiment.tasks import Packed

# For how long [s] workers may take to say who they are: a first import from a network disk.
PATIENCE = 60

# What a scheduler must have, too: it unpacks what it passes on.
OF_SCHEDULER = ("python", "carepath-sim", *CARRYING)


def check_cluster(connection: Connection, scenarios: Sequence[Packed]) -> dict[str, int]:
    """Return the workers of a cluster with their threads, after looking at everything.

    Raises
    ------
    ClusterError
        With every problem that was found.
    """
    client, address = connection.client, connection.address
    threads: dict[str, int] = dict(client.nthreads())
    if not threads:
        raise ClusterError(
            f"the cluster at {address} has no workers; "
            f"`dask worker {address} --nthreads 1 --nworkers 2` starts two"
        )
    packages = [*CARRYING, *DECIDING]
    found = client.get_versions(packages=packages)
    problems: list[str] = []
    here = _packages(found["client"], packages)
    theirs = _packages(found["scheduler"], packages)
    problems += _differences("the scheduler", theirs, here, ("python", *CARRYING))
    differing = {
        worker: list(_differences("", _packages(said, packages), here, here))
        for worker, said in found["workers"].items()
    }
    problems += _by_problem(differing)
    if not problems:
        problems += check_scheduler(connection)
        problems += check_workers(connection, scenarios, threads)
    else:
        problems += check_threads(threads)
    if problems:
        raise ClusterError(
            f"the cluster at {address} would not give the same results as this machine:\n  "
            + "\n  ".join(problems)
        )
    return threads


def check_scheduler(connection: Connection) -> list[str]:
    """Return what is wrong with the scheduler."""
    try:
        said = connection.client.run_on_scheduler(introduce)
    except Exception as error:  # noqa: BLE001 - whatever is missing there, it is said
        return [f"the scheduler cannot load carepath-sim: {error}; it needs what workers need"]
    return list(_differences("the scheduler", said, introduce(), OF_SCHEDULER))


def check_workers(
    connection: Connection, scenarios: Sequence[Packed], threads: Mapping[str, int]
) -> list[str]:
    """Return what is wrong with some workers; those that have gone meanwhile are left out."""
    mine = introduce(scenarios)
    said = connection.client.run(
        introduce, scenarios, workers=list(threads), on_error="return", callback_timeout=PATIENCE
    )
    differing = {}
    for worker, one in said.items():
        if isinstance(one, OSError):
            continue
        if isinstance(one, Exception):
            differing[worker] = [f"cannot load carepath-sim: {one}"]
        else:
            differing[worker] = list(_differences("", one, mine, mine))
            if "fault" in one:
                differing[worker] = [f"cannot read the scenario: {one['fault']}"]
    return [*check_threads(threads), *_by_problem(differing)]


def check_threads(threads: Mapping[str, int]) -> list[str]:
    """Return which workers have more threads than the engine can use."""
    return _by_problem(
        {
            worker: [f"{number} threads; start workers with --nthreads 1 (and more --nworkers)"]
            for worker, number in threads.items()
            if number != 1
        }
    )


def _packages(said: Any, packages: Sequence[str]) -> dict[str, str]:
    of = (said or {}).get("packages", {})
    python = ".".join(str(of.get("python", "missing")).split(".")[:2])
    return {"python": python, **{name: of.get(name) or "missing" for name in packages}}


def _differences(
    who: str, theirs: Mapping[str, str], mine: Mapping[str, str], names: Any
) -> Iterator[str]:
    for name in names:
        there = theirs.get(name, "missing")
        if there != mine[name]:
            words = f"{name} {there} there, {mine[name]} here"
            yield f"{who}: {words}" if who else words


def _by_problem(differing: Mapping[str, Sequence[str]]) -> list[str]:
    """Return each problem once, with who has it."""
    having: dict[str, list[str]] = {}
    for worker, problems in differing.items():
        for problem in problems:
            having.setdefault(problem, []).append(worker)
    found = []
    for problem, workers in having.items():
        others = f" and {len(workers) - 1} more" if len(workers) > 1 else ""
        found.append(f"worker {workers[0]}{others}: {problem}")
    return found
