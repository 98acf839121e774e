"""A person's way as a record: stretches in order of time, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One stretch of a person's way.

    Attributes
    ----------
    kind
        ``stay`` (at a place), ``wait`` (ready, but still at the place), ``meanwhile`` (a step
        received while a stay goes on), ``request`` (a wait that ended without a place), ``end``.
    service, title
        Whose stretch it is: the place, or the step received meanwhile.
    begin, end
        First and last day, counted from the start of the way [d]; `end` is None when it goes on.
    fit
        Days of `begin` since the person was first ready to leave an acute bed [d]; None before.
    place
        Title of the place that is held.
    waiting_for
        Title of what is waited for or received; empty in a stay.
    reason
        Why the person is still there, in the words of the scenario; or how a stay ended.
    organisation
        Who provides the service; empty if nobody is named.
    """

    kind: str
    service: str
    title: str
    begin: float
    end: float | None
    fit: float | None
    place: str
    waiting_for: str = ""
    reason: str = ""
    organisation: str = ""

    @property
    def days(self) -> float | None:
        """Length [d]; None when it goes on."""
        return None if self.end is None else self.end - self.begin

    @property
    def words(self) -> str:
        """What happens, in a few words."""
        if self.kind == "wait":
            return f"{self.place}: {self.reason}"
        if self.kind == "meanwhile":
            return f"{self.title}, meanwhile"
        if self.kind == "request":
            return f"asked for {self.title}: {self.reason}"
        return f"{self.title} ({self.reason})" if self.reason else self.title


@dataclass(frozen=True)
class PlaceDays:
    """Days at one service.

    Attributes
    ----------
    service, title
        The place.
    held
        Days for which the place was taken up [d].
    waiting
        Of these, days after the person was ready to leave [d].
    """

    service: str
    title: str
    held: float
    waiting: float


@dataclass(frozen=True)
class Timeline:
    """One person's way.

    Attributes
    ----------
    title
        Who, and where.
    told
        What the document tells, line by line.
    person
        Pairs of attribute and value.
    steps
        The way, in order of time.
    places
        Days by service, in order of the first stay.
    total_days
        From the start to where the person lives from then on, or to the end of the way [d].
    days_from_fit
        The same from the first time ready to leave an acute bed [d]; None if never in one.
    acute_days, delayed_acute_days
        Days in acute beds, and of these after being ready [d].
    admissions
        Stays in hospital, of any number of beds in a row.
    assessed_by
        Organisations (or services, where none is named) that assessed the person.
    assessed_after_hospital
        Those of them that did so after the first day ready to leave an acute bed.
    visits
        Visits at home during stays that have any.
    source
        Where the way comes from: program, scenario, person or story, seed.
    """

    title: str
    told: tuple[str, ...]
    person: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    places: tuple[PlaceDays, ...]
    total_days: float
    days_from_fit: float | None
    acute_days: float
    delayed_acute_days: float
    admissions: int
    assessed_by: tuple[str, ...]
    assessed_after_hospital: tuple[str, ...]
    visits: float
    source: str = ""

    def days_at(self, service: str) -> PlaceDays:
        """Return the days at a service; zero if the person was never there.

        Parameters
        ----------
        service
            Name in the scenario.
        """
        for place in self.places:
            if place.service == service:
                return place
        return PlaceDays(service, service, 0.0, 0.0)

    def __str__(self) -> str:
        """Return the way as plain text."""
        lines = [self.title]
        for step in self.steps:
            until = " on" if step.end is None else f"-{step.end:.4g}"
            lines.append(f"day {step.begin:.4g}{until}: {step.words}")
        return "\n".join(lines)
