"""The model card: what the model may be used for, and what not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from carepath_sim.report.numbers import given
from carepath_sim.report.stress.items import bullets, joined

if TYPE_CHECKING:
    from carepath_sim.report.stress.basis import Basis

FOR = (
    (
        "comparing ways to organise care, capacities and policies for a whole area over months to "
        "years"
    ),
    "finding where people wait, for how long, and which limit is behind it",
    "asking how many beds, teams or visits meet a target, and how sure that is",
)
NOT_FOR = (
    "decisions on the care of one person: people here are drawn, and no clinical risk is predicted",
    "forecasts of a day or a week: intervals are those of a mean, and single years differ more",
    "the effect of care on health, unless the scenario says it as a number",
    (
        "levels of figures that were not held against data of the area; differences are surer than "
        "levels"
    ),
)
LIMITS = (
    "Staff have no skills or moods; a unit of a pool is like every other.",
    "Services do not change their ways under pressure, but for what the scenario says.",
    (
        "Intervals tell the luck of the simulation, not the uncertainty of the inputs; "
        "`carepath sensitivity` looks at that."
    ),
)


def model_card(basis: Basis) -> str:
    """Return the model card as Markdown."""
    base = basis.base
    said = basis.said
    qualities = Counter(one.provenance.quality or "not said" for one in given(base))
    rests = ", ".join(f"{count} {quality}" for quality, count in qualities.most_common())
    people = (
        f"{base.population.size.value:,.0f} people" if base.population else "people from outside"
    )
    what = [
        f"**What it is.** A discrete-event simulation of {people} in {base.area}, "
        f"{len(base.services)} services and {len(base.pools)} pools: "
        + "; ".join(f"{label}, {one.title}" for label, one in basis.scenarios.items())
        + ".",
        f"**What it rests on.** {sum(qualities.values())} numbers of the base by quality: {rests}.",
        f"**Contact.** {said['contact']}" if "contact" in said else "",
    ]
    return joined(
        *what,
        joined("**Intended use.**", said.get("intended_use", ""), bullets(FOR)),
        joined("**Not for.**", bullets(NOT_FOR)),
        joined("**Limits.**", said.get("limits", ""), bullets([*LIMITS, *base.notes])),
    )
