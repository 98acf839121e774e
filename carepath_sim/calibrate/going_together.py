"""Reading which errors of targets go together: by pairs, by a table, and of shares of a whole."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from carepath_sim.calibrate.forms import number
from carepath_sim.calibrate.together import Correlations, bearable, blocks
from carepath_sim.scenario.reading import Flaws, known_keys, nearest, shown, text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from carepath_sim.calibrate.targets import Target

KINDS: Final = ("observed", "discrepancy")
ROUNDING: Final = 0.02
"""By which part a variance of a table may differ from the square of the target's error."""


def read_correlations(
    raw: Mapping[str, Any], targets: Sequence[Target], folder: Path | None, flaws: Flaws
) -> Correlations:
    """Return how errors of targets go together.

    Parameters
    ----------
    raw
        A file of targets: `correlation` is a list of pairs, `covariance` the name of a table.
    targets
        In the order of the file.
    folder
        Where tables lie.
    flaws
        Takes what is wrong.
    """
    found = Correlations.none(len(targets))
    of_shares(targets, found)
    if "correlation" in raw:
        _pairs(raw["correlation"], targets, found, flaws)
    if "covariance" in raw:
        _table(raw["covariance"], targets, folder, found, flaws)
    for kind in KINDS:
        _possible(kind, targets, getattr(found, kind), flaws)
    return found


def of_shares(targets: Sequence[Target], found: Correlations) -> None:
    """Write in how shares of one whole go together: what one has more, the others have less.

    Notes
    -----
    Of shares p and q of one sample the correlation is -sqrt(pq / ((1-p)(1-q))) (multinomial, and
    Dirichlet). Discrepancies of m shares that add up to 0 and are alike: -1 / (m - 1).
    """
    for a, b in combinations(range(len(targets)), 2):
        one, other = targets[a], targets[b]
        if not one.whole or one.whole != other.whole:
            continue
        p, q = one.value, other.value
        r = -float(np.sqrt(p * q / ((1 - p) * (1 - q))))
        _set(found.observed, a, b, r)
        _set(found.discrepancy, a, b, -1 / (one.parts - 1))


def _set(matrix: NDArray[np.float64], a: int, b: int, r: float) -> None:
    matrix[a, b] = matrix[b, a] = r


def _pairs(raw: object, targets: Sequence[Target], found: Correlations, flaws: Flaws) -> None:
    if not isinstance(raw, list) or not raw:
        flaws.note(
            "a list of pairs is needed, such as - {between: [a, b], observed: 0.6}; found "
            f"{shown(raw)}",
            "correlation",
        )
        return
    names = [one.name for one in targets]
    seen = set()
    for k, pair in enumerate(raw):
        at = ("correlation", k)
        if not isinstance(pair, Mapping) or "between" not in pair or not set(KINDS) & set(pair):
            flaws.note(
                f"between: [a, b] and observed (or discrepancy) are needed, found {shown(pair)}",
                *at,
            )
            continue
        known_keys(pair, ("between", *KINDS, "note", "source"), flaws)
        two = pair["between"]
        if not isinstance(two, list) or len(two) != 2 or two[0] == two[1]:
            flaws.note(f"two targets are needed, found {shown(two)}", *at, "between")
            continue
        strange = [one for one in two if one not in names]
        for one in strange:
            flaws.note(f"there is no target {one!r}{nearest(str(one), names)}", *at, "between")
        if strange:
            continue
        a, b = sorted(names.index(one) for one in two)
        if (a, b) in seen:
            flaws.note(f"{two[0]} and {two[1]} stand in the list twice", *at, "between")
        if targets[a].whole and targets[a].whole == targets[b].whole:
            flaws.note(
                f"how shares of {targets[a].whole} go together is known already", *at, "between"
            )
            continue
        seen.add((a, b))
        for kind in KINDS:
            r = flaws.attempt(number, pair.get(kind, 0.0), *at, kind)
            if r is not None and not -1 < r < 1:
                flaws.note(f"a correlation lies between -1 and 1, found {r:g}", *at, kind)
            elif r is not None:
                _set(getattr(found, kind), a, b, r)


def _table(
    raw: object, targets: Sequence[Target], folder: Path | None, found: Correlations, flaws: Flaws
) -> None:
    """Read a square table of covariances of the errors of observation, names above and before."""
    name = flaws.attempt(text, raw, "covariance")
    if name is None or folder is None:
        return
    try:
        lines = list(csv.reader((folder / name).read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        flaws.note(f"{name} cannot be read: {error}", "covariance")
        return
    rows = [row for row in lines if any(cell.strip() for cell in row)]
    heads = [cell.strip() for cell in rows[0][1:]] if rows else []
    before = [row[0].strip() for row in rows[1:]]
    if len(heads) < 2 or heads != before or any(len(row) != len(rows[0]) for row in rows):
        flaws.note(
            f"{name}: a square table is needed, the same targets above its columns and before its "
            f"rows; found {', '.join(heads) or 'nothing'} above and "
            f"{', '.join(before) or 'nothing'} before",
            "covariance",
        )
        return
    known = {one.name: k for k, one in enumerate(targets)}
    strange = [one for one in heads if one not in known]
    for one in strange:
        flaws.note(f"{name}: there is no target {one!r}{nearest(one, known)}", "covariance")
    try:
        matrix = np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])
    except ValueError as error:
        flaws.note(f"{name}: a number is needed ({error})", "covariance")
        return
    if strange:
        return
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, rtol=1e-6):
        flaws.note(f"{name}: a covariance is the same read across and down", "covariance")
        return
    sd = np.array([targets[known[one]].se for one in heads])
    for one, variance, se in zip(heads, np.diag(matrix), sd, strict=True):
        if abs(variance - se**2) > ROUNDING * se**2:
            flaws.note(
                f"{name}: the variance of {one} is {variance:g}, and by the file of targets its "
                f"standard error is {se:g}, with a variance of {se**2:g}",
                "covariance",
            )
    if (np.diag(matrix) <= 0).any():
        return
    scaled = matrix / np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    for (i, one), (j, other) in combinations(enumerate(heads), 2):
        _set(found.observed, known[one], known[other], float(scaled[i, j]))


def _possible(
    kind: str, targets: Sequence[Target], matrix: NDArray[np.float64], flaws: Flaws
) -> None:
    """Refuse correlations that no errors can have together."""
    for group in blocks(matrix):
        part = matrix[np.ix_(group, group)]
        most = bearable(part)
        if most < 1:
            names = ", ".join(targets[k].name for k in group)
            flaws.note(
                f"no errors can be correlated so ({kind}: {names}): the matrix is not positive "
                f"definite; with all of its correlations times {most * 0.99:.2f} it would be",
                "correlation",
            )
