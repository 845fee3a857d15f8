# Two commands on a fresh machine: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
UV_VERSION := 0.13.9
METRICFLOW_VERSION := 0.15.0
export UV_PYTHON_DOWNLOADS := never
# uv does not read pip's settings: a company index named there counts here too.
ifneq ($(PIP_INDEX_URL),)
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
PYTHON := .venv/bin/python
MOTCUA := .venv/bin/motcua
# Each worker of the tests would else rewrite the asserts of all test modules anew, every time: 14 s of processor time.
unexport PYTHONDONTWRITEBYTECODE
# Tests that run on any machine with what PyPI has.
ANYWHERE := not system and not long and not docker and not mutation
PACKAGES := contracts extractors warehouse expectations reporting orchestration demo

.PHONY: help setup demo demo-boston test test-walks test-system test-docker test-long test-mutation lint dictionary metrics superset lock bench clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: .venv/.ready  ## the environment in .venv, bytecode compiled (quick when nothing changed)

.venv/.ready: requirements.lock pyproject.toml Makefile
	@set -e; uv="$$(.ci/bring-uv $(UV_VERSION))"; \
	echo "setup: installing the pinned packages into .venv"; \
	test -x $(PYTHON) || "$$uv" venv --quiet --python python3 .venv; \
	"$$uv" pip sync --quiet --python $(PYTHON) --require-hashes --compile-bytecode requirements.lock; \
	"$$uv" pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation --editable .
	@# Python 3.11 reads .pth files in the locale's encoding and does not start when LC_ALL=C meets a path with
	@# diacritics. Relative to the folder it stands in, the path has none.
	@for folder in .venv/lib/python3*/site-packages; do echo ../../../.. >"$$folder/_motcua.pth"; done
	@$(PYTHON) -m compileall -q $(PACKAGES)
	@touch $@

demo: .venv/.ready  ## a province in a box: its systems up, the pipeline over them, the article's figures beside ours
	@$(PYTHON) -m demo province

demo-boston: .venv/.ready  ## the pipeline over Boston's 26,788 real dossiers and Brazil's charters
	@$(PYTHON) -m demo unpack
	@$(MOTCUA) run --config demo/boston.yml
	@$(MOTCUA) figures --config demo/boston.yml --jurisdiction boston

test: .venv/.ready  ## the tests, but for walks and what needs more than PyPI (under 10 minutes)
	@# In the order of folders: whole runs begin first, and what takes a moment fills up the end.
	@$(PYTHON) -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "$(ANYWHERE) and not walk"

test-walks: .venv/.ready  ## whole runs in every order, killed at every point; searches through many cases (with make test in .ci/run)
	@$(PYTHON) -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "$(ANYWHERE) and walk"

test-system: .venv/.ready  ## tests that may install Debian packages (as root)
	@$(PYTHON) -m pytest -m system

test-docker: .venv/.ready  ## docker/ built and run for real (as root on Debian; installs packages; several minutes)
	@.ci/bring-uv $(UV_VERSION) >/dev/null
	@$(PYTHON) -m pytest -m docker tests/docker

test-long: .venv/.ready  ## the long searches
	@$(PYTHON) -m pytest -m long

test-mutation: .venv/.ready  ## every mutant of verdict, publish act, classification and calendar, and what no test notices
	@$(PYTHON) -m pytest -n 0 -m mutation -v tests/mutation

lint: .venv/.ready  ## ruff, mypy strict, import rules, SQL style
	@.venv/bin/ruff format --check . && .venv/bin/ruff check .
	@.venv/bin/mypy $(PACKAGES)
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests warehouse/schema

dictionary: .venv/.ready  ## docs/data-dictionary.md from the models' descriptions
	@$(PYTHON) -m orchestration.dictionary

metrics: .venv/.ready  ## the metrics of dbt_project/models/semantic, validated by MetricFlow (brought apart from .venv)
	@.venv/bin/dbt parse --quiet --project-dir dbt_project --profiles-dir dbt_project
	@set -e; uv="$$PWD/$$(.ci/bring-uv $(UV_VERSION))"; cd dbt_project; \
	DBT_PROFILES_DIR=. DBT_SEND_ANONYMOUS_USAGE_STATS=false "$$uv" tool run --from dbt-metricflow==$(METRICFLOW_VERSION) \
		--with dbt-core==1.11.16 --with dbt-postgres==1.11.0 mf validate-configs --skip-dw

superset: .venv/.ready  ## the dashboard of docs/bi in a Superset of its own (heavy: 650 MB into .tools), its picture in docs/bi
	@set -e; uv="$$(.ci/bring-uv $(UV_VERSION))"; test -x .tools/superset/bin/superset || { \
		"$$uv" venv --quiet --python python3 .tools/superset; \
		"$$uv" pip sync --quiet --no-config --python .tools/superset/bin/python --require-hashes docs/bi/requirements.lock; }
	@$(MOTCUA) db start
	@MOTCUA_BI_URL="$$($(MOTCUA) db url --as bi)" $(PYTHON) docs/bi/show_in_superset.py \
		--superset .tools/superset/bin/superset --screenshot docs/bi/dashboard.png

bench: .venv/.ready  ## the timings of docs/performance.md, as ratios measured side by side
	@$(PYTHON) -m benchmarks

lock: .venv/.ready  ## resolve the versions anew (after an edit of pyproject.toml)
	@"$$(.ci/bring-uv $(UV_VERSION))" pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --quiet --output-file requirements.lock
	@# Superset's without what pyproject.toml leaves out of our own (tool.uv: pyarrow).
	@"$$(.ci/bring-uv $(UV_VERSION))" pip compile docs/bi/requirements.in --no-config --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --quiet --output-file docs/bi/requirements.lock
	@# The image's: the same versions without those for development.
	@"$$(.ci/bring-uv $(UV_VERSION))" pip compile pyproject.toml --extra demo --constraint requirements.lock --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --quiet --output-file docker/requirements.lock

clean:  ## remove the environment and everything generated inside the project (not the database)
	rm -rf .venv .tools mutants dbt_project/target demo/deliveries .pytest_cache .mypy_cache .ruff_cache
