"""Section 3: what the model rests on."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from carepath_sim.report.numbers import given
from carepath_sim.report.stress.basis import AUTHOR
from carepath_sim.report.stress.items import Item, asked, bullets, joined, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.report.numbers import Given
    from carepath_sim.report.stress.basis import Basis


def data(basis: Basis) -> Iterator[Item]:
    """Yield the items of section 3."""
    numbers = {label: given(one) for label, one in basis.scenarios.items()}
    yield _sources(basis, numbers)
    words, blanks = asked(basis, "preprocessing", AUTHOR["preprocessing"])
    yield Item("3.2", "Pre-processing", words, blanks)
    yield Item("3.3", "Input parameters", _inputs(numbers))
    yield Item("3.4", "Assumptions", _assumptions(basis, numbers))


def _sources(basis: Basis, numbers: dict[str, tuple[Given, ...]]) -> Item:
    sources = [one.provenance.source or "" for ones in numbers.values() for one in ones]
    known = {key: one for each in basis.scenarios.values() for key, one in each.references.items()}
    rows = [
        (key, one.title, one.publisher or "", one.date or "", _named(key, sources), one.note or "")
        for key, one in known.items()
    ]
    heads = ("key", "document", "publisher", "date", "numbers that name it", "how it was used")
    words = basis.said.get("sources", "")
    blanks = (
        () if rows or words else ("Which data were used? (`references:`, or the answer `sources`)",)
    )
    return Item("3.1", "Data sources", joined(words, markdown_table(heads, rows)), blanks)


def _named(key: str, sources: list[str]) -> int:
    """Return how many numbers name a document."""
    name = re.compile(rf"(?<!\w){re.escape(key)}(?!\w)")
    return sum(name.search(one) is not None for one in sources)


def _inputs(numbers: dict[str, tuple[Given, ...]]) -> str:
    """Return every number of the base, and those of the others that differ from it."""
    parts = []
    seen: set[tuple[str, str]] = set()
    for label, ones in numbers.items():
        rows = [
            (
                one.field,
                one.text,
                one.span,
                one.provenance.source or "",
                one.provenance.quality or "",
            )
            for one in ones
            if (one.field, one.text) not in seen
        ]
        which = "the base" if not seen else "where it differs"
        seen |= {(one.field, one.text) for one in ones}
        table = markdown_table(("field", "value", "range", "source", "quality"), rows)
        parts.append(f"**{label}**, {which}:\n\n{table or 'no other numbers'}")
    fitted = (
        "Distributions are those that the scenario names, with the parameters of its sources; "
        "nothing was fitted by the program. What is not written has the default of the "
        "language."
    )
    return joined(fitted, *parts)


def _assumptions(basis: Basis, numbers: dict[str, tuple[Given, ...]]) -> str:
    notes = [f"{label}: {note}" for label, one in basis.scenarios.items() for note in one.notes]
    counts = []
    for label, ones in numbers.items():
        found = Counter(one.provenance.quality or "not said" for one in ones)
        counts.append((label, len(ones), ", ".join(f"{n} {q}" for q, n in found.most_common())))
    supposed = {
        (one.field, one.text, one.provenance.note or "")
        for ones in numbers.values()
        for one in ones
        if one.supposed
    }
    table = markdown_table(("field", "value assumed", "why"), sorted(supposed))
    return joined(
        "Numbers by quality:",
        markdown_table(("scenario", "numbers", "of which"), counts),
        f"What the author notes:\n\n{bullets(notes)}" if notes else "",
        f"Numbers that no source stands behind:\n\n{table}"
        if table
        else "Every number has a source.",
    )
