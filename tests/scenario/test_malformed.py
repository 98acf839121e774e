"""Whatever is wrong with a file is told with its line, its field, and what would be accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from carepath_sim.errors import ScenarioError
from carepath_sim.scenario import load

AREA = Path(__file__).parents[2] / "docs" / "examples" / "area.yaml"
STAY = "    stay: 28 d\n"

# What stands in the small scenario, what it becomes, the line, the field, words of the message.
FIELDS = [
    ("clock:\n", "clok:\n", 5, "clok", "unknown field 'clok'; did you mean 'clock'?"),
    ("clock:\n", "clok:\n", 1, "clock", "missing"),
    ("carepath: 1", "carepath: 2", 1, "carepath", "version 1 of the language, found 2"),
    ("carepath: 1", "carepath: true", 1, "carepath", "found true"),
    ("area: Testshire", "area: 7", 2, "area", "in quotes: '7'"),
    ("1 y\n", "365\n", 7, "clock.length", "needs its unit: write `365 d`"),
    ("1 y\n", "1.3 y\n", 7, "clock.length", "whole years and months"),
    ("1 y\n", "0 d\n", 7, "clock.length", "more than 0"),
    ("30 d\n", "'30'\n", 8, "clock.warm_up", "a duration with its unit is needed"),
    ("30 d\n", "-30 d\n", 8, "clock.warm_up", "cannot be negative"),
    ("30 d\n", "30 dayz\n", 8, "clock.warm_up", "did you mean 'day'?"),
    ("2015-04-01", "2015-02-30", 6, "clock.start", "no such day, found '2015-02-30'"),
    ("2015-04-01", "1 April 2015", 6, "clock.start", "a date such as `2015-04-01`"),
    ("date: '2015'", "date: 2015", 10, "references.strategy.date", "in quotes: '2015'"),
    ("of: episode", "of: episod", 13, "attributes.urgency.of", "did you mean 'episode'?"),
    (
        "rapid: 0.2",
        "rapid: 0.3",
        14,
        "attributes.urgency.shares",
        "must sum to 1, found 0.3 + 0.3 + 0.5 = 1.1",
    ),
    ("rapid: 0.2", "rapid: -0.2", 14, "attributes.urgency.shares.rapid", "found -0.2"),
    ("rapid: 0.2", "rapid: 20 %%", 14, "attributes.urgency.shares.rapid", "found '20 %%'"),
    ("value: 1000", "value: 1000.5", 16, "population.size.value", "whole number"),
    ("quality: fair}", "quality: fare}", 16, "population.size.quality", "did you mean 'fair'?"),
    ("value: 1000,", "", 16, "population.size", "record with `value`"),
    ("source: strategy, q", "sauce: a, q", 16, "population.size.sauce", "did you mean 'source'?"),
    (
        "{fit: 0.7, severe: 0.3}}",
        "[fit, severe]}",
        18,
        "population.bands.65-74.frailty",
        "found a list of 2",
    ),
    ("0.05 per y", "0.05", 22, "population.hazards.fall.rate", "write `0.05 per y`"),
    ("0.05 per y", "0.05 per yaer", 22, "population.hazards.fall.rate", "did you mean 'year'?"),
    ("Dec: 1.3", "Dez: 1.3", 23, "population.hazards.fall.times.month.Dez", "mean 'Dec'?"),
    ("to: acute\n", "too: acute\n", 24, "population.hazards.fall.too", "did you mean 'to'?"),
    ("to: acute\n", "too: acute\n", 21, "population.hazards.fall.to", "missing"),
    ("Sat: 0.3, Sun", "Sat: 0.3, Fri-Sun", 28, "arrivals.wards.profile.weekday.Fri-Sun", "twice"),
    ("value: 125", "value: -125", 34, "pools.beds.capacity.value", "cannot be negative"),
    ("[100, 140]", "[140, 100]", 34, "pools.beds.capacity.range", "lower value comes first"),
    ("[100, 140]", "[130, 140]", 34, "pools.beds.capacity.range", "outside its own range"),
    ("[100, 140]", "100", 34, "pools.beds.capacity.range", "a list of two values, found 100"),
    ("ring_fenced", "ringfenced", 35, "pools.beds.policy.ringfenced", "did you mean 'ring_f"),
    (
        "{ring_fenced: {step_up: 20, step_down: 105}}",
        "ring_fenced",
        35,
        "pools.beds.policy",
        "says nothing of the streams",
    ),
    ("step_down: 105", "step_down: 85 %", 35, "pools.beds.policy.ring_fenced", "found both"),
    (
        "daily 20:00-08:00: 1",
        "daily 19:00-08:00: 1",
        38,
        "pools.staff.capacity.daily 19:00-08:00",
        "overlap",
    ),
    ("in_place: true", "in_place: yes", 42, "services.spr.in_place", "did you mean true?"),
    ("    title: S", "    titel: S", 41, "services.spr.titel", "did you mean 'title'?"),
    ("    title: S", "    preemptive: S", 41, "services.spr.preemptive", "not in this version"),
    ("    title: S", "    retire: S", 41, "services.spr.retire", "a field of each of `changes:`"),
    ("    title: S", "    surge: S", 41, "services.spr.surge", "a field of each of `pools:`"),
    ("pool: staff", "pool: [staff]", 43, "services.spr.pool", "found a list of 1"),
    ("p90: 25 min", "p90: 25", 44, "services.spr.stay.lognormal.p90", "write `25 d`"),
    ("p90: 25 min", "p90: 10 min", 44, "services.spr.stay.lognormal.p90", "above median 12 min"),
    ("p90: 25 min", "pp90: 25 min", 44, "services.spr.stay.lognormal.pp90", "did you mean 'p90'?"),
    (", p90: 25 min", "", 44, "services.spr.stay.lognormal", "`{median, p90}`"),
    ("lognormal: {median: 12", "lognorm: {median: 12", 44, "services.spr.stay.lognorm", "mean 'lo"),
    (
        "{urgency: rapid}, to: acute",
        "{urgency: rapid}",
        46,
        "services.spr.next[0]",
        "says when, but not what",
    ),
    (
        "      - {to: {ward: 0.25, back: 0.75}}\n",
        "",
        46,
        "services.spr.next[0]",
        "the last case must have no `when`",
    ),
    ("back: 0.75", "back: 0.7", 47, "services.spr.next[1].to", "found 0.25 + 0.7 = 0.95"),
    ("community_bed", "comunity_bed", 55, "services.ward.setting", "did you mean 'community_bed'?"),
    ("10:00-18:00", "10-18", 51, "services.acute.discharges", "hours such as `Mon-Fri"),
    ("daily 10", "Mon-Fry 10", 51, "services.acute.discharges", "did you mean 'Fri'?"),
    ("daily 10:00-18", "10:00-18", 51, "services.acute.discharges", "the days are missing"),
    ("10:00-18:00", "10:00-25:00", 51, "services.acute.discharges", "between 00:00 and 24:00"),
    ("263 GBP", "263", 53, "services.acute.cost.per_day", "write `263 GBP`"),
    ("payer: nhs", "payr: nhs", 53, "services.acute.cost.payr", "did you mean 'payer'?"),
    ("else: step_up", "others: step_up", 57, "services.ward.stream", "`else` is missing"),
    ("  ward:\n", "  0ward:\n", 54, "services.0ward", "that begins with a letter"),
    ("    is: {f", "    is_: {f", 30, "arrivals.wards.is_", "did you mean 'is'?"),
    (STAY, "    stay:\n", 58, "services.ward.stay", "found nothing"),
    (
        STAY,
        "    stay: {uniform: {min: 2 working days, max: 3 d}}\n",
        58,
        "services.ward.stay",
        "all durations",
    ),
    (STAY, "    stay: .inf\n", 58, "services.ward.stay", "finite"),
    (STAY, "    stay: 1e400 d\n", 58, "services.ward.stay", "finite"),
    (STAY, "    stay: [3 d, 4 d]\n", 58, "services.ward.stay[0]", "never reached"),
    (
        STAY,
        "    stay: {scipy: {name: burr12, scale: 4}}\n",
        58,
        "services.ward.stay.scipy.scale",
        "4 d",
    ),
    (
        STAY,
        "    stay: {mixture: [{share: 0.3, fixed: 3 d}, {share: 0.6, fixed: 4 d}]}\n",
        58,
        "services.ward.stay.mixture",
        "found 0.3 + 0.6 = 0.9",
    ),
    (
        STAY,
        "    stay: {histogram: {edges: [0 d, 3 d, 2 d], weights: [1, 1]}}\n",
        58,
        "services.ward.stay.histogram.edges",
        "must rise",
    ),
    (STAY, "    visits: 3 a week\n", 58, "services.ward.visits", "`3 per day of 30 min`"),
    (STAY, "    units: 1.5\n", 58, "services.ward.units", "whole number"),
    (
        "{after: 24 h, to: acute}",
        "{to: acute}",
        60,
        "services.ward.max_wait.step_up",
        "`after` is missing",
    ),
    ("next: home\n", "next: hom\n", 61, "services.ward.next.to.hom", "did you mean 'home'?"),
    ("pool: beds", "pool: bed", 56, "services.ward.pool", "did you mean 'beds'?"),
]

# The same for files that cannot be read as YAML; these have no field.
SYNTAX = [
    ("title: A small", "title: A: small", 4, "needs quotes"),
    ("clock:\n", "clock\n", 5, "a `:` is missing after this name"),
    ("  length: 1 y", "\tlength: 1 y", 7, "a tab stands here"),
    ("  length: 1 y", "length: 1 y", 8, "wrong indentation"),
    ("  shares:", "    shares:", 14, "wrong indentation"),
    ("rapid: 0.2, fast", "rapid: 0.2 fast", 14, "a `,` or the closing `}` is missing"),
    ("next: home\n", "next: {to: home\n", 62, "the `{` stands at 61:11"),
    ("next: home\n", "next: 'home\n", 61, "the quotes that open here are not closed"),
    ("next: home\n", "next: @home\n", 61, "put it in quotes"),
    ("title: A", "title: \x07A", 4, "a control character"),
    (STAY, STAY + "    stay: 27 d\n", 59, "'stay' is given twice (first on line 58)"),
    (STAY, "    stay: !days 28\n", 58, "tags such as `!days`"),
    (STAY, "    stay: *length\n", 58, "there is no `&length` above"),
    ("- {when", "- {<<: {a: 1}, when", 46, "merge keys"),
    ("  warm_up", "---\n  warm_up", 8, "a second document begins here"),
]


def problems(path: Path) -> list[tuple[int, str, str]]:
    """Return line, field and message of everything that is wrong with a file."""
    with pytest.raises(ScenarioError) as caught:
        load(path)
    for problem in caught.value.problems:
        assert str(problem).startswith(f"{path}:{problem.line}:{problem.column}: ")
        assert problem.column >= 1
    return [(found.line, found.path, found.message) for found in caught.value.problems]


@pytest.mark.parametrize(("old", "new", "line", "field", "words"), FIELDS)
def test_a_field_that_cannot_be_read_is_told_with_its_line(
    small: str, tmp_path: Path, old: str, new: str, line: int, field: str, words: str
) -> None:
    assert old in small
    path = tmp_path / "scenario.yaml"
    path.write_text(small.replace(old, new, 1))
    found = problems(path)
    assert [(at, where) for at, where, said in found if where == field and words in said] == [
        (line, field)
    ], found


@pytest.mark.parametrize(
    ("days", "halves"),
    [
        ("{Sat,Sun: 0.85}", ["Sat"]),
        ("{Fri, Sat,Sun: 0.85}", ["Fri", "Sat"]),
        ("{Sun: 0.85, Sat}", ["Sat"]),
        # These have their colon: no name was cut.
        ("{Sat: , Sun: 0.85}", []),
        ("{Sat: null, Sun: 0.85}", []),
        ("\n        Sat:\n        Sun: 0.85", []),
    ],
)
def test_a_name_that_yaml_cut_at_its_comma_is_told_to_be_quoted(
    small: str, tmp_path: Path, days: str, halves: list[str]
) -> None:
    path = tmp_path / "scenario.yaml"
    block = f"profile:\n      weekday: {days}\n"
    path.write_text(small.replace("profile: {weekday: {Sat: 0.3, Sun: 0.2}}\n", block, 1))
    found = problems(path)
    assert all("a number is needed, found nothing" in said for _, _, said in found)
    hint = '; names with a comma must be quoted inside braces: "Sat,Sun": 0.85'
    assert [where.rsplit(".", 1)[1] for _, where, said in found if said.endswith(hint)] == halves
    assert len(found) == max(len(halves), 1)


def said_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    return [f"{field}: {said}" for _, field, said in problems(path)]


@pytest.mark.parametrize(
    ("capacity", "whole"),
    [
        ("1,740", "1740"),
        ("12,000,345", "12000345"),
        ("12,000,000", "12000000"),
        ('"1,740"', "1740"),
    ],
)
def test_a_comma_between_thousands_is_told(tmp_path: Path, capacity: str, whole: str) -> None:
    text = AREA.read_text(encoding="utf-8")
    found = said_of(tmp_path, text.replace("capacity: 150}", f"capacity: {capacity}}}", 1))
    assert found
    assert all(one.endswith(f"; write {whole}, without the comma") for one in found)


def test_two_numbers_with_the_same_end_are_no_field_given_twice(tmp_path: Path) -> None:
    """Inside braces each `,000` is a field of its own, and the second one the first again."""
    text = AREA.read_text(encoding="utf-8")
    wrong = text.replace("capacity: 150}", "capacity: 1,000, size: 2,000}", 1)
    assert wrong != text
    assert said_of(tmp_path, wrong) == [
        ": inside braces a comma ends a value; write 1000, without the comma",
        ": inside braces a comma ends a value; write 2000, without the comma",
    ]
    twice = text.replace("capacity: 150}", "capacity: 150, 100: a, 100: b}", 1)
    assert ["keep one" in one for one in said_of(tmp_path, twice)] == [True]


def test_a_range_with_commas_between_thousands_is_told(tmp_path: Path) -> None:
    text = AREA.read_text(encoding="utf-8")
    record = "capacity: {value: 60000, range: [50,000, 70,000]}}"
    [said] = said_of(tmp_path, text.replace("capacity: 150}", record, 1))
    assert said.endswith("found a list of 4; write numbers without a comma between thousands")


@pytest.mark.parametrize("days", ["7 days", "every day", "7/7", "Seven days a week"])
def test_every_day_is_daily(tmp_path: Path, days: str) -> None:
    text = AREA.read_text(encoding="utf-8")
    found = said_of(tmp_path, text.replace("Mon-Fri 09:00-17:00", f"{days} 08:00-22:00", 1))
    assert len(found) == 1
    assert found[0].endswith("; write `daily 08:00-22:00`")


def test_a_file_that_says_only_what_differs_is_told_of_extends(tmp_path: Path) -> None:
    [said] = said_of(
        tmp_path, "variant: to-be\ntitle: To be\nservices: {ward: {plan_ahead: 2 d}}\n"
    )
    assert "`extends: FILE.yaml`" in said
    [said] = said_of(tmp_path, "extends: nowhere.yaml\nvariant: to-be\n")
    assert "begin with" not in said


def test_a_misspelt_section_brings_no_others_with_it(tmp_path: Path) -> None:
    text = AREA.read_text(encoding="utf-8")
    found = said_of(tmp_path, text.replace("\npopulation:", "\npopulaton:", 1))
    assert found == ["populaton: unknown field 'populaton'; did you mean 'population'?"]


def test_what_the_hint_says_is_right(small: str, tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(small.replace("{Sat: 0.3, Sun: 0.2}", '{"Sat,Sun": 0.85}', 1))
    assert load(path)


def test_a_field_without_its_value_is_no_half_of_a_name(small: str, tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(small.replace("weekday: {Sat: 0.3, Sun: 0.2}", "weekday", 1))
    assert not [said for _, _, said in problems(path) if "comma" in said]


@pytest.mark.parametrize(("old", "new", "line", "words"), SYNTAX)
def test_text_that_is_no_yaml_is_told_with_its_line(
    small: str, tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in small
    path = tmp_path / "scenario.yaml"
    path.write_text(small.replace(old, new, 1))
    [(at, field, said)] = problems(path)
    assert (at, field) == (line, "")
    assert words in said


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 1, "the file is empty"),
        (b"# only a comment\n", 1, "the file is empty"),
        (b"- 1\n- 2\n", 1, "found a list of 2"),
        (b"hello\n", 1, "found 'hello'"),
        (b"null\n", 1, "found nothing"),
        ("area: Caf\xe9\n".encode("latin-1"), 1, "byte 0xe9; save it as UTF-8"),
        (b"carepath: 1\narea: \xff\n", 2, "byte 0xff"),
        ("area: x\n".encode("utf-16"), 1, "not UTF-8"),
        (b"\0", 1, "a control character"),
        (b"a: &a [*a]\n", 1, "stands inside what it repeats"),
        (b"[" * 60 + b"]" * 60, 1, "more than 50 deep"),
        (b"? [a]\n: 1\n", 1, "found a list or a map"),
        (b": 1\n", 1, "a name is missing"),
    ],
)
def test_a_file_that_is_no_scenario_is_told(
    tmp_path: Path, content: bytes, line: int, words: str
) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_bytes(content)
    [(at, _, said)] = problems(path)
    assert at == line
    assert words in said


def test_aliases_that_expand_without_bound_are_refused(tmp_path: Path) -> None:
    """Five lines of ten aliases each stand for 100,000 values."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for name, before in ("ba", "cb", "dc", "ed"):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    path = tmp_path / "scenario.yaml"
    path.write_text("\n".join(lines))
    [(at, _, said)] = problems(path)
    assert at == 5
    assert "counting what aliases repeat" in said


