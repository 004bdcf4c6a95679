# A release: the finished build into the ledger. Not part of `rebuild`; a release never changes once it is there.


def version_to_release():
    """VERSION of `--config version=VERSION`, as it was typed: read as a number, 2026.10 would become 2026.1."""
    typed = [m[1] for a in sys.argv if (m := re.fullmatch(r"(?:--config=|-C)?version=(.*)", a))]
    return (typed or [str(config.get("version", ""))])[-1].strip("'\"")


rule release:
    """Put the version in review.yaml into data/releases. No output is declared, so that nothing here can remove one."""
    input:
        rules.rebuild.input,
    params:
        version=version_to_release(),
    localrule: True
    shell:
        "exec {PYTHON:q} -m livingreview release {params.version:q}"
