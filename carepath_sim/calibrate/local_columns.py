"""Which column of a table says what: as told, or guessed from its heading and said so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from carepath_sim.calibrate.local_tables import LocalDataError
from carepath_sim.scenario.reading import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from carepath_sim.calibrate.local_tables import LocalTable

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "admitted": (
        "admitted", "admission", "admission date", "date of admission", "date admitted",
        "admission datetime", "admission date time", "admit date", "admitted on", "adm date",
        "start date", "start of stay", "stay start", "spell start", "spell start date",
        "hospital admission date", "ward admission date", "date of transfer in",
    ),
    "discharged": (
        "discharged", "discharge", "discharge date", "date of discharge", "date discharged",
        "discharge datetime", "discharge date time", "discharged on", "dis date", "end date",
        "end of stay", "stay end", "spell end", "spell end date", "left", "left on",
    ),
    "ready": (
        "ready", "ready date", "date ready", "ready on", "discharge ready date", "drd",
        "ready for discharge", "ready for discharge date", "medically fit date",
        "medically optimised date", "date medically fit", "date medically optimised", "mfd",
        "mfd date", "mo date", "nctr date", "no criteria to reside date", "crd",
        "clinically ready date", "ready since", "fit date",
    ),
    "days": (
        "days", "los", "los days", "length of stay", "length of stay days", "stay days", "nights",
        "bed days", "stay", "duration days", "days so far", "days here", "days in service",
    ),
    "waited": ("waited", "days waiting", "days waited", "waiting days", "wait days"),
    "date": (
        "date", "datetime", "date time", "arrival", "arrived", "arrival date", "arrival datetime",
        "arrival date time", "date of arrival", "referral date", "date of referral", "referred",
        "referral datetime", "admission date", "admission datetime", "date of admission",
        "admitted", "attendance date", "received", "at",
    ),
    "hour": ("time", "arrival time", "referral time", "admission time", "time of arrival", "hour"),
    "service": (
        "service", "ward", "current ward", "ward name", "location", "current location", "team",
        "unit", "place", "ward code", "bed base", "care home", "setting",
    ),
    "waiting_for": (
        "waiting for", "awaiting", "destination", "discharge destination", "onward service",
        "next service", "pathway", "discharge pathway", "waiting for service",
    ),
    "waiting_since": (
        "waiting since", "referred on", "referral date", "date referred", "date of referral",
        "referred", "wait start", "waiting from",
    ),
    "person": (
        "person", "nhs number", "nhs no", "nhsno", "nhs", "patient id", "patient number",
        "person id", "hospital number", "hospital no", "mrn", "case number", "client id", "id",
        "pas number", "local patient identifier", "identifier", "record number",
    ),
}  # fmt: skip
"""Headings under which something is mostly found, the likeliest first."""

_IDENTIFIERS: Final = re.compile(
    r"\b(nhs|mrn|name|names|forename|surname|initials?|dob|d o b|birth|born|address|street"
    r"|postcode|post code|postal|phone|telephone|tel|mobile|e ?mail|kin|nok|gp|consultant"
    r"|patient|person|hospital (?:no|number)|pas|identifier|id|ni number|national insurance"
    r"|passport|uprn|carer|contact|comments?|notes?|remarks?)\b"
)


@dataclass(frozen=True)
class Chosen:
    """The columns that were taken.

    Attributes
    ----------
    headings
        Heading of each role.
    guessed
        Roles of which the heading was guessed.
    """

    headings: Mapping[str, str]
    guessed: tuple[str, ...]

    def get(self, role: str) -> str | None:
        """Return the heading of a role, or None."""
        return self.headings.get(role)

    def said(self) -> list[str]:
        """Return what was taken, in words."""
        return [
            f"{role.replace('_', ' ')}: column '{heading}'"
            + (" (guessed from its heading)" if role in self.guessed else "")
            for role, heading in self.headings.items()
        ]


def plain_heading(heading: str) -> str:
    """Return a heading in small letters and single spaces.

    >>> plain_heading("Admission_Date/Time (UTC)"), plain_heading("dischargeDate")
    ('admission date time utc', 'discharge date')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", spaced.lower()).split())


def is_identifier(heading: str) -> bool:
    """Tell whether a column may say who somebody is.

    >>> is_identifier("NHS Number"), is_identifier("Date of birth"), is_identifier("Ward")
    (True, True, False)
    """
    plain = plain_heading(heading)
    return plain not in {"ward name", "service name", "unit name"} and bool(
        _IDENTIFIERS.search(plain)
    )


def choose(table: LocalTable, asked: Mapping[str, str | None], guess: Iterable[str] = ()) -> Chosen:
    """Return which columns to take.

    Parameters
    ----------
    asked
        Headings by role, as told; None where nothing is told.
    guess
        Roles whose heading may be guessed.

    Raises
    ------
    LocalDataError
        With every heading that is not there.
    """
    by_plain = {plain_heading(heading): heading for heading in table.columns}
    headings: dict[str, str] = {}
    missing = []
    for role, heading in asked.items():
        if heading is None:
            continue
        found = heading if heading in table.columns else by_plain.get(plain_heading(heading))
        if found is None:
            known = [one for one in table.columns if not is_identifier(one)]
            missing.append(
                f"{table.name}: there is no column '{heading}'{nearest(heading, known)}"
                f" (columns: {', '.join(table.columns)})"
            )
        else:
            headings[role] = found
    if missing:
        raise LocalDataError("\n".join(missing))
    guessed = []
    for role in guess:
        if role in headings:
            continue
        for plain in HEADINGS[role]:
            heading = by_plain.get(plain)
            if heading is not None and heading not in headings.values():
                headings[role] = heading
                guessed.append(role)
                break
    return Chosen(headings, tuple(guessed))
