"""Many differences at once are those of one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from carepath_sim.statistics import paired_difference
from carepath_sim.statistics.columns import paired_differences

NAN = np.nan
TABLE = np.array([[1.0, 4.0, 0.0, 7.0, NAN], [2.0, NAN, 0.0, 7.0, NAN], [4.0, 6.0, 0.0, 7.0, 3.0]])
OTHER = np.array([[2.0, 4.0, 0.0, 9.0, NAN], [5.0, 1.0, 1.0, 9.0, NAN], [3.0, 2.0, 0.0, 9.0, 6.0]])


def test_pairs_of_columns_are_those_of_each() -> None:
    found = paired_differences(TABLE, OTHER, 0.9)
    for k in range(TABLE.shape[1]):
        one = paired_difference(TABLE[:, k], OTHER[:, k], 0.9)
        assert [
            *(found.intervals.mean[k], found.intervals.low[k], found.intervals.high[k]),
            *(found.intervals.n[k], found.variance_reduction[k]),
        ] == pytest.approx(
            [
                *(one.interval.mean, one.interval.low, one.interval.high),
                *(one.interval.n, one.variance_reduction),
            ],
            nan_ok=True,
        )


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        paired_differences(TABLE, OTHER[:2])
