"""One person's way through care, day by day: a pure function of the spells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, Outcome
from carepath_sim.errors import CarepathError
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.engine.spells import Columns, Record
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Scenario

HOSPITAL = ("acute_bed", "community_bed")
ASSESSMENT = "assessment"

# Ends of a wait that the person did not choose, however short it was.
TURNED = (Outcome.DIVERTED, Outcome.TURNED_AWAY, Outcome.GAVE_UP)

# Ends of the person's way that are not services with a title.
END_WORDS = {"died": "died", "outside": "left the model"}


class NobodyThere(CarepathError):
    """A story or a person that a scenario does not have."""


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


def trace(
    scenario: Scenario,
    *,
    story: str | None = None,
    person: int | None = None,
    seed: int = 1,
    replication: int = 0,
    engine: str = "simpy",
) -> Timeline:
    """Follow one person.

    Parameters
    ----------
    scenario
        Where the person lives.
    story
        Name of a story of the scenario, which is told by itself; or
    person
        Number of a person in a replication of the whole model.
    seed, replication
        Of which replication the person is taken, and whose luck fills what a story leaves open.
    engine
        What simulates.

    Raises
    ------
    NobodyThere
        When there is no such story or person, or neither or both are asked for.
    """
    from carepath_sim.engine import simulate
    from carepath_sim.plan import compile_plan

    if (story is None) == (person is None):
        raise NobodyThere("a trace follows either a story or a person: name one of them")
    if story is not None and story not in scenario.stories:
        known = ", ".join(scenario.stories) or "none"
        raise NobodyThere(f"{scenario.name} has no story {story!r}; it has: {known}")
    plan = compile_plan(scenario)
    record = simulate(plan, seed=seed, replication=replication, engine=engine, story=story)
    if story is None:
        assert person is not None  # noqa: S101 - tested above
        title = f"Person {person} of {scenario.name}, seed {seed}, replication {replication}"
        return timeline(plan, record, person, title=title)
    from carepath_sim.engine.told import story as tell

    alone, _ = tell(plan, story)
    told = scenario.stories[story]
    return timeline(
        alone, record, 0, title=told.title or story.replace("_", " "), told=told.told
    )


def timeline(
    plan: Plan, record: Record, person: int, *, title: str = "", told: tuple[str, ...] = ()
) -> Timeline:
    """Read one person's way from a record.

    Parameters
    ----------
    plan, record
        A replication with its plan.
    person
        Number of the person.
    title, told
        Heading, and what a document tells.

    Raises
    ------
    NobodyThere
        When the record has no row of this person.
    """
    rows = np.flatnonzero(record.spells["person"] == person)
    if len(rows) == 0:
        people = len(record.people["source"])
        raise NobodyThere(
            f"nothing happens to person {person}"
            if 0 <= person < people
            else f"there is no person {person}: they are numbered from 0 to {people - 1}"
        )
    return _Way(plan, record, person, rows).timeline(title or f"Person {person}", told)


class _Way:
    """The rows of one person, while they are read."""

    def __init__(self, plan: Plan, record: Record, person: int, rows: np.ndarray) -> None:
        self.plan = plan
        self.record = record
        self.person = person
        self.spells: Columns = {name: column[rows] for name, column in record.spells.items()}
        started = self.spells["started"]
        self.stays = [
            k
            for k in range(len(rows))
            if started[k] != NEVER and not plan.services[self.spells["service"][k]].in_place
        ]
        self.settled = self._settled()
        self.start = self._start()
        self.fit = self._fit()

    def timeline(self, title: str, told: tuple[str, ...]) -> Timeline:
        steps = sorted(self._steps(), key=lambda step: (step.begin, step.kind == "end"))
        acute = [k for k in self.stays if self._setting(k) == "acute_bed"]
        places = self._places()
        assessed = list(self._assessments())
        end = self._way_ends()
        return Timeline(
            title=title,
            told=told,
            person=self._attributes(),
            steps=tuple(steps),
            places=places,
            total_days=(end - self.start) / DAY,
            days_from_fit=None if self.fit is None else (end - self.fit) / DAY,
            acute_days=sum(self._held(k) for k in acute),
            delayed_acute_days=sum(self._delayed(k) for k in acute),
            admissions=self._admissions(),
            assessed_by=tuple(dict.fromkeys(name for name, _ in assessed)),
            assessed_after_hospital=tuple(
                dict.fromkeys(
                    name for name, t in assessed if self.fit is not None and t >= self.fit
                )
            ),
            visits=sum(self._visits(k) for k in self.stays),
        )

    # --- the way -----------------------------------------------------------------------------

    def _start(self) -> int:
        """When the way begins: with the first event, not with the stay at home before it."""
        requested = self.spells["requested"]
        first = self.stays[0] if self.stays else 0
        if self._name(first) == "home" and len(requested) > 1:
            return int(requested[1:].min())
        return int(requested.min())

    def _fit(self) -> int | None:
        """When the person was first ready to leave an acute bed."""
        for k in self.stays:
            ready = int(self.spells["ready"][k])
            if self._setting(k) == "acute_bed" and ready != NEVER and ready <= self._left(k):
                return ready
        return None

    def _way_ends(self) -> int:
        """When the person comes to where they live from then on, or the end of the last stay."""
        if self.settled:
            return max(int(self.spells["started"][self.settled[0]]), self.start)
        return self._left(self.stays[-1]) if self.stays else self.start

    def _settled(self) -> list[int]:
        """Stays at residences with which the way ends."""
        found: list[int] = []
        for k in reversed(self.stays):
            if not self._residence(k) or self.spells["outcome"][k] == Outcome.DIED:
                break
            found.insert(0, k)
        return found

    def _steps(self) -> Iterator[Step]:
        for k in self.stays:
            if self._left(k) > self.start and k not in self.settled[1:]:
                yield self._stay(k)
        yield from self._waits()
        yield from self._meanwhile()
        yield from self._in_vain()
        yield from self._end()

    def _stay(self, k: int) -> Step:
        begin, ready, left = self.spells["started"][k], self.spells["ready"][k], self._left(k)
        end = left if ready == NEVER else min(int(ready), left)
        return self._step(
            "stay",
            k,
            max(int(begin), self.start),
            None if k in self.settled else end,
            place=self._title(k),
            reason=self._break(k),
        )

    def _waits(self) -> Iterator[Step]:
        """What follows a stay that is over, cut into pieces with one reason each."""
        from carepath_sim.measures.delays import pieces
        from carepath_sim.measures.view import View

        spells = {
            name: (np.zeros_like(column) if name == "person" else column)
            for name, column in self.spells.items()
        }
        record = _with_spells(self.record, spells)
        cut = pieces(View(self.plan, record))
        for i, host in enumerate(cut.host.tolist()):
            if cut.end[i] <= self.start:
                continue
            awaited = int(cut.awaited[i])
            yield self._step(
                "wait",
                host,
                int(cut.begin[i]),
                int(cut.end[i]),
                place=self._title(host),
                waiting_for=self.plan.services[awaited].title if awaited >= 0 else "",
                reason=cut.reasons[cut.reason[i]],
            )

    def _meanwhile(self) -> Iterator[Step]:
        """Steps received at a place before its stay is over: planned ahead, or on the telephone."""
        for k in range(len(self.spells["service"])):
            service = self.plan.services[self.spells["service"][k]]
            started, left = int(self.spells["started"][k]), self._left(k)
            host = self._host(k)
            ready = NEVER if host is None else int(self.spells["ready"][host])
            if not service.in_place or started == NEVER or (ready != NEVER and started >= ready):
                continue
            yield self._step(
                "meanwhile",
                k,
                started,
                left,
                place="" if host is None else self._title(host),
                waiting_for=service.title,
                reason=self._break(k),
            )

    def _in_vain(self) -> Iterator[Step]:
        """Requests that ended without a place, though the person could have moved."""
        for k in range(len(self.spells["service"])):
            waited = self.spells["needed"][k] < self._left(k)
            if self.spells["started"][k] != NEVER or (
                not waited and int(self.spells["outcome"][k]) not in TURNED
            ):
                continue
            host = self._host(k)
            yield self._step(
                "request",
                k,
                int(self.spells["requested"][k]),
                self._left(k),
                place="" if host is None else self._title(host),
                waiting_for=self._title(k),
                reason=self._break(k) or _outcome_words(int(self.spells["outcome"][k])),
            )

    def _end(self) -> Iterator[Step]:
        """Where the person went at last, if that is no stay."""
        if not self.stays:
            return
        last = self.stays[-1]
        to = int(self.spells["left_to"][last])
        outcome = int(self.spells["outcome"][last])
        if outcome not in {Outcome.DIED, Outcome.LEFT_MODEL} or to < 0:
            return
        service = self.plan.services[to]
        yield Step(
            "end",
            service.name,
            END_WORDS.get(service.name, service.title),
            self._day(self._left(last)),
            self._day(self._left(last)),
            self._since_fit(self._left(last)),
            "",
        )

    def _step(
        self,
        kind: str,
        k: int,
        begin: int,
        end: int | None,
        *,
        place: str,
        waiting_for: str = "",
        reason: str = "",
    ) -> Step:
        service = self.plan.services[self.spells["service"][k]]
        return Step(
            kind,
            service.name,
            service.title,
            self._day(begin),
            None if end is None else self._day(end),
            self._since_fit(begin),
            place,
            waiting_for,
            reason,
            service.organisation or "",
        )

    # --- sums --------------------------------------------------------------------------------

    def _places(self) -> tuple[PlaceDays, ...]:
        held: dict[int, list[float]] = {}
        for k in self.stays:
            if self._name(k) == "home" or k in self.settled:
                continue
            sums = held.setdefault(int(self.spells["service"][k]), [0.0, 0.0])
            sums[0] += self._held(k)
            sums[1] += self._delayed(k)
        services = self.plan.services
        return tuple(
            PlaceDays(services[s].name, services[s].title, *sums) for s, sums in held.items()
        )

    def _admissions(self) -> int:
        """Hospital stays: beds in a row without a gap count once."""
        count, until = 0, NEVER
        for k in self.stays:
            if self._setting(k) in HOSPITAL:
                count += int(self.spells["started"][k]) != until
                until = self._left(k)
        return count

    def _assessments(self) -> Iterator[tuple[str, int]]:
        for k, service in enumerate(self.spells["service"]):
            info = self.plan.services[service]
            if ASSESSMENT in info.role and self.spells["started"][k] != NEVER:
                yield info.organisation or info.title, int(self.spells["started"][k])

    def _visits(self, k: int) -> float:
        """Visits of a stay, delay included where they go on; the first case counts."""
        info = self.plan.services[self.spells["service"][k]]
        if not info.visits or k in self.settled:
            return 0.0
        days = self._held(k) - (0.0 if info.visits_while_waiting else self._delayed(k))
        return days * info.visits[0].per_day.value

    def _held(self, k: int) -> float:
        return (self._left(k) - max(int(self.spells["started"][k]), self.start)) / DAY

    def _delayed(self, k: int) -> float:
        ready = int(self.spells["ready"][k])
        return 0.0 if ready == NEVER else max(0, self._left(k) - ready) / DAY

    # --- one row -----------------------------------------------------------------------------

    def _left(self, k: int) -> int:
        left = int(self.spells["left"][k])
        return self.plan.end if left == NEVER else left

    def _name(self, k: int) -> str:
        return self.plan.services[self.spells["service"][k]].name

    def _title(self, k: int) -> str:
        return self.plan.services[self.spells["service"][k]].title

    def _setting(self, k: int) -> str:
        return self.plan.services[self.spells["service"][k]].setting

    def _residence(self, k: int) -> bool:
        return self.plan.services[self.spells["service"][k]].residence

    def _host(self, k: int) -> int | None:
        """The row of the place at which a request was made."""
        visit = int(self.spells["host"][k])
        found = np.flatnonzero(self.spells["visit"] == visit)
        return int(found[0]) if visit >= 0 and len(found) else None

    def _break(self, k: int) -> str:
        """Why a spell ended before its time."""
        outcome, cause = int(self.spells["outcome"][k]), int(self.spells["cause"][k])
        if outcome not in {Outcome.INTERRUPTED, Outcome.DIVERTED, Outcome.DIED}:
            return ""
        words = _outcome_words(outcome)
        return f"{words}: {self.plan.cause_names[cause]}" if cause >= 0 else words

    def _day(self, t: int) -> float:
        return (t - self.start) / DAY

    def _since_fit(self, t: int) -> float | None:
        return None if self.fit is None or t < self.fit else (t - self.fit) / DAY

    def _attributes(self) -> tuple[tuple[str, str], ...]:
        people, found = self.record.people, []
        for attribute in self.plan.attributes:
            column = people.get(f"attribute.{attribute.name}")
            if column is None or attribute.name == "age":
                continue
            code = int(column[self.person])
            if 0 <= code < len(attribute.values):
                found.append((attribute.name, attribute.values[code]))
        if "age" in people and int(people["age"][self.person]) >= 0:
            found.insert(0, ("age", str(int(people["age"][self.person]))))
        return tuple(found)


def _outcome_words(outcome: int) -> str:
    return Outcome(outcome).name.lower().replace("_", " ")


def _with_spells(record: Record, spells: Columns) -> Record:
    from dataclasses import replace

    return replace(record, spells=spells)
