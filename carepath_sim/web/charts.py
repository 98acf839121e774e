"""Pictures of the page, as specifications for the library that Streamlit brings with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from carepath_sim.report.colours import GREY, SERIES
from carepath_sim.report.lines import SCALES, measure_words, unit_words
from carepath_sim.web.differences import changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.web.outcome import Outcome, Series

Spec = dict[str, Any]

# Figures of a curve that are drawn, if they are there.
DRAWN: Final = ("p_wait", "diversions", "delayed_transfer_days", "emergency_admissions", "costs")


def bars(found: Outcome, figures: Sequence[Series]) -> tuple[list[Spec], Spec]:
    """Return bars of means with their intervals, a group a figure and a bar a way."""
    rows = []
    positions = [k for k, one in enumerate(found.series) if one in figures]
    for way, label in enumerate(found.labels):
        all_ = changes(found, way)
        for k in positions:
            one, interval = found.series[k], all_[k].other
            rows.append(_row(_words(one.words), label, one.unit, interval))
    return rows, _by_way(rows, found.labels, _unit(figures[0].unit), "bar")


def differences(found: Outcome, figures: Sequence[Series]) -> tuple[list[Spec], Spec]:
    """Return differences from the first way with their intervals."""
    rows = []
    positions = [k for k, one in enumerate(found.series) if one in figures]
    for way in range(1, len(found.labels)):
        all_ = changes(found, way)
        for k in positions:
            one = found.series[k]
            rows.append(_row(_words(one.words), found.labels[way], one.unit, all_[k].interval))
    unit = f"{_unit(figures[0].unit)}, difference from {found.labels[0]}"
    return rows, _by_way(rows, found.labels[1:], unit, "point", first=1)


def curve(found: Outcome, unit: str, here: int) -> list[tuple[list[Spec], Spec]]:
    """Return figures against capacity, a small picture each, with a line at one capacity."""
    pictures: dict[tuple[str, str], list[Spec]] = {}
    for point in found.points:
        for measure, of, mean, low, high in point.figures:
            if measure in DRAWN and not math.isnan(mean):
                scale = 1e-6 if of == "GBP" else SCALES.get(unit_words(of), 1.0)
                words = "£ million" if of == "GBP" else unit_words(of).replace(" per y", " a year")
                title = measure_words(measure), words
                given = {"mean": mean * scale, "low": low * scale, "high": high * scale}
                pictures.setdefault(title, []).append({"capacity": point.capacity, **given})
    ends = found.points[0].capacity, found.points[-1].capacity
    line = here if ends[0] <= here <= ends[1] else None
    return [(rows, _of_curve(*title, unit, line)) for title, rows in pictures.items()]


def _of_curve(title: str, what: str, unit: str, here: int | None) -> Spec:
    x = {
        "field": "capacity",
        "type": "quantitative",
        "title": unit,
        "scale": {"zero": False, "nice": False},
        "axis": {"tickMinStep": 1, "format": "d"},
    }
    y = {
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False},
        # As wide as the longest, so that the pictures stand in line.
        "axis": {"minExtent": 44, "tickCount": 5},
    }
    tip = [{"field": name} for name in ("capacity", "mean", "low", "high")]
    return {
        "title": {
            "text": title,
            "subtitle": what,
            "subtitleColor": GREY,
            "fontSize": 13,
            "anchor": "start",
        },
        "width": "container",
        "height": 190,
        "layer": [
            *([] if here is None else [_line(here)]),
            {
                "mark": {"type": "area", "opacity": 0.2, "color": SERIES[0]},
                "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "point": True, "color": SERIES[0]},
                "encoding": {"x": x, "y": y | {"field": "mean"}, "tooltip": tip},
            },
        ],
        "config": _config(),
    }


def _unit(unit: str) -> str:
    return "£ thousand" if unit == "GBP" else unit_words(unit)


def _words(words: str) -> str:
    return {"nhs": "NHS"}.get(words, words[:1].upper() + words[1:])


def _row(words: str, way: str, unit: str, interval: Any) -> Spec:
    scale = SCALES.get(unit_words(unit), 1.0)
    ends = {"mean": interval.mean, "low": interval.low, "high": interval.high}
    return {"figure": words, "way": way} | {name: end * scale for name, end in ends.items()}


def _by_way(rows: list[Spec], labels: Sequence[str], unit: str, mark: str, first: int = 0) -> Spec:
    order = list(dict.fromkeys(row["figure"] for row in rows))
    colours = [SERIES[(k + first) % len(SERIES)] for k in range(len(labels))]
    way = {"field": "way", "type": "nominal", "sort": list(labels)}
    apart = {"scale": {"paddingInner": 0.18}}
    y = {
        "field": "figure",
        "type": "nominal",
        "sort": order,
        "title": None,
        "axis": {"labelLimit": 190, "labelFontSize": 13, "ticks": False, "domain": False},
    }
    shared = {"y": y, "yOffset": way | apart}
    middle = {"y": y, "yOffset": way | apart | {"bandPosition": 0.5}}
    # In a line where it fits; labels below one another where they are long.
    columns = len(labels) if sum(map(len, labels)) < 50 else 1
    legend = {
        "orient": "top",
        "columns": columns,
        "title": None,
        "labelLimit": 420,
        "labelFontSize": 13,
    }
    colour = way | {"scale": {"domain": list(labels), "range": colours}, "legend": legend}
    x = {"type": "quantitative", "title": unit}
    tip = [{"field": name} for name in ("way", "figure", "mean", "low", "high")]
    shape: Spec = {"type": "bar"}
    if mark == "point":
        shared = middle
        shape = {"type": "point", "filled": True, "size": 90, "opacity": 1}
    means: Spec = {
        "mark": shape,
        "encoding": shared | {"x": x | {"field": "mean"}, "color": colour, "tooltip": tip},
    }
    spans: Spec = {
        "mark": {"type": "rule", "strokeWidth": 2, "color": GREY},
        "encoding": middle | {"x": x | {"field": "low"}, "x2": {"field": "high"}},
    }
    layers = [means, spans]
    if mark == "point":
        layers = [spans, means]
        layers.insert(0, _line(0))
    return {
        "height": {"step": 16 if len(labels) > 1 else 24},
        "width": "container",
        "layer": layers,
        "config": _config(),
    }


def _line(value: float) -> Spec:
    mark = {"type": "rule", "color": GREY, "strokeDash": [3, 3]}
    return {"mark": mark, "encoding": {"x": {"datum": value}}}


def _config() -> Spec:
    return {
        # That of the page.
        "font": '"Source Sans", sans-serif',
        "axis": {"labelFontSize": 12, "titleFontSize": 12, "gridColor": "#E4E8EA"},
        "view": {"stroke": None},
    }
