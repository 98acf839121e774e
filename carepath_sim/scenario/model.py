"""The scenario language: one frozen record a section of the YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from carepath_sim.scenario import grammar as g
from carepath_sim.scenario import staffing
from carepath_sim.scenario.grammar_quantity import handed_down
from carepath_sim.scenario.nodes import Mark, Node, plain, planted
from carepath_sim.scenario.reading import Flaw, Path
from carepath_sim.scenario.values import NOWHERE, Cases, Provenance, Visits

if TYPE_CHECKING:
    from carepath_sim.scenario.variants import Variant


class Section(BaseModel):
    """A part of a scenario: unknown fields are refused, values never change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True
    )


class Sourced(Section):
    """A part with several numbers, of which source and quality can be said together."""

    source: g.Prose | None = Field(
        default=None, description="Reference and section, for all numbers that name none."
    )
    quality: g.Quality | None = Field(
        default=None, description="How good the numbers are that do not say so themselves."
    )

    @model_validator(mode="after")
    def _hand_down(self) -> Self:
        """Give every number that was written the source and quality of the whole."""
        given = Provenance(self.source, self.quality)
        if given != NOWHERE:
            for name in self.model_fields_set:
                self.__dict__[name] = handed_down(getattr(self, name), given)
        return self


class Clock(Section):
    """The calendar of a run."""

    start: g.Date = Field(
        description="First day of the analysis window, a date; instant 0 is its midnight."
    )
    length: g.CalendarLength = Field(
        description="Length of the analysis window, added by calendar (`1 y`)."
    )
    warm_up: g.Duration = Field(
        default=g.fixed_duration("0 d"),
        description="Time run before the window; nothing in it is counted.",
    )
    run_out: g.Duration = Field(
        default=g.fixed_duration("91 d"),
        description="Time followed after the window for readmissions and outcomes.",
    )
    bank_holidays: g.BankHolidays = Field(
        default=(),
        description=(
            "Days that are no working days: `england` (England and Wales, by rule), or a list of"
            " dates; `none`: every Monday to Friday is a working day."
        ),
    )


class Reference(Section):
    """A document that numbers are taken from."""

    title: g.Prose = Field(description="Title of the document.")
    publisher: g.Prose | None = Field(default=None, description="Who published it.")
    date: g.Prose | None = Field(
        default=None, description="Year or date of publication, in quotes."
    )
    note: g.Prose | None = Field(default=None, description="How it was used.")


class Attribute(Sourced):
    """Something a person or an episode has, that routes and numbers may test."""

    of: Literal["person", "episode"] = Field(
        default="person",
        description="Drawn once a person, or anew at every crisis, arrival or planned referral.",
    )
    shares: g.AttributeShares | None = Field(
        default=None,
        description=(
            "Share of each value, in written order; or an ordered list of `{when, shares}`."
        ),
    )
    map: g.AttributeMap | None = Field(
        default=None,
        description="Value by another attribute: `{from: nst, bexhill: hastings_rother, ...}`.",
    )
    note: g.Prose | None = Field(default=None, description="One sentence for the reader.")


class Band(Sourced):
    """People of one age band."""

    share: g.Share = Field(description="Share of the population.")
    women: g.Share = Field(default=g.fixed_share(0.5), description="Share of women in the band.")
    frailty: g.FrailtyShares = Field(
        description=(
            "Shares of frailty levels (fit, mild, moderate, severe), or by sex: `{women: {...}, "
            "men: {...}}`."
        )
    )


class Hazard(Sourced):
    """One of the competing hazards that people run at their residence."""

    rate: g.Rate = Field(
        description="Events per person and year for somebody to whom no factor applies."
    )
    times: g.Factors = Field(
        default=(),
        description=(
            "Factors by attribute value (frailty, sex, age band, ...), month, weekday or hour "
            "of day; they multiply."
        ),
    )
    to: g.Words = Field(description="Service asked for when it fires, or `died`.")
    planned: g.Flag = Field(default=False, description="A planned referral: not an emergency.")
    after_discharge: g.Flag = Field(
        default=True,
        description="Whether the factors of time since discharge apply (never to `died`).",
    )


