"""Acute stroke care (Monks and others 2016): beds without a limit, and beds that lose people.

Arrivals are Poisson and nobody waits, so that the occupancy of each unit is exactly Poisson; the
probability of a delay with n beds is P(N = n) / P(N <= n), which is also the loss of n beds.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from carepath_sim.measures.occupancy import occupancy_distribution
from carepath_sim.units import DAY
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.losses import pooled_sets
from carepath_sim.verification.trials import Claim, Observation, sample, verdicts

if TYPE_CHECKING:
    from carepath_sim.verification.trials import Effort, Seen
    from carepath_sim.verification.verdict import Verdict

CLASSES = ("stroke", "tia", "neuro", "other")
UNITS = {"asu": ("acute_unit", "acute_beds"), "rehab": ("rehab", "rehab_beds")}
WORDS = {"asu": "acute unit", "rehab": "rehabilitation"}

# Mean days between arrivals, by source.
GAPS = {
    "stroke": 1.2,
    "tia": 9.3,
    "neuro": 3.6,
    "other": 3.2,
    "stroke_from_elsewhere": 21.8,
    "neuro_from_elsewhere": 31.7,
    "other_from_elsewhere": 28.6,
}

VARIANTS = {"base": 1.0, "more5_rate": 1.05, "more5_repo": 1 / 0.95, "no_neuro": 1.0}
"""Factor on all rates of arrival. The paper multiplies rates, one of its programs intervals."""


def _sets(variant: str) -> dict[str, object]:
    found: dict[str, object] = {
        f"arrivals.{source}.rate": f"{VARIANTS[variant] / gap} per d"
        for source, gap in GAPS.items()
    }
    if variant == "no_neuro":
        without = [source for source in GAPS if source.startswith("neuro")]
        found = {key: value for key, value in found.items() if key.split(".")[1] not in without}
        found |= {f"arrivals.{source}": None for source in without}
    return found


def _look(seen: Seen, expected: dict[str, object]) -> dict[str, Observation | float]:
    found: dict[str, Observation | float] = {}
    spells = seen.spells
    sources = seen.plan.source_names
    for unit, (service, pool) in UNITS.items():
        levels = occupancy_distribution(seen.plan, seen.record, pool=pool)
        stays = seen.at(service) & seen.begun
        mean = float(expected[f"mean_{unit}_occupancy"])  # type: ignore[arg-type]
        came = spells["started"][stays]
        found |= {
            f"{unit} mean": seen.figure("occupancy_mean", pool=pool),
            f"{unit} spread": float(((levels.levels - mean) ** 2) @ levels.shares) / mean,
            f"{unit} came": float(((came >= 0) & (came < seen.plan.window)).sum())
            / (seen.plan.window / DAY),
        }
        for name in CLASSES:
            mine = stays & False
            for source in (name, f"{name}_from_elsewhere"):
                if source in sources:
                    mine |= stays & seen.coming_from(source)
            found[f"{unit} {name}"] = seen.time_share(spells["started"][mine], seen.until[mine])
        for n in expected["p_delay"][unit]:  # type: ignore[index]
            beds = int(n)
            found[f"{unit} delay {n}"] = Observation(levels.share(beds), levels.cumulative(beds))
    return found


# Beds for which probabilities are claimed: fewer and more than anybody would plan are left out.
_BEDS = {"asu": ("6", "8", "10", "12", "14"), "rehab": ("8", "10", "12", "14", "16")}


def _claims(expected: dict[str, object], *, classes: bool) -> list[Claim]:
    claims: list[Claim] = []
    known: dict[str, float] = expected  # type: ignore[assignment]
    for unit, words in WORDS.items():
        long = {"asu": "asu", "rehab": "rehab"}[unit]
        claims += [
            Claim(f"{unit} mean", f"mean occupancy, {words}", known[f"mean_{long}_occupancy"]),
            Claim(
                f"{unit} came", f"admissions [per d], {words}", known[f"{long}_admissions_per_day"]
            ),
            Claim(f"{unit} spread", f"variance over mean of the occupancy (Poisson), {words}", 1.0),
        ]
        by_class: dict[str, float] = expected[f"mean_{unit}_by_class"]  # type: ignore[assignment]
        if classes:
            claims += [
                Claim(f"{unit} {name}", f"mean occupancy, {words}, {name}", by_class[name])
                for name in CLASSES
            ]
        delay: dict[str, float] = expected["p_delay"][unit]  # type: ignore[index]
        claims += [
            Claim(f"{unit} delay {n}", f"probability of a delay with {n} beds, {words}", delay[n])
            for n in _BEDS[unit]
        ]
    return claims


def _work(variant: str, effort: Effort) -> tuple[Verdict, ...]:
    known = answer("monks_stroke")
    expected = known.expected[variant]
    name = f"{known.case} {variant}"
    count = effort.replications(16 if variant == "base" else 8)
    found = sample(
        "stroke", _sets(variant), count, effort.luck(name), lambda seen: _look(seen, expected)
    )
    return verdicts(name, found, _claims(expected, classes=variant == "base"), known.source)


def _lost(seen: Seen) -> dict[str, Observation | float]:
    return {s: seen.figure("given_up", service="ward", stream=s) for s in ("a", "b")}


def _lost_of_all(seen: Seen) -> dict[str, Observation | float]:
    return {"a": seen.figure("given_up", service="ward")}


def _pooled(parts: tuple[int, int, int], effort: Effort) -> tuple[Verdict, ...]:
    known = answer("monks_stroke")
    (row,) = [
        entry
        for entry in known.expected["loss"]
        if (entry["dedicated_acute"], entry["dedicated_rehab"], entry["pooled"]) == parts
    ]
    base = known.expected["base"]
    loads = (base["mean_asu_occupancy"], base["mean_rehab_occupancy"])
    sets = pooled_sets(loads, parts) | {"clock.length": "120 d"}
    name = f"{known.case} beds {parts[0]} + {parts[1]} + {parts[2]}"
    acute, rehab = row["true_loss_system_p_acute_p_rehab"]
    claims = [Claim("a", "share of acute people lost", acute)]
    look = _lost_of_all
    if parts[2] != sum(parts):
        claims.append(Claim("b", "share of rehabilitation people lost", rehab))
        look = _lost
    else:
        claims = [Claim("a", "share of people lost", acute)]
    found = sample("pooled", sets, effort.replications(10), effort.luck(name), look)
    return verdicts(name, found, claims, known.source, "both loads from outside, product form")


POOLINGS = ((0, 0, 22), (11, 11, 4), (9, 9, 8))

CASES = (
    *(
        Case(f"monks_stroke {variant}", partial(_work, variant), variant == "base")
        for variant in VARIANTS
    ),
    *(
        Case(f"monks_stroke beds {a} + {b} + {both}", partial(_pooled, (a, b, both)))
        for a, b, both in POOLINGS
    ),
)
