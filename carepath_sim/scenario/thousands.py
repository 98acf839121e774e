"""Numbers with a comma between the thousands, which YAML ends at the comma inside braces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from carepath_sim.scenario.positions import deepest

if TYPE_CHECKING:
    from carepath_sim.scenario.nodes import Node
    from carepath_sim.scenario.reading import Path

_THREE: Final = re.compile(r"\d{3}")
_WITH_COMMAS: Final = re.compile(r"\d{1,3}(,\d{3})+")


def without_comma(path: Path, root: Node) -> str:
    """Return what to write where a field is the end of a number such as `1,740`, or "".

    Inside braces `capacity: 1,740` is a capacity of 1 and a field `740`.
    """
    above, _ = deepest(root, path[:-1])
    name = str(path[-1])
    if not _THREE.fullmatch(name) or not isinstance(above.value, dict):
        return ""
    keys = list(above.value)
    first = last = keys.index(name)
    while first > 0 and _THREE.fullmatch(keys[first]):
        first -= 1
    while last + 1 < len(keys) and _THREE.fullmatch(keys[last + 1]):
        last += 1
    whole = f"{above.value[keys[first]].value}{''.join(keys[first + 1 : last + 1])}"
    return f"; write {whole}, without the comma" if whole.isdigit() else ""


def advice(text: object) -> str:
    """Return what to write instead of a text such as `75,000`, or "".

    >>> advice("75,000")
    '; write 75000, without the comma'
    """
    plain = isinstance(text, str) and _WITH_COMMAS.fullmatch(text.strip())
    return f"; write {plain[0].replace(',', '')}, without the comma" if plain else ""