class Progression(Sourced):
    """How fast people move one level up, wherever they are (frailty)."""

    rate: g.Rate = Field(
        description="Moves per person and year for somebody to whom no factor applies."
    )
    times: g.Factors = Field(
        default=(),
        description="Factors by attribute value, month, weekday or hour of day; they multiply.",
    )
    of: g.Words = Field(
        default="frailty",
        description=(
            "Attribute whose values are the levels: frailty (fit to severe), or a declared one in"
            " written order."
        ),
    )


class Population(Section):
    """The people who live in the area and what can happen to them."""

    size: g.Count = Field(description="Number of people.")
    bands: dict[str, Band] = Field(
        description="Age bands such as `65-74`, `85+` (an open band ends at 99 by default)."
    )
    hazards: dict[g.Name, Hazard] = Field(
        default_factory=dict, description="Competing hazards, each with its cause as name."
    )
    after_discharge: g.DischargeSteps = Field(
        default=(),
        description=(
            "Factor on crises by time since the end of a hospital stay: `{28 d: {times: 2.5}}`."
        ),
    )
    turning_65: g.Inflow | None = Field(
        default=None,
        description=(
            "New people of the youngest age: a rate, or people by calendar year; the first year"
            " holds before it too, the last after it."
        ),
    )
    growth: g.Growth | None = Field(
        default=None,
        description=(
            "With `turning_65` as a rate: geometric growth of those who join, a year, by whole"
            " days; the rate is that of `clock.start`."
        ),
    )
    projection: g.ByYear | None = Field(
        default=None,
        description=(
            "Instead of `turning_65`: people who live here at the end of 30 June of some years,"
            " joined by straight lines; so many people turn 65 that the number follows."
        ),
    )
    progression: Progression | None = Field(
        default=None,
        description="One level of frailty up at a rate; none: frailty stays but for services.",
    )
    ageing: g.Flag = Field(
        default=False,
        description="Birthdays: age and age band change. Otherwise people keep their age.",
    )
    deaths_where: Literal["everywhere"] = Field(
        default="everywhere",
        description="Death runs in every place that does not itself route to `died`.",
    )


class Profile(Section):
    """Relative rates by month, weekday and hour of day; each has mean 1 over its own cycle."""

    month: g.ByMonth = Field(
        default=(), description="`{Dec: 1.3, Jan: 1.3}`; months not named are 1."
    )
    weekday: g.ByWeekday = Field(
        default=(), description="`{Sat: 0.3, Sun: 0.2}`; days not named are 1."
    )
    hour: g.ByHour = Field(
        default=(),
        description="By hour windows, `{08:00-20:00: 3, 20:00-08:00: 1}`; hours not named are 1.",
    )


class Arrival(Sourced):
    """Referrals from outside the population."""

    title: g.Prose | None = Field(default=None, description="Words for tables.")
    rate: g.Rate | None = Field(
        default=None, description="Mean rate, such as `300 per y`: Poisson."
    )
    rates: g.Rates | None = Field(
        default=None,
        description=(
            "Rates over time instead of one: a CSV file beside the scenario with the columns `from`"
            " (date, date with time, or time from `clock.start`) and `rate`, or a list of the same."
        ),
    )
    interpolate: Literal["steps", "linear"] = Field(
        default="steps",
        description="With `rates`: each holds until the next, or they are joined by lines.",
    )
    cycle: g.Duration | None = Field(
        default=None,
        description="With `rates`: they repeat after this time, from `clock.start` on (`7 d`).",
    )
    variation: g.Variation | None = Field(
        default=None,
        description=(
            "Day-to-day variation beyond chance: each day's rate is multiplied by a gamma factor"
            " with mean 1 and this coefficient of variation."
        ),
    )
    growth: g.Growth | None = Field(
        default=None,
        description=(
            "Geometric growth a year (`3 % per y`), by whole days; the rate is that of"
            " `clock.start`."
        ),
    )
    replay: g.Replay | None = Field(
        default=None,
        description=(
            "Arrivals one by one instead of a rate: a CSV file beside the scenario with a column"
            " `at`, `date` or `datetime`, and columns for attributes and outcomes of decisions"
            " (`acute.stay`, `acute.route`) where they are known; or a list of the same."
        ),
    )
    every: g.Duration | None = Field(default=None, description="Fixed interval instead of a rate.")
    first: g.Duration | None = Field(
        default=None,
        description=(
            "With `every`: time of the first from the start of the run (warm-up included); "
            "default one interval."
        ),
    )
    count: g.Count | None = Field(default=None, description="With `every`: how many in all.")
    profile: Profile = Field(default=Profile(), description="Month, weekday and hour of day.")
    at: g.Words = Field(description="Service first asked for.")
    planned: g.Flag = Field(default=False, description="Not an emergency.")
    cause: g.Words | None = Field(
        default=None, description="Cause of the episode; default the name of the source."
    )
    returns: g.Flag = Field(
        default=False,
        description="Lives on at home with hazards after an exit, instead of leaving the model.",
    )
    is_: g.Fixed = Field(
        default=(),
        alias="is",
        description="Attributes fixed for these people: `{urgency: rapid, age: 80}`.",
    )


