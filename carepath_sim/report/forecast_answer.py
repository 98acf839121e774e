"""A forecast for a report: question, answer, tables and pictures."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from carepath_sim.calibrate.forecast import WORDS, summary
from carepath_sim.calibrate.forecast_words import date_words
from carepath_sim.measures.midnight import KINDS
from carepath_sim.measures.midnight_pools import POOL_KINDS
from carepath_sim.report.exhibits import exhibit
from carepath_sim.report.forecast_places import chance_words
from carepath_sim.report.forest import NothingToDrawError
from carepath_sim.report.kept import MARK, Answer
from carepath_sim.report.told import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.calibrate.forecast import Forecast
    from carepath_sim.report.exhibits import Exhibit

SHOWN: Final = (0, 1, 2, 3, 5, 7, 10, 14, 28, 56, 90, 180)
MOST_DAYS: Final = 8
DRAWN: Final = ("present", "waiting", "delayed")


def answer(found: Forecast) -> Answer:
    """Return what a forecast says."""
    area = found.scenario.area
    question = f"{area}: how full will places be in {found.days} days, and who waits for what?"
    return Answer(
        question,
        tuple(found.answers()) or ("No pool has a limit, and nobody is ready to leave.",),
        places_grid(found, shown_days(found)),
        tuple(_pictures(found)),
        tuple(_people_grid(found, what) for what in DRAWN),
        tuple(found.warnings),
        (
            ("Futures", str(found.replications)),
            ("Begins", f"{found.first}: what was known then is the start"),
        ),
    )


def shown_days(found: Forecast) -> list[int]:
    """Return the days that a table shows: the first ones, and the last."""
    days = [k for k in SHOWN if k < found.days]
    return [*days[: MOST_DAYS - 1], found.days]


def places_grid(found: Forecast, days: list[int]) -> Grid:
    """Return how many units are taken on some days, and the chance that none is free."""
    rows = []
    for k in found.shown_pools:
        taken, capacity, waiting = (found.pools[:, one, :, k] for one in range(len(POOL_KINDS)))
        of, full = summary(taken), found.full[:, :, k]
        name = found.plan.pools[k].title or found.plan.pools[k].name
        cells = [
            f"{of['mean'][day]:.1f} ({of['low80'][day]:.0f} to {of['high80'][day]:.0f})"
            for day in days
        ]
        rows.append((f"{name}: taken, of {capacity[:, days].mean():.3g}", *cells))
        rows.append((f"{name}: none free", *(chance_words(full, day) for day in days)))
        rows.append((f"{name}: waiting", *(f"{waiting[:, day].mean():.1f}" for day in days)))
    heads = ("As the day begins", *(_head(found, day) for day in days))
    return Grid("Places: means (80 % of futures), and chances.", heads, tuple(rows))


def _people_grid(found: Forecast, what: str) -> Grid:
    """Return how many people there are by service, and by each attribute."""
    days, rows = shown_days(found), []
    for by, strata in found.strata.items():
        counts = found.counts[by][:, KINDS.index(what)]
        for service, group in np.argwhere(counts.any(axis=(0, 1))):
            of = summary(counts[:, days, service, group])
            name = strata.titles[service]
            if by:
                name += f", {by} {strata.groups[group] or 'not known'}"
            cells = zip(of["mean"], of["low80"], of["high80"], strict=True)
            rows.append((name, *(f"{m:.1f} ({low:.0f} to {high:.0f})" for m, low, high in cells)))
    caption = f"People {WORDS[what]} as the day begins: means (80 % of futures)."
    return Grid(caption, ("Service", *(_head(found, day) for day in days)), tuple(rows))


def _head(found: Forecast, day: int) -> str:
    at = found.first + timedelta(days=day)
    return date_words(found, day) if found.days <= max(SHOWN[:7]) else f"{at.day} {at:%b}"


def _pictures(found: Forecast) -> Iterator[Exhibit]:
    with suppress(NothingToDrawError):
        yield exhibit(found.plot_places().axes[0], f"{MARK}-places")
    for by in ("", *found.by):
        for what in DRAWN:
            with suppress(NothingToDrawError):
                yield exhibit(found.plot(by, what=what).axes[0], f"{MARK}-{what}-{len(by)}")
