"""Waiting rooms, and what is received alongside a stay."""

from __future__ import annotations

from collections.abc import Mapping

from carepath_sim.scenario.grammar_conditions import when
from carepath_sim.scenario.grammar_numbers import UNLIMITED, places
from carepath_sim.scenario.grammar_quantity import BESIDE, inherit, provenance
from carepath_sim.scenario.reading import Flaws, known_keys, listed, nearest, shown, text, wrong
from carepath_sim.scenario.values import Beside, Number, WaitingRoom

SETTINGS = ("own_home", "acute_bed", "community_bed", "care_home", "elsewhere")
"""Where people can be."""

_LIMITS = ("from_inside", "from_outside")
_ACCEPTED = "a map such as `{from_inside: 3, from_outside: 5, when_full: lost}`"


def waiting_room(raw: object) -> WaitingRoom:
    """Return where people wait who have left their last place, and how many may be there."""
    if not isinstance(raw, Mapping):
        raise wrong(f"{_ACCEPTED} is needed, found {shown(raw)}")
    flaws = Flaws()
    known_keys(raw, (*_LIMITS, "when_full", "setting", *BESIDE), flaws)
    given = provenance(raw, flaws)
    if not set(_LIMITS) & set(raw) and not flaws.found:
        flaws.note(f"how many may wait there is missing: {_ACCEPTED} is needed")
    inside, outside = Number(0.0, "0"), Number(UNLIMITED, "unlimited")
    if "from_inside" in raw:
        inside = flaws.read(places, raw["from_inside"], "from_inside")
    if "from_outside" in raw:
        outside = flaws.read(places, raw["from_outside"], "from_outside")
    to, cause = None, None
    if "when_full" in raw:
        to, cause = flaws.attempt(_when_full, raw["when_full"], "when_full") or (None, None)
    setting = "own_home"
    if "setting" in raw:
        setting = flaws.read(_setting, raw["setting"], "setting")
    flaws.close()
    return WaitingRoom(inherit(inside, given), inherit(outside, given), to, cause, setting)


def _when_full(raw: object) -> tuple[str | None, str | None]:
    """Return where those go who are turned away, None where they are lost, and the cause."""
    if raw == "lost":
        return None, None
    if not isinstance(raw, Mapping):
        raise wrong(f"`lost` or `{{to: acute, cause: ..}}` is needed, found {shown(raw)}")
    flaws = Flaws()
    known_keys(raw, ("to", "cause"), flaws)
    if not raw:
        flaws.note("`to` is missing: where people turn who are turned away")
    to = flaws.read(text, raw["to"], "to") if "to" in raw else None
    cause = flaws.read(text, raw["cause"], "cause") if "cause" in raw else None
    flaws.close()
    return to, cause


def _setting(raw: object) -> str:
    if isinstance(raw, str) and raw in SETTINGS:
        return raw
    hint = nearest(str(raw), SETTINGS)
    raise wrong(f"{listed(SETTINGS, 'or')} is needed, found {shown(raw)}{hint}")


def alongside(raw: object) -> tuple[Beside, ...]:
    """Return the services received alongside a stay: names, each with a `when` where it has one."""
    entries = raw if isinstance(raw, list) else [raw]
    if not entries:
        raise wrong("at least one service is needed, found an empty list")
    flaws = Flaws()
    many = isinstance(raw, list)
    found = [flaws.read(_beside, one, *((k,) if many else ())) for k, one in enumerate(entries)]
    flaws.close()
    return tuple(found)


def _beside(raw: object) -> Beside:
    if not isinstance(raw, Mapping):
        return Beside(text(raw))
    flaws = Flaws()
    known_keys(raw, ("service", "when"), flaws)
    if "service" not in raw and not flaws.found:
        flaws.note("`service` is missing: the name of a service received in place")
    tests = flaws.read(when, raw["when"], "when") if "when" in raw else ()
    name = flaws.read(text, raw.get("service", "?"), "service")
    flaws.close()
    return Beside(name, tests)
