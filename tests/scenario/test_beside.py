"""Files beside a scenario: read with it, checked row by row, never from elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from carepath_sim.engine import simulate
from carepath_sim.errors import ScenarioError
from carepath_sim.plan import compile_plan, traffic
from carepath_sim.scenario import load
from carepath_sim.scenario.beside import MOST_TEXT
from carepath_sim.scenario.loader import validate

if TYPE_CHECKING:
    from pathlib import Path

MODEL = """\
carepath: 1
area: Testshire
variant: as-is
title: A ward
clock: {{start: 2015-06-01, length: 14 d, warm_up: 1 d, run_out: 1 d}}
attributes:
  urgency: {{of: episode, shares: {{fast: 0.5, slow: 0.5}}}}
services:
  acute:
    setting: acute_bed
    stay: {{exponential: {{mean: 1 d}}}}
    next: {{to: {{home: 0.5, rehab: 0.5}}}}
  rehab: {{setting: community_bed, stay: 2 d, next: home}}
arrivals:
  ed: {{at: acute, {source}}}
"""


def written(folder: Path, source: str, **files: str) -> Path:
    """Write a scenario with files beside it; return its path."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    path = folder / "model.yaml"
    path.write_text(MODEL.format(source=source), encoding="utf-8")
    return path


def flaws(folder: Path, source: str, **files: str) -> list[tuple[str, int, int, str]]:
    """Return file, line, column and message of everything that is wrong."""
    with pytest.raises(ScenarioError) as caught:
        load(written(folder, source, **files))
    return [(p.file.rpartition("/")[2], p.line, p.column, p.message) for p in caught.value.problems]


def spells(scenario: Any) -> list[list[int]]:
    """Return the spells of one replication."""
    found = simulate(compile_plan(scenario), seed=1, replication=0).spells
    return [column.tolist() for column in found.values()]


LIST = "at,urgency,acute.stay [h]\n2015-06-01 09:30,fast,6\n# a remark\n\n2015-06-02T10:00,,\n"


def test_a_list_of_arrivals_is_read_with_the_scenario(tmp_path: Path) -> None:
    """Two rows are two people; remarks and empty lines are none."""
    found = spells(load(written(tmp_path, "replay: ed.csv", ed=LIST)))
    assert len(set(found[0])) == 2


def test_units_may_stand_in_the_head(tmp_path: Path) -> None:
    """`rate per h` over bare numbers says what `3 per h` says in each row."""
    one = load(written(tmp_path, "rates: r.csv", r="from,rate per h\n0 h,3\n12 h,1.5\n"))
    two = load(written(tmp_path, "rates: r.csv", r="from;rate\r\n0 h;3 per h\r\n12 h;1.5 per h"))
    assert spells(one) == spells(two)


def test_what_a_file_says_belongs_to_the_scenario(tmp_path: Path) -> None:
    """Its content enters the hash; saved, the scenario runs without the file."""
    path = written(tmp_path, "replay: ed.csv", ed=LIST)
    scenario = load(path)
    saved = tmp_path / "elsewhere" / "saved.yaml"
    saved.parent.mkdir()
    saved.write_text(json.dumps(scenario.resolved()), encoding="utf-8")
    again = load(saved)
    assert again.hash() == scenario.hash()
    assert spells(again) == spells(scenario)
    (tmp_path / "ed.csv").write_text(LIST.replace("09:30", "09:31"), encoding="utf-8")
    assert load(path).hash() != scenario.hash()


def test_every_bad_row_is_told_with_its_place(tmp_path: Path) -> None:
    """All problems of a file at once: line and column of each cell, and what is accepted."""
    text = (
        "at,urgency,acute.route\n"
        "01/06/2015,fast,rehab\n"
        "2015-06-31,fast,rehab\n"
        ",fast,rehab\n"
        "2015-06-01,fast,rehab,more\n"
    )
    found = flaws(tmp_path, "replay: ed.csv", ed=text)
    assert [row[:3] for row in found] == [("ed.csv", 5, 23)]
    found = flaws(tmp_path, "replay: ed.csv", ed=text.replace(",more", ""))
    assert [row[:3] for row in found] == [("ed.csv", 2, 1), ("ed.csv", 3, 1), ("ed.csv", 4, 1)]
    assert "2015-04-01 09:30" in found[0][3]
    assert "no such day" in found[1][3]


