# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent, format_version: '1.3'}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   livingreview:
#     reads: ["extract/therapy/{therapy}"]
#     figures: ["forest_{therapy}", "cumulative_{therapy}", "small_study_{therapy}"]
# ---

# %% [markdown]
# # One therapy: what was reported
#
# This notebook runs once for each therapy. It reads the extracted data of the included studies of that therapy,
# counts what they report, makes the analyses that the protocol declares, and writes the result that the manuscript
# prints. Nothing is typed here: to change a number, change the extraction tables.
#
# Three rules hold throughout. *Not reported* is never counted as none. Different ways to judge a response, and
# patients and lesions, are never added together. Every count stands beside the number of people it leaves out.

# %%
from IPython.display import Image, Markdown, display

from livingreview.canonical import read_json, write_json
from livingreview.figures import cumulative, forest, small_study
from livingreview.figures import style as looks
from livingreview.show import cell, table, words
from livingreview.synthesis.therapy import synthesise

# %% tags=["parameters"]
# The build puts the real values in. To run this by hand, write the code of a therapy of review.yaml here.
therapy = "code"
inputs = {"therapy": f"build/extract/therapy/{therapy}.json"}
result = f"build/results/therapy/{therapy}.json"
figures = {name: f"figures/{name}_{therapy}" for name in ("forest", "cumulative", "small_study")}
style = "figures/style.mplstyle"

# %% name="synthesis"
data = read_json(inputs["therapy"])
found = synthesise(data).to_json()
names = words(data["protocol"])
analyses = found["analyses"]
display(Markdown(f"**{cell(found['therapy']['name'])}**"))

# %% [markdown]
# ## Which studies are included?
#
# Every included study with at least one group treated in this way. *Patients* are those under this therapy;
# patients that two groups share count once.

# %% name="studies"
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

# %% name="doses"
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

# %% name="doses_by_study"
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

# %% name="responses"
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
    computed=("estimate",),
)

# %% [markdown]
# The totals below are crude sums within one unit and one way of judging, not the result of a model. The last column
# shows the worst case, in which everybody whose result is not reported counts as a failure.

# %% name="totals"
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
    computed=("estimate", "if_failures"),
)

# %% [markdown]
# Second readings of the same patients are shown and never summed.

# %% name="second_readings"
table(
    found["alternatives"],
    {"label": "Study", "outcome_name": "Outcome", "category": "Result", "events": "Number", "total": "Of"},
    {"category": data["protocol"]["response"]["categories"]},
)

# %% [markdown]
# ## What do the declared analyses say?
#
# One row for each outcome that the protocol declares, with data or without. Where the data can carry it, the estimate is
# the mean proportion of a model that takes single patients and series together, and the proportion of the median study
# stands beside it. Where they cannot, it is the crude proportion with its exact interval, and the reason is given.

# %% name="analyses"
table(
    [
        {**a, "model": a["main"]["name"] if a["main"]["fitted"] else "no model; exact interval of the counts"}
        if a["main"]["estimate"]
        else {**a, "model": "no analysis"}
        for a in analyses
    ],
    {
        "name": "Outcome",
        "role": "Role",
        "k": "Studies",
        "events": "Responders",
        "n": "Of",
        "model": "Main analysis",
        "main.estimate": "Estimate",
        "main.median": "Median study",
        "main.prediction": "A new study (prediction interval)",
        "main.reason": "Why no model",
    },
    names,
    blank=("main.reason",),
    computed=("main.estimate", "main.median", "main.prediction"),
)

# %% [markdown]
# The studies behind each of them, and those left out.

# %% name="analysed_studies"
table(
    [{**study, "outcome": a["name"]} for a in analyses for study in a["studies"]],
    {
        "label": "Study",
        "outcome": "Outcome",
        "events": "Responders",
        "total": "Of",
        "unreported": "Result not reported",
        "estimate": "Proportion",
        "basis": "Rests on",
        "timepoint_months": "Months",
        "weight": "Weight in the model",
    },
    names,
    blank=("weight",),
    computed=("estimate",),
    shares=("weight",),
)

# %% name="left_out"
table(
    [{**study, "outcome": a["name"]} for a in analyses for study in a["left_out"]],
    {"label": "Study", "outcome": "Outcome", "reason": "Why left out"},
)

# %% [markdown]
# The same as a forest: squares are studies, their area grows with the number evaluated, lines are exact intervals. Under
# them stand the pooled estimates and what other models and other selections of studies would give.

# %%
looks.load(style)
looks.save(forest.draw(found, data["protocol"]), figures["forest"])
Image(filename=f"{figures['forest']}.png", width=860, alt=forest.alt_text(found, data["protocol"]))

# %% [markdown]
# ## Does the answer hold?
#
# The same outcome with fewer studies, with failures for what is not reported, and with other models. *Against the
# threshold* says where the interval lies: above it, below it, or undecided. A row that could not be estimated agrees
# with nothing.