def test_a_file_of_more_than_a_megabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ScenarioError, match="more than 1,000,000 bytes"):
        load(path)


def test_all_problems_are_told_at_once_in_the_order_of_the_file(small: str, tmp_path: Path) -> None:
    """Unreadable fields do not hide misspelt names, nor the other way round."""
    path = tmp_path / "scenario.yaml"
    changed = small.replace("rapid: 0.2", "rapid: 0.3").replace("value: 125", "value: -3")
    changed = changed.replace("pool: staff", "pool: staf").replace("p90: 25 min", "p90: 25")
    changed = changed.replace("next: home\n", "next: hoem\n").replace("unit: beds", "unit: bed")
    path.write_text(changed)
    assert [(line, field) for line, field, _ in problems(path)] == [
        (14, "attributes.urgency.shares"),
        (33, "pools.beds.unit"),
        (34, "pools.beds.capacity.value"),
        (43, "services.spr.pool"),
        (44, "services.spr.stay.lognormal.p90"),
        (61, "services.ward.next.to.hoem"),
    ]


def test_several_flaws_of_one_field_are_all_told(small: str, tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(small.replace("median: 12 min, p90: 25 min", "median: 12, p90: x"))
    assert [field for _, field, _ in problems(path)] == [
        "services.spr.stay.lognormal.median",
        "services.spr.stay.lognormal.p90",
    ]


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "1", "'true'"])
def test_only_true_and_false_are_booleans(small: str, tmp_path: Path, word: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(small.replace("in_place: true", f"in_place: {word}"))
    [(line, _, said)] = [p for p in problems(path) if p[1] == "services.spr.in_place"]
    assert line == 42
    assert said.startswith("true or false is needed")


def test_a_norwegian_attribute_value_stays_a_word(small: str, tmp_path: Path) -> None:
    """`no` is text in YAML 1.2; in YAML 1.1 it would become false."""
    path = tmp_path / "scenario.yaml"
    path.write_text(small.replace("rapid: 0.2", "no: 0.2").replace("urgency: rapid", "urgency: no"))
    scenario = load(path)
    assert next(name for name, _ in scenario.attributes["urgency"].shares[0].value) == "no"  # type: ignore[index]
    assert scenario.services["spr"].next[0].when[0].values == ("no",)
