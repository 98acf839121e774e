"""Who joins the population: what `validate` says of tables by year and projections, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from carepath_sim.plan import traffic
from carepath_sim.scenario import diff, load
from carepath_sim.scenario.loader import validate

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """carepath: 1
area: Testshire
variant: as-is
title: People who join
clock: {start: 2015-07-01, length: 1 y}
services: {ward: {setting: acute_bed, stay: 2 d, next: home}}
population:
  size: 1000
  bands: {65+: {share: 1, frailty: {fit: 1}}}
  hazards:
    fall: {rate: 1 per y, to: ward}
"""
DEATH = "    death: {rate: 0.1 per y, to: died}\n"


def written(folder: Path, text: str, name: str = "x") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("  turning_65: {215: 4800}", (13, 16), "a calendar year from 1900 to 2200"),
        ("  turning_65: {2015: 4800, 20l6: 1}", (13, 28), "unknown year '20l6'"),
        ("  turning_65: {2015: -3}", (13, 22), "cannot be negative"),
        ("  turning_65: {2015: 10 per y}", (13, 22), "a number is needed"),
        ("  turning_65: {quality: good}", (13, 15), "at least one year"),
        ("  turning_65: {valu: 3 per y}", (13, 16), "beside years stand source"),
        ("  turning_65: 4800", (13, 15), "write `4800 per y`"),
        ("  projection: {2015: 1000}", (13, 15), "at least two years"),
        ("  projection: {2015: 1000, 2016: 0}", (13, 34), "at least one person"),
        ("  projection: {2015: 1000.5, 2016: 9}", (13, 22), "a whole number"),
        ("  projection: 3 per y", (13, 15), "{2015: 93000, 2020: 101000}"),
        ("  turning_65: 3 per y\n  projection: {2015: 9, 2016: 9}", (13, 15), "found both"),
        ("  growth: 3 % per y", (13, 11), "write `turning_65:` too"),
        ("  growth: 3 % per y\n  turning_65: {2015: 9}", (13, 11), "grows itself"),
        ("  growth: 3 % per y\n  projection: {2015: 9, 2016: 9}", (13, 11), "number grows"),
    ],
)
def test_what_means_nothing_is_told_with_its_place(
    tmp_path: Path, text: str, place: tuple[int, int], words: str
) -> None:
    problems, _ = validate([written(tmp_path, HEAD + DEATH + text + "\n")])
    assert [(p.line, p.column) for p in problems if words in p.message] == [place], problems


def test_a_projection_needs_people_who_die(tmp_path: Path) -> None:
    text = HEAD + "  projection: {2015: 1000, 2016: 1100}\n"
    (problem,) = validate([written(tmp_path, text)])[0]
    assert "needs a hazard with `to: died`" in problem.message
    assert not validate([written(tmp_path, HEAD + DEATH + text.splitlines()[-1])])[0]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("turning_65: {2010: 10, 2012: 20}", "the number of 2012 holds"),
        ("turning_65: {2017: 10, 2018: 20}", "the number of 2017 holds"),
        ("projection: {2010: 1000, 2012: 1000}", "nothing of it lies in the run"),
        ("projection: {2014: 1000, 2015: 1000}", "nothing of it lies in the run"),
        ("projection: {2014: 1000, 2016: 1000}", "ends earlier than the run"),
        ("projection: {2016: 1000, 2018: 1000}", "begins later than the run"),
        ("projection: {2015: 1500, 2017: 1500}", "says 1500 on 2015-07-01"),
        ("projection: {2014: 1000, 2016: 100, 2018: 10}", "falls by 450 a year"),
        ("turning_65: {2015: 10, 2016: 20}", ""),
        ("projection: {2015: 1010, 2017: 1500}", ""),
    ],
)
def test_what_is_without_effect_or_strange_is_told(tmp_path: Path, field: str, words: str) -> None:
    scenario = load(written(tmp_path, f"{HEAD}{DEATH}  {field}\n"))
    found = [message for path, message in traffic.warnings(scenario) if path[0] == "population"]
    assert any(words in message for message in found) if words else not found, found


def test_a_rate_may_become_a_table_and_back_in_a_file_that_extends(tmp_path: Path) -> None:
    """Neither merges into the other; a table merges year by year."""
    rate = "  turning_65: {value: 90 per y, quality: good}\n"
    written(tmp_path, HEAD + DEATH + rate, "one")
    over = "population: {turning_65: {2015: 80, 2016: 95}}\n"
    written(tmp_path, "extends: one.yaml\n" + over, "two")
    three = "extends: two.yaml\npopulation: {turning_65: {2016: 99, source: me}}\n"
    written(tmp_path, three, "three")
    four = "extends: three.yaml\npopulation: {turning_65: {value: 90 per y}}\n"
    written(tmp_path, four, "four")
    one, two, three_, four_ = (
        load(tmp_path / f"{n}.yaml") for n in ("one", "two", "three", "four")
    )
    rows = [(year, n.value) for year, n in two.population.turning_65]
    assert rows == [(2015, 80), (2016, 95)]
    rows = [(year, n.value, n.provenance.source) for year, n in three_.population.turning_65]
    assert rows == [(2015, 80, "me"), (2016, 99, "me")]
    assert four_.population.turning_65.value == one.population.turning_65.value
    assert diff.difference(two, three_) == [
        ("population.turning_65.2016", "95", "99"),
        ("population.turning_65.source", "-", "me"),
    ]


def test_a_projection_follows_people_who_grow_older(tmp_path: Path) -> None:
    """No warning that nobody follows them."""
    text = HEAD + DEATH + "  ageing: true\n  projection: {2015: 1000, 2017: 1100}\n"
    assert not [w for w in validate([written(tmp_path, text)])[1] if "ageing" in w.path]
