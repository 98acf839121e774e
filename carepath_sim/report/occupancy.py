"""How full a pool is, day by day, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.report.colours import BLUE, GREY, ORANGE
from carepath_sim.report.told import Grid, Told, source_of, tell
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from datetime import date

    from matplotlib.axes import Axes

    from carepath_sim.experiment.results import RunResult

# Share of replications that a band holds on each day.
BAND = (0.05, 0.95)

# A capacity beyond this is no line in the picture.
NO_LIMIT = 2**40


class UnknownPoolError(CarepathError):
    """A picture of a pool that the scenario does not have."""


def occupancy(result: RunResult, pool: str, ax: Axes | None = None) -> Axes:
    """Draw how full a pool is at each midnight, with who waits for it.

    The line is the mean of the replications, the band holds nine of ten of them on each day.

    Parameters
    ----------
    result
        What `carepath_sim.run` returned.
    pool
        Name of the pool, with its value where it is one of several: ``nst[bexhill]``.
    ax
        Where to draw; None: a figure of its own.

    Raises
    ------
    UnknownPoolError
        When there is no such pool.
    """
    from matplotlib.dates import ConciseDateFormatter

    plan = result.plan
    if pool not in plan.pool_index:
        known = ", ".join(plan.pool_index) or "none"
        raise UnknownPoolError(f"{result.label} has no pool {pool!r}; it has: {known}")
    k = plan.pool_index[pool]
    axes = ax if ax is not None else new_axes()
    days = _days(result, "occupancy", k)
    dates = _dates(plan.start_date, days.shape[1])
    low, high = np.quantile(days, BAND, axis=0)
    axes.fill_between(dates, low, high, color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(dates, days.mean(axis=0), color=BLUE, linewidth=1.6, label="occupied")
    if "waiting" in result.done[0].daily:
        waiting = _days(result, "waiting", k).mean(axis=0)
        axes.plot(dates, waiting, color=ORANGE, linewidth=1.2, label="people waiting")
    capacity = _capacity(result, k, days.shape[1])
    if capacity is not None:
        axes.plot(dates, capacity, color=GREY, linewidth=1, linestyle=(0, (4, 2)), label="capacity")
    info = plan.pools[k]
    axes.set_ylabel(f"{info.unit.replace('_', ' ')} at midnight")
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))  # type: ignore[no-untyped-call]
    axes.legend(frameon=False, fontsize=8, ncols=3, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    return tell(axes, _occupancy_told(result, k))


def _occupancy_told(result: RunResult, pool: int) -> Told:
    """Say what the picture of a pool shows, with its months as a table."""
    info = result.plan.pools[pool]
    unit = info.unit.replace("_", " ")
    days = _days(result, "occupancy", pool)
    low, high = np.quantile(days, BAND, axis=0)
    text = (
        f"On average {days.mean():.1f} {unit} are in use at midnight. On a typical day nine of "
        f"ten replications lie between {np.median(low):.0f} and {np.median(high):.0f}; "
        f"the most in any of them is {days.max():.0f}."
    )
    first = np.datetime64(result.plan.start_date, "D")
    months = (first + np.arange(days.shape[1])).astype("datetime64[M]")
    rows = []
    for month in np.unique(months):
        part = days[:, months == month]
        ends = (np.quantile(part, one) for one in BAND)
        rows.append((str(month), f"{part.mean():.1f}", *(f"{one:.0f}" for one in ends)))
    heads = ("Month", "Mean", "5 % of days at most", "95 % of days at most")
    grid = Grid(f"{unit.capitalize()} in use at midnight, by month.", heads, tuple(rows))
    return Told(f"{info.title} day by day: {result.label}", text, source_of([result]), grid)


def new_axes() -> Axes:
    """Return the axes of a new figure, which a notebook shows and a script can save."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    return axes


def _days(result: RunResult, count: str, pool: int) -> np.ndarray:
    """Daily counts of one pool, shape `(replication, day)`."""
    return np.stack([np.asarray(one.daily[count])[:, pool] for one in result.done])


def _dates(start: date, days: int) -> np.ndarray:
    """The midnights at the end of each day."""
    return np.datetime64(start, "D") + np.arange(1, days + 1)


def _capacity(result: RunResult, pool: int, days: int) -> np.ndarray | None:
    """Largest capacity on each day; None where there is no limit."""
    times, places = result.plan.capacity_steps(pool)
    if len(places) == 0 or places.max() >= NO_LIMIT:
        return None
    begins = np.arange(days) * DAY
    first = np.searchsorted(times, begins, side="right") - 1
    last = np.searchsorted(times, begins + DAY, side="left")
    return np.array(
        [places[max(a, 0) : max(b, a + 1)].max() for a, b in zip(first, last, strict=True)]
    )
