"""What the pack says of one claim: what is expected, what came out, and whether that agrees."""

from __future__ import annotations

from dataclasses import dataclass

LEVEL = 0.999
"""Coverage of the intervals of statistical verdicts: one in a thousand is missed by chance."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on one claim.

    Attributes
    ----------
    case
        Name of the case that the claim belongs to.
    claim
        What is claimed, with the unit in brackets.
    expected
        The answer that is known; None where nothing can be said.
    got
        What the simulator gives.
    low, high
        Interval of what the simulator gives; both `got` where there is no luck in it.
    ok
        Whether `expected` lies in the interval; None where the language cannot say the case yet.
    source
        Where the expected answer comes from.
    note
        How it was worked out, or why nothing is said.
    """

    case: str
    claim: str
    expected: float | None
    got: float | None
    low: float | None
    high: float | None
    ok: bool | None
    source: str
    note: str = ""


def within(
    case: str,
    claim: str,
    expected: float,
    interval: tuple[float, float, float],
    source: str,
    note: str = "",
) -> Verdict:
    """Return the verdict on a claim about something with luck in it.

    Parameters
    ----------
    interval
        What came out, and the lower and upper end of its interval.
    """
    got, low, high = interval
    return Verdict(case, claim, expected, got, low, high, low <= expected <= high, source, note)


def exactly(
    case: str, claim: str, expected: float, got: float, source: str, note: str = ""
) -> Verdict:
    """Return the verdict on a claim without luck in it: nothing but the same number will do."""
    return Verdict(case, claim, expected, got, got, got, got == expected, source, note)


def not_said(case: str, claim: str, source: str, reason: str) -> Verdict:
    """Return the verdict on a case that the language cannot say yet."""
    return Verdict(case, claim, None, None, None, None, None, source, f"not said yet: {reason}")
