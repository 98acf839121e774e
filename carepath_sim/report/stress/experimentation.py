"""Section 4: how the model was run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carepath_sim.report.stress.items import Item, bullets, frame_table, joined, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from carepath_sim.report.stress.basis import Basis

AFTER = "Known after a run: give the folder that `carepath run --out DIR` made."
MOST = 12
"""Figures of which the precision is shown."""


def experimentation(basis: Basis) -> Iterator[Item]:
    """Yield the items of section 4."""
    yield Item("4.1", "Initialisation", _start(basis))
    clock = basis.base.clock
    length = (
        f"The window lasts {clock.length.text} from {clock.start.isoformat()}, after "
        f"{clock.warm_up.text or '0 d'} of warm-up; people are followed for "
        f"{clock.run_out.text} more for readmissions and outcomes. Time is counted in whole "
        "milliseconds."
    )
    yield Item("4.2", "Run length", length)
    done = basis.manifest.get("finished") or basis.manifest.get("replications")
    blanks = () if done else (f"How many replications, and why? {AFTER}",)
    yield Item("4.3", "Estimation approach", _estimation(basis) if done else "", blanks)


def _start(basis: Basis) -> str:
    lines = []
    for label, scenario in basis.scenarios.items():
        from carepath_sim.plan import compile_plan

        said = " ".join(compile_plan(scenario).start_said)
        lines.append(f"{label}: {said}")
    warmed = basis.base.clock.warm_up.value > 0
    return joined(
        "Each replication ends after the window and its run-out; nothing else stops it. "
        + (
            "What happens in the warm-up is not counted; `carepath warmup` shows whether it is "
            "long enough."
            if warmed
            else "There is no warm-up: the question is about a period from a given state."
        ),
        bullets(lines),
        "Who is there at the start is drawn anew in each replication, with luck of its own.",
    )


def _estimation(basis: Basis) -> str:
    manifest = basis.manifest
    finished = manifest.get("finished")
    count = len(finished) if finished else manifest.get("replications")
    wanted: list[Mapping[str, Any]] = manifest.get("precision") or []
    if wanted:
        why = "Replications were added until the precision below was reached, or the limit."
        rows = [[str(one.get(key, "")) for key in wanted[0]] for one in wanted]
        reached = markdown_table(list(wanted[0]), rows)
    else:
        why = (
            "The number was given; what precision it brought is shown by the half-widths of "
            "the 95 % intervals."
        )
        reached = _half_widths(basis)
    state = "" if manifest.get("complete", True) else "The run is unfinished."
    return joined(f"{count} independent replications of each scenario. {why}", state, reached)


def _half_widths(basis: Basis) -> str:
    from carepath_sim.report.lines import measure_words

    table = basis.table("summary")
    if table is None or not {"stratum", "low", "high"} <= set(table.columns):
        return ""
    shown = table[table["stratum"] == "all"].groupby("measure", sort=False).first()
    shown = shown[shown["mean"].abs() > 0].head(MOST).reset_index()
    # An interval that is cut at what is possible is as wide as its longer side.
    half = (shown["high"] - shown["mean"]).combine(shown["mean"] - shown["low"], max)
    return frame_table(
        shown.assign(
            figure=shown["measure"].map(measure_words),
            mean=shown["mean"].map("{:.4g}".format),
            half_width=half.map("{:.3g}".format),
            part=(half / shown["mean"].abs()).map("{:.1%}".format),
        )[["figure", "unit", "mean", "half_width", "part"]].rename(
            columns={"half_width": "half-width", "part": "share of the mean"}
        )
    )