def test_values_of_a_list_are_checked_against_the_scenario(tmp_path: Path) -> None:
    """Unknown attributes, values, services and targets are named with the nearest known."""
    text = (
        'at,urgency,acute.route,acute.stay\n2015-06-01,"fsat",rehab,2 d\n2015-06-01,fast,hmoe,2 d\n'
    )
    found = flaws(tmp_path, "replay: ed.csv", ed=text)
    assert [row[:3] for row in found] == [("ed.csv", 2, 12), ("ed.csv", 3, 17)]
    assert "did you mean 'fast'?" in found[0][3]
    assert "did you mean 'home'?" in found[1][3]
    found = flaws(tmp_path, "replay: ed.csv", ed="at,urgnecy,acte.stay\n2015-06-01,fast,2 d\n")
    assert [row[:3] for row in found] == [("ed.csv", 2, 12), ("ed.csv", 2, 17)]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("from,rate\n0 h,three\n", (2, 5), "a rate such as"),
        ("from,rate\n0 h,3\n", (2, 5), "a rate such as"),
        ("from,rate\n6 h,3 per h\n2 h,1 per h\n", (3, 1), "later than the one before"),
        ("from,rate\n0 h,3 per h\n2015-06-02,1 per h\n", (3, 1), "cannot stand in one table"),
        ("from,rats\n0 h,3 per h\n", (1, 6), "unknown column 'rats'"),
        ("from,rate\n0 h\n", (2, 1), "the rate is missing"),
        ("from,rate,rate\n0 h,1 per h,2 per h\n", (1, 11), "given twice"),
        ("\n", (1, 1), "the table is empty"),
        ("from,rate\n", None, "at least one row"),
        ("from,rate\n0 h,0 per h\n", None, "nobody would ever come"),
    ],
)
def test_bad_rates_are_told(
    tmp_path: Path, text: str, place: tuple[int, int] | None, words: str
) -> None:
    """Each row of a table of rates must be one."""
    found = flaws(tmp_path, "rates: r.csv", r=text)
    assert any(words in row[3] for row in found), found
    if place is not None:
        assert place in [row[1:3] for row in found]


