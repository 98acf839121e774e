"""What the reference says of single fields beyond their model: unit, default, an example.

Keys are ``Section.field``, with the field as it is written in a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

WITHOUT_UNIT: Final = frozenset(
    {
        "version", "words", "prose", "names", "lines", "quality", "name", "value_map", "fixed",
        "when", "pool_ref", "priority", "stream", "route", "sets", "instant", "instants",
        "story_draws", "background", "replay", "alongside", "where", "changed_fields",
        "steady", "census",
    }
)  # fmt: skip
"""Forms of words and names; everything else has a unit, of its form or of the field."""

NO_UNIT: Final = "none"
"""Stands where a unit would."""

UNITS: Final[Mapping[str, str]] = {
    "Surge.add": "units of the pool",
    "Arrival.count": "referrals",
    "Denominators.adults": "people",
    "Denominators.all_ages": "people",
    "Denominators.over_65": "people",
    "FromStaff.days_per_week": "d per wk",
    "FromStaff.minutes_per_fte_day": "min",
    "FromStaff.productivity": "factor",
    "Payment.baseline": "events per y",
    "Payment.up_to": "events per y",
    "Finds.coordinators": "people",
    "Population.size": "people",
    "Programme.caseload": "people",
    "ProgrammeStart.caseload": "people",
    "StartCount.count": "people",
    "StartCount.waiting": "people",
    "Target.months": "that of `value`",
    "Target.value": "as it is written: %, GBP, d, per y, or a count",
}
"""Units of fields whose form has none, or says less."""

DEFAULTS: Final[Mapping[str, str]] = {
    "Arrival.cause": "name of the source",
    "Arrival.first": "one interval",
    "Denominators.over_65": "size of the population",
    "Programme.from": "start of the run",
    "Service.delay_reason": "`awaiting` and the title",
    "Target.measure": "name of the target",
    "Target.of": "the figure for all",
    "Target.per": "period of the measure",
}
"""What holds when nothing is written, where the model alone does not say it."""

SECTION_EXAMPLES: Final[Mapping[str, str]] = {
    "Arrival.profile": "{weekday: {Sat: 0.3, Sun: 0.2}}",
    "Pool.from_staff": "{fte: 12, absence: 20 %}",
    "Pool.surge": "{when: 10 waiting for 2 d, add: 12, close: when empty for 5 d}",
    "Population.bands": "{65-74: {share: 1, frailty: {fit: 0.7, mild: 0.3}}}",
    "Population.hazards": "{fall: {rate: 0.05 per y, to: gp}}",
    "Population.progression": "{rate: 0.05 per y}",
    "Scenario.arrivals": "{wards: {rate: 300 per y, at: spr}}",
    "Scenario.attributes": "{locality: {shares: {north: 0.6, south: 0.4}}}",
    "Scenario.changes": "[{from: 2015-07-01, set: {pools.beds.capacity: 40}}]",
    "Change.retire": "{service: desk, to: team}",
    "Scenario.clock": "{start: 2015-04-01, length: 1 y}",
    "Scenario.denominators": "{all_ages: 520000}",
    "Scenario.payments": "{better_care: {baseline: 2943, up_to: 103, unit: 1490 GBP}}",
    "Scenario.pools": "{beds: {unit: beds, capacity: 125}}",
    "Scenario.population": "{size: 93080, bands: {65+: {share: 1, frailty: {fit: 1}}}}",
    "Programme.finds": "{rate: 20 per month}",
    "Programme.start": "{caseload: 120}",
    "Scenario.programmes": "{prevent: {finds: {rate: 20 per month}, caseload: 284}}",
    "Scenario.references": '{strategy: {title: A strategy, date: "2014"}}',
    "Scenario.services": "{ward: {pool: beds, stay: 21 d, next: home}}",
    "Scenario.standards": "{visit: {from: spr.requested, to: reablement.started, within: 3 h}}",
    "Start.NAME": "{count: 25}",
    "Scenario.start": "{ward: {count: 25}}",
    "Scenario.stories": "{reg: {is: {age: 77}, at: home, crisis: fall}}",
    "Scenario.targets": "{emergency_admissions: {value: 1869, per: year}}",
}
"""Examples of sections, short; sections under names that the author chooses with such a name."""
