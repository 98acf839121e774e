"""Small models by hand: people who come at given hours, and what became of them, by name.

Instant 0 is Monday 1 June 2015, 00:00. Times of rows are hours, so that a trace can be read and
reckoned in the head; what never happened is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from carepath_sim.engine import NEVER, How, Outcome, Record, simulate
from carepath_sim.engine.checks import check
from carepath_sim.plan import compile_plan
from carepath_sim.scenario.loader import build
from carepath_sim.scenario.nodes import Mark, planted

if TYPE_CHECKING:
    from carepath_sim.plan import Plan
    from carepath_sim.scenario import Scenario

HOUR = 3_600_000
DAY = 24 * HOUR

TIMES = (
    "requested",
    "needed",
    "granted",
    "started",
    "ready",
    "over",
    "left",
    "kept_until",
)


@dataclass(frozen=True)
class Row:
    """One spell, with names for numbers and hours for milliseconds."""

    person: str
    service: str
    pool: str | None
    stream: str | None
    units: int
    visit: int
    host: int
    via: str | None
    episode: int
    requested: float | None
    needed: float | None
    granted: float | None
    started: float | None
    ready: float | None
    over: float | None
    left: float | None
    kept_until: float | None
    waited_at: str | None
    entered_from: str | None
    left_to: str | None
    outcome: Outcome
    cause: str | None
    how: How


@dataclass(frozen=True)
class Run:
    """One replication of a small model."""

    plan: Plan
    record: Record

    def rows(self, person: str | None = None, service: str | None = None) -> list[Row]:
        """Return rows in the order of people and visits."""
        return [
            row
            for row in self._all()
            if person in (None, row.person) and service in (None, row.service)
        ]

    def one(self, person: str, service: str) -> Row:
        """Return the only row of a person at a service."""
        (row,) = self.rows(person, service)
        return row

    def stays(self, person: str) -> list[tuple[str, float | None, float | None]]:
        """Return where a person was, from when, until when [h]; steps in place left out."""
        steps = {service.name for service in self.plan.services if service.in_place}
        return [
            (row.service, row.started, row.left)
            for row in self.rows(person)
            if row.started is not None and row.service not in steps
        ]

    def episodes(self, person: str) -> list[tuple[str, float | None, float | None]]:
        """Return the causes of a person's episodes, when they began and ended [h]."""
        e = self.record.episodes
        names = self._people()
        return [
            (self.plan.cause_names[e["cause"][k]], hours(e["began"][k]), hours(e["ended"][k]))
            for k in range(len(e["person"]))
            if names[e["person"][k]] == person
        ]

    def end(self, person: str) -> tuple[int, float | None]:
        """Return whether a person is in the model (0), died (1) or left (2), and since when [h]."""
        p = self.record.people
        k = self._people().index(person)
        return int(p["end_state"][k]), hours(p["ended"][k])

    def _people(self) -> list[str]:
        """Return a name for everybody: the source, and a number where it sent several."""
        p = self.record.people
        sources = [self.plan.source_names[k] for k in p["source"]]
        return [
            source if sources.count(source) == 1 else f"{source} {index}"
            for source, index in zip(sources, p["index"], strict=True)
        ]

    def _all(self) -> list[Row]:
        s, plan, names = self.record.spells, self.plan, self._people()
        services = [service.name for service in plan.services]
        pools = [pool.name for pool in plan.pools]

        def name(of: list[str] | tuple[str, ...], k: int) -> str | None:
            return None if k < 0 else of[k]

        return [
            Row(
                person=names[s["person"][k]],
                service=services[s["service"][k]],
                pool=name(pools, s["pool"][k]),
                stream=name(plan.stream_names, s["stream"][k]),
                units=int(s["units"][k]),
                visit=int(s["visit"][k]),
                host=int(s["host"][k]),
                via=name(services, s["via"][k]),
                episode=int(s["episode"][k]),
                waited_at=name(services, s["waited_at"][k]),
                entered_from=name(services, s["entered_from"][k]),
                left_to=name(services, s["left_to"][k]),
                outcome=Outcome(s["outcome"][k]),
                cause=name(plan.cause_names, s["cause"][k]),
                how=How(s["how"][k]),
                **{time: hours(s[time][k]) for time in TIMES},
            )
            for k in range(len(s["person"]))
        ]


def hours(t: int) -> float | None:
    """Return an instant in hours."""
    return None if t == NEVER else int(t) / HOUR


def scenario(*, checked: bool = True, **sections: Any) -> Scenario:
    """Return a scenario of 30 days from a Monday on; sections may be given as in a file."""
    raw: dict[str, Any] = {
        "carepath": 1,
        "area": "Testshire",
        "variant": "as-is",
        "title": "A few services",
        "clock": {"start": "2015-06-01", "length": "30 d", "run_out": "0 d"},
        **sections,
    }
    return build(planted(raw, Mark("small")), "small", check=checked)


def run(*, seed: int = 1, replication: int = 0, checked: bool = True, **sections: Any) -> Run:
    """Run a scenario once; the record must not contradict itself."""
    plan = compile_plan(scenario(checked=checked, **sections))
    record = simulate(plan, seed=seed, replication=replication)
    check(plan, record)
    return Run(plan, record)


def comes(at: str, hour: float, **more: Any) -> dict[str, Any]:
    """Return a source that sends one person at an hour of the run."""
    return {"every": "1 d", "first": f"{hour} h", "count": 1, "at": at, **more}


def lives(**hazards: dict[str, Any]) -> dict[str, Any]:
    """Return a population of one who is never ill, so that others can run hazards.

    Each hazard applies only to people whose attribute `frail` is the hazard's name.
    """
    return {
        "size": 1,
        "bands": {"65+": {"share": 1, "frailty": {"fit": 1}}},
        "hazards": hazards,
    }


def between(begins: str, ends: str, **factors: Any) -> dict[str, Any]:
    """Return factors that let a hazard fire only between two hours of day."""
    return {"hour": {f"{begins}-{ends}": 1, f"{ends}-{begins}": 0}, **factors}
