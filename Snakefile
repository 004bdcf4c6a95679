# The build of a living review: from the tables people fill in to the documents readers open.
# The rules are in analysis/rules/, one file a stage; what a step does is in the package analysis/livingreview/.
# Another review is built by the same file: snakemake rebuild --directory DIR

include: "analysis/rules/common.smk"
include: "analysis/rules/extract.smk"
include: "analysis/rules/analyse.smk"
include: "analysis/rules/documents.smk"
include: "analysis/rules/tracked.smk"
include: "analysis/rules/changes.smk"
include: "analysis/rules/places.smk"


rule rebuild:
    """Everything: documents, figures, executed notebooks."""
    default_target: True
    input:
        documents=expand("build/documents/{document}.json", document=layout.documents),
        tracked="build/changes/tracked.json",
        changes=CHANGES,
        notebooks=NOTEBOOKS,
        figures=FIGURES,
        guard=ancient([*MANIFESTS, PLACES]),


include: "analysis/rules/release.smk"
include: "analysis/rules/submission.smk"


onerror:
    build.failed()
