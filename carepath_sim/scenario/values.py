"""The frozen values that fields of a scenario are read into."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Generic, TypeVar

from carepath_sim.units import DAY, add_months

T = TypeVar("T")


@dataclass(frozen=True)
class Provenance:
    """Where a number comes from, how good it is, how far it may lie.

    Attributes
    ----------
    source
        Key of `references:` with the section ("strategy, Appendix 1.4"), or None.
    quality
        One of ``document``, ``good``, ``fair``, ``poor``, ``assumption``, ``by hand``; or None.
    low, high
        The range in which the value may lie, in the canonical unit of the value; or None.
    note
        One sentence for the reader; or None.
    """

    source: str | None = None
    quality: str | None = None
    low: float | None = None
    high: float | None = None
    note: str | None = None


NOWHERE = Provenance()


@dataclass(frozen=True)
class Number:
    """One number in its canonical unit.

    Attributes
    ----------
    value
        Durations in milliseconds, rates per day, shares and factors as plain numbers,
        money in pounds; ``inf`` for `unlimited`.
    text
        What the author wrote ("28 d").
    provenance
        Source, quality, range, note.
    working
        True of a duration in working days: its clock runs on working days only.
    """

    value: float
    text: str = ""
    provenance: Provenance = NOWHERE
    working: bool = False


@dataclass(frozen=True)
class CalendarLength:
    """A length of time that is added by the calendar.

    Attributes
    ----------
    months, days
        Whole months, added first, and whole days.
    rest
        What is less than a day [ms].
    text
        What the author wrote ("1 y").
    """

    months: int
    days: int
    rest: int = 0
    text: str = ""

    def last(self, start: date) -> date:
        """Return the day on which a time that begins with a day ends (the first after it)."""
        return add_months(start, self.months) + timedelta(days=self.days)

    def end(self, start: date) -> int:
        """Return the end of a time that begins with a day [ms from its midnight].

        >>> CalendarLength(months=12, days=0).end(date(2015, 4, 1)) // 86_400_000
        366
        """
        return (self.last(start) - start).days * DAY + self.rest


@dataclass(frozen=True)
class Test:
    """One test of a condition: a name that must have one of some values, or lie in a range.

    Attributes
    ----------
    key
        An attribute, or one of age, cause, hour, weekday, month, date, day, from, via, to,
        holds, open, stream, event.
    values
        Accepted values as text (ages in years; hours 0 to 23, or windows such as 08:30-17:00
        that end in the day in which they begin; days working, weekend, bank holiday); empty for
        a range.
    low, high
        Half-open range [low, high) of ages [years], hours of day, or dates; None: no end there.
    text
        What the author wrote ("75+").
    """

    __test__ = False  # its name is the language's, not pytest's

    key: str
    values: tuple[str, ...] = ()
    low: float | date | None = None
    high: float | date | None = None
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Case(Generic[T]):
    """One of an ordered list of cases; the first whose tests all hold counts."""

    value: T
    when: tuple[Test, ...] = ()


Cases = tuple[Case[T], ...]


@dataclass(frozen=True)
class AllOf:
    """In-place steps asked for together; the person is referred on when the last is done."""

    steps: tuple[str, ...]
    then: str


@dataclass(frozen=True)
class Branch:
    """One way out of a service with its share."""

    share: Number
    to: str | AllOf


@dataclass(frozen=True)
class Patience:
    """How long people wait for a place, and where they are diverted to.

    Attributes
    ----------
    after
        Distribution of the patience [ms]; a fixed one for a plain duration.
    to
        Target asked for instead, or None: the wait ends where the person is.
    cause
        Words kept in the spell ("no step-up bed").
    """

    after: Distribution
    to: str | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Distribution:
    """A distribution as written, with every duration in milliseconds.

    Attributes
    ----------
    family
        fixed, a family with named parameters, or mixture, histogram, empirical, scipy; what was
        written as zero_inflated is a mixture, what comes from a file is empirical.
    parameters
        Pairs of name and value; names as in the documentation (mean, sd, median, p90, ...).
    parts
        For a mixture: pairs of weight and distribution.
    edges, weights, values
        For histograms: bin edges or single values, with weights.
    smooth
        Whether single values are joined by ramps.
    name
        For scipy: the name in `scipy.stats`.
    truncate, at_least
        Explicit conditioning on [a, b]; explicit clipping from below.
    working
        True when all durations are in working days: the clock runs on working days only.
    """

    family: str
    parameters: tuple[tuple[str, float], ...] = ()
    parts: tuple[tuple[float, Distribution], ...] = ()
    edges: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    smooth: bool = False
    name: str = ""
    truncate: tuple[float, float] | None = None
    at_least: float | None = None
    text: str = ""
    provenance: Provenance = field(default=NOWHERE, compare=False)
    working: bool = False


@dataclass(frozen=True)
class Hours:
    """Weekly opening hours.

    Attributes
    ----------
    windows
        Sorted, merged, half-open windows [from, to) in ms from Monday 00:00, within one week
        [0, 604 800 000), of a week without bank holidays.
    text
        What the author wrote ("Mon-Fri 09:00-17:00").
    on_other_days, on_bank_holidays
        Where bank holidays make a difference: windows by the day on which they begin [ms from
        Monday 00:00], as they hold when that day is none and when it is one; a window may pass
        the end of its day. Both empty where they make none.
    later
        Dates with the hours that hold from then on (None: always open), by dated changes.
    """

    windows: tuple[tuple[int, int], ...]
    text: str = ""
    on_other_days: tuple[tuple[int, int], ...] = ()
    on_bank_holidays: tuple[tuple[int, int], ...] = ()
    later: tuple[tuple[date, Hours | None], ...] = ()

    @property
    def minds_bank_holidays(self) -> bool:
        """Whether bank holidays make a difference."""
        return bool(self.on_other_days or self.on_bank_holidays)


@dataclass(frozen=True)
class RosterLine:
    """So many places during these hours (outside all lines: none)."""

    hours: Hours
    places: Number


@dataclass(frozen=True)
class DatedCapacity:
    """The capacity of a pool from one instant on.

    Attributes
    ----------
    start
        The day at whose first instant it begins, or None: from the beginning of the run.
    places
        A number (``inf``: unlimited), when there is no roster.
    roster
        Places by hours; empty when `places` is given.
    """

    start: date | None
    places: Number | None
    roster: tuple[RosterLine, ...] = ()


@dataclass(frozen=True)
class CapacitySpec:
    """The capacity of a pool, or of each of the pools of a template.

    Attributes
    ----------
    dated
        Steps in order of time, the first from the beginning of the run; empty when `by_value` or
        `split_total` is given.
    by_value
        For a template (`per:`): pairs of the attribute's value and its steps.
    split_total
        For a template: the places of all together, shared in proportion to the population.
    """

    dated: tuple[DatedCapacity, ...] = ()
    by_value: tuple[tuple[str, tuple[DatedCapacity, ...]], ...] = ()
    split_total: Number | None = None


@dataclass(frozen=True)
class FteStep:
    """Full-time equivalents from one day on.

    Attributes
    ----------
    start
        The day from which they count, or None: from the beginning of the run.
    actual
        Those in post.
    budget
        Those that are paid for, or None where only one number is given.
    """

    start: date | None
    actual: Number
    budget: Number | None = None


@dataclass(frozen=True)
class FteSpec:
    """The full-time equivalents of a pool, or of each of the pools of a template.

    Attributes
    ----------
    dated
        Steps in order of time; empty when `by_value` or `split_total` is given.
    by_value
        For a template: pairs of the attribute's value and its steps.
    split_total
        For a template: those of all together, shared in proportion to the population.
    """

    dated: tuple[FteStep, ...] = ()
    by_value: tuple[tuple[str, tuple[FteStep, ...]], ...] = ()
    split_total: FteStep | None = None


@dataclass(frozen=True)
class SurgeWhen:
    """How many people must have waited for how long [ms] until surge places are opened."""

    waiting: Number
    lasting: Number


@dataclass(frozen=True)
class SurgeClose:
    """How many units must have been free for how long [ms]; None: as many as were added."""

    empty: Number | None
    lasting: Number


@dataclass(frozen=True)
class ValueMap:
    """The value of an attribute by that of another: pairs of the other's value and its own."""

    from_: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Policy:
    """How the streams of a pool share its places.

    Attributes
    ----------
    kind
        shared, ring_fenced, reserved, partial, or priority.
    parts
        Pairs of stream and its part: a count, or a share when `is_share`; for priority the
        rank (0 first). For partial the name ``shared`` is the common part.
    is_share
        True when the parts are shares of the capacity ("15 %").
    """

    kind: str = "shared"
    parts: tuple[tuple[str, Number], ...] = ()
    is_share: bool = False


