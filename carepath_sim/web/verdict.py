"""What a comparison comes to in words: what is surely better or worse, and in what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from carepath_sim.report.lines import measure_words
from carepath_sim.web.differences import changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.web.differences import Change
    from carepath_sim.web.outcome import Outcome

KEY: Final = ("emergency_admissions", "delayed_transfer_days", "costs")
"""What a way is judged by."""


@dataclass(frozen=True)
class Standing:
    """How the ways stand to the first.

    Attributes
    ----------
    headline
        The answer in a sentence or two.
    reasons
        A sentence a sure difference.
    decided
        Whether every way is surely better or worse than the first, without a price.
    """

    headline: str
    reasons: tuple[str, ...]
    decided: bool


def standing(found: Outcome) -> Standing:
    """Return which ways are surely better or worse than the first.

    These are the intervals of the table, no others: what is not sure there is not said here.
    """
    base, others = found.labels[0], found.labels[1:]
    if not others:
        return Standing("", (), decided=False)
    sure = {label: _sure(found, k + 1) for k, label in enumerate(others)}
    better = [label for label in others if _only(sure[label], "better")]
    worse = [label for label in others if _only(sure[label], "worse")]
    equal = [label for k, label in enumerate(others) if _equal(found, k + 1)]
    unclear = [label for label in others if not sure[label] and label not in equal]
    mixed = [label for label in others if label not in {*better, *worse, *unclear, *equal}]
    said = []
    if worse == list(others):
        said.append(f"{base} comes out best: {_listed(worse)} {_are(worse)} surely worse.")
    elif worse:
        said.append(f"{_listed(worse)} {_are(worse)} surely worse than {base}.")
    if better:
        said.append(f"{_listed(better)} {_are(better)} surely better than {base}.")
    for label in mixed:
        good, bad = (_names(sure[label], kind) for kind in ("better", "worse"))
        said.append(f"{label} has a price against {base}: better in {good}, worse in {bad}.")
    judged = _listed([measure_words(one).lower() for one in KEY if found.one(one) is not None])
    if equal:
        said.append(f"{_listed(equal)} {_are(equal)} the same as {base} in {judged}.")
    if unclear:
        said.append(
            f"{_listed(unclear)} cannot be told apart from {base} in {judged} with "
            f"{found.replications} replications; more of them may tell."
        )
    reasons = tuple(_said(label, base, one) for label in others for one in sure[label])
    return Standing(" ".join(said), reasons, decided=not unclear and not mixed)


def _sure(found: Outcome, way: int) -> list[Change]:
    all_ = {(one.series.measure, one.series.stratum): one for one in changes(found, way)}
    some = [all_[name, "all"] for name in KEY if (name, "all") in all_]
    return [one for one in some if one.verdict in {"better", "worse"}]


def _equal(found: Outcome, way: int) -> bool:
    """Tell whether nothing that a way is judged by moves in any replication."""
    some = [one for one in changes(found, way) if one.series.measure in KEY]
    return bool(some) and all(one.verdict == "same" for one in some)


def _only(sure: Sequence[Change], kind: str) -> bool:
    return bool(sure) and all(one.verdict == kind for one in sure)


def _names(sure: Sequence[Change], kind: str) -> str:
    return _listed(
        [measure_words(one.series.measure).lower() for one in sure if one.verdict == kind]
    )


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _are(words: Sequence[str]) -> str:
    return "is" if len(words) == 1 else "are"


def _said(label: str, base: str, one: Change) -> str:
    size = one.said(abs(one.interval.mean))
    low, high = sorted((abs(one.interval.low), abs(one.interval.high)))
    what = measure_words(one.series.measure).lower()
    is_more = one.interval.mean > 0
    if what == "costs":
        words = f"costs {'rise' if is_more else 'fall'} by {size} against {base}"
    else:
        words = f"{size} {'more' if is_more else 'fewer'} {what} than with {base}"
    return f"{label}: {words} (95 % interval {one.said(low)} to {one.said(high)})."
