"""The reference of the scenario language and the list of measures, written from the code itself.

``python -m carepath_sim.report.reference`` writes both pages of a checkout anew.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic import BaseModel

from carepath_sim.report.reference_words import (
    DEFAULTS,
    NO_UNIT,
    SECTION_EXAMPLES,
    UNITS,
    WITHOUT_UNIT,
)
from carepath_sim.scenario.messages import named_in
from carepath_sim.scenario.model import Scenario
from carepath_sim.scenario.reading import Reads
from carepath_sim.scenario.values import Case, Number, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

DOCS: Final = Path(__file__).parents[2] / "docs"
"""The documentation of a checkout."""


class Form(NamedTuple):
    """A way to write a value.

    Attributes
    ----------
    words
        What is accepted, in words.
    unit
        Unit of the value, as it is written; empty where it has none.
    examples
        Values as they stand in a file; each can be read.
    """

    words: str
    unit: str
    examples: tuple[str, ...]


_CASES = "; or an ordered list of cases with `when`, of which the first that holds counts"

FORMS: Final[Mapping[str, Form]] = {
    "version": Form("The number 1.", "", ("1",)),
    "words": Form(
        "One word or a few; numbers, `true` and `false` stand for themselves.", "", ("acute",)
    ),
    "prose": Form(
        "Text; in quotes when it holds `: ` or begins with a special character.",
        "",
        ("Bed census",),
    ),
    "names": Form("A name, or a list of names.", "", ("advice", "[advice, declined]")),
    "lines": Form("A text, or a list of texts.", "", ("One line.", "[First line., Second line.]")),
    "quality": Form(
        "One of `document`, `good`, `fair`, `poor`, `assumption`, `by hand`.", "", ("assumption",)
    ),
    "name": Form("Letters, digits, `_` and `-`; begins with a letter.", "", ("community_beds",)),
    "date": Form("Year, month and day.", "day", ("2015-04-01",)),
    "duration": Form(
        "A number with its unit of time, or several added up; or a record `{value, unit, source,"
        " quality, range, note}`. A month is a twelfth of a year, a year has 365.25 days."
        " In `clock.length` months and years are those of the calendar.",
        "ms, s, min, h, d, wk, month, y",
        ("28 d", "1 d 12 h", "{value: 28 d, source: census, quality: fair, range: [21 d, 35 d]}"),
    ),
    "share": Form(
        "A number from 0 to 1, a percentage or a fraction; or a record.",
        "share",
        ("0.35", "35 %", "1/3", "{value: 0.35, quality: assumption, range: [0.2, 0.5]}"),
    ),
    "rate": Form(
        "A number per unit of time (also `per person-year`); or a record.",
        "per h, d, wk, month, y",
        ("300 per y", "8 per h", "0.05 per person-year", "{value: 20 per month, quality: good}"),
    ),
    "growth": Form(
        "A change a year, compounding; or a record.", "per y", ("3 % per y", "-1.5 % per year")
    ),
    "inflow": Form(
        "A rate, or a map of calendar years with people a year (365 or 366 days); numbers may be"
        " records. The first year holds before it too, the last after it.",
        "per h, d, wk, month, y; people a calendar year",
        ("5000 per y", "{2015: 4800, 2016: 4900}", "{2015: 4800, 2016: 4900, source: projection}"),
    ),
    "by_year": Form(
        "A map of two or more calendar years with numbers of people, which may be records.",
        "people",
        ("{2015: 93000, 2020: 101000, 2037: 140000}",),
    ),
    "remaining": Form(
        "`length_biased`, `fresh` or `conditional`; or a distribution of what is left.",
        "ms, s, min, h, d, wk, month, y",
        ("conditional", "fresh", "{exponential: {mean: 9 d}}"),
    ),
    "start_waiting": Form(
        "A map with `count`, `at` (a service, `home` or `outside`), and if known `waited` (a time"
        " or a distribution) and `who`; or a list of these, one for each place.",
        "",
        (
            "{count: 5, at: acute, waited: 2 d}",
            "[{count: 5, at: acute}, {count: 12, at: home, waited: {exponential: {mean: 9 d}}}]",
        ),
    ),
    "distribution": Form(
        "A time, or a distribution of times as in `stay`.",
        "ms, s, min, h, d, wk, month, y",
        ("12 d", "{uniform: {min: 0 d, max: 28 d}}"),
    ),
    "steady": Form("`true`, or a list of services.", "", ("[home_care, care_home]", "true")),
    "census": Form(
        "The name of a CSV file in the scenario's folder, or a list of maps: `person`, `service`"
        " (or `home`, `outside`), `days_so_far` (bare numbers are days), `waiting_for`,"
        " `waiting_since` (a date, or how long: bare numbers are days), and attributes.",
        "",
        (
            (
                "[{person: A17, service: ward, days_so_far: 12}, {person: B2, service: ward,"
                " waiting_for: reablement, waiting_since: 3 d}]"
            ),
        ),
    ),
    "variation": Form(
        "A coefficient of variation from 0 to 3; or a record.",
        "standard deviation / mean",
        ("0.3", "{value: 30 %, quality: assumption}"),
    ),
    "rates": Form(
        "The name of a CSV file in the scenario's folder with the columns `from` and `rate` (or"
        " `rate per h`, then bare numbers); or a list of maps with the same names. `from` is a"
        " date, a date with a time, or a time from `clock.start`.",
        "as said beside each rate",
        ("[{from: 0 h, rate: 3 per h}, {from: 20 h, rate: 1 per h}]",),
    ),
    "replay": Form(
        "The name of a CSV file in the scenario's folder, or a list of maps: a column `at`, `date`"
        " or `datetime`, and columns named after attributes or after decisions (`acute.stay`,"
        " `acute.route`, `acute.max_wait`); an empty cell is drawn. A unit may stand in the head:"
        " `acute.stay [d]`.",
        "",
        ("[{at: 2015-04-01 09:30, urgency: rapid, acute.stay: 6 d}, {at: 2015-04-01 11:00}]",),
    ),
    "count": Form(
        "A whole number of 0 or more; or a record.", "", ("125", "{value: 125, quality: poor}")
    ),
    "plain": Form("A number; or a record.", "", ("450", "{value: 1.1, quality: assumption}")),
    "figure": Form(
        "A number, percentage, duration, rate or amount; or a record.",
        "",
        ("1869", "-3.5 %", "28 d", "263 GBP"),
    ),
    "figures": Form("A list of figures.", "", ("[652, 652, 652]",)),
    "hours": Form(
        "Days and times, half-open; several lines as a list. A window may pass midnight and belongs"
        " to the day on which it begins. `working days` are Monday to Friday without bank holidays"
        " (`clock.bank_holidays`); `Mon-Fri` is every Monday to Friday.",
        "time of the week",
        (
            "Mon-Fri 09:00-17:00",
            "daily 22:00-07:00",
            "24/7",
            "working days 09:00-17:00",
            "Mon-Fri 09:00-17:00 except bank holidays",
            "[daily 09:00-17:00 except bank holidays, bank holidays 10:00-14:00]",
            "[Mon-Fri 09:00-17:00, Sat 10:00-13:00]",
        ),
    ),
    "shares_cases": Form(
        "A map of values with their shares, which sum to 1 (one may be `rest`)" + _CASES + ".",
        "share",
        (
            "{north: 0.6, south: rest}",
            "[{when: {sex: men}, shares: {yes: 0.3, no: rest}}, {shares: {yes: 0.6, no: rest}}]",
        ),
    ),
    "value_map": Form(
        "`from:` the other attribute, then each of its values with the value here.",
        "",
        ("{from: locality, north: county, south: county}",),
    ),
    "frailty": Form(
        "A map of levels (fit, mild, moderate, severe) with their shares; or one map for `women`"
        " and one for `men`.",
        "share",
        ("{fit: 0.6, mild: 0.4}", "{women: {fit: 0.5, mild: 0.5}, men: {fit: 0.7, mild: 0.3}}"),
    ),
    "factors": Form(
        "For each attribute of people, and for `month`, `weekday` and `hour`, a map of values with"
        " factors; what is not named has the factor 1. Month, weekday and hour (whole hours) are"
        " scaled to mean 1.",
        "factor",
        ("{frailty: {mild: 1.6, severe: 3}, month: {Dec: 1.3}, hour: {08:00-20:00: 1.4}}",),
    ),
    "discharge_steps": Form(
        "A map of times since the end of a hospital stay; each factor holds up to its time.",
        "factor",
        ("{7 d: {times: 6}, 28 d: {times: 2.5}}", "{28 d: 2.5}"),
    ),
    "relative": Form(
        "A map of months, weekdays or hours with relative numbers, scaled to mean 1; what is not"
        " named has 1. Or the full list of 12, 7 or 24 numbers.",
        "factor",
        ("{Dec: 1.3, Jan: 1.3}",),
    ),
    "fixed": Form("A map of attributes with values.", "", ("{urgency: rapid, age: 80}",)),
    "when": Form(
        "A condition: a map of keys with a value, a range or a list; keys are joined by *and*,"
        " lists by *or*. Keys are attributes and those of [conditions](guide.md#conditions).",
        "",
        ("{age: 75+, frailty: [moderate, severe]}", "{from: acute, weekday: Sat-Sun}"),
    ),
    "capacity": Form(
        "A whole number; `unlimited`; a map of hours with numbers (outside all of them 0); a list"
        " of steps by date; with `per` also a map by value of the attribute, or"
        " `{split: population, total: n}`.",
        "units of the pool",
        (
            "125",
            "unlimited",
            "{daily 07:00-22:00: 3, daily 22:00-07:00: 1}",
            "[{places: 125}, {from: 2015-10-01, places: 110}]",
            "{north: 12, south: 8}",
            "{split: population, total: 20}",
        ),
    ),
    "fte": Form(
        "A number; `{budget, actual}`; a list of steps by date, `{from, fte}`; with `per` also a"
        " map by value of the attribute, or `{split: population, total: n}`.",
        "full-time equivalents",
        (
            "87.6",
            "{budget: 100, actual: 87.6}",
            "[{fte: 72}, {from: 2015-10-01, fte: 80}]",
            "{north: 12.5, south: 8}",
            "{split: population, total: 260}",
        ),
    ),
    "surge_when": Form(
        "`N waiting for TIME`, or `{waiting, for}`.",
        "people, time",
        ("10 waiting for 2 d", "{waiting: {value: 10, quality: assumption}, for: 2 d}"),
    ),
    "surge_close": Form(
        "`when N empty for TIME`, `when empty for TIME`, or `{empty, for}`.",
        "units of the pool, time",
        ("when 12 empty for 5 d", "when empty for 5 d", "{empty: 12, for: 5 d}"),
    ),
    "policy": Form(
        "`shared`, or one of `ring_fenced`, `reserved`, `partial` (with a `shared` part) with"
        " counts or shares by stream, or `priority` with a list of streams.",
        "units of the pool, or share",
        (
            "shared",
            "{ring_fenced: {step_up: 20, step_down: 105}}",
            "{reserved: {step_up: 15 %}}",
            "{partial: {step_up: 20, step_down: 60, shared: 45}}",
            "{priority: [step_up, step_down]}",
        ),
    ),
    "pool_ref": Form(
        "The name of a pool, or several of which the first with room is taken.",
        "",
        ("beds", "{any_of: [nurses, therapists]}"),
    ),
    "count_cases": Form(
        "A whole number" + _CASES + ".",
        "units of the pool",
        ("1", "[{when: {frailty: severe}, units: 2}, {units: 1}]"),
    ),
    "priority": Form(
        "A number, lowest first; `{by: attribute, value: number, ..}`" + _CASES + ".",
        "",
        (
            "0",
            "{by: urgency, rapid: 0, normal: 1}",
            "[{when: {from: acute}, priority: 0}, {priority: 1}]",
        ),
    ),
    "duration_cases": Form(
        "A duration" + _CASES + ".",
        "ms, s, min, h, d, wk, month, y",
        ("6 wk", "[{when: {frailty: severe}, value: 8 wk}, {value: 6 wk}]"),
    ),
    "longest_stay": Form(
        "A duration, also in working days" + _CASES + ".",
        "ms, s, min, h, d, wk, month, y, working days",
        ("6 wk", "30 working days", "[{when: {frailty: severe}, value: 8 wk}, {value: 6 wk}]"),
    ),
    "where": Form(
        "A map of attributes with the value, or the values, of those whom a change concerns.",
        "",
        ("{locality: [bexhill, rye]}",),
    ),
    "changed_fields": Form(
        "A map of fields with what stands there from then on; `null` takes it away.",
        "",
        ("{pools.beds.capacity: 110, services.acute.next: home}",),
    ),
    "bank_holidays": Form(
        "`england` (England and Wales, 2008 to 2035), `none`, or a list of dates from Monday to"
        " Friday.",
        "day",
        ("england", "[2015-04-03, 2015-04-06]"),
    ),
    "stream": Form(
        "The name of a stream; `{from PLACE: stream, via STEP: stream, else: stream}`"
        + _CASES
        + ".",
        "",
        (
            "step_up",
            "{from acute: step_down, else: step_up}",
            "[{when: {urgency: rapid}, stream: urgent}, {stream: routine}]",
        ),
    ),
    "distribution_cases": Form(
        "A duration, or a distribution with `truncate`, `at_least`, `source`, `quality` and `note`"
        " beside it; all durations in working days, or none"
        + _CASES
        + ". All families: [distributions](distributions.md).",
        "ms, s, min, h, d, wk, month, y",
        (
            "21 d",
            "2 working days",
            "{lognormal: {median: 12 min, p90: 25 min}}",
            "{gamma: {p25: 3 d, p75: 9 d}}",
            "{zero_inflated: {zero: 20 %, otherwise: {weibull: {mean: 6 d, cv: 0.8}}}}",
            "{gamma: {mean: 28 d, sd: 14 d}, truncate: [1 d, 90 d], quality: assumption}",
            "[{when: {frailty: severe}, fixed: 10 d}, {exponential: {mean: 6 d}}]",
        ),
    ),
    "route": Form(
        "A target; `{to: target}`; targets with shares; a list of `{share, to}`;"
        " `{all_of: [..], then: ..}`" + _CASES + ".",
        "",
        (
            "home",
            "{to: {home: 0.7, reablement: 0.3}}",
            "{to: {all_of: [assessment, equipment], then: reablement}}",
            "[{when: {frailty: severe}, to: care_home}, {to: {home: 0.7, reablement: 0.3}}]",
        ),
    ),
    "patience": Form(
        "A duration or distribution; `{after, to, cause}`; a map of these by stream"
        + _CASES
        + ", of which the last may have a `when` too.",
        "ms, s, min, h, d, wk, month, y",
        (
            "24 h",
            "{after: 24 h, to: acute, cause: no step-up bed}",
            "{step_up: {after: 24 h, to: acute}, step_down: 10 d}",
            "[{when: {from: outside}, after: 0 min}]",
        ),
    ),
    "waiting_room": Form(
        "A map with `from_inside` and `from_outside` (whole numbers or `unlimited`), `when_full`"
        " (`lost`, or `{to: .., cause: ..}`) and `setting` (where people are while they wait,"
        " default `own_home`).",
        "people",
        (
            "{from_outside: 5}",
            "{from_inside: 3, from_outside: 5, when_full: {to: acute, cause: no room}}",
        ),
    ),
    "alongside": Form(
        "A name, or a list of names; each may stand as `{service, when}`.",
        "",
        ("district_nursing", "[district_nursing, {service: telecare, when: {lives_alone: yes}}]"),
    ),
    "sets": Form(
        "A map of attributes with the value that they get, or `{value, for}`.",
        "",
        ("{assessed: done}", "{frailty: {value: moderate, for: 28 d}}"),
    ),
    "effects": Form(
        "A map of factors by hazard, `crisis`, `death` or `progression`.",
        "factor",
        (
            "{crisis: {value: 1.0, range: [0.7, 1.0], quality: assumption}}",
            "{fall: 0.8, progression: 0.9, quality: by hand}",
        ),
    ),
    "programme_costs": Form(
        "An amount under `per_place_day` (of the caseload), `per_day` (of people on it) or"
        " `per_start`, with its `payer`; or a list of these.",
        "GBP",
        (
            "{per_place_day: 2 GBP, payer: nhs}",
            "[{per_start: 80 GBP, payer: nhs}, {per_day: 3 GBP, payer: council}]",
        ),
    ),
    "changes_state": Form(
        "A map of attributes with `{up: chance}` or `{down: chance}`; the chance is a share `per"
        " day` (of every whole day beyond `after`) or one of the whole stay; `levels` at once.",
        "share",
        (
            "{frailty: {up: 1 % per day, after: 2 d}}",
            "{frailty: {down: 10 %, quality: assumption}, mobility: {down: 25 %, levels: 2}}",
        ),
    ),
    "hazard_factors": Form(
        "A number for all crises, or a map by hazard; `else` stands for the others.",
        "factor",
        ("0.8", "{fall: 0.5, else: 1}"),
    ),
    "visits": Form(
        "`n per day of LENGTH`, or `{per_day, of}`; in steps a map of these with the whole days"
        " that each lasts, the last for the `rest`" + _CASES + ".",
        "visits a day, min",
        (
            "3 per day of 30 min",
            "{per_day: 2.5, of: 45 min}",
            "{4 per day of 30 min: 7 d, 2 per day of 30 min: 14 d, 1 per day of 30 min: rest}",
            "[{when: {age: 85+}, 4 a day of 30 min: 7 d, 2 a day of 30 min: rest}, 1 a day of 1 h]",
        ),
    ),
    "taper": Form(
        "A map of minutes a day with the whole days for which they last, the last for the `rest`;"
        " `visit` is the length of a visit (30 min)" + _CASES + ".",
        "min, d",
        (
            "{120 min: 7 d, 60 min: 14 d, 30 min: rest}",
            "{90 min: 10 d, 45 min: rest, visit: 45 min}",
        ),
    ),
    "costs": Form(
        "An amount under `per_day`, `per_week`, `per_stay`, `per_visit` or `per_place_day`, with"
        " its `payer`; or a list of these.",
        "GBP",
        (
            "{per_day: 263 GBP, payer: nhs}",
            "[{per_stay: 120 GBP, payer: nhs}, {per_visit: 14 GBP, payer: council}]",
        ),
    ),
    "background": Form(
        "A figure, bare or as a record, with the period that it is for under `per` (year, quarter,"
        " month, week, day) and the count that it is added to under `adds_to`.",
        "",
        ("410", "{value: 24600, per: year, adds_to: emergency_admissions, quality: assumption}"),
    ),
    "money": Form("An amount of pounds; or a record.", "GBP", ("1490 GBP", "£263")),
    "parties": Form(
        "A map of parties with the share that each bears.",
        "share",
        ("{council: 0.5, ccg: 0.5}",),
    ),
    "instant": Form(
        "`SERVICE.` and requested, needed, granted, started, ready or left.", "", ("spr.requested",)
    ),
    "instants": Form(
        "An instant, or a list of which the first counts.",
        "",
        ("reablement.started", "[reablement.started, acute.started]"),
    ),
    "story_draws": Form(
        "A map of decisions (`SERVICE.stay`, `SERVICE.route`) with an outcome, or a list of"
        " outcomes for the first, second, ... time.",
        "",
        ("{acute.stay: 6 d, acute.route: [reablement, home]}",),
    ),
}
"""How each kind of field is written."""

EXAMPLES: Final[Mapping[str, str]] = {
    "Arrival.title": "Referrals from wards of other counties",
    "Pool.title": "Community hospital beds",
    "Surge.add": "12",
    "Surge.lead": "1 d",
    "Surge.cost": "{per_place_day: 100 GBP, payer: nhs}",
    "FromStaff.days_per_week": "5",
    "FromStaff.absence": "20 %",
    "FromStaff.contact_share": "0.5",
    "FromStaff.productivity": "1.1",
    "Pool.policy": "{reserved: {step_up: 10}}",
    "Service.title": "Community hospital bed",
    "Service.discharges": "daily 10:00-18:00",
    "Service.decides": "Mon-Fri 09:00-10:00",
    "Service.units": "2",
    "Service.priority": "{by: urgency, rapid: 0, normal: 1}",
    "Service.stream": "{from acute: step_down, else: step_up}",
    "Service.stay": "{lognormal: {mean: 28 d, sd: 18 d}}",
    "Service.next": "{to: {home: 0.7, reablement: 0.3}}",
    "Service.max_wait": "{after: 24 h, to: acute, cause: no step-up bed}",
    "Standard.title": "First visit within three hours",
    "Standard.when": "{urgency: rapid}",
    "Story.title": "Reg, 77, after a short illness",
    "Scenario.area": "Buckinghamshire",
    "Scenario.variant": "as-is",
    "Scenario.title": "Many doors, two reablement services in series",
    "Scenario.notes": "[The document gives no acute beds.]",
    "Scenario.extends": "as-is.yaml",
    "Scenario.audit": "1 h",
    "Clock.length": "1 y",
    "Clock.warm_up": "120 d",
    "Clock.run_out": "91 d",
    "Reference.publisher": "Example Trust",
    "Reference.date": '"2014"',
    "Reference.note": "Read as an excerpt only.",
    "Attribute.note": "The seven sites of the staff table.",
    "Band.women": "0.55",
    "Hazard.rate": "0.05 per y",
    "Hazard.to": "gp",
    "Progression.of": "frailty",
    "Progression.rate": "0.1 per y",
    "Population.size": "93080",
    "Population.turning_65": "5000 per y",
    "Population.growth": "1.5 % per y",
    "Arrival.every": "4 min",
    "Arrival.first": "9 h",
    "Arrival.count": "20",
    "Arrival.at": "spr",
    "Arrival.cause": "transfer",
    "Profile.month": "{Dec: 1.3, Jan: 1.3}",
    "Profile.weekday": "{Sat: 0.3, Sun: 0.2}",
    "Profile.hour": "{08:00-20:00: 3, 20:00-08:00: 1}",
    "Pool.per": "locality",
    "Service.per": "locality",
    "Service.description": "Decides who is asked to help.",
    "Service.max_stay": "6 wk",
    "Service.plan_ahead": "14 d",
    "Service.hold_up_to": "12 h",
    "Service.transfer": "2 h",
    "Service.keeps_place": "6 wk",
    "Service.delay_reason": "awaiting care package",
    "Service.organisation": "Bucks Care",
    "Service.role": "[assessment, reablement]",
    "Service.luck": "reablement",
    "Retirement.service": "desk",
    "Retirement.to": "team",
    "Programme.title": "Case management of people with several conditions",
    "Programme.description": "A coordinator looks after people at risk.",
    "Programme.who": "{age: 60+, conditions: 3+}",
    "Programme.caseload": "284",
    "Programme.lasts": "1 y",
    "Programme.ends_at": "[care_home]",
    "Programme.per": "locality",
    "Finds.rate": "20 per month",
    "Finds.coordinators": "2",
    "ProgrammeStart.caseload": "120",
    "Standard.within": "3 h",
    "Standard.target": "90 %",
    "Target.measure": "emergency_admissions",
    "Target.of": "pool:community_beds",
    "Target.title": "Rate of emergency admissions",
    "Payment.title": "Payment for performance",
    "Payment.measure": "emergency_admissions",
    "Payment.baseline": "2943",
    "Payment.up_to": "103",
    "Payment.per": "non-elective admission",
    "Standard.by": "response",
    "Target.note": "All ages.",
    "Story.at": "home",
    "Story.crisis": "fall",
    "Story.is": "{age: 82, frailty: moderate}",
    "Story.told": "[She falls on a Monday.]",
    "StartCount.count": "25",
    "StartCount.who": "{frailty: [moderate, severe]}",
    "Denominators.all_ages": "520000",
    "Denominators.adults": "395000",
    "Denominators.over_65": "93080",
}
"""Examples of fields for which that of their form says little."""


@dataclass(frozen=True)
class Entry:
    """A field of a section.

    Attributes
    ----------
    name
        As it is written in a file.
    meaning
        What it says.
    form
        Kind of `FORMS`, or empty.
    reads
        What reads it, or None.
    choices
        Accepted words, where there are only some.
    below
        The section that stands there, or under each name there.
    named
        Whether the section stands under names that the author chooses.
    unit
        Unit of the value, "none" where it has none; empty for sections.
    default
        What holds when nothing is written; "needed" where something must be.
    example
        A value as it stands in a file.
    """

    name: str
    meaning: str
    form: str
    reads: Reads | None
    choices: tuple[str, ...]
    below: type[BaseModel] | None
    named: bool
    unit: str
    default: str
    example: str


def entries(section: type[BaseModel]) -> Iterator[Entry]:
    """Yield the fields of a section in the order of the model."""
    for key, field in section.model_fields.items():
        name = field.alias or key
        reads, below, named = _parts(field)
        choices = _choices(field)
        meaning = field.description or (_first_line(below) if below else "")
        kind = reads.kind if reads is not None else ""
        full = f"{section.__name__}.{name}"
        example = EXAMPLES.get(full) or SECTION_EXAMPLES.get(full)
        yield Entry(
            name,
            meaning,
            kind,
            reads,
            choices,
            below,
            named,
            _unit(full, kind, choices),
            DEFAULTS.get(full, _default(field)),
            example or _example(kind, choices, field),
        )
    under_names = named_in(section)
    if isinstance(under_names, type) and issubclass(under_names, BaseModel):
        meaning = _first_line(under_names)
        yield Entry(
            "NAME",
            meaning,
            "",
            None,
            (),
            under_names,
            named=False,
            unit=NO_UNIT,
            default="-",
            example=SECTION_EXAMPLES[f"{section.__name__}.NAME"],
        )


def _unit(full: str, kind: str, choices: tuple[str, ...]) -> str:
    """Return the unit of a field; empty where nobody has said it."""
    of_form = FORMS[kind].unit if kind in FORMS else ""
    without = NO_UNIT if choices or kind in WITHOUT_UNIT else ""
    return UNITS.get(full) or of_form or without


def sections() -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield every section with the path under which it stands, the whole scenario first."""
    waiting: list[tuple[str, type[BaseModel]]] = [("", Scenario)]
    while waiting:
        path, section = waiting.pop(0)
        yield path, section
        inner = []
        for entry in entries(section):
            if entry.below is not None:
                here = f"{path}.{entry.name}".removeprefix(".") + (".NAME" if entry.named else "")
                inner.append((here, entry.below))
        waiting = inner + waiting


