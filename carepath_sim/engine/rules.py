"""The rules of the care model: pure functions over the plan, one source for every engine.

They use only + - * / and comparisons, so that every machine gives the same bits. `T` is a
`plan.tables.Tables`, `H` a `plan.tables.Hazards`, `P` a `plan.tables.PoolTables`; each with
arrays when compiled, with lists when the journeys read them.
"""

from __future__ import annotations

from typing import Any

from carepath_sim.engine.compiling import rule
from carepath_sim.engine.rules_capacity import (  # noqa: F401 - rules, too
    begins_to_hold,
    next_fall,
    step_at,
)

# Numba wants constants of its own module; they equal those of `plan.tables` (a test holds that).
FAR = 2**62
WEEK = 604_800_000
DAY = 86_400_000
HOUR = 3_600_000
DATE_TEST = -1
OPEN_TEST = -2
TIME_OF_DAY, WEEKDAY, MONTH, HELD, HELD_TOO, PROGRAMMES = 1, 2, 3, 9, 10, 11
PROGRAMME_TEST = -6
SHARED, PRIORITY, RING_FENCED, RESERVED, PARTIAL = 0, 1, 2, 3, 4
TO_OWN = 1


# --- calendars -----------------------------------------------------------------------------


@rule
def window_behind(T: Any, calendar: int, t: int) -> int:
    """Return the first window of a calendar by date that ends after `t` [ms]."""
    low = T.hours_first[calendar]
    high = T.hours_first[calendar + 1]
    while low < high:
        middle = (low + high) // 2
        if T.hours_to[middle] > t:
            high = middle
        else:
            low = middle + 1
    return low


@rule
def next_open(T: Any, calendar: int, t: int) -> int:
    """Return the first instant at or after `t` [ms] at which a calendar is open."""
    if calendar < 0:
        return t
    week = T.hours_week[calendar]
    if week != calendar:  # windows by date, and behind them a week that repeats
        if t < T.hours_until[calendar]:
            k = window_behind(T, calendar, t)
            if k < T.hours_first[calendar + 1]:
                return max(t, T.hours_from[k])
            t = T.hours_until[calendar]
        if week < 0:
            return t
        if T.hours_first[week] == T.hours_first[week + 1]:
            return 4611686018427387904
        calendar = week
    first = T.hours_first[calendar]
    last = T.hours_first[calendar + 1]
    w = (t + T.week_shift[0]) % 604_800_000
    for k in range(first, last):
        if w < T.hours_to[k]:
            if w >= T.hours_from[k]:
                return t
            return t + T.hours_from[k] - w
    return t + 604_800_000 - w + T.hours_from[first]


@rule
def next_opening_behind(T: Any, calendar: int, t: int) -> int:
    """Return the first instant after `t` [ms] at which a window of a calendar begins."""
    if T.hours_week[calendar] != calendar and t < T.hours_until[calendar]:
        k = window_behind(T, calendar, t)
        if k < T.hours_first[calendar + 1] and T.hours_from[k] <= t:
            k += 1
        if k < T.hours_first[calendar + 1]:
            return T.hours_from[k]
        t = T.hours_until[calendar] - 1
    week = T.hours_week[calendar]
    if week < 0 or T.hours_first[week] == T.hours_first[week + 1]:
        return 4611686018427387904
    moment = (t + T.week_shift[0]) % 604_800_000
    for k in range(T.hours_first[week], T.hours_first[week + 1]):
        if T.hours_from[k] > moment:
            return t - moment + T.hours_from[k]
    return t - moment + 604_800_000 + T.hours_from[T.hours_first[week]]


