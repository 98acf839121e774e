"""The process that works on one run: a folder with a request goes in, an outcome comes out.

It tells on standard output how far it is, a line of JSON at a time, and ends with everybody whom it
has started as soon as its standard input is closed: nobody is left who could read the outcome.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING

from carepath_sim.errors import CarepathError

if TYPE_CHECKING:
    from carepath_sim.experiment.results import RunResult
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.web.outcome import Outcome
    from carepath_sim.web.request import Request

REQUEST, OUTCOME = "request.json", "outcome.pickle"
WRONG = 2


def main() -> None:
    """Work on the request in the folder that is named."""
    Thread(target=_end_with_the_page, daemon=True).start()
    folder, workers, papers = Path(sys.argv[1]), int(sys.argv[2]), bool(int(sys.argv[3]))
    # Imported only now: an end is heard meanwhile.
    from carepath_sim.web.request import Request

    request = Request.from_json((folder / REQUEST).read_text(encoding="utf-8"))
    try:
        found, results = carry_out(request, workers)
    except CarepathError as error:
        _tell(error=str(error))
        raise SystemExit(WRONG) from None
    part = folder / f"{OUTCOME}.part"
    part.write_bytes(pickle.dumps(found))
    part.replace(folder / OUTCOME)
    _tell(outcome=True)
    if not papers:
        return
    # The next run has begun: somebody waits for its answer.
    if hasattr(os, "nice"):
        os.nice(10)
    from carepath_sim.web.papers import write_papers

    write_papers(found, results, folder)
    _tell(papers=True)


def carry_out(request: Request, workers: int) -> tuple[Outcome, tuple[RunResult, ...]]:
    """Simulate what a request asks for; of a curve there are no results to write tables of."""
    from carepath_sim.experiment.capacity import capacity_curve
    from carepath_sim.web.outcome import outcome_of, outcome_of_curve
    from carepath_sim.web.request import scenarios

    began = perf_counter()
    ways = scenarios(request)
    if request.capacities:
        curve = capacity_curve(
            ways[0],
            pool=request.pool,
            capacities=request.capacities,
            replications=request.replications,
            seed=request.seed,
            workers=workers,
            progress=lambda done, of: _tell(done=done, of=of),
        )
        return outcome_of_curve(request, curve, perf_counter() - began), ()
    results = _simulated(request, ways, workers, began)
    return outcome_of(request, results, perf_counter() - began), results


def _simulated(
    request: Request, ways: tuple[Scenario, ...], workers: int, began: float
) -> tuple[RunResult, ...]:
    """Simulate ways with the same people and luck, until there are enough or time is up.

    The clock decides how many replications there are, never the figures: intervals stay what they
    say. How many there were goes with the outcome, so that the same figures can be had again.
    """
    from carepath_sim.experiment.paired import PairedPoints

    done = request.least if request.seconds else request.replications
    with PairedPoints(
        ways,
        [way.label for way in request.ways],
        seed=request.seed,
        workers=workers,
        progress=lambda made, _: _tell(done=made, of=done * len(ways)),
    ) as points:
        while True:
            results = points.results(range(len(ways)), done)
            spent = perf_counter() - began
            # The next few take as long as those before them.
            after = min(done + max(workers, 2), request.replications)
            if done == request.replications or spent * after / done > request.seconds:
                return results
            done = after


def _tell(**words: object) -> None:
    print(json.dumps(words), flush=True)  # noqa: T201 - this is how the page learns of it


def _end_with_the_page() -> None:
    """End this process and its workers when nobody holds the other end of the input any more."""
    sys.stdin.buffer.read()
    if hasattr(os, "killpg"):
        # It leads a group of its own (see `Desk`), in which its workers are.
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
