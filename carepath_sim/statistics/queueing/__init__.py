"""Exact results of queueing theory, against which the simulator is verified.

Rates are per unit of time and times in that same unit, whichever it is: an arrival rate per day
goes with a service mean in days. The load offered is arrival rate times service mean [servers].
"""

from carepath_sim.statistics.queueing.any_patience import mmc_patience
from carepath_sim.statistics.queueing.chain import birth_death, stationary_distribution
from carepath_sim.statistics.queueing.closed import (
    ClosedNetwork,
    closed_network,
    finite_source,
)
from carepath_sim.statistics.queueing.deterministic import Waits, gim1, mdc
from carepath_sim.statistics.queueing.finite import (
    FiniteQueue,
    LossSystem,
    PooledLoss,
    loss_system,
    mmck,
    pooled_loss,
)
from carepath_sim.statistics.queueing.general import MG1, PoissonOccupancy, mg1, mginf
from carepath_sim.statistics.queueing.lines import SaturatedLine, saturated_line
from carepath_sim.statistics.queueing.markov import MMc, erlang_b, erlang_c, mmc
from carepath_sim.statistics.queueing.networks import JacksonNetwork, jackson
from carepath_sim.statistics.queueing.patience import ImpatientQueue, erlang_a, mmc_fixed_patience
from carepath_sim.statistics.queueing.priority import (
    PriorityQueue,
    mg1_preemptive_resume,
    mg1_priority,
    mmc_priority,
)
from carepath_sim.statistics.queueing.streams import Unit, shared_unit
from carepath_sim.statistics.queueing.time_varying import (
    SinusoidalOccupancy,
    Transient,
    mmc_transient,
    mt_ginf,
)

__all__ = [
    "MG1",
    "ClosedNetwork",
    "FiniteQueue",
    "ImpatientQueue",
    "JacksonNetwork",
    "LossSystem",
    "MMc",
    "PoissonOccupancy",
    "PooledLoss",
    "PriorityQueue",
    "SaturatedLine",
    "SinusoidalOccupancy",
    "Transient",
    "Unit",
    "Waits",
    "birth_death",
    "closed_network",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "finite_source",
    "gim1",
    "jackson",
    "loss_system",
    "mdc",
    "mg1",
    "mg1_preemptive_resume",
    "mg1_priority",
    "mginf",
    "mmc",
    "mmc_fixed_patience",
    "mmc_patience",
    "mmc_priority",
    "mmc_transient",
    "mmck",
    "mt_ginf",
    "pooled_loss",
    "saturated_line",
    "shared_unit",
    "stationary_distribution",
]
