"""Random small scenarios: every part of the language, thrown together.

`scenarios()` gives plain values as a file would hold them; each is valid for `validate`. With
`coarse=True` all lengths of time are whole quarters of a day and fixed, so that most instants are
shared by many events.
"""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import assume
from hypothesis import strategies as st

from carepath_sim.errors import ScenarioError
from carepath_sim.scenario.loader import build
from carepath_sim.scenario.nodes import Mark, planted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.scenario import Scenario

    Draw = Callable[[st.SearchStrategy[Any]], Any]

Raw = dict[str, Any]

HOURS = (
    "daily 08:00-20:00",
    "Mon-Fri 09:00-17:00",
    "daily 06:00-12:00",
    "Mon,Wed,Fri 12:00-18:00",
    "daily 18:00-06:00",
    "working days 06:00-18:00",
    "daily 06:00-18:00 except bank holidays",
)
SETTINGS = ("own_home", "acute_bed", "community_bed", "care_home", "elsewhere")
BEDS = ("acute_bed", "community_bed")
ZERO = {"fixed": "0 h"}
ZONES = ("north", "south")


def spread(mean: int) -> Raw:
    """Return a mean [h] with a coefficient of variation."""
    return {"mean": f"{mean} h", "cv": "130 %"}


def scenarios(*, coarse: bool = False, plain: bool = False) -> st.SearchStrategy[Raw]:
    """Return a strategy of random scenarios as plain values.

    Each is thrown from a number: hypothesis by itself tries much the same again and again. To find
    a small one that fails, every choice must be its own (CAREPATH_SHRINK=1).

    Parameters
    ----------
    coarse
        All lengths of time whole quarters of a day.
    plain
        Arrivals only: no population, no hazards, no deaths.
    """
    if os.environ.get("CAREPATH_SHRINK", "0") not in {"", "0"}:
        return _chosen(coarse=coarse, plain=plain)
    return st.integers(0, 2**48 - 1).map(partial(thrown, coarse=coarse, plain=plain))


@st.composite
def _chosen(draw: Draw, *, coarse: bool, plain: bool) -> Raw:
    """Return a scenario of which hypothesis makes every choice."""
    maker = _Maker(lambda low, high: draw(st.integers(low, high)), coarse=coarse, plain=plain)
    raw = maker.scenario()
    assume(is_valid(raw))
    return raw


def thrown(seed: int, *, coarse: bool = False, plain: bool = False) -> Raw:
    """Return the scenario of a number."""
    chance = random.Random(seed)
    while True:
        raw = _Maker(chance.randint, coarse=coarse, plain=plain).scenario()
        if is_valid(raw):
            return raw


def is_valid(raw: Raw) -> bool:
    """Tell whether `validate` accepts a scenario."""
    try:
        typed(raw)
    except ScenarioError:
        return False
    return True


def typed(raw: Raw) -> Scenario:
    """Return a scenario of plain values."""
    return build(planted(raw, Mark("random")), "random")