class FromStaff(Sourced):
    """Staff from whom the capacity of a pool is worked out, in place of `capacity`."""

    fte: g.Fte = Field(
        description=(
            "Full-time equivalents: a number, `{budget: 100, actual: 87.6}`, a dated list"
            " (`[{from: 2015-04-01, fte: 80}]`); with `per` also by value, or `{split:"
            " population, total: 260}`."
        )
    )
    use: Literal["actual", "budget"] = Field(
        default="actual", description="Which of `budget` and `actual` counts."
    )
    days_per_week: g.Amount = Field(
        default=g.fixed_amount(7), description="Days a week on which one works [d]."
    )
    absence: g.Share = Field(
        default=g.fixed_share(0.0), description="Share of working days lost (leave, sickness)."
    )
    share: g.Share = Field(
        default=g.fixed_share(1.0), description="Share of these staff that works for this pool."
    )
    contact_share: g.Share = Field(
        default=g.fixed_share(1.0),
        description="Share of the working day spent with people; for minutes a day only.",
    )
    productivity: g.Amount = Field(
        default=g.fixed_amount(1), description="Factor on all of it, such as 1.1 after a change."
    )
    minutes_per_fte_day: g.Amount | None = Field(
        default=None,
        description="Length of a full-time working day [min]; for minutes a day only.",
    )


class Surge(Sourced):
    """Places that are opened when many have waited long, and closed when they are not needed."""

    when: g.SurgeWhen = Field(
        description=(
            "`10 waiting for 2 d`: so many people who could move have waited at every instant of"
            " this time."
        )
    )
    add: g.Some = Field(description="Units that are opened.")
    close: g.SurgeClose = Field(
        description=(
            "`when 12 empty for 5 d`: so many units were free at every instant of this time;"
            " without a number as many as were added."
        )
    )
    lead: g.Duration = Field(
        default=g.fixed_duration("0 d"),
        description="Time from the decision to open until the places are there.",
    )
    cost: g.Costs = Field(
        default=(),
        description=(
            "`{per_place_day: 100 GBP, payer: nhs}` for each open place and day, or `per_day` for"
            " each day that any are open."
        ),
    )


class Pool(Section):
    """The capacity that services draw on."""

    title: g.Prose | None = Field(default=None, description="Words for tables.")
    unit: Literal["beds", "places", "staff", "minutes_per_day"] = Field(
        default="places", description="What one unit is."
    )
    per: g.Words | None = Field(
        default=None, description="Attribute: one pool for each of its values."
    )
    capacity: g.Capacity = Field(
        default=g.NO_CAPACITY,
        description=(
            "A number, `unlimited`, places by hours (`{daily 07:00-22:00: 3, daily 22:00-07:00: "
            "1}`), a dated list (`[{from: 2015-04-01, places: 5}]`); with `per` also `{value of "
            "the attribute: number}` or `{split: population, total: 60}`. This or `from_staff`."
        ),
    )
    from_staff: FromStaff | None = Field(
        default=None,
        description="Staff from whom the capacity is worked out, in place of `capacity`.",
    )
    policy: g.PolicyField = Field(
        default=g.SHARED,
        description=(
            "`shared`, `{ring_fenced: {..}}`, `{reserved: {..}}`, `{partial: {.., shared: n}}`, "
            "`{priority: [..]}`."
        ),
    )
    overflow: Literal["none", "unlimited"] = Field(
        default="none",
        description="`unlimited`: nobody is refused; people above capacity are reported.",
    )
    overtaking: g.Flag = Field(
        default=False, description="A smaller request may pass one that does not fit."
    )
    surge: Surge | None = Field(
        default=None, description="Places that are opened under pressure, on top of the capacity."
    )

    @model_validator(mode="after")
    def _one_capacity(self) -> Self:
        """Work the capacity out from staff, where it is not given as a number."""
        if found := staffing.flaws(self):
            raise PydanticCustomError("flaws", "flaws", {"flaws": tuple(found)})
        if self.from_staff is not None:
            self.__dict__["capacity"] = staffing.capacity_of(self.from_staff, self.unit)
        return self


