"""Section 1: what the study is for, what it reports, what it tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepath_sim.report.stress.basis import AUTHOR
from carepath_sim.report.stress.items import Item, asked, joined, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carepath_sim.report.stress.basis import Basis

INTERVALS = (
    "Every measure is worked out once a replication, from the record of all stays and "
    "requests, after the replication has ended; stays that began in the warm-up count only in "
    "so far as they reach into the window. One replication is one observation. Counts, totals "
    "and averages over time have the mean over replications with Student's t interval (95 %). "
    "Shares and means over people are ratios of sums over replications; shares have an "
    "interval on the scale of log odds, other ratios one by the jackknife."
)
PAIRED = (
    "Differences between scenarios are taken within each replication, under common random "
    "numbers, with Student's t interval of the paired differences; where several scenarios are "
    "compared with the base, the intervals of one figure hold together (Bonferroni)."
)
INDEPENDENT = "Scenarios had random numbers of their own; differences have Welch's interval."


def objectives(basis: Basis) -> Iterator[Item]:
    """Yield the items of section 1."""
    words, blanks = asked(basis, "purpose", AUTHOR["purpose"])
    titles = [f"**{label}**: {one.title}" for label, one in basis.scenarios.items()]
    area = f"The model is one of care for frail older people in {basis.base.area}."
    yield Item("1.1", "Purpose of the model", joined(words, area, *titles), blanks)
    yield Item("1.2", "Model outputs", _outputs(basis))
    words, blanks = asked(basis, "rationale", AUTHOR["rationale"])
    yield Item("1.3", "Aims of the experiments", joined(words, _design(basis)), blanks)


def _outputs(basis: Basis) -> str:
    from carepath_sim.measures import all_measures
    from carepath_sim.measures.registry import notes
    from carepath_sim.plan import compile_plan

    table = basis.table("summary")
    known = all_measures()
    if table is None:
        refused = {note.measure for note in notes(compile_plan(basis.base)) if note.refused}
        names = [name for name in known if name not in refused]
    else:
        names = [name for name in dict.fromkeys(table["measure"]) if name in known]
    rows = [
        (one.name, one.unit, one.definition, one.denominator)
        for one in map(known.get, names)
        if one
    ]
    compared = len(basis.scenarios) > 1
    pairs = PAIRED if basis.manifest.get("common_random_numbers", True) else INDEPENDENT
    return joined(
        INTERVALS,
        pairs if compared else "",
        markdown_table(("measure", "unit", "definition", "divided by"), rows),
    )


def _design(basis: Basis) -> str:
    """Return scenarios, design and optimisation."""
    rows = [(label, one.title, one.hash()[:12]) for label, one in basis.scenarios.items()]
    base = next(iter(basis.scenarios))
    kind = str(basis.manifest.get("kind", "scenario"))
    designs = {
        "run": "One scenario is simulated.",
        "comparison": f"Every scenario is compared with the base, `{base}`, run by run.",
        "scenario": "The scenario is described here without an experiment.",
    }
    design = designs.get(
        kind, f"An experiment of the kind `{kind}`; its manifest says what was tried."
    )
    optimised = (
        "Nothing is optimised."
        if kind in designs
        else "What was searched, and the answer, stand in the tables of the folder."
    )
    return joined(
        f"(A) Scenarios:\n\n{markdown_table(('scenario', 'what it is', 'hash'), rows)}",
        f"(B) Design: {design}",
        f"(C) Optimisation: {optimised}",
    )
