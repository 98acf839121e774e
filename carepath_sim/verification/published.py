"""Terminating runs of published models, against what their authors and an independent program got.

Both sides are estimates here: the interval is that of the difference, laid around what came out.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from carepath_sim.units import HOUR, MINUTE
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import Claim, sample, verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from carepath_sim.verification.trials import Effort, Observation, Seen
    from carepath_sim.verification.verdict import Verdict


def _mean(values: NDArray[np.int64], rows: NDArray[np.bool_], unit: float) -> float:
    """Return the mean of one run: the authors average over runs, however many people."""
    return float(values[rows].mean()) / unit if rows.any() else float("nan")


CLINIC = {
    "baby at reception": ("reception", "baby"),
    "child at reception": ("reception", "child"),
    "baby at the specialist": ("baby_specialist", "baby"),
    "child at the specialist": ("child_specialist", "child"),
}


def _clinic_waits(seen: Seen) -> dict[str, float]:
    # Visits that begin between hour 3 and 27 and are complete at hour 30, as the example counts.
    ready = seen.spells["ready"]
    counted = seen.begun & seen.asked_in(3 * HOUR + 1, 27 * HOUR) & (ready > 0)
    counted &= ready <= 30 * HOUR
    return {
        name: _mean(seen.waits, counted & seen.at(service) & seen.coming_from(source), HOUR)
        for name, (service, source) in CLINIC.items()
    }


def _clinic(effort: Effort) -> tuple[Verdict, ...]:
    known = answer("clinic")
    means, errors = known.expected["independent_3000"]
    count = effort.replications(120)
    found = sample("clinic", {}, count, effort.luck(known.case), _clinic_waits)
    claims = [
        Claim(name, f"mean wait of a {name} [h]", mean, error)
        for name, mean, error in zip(CLINIC, means, errors, strict=True)
    ]
    return verdicts(known.case, found, claims, known.source)


SERVERS = {
    "base": {"operator": 13, "nurse": 9},
    "whatif": {"operator": 14, "nurse": 10},
}

_SHORT = {"operator": "op", "nurse": "nurse"}

_WORDS = {
    "wait": "mean wait of those served by the end [min]",
    "wait_started": "mean wait of those who started [min]",
    "util_completed": "share of servers busy with those served by the end [%]",
    "util_true": "share of servers busy [%]",
    "meanq_true": "mean number waiting",
}


def _calls(seen: Seen, servers: Mapping[str, int]) -> dict[str, Observation | float]:
    found: dict[str, Observation | float] = {}
    ready, window = seen.spells["ready"], seen.plan.window
    for service, count in servers.items():
        started = seen.at(service) & seen.begun
        served = started & (ready >= 0) & (ready < window)
        length = (ready - seen.spells["started"])[served].sum()
        short = _SHORT[service]
        found |= {
            f"{short}_wait": _mean(seen.waits, served, MINUTE),
            f"{short}_wait_started": _mean(seen.waits, started, MINUTE),
            f"{short}_util_completed": 100 * float(length) / window / count,
            f"{short}_util_true": 100 * seen.figure("occupancy_mean", service=service).top / count,
            f"{short}_meanq_true": seen.figure("waiting_people", service=service),
        }
    return found


def _call_centre(variant: str, effort: Effort) -> tuple[Verdict, ...]:
    known = answer("call_centre_111")
    servers = SERVERS[variant]
    share = 0.4 if variant == "base" else 0.45
    sets = {
        "pools.operators.capacity": servers["operator"],
        "pools.nurses.capacity": servers["nurse"],
        "services.operator.next": {"to": {"nurse": share, "gone": round(1 - share, 2)}},
    }
    name = f"{known.case} {variant}"
    count = effort.replications(18 if variant == "base" else 12)
    found = sample(
        "call_centre", sets, count, effort.luck(name), lambda seen: _calls(seen, servers)
    )
    other = known.expected["independent_500"][variant]
    independent = [
        Claim(figure, f"{service}: {words}", other["mean"][figure], other["se"][figure])
        for service, short in _SHORT.items()
        for word, words in _WORDS.items()
        if (figure := f"{short}_{word}") in other["mean"]
    ]
    printed = known.expected[
        "published_50_reps" if variant == "base" else "published_whatif_5_reps"
    ]
    published = [
        Claim(
            f"{short}_{'util_completed' if word == 'util' else word}",
            f"{service}: {'share of servers busy [%]' if word == 'util' else 'mean wait [min]'},"
            " as published",
            *printed[f"{short}_{word}"],
        )
        for service, short in _SHORT.items()
        for word in ("wait", "util")
        # Some are printed without any error: those say nothing of luck.
        if isinstance(printed.get(f"{short}_{word}"), list)
    ]
    return (
        *verdicts(name, found, independent, known.source),
        *verdicts(name, found, published, known.source),
    )


_LEAVING = "_leaving"


def _department(seen: Seen) -> dict[str, Observation | float]:
    spells, window = seen.spells, seen.plan.window
    found: dict[str, Observation | float] = {}
    for pool in (info.name for info in seen.plan.pools):
        stays = seen.at(pool) & seen.begun
        ready = spells["ready"]
        done = stays & (ready >= 0) & (ready < window)
        found |= {
            f"{pool} occ": seen.figure("occupancy_mean", pool=pool),
            f"{pool} throughput": float(done.sum()) / (window / HOUR),
            f"{pool} mean_active": seen.time_share(
                spells["started"][stays], np.minimum(seen.until, ready)[stays]
            ),
        }
        if pool + _LEAVING in seen.plan.service_index:
            found[f"{pool} tr"] = seen.figure("occupancy_mean", service=pool + _LEAVING)
    lost = seen.figure("given_up", service="shock_room").top
    return found | {"shock_room lost": lost / (window / HOUR)}


_DEPARTMENT = {
    "throughput": "people treated [per h]",
    "mean_active": "mean people in treatment",
    "occ": "mean places taken",
    "tr": "mean places kept until an admission",
    "lost": "people turned away [per h]",
}


def _emergency(effort: Effort) -> tuple[Verdict, ...]:
    known = answer("pathsimr_ae")
    count = effort.replications(32)
    found = sample("emergency_department", {}, count, effort.luck(known.case), _department)

    def claim(place: str, figure: str, *expected: float) -> Claim:
        words = place.replace("_", " ").lower()
        return Claim(f"{place.lower()} {figure}", f"{words}: {_DEPARTMENT[figure]}", *expected)

    balance = [
        claim(place, figure, value)
        for place, figures in known.expected["flow_balance"].items()
        for figure, value in figures.items()
    ]
    independent = [
        claim(place, figure, *figures[figure])
        for place, figures in known.expected["independent"].items()
        for figure in ("occ", "tr", "lost")
        if figures[figure][0]
    ]
    printed = [
        claim(place, "occ", *figures)
        for place, figures in known.expected["occupancy_as_published"].items()
    ]
    return (
        *verdicts(known.case, found, balance, known.source, "expected by flow balance"),
        *verdicts(known.case, found, independent, known.source, "expected by another program"),
        *verdicts(known.case, found, printed, known.source, "expected as published"),
    )


CASES = (
    Case("pathsimr_ae", _emergency),
    Case("clinic", _clinic, quick=True),
    *(
        Case(f"call_centre_111 {variant}", partial(_call_centre, variant), variant == "base")
        for variant in SERVERS
    ),
)