def _parts(field: FieldInfo) -> tuple[Reads | None, type[BaseModel] | None, bool]:
    """Return what reads a field, or the section that stands there, and whether under names."""
    reads = next((item for item in field.metadata if isinstance(item, Reads)), None)
    annotation: object = field.annotation
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        annotation = next(a for a in typing.get_args(annotation) if a is not type(None))
    if typing.get_origin(annotation) is typing.Annotated:
        inside = typing.get_args(annotation)[1:]
        reads = next((item for item in inside if isinstance(item, Reads)), reads)
    named = typing.get_origin(annotation) is dict
    if typing.get_origin(annotation) is list:
        annotation = typing.get_args(annotation)[0]
    if named:
        annotation = typing.get_args(annotation)[1]
        if typing.get_origin(annotation) is typing.Annotated:
            inside = typing.get_args(annotation)[1:]
            reads = next((item for item in inside if isinstance(item, Reads)), reads)
    is_section = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return reads, typing.cast("type[BaseModel]", annotation) if is_section else None, named


def _choices(field: FieldInfo) -> tuple[str, ...]:
    for annotation in (field.annotation, *typing.get_args(field.annotation)):
        if typing.get_origin(annotation) is typing.Literal:
            return tuple(map(str, typing.get_args(annotation)))
    return ("true", "false") if field.annotation is bool else ()


