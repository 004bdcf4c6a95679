# What changed since the last version in the ledger: facts, and a report beside the documents.


rule changes:
    """Compare the build with the last version in the ledger: studies, claims, wording, conclusions; write the change report."""
    input:
        documents=expand("build/documents/{document}.json", document=layout.documents),
        extract=[EXTRACT, "build/extract/flow.json"],
        claims=[CLAIMS, "build/claims/conclusions.json"],
        ledger=layout.ledger(),
        guard=ancient([COLLECT, PLACES]),
    output:
        CHANGES,
    params:
        code=build.code("changes"),
    shell:
        step("changes")
