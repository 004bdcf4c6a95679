# Notebooks, one run a therapy and one an overview; gate 2 collects the therapies' results.


rule therapy:
    """Run the therapy notebook on one therapy's slice."""
    input:
        slice="build/extract/therapy/{therapy}.json",
        guard=ancient(EXTRACT),
    output:
        result="build/results/therapy/{therapy}.json",
        notebook="build/notebooks/therapy_{therapy}.ipynb",
        figures=figure_files(layout.header("therapy")["figures"]),
    params:
        code=build.code("therapy"),
    priority: 1  # everything waits for the therapies; most overviews keep nobody waiting but the documents
    shell:
        step("therapy", "therapy")


checkpoint collect:
    """Gather the results of all therapies into one canonical file."""
    input:
        results=expand("build/results/therapy/{therapy}.json", therapy=layout.therapies),
        guard=ancient(EXTRACT),
    output:
        COLLECT,
    params:
        code=build.code("collect"),
    localrule: True
    shell:
        step("collect")


for name in layout.overviews():

    rule:
        """Run one overview notebook."""
        name:
            f"overview_{name}"
        input:
            reads=[f"build/{read}.json" for read in layout.header(f"overview_{name}")["reads"]],
            guard=ancient(EXTRACT),
        output:
            result=f"build/results/overview/{name}.json",
            notebook=f"build/notebooks/overview_{name}.ipynb",
            figures=figure_files(layout.header(f"overview_{name}")["figures"]),
        params:
            code=build.code("overview", overview=name),
            overview=name,
        shell:
            step("overview", params=["overview"])
