"""The arrays that the rules read: a scenario as numbers.

Everything that a scenario says about a person's way stands here in flat arrays with offsets, so
that the same rules run compiled on arrays and interpreted on lists.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

NEVER: Final = -(2**63)
"""An instant that never came [ms]."""
FAR: Final = 2**62
"""An instant beyond every run [ms]."""
UNLIMITED: Final = 2**40
"""Capacity of a pool that never refuses."""
DAY: Final = 86_400_000
WEEK: Final = 7 * DAY
HOUR: Final = 3_600_000
NOBODY: Final = -1

# Kinds of services.
ORDINARY, HOME, OUTSIDE, DIED, EXIT, ROOM = range(6)

# Kinds of targets of a route.
TO_SERVICE, TO_OWN, TO_ALL_OF, TO_BACK = range(4)

# Variables of a condition that stand behind the attributes, in this order.
CAUSE, TIME_OF_DAY, WEEKDAY, MONTH, FROM, VIA, TO, STREAM, EVENT, HELD, HELD_TOO = range(11)
PROGRAMMES: Final = 11  # a bit for each programme that the person is on
VARIABLES: Final = 12
# Tests that are no look-up of a variable.
DATE_TEST, OPEN_TEST, RANGE_TEST, SPAN_TEST, MINUTE_TEST, PROGRAMME_TEST = -1, -2, -3, -4, -5, -6

# Policies by which streams share a pool.
SHARED, PRIORITY, RING_FENCED, RESERVED, PARTIAL = range(5)

# Events that a route may test.
EVENT_NONE, EVENT_MAX_STAY = range(2)


class Tables(NamedTuple):
    """Choices, distributions, calendars and services as flat arrays.

    A *choice* is an ordered list of cases; the first whose tests all hold gives its payload: a
    number, or the number of a distribution, a set of branches, or a patience.
    """

    choice_first: Any  # (choice + 1) first case
    case_first: Any  # (case + 1) first test
    case_payload: Any  # (case)
    test_variable: Any  # (test) variable, or one of the tests that are no look-up
    test_first: Any  # (test) first entry of `accepted`
    test_length: Any  # (test) how many values the variable can have
    accepted: Any  # 0 or 1 by value; for dates and days the beginnings and ends [ms] of spans in
    # order of time, for minutes those of windows of the day
    table_first: Any  # (distribution + 1) first knot
    table_u: Any  # (knot) probability
    table_v: Any  # (knot) value
    table_working: Any  # (distribution) 1: lengths of working time
    work_from: Any  # (window) working time, whole days [ms]
    work_to: Any
    work_before: Any  # (window) working time before it [ms]
    work_until: Any  # (2) where the windows end; working time up to there [ms]
    branch_first: Any  # (branches + 1) first branch
    branch_upto: Any  # (branch) cumulative share
    branch_target: Any  # (branch) target, or a value's code for attributes
    target_kind: Any  # (target)
    target_a: Any  # (target) service; own: variable; all of: first step
    target_b: Any  # (target) own: first of `own`; all of: number of steps
    target_then: Any  # (target) all of: target afterwards
    own: Any  # service by value of the attribute
    steps: Any  # services of all-of groups
    patience_table: Any  # (patience) distribution
    patience_to: Any  # (patience) target or NOBODY
    patience_cause: Any  # (patience) cause or NOBODY
    hours_first: Any  # (calendar + 1) first window
    hours_from: Any  # (window) [ms from Monday]; of calendars by date [ms]
    hours_to: Any
    hours_week: Any  # (calendar) itself; by date: the weekly one behind it, or NOBODY: always open
    hours_until: Any  # (calendar) by date: instant [ms] from which `hours_week` holds
    week_shift: Any  # (1) ms from Monday 00:00 to instant 0
    month_first: Any  # (month of the run + 1) instants [ms] at which months begin
    month_name: Any  # (month of the run) 0 = January
    kind: Any  # (service)
    in_place: Any
    residence: Any
    hospital: Any  # 1 for acute and community beds
    acute: Any
    stay: Any  # (service) choice, or NOBODY
    max_stay: Any  # choice of [ms]; below NOBODY: -2 - working time [ms]
    route: Any
    route_at_start: Any
    plan_ahead: Any
    max_wait: Any
    priority: Any
    units: Any
    stream: Any
    admits: Any  # (service) calendar, or NOBODY
    discharges: Any
    decides: Any
    hold_up_to: Any  # [ms]
    keeps_place: Any  # [ms], 0: not kept
    keeps_turn: Any
    pool_first: Any  # (service + 1) first entry of `pools`
    pools: Any
    room: Any  # (service) its waiting room as a place, or NOBODY
    room_inside: Any  # (service) how many from a place it holds, or NOBODY: no waiting room
    room_outside: Any  # (service) how many from elsewhere
    room_to: Any  # (service) target of who is turned away, or NOBODY
    room_cause: Any  # (service) cause of being turned away, or NOBODY
    transfer: Any  # (service) choice of the time from the last place [ms], or NOBODY
    along_first: Any  # (service + 1) first entry of what is received alongside
    along_target: Any  # (entry) target
    along_who: Any  # (entry) choice that holds for those who ask, or NOBODY: everybody
    decision_stay: Any  # (service) number of the decision
    decision_route: Any
    decision_wait: Any
    decision_key: Any  # (decision * causes + cause) counter word
    causes: Any  # (1) number of causes


class Choices(NamedTuple):
    """The part of `Tables` that attributes are drawn from: few arrays are quick to hand over."""

    choice_first: Any
    case_first: Any
    case_payload: Any
    test_variable: Any
    test_first: Any
    test_length: Any
    accepted: Any
    branch_first: Any
    branch_upto: Any
    branch_target: Any
    hours_first: Any
    hours_from: Any
    hours_to: Any
    hours_week: Any
    hours_until: Any
    week_shift: Any
    admits: Any
    decision_key: Any
    causes: Any


def choices_of(tables: Tables) -> Choices:
    """Return the part of the tables that attributes are drawn from."""
    return Choices(*(getattr(tables, name) for name in Choices._fields))


class Hazards(NamedTuple):
    """What can happen to people at their residence."""

    rate: Any  # (hazard) [per ms]
    deadly: Any  # (hazard) 1: the person dies
    target: Any  # (hazard) target asked for
    cause: Any  # (hazard) cause of the episode
    planned: Any  # (hazard)
    after_discharge: Any  # (hazard) 1: the factors of time since discharge apply
    decision: Any  # (hazard) number of the decision that draws its budgets
    factor_first: Any  # (hazard + 1) first factor row
    factor_attribute: Any  # (factor row) attribute
    factor_offset: Any  # (factor row) first entry of `factor`
    factor: Any  # factor by value
    exposure: Any  # (service * hazards + hazard) factor while the person is there
    season: Any  # (hazard) number of the season
    season_first: Any  # (season + 1) first knot
    season_t: Any  # (knot) instant [ms]
    season_s: Any  # (knot) integral of the seasonal factor up to there [ms]
    discharge_until: Any  # (step) [ms] since discharge, ascending
    discharge_factor: Any  # (step)
    budget_table_u: Any  # knots of the unit exponential
    budget_table_v: Any


class Attributes(NamedTuple):
    """How attributes of people and episodes are drawn."""

    choice: Any  # (attribute) choice of branches, or NOBODY
    of_person: Any  # (attribute) 1: drawn once a person
    decision: Any  # (attribute) number of the decision
    fixed: Any  # (source * attributes + attribute) code, or NOBODY


class Givens(NamedTuple):
    """What is known beforehand of people who come one by one from a list."""

    source_first: Any  # (source + 1) first row of a source; its k-th person has the k-th row
    codes: Any  # (row * attributes + attribute) code, or NOBODY
    draw_first: Any  # (row + 1) first known outcome
    draw_decision: Any  # (outcome) decision
    draw_occurrence: Any  # (outcome) which time it is decided in the first episode, from 0
    draw_value: Any  # (outcome) duration [ms], or target


class PoolTables(NamedTuple):
    """Capacities and policies over time."""

    policy: Any  # (pool)
    streams: Any  # (pool) number of streams of its policy
    lines: Any  # (pool) number of lines
    local: Any  # (pool * all streams + stream) number within the policy
    rank: Any  # (row * all streams + stream) rank under priority; a row for each pool, then more
    overflow: Any  # (pool) 1: nobody is refused
    overtaking: Any  # (pool)
    step_first: Any  # (pool + 1) first capacity step
    step_t: Any  # (step) [ms]
    step_capacity: Any  # (step)
    step_shared: Any  # (step) common part of `partial`
    step_policy: Any  # (step) policy; that of the pool unless it changes by date
    step_rank: Any  # (step) row of `rank`
    part_first: Any  # (step) first entry of `parts`
    parts: Any  # part by stream of the policy


def as_lists(tables: Any) -> Any:
    """Return the same record with lists instead of arrays, for interpreted rules."""
    return type(tables)(*(column.tolist() for column in tables))
