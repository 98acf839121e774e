"""Admissions avoided and caused: two runs with the same people and the same luck, side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.measures.admissions import emergencies
from carepath_sim.measures.counting import within
from carepath_sim.measures.episodes import episode_rows, people_rows
from carepath_sim.measures.measure import Measure, Row
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.strata import ALL, stratum
from carepath_sim.measures.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan

Episode = tuple[str, int, int, str, int]
"""What an episode is known by in every run: source, layer, index of the person; cause, number."""


def _paired(name: str, definition: str, unit: str) -> Measure:
    def alone(_plan: Plan) -> str:
        return "it compares two runs"

    return Measure(name, definition, unit, "", "1", lambda _view: (), alone, absent_is_zero=True)


_MATCHED = "episodes are the same when person, cause and running number are"
MEASURES = (
    _paired(
        "admissions_avoided",
        f"Episodes with an emergency admission in the base that have none here; {_MATCHED}.",
        "episodes",
    ),
    _paired(
        "admissions_caused",
        f"Episodes with an emergency admission here that have none in the base; {_MATCHED}.",
        "episodes",
    ),
    _paired(
        "admissions_only_in_base",
        "Episodes with an emergency admission in the base that do not exist here at all.",
        "episodes",
    ),
    _paired(
        "admissions_only_here",
        "Episodes with an emergency admission here that do not exist in the base at all.",
        "episodes",
    ),
    replace(
        _paired(
            "admissions_net",
            "Emergency admissions here minus those in the base; below 0: fewer.",
            "admissions",
        ),
        signed=True,
    ),
)
"""What `avoided_and_caused` gives; `evaluate` never does, because they need two runs."""


def avoided_and_caused(
    plan: Plan, base_record: Record, other_record: Record, *, other_plan: Plan | None = None
) -> tuple[Row, ...]:
    """Return emergency admissions avoided and caused against a paired base, in all and by cause.

    Parameters
    ----------
    plan, base_record
        The base.
    other_record
        The same replication of the other scenario.
    other_plan
        Plan of the other scenario; none: the same as the base.
    """
    base = _Admitted(View(plan, base_record))
    other = _Admitted(View(other_plan or plan, other_record))
    counted = {
        "admissions_avoided": Counter(e[3] for e in base.admitted if e in other.not_admitted),
        "admissions_caused": Counter(e[3] for e in other.admitted if e in base.not_admitted),
        "admissions_only_in_base": Counter(e[3] for e in base.admitted if e not in other.known),
        "admissions_only_here": Counter(e[3] for e in other.admitted if e not in base.known),
    }
    net = Counter(other.causes)
    net.subtract(base.causes)
    counted["admissions_net"] = net
    return tuple(_rows(counted))


def paired(base_plan: Plan, base_record: Record, plan: Plan, record: Record) -> tuple[Row, ...]:
    """Return every measure that compares a run with its base."""
    return avoided_and_caused(base_plan, base_record, record, other_plan=plan)


class _Admitted:
    """The episodes of a run, and those with an emergency admission in the window.

    Attributes
    ----------
    causes
        Cause of the episode of every emergency admission.
    """

    def __init__(self, view: View) -> None:
        rows = view.once(emergencies)
        rows = rows[within(view, view.spells["started"][rows])]
        episodes = view.once(episode_rows)[rows]
        identities = list(_identities(view))
        self.causes = [identities[k][3] for k in episodes.tolist()]
        self.admitted = {identities[k] for k in np.unique(episodes).tolist()}
        self.known = set(identities)
        self.not_admitted = self.known - self.admitted


def _identities(view: View) -> Iterator[Episode]:
    """Yield what each episode is known by."""
    plan, episodes, people = view.plan, view.episodes, view.people
    row = people_rows(view, episodes["person"])
    sources = [plan.source_names[k] for k in people["source"][row].tolist()]
    causes = [plan.cause_names[k] for k in episodes["cause"].tolist()]
    yield from zip(
        sources,
        people["layer"][row].tolist(),
        people["index"][row].tolist(),
        causes,
        episodes["number"].tolist(),
        strict=True,
    )


def _rows(counted: dict[str, Counter[str]]) -> Iterator[Row]:
    causes = sorted({cause for counts in counted.values() for cause in counts})
    for name, counts in counted.items():
        yield Row(name, ALL, WINDOW, float(sum(counts.values())))
        for cause in causes:
            yield Row(name, stratum(cause=cause), WINDOW, float(counts[cause]))
