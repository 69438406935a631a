# The two commands: `make demo` and `make test`. Both set up .venv by themselves.
PYTHON ?= python3
PYTEST_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.DEFAULT_GOAL := help
.PHONY: help demo test bench bench-check pyz check format clean

help: ## show the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

demo: $(READY) ## a deployment end to end in the sandbox, then one that is rolled back
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

# One more than there are cores: many tests wait for a server, or for a client to give up.
WORKERS = $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

test: $(READY) ## every test that this machine can run
	@$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=loadfile $(PYTEST_ARGS)

bench: $(READY) ## measure everything, beside what it replaces: benchmarks/RESULTS.md
	@$(BIN)/python benchmarks/bench.py

bench-check: $(READY) ## the short form, against the recorded bounds
	@$(BIN)/python benchmarks/bench.py --check

pyz: $(READY) ## the standalone file: dist/ecsstep.pyz
	@$(BIN)/python .ci/pyz

check: $(READY) ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## let ruff format and mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what was made
	rm -rf $(VENV) dist .coverage* .pytest_cache .mypy_cache .ruff_cache

$(READY): .ci/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "ecsstep needs Python 3.11 or newer: make PYTHON=python3.12" >&2; exit 1; }
	@echo "installing into $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes \
	  --requirement .ci/requirements.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@touch $@
