# %% [markdown]
# # Sensitivity
#
# **Question:** which of the numbers that nobody knows exactly matter for the answer?
#
# A number with a `range` in the scenario can be varied. Scenarios of areas have hundreds; here the ward is given
# four, over what its file says.

# %%
import os

import carepath_sim as cp

SHORT = os.environ.get("CAREPATH_SHORT") == "1"  # small sizes, to see quickly that all works
REPLICATIONS, TRAJECTORIES, SAMPLES = (2, 2, 2) if SHORT else (10, 10, 32)

# %%
ward = cp.load(
    "../docs/examples/ward.yaml",
    sets={
        "arrivals.patients.rate": {"value": "5 per d", "range": ["4.5 per d", "5.5 per d"]},
        "pools.beds.capacity": {"value": 45, "range": [40, 50]},
        "pools.reablement_places.capacity": {"value": 50, "range": [40, 60]},
        "services.ward.stay.lognormal.mean": {"value": "6 d", "range": ["5 d", "7 d"]},
    },
)

# %% [markdown]
# ## One number at a time
#
# Each number alone at either end of its range, the others as written. Begin here.

# %%
measures = ["delayed_transfer_days", "p_wait[beds]"]
tornado = cp.sensitivity(ward, "tornado", measures=measures, replications=REPLICATIONS)
tornado.table()[["measure", "parameter", "low", "high", "at_low", "at_high", "swing", "beyond_luck"]]

# %%
tornado.plot.effects("delayed_transfer_days");

# %% [markdown]
# ## Wherever the others lie
#
# Morris moves one number after the other along random ways through all ranges. A large `sigma` says that what a
# number does depends on the others: a few places fewer hurt much more when stays are long. The `(dummy)` does
# nothing; what is no larger than it does not matter.

# %%
morris = cp.sensitivity(
    ward, "morris", measures=measures, trajectories=TRAJECTORIES, replications=REPLICATIONS
)
morris.table()[["measure", "parameter", "mu_star", "sigma", "beyond_luck"]]

# %% [markdown]
# ## Shares of the uncertainty
#
# Sobol indices: which part of the variance would go if this number were known? Ask it about the few that are
# left after the two above.

# %%
sobol = cp.sensitivity(
    ward, "sobol", measures=["delayed_transfer_days"], samples=SAMPLES, replications=REPLICATIONS
)
sobol.table()[["parameter", "total", "total_low", "total_high", "first", "beyond_luck"]]

# %% [markdown]
# How much of what varies between single half-years is due to the numbers, and how much is luck?

# %%
sobol.noise()[["measure", "parameters", "luck", "both"]]