# %% name="sensitivity"
table(
    [{**row, "outcome": a["name"]} for a in analyses for row in a["sensitivity"]],
    {
        "outcome": "Outcome",
        "name": "Analysis",
        "k": "Studies",
        "events": "Responders",
        "n": "Of",
        "pooled.estimate": "Estimate",
        "state": "Against the threshold",
        "same_data": "Same data as the main analysis",
        "reason": "Why not estimated",
    },
    names,
    blank=("events", "reason"),
    computed=("pooled.estimate", "state"),
)

# %% [markdown]
# What they say together, and how many unpublished failures would change the main answer:

# %% name="verdict"
table(
    analyses,
    {"name": "Outcome", "verdict.text": "Verdict", "tipping.text": "Tipping point"},
    names,
)

# %% [markdown]
# Each study left out in turn:

# %% name="leave_one_out"
table(
    [{**step, "outcome": a["name"]} for a in analyses for step in a["leave_one_out"]],
    {
        "outcome": "Outcome",
        "label": "Without",
        "k": "Studies",
        "n": "Units",
        "pooled.estimate": "Estimate",
        "state": "Against the threshold",
    },
    names,
    computed=("pooled.estimate", "state"),
)

# %% [markdown]
# Studies added in the order of publication; those without a visible year come last.

# %% name="cumulative"
table(
    [{**step, "outcome": a["name"]} for a in analyses for step in a["cumulative"]],
    {
        "outcome": "Outcome",
        "label": "With",
        "k": "Studies",
        "n": "Units",
        "pooled.estimate": "Estimate",
        "state": "Against the threshold",
    },
    names,
    computed=("pooled.estimate", "state"),
)

# %%
looks.save(cumulative.draw(found, data["protocol"]), figures["cumulative"])
Image(filename=f"{figures['cumulative']}.png", width=860, alt=cumulative.alt_text(found, data["protocol"]))

# %% [markdown]
# ## Do studies differ among themselves?
#
# Spread between the studies, by model. With fewer than three studies of at least two units nothing is estimated.

# %%
table(
    [{**m, "outcome": a["name"]} for a in analyses for m in [a["main"], *a["models"]] if m["heterogeneity"]],
    {
        "outcome": "Outcome",
        "name": "Model",
        "heterogeneity.tau2": "Variance between studies",
        "heterogeneity.i2": "I² (per cent)",
        "heterogeneity.q": "Q",
        "heterogeneity.q_p": "P value of Q",
        "heterogeneity.reason": "Why not estimated",
    },
    names,
    blank=("heterogeneity.reason",),
    computed=("heterogeneity.tau2", "heterogeneity.i2", "heterogeneity.q", "heterogeneity.q_p"),
)

# %% [markdown]
# Subgroups and moderators that the protocol declares. A difference between groups of studies shows no cause.

# %%
table(
    [
        {**group, "outcome": a["name"], "by": s["name"]}
        for a in analyses
        for s in a["subgroups"]
        for group in s["groups"]
    ],
    {
        "outcome": "Outcome",
        "by": "By",
        "name": "Group",
        "k": "Studies",
        "events": "Responders",
        "n": "Of",
        "pooled.estimate": "Estimate",
        "reason": "Why not estimated",
    },
    names,
    blank=("reason",),
    computed=("pooled.estimate",),
)

# %%
table(
    [
        {**test, "outcome": a["name"], "by": s["name"]}
        for a in analyses
        for s in a["subgroups"]
        for test in s["tests"]
    ],
    {
        "outcome": "Outcome",
        "by": "By",
        "method": "Test",
        "variance": "Variance of the groups",
        "statistic": "Statistic",
        "df": "Degrees of freedom",
        "p": "P value",
        "reason": "Why not tested",
    },
    names,
    blank=("reason",),
    computed=("statistic", "df", "p"),
)

# %%
table(
    [{**line, "outcome": a["name"]} for a in analyses for line in a["regressions"]],
    {
        "outcome": "Outcome",
        "name": "Moderator",
        "per": "Per",
        "method": "Model",
        "k": "Studies",
        "odds_ratio": "Odds ratio",
        "odds_ratio_lower": "Lower limit",
        "odds_ratio_upper": "Upper limit",
        "p": "P value",
        "reason": "Why not fitted",
    },
    names,
    blank=("reason",),
    computed=("odds_ratio", "odds_ratio_lower", "odds_ratio_upper", "p"),
)

# %% [markdown]
# ## Do small studies give other results?
#
# The figure sets the proportion of each study against its size. Tests are offered from ten studies on.

# %%
looks.save(small_study.draw(found, data["protocol"]), figures["small_study"])
Image(filename=f"{figures['small_study']}.png", width=860, alt=small_study.alt_text(found, data["protocol"]))

