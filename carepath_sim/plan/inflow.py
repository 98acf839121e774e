"""Who joins the population over time: growth, tables by year, and a projection that is followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from carepath_sim.plan.calendar import instant
from carepath_sim.plan.rates import YEAR_DAYS, Segments, constant, grown
from carepath_sim.plan.tables import DAY
from carepath_sim.scenario.values import Number
from carepath_sim.scenario.years import at_end_of_june

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from carepath_sim.scenario.checks_words import Finding
    from carepath_sim.scenario.grammar_years import ByYear
    from carepath_sim.scenario.model import Population, Scenario

Piece = tuple[int, float, float]


@dataclass(frozen=True)
class Deaths:
    """How many people are expected to die, in a population as it is at first.

    Attributes
    ----------
    hazards
        By hazards to `died`, per person [per day].
    routes
        By routes to `died` of services, per person [per day].
    """

    hazards: float
    routes: float

    @property
    def rate(self) -> float:
        """Deaths per person [per day]."""
        return self.hazards + self.routes


def joins(population: Population | None) -> bool:
    """Return whether anybody ever joins a population."""
    return population is not None and (
        population.turning_65 is not None or population.projection is not None
    )


def inflow(scenario: Scenario, begin: int, end: int) -> tuple[float, Segments]:
    """Return the people who join a day: a rate, and segments where it changes.

    Parameters
    ----------
    begin, end
        First and last instant of the run [ms].
    """
    population, start = scenario.population, scenario.clock.start
    if population is None:
        return 0.0, Segments()
    if population.projection is not None:
        pieces, _ = followed(population.projection, expected_deaths(scenario).rate, start)
        return 0.0, _within(pieces, begin, end)
    joining = population.turning_65
    if joining is None:
        return 0.0, Segments()
    if not isinstance(joining, Number):
        return 0.0, _within(_years(joining, start, begin, end), begin, end)
    if population.growth is not None and population.growth.value:
        return joining.value, grown(constant(joining.value), population.growth.value, begin, end)
    return joining.value, Segments()


def _years(rows: ByYear, start: date, begin: int, end: int) -> list[Piece]:
    """Return the rate of every calendar year of a run [per day], each with its own length."""
    found = []
    first = start.toordinal() + begin // DAY
    last = start.toordinal() + end // DAY
    for year in range(date.fromordinal(first).year, date.fromordinal(last).year + 1):
        people = rows[0][1].value
        for since, number in rows:
            if since <= year:
                people = number.value
        days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        found.append((instant(start, date(year, 1, 1)), people / days, people / days))
    return found


def followed(rows: ByYear, deaths: float, start: date) -> tuple[list[Piece], list[int]]:
    """Return the rate at which people join so that their number follows a projection.

    It is the slope of the projection and the deaths at the projected number, never below 0; before
    the first year and after the last the number stays as it is.

    Parameters
    ----------
    deaths
        Deaths per person [per day].
    start
        The day of instant 0.

    Returns
    -------
    tuple
        Instants [ms] with the rate [per day] from then on and the one reached at the next; and the
        years from which on the projection falls faster than people die.
    """
    knots = [(instant(start, at_end_of_june(year)), n.value) for year, n in rows]
    always = instant(start, date.min)
    found = [(always, deaths * knots[0][1], deaths * knots[0][1])]
    clipped = []
    for (year, _), ((t, here), (then, there)) in zip(rows, pairwise(knots), strict=False):
        slope = (there - here) / ((then - t) / DAY)
        first, last = slope + deaths * here, slope + deaths * there
        if first < 0 or last < 0:
            clipped.append(year)
        if first > 0 > last:
            # A falling number has fewer deaths: from here on nobody joins.
            zero = t + round((then - t) * (first / (first - last)))
            found.append((t, first, 0.0))
            found.append((zero, 0.0, 0.0))
        elif first < 0 < last:
            zero = t + round((then - t) * (first / (first - last)))
            found.append((t, 0.0, 0.0))
            found.append((zero, 0.0, last))
        else:
            found.append((t, max(first, 0.0), max(last, 0.0)))
    found.append((knots[-1][0], deaths * knots[-1][1], deaths * knots[-1][1]))
    return found, clipped


def _within(pieces: Sequence[Piece], begin: int, end: int) -> Segments:
    """Return the pieces that touch a run as segments, each with its own ends."""
    kept = [
        k
        for k, (t, _, _) in enumerate(pieces)
        if t < end and (k + 1 == len(pieces) or pieces[k + 1][0] > begin)
    ]
    chosen = [pieces[k] for k in kept]
    if kept[-1] + 1 < len(pieces):
        # The last one needs an end to run towards.
        t, _, last = pieces[kept[-1] + 1][0], 0.0, chosen[-1][2]
        chosen.append((t, last, last))
    return Segments(*zip(*chosen, strict=True))


def expected_deaths(scenario: Scenario) -> Deaths:
    """Return the deaths per person and day, averaged over people as they are at first.

    By the traffic equations, with their approximations: shares of attributes as at the start, rates
    without their seasons, everybody at home, no queues. Those who came from outside do not count.
    """
    from carepath_sim.plan.traffic_flow import Network
    from carepath_sim.plan.traffic_people import Source, factors_of

    population = scenario.population
    if population is None:
        return Deaths(0.0, 0.0)
    network = Network(scenario.model_copy(update={"arrivals": {}}))
    by_hazards = 0.0
    for hazard in population.hazards.values():
        if hazard.to == "died":
            people = Source("", "", 1.0, factors=factors_of(hazard))
            by_hazards += hazard.rate.value * float(network.crowd.people(people).sum())
    return Deaths(by_hazards, network.deaths() / population.size.value)


def warnings(scenario: Scenario) -> Iterator[Finding]:
    """Yield years in which a projection falls faster than people die."""
    population = scenario.population
    if population is None or population.projection is None:
        return
    deaths = expected_deaths(scenario).rate
    rows = dict(population.projection)
    _, clipped = followed(population.projection, deaths, scenario.clock.start)
    years = list(rows)
    for year in clipped:
        then = years[years.index(year) + 1]
        fall = (rows[year].value - rows[then].value) / (then - year)
        dying = deaths * YEAR_DAYS * rows[then].value
        message = (
            f"from {year} to {then} it falls by {fall:,.0f} a year, and no more than about"
            f" {dying:,.0f} are expected to die in the year before {then}: nobody turns 65 while"
            " this holds, and the number stays above the projection"
        )
        yield ("population", "projection", str(year)), message
