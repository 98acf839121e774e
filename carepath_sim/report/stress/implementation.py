"""Sections 5 to 7: the program, where it can be had, how it was checked."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

from carepath_sim import __version__
from carepath_sim.report.stress.basis import AUTHOR
from carepath_sim.report.stress.experimentation import AFTER
from carepath_sim.report.stress.items import Item, asked, bullets, joined, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.report.stress.basis import Basis

SAMPLING = (
    "Philox 4x32-10, a counter-based generator (Salmon and others, 2011), keyed by seed and "
    "replication; its counter names the source of the person, the person, the decision and the "
    "occasion. Nothing is drawn in sequence: the same person has the same luck at the same "
    "decision in every scenario (common random numbers), on any number of processes."
)
EXECUTION = (
    "Events are kept in one agenda and run in order of time. At one instant: calendar, people, "
    "programmes, admissions, circles, patience, diversions; deaths before arrivals and crises, "
    "these before other events of people, and the lower number of a person before the higher. "
    "Replications are shared among processes; results do not depend on how many."
)
ENGINES = {
    "compiled": "Simulated by the compiled engine, an event loop over arrays (Numba).",
    "simpy": "Simulated by the SimPy engine: process interaction, one process a journey.",
}
VERIFIED = (
    (
        "`carepath verify` holds the program to formulas of queueing theory, published models, "
        "traces of other programs, and days worked out by hand."
    ),
    (
        "Every record of a run is checked: people and places are conserved, no pool is above its "
        "capacity, no stay ends before it begins."
    ),
    "Two engines that share one set of rules give the same record, bit for bit.",
)


def implementation(basis: Basis) -> Iterator[Item]:
    """Yield the items of section 5."""
    manifest = basis.manifest
    versions = manifest.get("versions") or {"python": platform.python_version()}
    machine = manifest.get("machine") or {"system": platform.platform()}
    rows = [("carepath-sim", manifest.get("version", __version__)), *versions.items()]
    yield Item(
        "5.1",
        "Software or programming language",
        joined(f"System: {machine.get('system')}.", markdown_table(("software", "version"), rows)),
    )
    crn = manifest.get("common_random_numbers", True)
    seed = f"Seed: {manifest['seed']}." if "seed" in manifest else ""
    apart = "" if crn else "In this run every scenario had random numbers of its own."
    yield Item("5.2", "Random sampling", joined(SAMPLING, f"{seed} {apart}".strip()))
    engine = ENGINES.get(str(manifest.get("engine", "compiled")), "")
    yield Item("5.3", "Model execution", joined(engine, EXECUTION))
    seconds = manifest.get("wall_time_s")
    blanks = () if seconds is not None or manifest else (f"How long does it take? {AFTER}",)
    yield Item("5.4", "System specification", _machine(basis), blanks)


def _machine(basis: Basis) -> str:
    manifest = basis.manifest
    if not manifest:
        return ""
    machine = manifest.get("machine", {})
    count = machine.get("processors") or os.cpu_count()
    words = f"{machine.get('system')}, {machine.get('processor')}, {count} processors."
    if "wall_time_s" in manifest:
        words += f" The run took {manifest['wall_time_s']:,.1f} s"
        words += f" ({manifest.get('simulation_time_s', 0):,.1f} s of simulation in all processes)."
    return words


def access(basis: Basis) -> Iterator[Item]:
    """Yield the item of section 6."""
    words, blanks = asked(basis, "access", AUTHOR["access"])
    hashes = [(label, one.hash()) for label, one in basis.scenarios.items()]
    version = basis.manifest.get("version", __version__)
    text = joined(
        words,
        f"The program is carepath-sim {version}, open source under the MIT licence; cite it as its "
        "`CITATION.cff` says. A scenario is told by the SHA-256 of what it says:",
        markdown_table(("scenario", "hash"), hashes),
    )
    yield Item("6.1", "Computer model sharing statement", text, blanks)


def checked(basis: Basis) -> Iterator[Item]:
    """Yield what the checklist does not ask for and readers want to know."""
    yield Item("7.1", "Verification", bullets(VERIFIED))
    words, blanks = asked(basis, "validation", AUTHOR["validation"])
    targets = sum(len(one.targets) for one in basis.scenarios.values())
    beside = (
        f"{targets} targets of the documents stand in the scenarios; the scorecard puts results "
        "beside them. They are never inputs."
        if targets
        else ""
    )
    yield Item("7.2", "Validation", joined(words, beside), blanks)
