"""The pack: every case of every family, and what came of it.

Statistical claims are judged by intervals that miss once in a thousand times. A claim that lies
outside is tried again with other luck and four times the replications, and that decides: so a right
program fails by chance about once in a million claims, and a wrong one does not get away with it,
because the second interval is half as wide. Claims without luck in them are never tried again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from carepath_sim.engine import DEFAULT_ENGINE, prepare
from carepath_sim.experiment.workers import default_workers, work_through
from carepath_sim.verification import (
    changing,
    draws,
    engines,
    instants,
    lines,
    lives,
    losses,
    networks,
    pathways,
    patience,
    priorities,
    published,
    queues,
    rooms,
    sharing,
    stations,
    stroke,
    swings,
    traces,
    unlimited,
    unsaid,
)
from carepath_sim.verification.trials import Effort

if TYPE_CHECKING:
    from collections.abc import Callable

    from carepath_sim.verification.case import Case
    from carepath_sim.verification.verdict import Verdict

FAMILIES = (
    draws,
    instants,
    traces,
    queues,
    priorities,
    patience,
    rooms,
    losses,
    sharing,
    unlimited,
    lines,
    networks,
    swings,
    lives,
    published,
    stroke,
    stations,
    pathways,
    changing,
    engines,
    unsaid,
)

QUICK_SHARE = 0.2
"""Replications of the quick pack, as a share of those of the full one."""

AGAIN = 4
"""How many times the replications of the first try the second one has."""

OTHER_LUCK = 1_000_003
"""What is added to the seed for the second try."""


def cases(*, quick: bool = False) -> dict[str, Case]:
    """Return the cases by name, in the order in which verdicts are listed."""
    found = [case for family in FAMILIES for case in family.CASES]
    return {case.name: case for case in found if case.quick or not quick}


def run_pack(
    *,
    quick: bool = False,
    progress: Callable[[int, int], None] | None = None,
    seed: int = 1,
    workers: int | None = None,
) -> tuple[Verdict, ...]:
    """Run the verification pack.

    Parameters
    ----------
    quick
        One or two cases of each family with fewer replications, besides all traces without luck.
    progress
        Called with how many cases are done and how many there are.
    seed
        Start of all luck. The same seed gives the same verdicts, whatever the number of workers.
    workers
        Processes at work at once; none: one a processor, but this process alone when `quick`.

    Returns
    -------
    :
        The verdicts, case by case. None is left out: what cannot be said yet says so.
    """
    chosen = list(cases(quick=quick))
    effort = Effort(seed, QUICK_SHARE if quick else 1.0)
    found: dict[int, tuple[Verdict, ...]] = {}

    def done(position: int, verdicts: tuple[Verdict, ...]) -> None:
        found[position] = verdicts
        if progress is not None:
            progress(len(found), len(chosen))

    if workers is None:
        workers = 1 if quick else default_workers()
    prepare(DEFAULT_ENGINE)
    work_through(_task, [(name, effort) for name in chosen], workers=workers, done=done)
    return tuple(verdict for k in range(len(chosen)) for verdict in found[k])


def _task(task: tuple[str, Effort]) -> tuple[Verdict, ...]:
    """Carry out a case by its name, in whichever process."""
    name, effort = task
    return judged(cases()[name], effort)


def judged(case: Case, effort: Effort) -> tuple[Verdict, ...]:
    """Return the verdicts on a case; what luck may have spoilt is tried once more."""
    first = case.work(effort)
    if not any(_by_luck(verdict) for verdict in first):
        return first
    more = replace(effort, seed=effort.seed + OTHER_LUCK, share=effort.share * AGAIN)
    second = case.work(more)
    return tuple(
        _tried_again(old, new) if _by_luck(old) else old
        for old, new in zip(first, second, strict=True)
    )


def _by_luck(verdict: Verdict) -> bool:
    """Tell whether a claim failed that luck may have failed."""
    return verdict.ok is False and verdict.low != verdict.high


def _tried_again(old: Verdict, new: Verdict) -> Verdict:
    said = f"second try; the first gave {old.got:.5g}, {old.low:.5g} to {old.high:.5g}"
    return replace(new, note=f"{new.note}; {said}" if new.note else said)
