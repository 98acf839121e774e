"""Which numbers of a scenario file say where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

QUANTITY = re.compile(
    r"-?\d+(\.\d+)?\s*(%|GBP|(ms|s|min|h|d|wk|month|y)\b|per (y|month|d|h)\b)?", re.ASCII
)
NO_NUMBERS = {
    "carepath",
    "clock",
    "references",
    "notes",
    "stories",
    "priority",
    "note",
    "source",
    "range",
    "when",
}
"""Words, the calendar, ranks, what stories tell, and the conditions of cases."""


def numbers(
    raw: object, path: tuple[str, ...], above: tuple[Mapping[str, object], ...]
) -> Iterator[tuple[str, bool]]:
    """Yield every number of a scenario file with whether it says where it comes from."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if key not in NO_NUMBERS:
                yield from numbers(value, (*path, str(key)), (*above, raw))
    elif isinstance(raw, list):
        for k, value in enumerate(raw):
            yield from numbers(value, (*path, str(k)), above)
    elif isinstance(raw, bool):
        return
    elif isinstance(raw, (int, float)) or (isinstance(raw, str) and QUANTITY.fullmatch(raw)):
        yield ".".join(path), sourced(above)


def sourced(above: tuple[Mapping[str, object], ...]) -> bool:
    """Return whether the records around a number name its source, or an assumption's range."""
    near = above[-3:]
    if any("source" in record for record in near):
        return True
    quality = next((record["quality"] for record in reversed(near) if "quality" in record), None)
    return quality == "by hand" or (
        quality == "assumption" and any(ranged(record) for record in near)
    )


def ranged(record: Mapping[str, object]) -> bool:
    """Return whether a number, or the first parameter of a distribution, has a range."""
    inside = [v for v in record.values() if isinstance(v, Mapping)]
    return "range" in record or any("range" in inner for inner in inside)
