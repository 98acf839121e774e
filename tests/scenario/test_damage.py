"""However a file is damaged, loading it succeeds or says what is wrong; it never breaks."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from carepath_sim.errors import Problem, ScenarioError
from carepath_sim.scenario import grammar, load
from carepath_sim.scenario.grammar_distributions import FAMILIES
from carepath_sim.scenario.nodes import read_yaml
from carepath_sim.scenario.reading import Reads

if TYPE_CHECKING:
    from collections.abc import Callable

JUNK = [
    *(
        "",
        "x",
        "-1",
        "0",
        "1e999",
        ".nan",
        ".inf",
        "true",
        "yes",
        "null",
        "~",
        "[]",
        "{}",
        "[1, x]",
    ),
    *(
        "{a: 1}",
        "{value: 3}",
        "{value: {value: 1}}",
        "- ",
        ": ",
        "&a [*a]",
        "*a",
        "!!int x",
        "|",
        ">",
    ),
    *("28 d", "-28 d", "28", "3 per d of 2 d", "0.5 per y", "150 %", "1/0", "263 GBP", "£-1", "%"),
    *("daily", "Mon-Fri 09:00-17:00", "24/7", "00:00-00:00", "2015-04-01", "9999-12-31", "'", '"'),
    *("{when: {}, to: home}", "[{when: {age: 75+}, to: x}]", "{all_of: [], then: x}", "rest", "\t"),
    *(
        "{lognormal: {}}",
        "{mixture: [1]}",
        "{fixed: [1]}",
        "{scipy: 3}",
        "\u2028",
        "\ud7ff",
        "\x85",
    ),
    *(
        "{truncate: [1 d], fixed: 2 d}",
        "{per_day: 1}",
        "{split: population}",
        "{by: 1}",
        "{else: 1}",
    ),
    *(
        "99999999999999999999999 y",
        "1e308 y",
        "{shared: 1}",
        "{any_of: []}",
        "{from: x}",
        "? ",
        "#",
    ),
]


class Loaded(Exception):  # noqa: N818 - no error
    """What was damaged can still be read."""


def refusal(read: Callable[[], object]) -> tuple[Problem, ...]:
    """Return the problems, at least one, for which something is refused."""
    try:
        read()
    except ScenarioError as error:
        if error.problems:
            return error.problems
        raise
    raise Loaded


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """Return a text with a few lines lost, doubled, moved in, or with something else in them."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        if not lines:
            break
        k = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(["lose", "double", "indent", "value", "word", "swap", "cut"]))
        line = lines[k]
        junk = draw(st.sampled_from(JUNK))
        if what == "lose":
            del lines[k]
        elif what == "double":
            lines.insert(k, line)
        elif what == "indent":
            lines[k] = " " * draw(st.integers(0, 8)) + line.strip()
        elif what == "value":
            lines[k] = f"{line.partition(':')[0]}: {junk}"
        elif what == "word":
            words = line.split(" ")
            words[draw(st.integers(0, len(words) - 1))] = junk
            lines[k] = " ".join(words)
        elif what == "swap":
            j = draw(st.integers(0, len(lines) - 1))
            lines[k], lines[j] = lines[j], lines[k]
        else:
            lines[k] = line[: draw(st.integers(0, len(line)))]
    return "\n".join(lines) + "\n"


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_damaged_scenario_loads_or_is_refused_in_words(small: str, data: st.DataObject) -> None:
    text = data.draw(damaged(small))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_text(text, encoding="utf-8")
        with contextlib.suppress(Loaded):
            for problem in refusal(lambda: load(path)):
                assert 1 <= problem.line <= text.count("\n") + 1, problem
                assert problem.column >= 1, problem
                assert problem.message, problem


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_any_bytes_are_yaml_or_are_refused_in_words(content: bytes) -> None:
    with contextlib.suppress(Loaded):
        assert all(found.message for found in refusal(lambda: read_yaml(content, "x.yaml")))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="a: -\n[]{},&*!'\"#|>%?1.\t\\x~", max_size=40))
def test_any_text_is_yaml_or_is_refused_in_words(content: str) -> None:
    with contextlib.suppress(Loaded):
        assert all(
            found.message for found in refusal(lambda: read_yaml(content.encode(), "x.yaml"))
        )


READERS = sorted(
    {
        reads.kind: reads
        for kind in vars(grammar).values()
        for reads in getattr(kind, "__metadata__", ())
        if isinstance(reads, Reads)
    }.items()
)
WORDS = st.sampled_from(
    [
        *("value", "unit", "source", "quality", "range", "note", "when", "to", "all_of", "then"),
        *("share", "shares", "after", "cause", "stream", "else", "by", "from", "places", "total"),
        *("split", "population", "any_of", "per_day", "of", "payer", "for", "times", "shared"),
        *("ring_fenced", "reserved", "partial", "priority", "truncate", "at_least", "edges"),
        *(
            "values",
            "weights",
            "name",
            "rest",
            "daily",
            "Mon",
            "Jan",
            "age",
            "date",
            "hour",
            "month",
        ),
        *("weekday", "women", "men", "unlimited", "poor", "from acute", "28 d", "08:00-20:00"),
        *(
            "daily 08:00-20:00",
            "65-74",
            "75+",
            "from 2015-04-01",
            "15 %",
            "3 per d of 2 h",
            "1 GBP",
        ),
        *FAMILIES,
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 30),
    st.floats(),
    WORDS,
    st.text(max_size=5),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(raw=ANYTHING)
def test_any_value_in_any_field_is_read_or_refused_in_words(raw: object) -> None:
    for kind, reads in READERS:
        flaws = None
        try:
            reads(raw)
        except PydanticCustomError as error:
            flaws = (error.context or {})["flaws"]
        assert flaws is None or (flaws and all(flaw.message for flaw in flaws)), kind