def _first_line(section: type[BaseModel]) -> str:
    return (section.__doc__ or "").strip().split("\n")[0]


_SOURCE = "strategy, Appendix 1.4"


def _example(kind: str, choices: tuple[str, ...], field: FieldInfo) -> str:
    if kind:
        return FORMS[kind].examples[0]
    if choices:
        # What is not the default says more.
        return next((c for c in choices if c != str(field.default).lower()), choices[0])
    return ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    if isinstance(value, Number):
        return value.text
    if isinstance(value, Policy):
        return value.kind
    if isinstance(value, tuple) and value and isinstance(value[0], Case):
        return str(value[0].value.text)
    if isinstance(value, (bool, str)):
        return str(value).lower()
    return "-"


# --- pages --------------------------------------------------------------------------------------

_ABOUT_LANGUAGE = (
    "Every section and field, written from the program itself"
    " (`python -m carepath_sim.report.reference`). How they work together:"
    " [the language, question by question](guide.md). For editors there is a JSON Schema:"
    " `carepath schema`."
)
_HOW_TO_READ = (
    "*Form* says how a value is written; the forms stand at the [end](#forms). `NAME` in a path is"
    " a name that you choose. A default of `-` means: nothing."
)
_ABOUT_MEASURES = (
    "Every figure of a run with its definition, written from the program itself"
    " (`python -m carepath_sim.report.reference`). All of them are pure functions of the spells."
    " Events count in the window [0, T); time is clipped to it; waits and stays belong to those"
    " needed or started in it and are followed through the run-out:"
    " [what a run counts](language/guide.md#what-a-run-counts)."
)
_STRATA = (
    "Strata are named `all`, `pool:beds`, `service:acute`, `service:acute | reason:discharge"
    " hours`. *Version* names the national definition that is followed, where there is one."
)


