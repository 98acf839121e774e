"""Distributions as they were asked for, beside what is drawn from their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich import box

from carepath_sim.report.fitting import Fitted
from carepath_sim.report.words import condition_text, title_of
from carepath_sim.units import LENGTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.plan.quantiles import Moments
    from carepath_sim.scenario.model import Scenario
    from carepath_sim.scenario.values import Distribution

FIGURES = ("mean", "sd", "median", "p90", "p999")
"""What is shown of a distribution."""


class Line(NamedTuple):
    """A distribution of a scenario, as asked for and as drawn.

    Attributes
    ----------
    service, case
        Where it stands: the title of the service, and the condition or "waits".
    text
        As its author wrote it.
    asked, drawn
        Figures of the exact distribution, and of the table that the engines draw from [ms].
    top
        The largest value that is ever drawn [ms].
    """

    service: str
    case: str
    text: str
    asked: Moments
    drawn: Moments
    top: float


def stays(scenario: Scenario) -> Iterator[Line]:
    """Yield every distribution of a stay or a patience that is not a fixed time.

    Parameters
    ----------
    scenario
        A scenario without problems.
    """
    from carepath_sim.plan.build import spec_of
    from carepath_sim.plan.quantiles import tabulate

    for name, service in scenario.services.items():
        title = title_of(name, service)
        written: list[tuple[str, Distribution]] = []
        several = len(service.stay) > 1
        for case in service.stay:
            else_ = "else" if several else ""
            written.append((condition_text(case.when) or else_, case.value))
        written += [("waits", case.value.after) for case in service.max_wait]
        for where, law in written:
            if law.family != "fixed" or law.truncate or law.at_least:
                table = tabulate(spec_of(law))
                yield Line(title, where, law.text, table.asked, table.implied, table.top)


def stays_table(scenario: Scenario) -> Fitted:
    """Return distributions as asked for beside what the tables imply, one under the other.

    Parameters
    ----------
    scenario
        A scenario without problems.
    """
    table = Fitted(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title="Distributions: as asked for, and below as drawn from their tables (within 0.1 %)",
        title_justify="left",
        expand=True,
    )
    table.add_column("Where", ratio=3, overflow="fold")
    table.add_column("Distribution", ratio=4, overflow="fold")
    for name in ("Mean", "SD", "Median", "90 %", "99.9 %", "End"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in stays(scenario):
        unit = _unit(line.asked.mean)
        cells = [
            f"{_in(getattr(line.asked, name), unit)}\n{_in(getattr(line.drawn, name), unit)}"
            for name in FIGURES
        ]
        where = f"{line.service}, {line.case}" if line.case else line.service
        end = f"\n{_in(line.top, unit)} {unit}"
        table.add_row(_safe(where), _safe(line.text), *cells, end)
    return table


def _unit(mean: float) -> str:
    """Return the unit in which a length of time [ms] is told."""
    return next((unit for unit in ("d", "h", "min", "s") if mean >= LENGTHS[unit]), "ms")


def _in(value: float, unit: str) -> str:
    """Return a length of time [ms] in a unit, to four figures.

    >>> _in(1_209_600_000, "d"), _in(100_000_000, "d")
    ('14.00', '1.157')
    """
    number = value / LENGTHS[unit]
    whole = len(f"{number:.0f}")
    return f"{number:,.{max(0, min(4 - whole, 3))}f}"


def _safe(words: str) -> str:
    """Words in which brackets are no markup."""
    return words.replace("[", "\\[")
