"""Journeys: how often people change hands in an episode, and by how many they are assessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.engine.spells import NEVER, NOBODY
from carepath_sim.measures.counting import within
from carepath_sim.measures.episodes import episode_rows
from carepath_sim.measures.measure import Cell, Measure, measure
from carepath_sim.measures.periods import WINDOW
from carepath_sim.measures.places import keyed
from carepath_sim.measures.services import services
from carepath_sim.measures.strata import stratum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from carepath_sim.measures.arrays import Bools, Floats, Ints
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
    kinds = view.once(services)
    # Who comes alongside a stay takes nobody over.
    counts = (view.once(organisations) >= 0) & ~kinds.alongside | kinds.assessment
    started = (spells["started"] != NEVER) & (episode >= 0)
    rows = np.flatnonzero(started & counts[spells["service"]])
    # Rows stand in the order of visits, which a stable order keeps where starts are equal.
    keys = keyed(view.plan, episode[rows], spells["started"][rows])
    order = np.argsort(keys, kind="stable")
    return rows[order], episode[rows[order]]


def _per_episode(view: View, owners: Ints) -> Ints:
    """Count what belongs to each episode of the window, from the episodes it belongs to."""
    counts = np.bincount(owners, minlength=len(view.episodes["began"]))
    return counts[view.once(begun)]


def changes_of_hands(view: View) -> Ints:
    """Return the hand-offs of each episode of the window."""
    rows, episode = view.once(received)
    body = view.once(organisations)[view.spells["service"][rows]]
    body, episode = body[body >= 0], episode[body >= 0]
    changes = (body[1:] != body[:-1]) & (episode[1:] == episode[:-1])
    return _per_episode(view, episode[1:][changes])


def _different(view: View, chosen: Bools) -> Ints:
    """Return the different organisations of chosen rows of `received`, by episode."""
    rows, episode = view.once(received)
    body = view.once(organisations)[view.spells["service"][rows]]
    chosen = chosen & (body >= 0)
    # A table of who was met by whom is smaller than the list of meetings, which need no sorting.
    met = np.zeros((len(view.episodes["began"]), int(body.max(initial=0)) + 1), dtype=np.bool_)
    met[episode[chosen], body[chosen]] = True
    different: Ints = np.count_nonzero(met, axis=1)[view.once(begun)]
    return different


def bodies_met(view: View) -> Ints:
    """Return the organisations met in each episode of the window."""
    return _different(view, np.ones(len(view.once(received)[0]), dtype=np.bool_))


def bodies_assessing(view: View) -> Ints:
    """Return the organisations that assess in each episode of the window."""
    return _different(view, _assesses(view))


def times_assessed(view: View) -> Ints:
    """Return the assessments of each episode of the window."""
    _, episode = view.once(received)
    return _per_episode(view, episode[_assesses(view)])


def _assesses(view: View) -> Bools:
    rows, _ = view.once(received)
    found: Bools = view.once(services).assessment[view.spells["service"][rows]]
    return found


def _cells(view: View, values: Floats) -> Iterator[Cell]:
    """Yield the mean of a figure of episodes, of all and by cause."""
    cause = view.episodes["cause"][view.once(begun)]
    yield _mean(stratum(), values)
    for k in np.unique(cause).tolist():
        yield _mean(stratum(cause=view.plan.cause_names[k]), values[cause == k])


def _mean(name: str, values: Floats) -> Cell:
    mean = float(values.mean()) if len(values) else float("nan")
    return Cell(name, WINDOW, mean, float(len(values)))


MANY = 3
"""Number from which people tell that they were passed around."""


def _figures(
    name: str, definition: str, unit: str, of: Callable[[View], Ints]
) -> tuple[Measure, Measure]:
    """Return the mean number of something in an episode, and how many have many."""

    @measure(
        name=name,
        definition=f"{definition} By cause of the episode.",
        unit=f"{unit} per episode",
        denominator=EPISODES,
    )
    def mean(view: View) -> Iterator[Cell]:
        yield from _cells(view, view.once(of).astype(np.float64))

    @measure(
        name=f"{name}_{MANY}_or_more",
        definition=f"Share of episodes with {MANY} {unit} or more ({name}). By cause of the"
        " episode.",
        unit="share",
        denominator=EPISODES,
    )
    def many(view: View) -> Iterator[Cell]:
        yield from _cells(view, (view.once(of) >= MANY).astype(np.float64))

    return mean, many


MEASURES = (
    *_figures(
        "hand_offs",
        "Changes from a service of one organisation to one of another, in the order of starts;"
        " services without a named organisation are passed over.",
        "hand-offs",
        changes_of_hands,
    ),
    *_figures(
        "organisations_met",
        "Different organisations by which a person is served: of started services with a named"
        " organisation.",
        "organisations",
        bodies_met,
    ),
    *_figures(
        "organisations_assessing",
        "Different organisations by which a person is assessed: of started services with role"
        " assessment.",
        "organisations",
        bodies_assessing,
    ),
    *_figures(
        "assessments",
        "Assessments, the times a person tells their story: starts of services with role"
        " assessment.",
        "assessments",
        times_assessed,
    ),
)
