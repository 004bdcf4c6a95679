# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent, format_version: '1.3'}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   livingreview:
#     reads: [collect/results, extract/appraisal, extract/certainty]
#     figures: []
# ---

# %% [markdown]
# # How certain is the evidence?
#
# GRADE, for each therapy and rated outcome. The inputs of each domain are computed, and a rule proposes a judgement from them.
# A person signs each judgement in `data/raw/certainty.csv`, with a reason. A signature belongs to the inputs that the
# person saw: when one of them changes, the judgement is open again. What nobody has signed is a proposal and
# supports no conclusion.

# %%
from livingreview.canonical import read_json, write_json
from livingreview.certainty.assess import assess
from livingreview.protocol_order import restored
from livingreview.show import table
from livingreview.synthesis.therapy import TherapyResult

# %% tags=["parameters"]
inputs = {
    "results": "build/collect/results.json",
    "appraisal": "build/extract/appraisal.json",
    "certainty": "build/extract/certainty.json",
}
result = "build/results/overview/certainty.json"
figures = {}
style = "figures/style.mplstyle"

# %% name="assessment"
signed = restored(read_json(inputs["certainty"]))
collected = read_json(inputs["results"])["therapies"]
found = assess(
    {code: TherapyResult.from_json(collected[code]) for code in collected},
    restored(read_json(inputs["appraisal"])),
    signed["signatures"],
    signed["protocol"],
).to_json()

# %% [markdown]
# ## Summary of findings
#
# Named harms are shown beside any adverse event and not rated by themselves.

# %% name="findings"
table(
    found["findings"],
    {
        "therapy_name": "Therapy",
        "name": "Outcome",
        "participants": "Participants",
        "studies": "Studies",
        "measure": "What was estimated",
        "certainty": "Certainty",
        "means": "What it means",
    },
)

# %% [markdown]
# ## Judgements
#
# One row for each domain, with the reason of the judgement that holds.

# %% name="judgements"
cells = [
    {"therapy": rating["therapy_name"], "outcome": rating["name"], **cell}
    for rating in found["ratings"]
    for cell in [*rating["cells"], *filter(None, [rating["overall"]])]
]
table(
    cells,
    {"therapy": "Therapy", "outcome": "Outcome", "name": "Domain", "text": "Judgement", "because": "Why"},
)

# %% [markdown]
# ## What the judgements rest on
#
# Every input of every domain; what cannot be estimated says so.

# %%
table(
    [
        {"therapy": cell["therapy"], "outcome": cell["outcome"], "domain": cell["name"], **given}
        for cell in cells
        for given in cell["inputs"]
        if given["code"] != "studies"
    ],
    {"therapy": "Therapy", "outcome": "Outcome", "domain": "Domain", "label": "Input", "text": "Value"},
)

# %%
table([{"warning": sentence} for sentence in found["warnings"]], {"warning": "To keep in mind"})

# %%
write_json(result, {"certainty": found})
