"""Episodes and people of the rows of spells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NOBODY

if TYPE_CHECKING:
    from carepath_sim.measures.arrays import Bools, Ints
    from carepath_sim.measures.view import View
    from carepath_sim.plan import Plan

OLDER_FROM = 65
"""Age from which people count in rates of older people [years]."""


def episode_rows(view: View) -> Ints:
    """Return the row of `episodes` of each spell, -1 before a person's first episode."""
    table, spells = view.episodes, view.spells
    if not len(table["person"]):
        return np.full(len(spells["person"]), NOBODY, dtype=np.int64)
    size = int(max(table["episode"].max(), spells["episode"].max(initial=0))) + 2
    keys = table["person"] * size + table["episode"]
    order = np.argsort(keys, kind="stable")
    wanted = spells["person"] * size + spells["episode"]
    place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    row = order[place]
    return np.where((spells["episode"] >= 0) & (keys[row] == wanted), row, NOBODY)


def is_emergency(view: View) -> Bools:
    """Tell which spells belong to an episode that began with a crisis or an unplanned arrival."""
    row = view.once(episode_rows)
    if not len(view.episodes["planned"]):
        return np.zeros(len(row), dtype=np.bool_)
    found: Bools = (row >= 0) & (view.episodes["planned"][row] == 0)
    return found


def causes(view: View) -> Ints:
    """Return the cause of the episode of each spell, -1: none."""
    row = view.once(episode_rows)
    if not len(view.episodes["cause"]):
        return row
    return np.where(row >= 0, view.episodes["cause"][row], NOBODY)


def people_rows(view: View, person: Ints) -> Ints:
    """Return the rows of `people` of persons."""
    order = view.once(_order_of_people)
    known = view.people["person"]
    return order[np.searchsorted(known[order], person)]


def is_older(view: View, person: Ints) -> Bools:
    """Tell which persons are 65 or older, or of unknown age (a population of older people)."""
    column = view.people.get("attribute.age")
    if column is None:
        return np.ones(len(person), dtype=np.bool_)
    code = column[people_rows(view, person)]
    years = view.plan.attributes[view.plan.attribute_index["age"]].values
    older = np.array([float(age) >= OLDER_FROM for age in years], dtype=np.bool_)
    return (code < 0) | older[code]


def is_followed(view: View, person: Ints) -> Bools:
    """Tell which persons stay in the model after an exit, so that outcomes can be seen."""
    kept = followed_sources(view.plan)
    stays = np.array([k in kept for k in range(len(view.plan.sources))])
    return stays[view.people["source"][people_rows(view, person)]]


def followed_sources(plan: Plan) -> frozenset[int]:
    """Return the numbers of the sources whose people never leave the model."""
    sources = enumerate(plan.sources)
    return frozenset(k for k, source in sources if k == 0 or source.born or source.lives_on)


def _order_of_people(view: View) -> Ints:
    return np.argsort(view.people["person"], kind="stable")
