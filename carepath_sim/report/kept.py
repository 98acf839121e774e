"""What an answer says, kept in its folder for a report: words, a table, and pictures.

Runs and comparisons are read back from their tables. The answers of other commands rest on a
search or a selection that tables do not hold, so that the command keeps what it has to say.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from carepath_sim.errors import CarepathError
from carepath_sim.experiment.writing import write_json
from carepath_sim.report.exhibits import Exhibit, exhibit
from carepath_sim.report.field_words import path_words
from carepath_sim.report.lever_words import targets_in_words
from carepath_sim.report.told import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from carepath_sim.calibrate.forecast import Forecast
    from carepath_sim.experiment.bed_mix import BedMix
    from carepath_sim.experiment.capacity import CapacityCurve
    from carepath_sim.experiment.goal import Goal
    from carepath_sim.experiment.sensitivity import Sensitivity
    from carepath_sim.experiment.uncertain import Uncertainty
    from carepath_sim.scenario.model import Scenario

KEPT = "answer.json"
"""Name of the file."""
MARK = "kept"
"""Beginning of all ids of a picture that is kept; a page puts its own there."""
MOST = 2
"""Measures of a sensitivity analysis of which there is a picture."""
ELEMENTS = frozenset(
    [
        *("svg", "title", "desc", "defs", "style", "g", "path", "use", "text", "tspan", "clipPath"),
        *("rect", "circle", "ellipse", "line", "polygon", "polyline", "pattern", "marker"),
    ]
)
"""Elements of which pictures consist."""


class KeptAnswerError(CarepathError):
    """What is kept of an answer cannot be read, or is not what carepath-sim writes."""


@dataclass(frozen=True)
class Answer:
    """What an answer says.

    Attributes
    ----------
    question, words
        What was asked, and the answer in sentences.
    headline
        The table of its key figures.
    exhibits
        Pictures with their tables.
    tables
        Tables that follow that of the key figures.
    limits
        What must be known before it is believed; none: what is said of every answer.
    how
        How it was simulated, beyond what the manifest holds: pairs of word and value.
    """

    question: str
    words: tuple[str, ...]
    headline: Grid
    exhibits: tuple[Exhibit, ...]
    tables: tuple[Grid, ...] = ()
    limits: tuple[str, ...] = ()
    how: tuple[tuple[str, str], ...] = ()


def keep_curve(folder: Path, curve: CapacityCurve, scenario: Scenario) -> None:
    """Keep what a capacity curve says."""
    drawn = curve.plot()
    one = exhibit(drawn[0] if isinstance(drawn, list) else drawn, f"{MARK}-a")
    pool, unit = curve.pool.replace("_", " "), curve.unit.replace("_", " ")
    question = f"{scenario.area}: what do more or fewer {unit} of {pool} do?"
    shown = [one]
    if curve.answer is not None:
        shown += [exhibit(curve.answer.plot(), f"{MARK}-b")]
    _keep(folder, Answer(question, _lines(curve.said()), one.grid, tuple(shown)))


def keep_goal(folder: Path, goal: Goal, scenario: Scenario) -> None:
    """Keep what the answer to an inverse question says."""
    target = f"target{'s' * (len(goal.targets) > 1)} “{targets_in_words(goal)}”"
    question = f"{scenario.area}: which {path_words(goal.lever.path)} meets the {target}?"
    shown = tuple(
        exhibit(goal.plot(target=k), f"{MARK}-{k}") for k in range(min(MOST, len(goal.targets)))
    )
    _keep(folder, Answer(question, _lines(goal.said()), shown[0].grid, shown))


def keep_mix(folder: Path, mix: BedMix) -> None:
    """Keep what a comparison of ways to share beds says."""
    from carepath_sim.report.bed_mix_answer import answer

    streams = " and ".join(one.replace("_", " ") for one in mix.bed_base.streams)
    pool = mix.bed_base.pool.replace("_", " ")
    area = mix.results[0].scenario.area
    shown = (
        exhibit(mix.plot.heat_map(), f"{MARK}-a"),
        exhibit(mix.plot.frontier(), f"{MARK}-b"),
    )
    question = f"{area}: how should {streams} share the {pool}?"
    _keep(folder, Answer(question, tuple(answer(mix)), shown[0].grid, shown))


def keep_sensitivity(folder: Path, found: Sensitivity, scenario: Scenario) -> None:
    """Keep what a sensitivity analysis says."""
    from carepath_sim.report.sensitivity import noise_words, sum_words

    shown = tuple(
        exhibit(found.plot.effects(one.words), f"{MARK}-{k}")
        for k, one in enumerate(found.measures[:MOST])
    )
    names = " and ".join(f"“{sum_words(one)}”" for one in found.measures)
    words = [
        f"{one.title}: {'; '.join(row[0] for row in one.grid.rows[:3]) or 'nothing'}."
        for one in shown
    ]
    words += noise_words(found)
    words += [f"Left out: {name}: {why}" for name, why in found.left_out]
    question = f"{scenario.area}: which of the uncertain numbers move {names} most?"
    _keep(folder, Answer(question, tuple(words), shown[0].grid, shown))


def keep_forecast(folder: Path, found: Forecast) -> None:
    """Keep what a forecast says."""
    from carepath_sim.report.forecast_answer import answer

    _keep(folder, answer(found))


def keep_uncertainty(folder: Path, found: Uncertainty) -> None:
    """Keep what draws of uncertain numbers say."""
    from carepath_sim.report import uncertainty_answer as said

    shown = tuple(said.pictures(found, MARK))
    answer = Answer(
        said.question(found),
        tuple(said.sentences(found)),
        said.headline(found),
        shown,
        tuple(said.tables(found)),
        tuple(said.limits(found)),
        tuple(said.how(found)),
    )
    _keep(folder, answer)


def kept(folder: Path, name: str) -> Answer:
    """Return what is kept of an answer.

    Parameters
    ----------
    folder
        Where the command wrote.
    name
        Beginning of all ids in its pictures.

    Raises
    ------
    KeptAnswerError
        When nothing is kept, or it is not what carepath-sim writes.
    """
    path = folder / KEPT
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Answer(
            str(found["question"]),
            tuple(str(one) for one in found["words"]),
            _grid(found["headline"]),
            tuple(_exhibit(one, name) for one in found["exhibits"]),
            tuple(_grid(one) for one in found.get("tables", ())),
            tuple(str(one) for one in found.get("limits", ())),
            tuple((str(word), str(value)) for word, value in found.get("how", ())),
        )
    except FileNotFoundError:
        raise KeptAnswerError(
            f"{folder} has no {KEPT}: an earlier version wrote it, or it is not finished; "
            "ask again with --resume, which simulates nothing twice"
        ) from None
    except (ValueError, KeyError, TypeError, ET.ParseError) as error:
        raise KeptAnswerError(f"{path} is not what carepath-sim writes: {error}") from None


def _lines(words: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in words.splitlines() if line.strip())


def _keep(folder: Path, answer: Answer) -> None:
    write_json(folder / KEPT, asdict(answer))


def _grid(found: Mapping[str, Any]) -> Grid:
    rows = tuple(tuple(str(cell) for cell in row) for row in found["rows"])
    return Grid(str(found["caption"]), tuple(str(one) for one in found["heads"]), rows)


def _exhibit(found: Mapping[str, Any], name: str) -> Exhibit:
    svg = str(found["svg"])
    for problem in _strange(svg):
        raise ValueError(problem)
    # Ids are the picture's own, so that several pictures can stand on one page.
    svg = re.sub(rf'(id="|href="#|url\(#|labelledby="| )(?={MARK}-)', rf"\1{name}-", svg)
    title, text, source = (str(found[one]) for one in ("title", "text", "source"))
    return Exhibit(title, text, source, svg, _grid(found["grid"]))


def _strange(svg: str) -> Iterator[str]:
    """Yield what a picture of ours never holds: a file may have been changed by others."""
    if "<!" in svg or "<?" in svg:
        yield "a picture declares something"
        return
    for element in ET.fromstring(svg).iter():  # noqa: S314 - nothing is declared in it
        if element.tag not in ELEMENTS:
            yield f"a picture holds {element.tag}"
        if element.tag == "style" and re.search(r"@|url|expression|\\", element.text or ""):
            yield "a picture asks for something from elsewhere"
        for name, value in element.attrib.items():
            if name.startswith("on"):
                yield f"a picture has {name}"
            if name.endswith("href") and not value.startswith("#"):
                yield f"a picture leads to {value}"
            if re.search(r"url\((?!#)|javascript:", value):
                yield f"a picture leads to {value}"
