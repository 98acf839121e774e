"""People flowing through the services: a replication as an animation that plays in a browser.

The film is drawn by vidigi (S. Rosser and others, HSMA), which is made for patient flow; what
happens in it is the event log of `carepath_sim.experiment.events`, and nothing else.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.errors import CarepathError
from carepath_sim.report.film_log import (
    BEFORE,
    BEING_CARED_FOR,
    DELAYED,
    WAITING,
    counts,
    log_of,
    window,
)
from carepath_sim.report.layout import Size, lay_out
from carepath_sim.report.pathway import Node, pathway
from carepath_sim.scenario.reading import nearest
from carepath_sim.units import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pandas as pd
    from plotly.graph_objects import Figure

    from carepath_sim.engine.spells import Record
    from carepath_sim.plan import Plan
    from carepath_sim.scenario.model import Scenario

MOST_FRAMES = 200
"""Pictures of one film; a page with more of them is too heavy for a browser."""

COLOURS = {BEING_CARED_FOR: "#12436D", WAITING: "#F46A25", DELAYED: "#801650"}
"""Said in words too: in the legend, and as numbers in the title of every service."""

# In units of the drawing, which are pixels on a page that is wide enough.
A_ROW, STEP, LINE, TITLE, GAP, ICON = 36, 10, 13, 42, 18, 15
COLUMNS, COLUMN, MARGIN, TOP, CONTROLS = 3, 410, 20, 10, 130
"""A page that is not wide enough for these columns has fewer, which it arranges itself."""
WIDTH = MARGIN + COLUMNS * COLUMN


OVERFLOW = "_overflow"
"""What vidigi calls the numbers of those who are not drawn; it also draws one at the exit."""


@dataclass(frozen=True)
class Block:
    """Where one service is drawn, and how large.

    Attributes
    ----------
    service, title, capacity
        Its name, its title, its capacity in words (empty: none is counted).
    inside, waiting
        Rows of people in it, rows of people who wait for it.
    x, y
        Left edge; height of the title, counted downwards.
    """

    service: str
    title: str
    capacity: str
    inside: int
    waiting: int
    x: int = 0
    y: int = 0

    @property
    def height(self) -> int:
        """Height with its title and the space below."""
        return TITLE + LINE * (self.inside + self.waiting) + GAP


def animation(
    scenario: Scenario,
    plan: Plan,
    record: Record,
    *,
    first_day: int = 0,
    days: int = 14,
    every: int = 6,
    services: Sequence[str] = (),
    most: int = 144,
) -> Figure:
    """Return the film of a replication.

    Parameters
    ----------
    scenario, plan, record
        The replication.
    first_day, days
        Where the film begins [days since the warm-up ended] and how long it is [days].
    every
        Time from picture to picture [h].
    services
        Which services are shown; without, all to which somebody comes.
    most
        How many people are drawn in one service and before it, in whole rows of `A_ROW`; the others
        are a number.

    Raises
    ------
    CarepathError
        These days lie outside the run, nobody is there in them, a service is unknown, or vidigi
        is not installed.
    """
    check(plan, services, first_day=first_day, days=days, every=every)
    most = max(most // A_ROW, 1) * A_ROW
    begin = (DAY * first_day - plan.begin) / HOUR
    wanted = services or _services(scenario, plan)
    log = window(log_of(plan, record, wanted), begin, begin + 24 * days)
    shown = sorted(set(log["service"]) - {""}, key=list(wanted).index)
    if not shown:
        raise CarepathError("nobody comes to these services in these days; show others")
    counted = counts(log, every, days)
    blocks = _blocks(scenario, log, shown, counted.max(), most)
    day = scenario.clock.start + timedelta(days=first_day)
    return _drawn(log, counted, blocks, days=days, every=every, most=most, day=day)


def check(plan: Plan, services: Sequence[str], *, first_day: int, days: int, every: int) -> None:
    """Refuse what cannot be shown, before anything is drawn."""
    known = [service.name for service in plan.services]
    unknown = [name for name in services if name not in known]
    if unknown:
        raise CarepathError(
            "\n".join(f"there is no service '{name}'{nearest(name, known)}" for name in unknown)
        )
    whole = plan.end // DAY
    if days < 1 or every < 1:
        raise CarepathError("A film lasts one day or more, with an hour or more between pictures.")
    if first_day < plan.begin / DAY or first_day + days > whole:
        raise CarepathError(
            f"Days {first_day} to {first_day + days} are asked for; the run has days"
            f" {plan.begin // DAY} to {whole}, counted from the end of the warm-up."
        )
    if days * 24 // every > MOST_FRAMES:
        raise CarepathError(
            f"{days} days with a picture every {every} hours are {days * 24 // every} pictures;"
            f" a page holds {MOST_FRAMES}. Show fewer days, or pictures further apart."
        )


def _services(scenario: Scenario, plan: Plan) -> list[str]:
    """Return the services of a scenario, without where people live."""
    sources = {node.name for node in pathway(scenario).nodes if node.kind == "source"}
    return [service.name for service in plan.services if service.name not in sources]


def _blocks(
    scenario: Scenario, log: pd.DataFrame, shown: Sequence[str], peaks: pd.Series, most: int
) -> list[Block]:
    """Return the services as blocks in columns, those at the front door first."""
    way = pathway(scenario)
    box = Size(1, 1)
    plan = lay_out({node.name: box for node in way.nodes}, [(e.tail, e.head) for e in way.edges])
    boxes = {node.name: node for node in way.nodes}
    order = {name: (point.y, point.x) for name, point in plan.centres.items()}
    numbers = log.groupby("service")["resource_id"].max()
    blocks = []
    for name in sorted(shown, key=lambda name: order.get(name, (0, 0))):
        inside = int(peaks.get((name, BEING_CARED_FOR), 0) + peaks.get((name, DELAYED), 0))
        inside = max(inside, int(numbers.fillna(0)[name]))
        blocks.append(
            Block(
                service=name,
                title=_name(name, boxes),
                capacity=boxes[name].capacity if name in boxes else "",
                inside=_lines(inside, most),
                waiting=_lines(int(peaks.get((name, WAITING), 0)), most),
            )
        )
    return _placed(blocks)


def _name(service: str, boxes: Mapping[str, Node]) -> str:
    """Return the title of a service, with the place where it is split by place."""
    family, _, place = service.rstrip("]").partition("[")
    title = boxes[family].title if family in boxes else family.replace("_", " ")
    title = title[:1].upper() + title[1:]
    return f"{title}: {place.replace('_', ' ').capitalize()}" if place else title


def _lines(people: int, most: int) -> int:
    """Return how many rows these people need."""
    return math.ceil(min(people, most) / A_ROW)


def _placed(blocks: Sequence[Block], columns: int = COLUMNS) -> list[Block]:
    """Put blocks into columns of about the same height, from top to bottom and left to right."""
    total = sum(block.height for block in blocks)
    placed, column, y, done = [], 0, TOP, 0.0
    for block in blocks:
        if (
            column < columns - 1
            and y > TOP
            and done + block.height / 2 > total * (column + 1) / columns
        ):
            column, y = column + 1, TOP
        placed.append(replace(block, x=MARGIN + column * COLUMN, y=y))
        y += block.height
        done += block.height
    return placed


def _drawn(
    log: pd.DataFrame,
    counted: pd.DataFrame,
    blocks: Sequence[Block],
    *,
    days: int,
    every: int,
    most: int,
    day: date,
) -> Figure:
    """Let vidigi draw the film, and add the titles with their numbers."""
    try:
        from vidigi.animation import add_synchronised_trace, animate_activity_log
        from vidigi.utils import EventPosition, create_event_position_df
    except ImportError as error:
        raise CarepathError(
            "The animation needs vidigi; install it with: pip install -e '.[animation]'"
        ) from error
    import plotly.graph_objects as go

    height = max(block.y + block.height for block in blocks)
    # vidigi numbers places in rows of the same length, and stacks rows upwards.
    places = [
        EventPosition(event=event, x=block.x, y=height - y, label=block.title, direction="right")
        for block in blocks
        for event, y in _feet(block)
    ]
    ends = [
        EventPosition(event="arrival", x=0, y=height - TOP, label="", direction="right"),
        EventPosition(event="depart", x=WIDTH, y=0, label="", direction="right"),
    ]
    figure = animate_activity_log(
        event_log=_as_queues(log, most),
        event_position_df=create_event_position_df([*places, *ends]),
        simulation_time_unit="hours",
        every_x_time_units=every,
        limit_duration=24 * days,
        wrap_queues_at=A_ROW,
        wrap_resources_at=A_ROW,
        step_snapshot_max=most,
        gap_between_entities=STEP,
        gap_between_resources=STEP,
        gap_between_queue_rows=LINE,
        gap_between_resource_rows=LINE,
        entity_icon_size=ICON,
        text_size=ICON,
        custom_entity_icon_list=["●"],
        entity_colour_by="state",
        entity_colour_map=dict(COLOURS),
        display_stage_labels=False,
        plotly_height=height + CONTROLS,
        plotly_width=WIDTH,
        override_x_max=WIDTH,
        override_y_max=height,
        start_date=day.isoformat(),
        start_time="00:00:00",
        time_display_units="dhm",
        frame_duration=500,
        frame_transition_duration=300,
        hover_text_entity=None,
    )

    numbers: list[Mapping[tuple[str, str], int]] = counted.to_dict("records")  # type: ignore[assignment]

    def titles(_name: str, k: int) -> go.Scatter:
        return go.Scatter(
            x=[block.x - STEP / 2 for block in blocks],
            y=[height - block.y for block in blocks],
            text=[_title(block, numbers[k]) for block in blocks],
            mode="text",
            textposition="bottom right",
            textfont={"size": 13, "color": "#0B0C0C"},
            hoverinfo="skip",
            showlegend=False,
        )

    add_synchronised_trace(figure, titles)
    for trace in [*figure.data, *(trace for frame in figure.frames for trace in frame.data)]:
        if trace.name == OVERFLOW:
            there = zip(np.atleast_1d(trace.text), np.atleast_1d(trace.x), strict=True)
            trace.text = [_others(str(text)) if x < WIDTH else "" for text, x in there]
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": CONTROLS},
        plot_bgcolor="#FFFFFF",
        paper_bgcolor="#FFFFFF",
        showlegend=False,
        font={"family": "Arial, Helvetica, sans-serif", "color": "#0B0C0C"},
    )
    figure.update_layout(meta=_arrangements(blocks))
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    for slider in figure.layout.sliders:
        slider.currentvalue.font.size = 18
        # The last date is as wide as the others, and stands within the page.
        slider.len = 0.95 - slider.x
    return figure


def _arrangements(blocks: Sequence[Block]) -> dict[str, list[dict[str, object]]]:
    """Return where each service stands with one column, with two, ...: x, y and height of each."""
    found: list[dict[str, object]] = []
    for columns in range(1, COLUMNS + 1):
        placed = _placed(blocks, columns)
        found.append(
            {
                "width": MARGIN + columns * COLUMN,
                "height": max(block.y + block.height for block in placed),
                "blocks": [(block.x, block.y, block.height) for block in placed],
            }
        )
    return {"arrangements": found}


def _others(text: str) -> str:
    """Count who stands in the place of the number too, whom vidigi leaves out of it."""
    return re.sub(r"\+\s*(\d+) more", lambda found: f"+ {int(found[1]) + 1:,} more", text)


def _feet(block: Block) -> list[tuple[str, int]]:
    """Return the lowest row of who is inside and of who waits, counted downwards."""
    inside = block.y + TITLE + LINE * block.inside
    waiting = inside + LINE * block.waiting + (LINE // 3 if block.inside else 0)
    feet = []
    if block.inside:
        feet.append((block.service, inside))
    if block.waiting:
        feet.append((f"{BEFORE}{block.service}", waiting))
    return feet


def _as_queues(log: pd.DataFrame, most: int) -> pd.DataFrame:
    """Draw places that are too many as a crowd; vidigi draws every place of the others."""
    numbers = log.groupby("event")["resource_id"].transform("max")
    kind = log["event_type"].where(~(numbers > most), "queue")
    # With strings of their own kind, vidigi fails where nobody stands in a queue.
    return log.assign(event_type=kind).astype({"event": object, "event_type": object})


def _title(block: Block, here: Mapping[tuple[str, str], int]) -> str:
    """Return the title of a service with its numbers of the moment."""
    ready = here.get((block.service, DELAYED), 0)
    inside = here.get((block.service, BEING_CARED_FOR), 0) + ready
    waiting = here.get((block.service, WAITING), 0)
    words = [f"<b>{block.title}</b><br>{inside:,} here"]
    if block.capacity:
        words[0] += f" ({block.capacity})"
    if ready:
        words.append(f"{ready:,} ready")
    if waiting:
        words.append(f"{waiting:,} waiting")
    return ", ".join(words)
