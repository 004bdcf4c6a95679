# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent, format_version: '1.3'}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   livingreview:
#     reads: ["extract/therapy/{therapy}"]
#     figures: ["forest_{therapy}"]
# ---

# %% [markdown]
# # One therapy: what was reported
#
# This notebook runs once for each therapy. It reads the extracted data of the included studies of that therapy,
# counts what they report, and writes the result that the manuscript prints. Nothing is typed here: to change a
# number, change the extraction tables.
#
# Three rules hold throughout. *Not reported* is never counted as none. Different ways to judge a response, and
# patients and lesions, are never added together. Every count stands beside the number of people it leaves out.

# %%
from IPython.display import Image, Markdown, display

from livingreview.canonical import read_json, write_json
from livingreview.figures import forest
from livingreview.figures import style as looks
from livingreview.show import cell, table, words
from livingreview.synthesis.therapy import synthesise

# %% tags=["parameters"]
# The build puts the real values in. To run this by hand, write the code of a therapy of review.yaml here.
therapy = "code"
inputs = {"therapy": f"build/extract/therapy/{therapy}.json"}
result = f"build/results/therapy/{therapy}.json"
figures = {"forest": f"figures/forest_{therapy}"}
style = "figures/style.mplstyle"

# %%
data = read_json(inputs["therapy"])
found = synthesise(data).to_json()
names = words(data["protocol"])
display(Markdown(f"**{cell(found['therapy']['name'])}**"))

# %% [markdown]
# ## Which studies are included?
#
# Every included study with at least one group treated in this way. *Patients* are those under this therapy;
# patients that two groups share count once.

# %%
table(
    found["studies"],
    {
        "label": "Study",
        "design": "Design",
        "country": "Country",
        "source_kind": "What could be read",
        "n_patients": data["protocol"]["units"]["patient"]["plural"].capitalize(),
    },
    names,
)

# %% [markdown]
# ## How was the treatment given?
#
# First the range over all groups treated (with how many groups tell it), then what each study says.

# %%
doses = found["doses"].values()
table(
    [{**dose, "title": dose["field"].replace("_", " ").capitalize()} for dose in doses],
    {
        "title": "Quantity",
        "arms": "Groups",
        "reporting": "Groups that report it",
        "median": "Median",
        "min": "Lowest",
        "max": "Highest",
    },
)

# %%
table(
    [
        {**value, "title": dose["field"].replace("_", " ").capitalize()}
        for dose in doses
        for value in dose["values"]
    ],
    {"label": "Study", "title": "Quantity", "value": "Value", "min": "Lowest", "max": "Highest"},
)

# %% [markdown]
# ## How many responded?
#
# One row for each study, group, unit and way of judging. *Responders* are complete plus partial responses, or
# those with a response of unknown degree. Where a row is not used in the totals, the reason stands beside it.

# %%
table(
    found["responses"],
    {
        "label": "Study",
        "unit": "Unit",
        "construct": "Judged on",
        "treated": "Treated",
        "evaluated": "Evaluated",
        "responders": "Responders",
        "complete": "Complete",
        "partial": "Partial",
        "any_only": "Degree not reported",
        "none": "No response",
        "unreported": "Result not reported",
        "estimate": "Responders among evaluated",
        "basis": "Rests on",
        "reason": "Why not used",
    },
    names,
    blank=("reason", "any_only"),
)

# %% [markdown]
# The totals below are crude sums within one unit and one way of judging, not the result of a model. The last column
# shows the worst case, in which everybody whose result is not reported counts as a failure.

# %%
table(
    found["totals"],
    {
        "unit": "Unit",
        "construct": "Judged on",
        "k": "Studies",
        "treated": "Treated (at least)",
        "evaluated": "Evaluated",
        "responders": "Responders",
        "unreported": "Result not reported (at least)",
        "estimate": "Responders among evaluated",
        "complete.events": "Complete responses",
        "complete.total": "Evaluated for complete response",
        "if_failures": "If all not reported were failures",
    },
    names,
)

# %% [markdown]
# The same as a forest: squares are studies, their area grows with the number evaluated, lines are exact intervals,
# open diamonds are crude totals.

# %%
looks.load(style)
looks.save(forest.draw(found, data["protocol"]), figures["forest"])
Image(filename=f"{figures['forest']}.png", width=860, alt=forest.alt_text(found, data["protocol"]))

# %% [markdown]
# Second readings of the same patients are shown and never summed.

# %%
table(
    found["alternatives"],
    {"label": "Study", "outcome_name": "Outcome", "category": "Result", "events": "Number", "total": "Of"},
    names,
)

# %% [markdown]
# ## Did symptoms, size or other scores change?
#
# Values as the studies give them, by outcome. An outcome without any row below has no data.

# %%
scored = [*found["scores"], *found["measures"]]
table(
    [row for outcome in scored for row in outcome["measurements"]],
    {
        "label": "Study",
        "outcome_name": "Outcome",
        "measured": "Measured",
        "unit": "Unit",
        "total": "Number",
        "before": "Before",
        "after": "After",
        "change": "Change",
        "median": "Median",
        "mean": "Mean",
        "min": "Lowest",
        "max": "Highest",
        "p_value": "P value",
        "timepoint_months": "Months",
    },
    names,
)

# %% [markdown]
# Numbers of people (or lesions) that got better, which is another thing than how much a score changed:

# %%
table(
    [row for outcome in scored for row in outcome["improved"]],
    {
        "label": "Study",
        "outcome_name": "Outcome",
        "unit": "Unit",
        "events": "Better",
        "total": "Of",
        "estimate": "Proportion",
    },
    names,
)

# %% [markdown]
# ## Were there harms?
#
# *None reported* means that the source says there were none. A study that says nothing of harms is listed after
# the table, and is not counted as one without harms.

# %%
table(
    found["harms"]["rows"],
    {
        "label": "Study",
        "category": "Harm",
        "unit": "Unit",
        "events": "Number",
        "total": "Of",
        "estimate": "Proportion",
        "reason": "Why not used",
    },
    names,
    blank=("reason", "any_only"),
)

# %%
table(found["harms"]["silent"], {"label": "Study without a count of harms", "reason": "Why"})

# %% [markdown]
# ## Did it come back?
#
# Recurrence with its follow-up, where a study tells of it. Where the source counts recurrence as a result of its own,
# beside response and failure, it is not put over the responders.

# %%
table(
    found["recurrence"]["rows"],
    {
        "label": "Study",
        "unit": "Unit",
        "events": "Recurrences",
        "total": "Of",
        "denominator": "Counted over",
        "follow_up_months": "Follow-up (months)",
        "estimate": "Proportion",
    },
    names,
)

# %% [markdown]
# ## What to keep in mind
#
# These sentences follow from the numbers above; the manuscript prints them where they matter.

# %%
table([{"warning": sentence} for sentence in found["warnings"]], {"warning": "To keep in mind"})

# %%
write_json(result, found)
