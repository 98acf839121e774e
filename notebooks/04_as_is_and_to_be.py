# %% [markdown]
# # One area: as it is, and as it is to be
#
# **Question:** what would Rutland's Better Care Fund plan change, how sure is that, and what does it rest on?

# %%
import os

import carepath_sim as cp

SHORT = os.environ.get("CAREPATH_SHORT") == "1"  # small sizes, to see quickly that all works
REPLICATIONS = 3 if SHORT else 20

# %%
as_is, to_be = cp.load("rutland/as-is"), cp.load("rutland/to-be")
if SHORT:  # a few people for a few weeks: figures that mean nothing
    weeks = {"length": "60 d", "warm_up": "30 d", "run_out": "14 d"}
    as_is, to_be = (one.set("population.size", 1500).with_(clock=weeks) for one in (as_is, to_be))
comparison = cp.compare(as_is, to_be, replications=REPLICATIONS)

# %% [markdown]
# ## What differs between the files
#
# Rows of the kind `demand` would make the comparison unfair: people and crises should be the same in both.

# %%
changed = comparison.changed()
changed["kind"].value_counts()

# %%
changed.head(12)

# %% [markdown]
# ## What comes out
#
# Differences within replications, with intervals. Never compare the intervals of two means by eye.

# %%
headline = ["emergency_admissions", "delayed_transfer_days", "costs"]
comparison.plot(measures=["emergency_admissions", "costs"]);

# %%
differences = comparison.differences(measures=headline)
columns = ["measure", "base", "other", "difference", "low", "high"]
differences.loc[differences["stratum"] == "all", columns]

# %% [markdown]
# ## Against what the plan hopes for
#
# The plan's targets beside what the runs give. A hope that is not met is a result, not a fault.

# %%
comparison.targets()

# %%
scorecard = comparison.others[0].scorecard()
scorecard[["title", "period", "target", "actual", "low", "high"]].head(12)

# %% [markdown]
# What the scenario rests on is written beside its numbers, in `scenarios/rutland`: sources, ranges, and where the
# documents contradict each other. Its notes begin:

# %%
for note in to_be.notes[:3]:
    print("-", note)
