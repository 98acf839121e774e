"""The types of fields: how each is read from YAML, and what it becomes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from pydantic import Strict

from carepath_sim.scenario import (
    grammar_arrivals,
    grammar_changes,
    grammar_conditions,
    grammar_costs,
    grammar_dates,
    grammar_distributions,
    grammar_hours,
    grammar_numbers,
    grammar_people,
    grammar_pools,
    grammar_programmes,
    grammar_quantity,
    grammar_results,
    grammar_rooms,
    grammar_routes,
    grammar_services,
    grammar_staff,
    grammar_start,
    grammar_states,
    grammar_surge,
    grammar_visits,
    grammar_working,
    grammar_years,
    reading,
)
from carepath_sim.scenario import values as v
from carepath_sim.scenario import values_arrivals as va
from carepath_sim.scenario import values_start as vs
from carepath_sim.scenario.grammar_numbers import fixed_amount, fixed_duration, fixed_share
from carepath_sim.scenario.grammar_pools import SHARED
from carepath_sim.scenario.reading import Reads

__all__ = [
    "LENGTH_BIASED",
    "NO_CAPACITY",
    "ONE",
    "SHARED",
    "ZERO",
    "fixed_amount",
    "fixed_duration",
    "fixed_share",
]

# Words
Version = Annotated[int, Reads(reading.version, "version")]
Flag = Annotated[bool, Strict()]
Name = Annotated[str, Reads(reading.name, "name")]
Words = Annotated[str, Reads(reading.text, "words")]
Prose = Annotated[str, Reads(reading.prose, "prose")]
Names = Annotated[tuple[str, ...], Reads(reading.one_or_more(reading.text), "names")]
Lines = Annotated[tuple[str, ...], Reads(reading.one_or_more(reading.prose), "lines")]

Quality = Annotated[str, Reads(grammar_quantity.quality, "quality")]

# Numbers and dates
Date = Annotated[dt.date, Reads(grammar_dates.day, "date")]
CalendarLength = Annotated[v.CalendarLength, Reads(grammar_dates.calendar_length, "duration")]
BankHolidays = Annotated[
    str | tuple[dt.date, ...], Reads(grammar_working.bank_holidays, "bank_holidays")
]
Duration = Annotated[v.Number, Reads(grammar_numbers.duration, "duration")]
Share = Annotated[v.Number, Reads(grammar_numbers.share, "share")]
Rate = Annotated[v.Number, Reads(grammar_numbers.rate, "rate")]
Count = Annotated[v.Number, Reads(grammar_numbers.count, "count")]
TargetValue = Annotated[v.Number, Reads(grammar_numbers.figure, "figure")]
Figures = Annotated[tuple[float, ...], Reads(grammar_numbers.figures, "figures")]
Amount = Annotated[v.Number, Reads(grammar_numbers.amount, "plain")]
HoursField = Annotated[v.Hours, Reads(grammar_hours.hours, "hours")]

# People
Pairs = tuple[tuple[str, v.Number], ...]
AttributeShares = Annotated[v.Cases[Pairs], Reads(grammar_people.attribute_shares, "shares_cases")]
AttributeMap = Annotated[v.ValueMap, Reads(grammar_people.value_map, "value_map")]
FrailtyShares = Annotated[
    tuple[tuple[str | None, Pairs], ...], Reads(grammar_people.frailty_shares, "frailty")
]
Factors = Annotated[tuple[tuple[str, Pairs], ...], Reads(grammar_people.factors, "factors")]
DischargeSteps = Annotated[
    tuple[tuple[v.Number, v.Number], ...], Reads(grammar_people.discharge_steps, "discharge_steps")
]
ByMonth = Annotated[tuple[float, ...], Reads(grammar_people.by_month, "relative")]
ByWeekday = Annotated[tuple[float, ...], Reads(grammar_people.by_weekday, "relative")]
ByHour = Annotated[tuple[float, ...], Reads(grammar_people.by_hour, "relative")]
Fixed = Annotated[tuple[tuple[str, str], ...], Reads(grammar_people.fixed, "fixed")]
Inflow = Annotated[v.Number | grammar_years.ByYear, Reads(grammar_years.inflow, "inflow")]
ByYear = Annotated[grammar_years.ByYear, Reads(grammar_years.projection, "by_year")]
When = Annotated[tuple[v.Test, ...], Reads(grammar_conditions.when, "when")]

# Arrivals
Rates = Annotated[va.Rates, Reads(grammar_arrivals.rates, "rates")]
Replay = Annotated[tuple[va.ReplayRow, ...], Reads(grammar_arrivals.replay, "replay")]
Growth = Annotated[v.Number, Reads(grammar_arrivals.growth, "growth")]
Variation = Annotated[v.Number, Reads(grammar_arrivals.variation, "variation")]

Where = Annotated[tuple[v.Test, ...], Reads(grammar_changes.where, "where")]
ChangedFields = Annotated[
    tuple[tuple[str, object], ...], Reads(grammar_changes.fields, "changed_fields")
]

# Starting states
Lasting = Annotated[v.Distribution, Reads(grammar_distributions.distribution, "distribution")]
RemainingField = Annotated[vs.Remaining, Reads(grammar_start.remaining, "remaining")]
StartWaitings = Annotated[
    tuple[vs.StartWaiting, ...], Reads(grammar_start.waiting, "start_waiting")
]
SteadyField = Annotated[vs.Steady, Reads(grammar_start.steady, "steady")]
Census = Annotated[tuple[vs.CensusRow, ...], Reads(grammar_start.census, "census")]

# Pools
Capacity = Annotated[v.CapacitySpec, Reads(grammar_pools.capacity, "capacity")]
Some = Annotated[v.Number, Reads(grammar_surge.some, "count")]
SurgeWhen = Annotated[v.SurgeWhen, Reads(grammar_surge.when, "surge_when")]
SurgeClose = Annotated[v.SurgeClose, Reads(grammar_surge.close, "surge_close")]
Fte = Annotated[v.FteSpec, Reads(grammar_staff.fte, "fte")]
PolicyField = Annotated[v.Policy, Reads(grammar_pools.policy, "policy")]
PoolRef = Annotated[tuple[str, ...], Reads(grammar_pools.pool_ref, "pool_ref")]

# Services
CountCases = Annotated[v.Cases[v.Number], Reads(grammar_services.count_cases, "count_cases")]
PriorityCases = Annotated[v.Cases[v.Number], Reads(grammar_services.priority_cases, "priority")]
DurationCases = Annotated[
    v.Cases[v.Number], Reads(grammar_services.duration_cases, "duration_cases")
]
LongestStay = Annotated[v.Cases[v.Number], Reads(grammar_working.duration_cases, "longest_stay")]
NameCases = Annotated[v.Cases[str], Reads(grammar_services.name_cases, "stream")]
DistributionCases = Annotated[
    v.Cases[v.Distribution], Reads(grammar_services.distribution_cases, "distribution_cases")
]
Route = Annotated[v.Cases[tuple[v.Branch, ...]], Reads(grammar_routes.route, "route")]
PatienceCases = Annotated[v.Cases[v.Patience], Reads(grammar_services.patience_cases, "patience")]
RoomField = Annotated[v.WaitingRoom, Reads(grammar_rooms.waiting_room, "waiting_room")]
BesideField = Annotated[tuple[v.Beside, ...], Reads(grammar_rooms.alongside, "alongside")]
Sets = Annotated[tuple[tuple[str, str, v.Number | None], ...], Reads(grammar_services.sets, "sets")]
HazardFactors = Annotated[Pairs, Reads(grammar_services.hazard_factors, "hazard_factors")]
StateChanges = Annotated[
    tuple[v.StateChange, ...], Reads(grammar_states.changes_state, "changes_state")
]
VisitCases = Annotated[v.Cases[v.Visits], Reads(grammar_visits.visit_cases, "visits")]
TaperCases = Annotated[v.Cases[v.Visits], Reads(grammar_visits.taper_cases, "taper")]
Costs = Annotated[tuple[v.Cost, ...], Reads(grammar_costs.of_stays, "costs")]

# What results are held against
BackgroundFigure = Annotated[v.Background, Reads(grammar_results.background, "background")]
Parties = Annotated[Pairs, Reads(grammar_results.parties, "parties")]
Money = Annotated[v.Number, Reads(grammar_numbers.money, "money")]

# Programmes
Effects = Annotated[Pairs, Reads(grammar_programmes.effects, "effects")]
ProgrammeCosts = Annotated[
    tuple[v.Cost, ...], Reads(grammar_costs.of_programmes, "programme_costs")
]

# Standards and stories
Instant = Annotated[str, Reads(grammar_people.instant, "instant")]
StandardEnd = Annotated[tuple[str, ...], Reads(grammar_people.standard_end, "instants")]
StoryDraws = Annotated[
    tuple[tuple[str, tuple[v.Number | str, ...]], ...],
    Reads(grammar_people.story_draws, "story_draws"),
]

ONE_COUNT: Final = grammar_numbers.count(1)
"""One of something."""
ONE: Final[v.Cases[v.Number]] = grammar_services.count_cases(1)
"""One unit, whoever comes."""
LENGTH_BIASED: Final = vs.Remaining("length_biased")
"""As found at a random instant."""
ZERO: Final[v.Cases[v.Number]] = grammar_services.priority_cases(0)
"""The same priority for everybody."""
NO_CAPACITY: Final = v.CapacitySpec()
"""Stands where the capacity comes from staff, until it has been worked out."""
