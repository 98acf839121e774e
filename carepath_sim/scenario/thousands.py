"""Numbers with a comma between the thousands, which YAML ends at the comma inside braces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_THREE: Final = re.compile(r"\d{3}")
_WITH_COMMAS: Final = re.compile(r"\d{1,3}(,\d{3})+")


def without_comma(fields: Sequence[tuple[str, object]], at: int) -> str:
    """Return what to write where a field is the end of a number such as `1,740`, or "".

    Inside braces `capacity: 1,740` is a capacity of 1 and a field `740`.

    Parameters
    ----------
    fields
        The fields of a map with their values, in the order in which they are written.
    at
        Which of them it is.

    >>> without_comma([("size", 1), ("000", None), ("x", 12), ("000", None), ("345", None)], 3)
    '; write 12000345, without the comma'
    """
    names = [name for name, _ in fields]
    if not _THREE.fullmatch(names[at]):
        return ""
    first = last = at
    while first > 0 and _THREE.fullmatch(names[first]):
        first -= 1
    while last + 1 < len(names) and _THREE.fullmatch(names[last + 1]):
        last += 1
    whole = f"{fields[first][1]}{''.join(names[first + 1 : last + 1])}"
    return f"; write {whole}, without the comma" if whole.isdigit() else ""


def advice(text: object) -> str:
    """Return what to write instead of a text such as `75,000`, or "".

    >>> advice("75,000")
    '; write 75000, without the comma'
    """
    plain = isinstance(text, str) and _WITH_COMMAS.fullmatch(text.strip())
    return f"; write {plain[0].replace(',', '')}, without the comma" if plain else ""
