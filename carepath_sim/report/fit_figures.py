"""Pictures of a fit: before and after, what is left, targets, parameters in pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.report.colours import BLUE, GREY, ORANGE, TEAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carepath_sim.calibrate.fit import Fit

    Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

ACROSS: Final = 3
GRID: Final = 24
LOOKS: Final = 16_384
MOST_PAIRS: Final = 6


def before_and_after(fit: Fit) -> Axes:
    """Draw the distribution of each parameter before the fit and after it."""
    panels = panels_of(len(fit.calibration.parameters))
    evenly = (np.arange(4000) + 0.5) / 4000
    values = fit.values()
    for k, (axes, one) in enumerate(zip(panels, fit.calibration.parameters, strict=False)):
        prior = one.prior.at(evenly)
        low, high = np.quantile(np.concatenate([prior, values[:, k]]), [0.002, 0.998])
        bins = np.linspace(float(low), float(high), 30).tolist()
        axes.hist(prior, bins=bins, density=True, color=GREY, alpha=0.35, label="before")
        axes.hist(
            values[:, k], bins=bins, density=True, histtype="step", color=BLUE, lw=2, label="after"
        )
        axes.axvline(one.written, color=ORANGE, lw=1.5, ls="--", label="as written")
        axes.set_title(one.title, fontsize=10)
        axes.set_xlabel(one.unit)
        axes.set_yticks([])
        axes.spines[["left", "top", "right"]].set_visible(False)
    panels[0].legend(frameon=False, fontsize=8)
    return panels[0]


def against_targets(fit: Fit) -> Axes:
    """Draw each target as observed and as simulated with fresh luck, in its own unit."""
    rows = list(fit.targets().itertuples())
    panels = panels_of(len(rows), height=1.9)
    for axes, row, one in zip(panels, rows, fit.calibration.targets, strict=False):
        off = 1.96 * float(np.hypot(one.se, one.discrepancy))
        axes.errorbar(one.value, 1, xerr=off, fmt="o", color=ORANGE, capsize=3, label="observed")
        low, middle, high = (float(str(x)) for x in (row.low, row.simulated, row.high))
        axes.errorbar(
            middle, 0, xerr=[[middle - low], [high - middle]], fmt="s", color=BLUE, capsize=3,
            label="simulated",
        )  # fmt: skip
        held = ", held out" if one.use == "validate" else ""
        axes.set_title(shortened(one.title) + held, fontsize=9)
        axes.set_xlabel(one.unit)
        axes.set_yticks([0, 1], ["simulated", "observed"])
        axes.set_ylim(-0.6, 1.6)
        axes.ticklabel_format(axis="x", useOffset=False, style="plain")
        axes.tick_params(axis="x", labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    return panels[0]


def what_is_left(fit: Fit) -> Axes:
    """Draw the share of the prior that each wave left, and where it lies.

    On the right are the two parameters of which most was learned; colours are the least
    implausibility over all the others at each place.
    """
    import matplotlib.pyplot as plt

    outcome = fit.outcome
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    first: Axes = left
    shares = [100.0, *(100 * float(wave["left"]) for wave in outcome.waves)]
    left.plot(range(len(shares)), shares, marker="o", color=BLUE)
    left.set_yscale("log")
    left.set_xticks(range(len(shares)), ["prior", *(f"wave {k}" for k in range(1, len(shares)))])
    left.set_ylabel("left of the prior [%]")
    left.set_yticks(shares, [f"{one:.3g}" for one in shares])
    left.minorticks_off()
    left.spines[["top", "right"]].set_visible(False)
    last = outcome.sieves[-1]
    if len(last.free) < 2:
        right.set_visible(False)
        return first
    a, b = sorted(last.free, key=lambda k: outcome.u[:, k].std())[:2]
    u = np.full((LOOKS, len(fit.calibration.parameters)), 0.5)
    u[:, list(last.free)] = np.random.default_rng(1).random((LOOKS, len(last.free)))
    worst = last.implausibility(u).max(axis=1)
    least = np.full((GRID, GRID), np.nan)
    column, row = ((u[:, k] * GRID).astype(int) for k in (a, b))
    for x, y, one in zip(column, row, worst, strict=True):
        least[y, x] = np.fmin(least[y, x], one)
    shown = right.imshow(
        least, origin="lower", extent=(0, 1, 0, 1), aspect="auto", cmap="cividis_r", vmin=0, vmax=6
    )
    draws = outcome.u[:150]
    right.plot(draws[:, a], draws[:, b], ".", color=ORANGE, ms=3)
    names = fit.calibration.parameters
    right.set_xlabel(f"{names[a].title} [part of the prior]")
    right.set_ylabel(f"{names[b].title} [part of the prior]")
    figure.colorbar(shown, ax=right, label="least implausibility")
    return first


def in_pairs(fit: Fit) -> Axes:
    """Draw the draws of every two parameters against each other, as parts of their priors."""
    import matplotlib.pyplot as plt

    free = list(fit.outcome.sieves[-1].free)[:MOST_PAIRS]
    size = len(free)
    _, grid = plt.subplots(
        size, size, figsize=(1.5 * size + 1, 1.5 * size + 0.6), squeeze=False, sharex="col",
        layout="constrained",
    )  # fmt: skip
    names = [fit.calibration.parameters[k].title for k in free]
    u = fit.outcome.u
    for i, down in enumerate(free):
        for j, across in enumerate(free):
            axes = grid[i][j]
            axes.set_xticks([])
            axes.set_yticks([])
            if j > i:
                axes.set_visible(False)
            elif i == j:
                axes.hist(u[:, down], bins=np.linspace(0, 1, 16), color=TEAL)
            else:
                axes.plot(u[:300, across], u[:300, down], ".", color=BLUE, ms=2)
                axes.set_ylim(0, 1)
            axes.set_xlim(0, 1)
            if j == 0:
                axes.set_ylabel(shortened(names[i], 16), fontsize=8)
            if i == size - 1:
                axes.set_xlabel(shortened(names[j], 16), fontsize=8)
    first: Axes = grid[0][0]
    return first


def panels_of(
    number: int, height: float = 2.4, *, across: int = ACROSS, width: float = 3.4
) -> list[Axes]:
    """Return axes side by side, of which those that are not needed are not seen [inches]."""
    import matplotlib.pyplot as plt

    across = min(across, number)
    down = -(-number // across)
    _, grid = plt.subplots(
        down, across, figsize=(width * across, height * down), squeeze=False, layout="constrained"
    )
    panels: list[Axes] = list(grid.flat)
    for axes in panels[number:]:
        axes.set_visible(False)
    return panels


def shortened(title: str, most: int = 44) -> str:
    """Return a title of at most so many letters."""
    return title if len(title) <= most else f"{title[: most - 1]}…"
