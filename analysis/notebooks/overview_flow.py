# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent, format_version: '1.3'}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   livingreview:
#     reads: [extract/flow]
#     figures: [flow]
# ---

# %% [markdown]
# # How were the studies found and chosen?
#
# The PRISMA 2020 flow diagram. Every number is summed from the search records and the table of assessed reports; the
# build stops if they do not add up.

# %%
from IPython.display import Image

from livingreview.canonical import read_json, write_json
from livingreview.figures import flow
from livingreview.figures import style as looks
from livingreview.protocol_order import restored
from livingreview.show import table

# %% tags=["parameters"]
inputs = {"flow": "build/extract/flow.json"}
result = "build/results/overview/flow.json"
figures = {"flow": "figures/flow"}
style = "figures/style.mplstyle"

# %%
data = restored(read_json(inputs["flow"]))

# %%
looks.load(style)
looks.save(flow.draw(data), figures["flow"])
Image(filename=f"{figures['flow']}.png", width=860, alt=flow.alt_text(data))

# %% [markdown]
# ## Do the boxes add up?
#
# Both sides of each equation are counted in different ways.

# %%
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
write_json(result, {"flow": flow.caption_facts(data)})
