"""What must be known before a posterior is used: checks that a machine can make.

W9, a posterior used with another model, is found where it is used
(`carepath_sim.experiment.posterior.other_model`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from carepath_sim.calibrate.emulators import Quality

UNINFORMED: Final = 0.9
TOGETHER: Final = 0.9
CONDITION: Final = 1e3
AT_AN_END: Final = 0.01
MASS: Final = 0.05
FEW: Final = 100
MISSED: Final = 3.0
VACUOUS: Final = 0.8
SELDOM: Final = 0.0027
"""Chance of more than three standard deviations."""


def uninformed(name: str, ratio: float) -> Iterator[str]:
    """W1: the standard deviation is hardly smaller than before."""
    if ratio > UNINFORMED:
        yield f"W1: the data do not inform {name} (deviation {ratio:.2f} of that before)"


def only_together(names: Sequence[str], u: NDArray[np.float64]) -> Iterator[str]:
    """W2: two parameters are known together only, by the draws, shape `(draw, parameter)`."""
    moving = [k for k in range(len(names)) if u[:, k].std() > 0]
    for place, b in enumerate(moving):
        for a in moving[:place]:
            r = float(np.corrcoef(u[:, a], u[:, b])[0, 1])
            if abs(r) > TOGETHER:
                what = "ratio or difference" if r > 0 else "product or sum"
                pair = f"{names[a]} and {names[b]}"
                yield f"W2: of {pair} only a {what} is identified (correlation {r:.2f})"


def unseen(names: Sequence[str], slopes: NDArray[np.float64]) -> Iterator[str]:
    """W2 and W3: directions in which the targets do not see the parameters.

    Parameters
    ----------
    slopes
        Shape `(target, parameter)`: change of a target over the whole prior of a parameter, in
        standard deviations of what separates observed and simulated.

    Notes
    -----
    A direction is unseen when its singular value is less than a thousandth of the largest
    (Brun, Reichert and Kuensch 2001, Water Resources Research 37, 1015-1030, of collinearity).
    """
    if not slopes.size or not np.any(slopes):
        return
    _, sizes, directions = np.linalg.svd(slopes, full_matrices=True)
    full = np.zeros(len(names))
    full[: len(sizes)] = sizes
    rank = int((full * CONDITION >= full[0]).sum())
    if rank == len(names):
        return
    if rank == min(slopes.shape):
        yield (
            f"W3: {slopes.shape[0]} targets for {len(names)} parameters: {len(names) - rank} "
            "of their combinations keep what was thought before"
        )
        return
    yield f"W3: the targets see {rank} combinations of {len(names)} parameters"
    for direction in directions[rank:]:
        yield f"W2: no target sees {_in_words(names, direction)}"


def _in_words(names: Sequence[str], direction: NDArray[np.float64]) -> str:
    """Return a direction in words: what moves with it, the strongest first."""
    order = np.argsort(-np.abs(direction), kind="stable")
    told = [k for k in order if abs(direction[k]) > 0.3]
    sign = np.sign(direction[told[0]])
    parts = [f"{names[k]} {'up' if direction[k] * sign > 0 else 'down'}" for k in told]
    return f"{', '.join(parts)} together" if len(parts) > 1 else f"{names[told[0]]} at all"


def at_an_end(name: str, u: NDArray[np.float64]) -> Iterator[str]:
    """W4: the draws, as parts of the prior, press against its ends."""
    for share, end in (
        (float((u < AT_AN_END).mean()), "low"),
        (float((u > 1 - AT_AN_END).mean()), "high"),
    ):
        if share > MASS:
            yield f"W4: {name} lies at the {end} end of its prior ({share:.0%} of the draws)"


def nothing_left(left: float) -> Iterator[str]:
    """W5: history matching threw everything away."""
    if left <= 0:
        yield "W5: nothing is left of the prior: targets contradict each other, or the model"


def worth_little(worth: float) -> Iterator[str]:
    """W6: the draws are worth few independent ones."""
    if worth < FEW:
        yield f"W6: the draws are worth {worth:.0f} independent ones"


def missed(name: str, z: float, *, held_out: bool) -> Iterator[str]:
    """W7, and its like for targets that were fitted: the posterior does not come near."""
    if abs(z) > MISSED and held_out:
        yield f"W7: the held-out target {name} is missed (z {z:.1f})"
    elif abs(z) > MISSED:
        yield f"misfit: the fitted target {name} is missed all the same (z {z:.1f})"


def missed_together(what: str, chance: float) -> Iterator[str]:
    """Tell of targets of which each may be met, but not all of them at once."""
    if chance < SELDOM:
        yield (
            f"misfit: the {what} targets together lie farther out than {1 - SELDOM:.1%} of what "
            "is foretold"
        )


def vacuous(name: str, discrepancy: float, others: float) -> Iterator[str]:
    """W8: most of the variance that a point may be off by was granted to the model."""
    share = discrepancy / (discrepancy + others)
    if share > VACUOUS:
        yield (
            f"W8: how close {name} must come is decided by the stated discrepancy "
            f"({share:.0%} of the variance)"
        )


def poorly_emulated(name: str, quality: Quality) -> Iterator[str]:
    """Tell of an emulator on which answers should not rest."""
    if not quality.is_good:
        yield (
            f"emulator poor: {name} (foretells {max(quality.q2, 0):.0%} of what is no luck, "
            f"{quality.coverage:.0%} of points within two deviations)"
        )


def in_conflict(name: str, z: float) -> Iterator[str]:
    """Tell of a target that the others contradict."""
    if abs(z) > MISSED:
        yield f"conflict: fitted without {name}, the model misses it (z {z:.1f})"
