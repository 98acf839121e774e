"""The systems with known answers have these answers, by the formulas and by simulation."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from carepath_sim.engine import DEFAULT_ENGINE, NEVER, Outcome, simulate
from carepath_sim.measures import evaluate
from carepath_sim.measures.registry import all_measures
from carepath_sim.plan import compile_plan
from carepath_sim.scenario import load
from carepath_sim.statistics import mean_interval, queueing
from tests.docs.snippets import DOCS, Block, blocks, sections

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "language/queues.md"
REPLICATIONS = 5
BLOCKS = {block.line: block for block in blocks() if block.page == PAGE}
_ROW = re.compile(r"^\| (\w+) \| (\S+:[^|]+?) \| ([\d.]+) \|$", re.MULTILINE)
_PERSON = re.compile(r"^\| (\d) \| (.+) \|$", re.MULTILINE)


def examples() -> dict[str, tuple[Block, str]]:
    """Return the scenario and the text of each section by its heading."""
    by_text = {block.text: block for block in BLOCKS.values()}
    found = {}
    for heading, text in sections(PAGE):
        inside = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
        if inside is not None:
            found[heading] = (by_text[inside[1]], text)
    return found


EXAMPLES = examples()
STATED = {
    heading: {(m, s.replace("&#124;", "|")): float(v) for m, s, v in _ROW.findall(text)}
    for heading, (_, text) in EXAMPLES.items()
}


def trunk_reservation() -> dict[str, float]:
    """Five lines as a birth and death process: class b stops two lines before class a does."""
    weights = [1.0]
    for busy in range(5):
        weights.append(weights[-1] * (12 if busy < 3 else 6) / (4 * (busy + 1)))
    lost = np.array(weights) / sum(weights)
    return {
        "given_up service:line | stream:a": lost[5],
        "given_up service:line | stream:b": lost[3:].sum(),
    }


def multirate() -> dict[str, float]:
    """The product form of four lines with loads of 1 (one line each) and 0.5 (two lines each)."""
    weights = np.zeros(5)
    for small in range(5):
        for large in range((4 - small) // 2 + 1):
            share = 0.5**large / math.factorial(large) / math.factorial(small)
            weights[small + 2 * large] += share
    busy = weights / weights.sum()
    return {
        "given_up service:line | stream:small": busy[4],
        "given_up service:line | stream:large": busy[3:].sum(),
        "occupancy_mean pool:lines": busy @ np.arange(5),
    }


def formulas() -> dict[str, dict[str, float]]:
    """Return the answers of queueing theory, by a word of the heading and `measure stratum`."""
    line, general = queueing.mmc(8, 0.2, 2), queueing.mg1(3, 0.25, 0.15)
    loss, room = queueing.loss_system(1, 4.5, 5), queueing.mmck(4, 0.25, 1, 3)
    patience = queueing.erlang_a(8, 0.2, 2, 0.5)
    urgent, routine = queueing.mg1_priority([1, 2], [0.25, 0.25], [0.25, 0.25]).mean_waits
    network = queueing.jackson([[0.2, 0.32], [0, 0]], [6, 0], [2, 1], [5, 4])
    shared = queueing.pooled_loss(5, 5, dedicated_a=4, dedicated_b=4, shared=2)
    desk, nurse = network.stations
    gaps = queueing.gim1(lambda s: (1.6 / (1.6 + s)) ** 2, 1)
    first, both = queueing.erlang_b(5, 4), queueing.erlang_b(5, 7)
    closed = queueing.closed_network([1, 1], [0.5, 0.4], 8)
    ill = np.array(queueing.finite_source(30, 6 / 365.25, 4, 2))
    a_year = 365.25
    return {
        "M/M/c)": {
            "p_wait service:desk": line.p_wait,
            "wait_mean service:desk": line.mean_wait,
            "waiting_people service:desk": 8 * line.mean_wait,
            "utilisation pool:clinicians": 0.8,
        },
        "M/G/1": {"wait_mean service:clinic": general.mean_wait, "p_wait service:clinic": 0.75},
        "M/G/infinity": {"occupancy_mean service:ward": queueing.mginf(3, 7).mean},
        "M/G/c/c": {
            "given_up service:ward": loss.p_lost,
            "occupancy_mean pool:beds": loss.mean_occupancy,
            "utilisation pool:beds": loss.utilisation,
        },
        "M/M/c/K": {
            "turned_away service:clinic": room.p_lost,
            "wait_mean service:clinic": room.mean_wait,
            "waiting_people service:clinic": room.mean_queue,
        },
        "everybody inside": {
            "given_up service:inside": room.p_lost,
            "wait_mean service:server": room.mean_wait,
            "occupancy_mean pool:seats": room.mean_queue + room.mean_occupancy,
        },
        "Erlang A": {
            "given_up service:desk": patience.p_abandon,
            "p_wait service:desk": patience.p_delayed,
            "waiting_people service:desk": patience.mean_queue,
        },
        "priority": {
            "wait_mean service:clinic | stream:urgent": urgent,
            "wait_mean service:clinic | stream:routine": routine,
        },
        "Jackson": {
            "wait_mean service:desk": desk.mean_wait,
            "wait_mean service:nurse": nurse.mean_wait,
            "utilisation pool:operators": 6 / 0.8 * 0.2 / 2,
            "utilisation pool:nurses": 6 / 0.8 * 0.32 * 0.25,
        },
        "partial": {
            "given_up service:first_ward": shared.p_lost_a,
            "given_up service:second_ward": shared.p_lost_b,
            "occupancy_mean pool:beds | stream:first": shared.mean_a,
        },
        "Trunk": trunk_reservation(),
        "multirate": multirate(),
        "gets through": {
            # Two stations alike with room for two between: five states, all as likely.
            "utilisation pool:second": 4 / 5,
            "occupancy_mean service:waiting room of second": (0 + 0 + 1 + 2 + 2) / 5,
        },
        "vary over the day": {
            "requests service:clinic": 48 * a_year,
            # Thirteen weeks have 91 days, one coach on each, and one visitor.
            "requests service:coach_party": 92 / 91 * a_year,
        },
        "G/M/1": {"p_wait service:desk": gaps.p_wait, "wait_mean service:desk": gaps.mean_wait},
        "try again": {
            "occupancy_mean service:later": 0.6 * (4 + 0.6 * 2) / (2 * (1 - 0.6)),
            "utilisation pool:line": 0.6,
        },
        "overflow": {
            "diverted service:unit": first,
            "given_up service:other": both / first,
            "occupancy_mean pool:other_beds": 5 * (first - both),
        },
        "closed": {
            "utilisation pool:first": closed.throughput * 0.5,
            "wait_mean service:second": closed.mean_times[1] - 0.4,
        },
        "finite": {
            "occupancy_mean pool:places": np.minimum(np.arange(31), 2) @ ill,
            "waiting_people service:clinic": np.maximum(np.arange(31) - 2, 0) @ ill,
        },
        "fills": {"occupancy_mean service:ward": 72 * (1 - 0.6 * (1 - math.exp(-10 / 6)))},
    }


@pytest.mark.parametrize(("word", "expected"), formulas().items(), ids=lambda x: str(x)[:12])
def test_stated_answer_is_that_of_the_formula(word: str, expected: dict[str, float]) -> None:
    """Every exact answer of the page comes from queueing theory, to the digits printed."""
    (stated,) = [rows for heading, rows in STATED.items() if word in heading]
    assert {f"{m} {s}" for m, s in stated} == set(expected)
    for (measure, stratum), value in stated.items():
        assert value == pytest.approx(expected[f"{measure} {stratum}"], abs=6e-5)


def test_measures_named_for_textbook_results_exist() -> None:
    """The table of names names measures of the registry."""
    text = (DOCS / PAGE).read_text(encoding="utf-8")
    table = text.split("What a textbook result is called here")[1].split("Write a `run_out`")[0]
    named = {word for word in re.findall(r"`(\w+)`", table) if "_" in word or word == "ends"}
    assert len(named) > 12
    assert named <= set(all_measures())


def test_every_stated_answer_has_a_formula() -> None:
    """No section states answers that nothing confirms."""
    assert len(formulas()) == sum(bool(rows) for rows in STATED.values())


@pytest.mark.slow
@pytest.mark.parametrize("heading", [h for h, rows in STATED.items() if rows])
def test_simulation_gives_the_stated_answer(heading: str, tmp_path: Path) -> None:
    """The 99.9 % interval over a few replications holds the exact answer.

    With some 25 answers and a fixed seed: would fail by chance for one in forty choices of seed.
    """
    block, _ = EXAMPLES[heading]
    plan = compile_plan(load(block.write(tmp_path)))
    values: dict[tuple[str, str], list[float]] = {}
    for replication in range(REPLICATIONS):
        record = simulate(plan, seed=3, replication=replication, engine=DEFAULT_ENGINE)
        for row in evaluate(plan, record):
            if row.period == "window":
                values.setdefault((row.measure, row.stratum), []).append(row.value)
    for key, exact in STATED[heading].items():
        found = mean_interval(values[key], 0.999)
        close = found.contains(exact) or abs(found.mean - exact) < 1e-4
        assert close, f"{key}: {found.low:.4f} to {found.high:.4f}, exact {exact}"


def clock(t: int) -> str:
    """Return an instant as time of day, `-` for none."""
    return "-" if t == NEVER else f"{t // 3_600_000:02}:{t // 60_000 % 60:02}"


def rows_of(text: str) -> list[list[str]]:
    """Return the cells of the rows of people in a section."""
    return [[cell.strip() for cell in cells.split("|")] for _, cells in _PERSON.findall(text)]


def spells_of(block: Block, folder: Path) -> tuple[Any, list[dict[str, int]]]:
    """Return the plan and the spells of one replication, one record a row."""
    plan = compile_plan(load(block.write(folder)))
    columns = simulate(plan, seed=1, replication=0).spells
    names = list(columns)
    rows = np.column_stack([columns[name] for name in names]).tolist()
    return plan, [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.parametrize("word", ["block each other", "waiting places between"])
def test_line_of_stations_goes_as_stated(word: str, tmp_path: Path) -> None:
    """With fixed durations every instant is the one in the table."""
    (heading,) = [h for h in EXAMPLES if word in h]
    block, text = EXAMPLES[heading]
    plan, spells = spells_of(block, tmp_path)
    first, second = (plan.service_index[name] for name in ("first", "second"))
    got = []
    for person in range(5):
        one, two = (
            next(s for s in spells if s["person"] == person and s["service"] == k)
            for k in (first, second)
        )
        instants = (one["started"], one["ready"], one["left"], two["started"], two["left"])
        got.append([clock(t) for t in instants])
    assert got == rows_of(text)


def test_shift_that_ends_goes_as_stated(tmp_path: Path) -> None:
    """Who has begun is finished; nobody begins after the shift; patience runs on."""
    (heading,) = [h for h in EXAMPLES if "by the hour" in h]
    block, text = EXAMPLES[heading]
    _, spells = spells_of(block, tmp_path)
    words = {Outcome.MOVED: "served", Outcome.GAVE_UP: "gave up"}
    got = [
        [clock(s["requested"]), clock(s["started"]), clock(s["left"]), words[Outcome(s["outcome"])]]
        for s in spells
    ]
    assert got == rows_of(text)