def language() -> str:
    """Return the reference of the scenario language as Markdown."""
    lines = [
        "# Reference of the scenario language",
        "",
        _ABOUT_LANGUAGE,
        "",
        _HOW_TO_READ,
        "",
    ]
    for path, section in sections():
        lines += _section(path, section)
    lines += ["## Forms", ""]
    for kind, form in FORMS.items():
        unit = f" Unit: {form.unit}." if form.unit else ""
        lines += [f"### {kind}", "", f"{form.words}{unit}", ""]
        lines += ["```text", *form.examples, "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _section(path: str, section: type[BaseModel]) -> list[str]:
    title = f"`{path}`" if path else "The file"
    lines = [f"## {title}", "", (section.__doc__ or "").strip(), ""]
    lines += ["| field | meaning | form | unit | default | example |", "|---|---|---|---|---|---|"]
    for entry in entries(section):
        cells = (
            f"`{entry.name}`",
            entry.meaning,
            _form_cell(path, entry),
            entry.unit,
            entry.default,
            f"`{entry.example}`" if entry.example else "",
        )
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return [*lines, ""]


def _form_cell(path: str, entry: Entry) -> str:
    if entry.form:
        return f"[{entry.form}](#{entry.form})"
    if entry.choices:
        return ", ".join(f"`{choice}`" for choice in entry.choices)
    if entry.below is None:
        return "any"
    where = f"{path}.{entry.name}".removeprefix(".") + (".NAME" if entry.named else "")
    anchor = where.lower().replace(".", "")
    return f"[{'sections' if entry.named else 'section'}](#{anchor})"


def measures() -> str:
    """Return the list of measures as Markdown."""
    from carepath_sim.measures import all_measures

    lines = [
        "# Measures",
        "",
        _ABOUT_MEASURES,
        "",
        _STRATA,
        "",
        "| measure | definition | unit | divided by | version |",
        "|---|---|---|---|---|",
    ]
    for found in all_measures().values():
        cells = (f"`{found.name}`", found.definition, found.unit, found.denominator, found.version)
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def write(folder: Path = DOCS) -> tuple[Path, ...]:
    """Write both pages into a folder of documentation; return where they are."""
    pages = {folder / "language" / "reference.md": language(), folder / "measures.md": measures()}
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
    return tuple(pages)


if __name__ == "__main__":
    write()
