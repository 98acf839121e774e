"""Words of findings: where they stand, what is known, and the nearest known name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from carepath_sim.scenario.reading import Path, nearest

__all__ = ["Finding", "Path", "figure", "listed", "nearest_name", "unknown"]

Finding = tuple[Path, str]
"""Where, and what is wrong there."""

MOST_NAMES = 12
"""Names that a message lists before it says how many more there are."""


def listed(names: Iterable[str], joint: str = "and") -> str:
    """Return names as a list to be read, the first dozen of them.

    >>> listed(["acute", "home", "spr"])
    'acute, home and spr'
    """
    known = list(dict.fromkeys(names))
    if not known:
        return "none"
    if len(known) > MOST_NAMES:
        return f"{', '.join(known[:MOST_NAMES])} and {len(known) - MOST_NAMES} more"
    if len(known) == 1:
        return known[0]
    return f"{', '.join(known[:-1])} {joint} {known[-1]}"


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the nearest of some names, or None where none is near.

    >>> nearest_name("acutee", ["acute", "home"])
    'acute'
    """
    close = get_close_matches(name, list(known), n=1)
    return close[0] if close else None


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """Return the message for a name that does not exist.

    >>> unknown("service", "acutee", ["acute", "home"])
    "unknown service 'acutee'; did you mean 'acute'? Accepted: acute and home"
    """
    guess = nearest(name, known)
    accepted = f"Accepted: {listed(known)}" if guess else f"accepted: {listed(known)}"
    return f"unknown {what} '{name}'{guess or ';'} {accepted}"


def figure(value: float) -> str:
    """Return a number as people write it.

    >>> figure(125.0), figure(0.985)
    ('125', '0.985')
    """
    return "unlimited" if value == float("inf") else f"{value:.10g}"
