# Every target sets up what it needs in .venv: from requirements.lock, once, and again when the lock changes.
PYTHON ?= python3
SECONDS ?= 600
ARGS ?=
# In how many processes the tests run; 0: in pytest itself.
WORKERS ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); \
	if [ $$cores -lt 2 ]; then echo 0; elif [ $$cores -gt 8 ]; then echo 8; else echo $$cores; fi)

VENV := .venv
PY := $(VENV)/bin/python
SETUP := $(VENV)/.setup-stamp
TYPED := src tests docs/tutorial $(wildcard benchmarks) tools hatch_build.py

.DEFAULT_GOAL := help
.PHONY: help setup core demo test check format bench soak pythons lock wheel clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

$(SETUP): requirements.lock pyproject.toml hatch_build.py
	@echo "Installing what is needed into $(VENV), which takes a minute and happens once ..."
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

core: $(SETUP)
	@$(PY) tools/build_core.py

setup: core ## Create .venv with everything in it and compile the core

demo: core ## Run a sandbox exchange: make demo ARGS="--port 8080"
	$(VENV)/bin/openbourse demo $(ARGS)

# The core's own tests on the interpreted sources, then the whole suite on the compiled ones. A file is never
# divided between processes: its tests share what its fixtures have started. What compares both needs the compiled.
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
test: core ## Run the tests
	OPENBOURSE_PURE=1 $(PY) -m pytest -q $(PARALLEL) $(wildcard tests/core) tests/test_engine.py \
		--ignore=tests/core/test_engines_agree.py
	$(PY) -m pytest $(PARALLEL) $(ARGS)

check: $(SETUP) ## Lint, formatting, types and house rules
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy $(TYPED)
	$(PY) -m tools.tidy

format: $(SETUP) ## Rewrite the sources in the house format
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: core ## Print the figures that the documentation quotes
	$(PY) -m benchmarks $(ARGS)

soak: core ## Load a venue for a while and check it all the time: make soak SECONDS=600
	$(PY) -m benchmarks soak --seconds $(SECONDS) $(ARGS)

pythons: $(SETUP) ## Let the core be tested on every other Python that is here
	$(PY) -m tools.pythons

lock: ## Write requirements.lock anew from pyproject.toml, with the versions it has where they still fit
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.8
	build/lock/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet \
		--output-file requirements.lock
	@! grep -n '://' requirements.lock

wheel: $(SETUP) ## Build dist/openbourse-*.whl
	$(PY) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove what the build made; data stay
	rm -rf build dist $(VENV) src/openbourse/_build.json
	find src -name '*.so' -delete