class Service(Section):
    """A place or a step where people are for a while."""

    title: g.Prose | None = Field(default=None, description="Words for tables and diagrams.")
    description: g.Prose | None = Field(default=None, description="What the document says of it.")
    per: g.Words | None = Field(
        default=None,
        description=(
            "Attribute: one service for each of its values; a route to the name means the "
            "person's own."
        ),
    )
    in_place: g.Flag = Field(
        default=False,
        description=(
            "Received without giving up the present place (telephone, triage, assessment, "
            "brokerage, notice)."
        ),
    )
    residence: g.Flag = Field(
        default=False, description="A place where people live (home care, care home)."
    )
    permanent: g.Flag = Field(default=False, description="A permanent move (care home).")
    setting: Literal["own_home", "acute_bed", "community_bed", "care_home", "elsewhere"] = Field(
        default="elsewhere", description="Where the person is during the stay."
    )
    pool: g.PoolRef = Field(
        default=(),
        description=(
            "Pool whose places it takes, or `{any_of: [..]}`; none: a place is granted at once."
        ),
    )
    units: g.CountCases = Field(default=g.ONE, description="Units of the pool that a stay takes.")
    stream: g.NameCases = Field(
        default=(),
        description=(
            "Stream of the pool's policy: a name, `{from acute: step_down, via spr: step_up, "
            "else: step_up}`, or cases."
        ),
    )
    priority: g.PriorityCases = Field(
        default=g.ZERO,
        description=(
            "Queue priority, lowest first: a number, `{by: attribute, value: number, ...}`, or "
            "cases."
        ),
    )
    admits: g.HoursField | None = Field(
        default=None, description="Hours in which people can start."
    )
    discharges: g.HoursField | None = Field(
        default=None, description="Hours in which people can leave."
    )
    decides: g.HoursField | None = Field(
        default=None, description="Rounds at which the way on is decided."
    )
    stay: g.DistributionCases = Field(
        default=(),
        description=(
            "Length of the stay till the person is ready; none: it lasts until a crisis or "
            "death ends it."
        ),
    )
    max_stay: g.LongestStay = Field(
        default=(),
        description=(
            "The person is ready at the latest after this time; routes may test `event: max_stay`."
        ),
    )
    route_at: Literal["end", "start"] = Field(
        default="end",
        description="`start`: the route is drawn at admission, and `stay` may test `to`.",
    )
    next: g.Route = Field(
        default=(),
        description=(
            "Where people go when ready: a name, `{to: name}`, `{to: {name: share, ..}}`, `{to: "
            "{all_of: [..], then: name}}`, or an ordered list of cases."
        ),
    )
    plan_ahead: g.DurationCases = Field(
        default=(),
        description=(
            "The way on is chosen this long before ready (at the start if the stay is shorter)."
        ),
    )
    hold_up_to: g.Duration = Field(
        default=g.fixed_duration("1 d"),
        description=(
            "A place of this service may be booked at most this long before the person can move."
        ),
    )
    max_wait: g.PatienceCases = Field(
        default=(),
        description=(
            "Patience: `24 h`, `{after: 24 h, to: acute, cause: no step-up bed}`, by stream, or "
            "cases."
        ),
    )
    waiting_room: g.RoomField | None = Field(
        default=None,
        description=(
            "People wait here who have left their last place, so many from a place "
            "(`from_inside`; not written, they wait where they are) and from elsewhere "
            "(`from_outside`; not written, any number); `when_full`: `lost`, or `{to: acute, "
            "cause: ..}`."
        ),
    )
    transfer: g.DurationCases = Field(
        default=(),
        description=(
            "Time it takes to get here from the last place; meanwhile both places are held."
        ),
    )
    alongside: g.BesideField = Field(
        default=(),
        description=(
            "Services received in place as long as the stay goes on: names, or `{service: name, "
            "when: {..}}`."
        ),
    )
    keeps_turn: g.Flag = Field(
        default=False, description="A withdrawn request keeps its joining time for the next one."
    )
    keeps_place: g.Duration | None = Field(
        default=None,
        description="The place is kept this long while a crisis takes the person elsewhere.",
    )
    set: g.Sets = Field(
        default=(),
        description=(
            "Attributes set when ready: `{assessed_by: ACHT}`, or `{flag: {value: yes, for: 28 "
            "d}}`."
        ),
    )
    changes_state: g.StateChanges = Field(
        default=(),
        description=(
            "Levels that a stay moves people when they leave: `{frailty: {up: 1 % per day, after: "
            "2 d}}`, or `{frailty: {down: 10 %}}`; none: nothing changes."
        ),
    )
    hazard_factor: g.HazardFactors = Field(
        default=(),
        description="Factor on the hazards while the person is here: a number, or by cause.",
    )
    visits: g.VisitCases = Field(
        default=(),
        description=(
            "`3 per day of 30 min`: counted, and in a pool of minutes a day they take the units;"
            " in steps: `{4 per day of 30 min: 7 d, 2 per day of 30 min: rest}`."
        ),
    )
    taper: g.TaperCases = Field(
        default=(),
        description=(
            "Visits by minutes a day, in place of `visits`: `{120 min: 7 d, 60 min: 14 d, 30 min:"
            " rest}`, a visit taking 30 min unless `visit:` says otherwise."
        ),
    )
    visits_while_waiting: g.Flag = Field(
        default=True, description="Visits go on while the person waits for what comes next."
    )
    delay_reason: g.Words | None = Field(
        default=None,
        description=(
            "Reason of delay while people wait for or receive this; default `awaiting` and the "
            "title."
        ),
    )
    responsible: Literal["nhs", "social", "both"] = Field(
        default="nhs", description="Who is responsible for the delay while people wait for this."
    )
    organisation: g.Words | None = Field(default=None, description="Who provides it.")
    role: g.Names = Field(
        default=(), description="Labels such as assessment, reablement, referral, rapid_response."
    )
    cost: g.Costs = Field(
        default=(),
        description=(
            "`{per_day: 263 GBP, payer: nhs}`, also per_week, per_stay, per_visit; or a list."
        ),
    )
    luck: g.Words | None = Field(
        default=None,
        description=(
            "Name under which draws are made, to share them with a service of another scenario."
        ),
    )

    @model_validator(mode="after")
    def _one_way_of_visiting(self) -> Self:
        """Refuse visits that are written twice."""
        if self.visits and self.taper:
            message = "the service has `visits` too; one of the two is needed"
            flaw = Flaw(("taper",), message)
            raise PydanticCustomError("flaws", "flaws", {"flaws": (flaw,)})
        return self

    @property
    def visiting(self) -> Cases[Visits]:
        """Visits, whichever way they are written."""
        return self.visits or self.taper


