# The main documents with what changed since the last release marked in them.


rule tracked:
    """Compare each main document, word by word, with its text in the last release."""
    input:
        texts=expand("build/documents/{document}.ast.json", document=layout.main_documents),
        releases=layout.released_texts(),
        guard=ancient(MANIFESTS),
    output:
        "build/changes/tracked.json",
    params:
        code=build.code("tracked"),
    shell:
        step("tracked")
