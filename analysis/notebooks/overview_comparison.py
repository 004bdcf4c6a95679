# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent, format_version: '1.3'}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   livingreview:
#     reads: [collect/results, extract/characteristics]
#     figures: [responses]
# ---

# %% [markdown]
# # What do the therapies report, side by side?
#
# The totals of all therapies in one table and one figure. This is no comparison of how well they work: the patients,
# the units and the ways of judging differ, there is no control group, and most results are not reported. Rows must
# not be added to each other.

# %%
from IPython.display import Image

from livingreview.canonical import read_json, write_json
from livingreview.figures import responses
from livingreview.figures import style as looks
from livingreview.show import table, words
from livingreview.synthesis.comparison import compare, treated
from livingreview.synthesis.therapy import TherapyResult

# %% tags=["parameters"]
inputs = {"results": "build/collect/results.json", "characteristics": "build/extract/characteristics.json"}
result = "build/results/overview/comparison.json"
figures = {"responses": "figures/responses"}
style = "figures/style.mplstyle"

# %%
collected = read_json(inputs["results"])
protocol = read_json(inputs["characteristics"])
order = [therapy["code"] for therapy in protocol["therapies"]]
results = {code: TherapyResult.from_json(collected["therapies"][code]) for code in order}

# %% [markdown]
# ## Totals
#
# Where a therapy has no count at all, its row says so by "not reported".

# %% name="totals"
rows = [row.to_json() for row in compare(results)]
table(
    rows,
    {
        "name": "Therapy",
        "unit": "Unit",
        "construct": "Judged on",
        "studies": "Studies of the therapy",
        "k": "Studies with a count",
        "treated": "Treated (at least)",
        "evaluated": "Evaluated",
        "responders": "Responders",
        "unreported": "Result not reported (at least)",
        "estimate": "Responders among evaluated",
        "if_failures": "If all not reported were failures",
    },
    words(protocol),
)

# %% [markdown]
# ## The same as a figure
#
# Bars show what became of those treated, dots the responders among those evaluated with exact intervals, and
# triangles the proportion if everybody whose result is not reported were a failure.

# %%
looks.load(style)
looks.save(responses.draw(collected, order, protocol), figures["responses"])
Image(filename=f"{figures['responses']}.png", width=860, alt=responses.alt_text(collected, order, protocol))

# %% name="everybody"
everybody = treated(results).to_json()
table(
    [everybody],
    {
        "studies": "Studies",
        "treated": f"{protocol['units']['patient']['plural']} treated (at least)".capitalize(),
        "treated_unknown": "Groups of unknown size",
    },
)

# %%
write_json(
    result,
    {"rows": rows, "everybody": everybody},
)
