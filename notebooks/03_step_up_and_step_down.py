# %% [markdown]
# # Step-up against step-down
#
# **Question:** how should one bed base be shared between people who come from home, so that they need not go to
# hospital (step-up), and people who come from hospital on their way home (step-down)?
#
# Ten beds. Who comes from home goes to hospital after about a day of waiting; who comes from hospital waits
# there. Ring-fenced beds, beds for all, a few kept free, or a queue in which one side goes first?

# %%
import os

import carepath_sim as cp

SHORT = os.environ.get("CAREPATH_SHORT") == "1"  # small sizes, to see quickly that all works
REPLICATIONS, MOST = (3, 6) if SHORT else (20, 100)

# %%
ten = cp.load("../docs/cookbook/sharing-policies.yaml")
mix = cp.bed_mix(
    ten,
    "community_beds",
    streams=("step_up", "step_down"),
    splits=(2, 4),
    reserves=(2,),
    objective="minimise delayed_days + 7 * admissions_caused",
    indifference=20,
    replications=REPLICATIONS,
    max_replications=MOST,
)

# %% [markdown]
# What counts is said in `objective`: here a hospital admission weighs as much as seven delayed days. That is a
# judgement, and yours to make. `indifference` is a difference that does not matter to you.

# %%
choice = mix.choice()
choice[["configuration", "mean", "difference_from_best", "probability_best", "ruled_out"]]

# %% [markdown]
# The figures behind the choice. Colours tell better from worse within each column.

# %%
mix.plot.heat_map();

# %% [markdown]
# No weights at all: who is beaten in both, admissions and delay, by another? The others lie on the frontier, and
# choosing among them is a matter of values.

# %%
frontier = mix.frontier()
frontier.loc[frontier["on_frontier"], ["configuration", "first", "second", "probability"]]

# %%
mix.plot.frontier();

# %% [markdown]
# For a county change two lines, and allow some minutes:
#
#     scenario = cp.load("buckinghamshire/to-be")
#     mix = cp.bed_mix(scenario, "community_beds", streams=("step_up", "step_down"), splits=(20, 40))
