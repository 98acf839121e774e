"""The generated pages say what the program does now."""

from __future__ import annotations

from typing import Any

import pytest

from carepath_sim.measures import all_measures
from carepath_sim.report import reference
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
    if entry.reads is not None:
        entry.reads.parse(value(entry.example))
    elif entry.choices:
        assert entry.example in entry.choices
    else:
        assert entry.below is not None or entry.name == "background"


@pytest.mark.parametrize("kind", sorted({f.values[1].form for f in FIELDS if f.values[1].form}))
def test_examples_of_a_form_can_be_read(kind: str) -> None:
    """What the reference shows of a form is accepted where a field has it."""
    readers = [f.values[1].reads for f in FIELDS if f.values[1].form == kind]
    for example in reference.FORMS[kind].examples:
        assert any(accepts(reads, example) for reads in readers), example


def test_no_form_and_no_example_is_left_over() -> None:
    """What the reference explains exists: nothing stands there of fields that are gone."""
    names = {f"{section.__name__}.{entry.name}" for section, entry in (f.values for f in FIELDS)}
    assert set(reference.EXAMPLES) <= names
    assert set(reference.FORMS) == {f.values[1].form for f in FIELDS if f.values[1].form} | {"name"}


def test_every_measure_is_listed() -> None:
    """The page of measures holds every registered measure with its definition."""
    page = reference.measures()
    for name, measure in all_measures().items():
        assert f"| `{name}` | {measure.definition.replace('|', '&#124;')} |" in page
