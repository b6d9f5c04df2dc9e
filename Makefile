# Everything runs from $(VENV), which `make install` builds from the locks. No root, nothing outside this folder.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
# LiteLLM has an environment of its own: it needs other versions of what the program uses.
INTEROP_VENV ?= .venv-interop

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
INTEROP_STAMP := $(INTEROP_VENV)/.installed
# Much of a test is waiting, so five share two cores. Compiled files are reused: hundreds of processes start.
TESTING := PYTHONDONTWRITEBYTECODE=
PARALLEL := -q --numprocesses 5 --dist loadfile --no-loadscope-reorder
COVERAGE := COVERAGE_FILE=$(VENV)/coverage/data $(BIN)/coverage
CHECKS := check-format check-lint check-types check-mypy check-imports check-shape check-dead-code check-dependencies
PACKAGES := bot cogs core providers storage web sandbox bench

.DEFAULT_GOAL := help
.PHONY: help install sandbox demo screenshots test quick coverage test-long interop bench check $(CHECKS) format lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

install: $(STAMP) ## make .venv with everything in it (PYTHON=python3.13 for another Python)

$(STAMP): pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Matinee needs Python 3.11 or newer, and '$(PYTHON)' is not that. Name another: make install PYTHON=python3.13"; \
		exit 1; }
	@echo "Installing into $(VENV) (about a minute the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

sandbox: install ## the bot in a local Discord, in your browser: no account, no key
	@$(BIN)/matinee sandbox $(ARGS)

demo: install ## one /video in the sandbox without a browser; saves demo.mp4
	@$(BIN)/matinee sandbox --demo -o demo.mp4 $(ARGS)

screenshots: install ## take the pictures of the documents again, in docs/pictures (needs Chromium)
	@$(BIN)/python -m tests.browser.screenshots docs/pictures

test: install ## the tests (ARGS="-k name" for some of them)
	@$(TESTING) $(BIN)/python -m pytest $(PARALLEL) $(ARGS)

quick: install ## the tests that need no process, server or browser: a quarter of a minute
	@$(TESTING) $(BIN)/python -m pytest -q --numprocesses 2 $(ARGS) tests/core tests/cogs tests/shape tests/bench

# The proofs live the same lines thousands of times: they reach nothing that the other tests do not.
coverage: install ## the tests but the proofs, and how much of the program they reach: it must not fall
	@mkdir -p $(VENV)/coverage && $(COVERAGE) erase
	@$(TESTING) $(COVERAGE) run -m pytest $(PARALLEL) --ignore tests/proof --ignore tests/stranger $(ARGS)
	@$(COVERAGE) combine -q
	@$(COVERAGE) report

test-long: install ## the tests that take minutes
	@$(BIN)/python -m pytest -q -m long --timeout 1800 $(ARGS)

interop: install $(INTEROP_STAMP) ## the command and the bot through LiteLLM, a gateway from another project
	@$(TESTING) LITELLM=$(abspath $(INTEROP_VENV)/bin/litellm) $(BIN)/python -m pytest -q -m interop --timeout 600 --numprocesses 3 --dist loadfile $(ARGS) tests/interop

$(INTEROP_STAMP): requirements/interop.txt
	@echo "Installing LiteLLM into $(INTEROP_VENV) (a minute or two, 600 MB)"
	@$(PYTHON) -m venv $(INTEROP_VENV)
	@$(INTEROP_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--no-deps --no-compile -r requirements/interop.txt
	@touch $@

bench: install ## measure against the straightforward way (ARGS="--json FILE" for the figures)
	@$(BIN)/python -m bench $(ARGS)

check: install ## format, lint, types, layers, leftovers: all of them run, each must pass
	@$(MAKE) --no-print-directory --keep-going --jobs 2 --output-sync $(CHECKS)

check-format:
	@echo "format"; $(BIN)/ruff format --check --quiet .

check-lint:
	@echo "lint"; $(BIN)/ruff check --quiet .

check-types:
	@echo "types (basedpyright)"; $(BIN)/basedpyright --pythonpath $(BIN)/python

check-mypy:
	@echo "types (mypy)"; $(BIN)/mypy

check-imports:
	@echo "layers"; $(BIN)/lint-imports --no-cache --no-logo

check-shape:
	@echo "folders"; $(BIN)/python -m tests.shape --check

check-dead-code:
	@echo "dead code"; $(BIN)/vulture && $(BIN)/vulture $(filter-out sandbox,$(PACKAGES)) # what only tests use goes, too

check-dependencies:
	@echo "dependencies"; $(BIN)/deptry .

format: install ## write the format and the fixes that are safe
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: ## write requirements/*.txt again from pyproject.toml (ARGS=--upgrade for newer versions)
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
	$(PYTHON) -m venv "$$scratch" && \
	"$$scratch/bin/pip" install --quiet --disable-pip-version-check 'uv>=0.9' && \
	compile() { "$$scratch/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --annotation-style line $(ARGS) "$$@"; } && \
	compile pyproject.toml --extra s3 --output-file requirements/run.txt && \
	compile pyproject.toml --extra s3 --extra sandbox --group dev --constraint requirements/run.txt \
		--output-file requirements/dev.txt && \
	compile --group build --constraint requirements/dev.txt --output-file requirements/build.txt && \
	compile --group interop --output-file requirements/interop.txt

clean: ## remove what make made (never the bot's data)
	@rm -rf $(VENV) .venv-* build dist demo.mp4 .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find $(PACKAGES) tests -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
