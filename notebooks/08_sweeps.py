# %% [markdown]
# # Reading a sweep from the store
#
# **Question:** a sweep of many settings has run, perhaps overnight on another machine. What is in its folder?
#
# A sweep keeps every replication in a folder the moment it is finished. With `resume=True` it goes on where it
# ended, and nothing is simulated twice, so this cell may be run again.

# %%
import os

import carepath_sim as cp

SHORT = os.environ.get("CAREPATH_SHORT") == "1"  # small sizes, to see quickly that all works
REPLICATIONS = 3 if SHORT else 20
FOLDER = "results/ward"

# %%
cp.sweep(
    cp.load("../docs/examples/ward.yaml"),
    vary={
        "pools.beds.capacity": range(40, 51, 5),
        "pools.reablement_places.capacity": [45, 55],
    },
    replications=REPLICATIONS,
    out=FOLDER,
    resume=os.path.exists(FOLDER),
);

# %% [markdown]
# ## Read it
#
# From here on only the folder is needed. It can be read while the sweep is still at work.

# %%
study = cp.read_sweep(FOLDER)
study

# %% [markdown]
# Figures by name, for every point, with the difference from the first point:

# %%
study.figures(["p_wait[beds]", "delayed_days"])

# %%
study.plot.curve("p_wait[beds]", x="pools.beds.capacity");

# %% [markdown]
# One point as `cp.run` would give it, with all that can be asked of a run:

# %%
study.result(3).plot.occupancy("beds");

# %% [markdown]
# What is too large for the memory is asked in SQL; the tables are `replications`, `daily` and `design`.

# %%
study.query("""
    SELECT design.*, avg(daily.delayed) AS delayed
    FROM daily JOIN design USING (point)
    WHERE pool = 'beds'
    GROUP BY ALL
    ORDER BY point
""")
