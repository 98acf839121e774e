# %% [markdown]
# # Validation against theory
#
# **Question:** is the simulator right where the right answer is known?
#
# For simple systems queueing theory has exact answers. `carepath verify` checks about a hundred of them; here are
# three to redo by hand.

# %%
import os

import carepath_sim as cp

SHORT = os.environ.get("CAREPATH_SHORT") == "1"  # small sizes, to see quickly that all works
REPLICATIONS = 4 if SHORT else 20

# %% [markdown]
# ## Nobody waits: Erlang's loss formula
#
# Two patients a day, four days each, so 8 beds are in use if there is room for all. Who finds all beds taken
# goes elsewhere. How many do depends on the mean stay only, not on how stays are spread (here lognormal).

# %%
lost = cp.load("../docs/cookbook/lost-when-full.yaml")
curve = cp.capacity_curve(lost, pool="beds", capacities=range(6, 15, 2), replications=REPLICATIONS)
given_up = curve.figures()["given_up"][["capacity", "mean", "low", "high", "closed_form"]]
given_up.assign(agrees=given_up["closed_form"].between(given_up["low"], given_up["high"]))

# %% [markdown]
# Each interval holds the truth 95 times in 100: one miss among twenty is no fault.

# %%
curve.plot("given_up");

# %% [markdown]
# ## Everybody waits: Erlang's delay formula
#
# Four calls an hour and one clerk who needs twelve minutes: the clerk is busy 80 % of the time, four in five
# callers wait, 48 minutes on average.

# %%
desk = cp.load("../docs/cookbook/one-desk.yaml")
desk = desk.set("clock.length", "90 d" if SHORT else "1 y")
calls = cp.run(desk, replications=REPLICATIONS)
expected = {"occupancy_share[clerk]": 0.8, "p_wait[clerk]": 0.8, "wait_mean[clerk]": 0.8}  # [h]
found = calls.figures(expected)
found.assign(theory=found["figure"].map(expected))

# %% [markdown]
# ## Little's law
#
# Whatever the distributions: people in a service = those who come in a day x their mean stay. With ten beds, two
# a day less those who are turned away, and four days each. The runs of the curve are there already.

# %%
turned_away = given_up.set_index("capacity").loc[10, "closed_form"]
in_use = curve.runs[2].figures("occupancy_mean[pool:beds]")  # six, eight, *ten* beds
in_use.assign(theory=2 * (1 - turned_away) * 4)