class Finds(Sourced):
    """How a programme finds people."""

    rate: g.Rate = Field(description="People found by one coordinator (`20 per month`).")
    coordinators: g.Count = Field(default=g.ONE_COUNT, description="How many coordinators.")
    rule: Literal["highest risk", "at random", "first in line"] = Field(
        default="highest risk",
        description=(
            "Who is found of those who may join: the highest crisis hazard at that instant, "
            "anybody, or the lowest number."
        ),
    )


class ProgrammeStart(Sourced):
    """People on a programme's caseload when the run starts."""

    caseload: g.Count = Field(description="How many; chosen as the programme finds people.")
    remaining: Literal["length_biased", "fresh"] = Field(
        default="length_biased", description="How their remaining time on it is drawn."
    )


class Programme(Sourced):
    """Prevention: finds people, keeps them on a caseload, changes their hazards meanwhile."""

    title: g.Prose | None = Field(default=None, description="Words for tables.")
    description: g.Prose | None = Field(default=None, description="What the document says of it.")
    finds: Finds | None = Field(
        default=None, description="How people are found; none: only those there at the start."
    )
    who: g.When = Field(
        default=(),
        description="Who may join: `{age: 60+, conditions: 3+}`; none: everybody.",
    )
    caseload: g.Count | None = Field(
        default=None, description="Most people on it at a time; none: no limit."
    )
    lasts: g.DistributionCases = Field(
        default=(), description="How long people stay on it; none: for the rest of their lives."
    )
    effect: g.Effects = Field(
        default=(),
        description=(
            "Factors on hazards of people on it, by cause, or for `crisis` (all that do not "
            "kill), `death`, `progression`; what is not named stays as it is (factor 1)."
        ),
    )
    ends_at: g.Names = Field(
        default=(), description="Services whose start ends it for a person (`care_home`)."
    )
    per: g.Words | None = Field(
        default=None, description="Attribute: one programme for each of its values."
    )
    from_: g.Date | None = Field(
        default=None,
        alias="from",
        description="Day on which it begins to find people; default the start of the run.",
    )
    start: ProgrammeStart | None = Field(
        default=None, description="Who is on it already when the run starts."
    )
    cost: g.ProgrammeCosts = Field(
        default=(),
        description=(
            "`{per_place_day: 2 GBP, payer: nhs}`, also per_day (on it), per_start; or a list."
        ),
    )


