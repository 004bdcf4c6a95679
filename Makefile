# make rebuild   set up (once) and build the review: documents, figures, notebooks
# make test      set up (once) and run the tests
# The other targets are listed by `make help`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
REVIEW ?= .
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH

.DEFAULT_GOAL := help
.PHONY: help setup rebuild check submission archive pdf-preview release verify-ledger test soak bench clean-room clean lock

help:
	@echo "make rebuild      build everything that changed (REVIEW=DIR for a review elsewhere)"
	@echo "make check        check the tables and the protocol, write nothing"
	@echo "make submission JOURNAL=adr   build, and make the package for a journal with its checks (STAGE=revision: for a revision)"
	@echo "make archive      build, and put data, code and all that was built into one ZIP that can be checked and rebuilt"
	@echo "make pdf-preview  draw the pages of the built PDFs as pictures in build/preview/, and tell what is wrong on them"
	@echo "make release VERSION=2026.11   build, and put the version into the ledger data/releases for good"
	@echo "make verify-ledger   check that every release is what was released"
	@echo "make test         run the tests"
	@echo "make soak         run the long randomised tests"
	@echo "make bench        time the build"
	@echo "make clean-room   build from scratch elsewhere and compare every file with this one"
	@echo "make clean        remove everything that was built (data and sources stay)"
	@echo "make lock         renew requirements.lock and environment.yml after an edit of pyproject.toml"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 13) else f"Python 3.11 is needed; {sys.executable} is {v[0]}.{v[1]}. Say which to use: make PYTHON=/path/to/python3.11")'
	@echo "Setting up $(VENV) (once; some minutes, most of them downloads) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $(READY).started
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@-git config merge.livingreview.driver "$(BIN)/livingreview merge-table %O %A %B %P" 2>/dev/null
	@mv $(READY).started $@

setup: $(READY)

rebuild: $(READY)
	@$(BIN)/snakemake rebuild --directory "$(REVIEW)"

check: $(READY)
	@$(BIN)/livingreview check --directory "$(REVIEW)"

submission: $(READY)
	@$(BIN)/snakemake submission --directory "$(REVIEW)" --config journal="$(JOURNAL)" stage="$(STAGE)"

archive: rebuild
	@$(BIN)/livingreview archive --directory "$(REVIEW)"

pdf-preview: $(READY)
	@$(BIN)/livingreview pdf-preview --directory "$(REVIEW)"

release: $(READY)
	@$(BIN)/livingreview release "$(VERSION)" --directory "$(REVIEW)"

verify-ledger: $(READY)
	@$(BIN)/livingreview verify-ledger --directory "$(REVIEW)"

test: $(READY)
	@$(BIN)/pytest -n 3 --dist loadgroup -m "not soak"

soak: $(READY)
	@$(BIN)/pytest -m soak -s

bench: $(READY)
	@$(BIN)/python benchmarks/run.py

clean-room: $(READY)
	@$(BIN)/livingreview clean-room --directory "$(REVIEW)"

clean:
	@cd "$(REVIEW)" && rm -rf build .snakemake manuscript/_built manuscript/_output manuscript/_variables.yml manuscript/.quarto
	@cd "$(REVIEW)" && rm -f figures/*.svg figures/*.pdf figures/*.png
	@echo "Removed everything that was built. Data, sources and $(VENV) stay."

lock: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/python -m uv pip compile --quiet pyproject.toml --extra test --generate-hashes --python-version 3.11 \
	  --no-emit-index-url --custom-compile-command "make lock" --output-file requirements.lock
	@$(BIN)/python -m livingreview.pipeline.environment
