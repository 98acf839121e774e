"""Waiting-time standards of the scenario: how many were met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, How
from carepath_sim.measures.arrays import earliest
from carepath_sim.measures.conditions import attribute_at, hold, meant, unreadable
from carepath_sim.measures.counting import within
from carepath_sim.measures.episodes import episode_rows
from carepath_sim.measures.grouped import STATISTICS, WORDS, groups
from carepath_sim.measures.measure import Cell, Measure, measure
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.places import keyed
from carepath_sim.measures.strata import stratum
from carepath_sim.measures.view import ended
from carepath_sim.units import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Bools, Floats, Ints
    from carepath_sim.measures.grouped import Groups
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Standard

CLOCKS = (
    "Clocks start at every such event in the window to which the standard applies, and stop at the"
    " first"
    " answer in the same episode."
)


@dataclass(frozen=True)
class Answers:
    """Clocks of one standard that can be judged.

    Attributes
    ----------
    took
        Time to the answer [ms], NEVER: none.
    within
        The limit [ms].
    pending
        Clocks whose time was not up at the end of the run; they are left out of `took`.
    """

    took: Ints
    within: int
    pending: int

    @property
    def met(self) -> int:
        """Number of clocks answered in time."""
        return int(np.sum((self.took != NEVER) & (self.took <= self.within)))

    @property
    def answered(self) -> Ints:
        """Times of the clocks that were answered [ms]."""
        chosen: Ints = self.took[self.took != NEVER]
        return chosen


def _events(view: View, name: str) -> tuple[Ints, Ints]:
    """Return rows and instants [ms] of events such as `spr.requested`, at any time."""
    service, column = name.rsplit(".", 1)
    spells = view.spells
    chosen = np.isin(spells["service"], meant(view.plan, [service])) & (spells["how"] != How.START)
    t = spells[column]
    happened = (t != NEVER) & (t <= view.once(ended))
    if column == "needed":
        happened &= (spells["started"] != NEVER) | (t <= spells["left"])
    rows = np.flatnonzero(chosen & happened)
    return rows, t[rows]


def answers(view: View, standard: Standard) -> Answers:
    """Return how the clocks of a standard were answered."""
    return _by_class(view, standard)[""]


def _by_class(view: View, standard: Standard) -> dict[str, Answers]:
    """Return the answers of all (under an empty name), and by value of the standard's `by`."""
    plan = view.plan
    rows, t = _events(view, standard.from_)
    inside = within(view, t)
    rows, t = rows[inside], t[inside]
    applies = hold(view, standard.when, rows, t)
    rows, t = rows[applies], t[applies]
    found = [_events(view, name) for name in standard.to]
    ends, end_t = (np.concatenate(columns) for columns in zip(*found, strict=True))
    # Searched by episode instead of by person, so that an answer in a later one does not count.
    episode = view.once(episode_rows)
    ends, end_t = ends[episode[ends] >= 0], end_t[episode[ends] >= 0]
    answer = earliest(keyed(plan, episode[ends], end_t), keyed(plan, episode[rows], t))
    some = (answer >= 0) & (episode[rows] >= 0)
    some[some] = episode[ends[answer[some]]] == episode[rows[some]]
    took = np.full(len(rows), NEVER, dtype=np.int64)
    took[some] = end_t[answer[some]] - t[some]
    limit = round(standard.within.value)
    open_still = ~some & (t + limit > plan.end)

    def judged(mine: Bools) -> Answers:
        return Answers(took[mine & ~open_still], limit, int((mine & open_still).sum()))

    everyone = {"": judged(np.ones(len(rows), dtype=np.bool_))}
    if standard.by is None:
        return everyone
    code = attribute_at(view, standard.by, rows, t)
    values = plan.attributes[plan.attribute_index[standard.by]].values
    return everyone | {value: judged(code == k) for k, value in enumerate(values)}


def _all(view: View) -> dict[str, Answers]:
    """Return answers by stratum: each standard, and each class of those reported by classes."""
    found = {}
    for name, standard in view.plan.scenario.standards.items():
        if unreadable(view.plan, standard.when):
            continue
        for value, judged in _by_class(view, standard).items():
            more = {standard.by: value} if value and standard.by else {}
            found[stratum(**{"standard": name, **more})] = judged
    return found


def _left_out(plan: Plan) -> str:
    """Name the standards that cannot be judged from a record."""
    found = [
        f"{name} ({', '.join(sorted(keys))})"
        for name, standard in plan.scenario.standards.items()
        if (keys := unreadable(plan, standard.when))
    ]
    return (
        f"without standards whose conditions a record does not hold: {'; '.join(found)}"
        if found
        else ""
    )


def _figure(
    name: str,
    definition: str,
    unit: str,
    value: Callable[[Answers], tuple[float, float]],
    denominator: str,
) -> Measure:
    @measure(
        name=name,
        definition=f"{definition} {CLOCKS}",
        unit=unit,
        denominator=denominator,
        remark=_left_out,
    )
    def figure(view: View) -> Iterator[Cell]:
        for standard, found in view.once(_all).items():
            yield Cell(standard, WINDOW, *value(found))

    return figure


def _share(part: float, whole: float) -> tuple[float, float]:
    return (part / whole if whole else float("nan")), float(whole)


def _statistic(statistic: Callable[[Groups], Floats]) -> Callable[[Answers], tuple[float, float]]:
    def value(found: Answers) -> tuple[float, float]:
        took = found.answered
        one = groups(np.zeros_like(took), took, 1)
        return float(statistic(one)[0]) / HOUR, float(len(took))

    return value


_JUDGED = "clocks whose time was up, or that were answered, by the end of the run-out"
MEASURES = (
    _figure(
        "standard_met",
        "Share answered within the limit; what was not answered is missed once the time is up.",
        "share",
        lambda found: _share(found.met, len(found.took)),
        _JUDGED,
    ),
    _figure(
        "standard_unanswered",
        "Share never answered.",
        "share",
        lambda found: _share(len(found.took) - len(found.answered), len(found.took)),
        _JUDGED,
    ),
    _figure(
        "standard_pending",
        "Share whose time was not up at the end of the run; it is judged neither met nor missed.",
        "share",
        lambda found: _share(found.pending, len(found.took) + found.pending),
        "all clocks",
    ),
    *(
        _figure(
            f"standard_{word}",
            f"{WORDS[word]} time to the answer, of those answered.",
            "h",
            _statistic(STATISTICS[word]),
            "clocks that were answered",
        )
        for word in ("mean", "median", "p90")
    ),
)
