"""A world made by hand: a plan without an engine, and spells written row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from carepath_sim.engine.spells import NEVER, SPELL_COLUMNS, How, Outcome, Record
from carepath_sim.measures import evaluate
from carepath_sim.measures.view import View
from carepath_sim.plan.plan import AttributeInfo, Plan, PoolInfo, ServiceInfo, SourceInfo
from carepath_sim.units import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.plan.programmes import ProgrammeInfo

EPISODE = ("person", "episode", "cause", "number", "began", "planned", "ended", "exit")
AGE = AttributeInfo("age", "person", tuple(str(age) for age in range(121)))
LAST = object()


def ms(days: float | None) -> int:
    """Return an instant given in days from the start of the window [ms]."""
    return NEVER if days is None else round(days * DAY)


@dataclass
class FakePlan:
    """What measures use of a plan; the window is April and May 2015, 61 days."""

    services: tuple[ServiceInfo, ...]
    pools: tuple[PoolInfo, ...]
    attributes: tuple[AttributeInfo, ...]
    stream_names: tuple[str, ...]
    cause_names: tuple[str, ...]
    hazard_names: tuple[str, ...]
    sources: tuple[SourceInfo, ...]
    scenario: Any
    tables: Any
    steps: dict[int, list[tuple[int, int]]]
    population: int = 1000
    start_date: date = date(2015, 4, 1)
    begin: int = -10 * DAY
    window: int = 61 * DAY
    end: int = (61 + 91) * DAY
    programmes: tuple[ProgrammeInfo, ...] = ()

    service_index = Plan.service_index
    pool_index = Plan.pool_index
    attribute_index = Plan.attribute_index
    source_names = Plan.source_names
    next_opening = Plan.next_opening

    def capacity_steps(self, pool: int) -> tuple[np.ndarray, np.ndarray]:
        steps = np.array(self.steps[pool], dtype=np.int64).reshape(-1, 2)
        return steps[:, 0], steps[:, 1]


@dataclass
class World:
    """Services, pools and people, and what happened to them."""

    services: list[ServiceInfo] = field(default_factory=list)
    pools: list[PoolInfo] = field(default_factory=list)
    steps: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    written: dict[str, Any] = field(default_factory=dict)
    staffed: dict[str, Any] = field(default_factory=dict)
    standards: dict[str, Any] = field(default_factory=dict)
    denominators: dict[str, float] = field(default_factory=dict)
    background: dict[str, Any] = field(default_factory=dict)
    payments: dict[str, Any] = field(default_factory=dict)
    hours: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)
    attributes: list[AttributeInfo] = field(default_factory=lambda: [AGE])
    streams: tuple[str, ...] = ("step_down", "step_up")
    causes: tuple[str, ...] = ("start", "fall", "infection", "ward", "no step-up bed")
    sources: tuple[SourceInfo, ...] = (
        SourceInfo("population", 0, target=-1),
        SourceInfo("ward", 0, target=0, cause=3),
        SourceInfo("visitors", 0, target=0, cause=3, lives_on=True),
    )
    spells: list[dict[str, int]] = field(default_factory=list)
    people: list[dict[str, int]] = field(default_factory=list)
    episodes: list[dict[str, int]] = field(default_factory=list)
    changes: list[dict[str, int]] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)

    def service(self, name: str, setting: str = "elsewhere", **more: Any) -> None:
        self.services.append(
            ServiceInfo(
                **{
                    "name": name,
                    "title": name.capitalize(),
                    "base": name.partition("[")[0],
                    "setting": setting,
                    "delay_reason": f"awaiting {name}",
                    **more,
                }
            )
        )

    def pool(
        self, name: str, capacity: int | list[tuple[float, int]], unit: str = "beds", **more: Any
    ) -> int:
        steps = [(-10.0, capacity)] if isinstance(capacity, int) else capacity
        self.steps[len(self.pools)] = [(ms(t), c) for t, c in steps]
        self.pools.append(
            PoolInfo(
                **{
                    "name": name,
                    "title": name,
                    "unit": unit,
                    "base": name,
                    "streams": (),
                    "policy": "shared",
                    "unlimited": False,
                    "overflow": False,
                    **more,
                }
            )
        )
        return len(self.pools) - 1

    def person(self, *, source: int = 0, age: int = 80, **attributes: int) -> int:
        number = len(self.people)
        codes = {f"attribute.{name}": code for name, code in {"age": age, **attributes}.items()}
        self.people.append(
            {"person": number, "source": source, "layer": 0, "index": number, **codes}
        )
        return number

    def episode(
        self, person: int, cause: str = "fall", began: float = 0.0, planned: int = 0, **codes: int
    ) -> int:
        mine = [one for one in self.episodes if one["person"] == person]
        number = 1 + sum(one["cause"] == self.causes.index(cause) for one in mine)
        self.episodes.append(
            {
                "person": person,
                "episode": len(mine),
                "cause": self.causes.index(cause),
                "number": number,
                "began": ms(began),
                "planned": planned,
                "ended": NEVER,
                "exit": -1,
                **{f"attribute.{name}": code for name, code in codes.items()},
            }
        )
        return len(mine)

    def change(self, t: float, person: int, name: int, value: int, what: int = 0) -> None:
        row = {"t": ms(t), "what": what, "person": person, "name": name, "value": value}
        self.changes.append(row)

    def spell(
        self,
        person: int,
        service: str,
        start: float | None,
        left: float | None = None,
        *,
        asked: float | None = None,
        needed: float | None = None,
        granted: float | None = None,
        ready: Any = LAST,
        over: Any = LAST,
        to: str | None = None,
        came_from: str = "home",
        outcome: Outcome | None = None,
        how: How = How.WAITED,
        host: int = -1,
        episode: int | None = None,
        stream: str | None = None,
        units: int = 1,
        pool: Any = LAST,
        cause: str | None = None,
        via: str | None = None,
        kept_until: float | None = None,
        waited_at: str | None = None,
    ) -> int:
        """Write a row; times in days, None for never; what is not given follows from the rest.

        A stay is over at `left` without delay, and its place was asked for when it started.
        """
        index = self.index
        info = self.services[index(service)]
        mine = [one for one in self.spells if one["person"] == person]
        asked = start if asked is None else asked
        ready = left if ready is LAST else ready
        if outcome is None:
            outcome = Outcome.STILL_THERE if left is None else Outcome.MOVED
        if episode is None:
            episode = max(
                (e["episode"] for e in self.episodes if e["person"] == person), default=-1
            )
        if pool is LAST:
            pool = info.pools[0] if info.pools else -1
        self.spells.append(
            {
                "person": person,
                "episode": episode,
                "visit": len(mine),
                "service": index(service),
                "stream": -1 if stream is None else self.streams.index(stream),
                "pool": pool,
                "units": units,
                "host": host,
                "via": -1 if via is None else index(via),
                "requested": ms(asked),
                "needed": ms(asked if needed is None else needed),
                "granted": ms(start if granted is None else granted),
                "started": ms(start),
                "ready": ms(ready),
                "over": ms(ready if over is LAST else over),
                "left": ms(left),
                "waited_at": -1 if waited_at is None else index(waited_at),
                "entered_from": index(came_from) if start is not None else -1,
                "left_to": -1 if to is None else index(to),
                "outcome": int(outcome),
                "cause": -1 if cause is None else self.causes.index(cause),
                "kept_until": ms(kept_until),
                "how": int(how),
            }
        )
        return len(mine)

    def index(self, service: str) -> int:
        return [info.name for info in self.services].index(service)

    @property
    def plan(self) -> Any:
        windows = list(self.hours.values())
        calendars = {which: np.full(len(self.services), -1) for which in ("admits", "decides")}
        for k, (which, service) in enumerate(self.hours):
            calendars[which][self.index(service)] = k
        tables = SimpleNamespace(
            **calendars,
            hours_first=np.cumsum([0, *(len(one) for one in windows)]),
            hours_from=np.array([w[0] for one in windows for w in one], dtype=np.int64),
            hours_to=np.array([w[1] for one in windows for w in one], dtype=np.int64),
            hours_week=np.arange(len(windows)),
            hours_until=np.zeros(len(windows), dtype=np.int64),
            week_shift=np.array([2 * DAY]),  # 1 April 2015 is a Wednesday
        )
        given = dict.fromkeys(("all_ages", "adults", "over_65"))
        people = {k: SimpleNamespace(value=v) for k, v in self.denominators.items()}
        return FakePlan(
            services=tuple(self.services),
            pools=tuple(self.pools),
            attributes=tuple(self.attributes),
            stream_names=self.streams,
            cause_names=self.causes,
            hazard_names=("fall", "infection"),
            sources=self.sources,
            scenario=SimpleNamespace(
                changes=(),
                services=self.written,
                pools=self.staffed,
                standards=self.standards,
                background=self.background,
                payments=self.payments,
                denominators=SimpleNamespace(**(given | people)),
            ),
            tables=tables,
            steps=self.steps,
            **self.given,
        )

    @property
    def record(self) -> Record:
        spells = sorted(self.spells, key=lambda row: (row["person"], row["visit"]))
        return Record(
            1,
            0,
            _columns(spells, SPELL_COLUMNS),
            _columns(self.people, ["person", "source", "layer", "index", "attribute.age"]),
            _columns(self.episodes, list(EPISODE)),
            _columns(self.changes, ["t", "what", "person", "name", "value"]),
            {},
        )

    @property
    def view(self) -> View:
        return View(self.plan, self.record)

    def cells(self, measure: str) -> dict[tuple[str, str], float]:
        rows = evaluate(self.plan, self.record, [measure])
        return {(row.stratum, row.period): row.value for row in rows}

    def weights(self, measure: str) -> dict[tuple[str, str], float | None]:
        rows = evaluate(self.plan, self.record, [measure])
        return {(row.stratum, row.period): row.weight for row in rows}

    def value(self, measure: str, stratum: str = "all", period: str = "window") -> float:
        return self.cells(measure)[stratum, period]


def _columns(rows: list[dict[str, int]], names: Sequence[str]) -> dict[str, np.ndarray]:
    found = list(rows[0]) if rows else names
    return {name: np.array([row[name] for row in rows], dtype=np.int64) for name in found}


def make_world() -> World:
    """Return a world with home, a hospital, community beds, reablement and care homes."""
    world = World()
    world.service("home", "own_home", residence=True)
    world.service("outside")
    world.service("died")
    world.service("advice", is_exit=True)
    world.service("spr", in_place=True)
    world.service("acute", "acute_bed", pools=(world.pool("acute_beds", 4),))
    world.service("community", "community_bed", pools=(world.pool("community_beds", 2),))
    world.service("reablement", "own_home", role=("reablement",), responsible="social")
    world.service("assessment", in_place=True, role=("assessment",), responsible="social")
    world.service("notice", in_place=True, responsible="both")
    world.service("home_care", "own_home", residence=True)
    world.service("care_home", "care_home", residence=True, permanent=True)
    world.service("nursing_home", "care_home", residence=True, permanent=True)
    return world


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def worlds() -> Any:
    """Return what makes a world, for tests that need many."""
    return make_world
