"""What fields of a scenario are called where somebody reads: tables, sentences, pictures."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.text import Text

from carepath_sim.report.fitting import Fitted
from carepath_sim.scenario.positions import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SINGULAR: Final = {
    "services": "service",
    "pools": "pool",
    "programmes": "programme",
    "attributes": "attribute",
    "stories": "story",
    "payments": "payment",
    "targets": "target",
    "standards": "standard",
    "changes": "change",
}
FIELDS: Final = {
    "next": "ways on",
    "lasts": "length",
    "admits": "admission hours",
    "discharges": "discharge hours",
    "decides": "decision hours",
    "max stay": "longest stay",
    "max wait": "longest wait",
    "from staff": "staff",
}
"""Fields whose names do not read as what something has."""
OWN: Final = frozenset({"services", "pools", "arrivals", "programmes"})
"""Sections of which a name alone says what is meant."""
_WAY_ON: Final = re.compile(r"next(?: case \d+)? to (?P<to>.+)")
_CASE: Final = re.compile(r" case \d+")


def path_words(path: str) -> str:
    """Return a field in words.

    >>> path_words("services.reablement.stay.gamma.mean"), path_words("pools.acute_beds.capacity")
    ('stay of reablement, gamma mean', 'capacity of acute beds')
    >>> path_words("demand*"), path_words("attributes.needs.shares[1].shares.bed")
    ('demand', 'needs: share of “bed”, case 2')
    >>> path_words("services.acute.next[0].to.home"), path_words("pools.reablement")
    ('share from acute to home, case 1', 'pool reablement')
    >>> path_words("population.hazards.fall.times.frailty.mild")
    'rate of fall, times for frailty mild'
    """
    found = parsed(path.rstrip("*").rstrip(".")) or ()
    # An entry of a list is one of several cases, counted from 1.
    steps: list[str] = []
    for one in found:
        if isinstance(one, int) and steps:
            steps[-1] += f" case {one + 1}"
        else:
            steps.append(str(one).replace("_", " "))
    return _words(steps) if steps else path


def fields_in_words(paths: Iterable[str]) -> dict[str, str]:
    """Return fields in words by path; those that would read alike keep their paths."""
    words = {path: path_words(path) for path in paths}
    often = Counter(words.values())
    return {path: said if often[said] == 1 else path for path, said in words.items()}


def typed(words: Mapping[str, str], option: str) -> str:
    """Return a sentence with fields as an option takes them, or nothing where words say it all.

    >>> typed({"pools.beds.capacity": "capacity of beds", "demand": "demand"}, "--vary")
    'For --vary: pools.beds.capacity (capacity of beds).'
    """
    named = [f"{path} ({said})" for path, said in words.items() if said != path]
    return f"For {option}: {', '.join(named)}." if named else ""


def fields_table(words: Mapping[str, str]) -> Fitted:
    """Return fields in words beside what `--parameters` and `--set` take, for a terminal."""
    table = Fitted(
        box=None, pad_edge=False, title="Fields, as --parameters and --set take them",
        title_justify="left", title_style="dim", style="dim", show_header=False,
    )  # fmt: skip
    table.add_column("Number", overflow="fold")
    table.add_column("Field", overflow="fold")
    for name, said in words.items():
        if said != name:
            table.add_row(Text(said), Text(name))
    return table


def _plain(section: str, rest: Sequence[str]) -> str:
    if len(rest) < 2:
        return " ".join([SINGULAR.get(section, section) if rest else section, *rest])
    name, field, *inner = rest
    if section not in OWN:
        return f"{SINGULAR.get(section, section)} {name}, {' '.join([field, *inner])}"
    case = _CASE.search(field)
    what = _CASE.sub("", field)
    within = [case[0].strip()] if case else []
    within += [" ".join(inner)] if inner else []
    return ", ".join([f"{FIELDS.get(what, what)} of {name}", *within])


def _service(_: str, rest: Sequence[str]) -> str:
    """Return the share of a way on."""
    name, *inner = rest
    way = _WAY_ON.fullmatch(" ".join(inner))
    if way is None:
        return ""
    case = _CASE.search(inner[0])
    return f"share from {name} to {way['to']}" + (f",{case[0]}" if case else "")


def _attribute(_: str, rest: Sequence[str]) -> str:
    """Return the share of a value of an attribute."""
    name, *inner = rest
    if len(inner) < 2 or not inner[0].startswith("shares"):
        return ""
    case = _CASE.search(inner[0])
    value = " ".join(inner[2:] if inner[1] == "shares" else inner[1:])
    return f"{name}: share of “{value}”" + (f",{case[0]}" if case else "") if value else ""


def _population(section: str, rest: Sequence[str]) -> str:
    """Return what belongs to a hazard or to an age band."""
    kind, *inner = rest
    if kind == "hazards" and len(inner) > 1:
        name, field, *more = inner
        if field == "times" and more:
            return f"rate of {name}, times for {' '.join(more)}"
        return f"{' '.join([field, *more])} of {name}"
    if kind == "bands" and len(inner) > 1:
        name, *more = inner
        return f"share of ages {name}" if more == ["share"] else f"{' '.join(more)}, ages {name}"
    return f"{section} {kind}, {' '.join(inner)}" if inner else ""


def _change(section: str, rest: Sequence[str]) -> str:
    """Return a field that is set from a day on."""
    kind, *inner = rest
    if kind != "set" or not inner:
        return ""
    return f"{section.replace('changes case', 'change')}: {_words(inner)}"


def _words(steps: Sequence[str]) -> str:
    section, *rest = steps
    special = _SECTIONS.get(section.partition(" ")[0])
    return (special(section, rest) if special is not None and rest else "") or _plain(section, rest)


_SECTIONS: Final[Mapping[str, Callable[[str, Sequence[str]], str]]] = {
    "services": _service,
    "attributes": _attribute,
    "population": _population,
    "changes": _change,
}
