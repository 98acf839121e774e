"""What must never leave a file of local data: who it is about.

Names of places have to be shown, so that somebody can say which service they mean. Anything that
is shown passes through here first.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from carepath_sim.calibrate.local_columns import is_identifier, plain_heading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carepath_sim.calibrate.local_tables import LocalTable

WITHHELD: Final = "(withheld: it may say who somebody is)"

_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)
# However it is written: 943 476 5919, 943.476.5919, 943/476/5919, 943 - 476 - 5919.
_LONG_NUMBER = re.compile(r"\d(?:[\W_]{0,3}\d){5,}")
_DATE = re.compile(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")
_MAIL = re.compile(r"\S@\S")
_LONGEST: Final = 60
_TITLE = re.compile(r"\b(?:mr|mrs|ms|miss|dr|prof|sir|dame|rev)\b\.?", re.IGNORECASE)
# Two or three words with capitals, or a surname, a comma and a forename.
_LIKE_A_NAME = re.compile(r"[A-Z][^\W\d_'’-]*(?:['’-][^\W\d_]+)?(?:,? [A-Z][^\W\d_'’-]*){1,2}")  # noqa: RUF001
_OF_PLACES = re.compile(
    r"\b(?:ward|unit|team|home|house|hospital|care|court|lodge|centre|center|service|beds?|hub|at"
    r"|pathway|clinic|nursing|residential|reablement|rehab\w*|community|acute|intermediate|in|the"
    r"|hospice|suite|wing|bay|floor|room|discharge|assessment|virtual|short|long|stay|term|social"
    r"|stroke|frailty|elderly|medical|surgical|package|equipment|north|south|east|west|not|no|for"
    r"|of|to|and|own|step|up|down|waiting|awaiting|therap\w+|placement|transport|family|funding)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Secrets:
    """What the columns of a file that are not taken say, kept to compare with and never shown.

    Attributes
    ----------
    cells
        Whole cells of columns that are not taken, in small letters.
    words
        Words of names.
    seldom
        Cells of columns that are taken that stand there once: places mostly stand there often.
    """

    cells: frozenset[str]
    words: frozenset[str]
    seldom: frozenset[str] = frozenset()

    @classmethod
    def of(cls, table: LocalTable, taken: Iterable[str]) -> Secrets:
        """Return the secrets of a table.

        Parameters
        ----------
        taken
            Headings whose cells may be shown; a column that says who somebody is never may.
        """
        shown = set(taken)
        cells: set[str] = set()
        words: set[str] = set()
        for heading in table.columns:
            if heading in shown:
                continue
            column = {_plain(cell) for cell in table.column(heading)}
            if is_identifier(heading):
                cells |= column
                if "name" in plain_heading(heading) or "surname" in plain_heading(heading):
                    words |= {word for cell in column for word in re.findall(r"[^\W\d_]{3,}", cell)}
        counts = Counter(cell for heading in shown for cell in table.column(heading))
        seldom = frozenset(_plain(cell) for cell, count in counts.items() if count == 1)
        return cls(frozenset(cells - {""}), frozenset(words), seldom)

    def may_be_a_place(self, text: str) -> bool:
        """Tell whether a cell can be shown where a place should stand.

        What has the form of a name of a person, stands there once, and has no word that places
        have, is not shown.
        """
        if not self.may_show(text) or _TITLE.search(text):
            return False
        like_a_name = _LIKE_A_NAME.fullmatch(text) and not _OF_PLACES.search(text)
        return not (like_a_name and _plain(text) in self.seldom)

    def safe(self, text: str) -> str:
        """Return the name of a place in quotes, or that it is withheld."""
        return f"'{text}'" if self.may_show(text) else WITHHELD

    def may_show(self, text: str) -> bool:
        """Tell whether a cell can be shown: neither a number of a person, nor a word of a name."""
        plain = _plain(text)
        if len(plain) > _LONGEST or plain in self.cells:
            return False
        if any(one.search(text) for one in (_POSTCODE, _LONG_NUMBER, _DATE, _MAIL)):
            return False
        return not self.words.intersection(re.findall(r"[^\W\d_]{3,}", plain))


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def is_nhs_number(text: str) -> bool:
    """Tell whether ten digits are an NHS number: the last one is a check digit (modulus 11).

    NHS Data Dictionary, "NHS number": weights 10 to 2, 11 less the remainder, 11 counts as 0.

    >>> is_nhs_number("943 476 5919"), is_nhs_number("9434765918")
    (True, False)
    """
    digits = re.sub(r"[\W_]", "", text)
    if not re.fullmatch(r"[0-9]{10}", digits):
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)
    )
    check = (11 - total % 11) % 11
    return check == int(digits[9])