def test_rows_of_a_cycle_lie_in_it(tmp_path: Path) -> None:
    """After seven days the table begins again."""
    text = "from,rate\n0 d,3 per h\n7 d,1 per h\n"
    assert flaws(tmp_path, "rates: r.csv, cycle: 7 d", r=text)[0][:3] == ("r.csv", 3, 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../secret.csv", "only files in the scenario's own folder"),
        ("/etc/passwd", "only files in the scenario's own folder"),
        ("edd.csv", "did you mean 'ed.csv'?"),
        ("down", "there is no file"),
    ],
)
def test_only_files_of_the_folder_are_read(tmp_path: Path, name: str, words: str) -> None:
    """A scenario of somebody else cannot read what lies elsewhere."""
    inside = tmp_path / "inside"
    (inside / "down").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text(LIST, encoding="utf-8")
    found = flaws(inside, f"replay: {name}", ed=LIST)
    assert found[0][:2] == ("model.yaml", 15)
    assert words in found[0][3]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """What counts is where a file lies."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text(LIST, encoding="utf-8")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    assert "own folder" in flaws(inside, "replay: link.csv")[0][3]


def test_files_are_bounded(tmp_path: Path) -> None:
    """A file that no saved scenario could hold is refused before it is looked at."""
    text = "at\n" + "2015-06-01 09:30\n" * (MOST_TEXT // 17 + 1)
    assert "750,000 bytes" in flaws(tmp_path, "replay: ed.csv", ed=text)[0][3]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """The line is named."""
    path = written(tmp_path, "replay: ed.csv", ed=LIST)
    (tmp_path / "ed.csv").write_bytes(b"at\n2015-06-01\n\xff\n")
    with pytest.raises(ScenarioError, match=r"not UTF-8 text \(line 3\)"):
        load(path)


def test_files_are_not_read_for_values_set_by_hand(tmp_path: Path) -> None:
    """By hand the table itself is given."""
    path = written(tmp_path, "replay: ed.csv", ed=LIST)
    with pytest.raises(ScenarioError, match="never from a value set by hand"):
        load(path, sets=["arrivals.ed.replay=ed.csv"])
    assert load(path, sets=["arrivals.ed.replay=[{at: 2 h}]"]).arrivals["ed"].replay


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("rate: 3 per d, rates: r.csv", "found both of `rate:` and `rates:`"),
        ("rate: 3 per d, every: 2 h, replay: ed.csv", "found all of"),
        ("planned: true", "found neither of"),
        ("rate: 3 per d, cycle: 7 d", "`cycle:` belongs to `rates:`"),
        ("rate: 3 per d, interpolate: linear", "`interpolate:` belongs to `rates:`"),
        ("every: 2 h, variation: 0.3", "`variation:` belongs to arrivals at random"),
        ("replay: ed.csv, growth: 3 % per y", "`growth:` belongs to arrivals at random"),
        ("replay: ed.csv, is: {urgency: fast}", "fixed for all of them"),
        ("replay: ed.csv, count: 3", "`count:` belongs to arrivals at a fixed interval"),
        ("rate: 3 per d, variation: 4", "between 0 and 3"),
        ("rate: 3 per d, growth: 0.03", "write `3 % per y`"),
        ("rate: 3 per d, growth: 3 % per month", "a change a year"),
        ("rate: 3 per d, growth: -100 % per y", "above -100 %"),
    ],
)
def test_what_cannot_stand_together_is_told(tmp_path: Path, source: str, words: str) -> None:
    """Nothing is accepted without effect."""
    found = flaws(tmp_path, source, ed=LIST, r="from,rate\n0 h,3 per h\n")
    assert any(words in row[3] for row in found), found


def test_rows_outside_the_run_are_counted_in_a_warning(tmp_path: Path) -> None:
    """None is left out without a word."""
    text = "date\n2015-05-30\n2015-06-01\n2016-01-01\n"
    problems, warnings = validate([written(tmp_path, "replay: ed.csv", ed=text)])
    assert not problems
    (warning,) = (w for w in warnings if "replay" in w.path)
    assert (warning.line, warning.column) == (2, 1)
    assert "2 of 3 rows" in warning.message


# --- census -------------------------------------------------------------------------------------

CENSUS = "person,service,days_so_far,waiting_for,waiting_since\n"
ROWS = "A1,acute,12,,\nB2,acute,20,rehab,2015-05-28\nC3,outside,,rehab,3 d\n"


def with_census(text: str) -> dict[str, str]:
    """Return what to write for a scenario whose start is a census."""
    return {"source": "rate: 1 per d}\nstart: {census: beds.csv", "beds": CENSUS + text}


def test_a_census_is_read_with_the_scenario(tmp_path: Path) -> None:
    """Each row is one person; days may be bare numbers."""
    scenario = load(written(tmp_path, **with_census(ROWS)))
    assert [row.person for row in scenario.start.census] == ["A1", "B2", "C3"]
    found = simulate(compile_plan(scenario), seed=1, replication=0)
    assert (found.people["source"] == 2).sum() == 3


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("A1,acut,12,,\n", (2, 4), "did you mean 'acute'?"),
        ("A1,acute,12,rehabb,1\n", (2, 13), "did you mean 'rehab'?"),
        ("A1,acute,twelve,,\n", (2, 10), "a duration with its unit is needed"),
        ("A1,acute,12,,\nA1,acute,3,,\n", (3, 1), "given twice"),
        (",acute,12,,\n", (2, 1), "`person` is missing"),
        ("A1,,12,,\n", (2, 1), "`service` is missing"),
        ("A1,acute,12,,3\n", (2, 14), "nothing is waited for"),
        ("A1,home,,,\n", (2, 4), "nothing ever happens"),
        ("A1,outside,3,rehab,\n", (2, 12), "nobody counts the days"),
        ("A1,acute,3,acute,\n", (2, 12), "is at 'acute' already"),
        ("A1,acute,3,rehab,2015-06-05\n", (2, 18), "after the start of the run"),
        ("A1,acute,3,rehab,29/05/2015\n", (2, 18), "2015-04-01"),
    ],
)
def test_every_bad_row_of_a_census_is_told(
    tmp_path: Path, text: str, place: tuple[int, int], words: str
) -> None:
    """File, line and column, and what is accepted."""
    found = flaws(tmp_path, **with_census(text))
    assert any(row[:3] == ("beds.csv", *place) and words in row[3] for row in found), found


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("acute: {}", "nobody is there"),
        ("acute: {count: 1, remaining: conditional}", "needs `days_so_far:`"),
        ("acute: {count: 1, days_so_far: 3 d}", "belongs to `remaining: conditional`"),
        ("acute: {count: 1, remaining: lenght_biased}", "did you mean 'length_biased'?"),
        ("rehab: {waiting: {count: 1, at: acut}}", "did you mean 'acute'?"),
        ("rehab: {waiting: {count: 1, at: rehab}}", "need not wait for it"),
        ("rehab: {waiting: {count: 1}}", "`at` is missing"),
        ("steady: [rehabb]", "did you mean 'rehab'?"),
        ("steady: [acute], acute: {count: 3}", "starts with a count already"),
        ("acut: {count: 1}", "did you mean 'acute'?"),
        ("acute: {cuont: 1}", "did you mean 'count'?"),
        ("stedy: [acute]", "a mapping"),
    ],
)
def test_starts_that_cannot_be_are_told(tmp_path: Path, start: str, words: str) -> None:
    """Nothing is accepted without effect."""
    found = flaws(tmp_path, f"rate: 1 per d}}\nstart: {{{start}")
    assert any(words in row[3] for row in found), found


def test_services_that_a_warm_up_cannot_fill_are_warned_of_unless_they_start(
    tmp_path: Path,
) -> None:
    """A count, a census or a steady start is an answer."""
    path = written(tmp_path, "rate: 1 per d")
    text = path.read_text(encoding="utf-8").replace("warm_up: 1 d", "warm_up: 36 h")

    def warned(start: str) -> list[str]:
        path.write_text(text + start, encoding="utf-8")
        found = traffic.warnings(load(path))
        return [".".join(map(str, where)) for where, said in found if "needs `start:" in said]

    assert warned("") == ["services.rehab"]
    assert warned("start: steady\n") == []
    assert warned("start: {rehab: {count: 2}}\n") == []
    assert warned("start: {census: [{person: 1, service: rehab}]}\n") == []
