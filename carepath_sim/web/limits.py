"""How much one person may ask of the machine that others use too."""

from __future__ import annotations

from dataclasses import dataclass, field

from carepath_sim.experiment.workers import default_workers


@dataclass(frozen=True)
class Limits:
    """Bounds of the page.

    Attributes
    ----------
    minutes
        Time after which a run is stopped [min].
    replications
        Most replications of one run.
    ways
        Most ways that one run compares.
    beds
        Most places that a slider gives one pool.
    waiting
        Most runs that wait.
    kept
        Most runs that one person keeps.
    silence
        Time without a sign of the browser after which its run is ended [s]. A tab in the background
        may be asked only once a minute.
    finished
        Most finished runs that stay on the disk.
    slots
        Runs at work at once.
    workers
        Processes of one run.
    papers
        Whether the report and the workbook of a run are written.
    """

    minutes: float = 10.0
    replications: int = 48
    ways: int = 4
    beds: int = 2_000
    waiting: int = 50
    kept: int = 8
    silence: float = 100.0
    finished: int = 120
    slots: int = 1
    workers: int = field(default_factory=default_workers)
    papers: bool = True
