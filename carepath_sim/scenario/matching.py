"""Values that a test means: one of them, or numbers such as `3+` of an attribute that counts."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SPAN = re.compile(r"(\d+)(?:\+|\s*-\s*(\d+))")


def values_meant(written: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the values of an attribute that a test accepts; none where it means nothing.

    >>> values_meant("2+", ["0", "1", "2", "3+"]), values_meant("3+", ["0", "1", "2", "3+"])
    (('2', '3+'), ('3+',))
    >>> values_meant("1-2", ["0", "1", "2", "3+"]), values_meant("2+", ["north", "south"])
    (('1', '2'), ())
    """
    if written in known:
        return (written,)
    span = _SPAN.fullmatch(written)
    numbers = [value.removesuffix("+") for value in known]
    if span is None or not all(number.isdecimal() for number in numbers):
        return ()
    low, high = int(span[1]), float(span[2] or "inf")
    return tuple(
        value
        for value, number in zip(known, numbers, strict=True)
        if low <= int(number) <= high and (span[2] is None or not value.endswith("+"))
    )


def is_meant(value: str, written: Sequence[str]) -> bool:
    """Tell whether a value is one of those that a test accepts."""
    return value in written or any(_SPAN.fullmatch(w) and _inside(value, w) for w in written)


def _inside(value: str, written: str) -> bool:
    return bool(values_meant(written, (value,)))
