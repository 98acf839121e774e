"""Which fields of a scenario can change while it runs, and why the others cannot."""

from __future__ import annotations

from typing import Final

from carepath_sim.scenario.reading import Path, listed

CASES: Final = (
    "units",
    "stream",
    "priority",
    "stay",
    "max_stay",
    "next",
    "plan_ahead",
    "max_wait",
    "visits",
)
"""Fields of services that are decided person by person: the case that holds at the instant."""
HOURS: Final = ("admits", "discharges", "decides")
SWITCHES: Final = ("hold_up_to", "keeps_place", "keeps_turn", "route_at")
"""Fields of services that are one for everybody."""

FIELDS: Final = {
    "services": (*CASES, *HOURS, *SWITCHES),
    "pools": ("capacity", "policy"),
    "hazards": ("rate", "times", "to", "planned"),
    "arrivals": ("rate",),
    "attributes": ("shares",),
}
"""Fields that can change, by section."""

_RUN = "it describes the run as a whole"
_READER = "it is for the reader, and changes nothing that happens"
_LATER = "not by date in this version of the language"
REASONS: Final = {
    "carepath": _RUN,
    "clock": _RUN,
    "extends": _RUN,
    "changes": "a change cannot change changes",
    "start": "it says where people are when the run starts",
    "references": _READER,
    "targets": _READER,
    "notes": _READER,
    "background": _READER,
    "stories": _READER,
    "standards": "a standard is what the whole run is held against",
    "denominators": "rates of the whole run are given for them",
    "exits": "names cannot change",
    "size": "people join it by `turning_65` and leave it by death",
    "turning_65": "write people by calendar year: `{2015: 4800, 2016: 4900}`",
    "projection": "it is by calendar year already",
    "bands": "they are drawn once a person, when the run starts",
    "in_place": "people hold a place there or they do not; declare a second service",
    "setting": "people who are there cannot be elsewhere all at once; declare a second service",
    "residence": "people live there already; declare a second service",
    "permanent": "people live there already; declare a second service",
    "per": "the services and pools of a run are made once",
    "pool": "people hold places of it already; declare a second service and retire this one",
    "unit": "a pool counts in one unit",
    "luck": "draws have one name for the whole run",
    "map": "attributes of people are drawn once",
    "of": "attributes of people are drawn once",
    "title": _READER,
    "description": _READER,
    "note": _READER,
}
"""Why a section or a field cannot change."""


def field_of(path: Path) -> Path:
    """Return the field in which a path lies: section, name and field."""
    deep = 4 if path[:2] == ("population", "hazards") else 3
    return path[:deep]


def refusal(path: Path) -> str | None:
    """Return why a field cannot be changed by date, or None where it can."""
    section = str(path[0])
    if section == "population" and len(path) > 1:
        section = str(path[1])
    whole = field_of(path)
    name = str(whole[-1])
    if section in FIELDS and len(whole) == (4 if section == "hazards" else 3):
        if name in FIELDS[section]:
            return None
        reason = REASONS.get(name, _LATER)
        return f"`{name}` cannot change by date: {reason}; accepted are {listed(FIELDS[section])}"
    if section in FIELDS:
        here = ".".join(map(str, path))
        return f"`{here}` cannot be replaced as a whole; name a field of it"
    return f"`{section}` cannot change by date: {REASONS.get(section, _LATER)}"