class Standard(Sourced):
    """A waiting-time standard."""

    title: g.Prose | None = Field(default=None, description="Words for tables.")
    when: g.When = Field(default=(), description="Episodes to which it applies.")
    from_: g.Instant = Field(
        alias="from", description="`service.requested`, `.needed`, `.started`, `.ready`."
    )
    to: g.StandardEnd = Field(description="`service.started`, or a list of which the first counts.")
    within: g.Duration = Field(description="The limit.")
    target: g.Share | None = Field(default=None, description="Share that should meet it.")
    by: g.Words | None = Field(
        default=None,
        description="Attribute by whose values it is also reported: `response`, `locality`.",
    )


class Target(Section):
    """A hope or target of a document, to compare with; never an input."""

    title: g.Prose | None = Field(default=None, description="Words for the scorecard.")
    value: g.TargetValue | None = Field(
        default=None, description="The figure; none: the document leaves it open."
    )
    measure: g.Words | None = Field(
        default=None,
        description=(
            "Name of the measure, default the key; `none` where nothing here is like it (a survey)."
        ),
    )
    of: g.Words | None = Field(
        default=None,
        description=(
            "Which of its figures, such as `pool:community_beds`; default that of everything."
        ),
    )
    change: g.Flag = Field(
        default=False,
        description="The value is a change from the base of a comparison, such as `-3.5 %`.",
    )
    per: Literal["year", "quarter", "month"] | None = Field(
        default=None,
        description="Period that the value is for; default that of the measure (window or year).",
    )
    months: g.Figures = Field(default=(), description="Monthly values, April to March.")
    source: g.Prose | None = Field(default=None, description="Reference and section.")
    note: g.Prose | None = Field(default=None, description="One sentence for the reader.")


class Payment(Sourced):
    """Money that is paid when a count falls below its baseline, and lost when it does not."""

    title: g.Prose | None = Field(default=None, description="Words for tables.")
    measure: g.Words = Field(
        default="emergency_admissions",
        description="Count that it depends on, with the background that is added to it.",
    )
    baseline: g.Count = Field(description="Count a year that a reduction is measured from.")
    up_to: g.Count = Field(description="Reduction a year that is paid for at most.")
    unit: g.Money = Field(description="Money for each one less.")
    per: g.Words | None = Field(
        default=None, description="What one is, for tables: `non-elective admission`."
    )
    form: Literal["proportional", "threshold"] = Field(
        default="proportional",
        description=(
            "`proportional`: for each one less; `threshold`: all or nothing, when `up_to` is "
            "reached."
        ),
    )
    loss: g.Parties = Field(
        default=(), description="Who bears what is not paid: shares that sum to 1."
    )


class Story(Section):
    """One person with given attributes and outcomes of named decisions."""

    title: g.Prose | None = Field(default=None, description="Words for the heading.")
    is_: g.Fixed = Field(default=(), alias="is", description="Attributes of the person.")
    at: g.Words = Field(description="Service at which the story starts (`home` for a crisis).")
    crisis: g.Words | None = Field(default=None, description="Hazard that fires at the start.")
    draws: g.StoryDraws = Field(
        default=(),
        description=(
            "`{acute.stay: 6 d, acute.route: reablement}`; a list for first, second, ... time."
        ),
    )
    as_told: g.Flag = Field(
        default=True, description="Unlimited pools, no hours, first Monday 09:00, days of 24 h."
    )
    told: g.Lines = Field(
        default=(), description="What the document tells, line by line, for the reader."
    )


