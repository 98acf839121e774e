"""A sweep over two fields as a map: a cell a point, darker for more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from carepath_sim.experiment.batch import OptionError
from carepath_sim.report.heat import blues, cells, ink
from carepath_sim.report.lines import SCALES, number, unit_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from carepath_sim.experiment.study import Study

MOST_COLUMNS: Final = 14
MOST_CELLS: Final = 160
"""Columns and cells up to which a number can be read in each."""
FEW_COLUMNS: Final = 8
"""Columns up to which a number of usual size has room."""
MOST_LABELS: Final = 14
"""Values that are named along an axis."""


def is_map(study: Study) -> bool:
    """Tell whether a sweep is a whole grid of two fields, three values each at least."""
    if len(study.settings) != 2:
        return False
    x, y = study.settings
    pairs = {(point.get(x), point.get(y)) for point in study.points}
    columns, rows = ({pair[k] for pair in pairs} for k in (0, 1))
    return (
        min(len(columns), len(rows)) >= 3
        and None not in columns | rows
        and len(study.points) == len(pairs) == len(columns) * len(rows)
    )


def fields_of(study: Study, x: str | None, y: str | None) -> tuple[str, str]:
    """Return the fields along the two axes.

    Raises
    ------
    OptionError
        Unless exactly two fields vary, and those are asked for.
    """
    paths = study.settings
    if len(paths) != 2:
        vary = ", ".join(paths) or "nothing"
        raise OptionError(f"a map is of two fields that vary; here {vary} varies")
    for path in (x, y):
        if path is not None and path not in paths:
            raise OptionError(f"{path!r} does not vary; {', '.join(paths)} do")
    first = x or next(path for path in paths if path != y)
    second = y or next(path for path in paths if path != first)
    if first == second:
        raise OptionError(f"{first!r} can not be along both axes of a map")
    return first, second


def draw(axes: Axes, table: pd.DataFrame, x: str, y: str) -> None:
    """Draw the cells and their scale; the labels of the axes are left to the caller.

    Parameters
    ----------
    axes
        Where to draw.
    table
        As `Study.figures` gives it for one figure.
    x, y
        Fields along the axes; the largest value of `y` is on top.
    """
    unit = unit_words(str(table["unit"].iloc[0]))
    across, up = _in_order(table[x]), _in_order(table[y])[::-1]
    means = np.full((len(up), len(across)), np.nan)
    for row in table.to_dict("records"):
        means[up.index(row[y]), across.index(row[x])] = row["mean"]
    known = means[~np.isnan(means)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    colours = blues(means, low, high)
    cells(axes, colours)
    axes.set_xticks(*_labels(across))
    axes.set_yticks(*_labels(up))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if len(across) <= MOST_COLUMNS and means.size <= MOST_CELLS:
        for (row, column), mean in np.ndenumerate(means):
            words = number(float(mean), unit) or "-"
            colour = ink(colours[row, column])
            size = 9 if len(across) <= FEW_COLUMNS else 7
            axes.text(column, row, words, ha="center", va="center", fontsize=size, color=colour)
    elif high > low:
        _scale(axes, low * SCALES.get(unit, 1.0), high * SCALES.get(unit, 1.0))


def _in_order(column: pd.Series[Any]) -> list[Any]:
    from pandas.api.types import is_numeric_dtype

    values = list(column.dropna().unique())
    return sorted(values) if is_numeric_dtype(column) else values


def _labels(values: Sequence[Any]) -> tuple[list[int], list[str]]:
    """Return places and words of no more labels than can be read, the first of them always."""
    step = -(-len(values) // MOST_LABELS)
    places = list(range(0, len(values), step))
    return places, [f"{values[k]:,}" if _is_whole(values[k]) else str(values[k]) for k in places]


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer)


def _scale(axes: Axes, low: float, high: float) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    shades = ScalarMappable(Normalize(low, high), "Blues")
    bar = axes.get_figure().colorbar(shades, ax=axes, pad=0.02)  # type: ignore[union-attr]
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8)
