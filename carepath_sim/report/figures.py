"""All pictures, by what they show.

Each returns axes that carry their words: `text_alternative` for somebody who cannot see them, and
`data_table` for the numbers. Pictures of a run are also methods of `RunResult.plot`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from carepath_sim.report.arrival_profile import arrival_profile
from carepath_sim.report.bars import delays, standards
from carepath_sim.report.bed_mix_figures import Plots as BedMixPlots
from carepath_sim.report.diagram import pathway_diagram
from carepath_sim.report.flow_diagram import flow_diagram
from carepath_sim.report.forest import forest
from carepath_sim.report.levers import draw_curve, draw_goal
from carepath_sim.report.occupancy import UnknownPoolError, occupancy
from carepath_sim.report.scorecard_figure import scorecard_figure
from carepath_sim.report.sensitivity_figures import Plots as SensitivityPlots
from carepath_sim.report.sweeps import SweepPlots
from carepath_sim.report.timeline import timeline_figure
from carepath_sim.report.told import data_table, text_alternative
from carepath_sim.report.warm_up import figure as warm_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carepath_sim.experiment.results import RunResult

__all__ = [
    "BedMixPlots",
    "Plots",
    "SensitivityPlots",
    "SweepPlots",
    "UnknownPoolError",
    "arrival_profile",
    "data_table",
    "delays",
    "draw_curve",
    "draw_goal",
    "flow_diagram",
    "forest",
    "occupancy",
    "pathway_diagram",
    "scorecard_figure",
    "standards",
    "text_alternative",
    "timeline_figure",
    "warm_up",
]


@dataclass(frozen=True)
class Plots:
    """Pictures of one result.

    Parameters
    ----------
    result
        What `carepath_sim.run` returned.
    """

    result: RunResult

    def occupancy(self, pool: str, ax: Axes | None = None) -> Axes:
        """Draw how full a pool is at each midnight; see `carepath_sim.report.occupancy`."""
        return occupancy(self.result, pool, ax)

    def flows(self, ax: Axes | None = None) -> Axes:
        """Draw the pathway with flows to scale; see `flow_diagram`."""
        return flow_diagram(self.result, ax)

    def arrivals(
        self, ax: Axes | None = None, *, measure: str = "emergency_admissions_per_day"
    ) -> Axes:
        """Draw who comes by month and weekday; see `arrival_profile`."""
        return arrival_profile(self.result, ax, measure=measure)

    def scorecard(self, ax: Axes | None = None) -> Axes:
        """Draw targets and actual figures by month; see `scorecard_figure`."""
        return scorecard_figure(self.result, ax)

    def delays(self, ax: Axes | None = None) -> Axes:
        """Draw delayed transfer days by reason; see `carepath_sim.report.bars.delays`."""
        return delays([self.result], ax)

    def standards(self, ax: Axes | None = None) -> Axes:
        """Draw waits against standards; see `carepath_sim.report.bars.standards`."""
        return standards([self.result], ax)

    def pathway(self) -> Axes:
        """Draw services and the ways between them, as the scenario has them."""
        return pathway_diagram(self.result.scenario)

    def timeline(
        self,
        person: int | None = None,
        ax: Axes | None = None,
        *,
        story: str | None = None,
        replication: int = 0,
    ) -> Axes:
        """Draw one person's way.

        Parameters
        ----------
        person
            Number of a person of a replication; or
        ax
            Where to draw; None: a figure of its own.
        story
            Name of a story of the scenario.
        replication
            Which replication.

        Raises
        ------
        UnknownPersonError
            When there is no such person or story.
        """
        from carepath_sim.experiment.trace import trace

        way = trace(
            self.result.scenario,
            story=story,
            person=person,
            seed=self.result.seed,
            replication=replication,
            engine=self.result.engine,
        )
        return timeline_figure(way, ax)