class _Maker:
    """One scenario in the making."""

    def __init__(self, draw: Callable[[int, int], int], *, coarse: bool, plain: bool) -> None:
        self.draw = draw
        self.coarse = coarse
        self.plain = plain
        self.stays = [f"s{k}" for k in range(self.number(2, 5))]
        self.steps = [f"i{k}" for k in range(self.number(0, 2))]
        self.services: Raw = {}
        self.pools: Raw = {}
        self.to: dict[str, set[str]] = {}
        self.without_beds = self.often(3)
        self.together: set[str] = set()

    # --- small draws ---------------------------------------------------------------------

    def number(self, low: int, high: int) -> int:
        return self.draw(low, high)

    def one(self, choices: Any) -> Any:
        found = tuple(choices)
        return found[self.number(0, len(found) - 1)]

    def often(self, of: int = 2) -> bool:
        """Return true once in `of` times; shrinks to false."""
        return self.number(0, of - 1) == of - 1

    def time(self, low: int, high: int) -> str:
        """Return a length of time between so many quarters of a day."""
        quarters = self.number(low, high)
        if self.coarse:
            return f"{quarters * 6} h"
        minutes = self.number(0, 359) if quarters < high else 0
        return f"{quarters * 360 + minutes} min"

    def law(self, low: int, high: int) -> Any:
        """Return a distribution with a mean between so many quarters of a day."""
        if self.coarse:
            return {"fixed": self.time(low, high)}
        mean = self.number(max(1, low), high) * 6
        return self.one(
            (
                {"fixed": f"{mean} h"},
                {"exponential": {"mean": f"{mean} h"}},
                {"gamma": {"mean": f"{mean} h", "sd": f"{mean // 2 + 1} h"}},
                {"uniform": {"min": "0 h", "max": f"{2 * mean} h"}},
                {"histogram": {"edges": ["0 h", f"{mean} h", f"{3 * mean} h"], "weights": [3, 1]}},
                {
                    "mixture": [
                        {"share": 0.3, "fixed": f"{mean} h"},
                        {"share": 0.7, "exponential": {"mean": f"{mean} h"}},
                    ]
                },
                {"lognormal": {"p25": f"{mean / 2} h", "p75": f"{mean} h"}, "at_least": "1 h"},
                {"zero_inflated": {"zero": "30 %", "otherwise": {"weibull": spread(mean)}}},
                {"empirical": {"values": ["0 h", f"{mean} h", f"{2 * mean} h"], "smooth": True}},
                {"coxian": spread(mean)},
                {"pert": {"min": "0 h", "mode": f"{mean} h", "max": f"{3 * mean} h"}},
            )
        )

    # --- parts -----------------------------------------------------------------------------

    def scenario(self) -> Raw:
        self.zones = self.often(3)
        for name in self.stays:
            self.services[name] = self.stay(name)
        for name in self.steps:
            self.services[name] = self.step(name)
        if self.often(3):
            self.services["living"] = self.residence()
            self.stays.append("living")
        self.routes()
        self.give_pools()
        self.rooms_and_ways()
        if self.often(4):
            self.alongside()
        arrivals, population, start = self.arrivals(), self.population(), {}
        if self.often(3):
            start = self.start(at_home=bool(population))
        raw: Raw = {
            "carepath": 1,
            "area": "Random",
            "variant": "as-is",
            "title": "Thrown together",
            "clock": {
                "start": self.one(("2015-04-01", "2016-02-27", "2015-12-28")),
                "length": f"{self.number(6, 14)} d",
                "warm_up": f"{self.number(0, 4)} d",
                "run_out": f"{self.number(0, 4)} d",
                "bank_holidays": "england",
            },
            "attributes": {
                "class": {"of": "episode", "shares": {"a": 0.5, "b": 0.3, "c": 0.2}},
                "zone": {"shares": {"north": 0.4, "south": 0.6}},
                "flag": {"shares": {"no": 1, "yes": 0}},
            },
            "arrivals": arrivals,
            "exits": ["advice"],
            "pools": self.pools,
            "services": self.services,
        }
        if population:
            raw["population"] = population
        if start:
            raw["start"] = start
        if population and self.often(3):
            raw["programmes"] = self.programmes(raw["population"])
            self.coordinate()
        self.odds_and_ends(raw)
        if self.often(3):
            raw["changes"] = self.changes(raw)
        return raw

    def odds_and_ends(self, raw: Raw) -> None:
        """Add what few scenarios need, so that no field of the language is left out."""
        for source in raw["arrivals"].values():
            if self.often(5):
                source["cause"] = "referred"
            if "every" in source and self.often(3):
                source["count"] = self.number(1, 9)
            if "profile" in source and self.often(3):
                source["profile"]["month"] = {"Apr": 2, "Dec": 0.5}
        if self.often(4):
            raw["attributes"]["region"] = {"map": {"from": "zone", "north": "up", "south": "down"}}
            self.services[self.stays[0]]["priority"] = {"by": "region", "up": 1, "down": 0}
        for name, service in self.services.items():
            if self.often(6):
                service["cost"] = {self.one(("per_day", "per_stay")): "10 GBP", "payer": "nhs"}
            if self.often(6):
                service["delay_reason"] = "awaiting others"
                service["responsible"] = self.one(("social", "both"))
            if self.often(8):
                service["luck"] = f"lucky_{name}"
            if ("visits" in service or "taper" in service) and self.often(3):
                service["visits_while_waiting"] = False
        if "living" in self.services and self.often(3):
            self.services["living"]["permanent"] = True
        start = raw.get("start")
        for entry in start.values() if isinstance(start, dict) else ():
            if isinstance(entry, dict) and "count" in entry and self.often(3):
                entry["who"] = {"frailty": "severe"} if "population" in raw else {"zone": "north"}
        for pool in raw["pools"].values():
            if pool["unit"] == "minutes_per_day" and self.often(3):
                del pool["capacity"]
                pool["from_staff"] = {
                    "fte": {"budget": 3, "actual": 2},
                    "use": "budget",
                    "minutes_per_fte_day": 120,
                    "contact_share": 0.6,
                    "share": 0.9,
                    "productivity": 1.2,
                }
        moves = raw.get("population", {}).get("progression")
        if moves and self.often():
            moves["of"] = "flag"

    def changes(self, raw: Raw) -> list[Raw]:
        """Return what changes by date, in order of time."""
        day = date.fromisoformat(raw["clock"]["start"])
        found: list[Raw] = []
        for _ in range(self.number(1, 3)):
            day += timedelta(days=self.number(-2 if not found else 0, 5))
            name = self.one([n for n in self.stays if n != "living"])
            field, value = self.one(
                (
                    ("stay", {"fixed": "12 h"}),
                    ("max_stay", self.time(2, 10)),
                    ("discharges", self.one(HOURS)),
                    ("hold_up_to", self.time(0, 8)),
                    ("keeps_place", self.time(1, 12)),
                    ("plan_ahead", self.time(1, 8)),
                    ("discharges", None),
                )
            )
            change: Raw = {"from": day.isoformat(), "set": {f"services.{name}.{field}": value}}
            if field in {"stay", "max_stay", "plan_ahead"} and self.often(3):
                change["where"] = {"zone": "north"}
            elif self.often(3):
                other = self.one([n for n in self.stays if n != "living"])
                if other != name:
                    change["retire"] = {"service": name, "to": other}
            found.append(change)
        return found

    def programmes(self, population: Raw) -> Raw:
        """Return one or two programmes."""
        found: Raw = {}
        for name in ("prevent", "another")[: self.number(1, 2)]:
            finds: Raw = {"rate": f"{self.number(1, 6)} per d"}
            if self.often():
                finds["rule"] = self.one(("at random", "first in line"))
            programme: Raw = {"finds": finds, "caseload": self.number(1, 6)}
            if self.often():
                programme["lasts"] = self.law(1, 20)
            if self.often(3):
                programme["who"] = self.one(
                    ({"age": "70+"}, {"frailty": "severe"}, {"flag": "yes"}, {"zone": "north"})
                )
            programme["effect"] = {"crisis": self.one((1, 0.5, 0)), "fall": self.one((0.2, 2))}
            if "progression" in population and self.often():
                programme["effect"]["progression"] = 0.5
            if self.often(4):
                programme["start"] = {"caseload": programme["caseload"]}
                if self.often():
                    programme["start"]["remaining"] = "fresh"
            if self.often(4):
                finds["coordinators"] = 2
            if self.often(4):
                programme["from"] = self.one(("2015-04-05", "2016-03-02", "2016-01-01"))
            if self.often(4):
                programme["cost"] = {"per_place_day": "2 GBP", "payer": "nhs"}
            if self.often(4):
                programme["per"] = "zone"
            if self.often(4):
                programme["ends_at"] = self.one(self.stays)
            found[name] = programme
        return found

    def coordinate(self) -> None:
        """Send people of a programme another way now and then."""
        name = self.stays[0]
        service = self.services[name]
        if self.often(3) and service["stay"] != ZERO:
            case = {"when": {"programme": "prevent"}, "to": "home"}
            ways = service["next"]
            service["next"] = [case, *(ways if isinstance(ways, list) else [ways])]

    def stay(self, name: str) -> Raw:
        """Return a stay without pool and way on."""
        settings = [s for s in SETTINGS if s not in BEDS] if self.without_beds else SETTINGS
        service: Raw = {"setting": self.one(settings), "stay": self.cases(lambda: self.law(1, 12))}
        if name == self.stays[-1] and self.often(3):
            service["stay"] = ZERO
        if self.often(4):
            service["max_stay"] = self.one((self.time(2, 10), f"{self.number(1, 3)} working days"))
        if self.often(4):
            service["discharges"] = self.one(HOURS)
        if self.often(5):
            service["decides"] = self.one(HOURS)
        if self.often(3):
            service["plan_ahead"] = self.time(1, 8)
        if self.often(5):
            service["route_at"] = "start"
        if self.often(5):
            service["keeps_place"] = self.time(1, 12)
        if self.often(5):
            service["set"] = {"flag": {"value": "yes", "for": self.time(1, 8)}}
        if self.often(6):
            service["hazard_factor"] = self.one((0, 0.5, 3))
        if self.often(5):
            service["changes_state"] = self.move()
        return service

    def move(self) -> Raw:
        """Return how a stay moves people along the levels of the flag."""
        move: Raw = {self.one(("up", "down")): self.one(("40 % per day", "50 %", "100 %"))}
        if self.often():
            move["after"] = self.time(1, 8)
        return {"flag": move}

    def step(self, _: str) -> Raw:
        """Return a step in place without pool and way on."""
        service: Raw = {"in_place": True, "stay": self.law(0, 3)}
        if self.often(5):
            service["stay"] = f"{self.number(0, 2)} working days"
        if self.often(4):
            service["decides"] = self.one(HOURS)
        if self.often(6):
            service["set"] = {"flag": "yes"}
        if self.often(6):
            service["changes_state"] = self.move()
        return service

    def residence(self) -> Raw:
        """Return a place where people live."""
        service: Raw = {"residence": True, "setting": self.one(("own_home", "care_home"))}
        if self.often():
            service["keeps_place"] = self.time(1, 12)
        if self.often():
            service["stay"] = self.law(8, 40)
            service["next"] = "home"
        return service

    def cases(self, value: Callable[[], Any]) -> Any:
        """Return a value, or cases of an attribute."""
        if not self.often(4):
            return value()
        when = self.one(
            (
                {"class": "a"},
                {"zone": "north"},
                {"flag": "yes"},
                {"weekday": "Sat,Sun"},
                {"day": ["weekend", "bank holiday"]},
                {"hour": "06:30-18:15"},
            )
        )
        return [{"when": when, "value": value()}, value()]

    def targets(self, name: str) -> list[str]:
        """Return where a service may lead: without time only forward."""
        found = ["home", "advice", "back"] + ([] if self.plain else ["died"])
        if self.services[name].get("in_place"):
            later = self.steps[self.steps.index(name) + 1 :]
            return found + later + self.stays
        if self.services[name].get("stay") == ZERO:
            return found
        return found + self.stays + self.steps

    def routes(self) -> None:
        """Lead everybody somewhere, and nobody nowhere."""
        for name, service in self.services.items():
            if name == "living":
                continue
            service["next"] = self.route(name)
        # Whatever cannot be reached from the first stay, the first stay leads to.
        first, lonely = self.stays[0], set(self.services) - self.reached()
        while unreached := sorted(set(self.services) - self.reached()):
            lonely |= set(unreached)
            self.to[first] = lonely | {"home"}
        if lonely:
            shares = {n: round(0.6 / len(lonely), 6) for n in sorted(lonely)}
            shares["home"] = round(1 - sum(shares.values()), 6)
            self.services[first]["next"] = {"to": shares}
            if self.services[first]["stay"] == ZERO:
                self.services[first]["stay"] = {"fixed": "6 h"}

    def reached(self) -> set[str]:
        """Return the services that can be reached from the first stay."""
        found: set[str] = set()
        todo = [self.stays[0]]
        while todo:
            name = todo.pop()
            if name in self.services and name not in found:
                found.add(name)
                todo.extend(self.to.get(name, ()))
        return found

    def route(self, name: str) -> Any:
        self.to[name] = set()
        ways = [self.branches(name)]
        if self.often(3):
            test = self.one(
                (
                    {"class": ["a", "b"]},
                    {"zone": "north"},
                    {"hour": "06:00-18:00"},
                    {"flag": "yes"},
                    {"event": "max_stay"},
                )
            )
            if "event" in test and "max_stay" not in self.services[name]:
                test = {"class": "c"}
            ways.insert(0, {"when": test, **self.branches(name)})
        return ways if len(ways) > 1 else ways[0]

    def branches(self, name: str) -> Raw:
        """Return one set of branches."""
        if len(self.steps) > 1 and not self.services[name].get("in_place") and self.often(5):
            then = self.one(self.stays)
            self.to[name] |= {*self.steps, then}
            if self.services[name].get("stay") != ZERO:
                self.together |= set(self.steps)
                return {"to": {"all_of": list(self.steps), "then": then}}
        count = self.number(1, 3)
        chosen = list(dict.fromkeys(self.one(self.targets(name)) for _ in range(count)))
        if name in chosen and len(chosen) == 1:
            chosen.append("home")
        self.to[name] |= set(chosen)
        shares = {n: round(1 / len(chosen), 6) for n in chosen}
        shares[chosen[0]] = round(1 - sum(list(shares.values())[1:]), 6)
        return {"to": shares}

    # --- pools -----------------------------------------------------------------------------

    def give_pools(self) -> None:
        """Give services pools: stays share up to three, each step has its own."""
        names = [f"p{k}" for k in range(self.number(1, 3))]
        users: dict[str, list[str]] = {name: [] for name in names}
        for name in self.stays:
            if self.often(6):
                continue
            if self.often(8):
                self.visited(name)
                continue
            first = self.one(names)
            chosen = [first]
            if self.often(6) and len(names) > 1:
                chosen.append(self.one([n for n in names if n != first]))
            self.services[name]["pool"] = chosen[0] if len(chosen) == 1 else {"any_of": chosen}
            for pool in chosen:
                users[pool].append(name)
            self.demands(name)
        for pool, served in users.items():
            if served:
                self.pools[pool] = self.pool(served, users)
                if self.often(5) and "overflow" not in self.pools[pool]:
                    self.pools[pool]["surge"] = self.surge()
        for name in self.steps:
            if self.often():
                self.services[name]["pool"] = f"q_{name}"
                self.pools[f"q_{name}"] = {"unit": "staff", **self.staff()}
                self.demands(name)
        if self.zones:
            self.template()

    def visited(self, name: str) -> None:
        """Give a stay visits that fall in steps, and a pool of minutes for itself."""
        service = self.services[name]
        steps = {"60 min": f"{self.number(1, 3)} d", "30 min": f"{self.number(1, 3)} d"}
        service["taper"] = {**steps, f"{self.one((0, 15))} min": "rest"}
        if self.often(3):
            slower = {"2 per day of 30 min": "4 d", "1 per day of 20 min": "rest"}
            service["visits"] = [{"when": {"class": "a"}, **slower}, "1 per day of 45 min"]
            del service["taper"]
        service["pool"] = f"m_{name}"
        if self.often(3):
            service |= {"setting": "own_home", "keeps_place": self.time(4, 12)}
        minutes = self.number(2, 8) * 30
        self.pools[f"m_{name}"] = {"unit": "minutes_per_day", "capacity": minutes}
        self.demands(name)

    def demands(self, name: str) -> None:
        """Say how people wait for a service with a pool."""
        service = self.services[name]
        if self.often(3):
            service["priority"] = {"by": "class", "a": 0, "b": 1, "c": 1}
        if self.often(3):
            service["admits"] = self.one(HOURS)
        if self.often(3):
            service["hold_up_to"] = self.time(0, 8)
        if self.often(4):
            service["keeps_turn"] = True
        if self.often(3):
            patience: Raw = {"after": self.law(0, 8), "cause": "too long"}
            if self.often(6):
                patience["after"] = f"{self.number(0, 2)} working days"
            others = [n for n in self.stays if n not in {name, "living"}]
            if name in self.together:  # only another step stands in for one of several
                others = [n for n in self.steps if n != name]
                if self.often():
                    patience["to"] = self.one(others)
            # Nobody may be left without a way on in a bed.
            elif not self.without_beds or self.often():
                patience["to"] = self.one(["home", "advice", *others])
            service["max_wait"] = patience

    def rooms_and_ways(self) -> None:
        """Give services waiting rooms and ways that take time."""
        for name in (*self.stays, *self.steps):
            service = self.services[name]
            step = service.get("in_place", False)
            if "pool" in service and self.often(4):
                room: Raw = {"from_outside": self.number(0, 3)}
                if not step:
                    room["from_inside"] = self.number(0, 2)
                    if self.often():
                        room["setting"] = self.one(SETTINGS)
                others = [n for n in self.stays if n not in {name, "living"}]
                if name in self.together:
                    others = []
                if others and self.often():
                    room["when_full"] = {"to": self.one(["home", *others]), "cause": "full"}
                service["waiting_room"] = room
            if not step and self.often(6):
                service["transfer"] = self.cases(lambda: self.time(1, 2))

    def alongside(self) -> None:
        """Let something be received alongside some stays."""
        beside: Raw = {"in_place": True}
        if self.often():
            beside["stay"] = self.law(1, 8)
        if self.often():
            beside["pool"] = "q_beside"
            self.pools["q_beside"] = {"unit": "staff", "capacity": self.capacity()}
            if self.often():
                beside["max_wait"] = {"after": self.law(0, 8), "cause": "too long"}
            if self.often(3):
                beside["admits"] = self.one(HOURS)
        hosts = [name for name in self.stays if self.often()] or [self.stays[0]]
        for host in hosts:
            when = self.often(3)
            entry = {"service": "beside", "when": {"class": "a"}} if when else "beside"
            self.services[host]["alongside"] = [entry]
        self.services["beside"] = beside

    def capacity(self) -> Any:
        """Return a number of places, by hours or by date now and then."""
        kind = self.number(0, 5)
        if kind == 1:
            return {"daily 06:00-18:00": self.number(1, 4), "daily 18:00-06:00": self.number(0, 3)}
        if kind == 2:
            return {"Mon-Fri": self.number(1, 4), "Sat,Sun": self.number(0, 3)}
        if kind == 3:
            later = self.one(("2015-04-06", "2016-03-02", "2016-01-01"))
            return [
                {"places": self.number(1, 4)},
                {"from": later, "places": self.number(0, 4)},
            ]
        return self.number(1, 5)

    def staff(self) -> Raw:
        """Return the capacity of a pool of staff, worked out from people in post now and then."""
        if not self.often(4):
            return {"capacity": self.capacity()}
        fte: Any = self.number(2, 6)
        if self.often(3):
            fte = [{"fte": fte}, {"from": "2016-01-01", "fte": {"budget": fte + 1, "actual": fte}}]
        return {"from_staff": {"fte": fte, "days_per_week": 5, "absence": "10 %"}}

    def pool(self, served: list[str], users: dict[str, list[str]]) -> Raw:
        """Return a pool for stays with its policy."""
        kind = self.one(("shared", "shared", "ring_fenced", "reserved", "partial", "priority"))
        pool: Raw = {"unit": "beds"}
        if self.often(4):
            pool["overtaking"] = True
        if kind == "shared":
            pool["capacity"] = self.capacity()
            if self.often(6):
                pool["overflow"] = "unlimited"
            for name in served:
                alone = sum(name in others for others in users.values()) == 1
                if self.often(6) and alone and pool["capacity"] in (2, 3, 4, 5):
                    self.services[name]["units"] = 2
            return pool
        up, down, common = self.number(1, 3), self.number(1, 3), self.number(0, 2)
        pool["capacity"] = up + down
        pool["policy"] = {
            "ring_fenced": {"ring_fenced": {"up": up, "down": down}},
            "reserved": {"reserved": {"up": up}},
            "partial": {"partial": {"up": up, "down": down, "shared": common}},
            "priority": {"priority": ["up", "down"]},
        }[kind]
        if kind == "partial":
            pool["capacity"] += common
        if kind == "ring_fenced" and self.often():
            pool["policy"] = {"ring_fenced": {"up": "40 %", "down": "60 %"}}
            pool["capacity"] = {"Mon-Fri": 5, "Sat,Sun": self.number(0, 4)}
        for name in served:
            self.services[name]["stream"] = self.stream(name)
        return pool

    def surge(self) -> Raw:
        """Return a rule by which places are opened under pressure."""
        add = self.number(1, 3)
        rule: Raw = {
            "when": f"{self.number(1, 2)} waiting for {self.time(1, 4)}",
            "add": add,
            "close": self.one((f"when {add} empty for 12 h", "when empty for 1 d")),
        }
        if self.often(3):
            rule["lead"] = self.time(0, 3)
        if self.often(4):
            rule["cost"] = {"per_place_day": "100 GBP", "payer": "nhs"}
        return rule

    def stream(self, name: str) -> Any:
        """Return the stream of a service: by where people come from, or by attribute."""
        before = [n for n in self.stays if name in self.to.get(n, ()) and n != "living"]
        if before and self.often():
            return {f"from {self.one(before)}": "down", "else": "up"}
        return [{"when": {"class": self.one("abc")}, "value": "down"}, "up"]

    def template(self) -> None:
        """Make one service and its pool one for each zone."""
        alone = [
            name
            for name in (*self.stays, *self.steps)
            if isinstance(pool := self.services[name].get("pool"), str)
            and sum(pool == s.get("pool") for s in self.services.values()) == 1
            and not any(
                pool in s["pool"].get("any_of", ())
                for s in self.services.values()
                if isinstance(s.get("pool"), dict)
            )
            and "policy" not in self.pools[pool]
        ]
        if alone:
            name = self.one(alone)
            self.services[name]["per"] = "zone"
            self.pools[self.services[name]["pool"]]["per"] = "zone"

    # --- people ----------------------------------------------------------------------------

    def arrivals(self) -> Raw:
        """Return one to three sources."""
        found: Raw = {}
        for k in range(self.number(1, 3)):
            at = self.one((self.stays[0], *self.stays, *self.steps))
            source: Raw = {"at": self.stays[0] if k == 0 else at}
            if self.often(6):
                source["replay"] = self.listed()
            elif self.coarse or self.often(3):
                source["every"] = f"{self.number(2, 12)} h"
                if self.often():
                    source["first"] = f"{6 * self.number(0, 4)} h"
            else:
                source |= self.rate()
                if self.often():
                    source["profile"] = {
                        "weekday": {"Sat": 0.2, "Sun": 2},
                        "hour": {"08:00-20:00": 3, "20:00-08:00": 1},
                    }
            if not self.plain and self.often(4):
                source["returns"] = True
            if self.often(4):
                source["planned"] = True
            if "replay" not in source and self.often(4):
                source["is"] = {"class": "b"}
            found[f"a{k}"] = source
        return found

    def start(self, *, at_home: bool) -> Any:
        """Return who is where at the start."""
        lasting = [n for n in self.stays if self.services[n].get("stay") != ZERO]
        if self.often(4):
            return self.one(({"steady": lasting[:1]}, "steady"))
        if self.often(4):
            return {"census": [self.in_census(k, lasting) for k in range(self.number(1, 5))]}
        name = self.one(lasting)
        there: Raw = {"count": self.number(1, 6)}
        kind = self.number(0, 3)
        if kind == 1:
            there["remaining"] = "fresh"
        elif kind == 2:
            there |= {"remaining": "conditional", "days_so_far": self.law(0, 8)}
        elif kind == 3:
            there["remaining"] = self.law(0, 8)
        if self.often():
            others = [n for n in lasting if n != name and "per" not in self.services[n]]
            at = ["outside", *(["home"] if at_home else []), *others]
            there["waiting"] = {"count": self.number(1, 3), "at": self.one(at)}
            if self.often():
                there["waiting"]["waited"] = self.law(0, 8)
        return {name: there}

    def in_census(self, number: int, lasting: list[str]) -> Raw:
        """Return one person of a census."""
        alone = [n for n in lasting if "per" not in self.services[n]] or ["home"]
        row: Raw = {"person": f"P{number}", "service": self.one(alone), "zone": self.one(ZONES)}
        if row["service"] != "home" and self.often():
            row["days_so_far"] = self.number(0, 12) / 4
        if row["service"] == "home" or self.often():
            row["waiting_for"] = self.one(self.stays)
            row["waiting_since"] = f"{6 * self.number(0, 12)} h"
        return row

    def rate(self) -> Raw:
        """Return a rate, which may change or vary."""
        rate = f"{self.number(1, 8)} per d"
        found: Raw = {"rate": rate}
        if self.often(5):
            rows = [{"from": "0 h", "rate": rate}, {"from": "30 h", "rate": "2 per d"}]
            found = {"rates": rows}
            if self.often():
                found["cycle"] = "3 d"
            if self.often():
                found["interpolate"] = "linear"
        if self.often(5):
            found["variation"] = 0.6
        if self.often(6):
            found["growth"] = "-40 % per y"
        return found

    def listed(self) -> list[Raw]:
        """Return a few people one by one, of some of whom something is known."""
        rows: list[Raw] = []
        for _ in range(self.number(1, 6)):
            row: Raw = {"at": f"{6 * self.number(-8, 40)} h"}
            if self.often():
                row["class"] = self.one("abc")
            if self.often():
                row["zone"] = self.one(("north", "south"))
            first = self.stays[0]
            if self.services[first]["stay"] != ZERO and self.often():
                row[f"{first}.stay"] = self.time(0, 12)
            if self.often(3):
                row[f"{first}.route"] = self.one(sorted(self.to[first]))
            rows.append(row)
        return rows

    def population(self) -> Raw:
        """Return a few people with much to suffer, or nobody."""
        if self.plain or self.often(4):
            return {}
        crisis = {"frailty": {"severe": 3}}
        hazards: Raw = {
            "fall": {
                "rate": f"{self.number(5, 40)} per y",
                "times": crisis,
                "to": self.one((*self.stays, *self.steps)),
            },
            "illness": {
                "rate": f"{self.number(5, 40)} per y",
                "times": {**crisis, "hour": {"08:00-20:00": 3, "20:00-08:00": 1}},
                "to": self.one((*self.stays, *self.steps)),
            },
        }
        if self.often():
            hazards["illness"] |= {"planned": True, "after_discharge": False}
        if self.often():
            hazards["death"] = {"rate": f"{self.number(1, 10)} per y", "to": "died"}
        population: Raw = {
            "size": self.number(6, 30),
            "bands": {
                "65-74": {"share": 0.6, "frailty": {"fit": 0.7, "severe": 0.3}},
                "75+": {"share": 0.4, "women": 0.6, "frailty": {"fit": 0.4, "severe": 0.6}},
            },
            "hazards": hazards,
        }
        if self.often(3):
            population["after_discharge"] = {"2 d": {"times": 6}, "5 d": {"times": 2}}
        if self.often(3):
            population |= self.joining("death" in hazards)
        if self.often(4):
            population["progression"] = {"rate": "20 per y", "times": {"sex": {"men": 2}}}
        if self.often(4):
            population["ageing"] = True
            hazards["fall"]["times"] = {**crisis, "age_band": {"75+": 2}}
        return population

    def joining(self, dying: bool) -> Raw:
        """Return who turns 65: one rate, one that grows, a table by year, or a projection."""
        ways: list[Raw] = [
            {"turning_65": "200 per y"},
            {"turning_65": "200 per y", "growth": "-30 % per y"},
            {"turning_65": {"2015": 300, "2016": 100}},
        ]
        if dying and self.often():
            return {"projection": {"2014": 20, "2015": 40, "2016": 10}}
        return self.one(ways)


def with_pools(raw: Raw, **fields: Any) -> Raw:
    """Return the scenario with fields of all pools written over."""
    pools = {name: {**pool, **fields} for name, pool in raw["pools"].items()}
    for pool in pools.values():
        if pool.get("overflow") == "unlimited":
            pool.pop("surge", None)  # nobody waits: it would be refused as without effect
    return {**raw, "pools": pools}


def names_of(raw: Raw) -> Iterator[str]:
    """Yield the names of the sources of people."""
    yield from raw["arrivals"]
