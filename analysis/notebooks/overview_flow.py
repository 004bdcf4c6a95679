# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent, format_version: '1.3'}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   livingreview:
#     reads: [extract/flow, extract/update]
#     figures: [flow, flow_releases, "flow_of_{release}"]
# ---

# %% [markdown]
# # How were the studies found and chosen?
#
# The PRISMA 2020 flow diagram in its form for updated reviews: the studies of the version before, this version's search, and
# the studies in total. Every number is summed from the search records and the table of assessed reports; the build stops if
# they do not add up.

# %%
from IPython.display import Image

from livingreview.canonical import read_json, write_json
from livingreview.figures import flow, flow_releases, flow_updated
from livingreview.figures import style as looks
from livingreview.protocol_order import restored
from livingreview.show import table

# %% tags=["parameters"]
inputs = {"flow": "build/extract/flow.json", "update": "build/extract/update.json"}
result = "build/results/overview/flow.json"
figures = {"flow": "figures/flow", "flow_releases": "figures/flow_releases"}
style = "figures/style.mplstyle"

# %%
data = restored(read_json(inputs["flow"]))
versions = restored(read_json(inputs["update"]))

# %% name="diagram"
looks.load(style)
looks.save(flow_updated.draw(versions["present"]), figures["flow"])
Image(filename=f"{figures['flow']}.png", width=860, alt=flow_updated.alt_text(versions["present"]))

# %% [markdown]
# ## The flow across the versions

# %%
looks.save(flow_releases.draw(versions["across"]), figures["flow_releases"])
Image(filename=f"{figures['flow_releases']}.png", width=860, alt=flow_releases.alt_text(versions["across"]))

# %% [markdown]
# Each earlier release has a diagram of its own, drawn from what the ledger keeps of it.

# %%
for name, entry in versions["earlier"].items():
    looks.save(flow_updated.draw(entry), figures[flow_updated.file_name(name)])

# %% [markdown]
# ## Do the boxes add up?
#
# Both sides of each equation are counted in different ways.

# %% name="equations"
table(data["equations"], {"name": "Equation", "left": "Left side", "right": "Right side"})

# %% [markdown]
# ## Why were records and reports excluded?

# %%
table(
    data["boxes"]["excluded_screening"]["reasons"], {"reason": "Records excluded at screening", "n": "Number"}
)

# %%
table(
    data["boxes"]["excluded_assessed"]["reasons"],
    {"reason": "Reports excluded after assessment", "n": "Number"},
)

# %%
write_json(
    result, {"flow": flow.caption_facts(data), "version": flow_updated.caption_facts(versions["present"])}
)
