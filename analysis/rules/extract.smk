# Gate 1: raw tables and protocol, validated and cut into canonical slices.


checkpoint extract:
    """Validate everything that people wrote; write one canonical slice for each later step."""
    input:
        raw=layout.raw_tables(),
        guard=[],
    output:
        expand("build/extract/therapy/{therapy}.json", therapy=layout.therapies),
        expand("build/extract/{file}", file=EXTRACT_FILES),
    params:
        code=build.code("extract"),
    localrule: True
    shell:
        step("extract")
