"""Visits during a stay: how many a day and how long, the same throughout or in steps that fall."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from carepath_sim.scenario.grammar_cases import cases
from carepath_sim.scenario.grammar_numbers import SUMS, amount, duration, minutes
from carepath_sim.scenario.grammar_quantity import BESIDE, bare_names, inherit, provenance
from carepath_sim.scenario.reading import Flaws, known_keys, mapping, shown, wrong
from carepath_sim.scenario.values import Number, Provenance, Visits, VisitStep
from carepath_sim.units import DAY, NUMBER

REST: Final = "rest"
"""Stands for the time of the last step."""
VISIT: Final = "30 min"
"""Length of a visit in a taper that does not state one."""

_VISITS = re.compile(rf"({NUMBER})\s*(?:visits?\s+)?(?:per|a)\s+(?:day|d)\s+of\s+(.+)")
_TAPER = "minutes a day with the time they last, `{120 min: 7 d, 60 min: 14 d, 30 min: rest}`,"


def _visits(raw: object) -> Visits:
    if isinstance(raw, Mapping) and "value" in raw:
        flaws = Flaws()
        known_keys(raw, ("value", *BESIDE), flaws)
        given = provenance(raw, flaws)
        found = flaws.read(_visits, raw["value"], "value")
        flaws.close()
        return _sourced(found, given)
    if isinstance(raw, Mapping) and any(_VISITS.fullmatch(str(key).strip()) for key in raw):
        return _stepwise(raw)
    if isinstance(raw, Mapping):
        flaws = Flaws()
        known_keys(raw, ("per_day", "of", *BESIDE), flaws)
        given = provenance(raw, flaws)
        for key in ("per_day", "of"):
            if key not in raw:
                flaws.note(f"`{key}` is missing")
        per_day = flaws.read(amount, raw.get("per_day", 0), "per_day")
        length = flaws.read(minutes, raw.get("of", "1 min"), "of")
        flaws.close()
        return Visits(inherit(per_day, given), inherit(length, given))
    return Visits(*_plain(raw))


def _plain(raw: object) -> tuple[Number, Number]:
    written = _VISITS.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if written is None:
        raise wrong(f"visits such as `3 per day of 30 min` are needed, found {shown(raw)}")
    return amount(written[1]), minutes(written[2])


def _stepwise(raw: Mapping[str, object]) -> Visits:
    """Return visits that fall step by step: `{4 per day of 30 min: 7 d, ...: rest}`."""
    flaws = Flaws()
    given = provenance(raw, flaws)
    levels = [(key, flaws.read(_plain, key, key)) for key in bare_names(raw)]
    lasting = [flaws.read(_lasts, value, key) for key, value in bare_names(raw).items()]
    flaws.close()
    return _sourced(_steps([(key, *level) for key, level in levels], lasting), given)


def _taper(raw: object) -> Visits:
    """Return visits by minutes a day: `{120 min: 7 d, 60 min: 14 d, 30 min: rest}`."""
    table = mapping(raw, _TAPER)
    flaws = Flaws()
    given = provenance(table, flaws)
    visit = flaws.read(minutes, table.get("visit", VISIT), "visit")
    rows = {key: value for key, value in bare_names(table).items() if key != "visit"}
    if not rows:
        flaws.note(f"{_TAPER} is needed, found {shown(raw)}")
    levels = [(key, flaws.read(minutes, key, key)) for key in rows]
    lasting = [flaws.read(_lasts, value, key) for key, value in rows.items()]
    if not flaws.found and visit.value <= 0:
        flaws.note("a visit takes some time", "visit")
    flaws.close()
    often = [n.value / visit.value for _, n in levels]
    steps = [(key, Number(n, f"{n:g}"), visit) for (key, _), n in zip(levels, often, strict=True)]
    return _sourced(_steps(steps, lasting), given)


def _lasts(raw: object) -> Number | None:
    """Return for how long a step lasts in whole days, None for the rest of the stay."""
    if raw == REST:
        return None
    length = duration(raw)
    if length.value < DAY or length.value % DAY:
        raise wrong(f"whole days such as `7 d`, or `{REST}`, are needed, found {shown(raw)}")
    return length


def _steps(levels: list[tuple[str, Number, Number]], lasting: list[Number | None]) -> Visits:
    """Return levels one after the other; refuse those that rise, and a last one that ends."""
    for k, length in enumerate(lasting[:-1]):
        if length is None:
            raise wrong(f"only the last step lasts for the `{REST}` of the stay", levels[k][0])
    if lasting[-1] is not None:
        message = f"the last step lasts for the `{REST}` of the stay, found {lasting[-1].text}"
        raise wrong(message, levels[-1][0])
    for (_, often, long), (key, later, shorter) in pairwise(levels):
        before, after = often.value * long.value, later.value * shorter.value
        if after > before + SUMS:
            message = f"steps only fall: {after:g} minutes a day stand after {before:g}"
            raise wrong(message, key)
    since, then = 0.0, []
    for (_, often, long), length in zip(levels[1:], lasting, strict=False):
        since += length.value if length is not None else 0.0
        then.append(VisitStep(Number(since, f"{since / DAY:g} d"), often, long))
    return Visits(levels[0][1], levels[0][2], tuple(then))


def _sourced(visits: Visits, given: Provenance) -> Visits:
    return Visits(
        inherit(visits.per_day, given),
        inherit(visits.minutes, given),
        tuple(
            VisitStep(step.after, inherit(step.per_day, given), inherit(step.minutes, given))
            for step in visits.then
        ),
    )


visit_cases = cases(_visits)
taper_cases = cases(_taper)
