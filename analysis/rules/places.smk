# Gate 4, among the documents: where everything is in those of the main kind, and the checklists filled in from it.


checkpoint places:
    """Read numbers and pages of all labelled places from the main documents; fill in the reporting checklists."""
    input:
        documents=expand("build/documents/{document}.json", document=layout.main_documents),
        answers=layout.reporting(),
        guard=ancient(MANIFESTS),
    output:
        manifest=PLACES,
        documents=expand("build/places/{document}.json", document=layout.documents),
    params:
        code=build.code("places"),
    priority: 1  # a document waits for it
    localrule: True
    shell:
        step("places")
