"""A film of a replication, as one page that needs nothing from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from carepath_sim.report.animation import COLOURS, COLUMN, STEP, WIDTH, animation, check
from carepath_sim.report.page import rendered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from carepath_sim.scenario.model import Scenario


@dataclass(frozen=True)
class Film:
    """People flowing through the services of one replication.

    Attributes
    ----------
    title, words, source
        Heading, how the film is to be read, and where it comes from.
    figure
        The film as a Plotly figure, as vidigi made it.
    """

    title: str
    words: str
    source: str
    figure: Figure

    def __repr__(self) -> str:
        """Say what the film shows."""
        return f"{self.title}\n{self.source}"

    def _repr_html_(self) -> str:
        return str(self.figure.to_html(full_html=False, auto_play=False))

    def html(self) -> str:
        """Return the page: the film, its player, the key and the words, and no reference."""
        from markupsafe import Markup
        from plotly.io.json import to_json_plotly
        from plotly.offline import get_plotlyjs

        film = to_json_plotly(self.figure.to_plotly_json())
        return rendered(
            "animation.html",
            title=self.title,
            words=self.words,
            source=self.source,
            alternative=f"{self.title}. {self.words}",
            colours=COLOURS,
            width=WIDTH,
            column=COLUMN,
            step=STEP,
            player=Markup(get_plotlyjs()),  # noqa: S704 - a library, and numbers with its escapes
            film=Markup(film),  # noqa: S704
        )

    def save(self, file: str | Path) -> None:
        """Write the page into a file, whole or not at all."""
        from carepath_sim.experiment.writing import whole

        with whole(Path(file)) as part:
            part.write_text(self.html(), encoding="utf-8", newline="\n")


def animate(
    scenario: Scenario,
    *,
    seed: int = 1,
    replication: int = 0,
    first_day: int = 0,
    days: int = 14,
    every: int = 6,
    services: Sequence[str] = (),
    most: int = 144,
    engine: str = "compiled",
) -> Film:
    """Simulate one replication and make a film of it.

    Parameters
    ----------
    scenario
        What is simulated.
    seed, replication, engine
        Which luck, and what simulates; the film of a run has the seed of the run.
    first_day, days
        Where the film begins [days since the warm-up ended] and how long it is [days].
    every
        Time from picture to picture [h].
    services
        Which services are shown; without, all to which somebody comes.
    most
        How many people are drawn in one service and before it; the others are a number.

    Raises
    ------
    CarepathError
        These days lie outside the run, nobody is there in them, a service is unknown, or vidigi
        is not installed.

    Examples
    --------
    >>> film = animate(load("buckinghamshire/to-be"), days=7)  # doctest: +SKIP
    >>> film.save("film.html")  # doctest: +SKIP
    """
    from carepath_sim.engine import prepare, simulate
    from carepath_sim.plan import compile_plan

    plan = compile_plan(scenario)
    check(plan, services, first_day=first_day, days=days, every=every)
    prepare(engine)
    record = simulate(plan, seed=seed, replication=replication, engine=engine)
    figure = animation(
        scenario,
        plan,
        record,
        first_day=first_day,
        days=days,
        every=every,
        services=services,
        most=most,
    )
    return Film(
        title=f"{scenario.title or scenario.name}: {days} days of people",
        words=(
            "Every dot is one person of a model; where they stand is the service they are in, and"
            f" who waits for it stands below. A picture shows one instant, every {every} hours;"
            f" beyond {most} people in one place the others are a number. Press Play, or"
            " move the slider. One film is one run of luck: it shows how the model works, and no"
            " figure should be taken from it."
        ),
        source=(
            f"carepath-sim: {scenario.name}, seed {seed}, replication {replication}, from day"
            f" {first_day} after the warm-up. Synthetic people."
        ),
        figure=figure,
    )
