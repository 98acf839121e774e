"""Coloured cells of a map, drawn as shapes: a picture inside a page then needs no image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


def cells(axes: Axes, colours: NDArray[np.float64]) -> None:
    """Draw a rectangle a colour, the first row on top; cell (row, column) has its middle there.

    Parameters
    ----------
    axes
        Where to draw.
    colours
        Red, green and blue between 0 and 1, shape `(row, column, 3)`.
    """
    rows, columns = colours.shape[:2]
    axes.pcolormesh(
        np.arange(columns + 1) - 0.5,
        np.arange(rows + 1) - 0.5,
        colours,
        # Between rectangles of one colour no line may show.
        edgecolors="face",
        linewidth=0.3,
    )
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)


def blues(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Return a colour a value, darker blue for more; white where there is none.

    Parameters
    ----------
    values
        Shape `(row, column)`; nan: none.
    low, high
        Ends of the scale.
    """
    from matplotlib import colormaps

    span = high - low if high > low else 1.0
    share = np.clip((np.nan_to_num(values, nan=low) - low) / span, 0.0, 1.0)
    found = np.asarray(colormaps["Blues"](share))[..., :3]
    found[np.isnan(values)] = 1.0
    return found


def ink(colour: NDArray[np.float64]) -> str:
    """Return black or white, whichever can be read better on a colour.

    Both contrasts are those of WCAG 2.2 (relative luminance; contrast ratio).

    Parameters
    ----------
    colour
        Red, green and blue between 0 and 1.

    >>> ink(np.array([1.0, 1.0, 1.0])), ink(np.array([0.0, 0.0, 0.5]))
    ('black', 'white')
    """
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return "black" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "white"
