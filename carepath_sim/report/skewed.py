"""A sentence where intervals are too short because replications are very uneven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.experiment.frames import Figures
from carepath_sim.report.lines import measure_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from carepath_sim.experiment.results import RunResult
    from carepath_sim.report.lines import Line

NAMED = 3
"""How many figures are named; the others are counted."""


def skewed_lines(
    results: Sequence[RunResult], lines: Sequence[Line], level: float = 0.95
) -> list[str]:
    """Return what to say of figures too skewed for so few replications: a sentence, or nothing.

    Parameters
    ----------
    results
        What is shown, the base first.
    lines
        The lines of the table.
    level
        Coverage of the intervals.
    """
    # SciPy's tests take a moment to load.
    from carepath_sim.statistics.skewness import replications_for_skewed

    needed: dict[str, int] = {}
    every = [(result, Figures(result.done)) for result in results]
    for line in lines:
        if not line.stratum:
            continue
        for values in _looked_at(line, every):
            if found := replications_for_skewed(values, level):
                name = _name(line)
                needed[name] = max(found, needed.get(name, 0))
    if not needed:
        return []
    names = sorted(needed, key=lambda name: -needed[name])
    first, more = names[:NAMED], len(names) - NAMED
    of = "; ".join(first) + (f"; and {more} more" if more > 0 else "")
    number = len(results[0].done)
    said = (
        f"Very uneven from one replication to the next, a few far from the others: {of}. Here "
        f"{level:.0%} intervals of {number} replications hold the truth clearly less often than "
        f"they say: take {max(needed.values())} before leaning on their ends."
    )
    return [said]


def _looked_at(
    line: Line, every: Sequence[tuple[RunResult, Figures]]
) -> Iterator[NDArray[np.float64]]:
    """Yield what the intervals of a line come from: values, and differences from the base."""
    key = (line.measure, line.stratum)
    _, base = every[0]
    for k, (result, figures) in enumerate(every):
        values = figures.values(key)
        yield values
        if k and result.common_random_numbers:
            yield values - base.values(key)


def _name(line: Line) -> str:
    words = measure_words(line.measure)
    return f"{words}, {line.words}" if line.inner else line.words
