# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent, format_version: '1.3'}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   livingreview:
#     reads: [extract/appraisal]
#     figures: [appraisal]
# ---

# %% [markdown]
# # How was each study appraised?
#
# Each included study was judged item by item with the checklist for its design. *Unclear* means that the information
# was missing from what could be read of the study. That says nothing of how the study was done, and judgements are
# never summed into a score.

# %%
from IPython.display import Image

from livingreview.appraisal import appraise
from livingreview.canonical import read_json, write_json
from livingreview.figures import appraisal
from livingreview.figures import style as looks
from livingreview.protocol_order import restored
from livingreview.show import table

# %% tags=["parameters"]
inputs = {"appraisal": "build/extract/appraisal.json"}
result = "build/results/overview/appraisal.json"
figures = {"appraisal": "figures/appraisal"}
style = "figures/style.mplstyle"

# %% name="appraisal"
data = restored(read_json(inputs["appraisal"]))
found = appraise(data).to_json()
labels = {code: judgement["label"] for code, judgement in data["judgements"].items()}

# %% [markdown]
# ## By study

# %%
looks.load(style)
looks.save(appraisal.draw(data), figures["appraisal"])
Image(filename=f"{figures['appraisal']}.png", width=860, alt=appraisal.alt_text(data))

# %% [markdown]
# ## By item
#
# How many studies got each judgement.

# %% name="items"
table(
    [{**item, "tool": tool["name"]} for tool in found["tools"] for item in tool["items"]],
    {
        "tool": "Checklist",
        "number": "Item",
        "label": "Question",
        "signalling": "Judged yes if",
        **{f"counts.{code}": label for code, label in labels.items()},
    },
)

# %%
write_json(result, {"appraisal": found})
