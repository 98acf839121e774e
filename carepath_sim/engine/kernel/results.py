"""Rows of the kernel as columns, in the order of people: placed by counting, not by sorting."""

from __future__ import annotations

from typing import Any

import numpy as np

from carepath_sim.engine.compiling import batch


@batch
def by_person(rows: Any, person: int, number: int, people: int) -> Any:
    """Return the order of rows by person, and by a running number of each person.

    The kernel writes rows as time goes on, so that those of a person stand almost in order.

    Parameters
    ----------
    rows
        A table of the kernel, shape `(row, column)`.
    person, number
        Columns of the person and of the running number.
    people
        How many people there are.
    """
    n = len(rows)
    ends = np.zeros(people + 1, dtype=np.int64)
    for row in range(n):
        ends[rows[row, person] + 1] += 1
    for k in range(people):
        ends[k + 1] += ends[k]
    firsts = ends.copy()
    order = np.empty(n, dtype=np.int64)
    for row in range(n):
        who = rows[row, person]
        k = ends[who]
        while k > firsts[who] and rows[order[k - 1], number] > rows[row, number]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = row
        ends[who] += 1
    return order


@batch
def as_columns(rows: Any, order: Any, width: int) -> Any:
    """Return the first columns of rows in an order, shape `(column, row)`."""
    columns = np.empty((width, len(order)), dtype=np.int64)
    for k in range(len(order)):
        for column in range(width):
            columns[column, k] = rows[order[k], column]
    return columns
