"""Opening hours that can be moved: when a service admits, decides, or lets people go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from carepath_sim.report.words import title_of
from carepath_sim.scenario.changeable import HOURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.scenario.model import Scenario
    from carepath_sim.web.request import Sets

VERBS: Final = {"admits": "admits", "discharges": "lets people go", "decides": "decides"}
EVERY_DAY: Final = "daily"
_WRITTEN: Final = re.compile(
    r"(?:(?P<days>daily|Mon-Fri|working days)\s+)?"
    r"(?P<h1>\d\d):(?P<m1>\d\d)-(?P<h2>\d\d):(?P<m2>\d\d)"
)


@dataclass(frozen=True)
class Hours:
    """Hours of a service.

    Attributes
    ----------
    path
        Where they stand.
    title
        What opens.
    days
        ``daily``, ``Mon-Fri`` or ``working days``.
    begin, end
        From and until [h from midnight].
    text
        As they are written.
    """

    path: str
    title: str
    days: str
    begin: float
    end: float
    text: str

    def sets(self, begin: float, end: float, *, every_day: bool) -> Sets:
        """Return what other hours set; none where nothing is moved."""
        days = EVERY_DAY if every_day else self.days if self.days != EVERY_DAY else "Mon-Fri"
        if (days, begin, end) == (self.days, self.begin, self.end) or begin >= end:
            return ()
        return ((self.path, f"{days} {clock(begin)}-{clock(end)}"),)


def clock(hours: float) -> str:
    """Return a time of day as it is written.

    >>> clock(7.5)
    '07:30'
    """
    return f"{int(hours):02d}:{round(hours % 1 * 60):02d}"


def hours(scenario: Scenario, pool: str) -> tuple[Hours, ...]:
    """Return the hours that can be moved: those of a pool's services first, then hold-ups."""
    services = scenario.services

    def order(one: Hours) -> tuple[bool, bool]:
        service = services[one.path.split(".")[1]]
        return pool not in service.pool, not service.delay_reason

    return tuple(sorted(_found(scenario), key=order))


def read(text: str) -> tuple[str, float, float] | None:
    """Return days, begin and end of simple hours; None for all others.

    >>> read("Mon-Fri 09:00-17:30"), read("24/7"), read("Sat,Sun 10:00-14:00")
    (('Mon-Fri', 9.0, 17.5), ('daily', 0.0, 24.0), None)
    """
    if text.strip() == "24/7":
        return EVERY_DAY, 0.0, 24.0
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    begin = int(found["h1"]) + int(found["m1"]) / 60
    end = int(found["h2"]) + int(found["m2"]) / 60
    half_hours = (begin * 2).is_integer() and (end * 2).is_integer()
    return (found["days"] or EVERY_DAY, begin, end) if begin < end and half_hours else None


def _found(scenario: Scenario) -> Iterator[Hours]:
    for name, service in scenario.resolved().get("services", {}).items():
        for field in HOURS:
            text = service.get(field)
            simple = read(text) if isinstance(text, str) else None
            if simple is not None:
                title = f"{title_of(name, scenario.services[name])} {VERBS[field]}"
                yield Hours(f"services.{name}.{field}", title, *simple, str(text))