@rule
def after_working_time(T: Any, t: int, length: int) -> int:
    """Return the first instant [ms] by which so much working time has passed since `t`.

    Working time runs all day from Monday to Friday, bank holidays left out; it stands still on
    other days. No time at all has passed at once, whatever the day.
    """
    if length <= 0:
        return t
    low = 0
    high = len(T.work_to)
    while low < high:  # the first window that ends after t
        middle = (low + high) // 2
        if T.work_to[middle] > t:
            high = middle
        else:
            low = middle + 1
    if low < len(T.work_to):
        length += T.work_before[low] + max(0, t - T.work_from[low])
    else:
        length += T.work_until[1]
    low = 0
    high = len(T.work_to)
    while low < high:  # the first window by whose end as much has passed
        middle = (low + high) // 2
        if T.work_before[middle] + T.work_to[middle] - T.work_from[middle] >= length:
            high = middle
        else:
            low = middle + 1
    if low < len(T.work_to):
        return T.work_from[low] + length - T.work_before[low]
    # Beyond the calendar weeks of five days go on, from a Monday.
    length -= T.work_until[1]
    weeks = (length - 1) // 432_000_000
    return T.work_until[0] + weeks * 604_800_000 + length - weeks * 432_000_000


@rule
def month_of(T: Any, t: int) -> int:
    """Return the month of an instant, 0 for January."""
    low = 0
    high = len(T.month_name) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if T.month_first[middle] <= t:
            low = middle
        else:
            high = middle - 1
    return T.month_name[low]


@rule
def look_at_clock(T: Any, context: Any, attributes: int, t: int) -> None:
    """Write hour of day, weekday and month of an instant into the context of conditions."""
    w = (t + T.week_shift[0]) % 604_800_000
    context[attributes + 1] = (w % 86_400_000) // 3_600_000
    context[attributes + 2] = w // 86_400_000
    context[attributes + 3] = month_of(T, t)


# --- waiting rooms ------------------------------------------------------------------------


@rule
def comes_from_inside(kind: int, residence: int, pool: int) -> bool:
    """Tell whether who asks for a place stands in one that could keep them: a bed, a caseload.

    Inside is who holds units of a pool, and who is at a written place where nobody lives. Outside
    is everybody else: at home, at a residence without a pool, in a waiting room, or outside.
    """
    return pool >= 0 or (kind == 0 and residence == 0)


# --- choices -------------------------------------------------------------------------------


@rule
def in_spans(T: Any, first: int, length: int, t: int) -> bool:
    """Tell whether `t` [ms] lies in one of the spans of a test, which stand in order."""
    low = 0
    high = length // 2
    while low < high:  # the first span that ends after t
        middle = (low + high) // 2
        if T.accepted[first + 2 * middle + 1] > t:
            high = middle
        else:
            low = middle + 1
    return low < length // 2 and T.accepted[first + 2 * low] <= t


@rule
def holds_apart(
    T: Any, variable: int, first: int, length: int, context: Any, attributes: int, t: int
) -> bool:
    """Tell whether a test holds that is no look-up of one value: time, openings, programmes."""
    if variable == -6:
        on = context[attributes + 11]  # a bit for each programme
        for programme in range(length):
            if T.accepted[first + programme] == 1 and (on >> programme) & 1 == 1:
                return True
        return False
    if variable <= -4:
        return in_spans(T, first, length, t % 86_400_000 if variable == -5 else t)
    if variable == -1:
        inside = False
        for k in range(first, first + length, 2):
            inside = inside or T.accepted[k] <= t < T.accepted[k + 1]
        return inside
    if variable == -2:
        for service in range(length):
            wanted = T.accepted[first + service] == 1
            if wanted and next_open(T, T.admits[service], t) == t:
                return True
        return False
    return False


@rule
def holds(T: Any, test: int, context: Any, attributes: int, t: int) -> bool:
    """Tell whether one test holds for a person at an instant."""
    variable = T.test_variable[test]
    first = T.test_first[test]
    length = T.test_length[test]
    if variable < 0:
        return holds_apart(T, variable, first, length, context, attributes, t)
    value = context[variable]
    if 0 <= value < length and T.accepted[first + value] == 1:
        return True
    if variable == attributes + 9:  # a kept place: a person may keep two
        value = context[variable + 1]
        return 0 <= value < length and T.accepted[first + value] == 1
    return False


