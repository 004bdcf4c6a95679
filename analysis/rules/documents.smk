# Gate 3: what the documents print, formatted; then the documents.

OVERVIEW_RESULTS = [f"build/results/overview/{o}.json" for o in layout.overviews()]
PRINTED = [
    f"build/extract/{f}.json"
    for f in ("documents", "supplement", "bibliography", "flow", "characteristics", "appraisal", "certainty")
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
    params:
        code=build.code("claims"),
    localrule: True
    shell:
        step("claims")


def document_inputs(wildcards):
    """The document's own text with all it includes, and what the claims gate says it prints."""
    return layout.document_sources(wildcards.document)


rule document:
    """Render one document in all formats; publish them together by an atomic move."""
    input:
        text=document_inputs,
        prints="build/claims/{document}.json",
        bibliography="manuscript/references.bib",
        guard=ancient(MANIFESTS),
    output:
        "build/documents/{document}.json",
    params:
        code=build.code("document"),
    shell:
        step("document", "document")
