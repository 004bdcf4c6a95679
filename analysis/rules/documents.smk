# Gate 3: what the documents print, formatted; then the documents.

OVERVIEW_RESULTS = [f"build/results/overview/{o}.json" for o in layout.overviews()]
PRINTED = [
    f"build/extract/{f}.json"
    for f in ("documents", "supplement", "bibliography", "rows", "flow", "characteristics", "appraisal", "certainty", "releases", "update", "notices")
]


checkpoint claims:
    """Write every number, table and figure that the documents print, and nothing else."""
    input:
        results=COLLECT,
        overviews=OVERVIEW_RESULTS,
        printed=PRINTED,
        figures=FIGURES,
        guard=ancient(EXTRACT),
    output:
        manifest=CLAIMS,
        documents=expand("build/claims/{document}.json", document=layout.documents),
        claims="build/claims/claims.json",
        conclusions="build/claims/conclusions.json",
        retractions="build/claims/retractions.json",
    params:
        code=build.code("claims"),
    localrule: True
    shell:
        step("claims")


def places_of(wildcards):
    """The filled checklists, for a document that may print them: it waits for those whose places they name."""
    return [] if wildcards.document in layout.main_documents else f"build/places/{wildcards.document}.json"


def document_guards(wildcards):
    """The gates above a document."""
    return [*MANIFESTS, *([] if wildcards.document in layout.main_documents else [PLACES])]


def document_inputs(wildcards):
    """The document's own text with all it includes, and what the claims gate says it prints."""
    return layout.document_sources(wildcards.document)


rule document:
    """Render one document in all formats; publish them together by an atomic move."""
    input:
        text=document_inputs,
        prints="build/claims/{document}.json",
        places=places_of,
        bibliography="manuscript/references.bib",
        guard=ancient(document_guards),
    output:
        "build/documents/{document}.json",
        "build/documents/{document}.ast.json",
    params:
        code=build.code("document"),
    priority: 1  # before what compares them with an earlier version
    shell:
        step("document", "document")
