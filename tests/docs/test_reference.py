"""The generated pages say what the program does now."""

from __future__ import annotations

import re
from typing import Any

import pytest

from carepath_sim.measures import all_measures
from carepath_sim.report import reference
from carepath_sim.report.reference_words import DEFAULTS, SECTION_EXAMPLES, UNITS, WITHOUT_UNIT
from carepath_sim.scenario.nodes import plain, read_yaml
from carepath_sim.scenario.reading import Wrong
from tests.docs.snippets import DOCS

FIELDS = [
    pytest.param(section, entry, id=f"{path or 'file'}.{entry.name}")
    for path, section in reference.sections()
    for entry in reference.entries(section)
]


def value(text: str) -> Any:
    """Return what a text means in a scenario file."""
    return plain(read_yaml(text.encode(), "example"))


def accepts(reads: Any, example: str) -> bool:
    """Tell whether a field can be read from an example."""
    try:
        reads.parse(value(example))
    except Wrong:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "made"),
    [("language/reference.md", reference.language), ("measures.md", reference.measures)],
)
def test_page_is_up_to_date(name: str, made: Any) -> None:
    """The committed page is the one that the program would write."""
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == made(), "run `python -m carepath_sim.report.reference`"


@pytest.mark.parametrize(("section", "entry"), FIELDS)
def test_field_is_explained_with_an_example_that_can_be_read(section: Any, entry: Any) -> None:
    """Every field of the language has a meaning, and an example that the grammar accepts."""
    assert entry.meaning
    assert entry.example, "give it an example in reference_words.SECTION_EXAMPLES or EXAMPLES"
    if entry.reads is not None:
        entry.reads.parse(value(entry.example))
    elif entry.choices:
        assert entry.example in entry.choices
    else:
        # The example of a section is one that can be read as a whole.
        assert entry.below is not None
        written = value(entry.example)
        for one in (
            written.values() if entry.named else written if isinstance(written, list) else [written]
        ):
            entry.below.model_validate(one)


@pytest.mark.parametrize(("section", "entry"), FIELDS)
def test_field_says_its_unit_and_what_holds_without_it(section: Any, entry: Any) -> None:
    """A unit, or that there is none; a default, in words where the meaning speaks of one."""
    said = "say the unit in FORMS, reference_words.UNITS or WITHOUT_UNIT"
    assert entry.unit or entry.below is not None, said
    assert entry.default
    if entry.default == "-":
        assert not re.search(r"\bdefault\b", entry.meaning), "say it in reference_words.DEFAULTS"


@pytest.mark.parametrize("kind", sorted({f.values[1].form for f in FIELDS if f.values[1].form}))
def test_examples_of_a_form_can_be_read(kind: str) -> None:
    """What the reference shows of a form is accepted where a field has it."""
    readers = [f.values[1].reads for f in FIELDS if f.values[1].form == kind]
    for example in reference.FORMS[kind].examples:
        assert any(accepts(reads, example) for reads in readers), example


def test_no_form_and_no_example_is_left_over() -> None:
    """What the reference explains exists: nothing stands there of fields that are gone."""
    names = {f"{section.__name__}.{entry.name}" for section, entry in (f.values for f in FIELDS)}
    for words in (reference.EXAMPLES, SECTION_EXAMPLES, UNITS, DEFAULTS):
        assert set(words) <= names
    assert set(reference.FORMS) >= WITHOUT_UNIT
    assert set(reference.FORMS) == {f.values[1].form for f in FIELDS if f.values[1].form} | {"name"}


def test_every_measure_is_listed() -> None:
    """The page of measures holds every registered measure with its definition."""
    page = reference.measures()
    for name, measure in all_measures().items():
        assert f"| `{name}` | {measure.definition.replace('|', '&#124;')} |" in page
