"""Journeys: how often people change hands in an episode, and by how many they are assessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, NOBODY
from carepath_sim.measures.counting import within
from carepath_sim.measures.episodes import episode_rows
from carepath_sim.measures.measure import Cell, measure
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.places import keyed
from carepath_sim.measures.services import services
from carepath_sim.measures.strata import stratum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.measures.arrays import Ints
    from carepath_sim.measures.view import View

EPISODES = "episodes begun in the window, followed to the end of the run"


def organisations(view: View) -> Ints:
    """Return a number for the organisation of each service, -1 where none is named."""
    names = [info.organisation for info in view.plan.services]
    known = list(dict.fromkeys(name for name in names if name))
    return np.array([known.index(name) if name else NOBODY for name in names], dtype=np.int64)


def begun(view: View) -> Ints:
    """Return the episodes that began in the window."""
    return np.flatnonzero(within(view, view.episodes["began"]))


def received(view: View) -> tuple[Ints, Ints]:
    """Return rows of spells that count here, and their episodes, in the order of their starts."""
    spells, episode = view.spells, view.once(episode_rows)
    counts = (view.once(organisations) >= 0) | view.once(services).assessment
    started = (spells["started"] != NEVER) & (episode >= 0)
    rows = np.flatnonzero(started & counts[spells["service"]])
    # Rows stand in the order of visits, which a stable order keeps where starts are equal.
    keys = keyed(view.plan, episode[rows], spells["started"][rows])
    order = np.argsort(keys, kind="stable")
    return rows[order], episode[rows[order]]


def _mean(view: View, owners: Ints) -> Cell:
    """Return the mean number of things that belong to an episode of the window."""
    chosen = view.once(begun)
    count = np.isin(owners, chosen).sum()
    value = count / len(chosen) if len(chosen) else float("nan")
    return Cell(stratum(), WINDOW, float(value), float(len(chosen)))


@measure(
    name="hand_offs",
    definition="Changes from a service of one organisation to one of another, in the order of"
    " starts;"
    " services without a named organisation are passed over.",
    unit="hand-offs per episode",
    denominator=EPISODES,
)
def hand_offs(view: View) -> Iterator[Cell]:
    """Average the changes of hands."""
    rows, episode = view.once(received)
    body = view.once(organisations)[view.spells["service"][rows]]
    body, episode = body[body >= 0], episode[body >= 0]
    changes = (body[1:] != body[:-1]) & (episode[1:] == episode[:-1])
    yield _mean(view, episode[1:][changes])


@measure(
    name="organisations_assessing",
    definition="Different organisations by which a person is assessed: of started services with"
    " role"
    " assessment.",
    unit="organisations per episode",
    denominator=EPISODES,
)
def organisations_assessing(view: View) -> Iterator[Cell]:
    """Average the organisations that assess."""
    rows, episode = view.once(received)
    service = view.spells["service"][rows]
    body = view.once(organisations)[service]
    chosen = view.once(services).assessment[service] & (body >= 0)
    pairs = np.unique(np.stack((episode[chosen], body[chosen])), axis=1)
    yield _mean(view, pairs[0])


@measure(
    name="assessments",
    definition="Assessments: starts of services with role assessment.",
    unit="assessments per episode",
    denominator=EPISODES,
)
def assessments(view: View) -> Iterator[Cell]:
    """Average the assessments."""
    rows, episode = view.once(received)
    yield _mean(view, episode[view.once(services).assessment[view.spells["service"][rows]]])


MEASURES = (hand_offs, organisations_assessing, assessments)
