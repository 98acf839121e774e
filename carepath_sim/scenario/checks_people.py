"""People: bands of the population, arrivals, and who is there at the start."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from carepath_sim.scenario.checks_vocabulary import Vocabulary
from carepath_sim.scenario.checks_words import Finding, Path, figure, unknown
from carepath_sim.scenario.grammar_numbers import SUMS, sum_shown
from carepath_sim.scenario.model import Band

FRAILTY = ("fit", "mild", "moderate", "severe")
"""Levels of the electronic Frailty Index."""

BAND = re.compile(r"(\d{1,3})-(\d{1,3})|(\d{1,3})\+")


def years(name: str) -> tuple[int, float] | None:
    """Return the ages of a band as half-open range [years], or None for another name.

    >>> years("65-74"), years("85+"), years("old")
    ((65, 75), (85, inf), None)
    """
    found = BAND.fullmatch(name)
    if found is None:
        return None
    low, high, least = found.groups()
    return (int(least), math.inf) if least else (int(low), int(high) + 1)


def population(names: Vocabulary) -> Iterator[Finding]:
    """Yield bands that overlap, leave gaps, or do not sum to everybody."""
    population = names.scenario.population
    if population is None:
        return
    path: Path = ("population", "bands")
    shares = [band.share.value for band in population.bands.values()]
    if abs(math.fsum(shares) - 1) > SUMS:
        yield path, f"the shares of the bands must sum to 1, found {sum_shown(shares)}"
    yield from _ages(path, list(population.bands))
    for name, band in population.bands.items():
        yield from _frailty((*path, name, "frailty"), band)
    if population.size.value < 1:
        yield ("population", "size"), "a population has at least one person"


def _ages(path: Path, bands: list[str]) -> Iterator[Finding]:
    previous, end = "", None
    for name in bands:
        band = years(name)
        if band is None:
            yield (*path, name), f"an age band is written such as 65-74 or 85+; found '{name}'"
            return
        low, high = band
        if high <= low:
            yield (*path, name), f"the band '{name}' ends before it begins"
        elif low > 99 or (high != math.inf and high > 121):
            yield (*path, name), f"the band '{name}' lies beyond the ages that are known (0 to 120)"
        if end is not None and low < end:
            message = f"overlaps '{previous}'; bands are written from the youngest to the oldest"
            yield (*path, name), message
        elif end is not None and low > end:
            yield (*path, name), f"leaves a gap after '{previous}': nobody is {figure(end)}"
        previous, end = name, high


def _frailty(path: Path, band: Band) -> Iterator[Finding]:
    for sex, shares in band.frailty:
        here = path if sex is None else (*path, sex)
        for level, _ in shares:
            if level not in FRAILTY:
                yield (*here, level), unknown("frailty", level, FRAILTY)


def without_population(names: Vocabulary) -> Iterator[Finding]:
    """Yield settings that have no effect because nobody lives here."""
    if names.scenario.population is not None:
        return
    for name, arrival in names.scenario.arrivals.items():
        if arrival.returns:
            message = "has no effect: without a `population` there are no hazards to live on with"
            yield ("arrivals", name, "returns"), message
    for name, service in names.services.items():
        if any(cause == "*" for cause, _ in service.hazard_factor):
            message = "has no effect: without a `population` there are no hazards"
            yield ("services", name, "hazard_factor"), message


def denominators(names: Vocabulary) -> Iterator[Finding]:
    """Yield denominators that cannot hold each other."""
    given = names.scenario.denominators
    sizes = [
        (field, number.value)
        for field in ("all_ages", "adults", "over_65")
        if (number := getattr(given, field)) is not None
    ]
    for (wide, more), (narrow, fewer) in pairwise(sizes):
        if fewer > more:
            message = f"{figure(fewer)} ({narrow}) are more than {figure(more)} ({wide})"
            yield ("denominators", narrow), message
