"""Costs: an amount, for what, and who pays; one or a list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.scenario.grammar_numbers import money
from carepath_sim.scenario.grammar_quantity import BESIDE, inherit, provenance, scaled
from carepath_sim.scenario.reading import Flaws, known_keys, listed, mapping, text
from carepath_sim.scenario.values import Cost

if TYPE_CHECKING:
    from collections.abc import Mapping

OF_STAYS = {
    "per_day": "day",
    "per_week": "day",
    "per_stay": "stay",
    "per_visit": "visit",
    "per_place_day": "place_day",
}
OF_PROGRAMMES = {"per_place_day": "place_day", "per_day": "day", "per_start": "start"}
A_WEEK_IN_DAYS = {"per_week": 1 / 7}


def _cost(raw: object, per: Mapping[str, str], example: str) -> tuple[Cost, ...]:
    given = mapping(raw, f"a cost such as `{example}`")
    flaws = Flaws()
    known_keys(given, (*per, "payer", *BESIDE), flaws)
    beside = provenance(given, flaws)
    named = [key for key in given if key in per]
    if not named and not flaws.found:
        flaws.note(f"{listed(f'`{key}`' for key in per)} is missing")
    if "payer" not in given:
        flaws.note("`payer` is missing: nhs, council, ...")
    payer = flaws.read(text, given.get("payer", "?"), "payer")
    amounts = [(key, flaws.read(money, given[key], key)) for key in named]
    flaws.close()
    return tuple(
        Cost(inherit(scaled(n, A_WEEK_IN_DAYS.get(key, 1)), beside), per[key], payer)
        for key, n in amounts
    )


def _costs(raw: object, per: Mapping[str, str], example: str) -> tuple[Cost, ...]:
    if not isinstance(raw, list):
        return _cost(raw, per, example)
    flaws = Flaws()
    found = [flaws.read(lambda entry: _cost(entry, per, example), e, k) for k, e in enumerate(raw)]
    flaws.close()
    return tuple(cost for part in found for cost in part)


def of_stays(raw: object) -> tuple[Cost, ...]:
    """Return what a stay costs."""
    return _costs(raw, OF_STAYS, "{per_day: 263 GBP, payer: nhs}")


def of_programmes(raw: object) -> tuple[Cost, ...]:
    """Return what a programme costs."""
    return _costs(raw, OF_PROGRAMMES, "{per_place_day: 2 GBP, payer: nhs}")
