"""The rules of starting states: stays that go on, and who is of which class."""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import batch, rule
from carepath_sim.engine.rules import choose, first_match, knot, quantile
from carepath_sim.engine.streams import uniform


@rule
def reached(us: Any, vs: Any, first: int, last: int, x: float) -> float:
    """Return the share of a table's values that are at most `x`."""
    if x < vs[first]:
        return 0.0
    if x >= vs[last - 1]:
        return 1.0
    low = knot(vs, first, last, x)
    share: float = us[low] + (us[low + 1] - us[low]) * ((x - vs[low]) / (vs[low + 1] - vs[low]))
    return share


@rule
def whole_given(us: Any, vs: Any, first: int, last: int, so_far: int, u: float) -> float:
    """Return a whole stay [ms] drawn from a table, given that it is longer than `so_far`.

    The quantile at F(s) + u (1 - F(s)); at or beyond the end of the table the stay ends now.
    """
    share = reached(us, vs, first, last, so_far * 1.0)
    return max(so_far * 1.0, quantile(us, vs, first, last, share + u * (1.0 - share)))


@batch
def draw_classes(
    T: Any, branches: int, seed: int, replication: int, key: int, identity: int, counts: Any,
    many: int,
) -> None:  # fmt: skip
    """Fill how many of each class are wanted: one uniform a place, by number."""
    for k in range(many):
        u = uniform(seed, replication, k, key, identity, 0)
        counts[choose(T, branches, u)] += 1


@batch
def find_classes(
    T: Any, who: int, attributes: int, begin: int, codes: Any, classes: Any
) -> None:  # fmt: skip
    """Fill the number of the class of each person, -1 for those who are of none."""
    for k in range(len(codes)):
        classes[k] = first_match(T, who, codes[k], attributes, begin)
