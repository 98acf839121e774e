"""Reading one person's way from spells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, NOBODY, Outcome
from carepath_sim.experiment.timeline import PlaceDays, Step, Timeline
from carepath_sim.measures import View
from carepath_sim.measures.delays import pieces
from carepath_sim.plan.tapers import spans
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.engine.spells import Columns, Record
    from carepath_sim.plan import Plan
    from carepath_sim.plan.plan import ServiceInfo

HOSPITAL = ("acute_bed", "community_bed")
ASSESSMENT = "assessment"

# Ends of a wait that the person did not choose, however short it was.
TURNED = (Outcome.DIVERTED, Outcome.TURNED_AWAY, Outcome.GAVE_UP)

# Ends of the person's way that are not services with a title.
END_WORDS = {"died": "died", "outside": "left the model"}


class Way:
    """The rows of one person, while they are read.

    Parameters
    ----------
    plan, record
        A replication with its plan.
    person
        Number of the person.
    rows
        Rows of the person in `record.spells`.
    """

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
        """Return the way, under a heading and with what a document tells of it."""
        steps = sorted(self._steps(), key=lambda step: (step.begin, step.kind == "end"))
        acute = [k for k in self.stays if self._service(k).setting == "acute_bed"]
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
            if (
                self._service(k).setting == "acute_bed"
                and ready != NEVER
                and ready <= self._left(k)
            ):
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
            if not self._service(k).residence or self.spells["outcome"][k] == Outcome.DIED:
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
        spells = {
            name: (np.zeros_like(column) if name == "person" else column)
            for name, column in self.spells.items()
        }
        cut = pieces(View(self.plan, replace(self.record, spells=spells)))
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
            service = self._service(k)
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
        service = self._service(k)
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
            if self._service(k).setting in HOSPITAL:
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
        info = self._service(k)
        if not info.visits or k in self.settled:
            return 0.0
        days = self._held(k) - (0.0 if info.visits_while_waiting else self._delayed(k))
        fallen = self._falling_visits(k, days)
        if fallen is not None:
            return fallen
        return days * info.visits[0].per_day.value

    def _falling_visits(self, k: int, days: float) -> float | None:
        """Visits of a stay during which they fall in steps, None where they do not."""
        if "taper" not in self.spells or self.spells["taper"][k] == NOBODY:
            return None
        begin = max(int(self.spells["started"][k]), self.start)
        taper, since, ready = (
            self.spells[name][k : k + 1] for name in ("taper", "taper_from", "ready")
        )
        until = begin + round(days * DAY)
        found = spans(self.plan.tapers, taper, since, ready, np.array([begin]), np.array([until]))
        often = self.plan.tapers.per_day[found.step]
        return float((often * (found.end - found.begin)).sum()) / DAY

    def _held(self, k: int) -> float:
        return (self._left(k) - max(int(self.spells["started"][k]), self.start)) / DAY

    def _delayed(self, k: int) -> float:
        ready = int(self.spells["ready"][k])
        return 0.0 if ready == NEVER else max(0, self._left(k) - ready) / DAY

    # --- one row -----------------------------------------------------------------------------

    def _left(self, k: int) -> int:
        left = int(self.spells["left"][k])
        return self.plan.end if left == NEVER else left

    def _service(self, k: int) -> ServiceInfo:
        return self.plan.services[int(self.spells["service"][k])]

    def _name(self, k: int) -> str:
        return self._service(k).name

    def _title(self, k: int) -> str:
        return self._service(k).title

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
            code = -1 if column is None else int(column[self.person])
            if 0 <= code < len(attribute.values):
                found.append((attribute.name, attribute.values[code]))
        return tuple(found)


def _outcome_words(outcome: int) -> str:
    return Outcome(outcome).name.lower().replace("_", " ")
