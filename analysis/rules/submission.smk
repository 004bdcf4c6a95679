# A package for a journal: snakemake submission --config journal=NAME [stage=revision]. Not part of `rebuild`.
#
# Each part hangs on the built documents and on those rules of the journal that it follows. The package is written whatever
# the checks say; the verdict is a rule of its own, so that a package that fails them is there to be looked at.

if build.package:
    package = build.package
    MAIN, OTHERS = package.main, package.others
    PARTS = list(package.settings())
    SNAPSHOTS = {d: f"build/documents/{d}.ast.json" for d in (MAIN, *OTHERS)}
    PROTOCOL = ["review.yaml"]
    SENT = sorted(str(p) for p in Path("data/submissions", package.profile.name).rglob("*") if p.is_file())

    def part_records(parts):
        return [f"build/submission/{package.name}/{part}.json" for part in parts]

    def part_inputs(wildcards):
        """What a part reads: built documents, figures, the protocol, and the records of the parts before it."""
        reads = {
            "figures": [SNAPSHOTS[MAIN], *FIGURES],
            "manuscript": [SNAPSHOTS[MAIN], *FIGURES, *PROTOCOL],
            "supplement": [*(SNAPSHOTS[d] for d in OTHERS), *FIGURES, *PROTOCOL, *layout.reporting()],
            "tables": [SNAPSHOTS[MAIN], *PROTOCOL],
            "sources": [SNAPSHOTS[MAIN], *PROTOCOL],
            "checklists": [*SNAPSHOTS.values(), *PROTOCOL, *layout.reporting()],
            "revision": [SNAPSHOTS[MAIN], *FIGURES, *layout.raw_tables(), *layout.released_texts(), *SENT],
            "front": [SNAPSHOTS[MAIN], *layout.raw_tables()],
            "blinding": [SNAPSHOTS[MAIN], *FIGURES, *PROTOCOL],
        }[wildcards.part]
        return [*reads, *part_records(package.before(wildcards.part))]

    rule submission_part:
        """Make one part of the package: its files, and the record of what was measured in them."""
        input:
            reads=part_inputs,
            guard=ancient([*MANIFESTS, PLACES]),
        output:
            "build/submission/{package}/{part}.json",
        wildcard_constraints:
            package=re.escape(package.name),
            part="|".join(PARTS),
        params:
            code=build.code("submission_part"),
        shell:
            step("submission_part", "package", "part")

    rule submission_package:
        """Put the parts together in submission/NAME, check them against every rule, write the ZIP."""
        input:
            rules.rebuild.input,
            parts=part_records(PARTS),
            evidence=[*layout.raw_tables(), *(f"build/extract/{name}" for name in EXTRACT_FILES), "build/claims/claims.json", "build/claims/conclusions.json"],
            guard=ancient([*MANIFESTS, PLACES]),
        output:
            "submission/{package}/checks.json",
        wildcard_constraints:
            package=re.escape(package.name),
        params:
            code=build.code("submission_package"),
        shell:
            step("submission_package", "package")

    rule submission:
        """The verdict: every rule that is not met, formatting and evidence apart; fails where there is one."""
        input:
            f"submission/{package.name}/checks.json",
        params:
            journal=package.profile.name,
            stage=package.stage,
        localrule: True
        shell:
            "exec {PYTHON:q} -m livingreview submission {params.journal:q} --stage {params.stage:q}"