@dataclass(frozen=True)
class StateChange:
    """How a stay moves people along the levels of an attribute when they leave.

    Attributes
    ----------
    attribute
        The attribute, whose values are levels in an order.
    up
        Towards the last level, or towards the first.
    chance
        Chance of a move: of one whole day, or of the whole stay.
    per_day
        Whether the chance is that of each whole day beyond `after`.
    after
        Time of the stay that changes nothing [ms].
    levels
        Levels moved at once.
    """

    attribute: str
    up: bool
    chance: Number
    per_day: bool
    after: Number
    levels: Number


@dataclass(frozen=True)
class WaitingRoom:
    """Where people wait for a service who have left their last place.

    Attributes
    ----------
    from_inside, from_outside
        How many may be there who came from a place, and from elsewhere; ``inf``: no limit.
    to, cause
        Target asked for instead by whoever is turned away, or None: they are lost; words kept in
        the spell.
    setting
        Where people are while they wait.
    """

    from_inside: Number
    from_outside: Number
    to: str | None = None
    cause: str | None = None
    setting: str = "own_home"


@dataclass(frozen=True)
class Beside:
    """A service received in place for as long as a stay goes on.

    Attributes
    ----------
    service
        Its name.
    when
        Tests that hold for those who ask for it; empty: everybody does.
    """

    service: str
    when: tuple[Test, ...] = ()


