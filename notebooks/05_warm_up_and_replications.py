# %% [markdown]
# # Warm-up and replications
#
# **Question:** how long must a run warm up before anything is counted, and how many replications are enough?

# %%
import os

import carepath_sim as cp

SHORT = os.environ.get("CAREPATH_SHORT") == "1"  # small sizes, to see quickly that all works
REPLICATIONS, MOST, DAYS = (3, 12, 365) if SHORT else (20, 200, 1095)

# %% [markdown]
# ## Warm-up
#
# The ward begins empty. A long run from its first instant shows when the number of people in each place has
# settled: by eye (Welch), by a rule (MSER-5), and by the lengths of stay alone (floor). The longest counts. Where a method finds no end (`NaN`), the run was too short
# or there is no steady state: make `days` larger first.

# %%
ward = cp.load("../docs/examples/ward.yaml")
found = cp.warm_up(ward, days=DAYS, replications=REPLICATIONS)
found.table()[["title", "count", "settled_mean", "welch", "mser5", "floor", "warm_up"]]

# %%
print(f"{found.recommended:g} d are needed, the scenario has {found.own:g} d; enough: {found.enough}")

# %%
found.plot();

# %% [markdown]
# ## Replications
#
# Say how sharp the figures must be; replications are added until they are. Delay varies much from one half-year
# to the next, so its interval is the last to become short.

# %%
result = cp.run(
    ward, replications=5, precision=["admissions=2%", "p_wait[beds]=3pp"], max_replications=MOST
)
result.precision()[["measure", "wanted", "mean", "half_width", "reached", "replications", "needed"]]

# %% [markdown]
# Where scenarios are compared, ask for the precision of the difference: it needs far fewer replications, because
# both have the same patients. `variance_reduction` says how many times fewer.

# %%
fewer = ward.set("pools.beds.capacity", 40)
comparison = cp.compare(ward, fewer, replications=REPLICATIONS)
differences = comparison.differences(measures=["p_wait"])
columns = ["stratum", "difference", "low", "high", "variance_reduction", "replications"]
differences.loc[differences["stratum"] == "service:ward", columns]
