# make          set up and build the site into _site/
# make test     set up and run every test
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
.DEFAULT_GOAL := site
.PHONY: site test lint bench lock clean

site: .venv/site
	$(BIN)/python build.py

test: .venv/dev
	$(BIN)/python -m pytest

lint: .venv/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev
	$(BIN)/python -m benchmarks.bench_build
	$(BIN)/python -m benchmarks.bench_execution

# Renews the locked versions; says what it changes in the two files.
lock: .venv/dev
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf .venv .cache _site

.venv/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"Python 3.11 or newer is needed, this is %s: make PYTHON=python3.11" % sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/site: requirements.txt | .venv/python
	$(PIP) -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt | .venv/python
	$(PIP) -r requirements-dev.txt
	@touch $@
