# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent, format_version: '1.3'}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   livingreview:
#     reads: [extract/characteristics]
#     figures: [timeline]
# ---

# %% [markdown]
# # Which studies are in the review?
#
# The included studies as a set: when and where they were published, what kind of study each is, and how many
# patients had which therapy. Studies without a visible year stay in the table and in the figure as "n.d."

# %%
from IPython.display import Image

from livingreview.canonical import read_json, write_json
from livingreview.figures import style as looks
from livingreview.figures import timeline
from livingreview.protocol_order import restored
from livingreview.show import table, words

# %% tags=["parameters"]
inputs = {"characteristics": "build/extract/characteristics.json"}
result = "build/results/overview/characteristics.json"
figures = {"timeline": "figures/timeline"}
style = "figures/style.mplstyle"

# %%
data = restored(read_json(inputs["characteristics"]))
names = words(data)
people = data["units"]["patient"]["plural"]

# %% [markdown]
# ## The studies
#
# *Criteria not verified* are rules of eligibility that could not be checked in what was readable of the study.

# %% name="studies"
table(
    data["studies"],
    {
        "label": "Study",
        "design": "Design",
        "country": "Country",
        "source_kind": "What could be read",
        "n_patients": f"{people} by therapy".capitalize(),
        "aetiologies": "Cause",
        "unverified_criteria": "Criteria not verified",
    },
    names,
    codes={"n_patients": "therapies"},
)

# %% [markdown]
# ## When were they published?
#
# One lane for each therapy. The area of a point grows with the number of patients; an open point means that the
# number is not reported.

# %%
looks.load(style)
looks.save(timeline.draw(data), figures["timeline"])
Image(filename=f"{figures['timeline']}.png", width=860, alt=timeline.alt_text(data))

# %%
facts = timeline.caption_facts(data)
table(
    [facts],
    {
        "studies": "Studies",
        "first_year": "First year",
        "last_year": "Last year",
        "undated": "Without a year",
        "size_unknown": f"Without a number of {people}",
    },
)

# %%
write_json(result, {"characteristics": facts})
