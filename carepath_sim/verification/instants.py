"""What happens at one instant, and by which hour: small crowds whose days follow from the rules.

Every instant is worked out by hand from the documentation: ranks before times, a freed place before
the end of patience, people who change places at once, beds that close as they empty, decisions and
hours of leaving apart.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from carepath_sim.engine.spells import NEVER
from carepath_sim.units import MINUTE
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import replications
from carepath_sim.verification.verdict import Verdict, exactly

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Seen


class Stay(NamedTuple):
    """A request of a person: hours from the start of the window; None where it never began.

    Attributes
    ----------
    who
        Source of the person; of several from one source, the first comes first.
    service
        What they asked for.
    started, left
        When they began there, and left or gave up [h].
    """

    who: str
    service: str
    started: float | None
    left: float


class Day(NamedTuple):
    """A scenario and everything that happens in it."""

    title: str
    rule: str
    stays: tuple[Stay, ...]


DAYS = {
    "trace_tie": Day(
        "three people, ranks and times",
        "people wait by priority, then by when they joined",
        (
            Stay("bert", "desk", 1, 2),
            Stay("carl", "desk", 2, 3),
            Stay("anna", "desk", 3, 4),
        ),
    ),
    "trace_patience": Day(
        "a place that frees as patience ends",
        "a place that frees at the very instant goes to the person; then patience ends",
        (
            Stay("anna", "desk", 1, 2),
            Stay("bert", "desk", 2, 3),
            Stay("carl", "desk", None, 2),
            Stay("carl", "nurse", 2, 2.5),
        ),
    ),
    "trace_swap": Day(
        "two people who change places",
        "people who each wait for the next one's place move all at once",
        (
            Stay("anna", "north", 1, 14),
            Stay("bert", "south", 2, 14),
            Stay("anna", "south", 14, 17),
            Stay("bert", "north", 14, 19),
        ),
    ),
    "trace_beds": Day(
        "one bed, two beds, one bed",
        "capacity by date; places close as they empty",
        (
            Stay("people", "ward", 12, 60),
            Stay("people", "ward", 48, 96),
            Stay("people", "ward", 60, 108),
            Stay("people", "ward", 108, 156),
            Stay("people", "ward", 156, 204),
        ),
    ),
    "trace_round": Day(
        "a round, and hours of leaving",
        "released at the first hour of leaving after ready, and so they stay; the round decides",
        (
            # Ready at 8: decided on at 9, and out from 12 on.
            Stay("early", "ward", 8, 36),
            # Ready at 13 and released; decided on at 9 the next day, and gone at once.
            Stay("noon", "ward", 13, 57),
            # Ready at 20: decided on at 9, and out from 12 on.
            Stay("evening", "ward", 20, 60),
        ),
    ),
    "trace_two_units": Day(
        "somebody who needs two places",
        "nobody overtakes the first in line who does not fit",
        (
            Stay("a", "room", 1, 5),
            Stay("b", "room", 5, 9),
            Stay("c", "room", 5, 9),
        ),
    ),
    "trace_easter": Day(
        "two working days around Easter 2015",
        "the clock of working days stands still at weekends and on bank holidays",
        (
            Stay("monday", "notice", 10, 58),
            Stay("wednesday", "notice", 58, 8 * 24 + 10),
            Stay("thursday", "notice", 82, 9 * 24 + 10),
            # Two whole working days from Tuesday on: over when Wednesday is.
            Stay("good_friday", "notice", 106, 10 * 24),
            Stay("friday", "notice", 11 * 24 + 10, 15 * 24 + 10),
        ),
    ),
    "trace_ahead": Day(
        "planned a day ahead",
        "steps run during the stay; a place is granted to whoever can use it within hold_up_to",
        (
            Stay("anna", "ward", 10, 58),
            Stay("anna", "assessment", 34, 38),
            # Bert's place frees at 57, an hour before Anna can use it: it is held for her.
            Stay("anna", "reablement", 58, 103),
            Stay("bert", "reablement", 12, 57),
        ),
    ),
}


def happened(seen: Seen) -> list[Stay]:
    """Return every request of a run."""
    spells, people = seen.spells, seen.record.people
    source = dict(zip(people["person"].tolist(), people["source"].tolist(), strict=True))
    names = [service.name for service in seen.plan.services]

    def hours(t: int) -> float:
        return round(t / MINUTE) / 60

    found = []
    for k in np.argsort(spells["requested"], kind="stable").tolist():
        started, left = int(spells["started"][k]), int(seen.until[k])
        found.append(
            Stay(
                seen.plan.source_names[source[int(spells["person"][k])]],
                names[int(spells["service"][k])],
                None if started == NEVER else hours(started),
                hours(left),
            )
        )
    return found


def _work(name: str, _: Effort) -> tuple[Verdict, ...]:
    day = DAYS[name]
    (seen,) = replications(name, {}, 1, 1)
    got, known = set(happened(seen)), set(day.stays)
    differ = sorted(f"{stay}" for stay in got ^ known)
    return (
        exactly(
            name,
            f"{day.title}: stays that differ",
            0,
            len(differ),
            f"the rule: {day.rule}",
            f"first: {differ[0]}" if differ else "",
        ),
    )


CASES = tuple(Case(name, partial(_work, name), quick=True) for name in DAYS)