@rule
def first_match(T: Any, choice: int, context: Any, attributes: int, t: int) -> int:
    """Return the payload of the first case whose tests all hold, or -1 where there is none."""
    if choice < 0:
        return -1
    for case in range(T.choice_first[choice], T.choice_first[choice + 1]):
        matched = True
        for test in range(T.case_first[case], T.case_first[case + 1]):
            if not holds(T, test, context, attributes, t):
                matched = False
                break
        if matched:
            return T.case_payload[case]
    return -1


@rule
def choose(T: Any, branches: int, u: float) -> int:
    """Return the target that a uniform falls on, reading the shares in written order."""
    first = T.branch_first[branches]
    last = T.branch_first[branches + 1] - 1
    for k in range(first, last):
        if u < T.branch_upto[k]:
            return T.branch_target[k]
    return T.branch_target[last]


@rule
def own_service(T: Any, target: int, context: Any) -> int:
    """Return the service that a target means for this person (their own locality's, say)."""
    if T.target_kind[target] == 1:
        value = context[T.target_a[target]]
        return T.own[T.target_b[target] + value]
    return T.target_a[target]


# --- distributions -------------------------------------------------------------------------


@rule
def knot(xs: Any, first: int, last: int, x: float) -> int:
    """Return the last of the knots `first` to `last` - 2 that does not lie above `x`."""
    low = first
    high = last - 2
    while low < high:
        middle = (low + high + 1) // 2
        if xs[middle] <= x:
            low = middle
        else:
            high = middle - 1
    return low


@rule
def quantile(us: Any, vs: Any, first: int, last: int, u: float) -> float:
    """Return the value at a uniform, between the knots `first` and `last` - 1 of a table."""
    low = knot(us, first, last, u)
    width = us[low + 1] - us[low]
    if width <= 0.0:
        return vs[low + 1]
    return vs[low] + (vs[low + 1] - vs[low]) * ((u - us[low]) / width)


@rule
def duration(T: Any, table: int, u: float) -> int:
    """Return a duration [ms] drawn from a table, rounded half up."""
    x = quantile(T.table_u, T.table_v, T.table_first[table], T.table_first[table + 1], u)
    return int(x + 0.5)


# --- hazards -------------------------------------------------------------------------------


@rule
def seasonal(H: Any, season: int, t: int) -> float:
    """Return the integral of the seasonal factor from the start of the run to `t` [ms]."""
    low = knot(H.season_t, H.season_first[season], H.season_first[season + 1], t)
    slope = (H.season_s[low + 1] - H.season_s[low]) / (H.season_t[low + 1] - H.season_t[low])
    return H.season_s[low] + (t - H.season_t[low]) * slope


@rule
def season_reaches(H: Any, season: int, s: float) -> float:
    """Return the instant [ms] at which the integral of the seasonal factor reaches `s`."""
    low = knot(H.season_s, H.season_first[season], H.season_first[season + 1], s)
    rise = H.season_s[low + 1] - H.season_s[low]
    if rise <= 0.0:
        return H.season_t[low + 1] * 1.0
    return H.season_t[low] + (s - H.season_s[low]) * (
        (H.season_t[low + 1] - H.season_t[low]) / rise
    )


@rule
def hazard_used(H: Any, hazard: int, speed: float, t0: int, t1: int, discharged: int) -> float:
    """Return the budget used from `t0` to `t1` [ms] at a speed [per ms]."""
    season = H.season[hazard]
    if H.after_discharge[hazard] == 0 or discharged == -(2**63):
        return speed * (seasonal(H, season, t1) - seasonal(H, season, t0))
    used = 0.0
    at = t0
    for k in range(len(H.discharge_until)):
        until = discharged + H.discharge_until[k]
        if until > at:
            stop = min(until, t1)
            used += H.discharge_factor[k] * (seasonal(H, season, stop) - seasonal(H, season, at))
            at = stop
            if at >= t1:
                return speed * used
    used += seasonal(H, season, t1) - seasonal(H, season, at)
    return speed * used