class StartCount(Sourced):
    """People already at a service when the run starts."""

    count: g.Count | None = Field(default=None, description="How many are there.")
    who: g.When = Field(
        default=(), description="From whom they are drawn: `{frailty: [moderate, severe]}`."
    )
    remaining: g.RemainingField = Field(
        default=g.LENGTH_BIASED,
        description=(
            "What is left of their stays: `length_biased` (as found at a random instant), `fresh`"
            " (whole stays), `conditional` on `days_so_far`, or a distribution."
        ),
    )
    days_so_far: g.Lasting | None = Field(
        default=None,
        description="With `conditional`: how long they have been there, a time or a distribution.",
    )
    waiting: g.StartWaitings = Field(
        default=(),
        description=(
            "People who wait for this service: `{count: 5, at: acute, waited: 2 d}`, `at` a"
            " service, `home` or `outside`; or a list of these."
        ),
    )


class Start(Section):
    """Who is where when the run starts: by service, or `start: steady`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, StartCount]

    steady: g.SteadyField | None = Field(
        default=None,
        description=(
            "Services that start with their long-run numbers by the traffic equations, or `true`"
            " for all without a count."
        ),
    )
    census: g.Census = Field(
        default=(),
        description=(
            "People one by one: a CSV file beside the scenario with the columns `person`,"
            " `service`, `days_so_far`, `waiting_for`, `waiting_since` and any attributes; or a"
            " list of the same."
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, given: object) -> object:
        """Read `start: steady`."""
        return {"steady": True} if given == "steady" else given

    @property
    def services(self) -> dict[str, StartCount]:
        """People by service, in written order."""
        return self.__pydantic_extra__


class Retirement(Section):
    """A service to which nobody is referred any more."""

    service: g.Words = Field(description="The service that is retired.")
    to: g.Words = Field(
        description="Where people are referred instead, and those who wait for it move."
    )


class Change(Section):
    """What is different from a day on; a change acts on what is decided from its first instant."""

    from_: g.Date = Field(alias="from", description="The day at whose first instant it begins.")
    where: g.Where = Field(
        default=(),
        description=(
            "Whom it concerns: `{locality: [bexhill, rye]}`, members of templates over that"
            " attribute, otherwise people who have it; none: everybody."
        ),
    )
    set: g.ChangedFields = Field(
        default=(),
        description=(
            "Fields with what stands there from then on: `{pools.beds.capacity: 110}`;"
            " nothing removes what stands there."
        ),
    )
    retire: Retirement | None = Field(
        default=None, description="A service that is retired: `{service: desk, to: team}`."
    )
    source: g.Prose | None = Field(default=None, description="Reference and section.")
    quality: g.Quality | None = Field(default=None, description="How good the numbers are.")
    note: g.Prose | None = Field(default=None, description="One sentence for the reader.")


class Denominators(Sourced):
    """People that rates are given for."""

    all_ages: g.Count | None = Field(default=None, description="Population of all ages.")
    adults: g.Count | None = Field(default=None, description="People aged 18 and over.")
    over_65: g.Count | None = Field(
        default=None, description="People aged 65 and over; default the size of the population."
    )


class Scenario(Section):
    """A model of care of an area."""

    carepath: g.Version = Field(description="Version of the scenario language.")
    area: g.Prose = Field(description="Name of the area.")
    variant: g.Prose = Field(description="as-is, to-be, ...")
    title: g.Prose = Field(description="One line.")
    notes: g.Lines = Field(
        default=(),
        description="What a reader should know: contradictions of the document, readings, limits.",
    )
    extends: g.Words | None = Field(
        default=None,
        description=(
            "File in the same folder on which this one is built; only what differs is written."
        ),
    )
    clock: Clock
    references: dict[str, Reference] = Field(default_factory=dict)
    attributes: dict[g.Name, Attribute] = Field(default_factory=dict)
    population: Population | None = None
    arrivals: dict[g.Name, Arrival] = Field(default_factory=dict)
    pools: dict[g.Name, Pool] = Field(default_factory=dict)
    services: dict[g.Name, Service]
    programmes: dict[g.Name, Programme] = Field(default_factory=dict)
    exits: g.Names = Field(default=(), description="Names that end an episode (`advice`).")
    start: Start = Field(
        default=Start(), description="Who is where when the run starts; `steady` for the long run."
    )
    changes: list[Change] = Field(
        default_factory=list, description="What changes while the scenario runs, by date."
    )
    standards: dict[g.Name, Standard] = Field(default_factory=dict)
    targets: dict[g.Name, Target] = Field(default_factory=dict)
    denominators: Denominators = Denominators()
    background: dict[g.Name, g.BackgroundFigure] = Field(
        default_factory=dict,
        description=(
            "Stated figures that are not simulated: for the reader, or added to counts in rates "
            "of national definition."
        ),
    )
    payments: dict[g.Name, Payment] = Field(default_factory=dict)
    audit: g.Duration | None = Field(
        default=None,
        description="Interval at which occupancy and waiting are looked at and kept.",
    )
    stories: dict[g.Name, Story] = Field(default_factory=dict)

    # What the fields were read from; not part of the language.
    _root: Node | None = PrivateAttr(default=None)
    _given: Mapping[str, object] = PrivateAttr(default_factory=dict)
    _name: str = PrivateAttr(default="")
    _notices: tuple[str, ...] = PrivateAttr(default=())
    _variants: tuple[Variant, ...] | None = PrivateAttr(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _keep(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Keep what a scenario made in Python was made from."""
        scenario = handler(given)
        if isinstance(given, Mapping):
            scenario._given = given  # noqa: SLF001 - of this very class
        return scenario

    def remember(self, root: Node, name: str, notices: tuple[str, ...]) -> None:
        """Keep what the scenario was read from; called once by the loader."""
        self._root = root
        self._given = {}
        self._name = name
        self._notices = notices

    def remember_variants(self, variants: tuple[Variant, ...]) -> None:
        """Keep what the changes make of the scenario; called once by the loader."""
        self._variants = variants

    @property
    def _tree(self) -> Node:
        """What the scenario was read from, as a tree with places."""
        return planted(self._given, Mark("")) if self._root is None else self._root

    @property
    def tree(self) -> Node:
        """What the scenario was read from, as a tree with places."""
        return self._tree

    @property
    def name(self) -> str:
        """What the scenario is called: ``area/variant`` of the files."""
        return self._name or f"{self.area}/{self.variant}"

    @property
    def notices(self) -> tuple[str, ...]:
        """What setting fields by hand changed besides."""
        return self._notices

    @property
    def variants(self) -> tuple[Variant, ...]:
        """What each of the changes makes of the scenario."""
        if self._variants is None:
            from carepath_sim.scenario.variants import variants_of

            self._variants = variants_of(self, self._tree)[0] if self.changes else ()
        return self._variants

    def position(self, path: str | Path) -> Mark:
        """Return where a field is written: file, line and column.

        Parameters
        ----------
        path
            The field as text (``services.acute.next[1].to``) or as a tuple of steps. A field
            that is not written has the place of what it is missing in.

        Returns
        -------
        :
            File, line and column; line 0 where the value does not come from a file.
        """
        from carepath_sim.scenario.positions import mark_of, parsed

        steps = parsed(path) if isinstance(path, str) else path
        return mark_of(self._tree, steps or ())

    def resolved(self) -> dict[str, Any]:
        """Return what the scenario says as plain values, with all that it extends and overrides.

        Written to a file, it is the same scenario; it no longer extends another.
        """
        resolved: dict[str, Any] = plain(self._tree)
        resolved.pop("extends", None)
        return resolved

    def hash(self) -> str:
        """Return the SHA-256 of what the scenario says.

        Order counts: shares are read in written order against one random number.
        """
        import hashlib
        import json

        text = json.dumps(self.resolved(), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def set(self, path: str, value: object) -> Scenario:
        """Return the scenario with one field set by hand.

        Parameters
        ----------
        path
            The field, such as ``pools.community_beds.capacity``.
        value
            What would stand in the file: ``140``, ``"28 d"``, ``{"fixed": "3 d"}``.

        Raises
        ------
        ScenarioError
            If there is no such field, or the value does not fit.
        """
        from carepath_sim.scenario.loader import build
        from carepath_sim.scenario.overrides import override

        return build(self._tree, self._name, [override(path, value)], notices=self._notices)

    def with_(self, **sections: object) -> Scenario:
        """Return the scenario with sections written over it, as a file that extends it would.

        Parameters
        ----------
        sections
            Plain values by section: ``with_(clock={"length": "30 d"})``. Maps merge key by key,
            None removes.

        Raises
        ------
        ScenarioError
            If what comes out is no scenario.
        """
        from carepath_sim.scenario.extends import merged
        from carepath_sim.scenario.loader import build

        over = merged(self._tree, planted(sections, Mark("with_")), ())
        return build(over, self._name, notices=self._notices)
