"""What must hold of every record, reckoned from the spells alone and the words of the care model.

`carepath_sim.engine.checks` compares the spells with what the engine kept account of; these look
at the rules instead: nobody waits while there is a place, nobody is passed over, hours are kept.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from carepath_sim.engine import NEVER, How, Outcome
from carepath_sim.engine.interpreted import rules
from carepath_sim.engine.spells import SURGE_CLOSED, SURGE_OPENED
from carepath_sim.plan import tables as tb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.engine import Record
    from carepath_sim.plan import Plan

FAR = 2**62


def broken(plan: Plan, record: Record) -> list[str]:
    """Return everything that does not hold."""
    seen = _Seen(plan, record)
    return [
        *seen.above_capacity(),
        *seen.idle_places(),
        *seen.surges_out_of_turn(),
        *seen.passed_over(),
        *seen.standing_circles(),
        *seen.out_of_hours(),
        *seen.booked_too_early(),
        *seen.patience_not_kept(),
        *seen.kept_too_long(),
        *seen.crises_in_beds(),
        *seen.nowhere(),
        *seen.ways_too_short(),
        *seen.idle_rooms(),
    ]


def _level(waits: list[tuple[int, int]], t: int) -> int:
    """Return how many of some times hold at an instant."""
    return sum(begins <= t < ends for begins, ends in waits)


def _lowest(waits: list[tuple[int, int]], begin: int, end: int) -> int:
    """Return the least that hold at any instant of [begin, end)."""
    inside = [t for wait in waits for t in wait if begin < t < end]
    return min(_level(waits, t) for t in (begin, *inside))


def _longest(waits: list[tuple[int, int]], begin: int, end: int, people: int) -> int:
    """Return the longest time within [begin, end) for which so many hold without a break."""
    edges = sorted({begin, end} | {t for wait in waits for t in wait if begin < t < end})
    longest, since = 0, None
    for t, after in pairwise(edges):
        if _level(waits, t) < people:
            since = None
            continue
        since = t if since is None else since
        longest = max(longest, after - since)
    return longest


class _Seen:
    """One record, as rows of plain whole numbers."""

    def __init__(self, plan: Plan, record: Record) -> None:
        self.plan, self.record = plan, record
        names = list(record.spells)
        columns = (record.spells[name].tolist() for name in names)
        self.rows: list[dict[str, int]] = [
            dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)
        ]
        self.by_visit = {(row["person"], row["visit"]): row for row in self.rows}
        self.by_person: dict[int, list[dict[str, int]]] = defaultdict(list)
        for row in self.rows:
            self.by_person[row["person"]].append(row)
        self.services = plan.services
        self.T: Any = tb.as_lists(plan.tables)
        self.P: Any = tb.as_lists(plan.pool_tables)
        self.retirements = {retired.t for retired in plan.retired}
        # Asked again and again for the same pools and instants.
        self.surges = cache(self._surges)
        self.is_open = cache(self._is_open)

    def name(self, row: dict[str, int]) -> str:
        return f"{self.services[row['service']].name} of person {row['person']}"

    def host(self, row: dict[str, int]) -> dict[str, int] | None:
        return self.by_visit.get((row["person"], row["host"]))

    def dated(self, column: str, service: int, t: int) -> int:
        """Return a number of a service as it stands at an instant, by the changes until then."""
        value = int(getattr(self.T, column)[service])
        for switch in self.plan.switches:
            mine = switch.column == column and switch.row == service and not switch.of_hazard
            if mine and switch.t <= t:
                value = int(switch.value)
        return value

    def bookable(self, row: dict[str, int]) -> int | None:
        """Return the instant from which a request could be granted; None where it is not known.

        The end of a stay that was broken off before it is nowhere in the table.
        """
        host = self.host(row)
        if host is None or self.services[row["service"]].in_place:
            return row["requested"]
        if host["over"] == NEVER:
            lasting = self.T.stay[host["service"]] == tb.NOBODY
            return row["requested"] if lasting else None
        if host["outcome"] not in {Outcome.MOVED, Outcome.LEFT_MODEL}:
            return None
        # By the hold that was in force when they joined; the instant is not reckoned anew.
        hold = self.dated("hold_up_to", row["service"], row["requested"])
        return max(row["requested"], host["over"] - hold)

    def waits(self) -> Iterator[tuple[dict[str, int], int, int]]:
        """Yield requests for pools with the instants from and until which they stood in line."""
        for row in self.rows:
            if row["how"] not in {How.WAITED, How.CIRCLE} or not self.pools_of(row):
                continue
            begins = self.bookable(row)
            if begins is None:
                continue
            ends = row["granted"] if row["granted"] != NEVER else row["left"]
            # Who waits when the run starts asked before it, when nobody could be admitted yet.
            yield row, max(begins, self.plan.begin), FAR if ends == NEVER else ends

    def pools_of(self, row: dict[str, int]) -> tuple[int, ...]:
        return self.services[row["service"]].pools

    def held(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Yield pool, stream, units, and the time [from, to) for which they were taken."""
        for row in self.rows:
            if row["pool"] < 0 or row["granted"] == NEVER:
                continue
            begins = row["granted"]
            if row["how"] in {How.WITHIN_POOL, How.BACK}:
                begins = row["started"]
            if begins == NEVER:
                continue
            ends = row["ready"] if self.services[row["service"]].in_place else row["left"]
            if row["kept_until"] != NEVER:
                ends = row["kept_until"]
            if ends == NEVER:
                ends = row["left"] if row["left"] != NEVER else FAR
            for units, since, until in self.levels(row, begins, ends):
                yield row["pool"], row["stream"], units, since, until

    def levels(self, row: dict[str, int], begins: int, ends: int) -> Iterator[tuple[int, int, int]]:
        """Yield units with the time for which they are held: all of it, or step by step."""
        if row.get("taper", -1) < 0 or row["taper_from"] == NEVER:
            yield row["units"], begins, ends
            return
        steps = self.plan.tapers
        first, last = (int(x) for x in steps.first[row["taper"] : row["taper"] + 2])
        falls = [row["taper_from"] + int(steps.after[k]) for k in range(first, last)]
        reached = [t for t in falls if row["ready"] == NEVER or t <= row["ready"]]
        for k, t in enumerate(reached):
            since = begins if k == 0 else max(begins, t)
            until = min(ends, reached[k + 1]) if k + 1 < len(reached) else ends
            units = int(steps.units[first + k])
            if since < until:
                yield row["units"] if units < 0 else units, since, until

    def capacity(self, pool: int, t: int) -> tuple[int, int]:
        """Return the number of the capacity step at an instant, and the capacity."""
        times, capacity = self.plan.capacity_steps(pool)
        k = int(np.searchsorted(times, t, side="right")) - 1
        return int(self.P.step_first[pool]) + k, int(capacity[k]) + self.surge_places(pool, t)

    def _surges(self, pool: int) -> list[tuple[int, int, int]]:
        """Return when surge places were opened and closed, and how many."""
        c = self.record.changes
        rows = [
            (t, what, value)
            for t, what, name, value in zip(
                *(c[key].tolist() for key in ("t", "what", "name", "value")), strict=True
            )
            if name == pool and what in {SURGE_OPENED, SURGE_CLOSED}
        ]
        ends = [t for t, what, _ in rows if what == SURGE_CLOSED] + [FAR]
        opened = [(t, value) for t, what, value in rows if what == SURGE_OPENED]
        return [(t, end, value) for (t, value), end in zip(opened, ends, strict=False)]

    def surge_places(self, pool: int, t: int) -> int:
        """Return the surge places that are open at the end of an instant."""
        return sum(value for begin, end, value in self.surges(pool) if begin <= t < end)

    def local(self, pool: int, stream: int) -> int:
        streams = max(1, len(self.plan.stream_names))
        return 0 if stream < 0 else int(self.P.local[pool * streams + stream])

    def used(self, pool: int, instants: list[int]) -> list[list[int]]:
        """Return the units in use by stream of the policy at the end of each instant."""
        lanes = self.P.streams[pool]
        change: dict[int, list[int]] = defaultdict(lambda: [0] * lanes)
        for held, stream, units, begins, ends in self.held():
            if held == pool:
                change[begins][self.local(pool, stream)] += units
                change[ends][self.local(pool, stream)] -= units
        times = sorted(change)
        found, now, k = [], [0] * lanes, 0
        for t in instants:
            while k < len(times) and times[k] <= t:
                now = [a + b for a, b in zip(now, change[times[k]], strict=True)]
                k += 1
            found.append(now)
        return found

    def _is_open(self, service: int, which: str, t: int) -> bool:
        return self.plan.next_opening(service, which, t) == t

    # --- the rules ---------------------------------------------------------------------------

    def above_capacity(self) -> Iterator[str]:
        """No grant raises use above capacity: at its instant's end there is no more than fits."""
        for pool, info in enumerate(self.plan.pools):
            if info.overflow:
                continue
            grants = sorted(
                {r["granted"] for r in self.rows if r["pool"] == pool and r["how"] == How.WAITED}
                - {NEVER}
            )
            for t, used in zip(grants, self.used(pool, grants), strict=True):
                step, capacity = self.capacity(pool, t)
                for stream, units in self.on_their_way_in_a_circle(pool, t):
                    used[stream] -= units
                if sum(used) > capacity:
                    yield f"{info.name}: {sum(used)} units in use after a grant at {t}"
                granted = {
                    self.local(pool, r["stream"])
                    for r in self.rows
                    if r["pool"] == pool and r["granted"] == t and r["how"] == How.WAITED
                }
                yield from self._beyond_parts(pool, t, step, used, granted)

    def on_their_way_in_a_circle(self, pool: int, t: int) -> Iterator[tuple[int, int]]:
        """Yield stream and units of those whose place has passed on in a circle before they left.

        Where the way takes time they hold two places: the next one, and the one that the person
        behind them in the circle may have taken already. So the old one does not count here.
        """
        for row in self.rows:
            host = self.host(row)
            if host is None or host["pool"] != pool or row["how"] != How.CIRCLE:
                continue
            ended = min(x for x in (row["started"], row["left"], FAR) if x != NEVER)
            if row["granted"] <= t < ended:
                yield self.local(pool, host["stream"]), host["units"]

    def _beyond_parts(
        self, pool: int, t: int, step: int, used: list[int], granted: set[int]
    ) -> Iterator[str]:
        """Yield streams that were granted more than their part leaves them."""
        first, policy, extra = (
            self.P.part_first[step],
            self.P.policy[pool],
            self.surge_places(pool, t),
        )
        parts = self.P.parts[first : first + len(used)]
        beyond = sum(max(0, n - part) for n, part in zip(used, parts, strict=True))
        fenced = policy == tb.RING_FENCED and any(used[k] > parts[k] for k in granted)
        if fenced and beyond > extra:
            yield f"pool {pool}: {used} in use of {parts} and {extra}, ring-fenced"
        if policy == tb.PARTIAL:
            common = sum(max(0, n - part) for n, part in zip(used, parts, strict=True))
            if common > self.P.step_shared[step] + extra:
                yield f"pool {pool}: {used} in use of {parts} and {self.P.step_shared[step]}"

    def idle_places(self) -> Iterator[str]:
        """Nobody who could be admitted waits: a place that is free is offered at once.

        Reckoned where all stays take one unit: then whoever fits is, or stands behind, the head
        of a line that fits.
        """
        waits = list(self.waits())
        moments = {t for row in self.rows for t in row.values()}
        for pool, info in enumerate(self.plan.pools):
            lined = [(row, a, b) for row, a, b in waits if pool in self.pools_of(row)]
            if any(row["units"] != 1 for row, _, _ in lined):
                continue
            steps = self.plan.capacity_steps(pool)[0].tolist()
            steps += [t for begin, end, _ in self.surges(pool) for t in (begin, end)]
            instants = sorted(
                {t for row, a, b in lined for t in (a, b)}
                | {t for t in (*steps, *moments) if self.plan.begin <= t < self.plan.end}
            )
            instants = [t for t in instants if t < self.plan.end]
            for t, used in zip(instants, self.used(pool, instants), strict=True):
                step = self.capacity(pool, t)[0]
                for row, begins, ends in lined:
                    if not begins <= t < ends or not self.is_open(row["service"], "admits", t):
                        continue
                    local = self.local(pool, row["stream"])
                    extra = self.surge_places(pool, t)
                    if rules.fits(self.P, pool, step, used, 0, sum(used), local, 1, extra):
                        yield f"{self.name(row)} waits at {t} although {info.name} has room"

    def surges_out_of_turn(self) -> Iterator[str]:
        """Places open when enough people have waited long enough, and not before.

        Who could have moved is not always known from the table: with those of whom it is known the
        opening may not be late, with the others too it may not be early.
        """
        for pool in np.flatnonzero(self.plan.surges.people).tolist():
            people, span, lead = (
                int(getattr(self.plan.surges, name)[pool]) for name in ("people", "crowded", "lead")
            )
            surely, perhaps = [], []
            for row in self.rows:
                if row["how"] not in {How.WAITED, How.CIRCLE} or pool not in self.pools_of(row):
                    continue
                ends = row["granted"] if row["granted"] != NEVER else row["left"]
                ends = self.plan.end if ends == NEVER else ends
                host = self.host(row)
                over = row["requested"]
                known = host is None or self.services[row["service"]].in_place
                if not known and host["outcome"] in {Outcome.MOVED, Outcome.LEFT_MODEL}:
                    over, known = max(over, host["over"]), True
                perhaps.append((over, ends))
                if known:
                    surely.append((over, ends))
            calm = self.plan.begin
            for opened, closed, _ in [*self.surges(pool), (self.plan.end, FAR, 0)]:
                due = opened - lead  # what was decided later opens after the end
                if calm < due and _longest(surely, calm, due, people) > span:
                    yield f"pool {pool}: surge places were due before {opened}"
                if opened < self.plan.end and _lowest(perhaps, due - span, due) < people:
                    yield f"pool {pool}: surge places opened at {opened} without need"
                calm = closed

    def passed_over(self) -> Iterator[str]:
        """Within service and stream those who joined first are admitted first."""
        lanes = defaultdict(list)
        for row, begins, ends in self.waits():
            service = row["service"]
            if self.T.keeps_turn[service] or self._varies(self.T.priority[service]):
                continue
            if row["requested"] in self.retirements:
                continue  # comes from the line of a retired service, with the turn they had there
            lanes[service, row["stream"]].append(
                (row["requested"], row["person"], begins, ends, row)
            )
        for lane in lanes.values():
            lane.sort(key=lambda entry: entry[:2])
            for k, (_, _, begins, ends, early) in enumerate(lane):
                for _, _, _, granted, late in lane[k + 1 :]:
                    by_queue = late["how"] == How.WAITED and late["granted"] != NEVER
                    stood = begins <= granted < ends and not self.came_later(early, granted)
                    if by_queue and stood and early["units"] <= late["units"]:
                        yield f"{self.name(early)} was passed over at {granted}"

    def came_later(self, row: dict[str, int], t: int) -> bool:
        """Tell whether somebody may have joined a line behind an admission of the same instant.

        An instant falls back from admission to the people: whoever moves by a grant asks for what
        comes next after it, and the next round finds what the first one left. The table knows no
        order within an instant, so those who asked at it are left out if something else of theirs
        began or ended then. Who arrives, or is ready, was in line before the first round.
        """
        return row["requested"] == t and any(
            t in (other["started"], other["left"])
            for other in self.by_person[row["person"]]
            if other is not row
        )

    def standing_circles(self) -> Iterator[str]:
        """No people wait for each other's places beyond an instant, where places pass on freely.

        Freely: one line for all streams, one unit a stay. Wards that wait for each other in a
        ring would be such people, one from each ward.
        """
        free = {
            pool
            for pool in range(len(self.plan.pools))
            if self.P.policy[pool] in {tb.SHARED, tb.PRIORITY}
            and all(row["units"] == 1 for row in self.rows if row["pool"] == pool)
        }
        blocked = []
        for row, _, ends in self.waits():
            host = self.host(row)
            in_place = self.services[row["service"]].in_place
            if host is None or in_place or host["pool"] not in free or row["units"] != 1:
                continue
            if host["outcome"] in {Outcome.MOVED, Outcome.LEFT_MODEL} and host["over"] != NEVER:
                targets = free & set(self.pools_of(row))
                # Who has gone to a waiting room blocks nothing.
                until = ends if host["left"] == NEVER else min(ends, host["left"])
                blocked.append(
                    (max(row["requested"], host["over"]), until, host["pool"], targets, row)
                )
        moments = {t for begins, ends, *_ in blocked for t in (begins, ends)}
        for t in sorted(t for t in moments if t >= self.plan.begin):
            edges = defaultdict(set)
            for begins, ends, base, targets, row in blocked:
                if begins <= t < ends and self.is_open(row["service"], "admits", t):
                    edges[base] |= targets
            while edges:  # peel the pools from which nobody wants to go on
                left = {a: {b for b in to if b in edges} for a, to in edges.items()}
                left = {a: to for a, to in left.items() if to}
                if left == edges:
                    yield f"pools {sorted(edges)} wait for each other at {t}"
                    break
                edges = left

    def _varies(self, choice: int) -> bool:
        first, last = self.T.choice_first[choice : choice + 2]
        return len(set(self.T.case_payload[first:last])) > 1

    def out_of_hours(self) -> Iterator[str]:
        """People start in admission hours and leave no sooner than discharge hours allow."""
        for row in self.rows:
            if row["started"] == NEVER or row["how"] in {How.START, How.BACK, How.ROOM}:
                continue
            if not self.is_open(row["service"], "admits", row["started"]):
                yield f"{self.name(row)} started at {row['started']}, out of hours"
        for row in self.rows:
            if row["ready"] == NEVER or self.services[row["service"]].in_place:
                continue
            over = self.plan.next_opening(row["service"], "discharges", row["ready"])
            if row["over"] != over:
                yield f"{self.name(row)} is over at {row['over']} instead of {over}"
            left, outcome = row["left"], row["outcome"]
            if outcome == Outcome.MOVED and left != NEVER and left < over:
                yield f"{self.name(row)} left at {left} before {over}"

    def booked_too_early(self) -> Iterator[str]:
        """A place is granted only to those who can leave within `hold_up_to`."""
        for row, begins, _ in self.waits():
            if row["granted"] != NEVER and row["granted"] < begins:
                yield f"{self.name(row)} was granted at {row['granted']}, before {begins}"

    def patience_not_kept(self) -> Iterator[str]:
        """With a fixed patience all waits end within it, and those given up end with it."""
        for row in self.rows:
            choice = self.T.max_wait[row["service"]]
            if choice == tb.NOBODY or row["how"] != How.WAITED or not self.pools_of(row):
                continue
            first, last = self.T.choice_first[choice : choice + 2]
            tables = [self.T.patience_table[p] for p in self.T.case_payload[first:last]]
            values = {self.T.table_v[k] for t in tables for k in self._knots(t)}
            if len(tables) != 1 or len(values) != 1 or self.T.table_working[tables[0]]:
                continue
            due = max(row["needed"] + int(values.pop() + 0.5), self.plan.begin)
            if row["left"] in self.retirements:
                continue
            if row["outcome"] in {Outcome.DIVERTED, Outcome.GAVE_UP} and row["started"] == NEVER:
                if row["left"] != due:
                    yield f"{self.name(row)} gave up at {row['left']} instead of {due}"
            elif row["granted"] > due:
                yield f"{self.name(row)} was granted at {row['granted']} after {due}"
            elif row["granted"] == NEVER and row["left"] == NEVER and due < self.plan.end:
                yield f"{self.name(row)} still waits after {due}"

    def _knots(self, table: int) -> range:
        return range(*self.T.table_first[table : table + 2])

    def kept_too_long(self) -> Iterator[str]:
        """A place is kept after a crisis only, and no longer than stated or than the stay."""
        for row in self.rows:
            if row["kept_until"] == NEVER:
                continue
            keeps = self.dated("keeps_place", row["service"], row["left"])
            if row["outcome"] != Outcome.INTERRUPTED or row["kept_until"] > row["left"] + keeps:
                yield f"{self.name(row)} was kept from {row['left']} to {row['kept_until']}"

    def crises_in_beds(self) -> Iterator[str]:
        """Crises find people at home or in a care home, and begin an episode there."""
        hazards = set(self.plan.hazard_names)
        at_risk = defaultdict(list)
        for row in self.rows:
            if self.services[row["service"]].setting in {"own_home", "care_home"}:
                at_risk[row["person"]].append((row["started"], row["left"]))
        e = self.record.episodes
        for person, cause, began in zip(e["person"], e["cause"], e["began"], strict=True):
            if self.plan.cause_names[cause] in hazards and not any(
                a != NEVER and a <= began and (b == NEVER or began <= b) for a, b in at_risk[person]
            ):
                yield f"person {person} has a crisis at {began} in no place of risk"

    def nowhere(self) -> Iterator[str]:
        """Whoever is in the model at the end is somewhere, or waits outside; the others nowhere."""
        open_stays = defaultdict(int)
        for row in self.rows:
            in_place = self.services[row["service"]].in_place
            if row["started"] != NEVER and row["left"] == NEVER and not in_place:
                open_stays[row["person"]] += 1
        p = self.record.people
        known = {row["person"] for row in self.rows}
        for person, state in zip(p["person"].tolist(), p["end_state"].tolist(), strict=True):
            expected = {0} if state else {0, 1}
            if person in known and open_stays[person] not in expected:
                yield f"person {person} has {open_stays[person]} open stays, end state {state}"

    def ways_too_short(self) -> Iterator[str]:
        """Between being released with a place granted and the start lies the way there."""
        for row in self.rows:
            choice, host = self.T.transfer[row["service"]], self.host(row)
            waited = row["how"] in {How.WAITED, How.CIRCLE, How.AT_ONCE}
            if choice == tb.NOBODY or not waited or row["started"] == NEVER:
                continue
            first, last = self.T.choice_first[choice : choice + 2]
            least = min(self.T.case_payload[first:last])
            over = NEVER
            if host is not None and host["outcome"] == Outcome.MOVED:
                over = host["over"]
            if row["started"] < max(row["granted"], over) + least:
                yield f"{self.name(row)} started at {row['started']}, sooner than the way takes"

    def idle_rooms(self) -> Iterator[str]:
        """Nobody blocks a place while there is room to wait for the next one.

        Reckoned at the end of each instant, for those whose stay ended as it should.
        """
        rooms = {self.services[k].room_of: k for k in range(len(self.services))}
        rooms.pop(-1, None)
        for service, room in rooms.items():
            inside = []
            for row in self.rows:
                host = self.host(row)
                if row["service"] == room and host is not None and self.inside(host):
                    ends = FAR if row["left"] == NEVER else row["left"]
                    inside.append((row["started"], ends))
            for row in self.rows:
                host = self.host(row)
                if row["service"] != service or row["how"] not in {How.WAITED, How.CIRCLE}:
                    continue
                if host is None or not self.inside(host) or host["over"] == NEVER:
                    continue
                if host["outcome"] not in {Outcome.MOVED, Outcome.STILL_THERE}:
                    continue
                begins = max(row["requested"], host["over"])
                left = FAR if host["left"] == NEVER else host["left"]
                granted = FAR if row["granted"] == NEVER else row["granted"]
                gone = FAR if row["left"] == NEVER else row["left"]
                ends = min(left, granted, gone)
                moments = {begins, *(t for span in inside for t in span)}
                # Ready after the end of the run is a plan, and nobody blocks yet.
                ends = min(ends, self.plan.end)
                for t in sorted(m for m in moments if begins <= m < ends):
                    if t < self.plan.begin:
                        continue  # who is there from the start has waited where they are said to be
                    if sum(a <= t < b for a, b in inside) < self.T.room_inside[service]:
                        yield f"{self.name(row)} blocks at {t} although there is room to wait"

    def inside(self, host: dict[str, int]) -> bool:
        """Tell whether who was at a stay counts as inside."""
        service = host["service"]
        stays = self.T.kind[service] == tb.ORDINARY and not self.T.residence[service]
        return host["pool"] >= 0 or bool(stays)