# %%
table(
    [{**test, "outcome": a["name"]} for a in analyses for test in a["small_study"]["tests"]],
    {
        "outcome": "Outcome",
        "name": "Test",
        "value": "Statistic",
        "p": "P value",
        "filled": "Studies filled in",
        "reason": "Why not tested",
    },
    names,
    blank=("filled", "reason"),
    computed=("value", "p"),
)

# %%
table(analyses, {"name": "Outcome", "small_study.text": "What can be said"}, names)

# %% [markdown]
# ## Are the units independent?
#
# Lesions of one patient are alike. Where it is known which lesions belong to whom, the interval takes that into account;
# where not, the interval is shown as it would be at assumed correlations.

# %% name="clusters"
table(
    [{**a["clusters"], "outcome": a["name"]} for a in analyses if a["clusters"]],
    {
        "outcome": "Outcome",
        "units": "Units",
        "patients": "Patients",
        "naive": "Taken as independent",
        "robust": "Allowing for patients",
        "warning": "To keep in mind",
    },
    names,
    computed=("naive", "robust"),
)

# %% name="correlations"
table(
    [{**at, "outcome": a["name"]} for a in analyses if a["clusters"] for at in a["clusters"]["at_icc"]],
    {
        "outcome": "Outcome",
        "icc": "Correlation within patients",
        "effective": "Effective number",
        "lower": "Lower limit",
        "upper": "Upper limit",
    },
    names,
    computed=("effective",),
    shares=("lower", "upper"),
)

# %% [markdown]
# ## Did symptoms, size or other scores change?
#
# Values as the studies give them, by outcome. An outcome without any row below has no data.

# %% name="measurements"
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
# Changes of single patients for whom both values are known, with the Hodges–Lehmann estimate (the median of all averages
# of two of them) and its exact interval. Without such patients there are no data here.

# %% name="paired_changes"
table(
    [{**outcome["changes"], "name": outcome["name"]} for outcome in scored if outcome["changes"]],
    {
        "name": "Outcome",
        "n": "Patients",
        "median": "Median change",
        "min": "Lowest",
        "max": "Highest",
        "hodges_lehmann_value": "Hodges–Lehmann estimate",
        "hodges_lehmann.lower": "Lower limit",
        "hodges_lehmann.upper": "Upper limit",
        "reason": "Why no interval",
    },
    names,
    blank=("reason",),
    computed=(
        "median",
        "min",
        "max",
        "hodges_lehmann_value",
        "hodges_lehmann.lower",
        "hodges_lehmann.upper",
    ),
)

# %% [markdown]
# Mean changes of series. Their spread depends on how strongly the values before and after go together, which few
# sources tell; so they are given for several correlations.

# %% name="mean_changes"
table(
    [{**means, "name": outcome["name"]} for outcome in scored for means in outcome["change_scores"]],
    {
        "name": "Outcome",
        "measured": "Measured",
        "correlation": "Correlation assumed",
        "k": "Studies",
        "n": "Units",
        "pooled.value": "Mean change",
        "pooled.lower": "Lower limit",
        "pooled.upper": "Upper limit",
        "reason": "Why not pooled",
    },
    names,
    blank=("measured", "correlation", "reason"),
    computed=("pooled.value", "pooled.lower", "pooled.upper"),
)

# %% [markdown]
# Numbers of people (or lesions) that got better, which is another thing than how much a score changed:

# %% name="improved"
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
    computed=("estimate",),
)

# %% [markdown]
# ## Were there harms?
#
# *None reported* means that the source says there were none. A study that says nothing of harms is listed after
# the table, and is not counted as one without harms.

# %% name="harms"
table(
    found["harms"]["rows"],
    {
        "label": "Study",
        "category": "Harm",
        "unit": "Unit",
        "events": "Number",
        "total": "Of",
        "estimate": "Proportion",
        "as_reported": "Words of the source",
        "reason": "Why not used",
    },
    names,
    blank=("reason", "as_reported"),
    computed=("estimate",),
)

# %% [markdown]
# The same over the studies, for each harm among those in whom it was looked for:

# %% name="harm_totals"
table(
    found["harms"]["totals"],
    {
        "category": "Harm",
        "unit": "Unit",
        "k": "Studies with a count",
        "k_unknown": "Studies without",
        "events": "Number",
        "evaluated": "Of",
        "estimate": "Proportion",
    },
    names,
    computed=("estimate",),
)

# %% name="silent_on_harms"
table(found["harms"]["silent"], {"label": "Study without a count of harms", "reason": "Why"})

# %% [markdown]
# ## Did it come back?
#
# Recurrence with its follow-up, where a study tells of it. Where the source counts recurrence as a result of its own,
# beside response and failure, it is not put over the responders.

# %% name="recurrence"
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
    computed=("estimate",),
)

# %% [markdown]
# ## What to keep in mind
#
# These sentences follow from the numbers above; the manuscript prints them where they matter.

# %%
table([{"warning": sentence} for sentence in found["warnings"]], {"warning": "To keep in mind"})

# %%
write_json(result, found)
