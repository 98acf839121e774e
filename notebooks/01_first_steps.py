# %% [markdown]
# # First steps
#
# **Question:** how do I run a scenario, read its figures, and try one change?
#
# A scenario is a YAML file: who comes, which services there are, how many places they have, and where people
# go next. This one has a hospital ward, an assessment, and reablement at home.

# %%
import os

import carepath_sim as cp

SHORT = os.environ.get("CAREPATH_SHORT") == "1"  # small sizes, to see quickly that all works
REPLICATIONS = 3 if SHORT else 20

# %%
ward = cp.load("../docs/examples/ward.yaml")
for name, pool in ward.pools.items():
    print(f"{name}: {pool.title or 'no title'} [{pool.unit}]")

# %% [markdown]
# ## Run it
#
# A replication is one possible half-year. No two are alike, as no two winters are; so there are several, and
# every figure comes with an interval: the mean of very many replications lies in it with 95 % confidence.

# %%
result = cp.run(ward, replications=REPLICATIONS)
result.figures(["emergency_admissions", "delayed_days", "p_wait[beds]", "occupancy_share[beds]"])

# %% [markdown]
# `result.summary()` has every figure, several hundred of them. It is a DataFrame, so it can be asked as one:
# why do people who are ready to leave stay?

# %%
table = result.summary()
reasons = table[table["stratum"].str.startswith("reason:") & (table["mean"] > 0)]
reasons.loc[reasons["measure"] == "delayed_transfer_days", ["stratum", "mean", "low", "high"]]

# %% [markdown]
# How full are the beds, day by day? The line is the median of the replications, the bands say how far they lie
# apart.

# %%
result.plot.occupancy("beds");

# %% [markdown]
# ## Try one change
#
# A scenario never changes; `set` makes another one. Ten more reablement places: do fewer people wait in the
# ward for going home? Both runs get the same patients with the same luck, so that what differs between them is
# due to the places.

# %%
more = ward.set("pools.reablement_places.capacity", 60)
comparison = cp.compare(ward, more, replications=REPLICATIONS)
comparison.changed()

# %%
differences = comparison.differences(by="reason", measures=["delayed_transfer_days"])
columns = ["stratum", "base", "other", "difference", "low", "high"]
differences.loc[differences["base"] > 0, columns]

# %% [markdown]
# An interval that holds no 0 is more than luck.

# %%
comparison.plot();