@rule
def hazard_due(H: Any, hazard: int, speed: float, budget: float, t0: int, discharged: int) -> int:
    """Return the instant [ms] at which a budget is used up, counted from `t0`; FAR if never."""
    if speed <= 0.0:
        return 4611686018427387904
    season = H.season[hazard]
    at = t0
    left = budget / speed
    left = max(left, 0.0)
    s = seasonal(H, season, at)
    if H.after_discharge[hazard] == 1 and discharged != -(2**63):
        for k in range(len(H.discharge_until)):
            until = discharged + H.discharge_until[k]
            if until > at:
                s_until = seasonal(H, season, until)
                part = H.discharge_factor[k] * (s_until - s)
                if part >= left and H.discharge_factor[k] > 0.0:
                    s = s + left / H.discharge_factor[k]
                    t = season_reaches(H, season, s)
                    return max(at, int(t + 0.5) if t >= 0 else -int(-t + 0.5))
                left -= part
                s = s_until
                at = until
    last = H.season_first[season + 1] - 1
    if s + left >= H.season_s[last]:
        return 4611686018427387904
    t = season_reaches(H, season, s + left)
    return max(at, int(t + 0.5) if t >= 0 else -int(-t + 0.5))


@rule
def speed_of(H: Any, hazard: int, context: Any) -> float:
    """Return the yearly hazard of a person as a speed [per ms], apart from place and season."""
    speed = H.rate[hazard]
    for k in range(H.factor_first[hazard], H.factor_first[hazard + 1]):
        value = context[H.factor_attribute[k]]
        if value >= 0:
            speed = speed * H.factor[H.factor_offset[k] + value]
    return speed


# --- pools ---------------------------------------------------------------------------------


@rule
def fits(
    P: Any, pool: int, step: int, used: Any, used_first: int, total: int, local: int, units: int,
    extra: int = 0,
) -> bool:  # fmt: skip
    """Tell whether a request fits into a pool under its policy.

    Parameters
    ----------
    pool, step
        The pool and its present capacity step.
    used, used_first, total
        Units in use by stream of the policy (from `used_first`), and in all.
    local, units
        The stream's number within the policy, and the units asked for.
    extra
        Surge places that are open; all streams share them.
    """
    if P.overflow[pool] == 1:
        return True
    capacity = P.step_capacity[step] + extra
    if total + units > capacity:
        return False
    policy = P.step_policy[step]
    first = P.part_first[step]
    if policy == 2:
        if used[used_first + local] + units <= P.parts[first + local]:
            return True
        if extra == 0:
            return False
        beyond = 0
        for k in range(P.streams[pool]):
            here = used[used_first + k]
            if k == local:
                here += units
            beyond += max(0, here - P.parts[first + k])
        return beyond <= extra
    if policy == 3:
        others = 0
        for k in range(P.streams[pool]):
            if k != local:
                others += P.parts[first + k]
        return total + units + others <= capacity
    if policy == 4:
        common = 0
        for k in range(P.streams[pool]):
            here = used[used_first + k]
            if k == local:
                here += units
            common += max(0, here - P.parts[first + k])
        return common <= P.step_shared[step] + extra
    return True


@rule
def is_kept(
    T: Any,
    service: int,
    interrupted: bool,  # noqa: FBT001 - a rule
    handed_on: bool,  # noqa: FBT001 - a rule
    ready: int,
    to: int,
    now: int,
) -> bool:
    """Tell whether the place that somebody leaves in a crisis is kept for them."""
    clock_runs = (ready == -(2**63) or ready > now) and not handed_on
    return bool(interrupted and T.keeps_place[service] > 0 and clock_runs and T.kind[to] == 0)


@rule
def may_follow(
    P: Any,
    pool: int,  # noqa: ARG001 - as `fits`
    step: int,
    local: int,
    units: int,
    local_left: int,
    units_left: int,
) -> bool:
    """Tell whether a person may take the place that another leaves, in a circle.

    Nobody's share gets worse: the same stream; or a policy without parts; or a reserved pool in
    which the taker sees no more reserves of others than the leaver did.
    """
    if units > units_left:
        return False
    policy = P.step_policy[step]
    if local == local_left or policy <= 1:
        return True
    if policy == 3:
        first = P.part_first[step]
        # Others' reserves seen by a stream = all reserves - its own.
        return P.parts[first + local] >= P.parts[first + local_left]
    return False
