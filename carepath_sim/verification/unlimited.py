"""Places that turn nobody away: occupancies are Poisson, whatever the distribution of stays."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from carepath_sim.measures.occupancy import occupancy_distribution
from carepath_sim.verification.answers import answer
from carepath_sim.verification.case import Case
from carepath_sim.verification.trials import Claim, sample, verdicts

if TYPE_CHECKING:
    from carepath_sim.measures.levels import Distribution
    from carepath_sim.verification.trials import Effort, Observation, Seen
    from carepath_sim.verification.verdict import Verdict


class Ward(NamedTuple):
    """A ward: arrivals [per d], mean and standard deviation of stays [d], window [d]."""

    rate: float
    mean: float
    sd: float
    length: int


WARDS = {
    "mginf_3.0_7.0": Ward(3.0, 7.0, 8.6, 730),
    "mginf_1.2_10.0": Ward(1.2, 10.0, 2.0, 1460),
}


def moments(levels: Distribution) -> tuple[float, float]:
    """Return mean and variance of a level over time."""
    mean = float(levels.levels @ levels.shares)
    return mean, float(((levels.levels - mean) ** 2) @ levels.shares)


def _look(seen: Seen, beds: list[int]) -> dict[str, Observation | float]:
    levels = occupancy_distribution(seen.plan, seen.record, pool="beds")
    mean = seen.figure("occupancy_mean", pool="beds")
    found: dict[str, Observation | float] = {"mean": mean}
    # About the known mean: about the mean of a short run it would be too small.
    found["variance"] = float(((levels.levels - beds[0]) ** 2) @ levels.shares)
    found["pmf"] = levels.share(beds[0])
    for n in beds:
        found[f"above {n}"] = 1 - levels.cumulative(n)
    return found


def _work(case: str, effort: Effort) -> tuple[Verdict, ...]:
    ward, known = WARDS[case], answer(case)
    beds = [int(n) for n in known.expected["p_occ_gt"]]
    sets = {
        "arrivals.people.rate": f"{ward.rate} per d",
        "services.ward.stay": {"lognormal": {"mean": f"{ward.mean} d", "sd": f"{ward.sd} d"}},
        "clock.length": f"{ward.length} d",
    }
    count = effort.replications(12)
    found = sample("unlimited", sets, count, effort.luck(case), lambda seen: _look(seen, beds))
    expected = known.expected
    claims = [
        Claim("mean", "mean occupancy", expected["mean_occupancy"]),
        Claim("variance", "variance of the occupancy over time", expected["var_occupancy"]),
        Claim("pmf", f"share of time with exactly {beds[0]}", expected["occ_pmf_at_mean"]),
        *(
            Claim(f"above {n}", f"share of time with more than {n}", expected["p_occ_gt"][str(n)])
            for n in beds
        ),
    ]
    return verdicts(case, found, claims, known.source)


CASES = tuple(Case(name, partial(_work, name), quick=True) for name in WARDS)