@dataclass(frozen=True)
class Visits:
    """Visits during a stay: so many a day of so many minutes.

    Attributes
    ----------
    per_day
        Visits a day, at first.
    minutes
        Length of a visit [min].
    then
        Steps to fewer or shorter visits, in order of time.
    """

    per_day: Number
    minutes: Number
    then: tuple[VisitStep, ...] = ()


@dataclass(frozen=True)
class VisitStep:
    """Visits from some days after the start of a stay on.

    Attributes
    ----------
    after
        Time since the start [ms], whole days.
    per_day
        Visits a day.
    minutes
        Length of a visit [min].
    """

    after: Number
    per_day: Number
    minutes: Number


@dataclass(frozen=True)
class Cost:
    """What a stay costs.

    Attributes
    ----------
    amount
        Pounds per `per`.
    per
        day (occupied, time-weighted), stay (at its start), visit, or place_day (of capacity).
    payer
        Who pays (nhs, council, ...).
    """

    amount: Number
    per: str
    payer: str


@dataclass(frozen=True)
class Background:
    """A figure that is stated and not simulated.

    Attributes
    ----------
    value
        The figure.
    per
        Period that it is for (year, quarter, month, week, day), or None.
    adds_to
        Measure to whose count it is added in rates of national definition, or None: it is only
        for the reader.
    """

    value: Number
    per: str | None = None
    adds_to: str | None = None
