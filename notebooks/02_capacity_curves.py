# %% [markdown]
# # Capacity curves
#
# **Question:** how many beds are enough?
#
# Five lines make a picture for a paper: the share of patients who wait for a bed, for each number of beds, with
# intervals, the smallest number that meets a target, and what queueing theory says.

# %%
import os

SHORT = os.environ.get("CAREPATH_SHORT") == "1"  # small sizes, to see quickly that all works
BEDS = range(40, 53, 6) if SHORT else range(36, 61, 3)
REPLICATIONS = 3 if SHORT else 20
MOST = 4 if SHORT else 100

# %%
import carepath_sim as cp

ward = cp.load("../docs/examples/ward.yaml")
curve = cp.capacity_curve(
    ward, pool="beds", capacities=BEDS, targets="p_wait<=5%", replications=REPLICATIONS, most=MOST
)
axes = curve.plot("p_wait")
axes.figure.savefig("capacity-curve.png", dpi=300)

# %% [markdown]
# The answer in words, with how sure it is:

# %%
print(curve.said())

# %% [markdown]
# ## More than one figure
#
# Beds that stand empty are the price of short waits. One row a capacity, one column a figure:

# %%
curve.wide()

# %% [markdown]
# What does each step bring? The change from the next lower capacity is sharper than the means beside each other:
# all capacities had the same patients.

# %%
steps = curve.figures()["p_wait"]
steps[["capacity", "mean", "change", "change_low", "change_high"]]

# %%
curve.plot();

# %% [markdown]
# ## An area
#
# The same for the community hospital beds of Rutland: another name, another pool.

# %%
rutland = cp.load("rutland/to-be")
if SHORT:  # a few people for a few weeks: figures that mean nothing
    weeks = {"length": "60 d", "warm_up": "30 d", "run_out": "14 d"}
    rutland = rutland.set("population.size", 1500).with_(clock=weeks)
county = cp.capacity_curve(
    rutland, pool="community_beds", capacities=range(3, 11, 2), replications=REPLICATIONS
)
county.plot("delayed_transfer_days");

# %%
print(county.said())
