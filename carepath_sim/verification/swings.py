"""What is not in a steady state: arrivals that swing, and a queue that starts empty.

The rates of the known answers are sines; the language's are constant for an hour (or a day, with a
profile by weekday). Each case is therefore held to the exact mean under its own steps, worked out
here from the same integral, mean(t) = integral of rate(t - u) P(stay > u) du; how far the steps are
from the sine is said in the note.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.units import DAY, HOUR
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import Claim, Observation, sample, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carepath_sim.verification.trials import Effort, Seen
    from carepath_sim.verification.verdict import Verdict


class Swing(NamedTuple):
    """A ward under arrivals that swing; the unit of time is that of the known answer.

    Attributes
    ----------
    case
        Name of the known answer.
    rate, amplitude
        Mean arrival rate, and how far it swings to either side [per unit].
    steps
        Number of steps of constant rate in the cycle.
    family, mean, sd
        Distribution of stays [units].
    unit
        What a unit lasts in the scenario [ms].
    length
        Cycles in the window.
    """

    case: str
    rate: float
    amplitude: float
    steps: int
    family: str
    mean: float
    sd: float
    unit: float
    length: int


SWINGS = {
    "mtginf_exponential_24.0_4.0": Swing(
        "mtginf_exponential_24.0_4.0", 5, 3, 24, "exponential", 4, 4, HOUR, 20
    ),
    "mtginf_lognormal_24.0_6.0": Swing(
        "mtginf_lognormal_24.0_6.0", 5, 3, 24, "lognormal", 6, 8, HOUR, 20
    ),
    "mtginf_deterministic_24.0_4.0": Swing(
        "mtginf_deterministic_24.0_4.0", 5, 3, 24, "fixed", 4, 0, HOUR, 20
    ),
    # A week squeezed into a day has steps of an hour; a week of days has seven steps.
    "mtginf_lognormal_7.0_7.4": Swing(
        "mtginf_lognormal_7.0_7.4", 2, 1, 24, "lognormal", 7.4, 8.61, DAY / 7, 100
    ),
    "mtginf_lognormal_7.0_7.4 by weekday": Swing(
        "mtginf_lognormal_7.0_7.4", 2, 1, 7, "lognormal", 7.4, 8.61, DAY, 80
    ),
}

_CYCLES = 2000


def _period(swing: Swing) -> float:
    return float(swing.case.split("_")[2])


def step_rates(swing: Swing) -> list[float]:
    """Return the rates of the steps: the mean of the sine over each."""
    turn = 2 * math.pi / swing.steps
    return [
        swing.rate + swing.amplitude * (math.cos(turn * k) - math.cos(turn * (k + 1))) / turn
        for k in range(swing.steps)
    ]


def limited_mean(swing: Swing, limit: float) -> float:
    """Return the mean of the stay or of `limit`, whichever is less: the integral of P(stay > u)."""
    if limit <= 0:
        return 0.0
    if swing.family == "fixed":
        return min(limit, swing.mean)
    if swing.family == "exponential":
        return -swing.mean * math.expm1(-limit / swing.mean)
    variance = math.log1p((swing.sd / swing.mean) ** 2)
    sigma = math.sqrt(variance)
    z = (math.log(limit / swing.mean) + variance / 2) / sigma
    return swing.mean * _normal(z - sigma) + limit * _normal(-z)


def _normal(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def mean_at(swing: Swing, rates: Sequence[float], t: float) -> float:
    """Return the mean occupancy at a time of the cycle, under rates constant by step.

    Everybody who came between a and b before t is there still with the share that the integral of
    P(stay > u) from a to b says; cycles are added up into the past.
    """
    period = _period(swing)
    width = period / len(rates)
    found = 0.0
    for k, rate in enumerate(rates):
        for cycle in range(_CYCLES):
            since = t - k * width + cycle * period
            more = limited_mean(swing, since) - limited_mean(swing, since - width)
            found += rate * more
            if since > 50 * period and more < 1e-12:
                break
    return found


def _sets(swing: Swing, rates: Sequence[float]) -> dict[str, object]:
    unit = swing.unit / HOUR
    days = swing.length * round(_period(swing) * swing.unit / DAY)
    stay: object = f"{swing.mean * unit} h"
    if swing.family == "exponential":
        stay = {"exponential": {"mean": stay}}
    elif swing.family == "lognormal":
        stay = {"lognormal": {"mean": stay, "sd": f"{swing.sd * unit} h"}}
    return {
        "arrivals.people.rate": f"{swing.rate / unit} per h",
        "arrivals.people.profile": {"weekday" if swing.steps == 7 else "hour": list(rates)},
        "services.ward.stay": stay,
        "clock.length": f"{days} d",
        "clock.warm_up": f"{math.ceil(25 * swing.mean * swing.unit / DAY)} d",
    }


def _look(seen: Seen, swing: Swing, expected: dict[str, float]) -> dict[str, Observation | float]:
    stays = seen.at("ward") & seen.begun
    cycle = _period(swing) * swing.unit
    found: dict[str, Observation | float] = {"mean": seen.figure("occupancy_mean", pool="beds")}
    spread = 0.0
    for name, mean in expected.items():
        instants = [round(n * cycle + float(name) * swing.unit) for n in range(swing.length)]
        there = [seen.present(stays, t) for t in instants]
        found[name] = sum(there) / swing.length
        spread += sum((n - mean) ** 2 / mean for n in there) / swing.length / len(expected)
    return found | {"spread": spread}


def _work(name: str, effort: Effort) -> tuple[Verdict, ...]:
    swing = SWINGS[name]
    known = answer(swing.case)
    sines = known.expected["mean_occupancy_at_t_mod_period"]
    rates = step_rates(swing)
    expected = {t: mean_at(swing, rates, float(t)) for t in sines}
    apart = max(abs(expected[t] - sines[t]) for t in sines)
    note = f"rates in {swing.steps} steps a cycle, at most {apart:.2f} from the sine"
    count = effort.replications(10)
    found = sample(
        "swing",
        _sets(swing, rates),
        count,
        effort.luck(name),
        lambda seen: _look(seen, swing, expected),
    )
    claims = [
        Claim(t, f"mean occupancy at {t} of {_period(swing):g}", mean)
        for t, mean in expected.items()
    ]
    claims += [
        Claim("mean", "mean occupancy", known.expected["mean"]),
        Claim("spread", "variance over mean of the occupancy at these times (Poisson)", 1.0),
    ]
    return verdicts(name, found, claims, known.source, note)


def _present(seen: Seen, times: Sequence[str]) -> dict[str, Observation | float]:
    found: dict[str, Observation | float] = {}
    stays = seen.at("service")
    for name in times:
        t = round(float(name) * HOUR)
        found[f"number {name}"] = seen.present(stays, t, "requested")
        served = seen.present(stays & seen.begun, t)
        found[f"queue {name}"] = seen.present(stays, t, "requested") - served
    return found


def _transient(effort: Effort) -> tuple[Verdict, ...]:
    known = answer("mmc_transient_empty")
    numbers, queues = (known.expected[f"mean_{what}_at_t"] for what in ("number", "queue"))
    sets = {
        "arrivals.people.rate": "2.7 per h",
        "pools.servers.capacity": 3,
        "services.service.stay": {"exponential": {"mean": "1 h"}},
        "clock.length": "50 h",
        "clock.warm_up": "0 d",
        "clock.run_out": "1 min",
    }
    count = effort.replications(200)
    found = sample(
        "queue", sets, count, effort.luck(known.case), lambda s: _present(s, list(numbers))
    )
    claims = [Claim(f"number {t}", f"mean number there at {t}", n) for t, n in numbers.items()]
    claims += [Claim(f"queue {t}", f"mean number waiting at {t}", n) for t, n in queues.items()]
    return verdicts(known.case, found, claims, known.source)


CASES = (
    *(Case(name, partial(_work, name), name == "mtginf_lognormal_24.0_6.0") for name in SWINGS),
    Case("mmc_transient_empty", _transient, quick=True),
)
