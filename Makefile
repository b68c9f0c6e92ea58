# make          set up and build the site into _site/
# make serve    show the site in the browser, and every save at once
# make test     set up and run every test
# make coverage run most of them and tell which branches they take: half an hour on two cores
# make oracle   hold the network library against PyTorch, ONNX and scikit-learn
# make browser  look at every kind of page in Chromium, by the checkers that it fetches
# make commonmark   tell which of CommonMark's examples pass, which differ, and why
# make fuzz     search for texts that the parser fails on; SECONDS says how long for each target
# make dask     what runs posts on other machines
# make mnist    images of MNIST for posts, by the package that carries them
# make sbom     tell what is installed, as CycloneDX, in sbom.cdx.json
# make bench    build posts beside other generators, as far as make bench-peers has installed
#               them into build/peers; make bench-network measures the network library alone
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
PEERS ?= build/peers
.DEFAULT_GOAL := site
SECONDS ?= 60
.PHONY: site serve test coverage coverage-here coverage-commands coverage-posts browser oracle commonmark fuzz mnist dask sbom lint bench bench-peers bench-network lock clean

site: .venv/site
	$(BIN)/python build.py

serve: .venv/site
	$(BIN)/python build.py serve --open

test: .venv/dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# The tests' own process, the commands that tests start, and the processes of posts, side by side:
# where the last two are measured, a test of their memory, open files or pace may fail, and what ran
# counts even so.
COVERAGE := $(BIN)/coverage run
IN_COMMANDS := $(addprefix tests/site/test_,$(addsuffix .py,blocks check clean command completion \
	import_jekyll init known_results new rebuild recheck shards take_away untrusted))
IN_POSTS := $(addprefix tests/,unit/execute $(addsuffix .py,$(addprefix execute/test_,cache \
	checkpoints interrupts shapes sweeps tracing) $(addprefix faults/test_,resident runners sandbox)))

coverage: .venv/dev
	rm -rf build/coverage && mkdir -p build/coverage
	-$(MAKE) --jobs 2 --keep-going coverage-here coverage-commands coverage-posts
	-$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered
	$(BIN)/coverage json --quiet -o build/coverage/all.json
	$(BIN)/python -m tests.coverage.tell build/coverage/all.json

coverage-here:
	$(COVERAGE) -m pytest tests/architecture tests/benchmarks tests/golden tests/network \
		tests/properties tests/site tests/unit

coverage-commands:
	-$(COVERAGE) --rcfile=tests/coverage/commands.ini -m pytest tests/execute/test_dask.py \
		tests/site/test_serve.py tests/site/test_serve_edits.py

coverage-posts:
	-$(COVERAGE) --rcfile=tests/coverage/posts.ini -m pytest $(IN_COMMANDS)
	-$(COVERAGE) --rcfile=tests/coverage/posts.ini -m pytest $(IN_POSTS)

browser: .venv/dev
	$(BIN)/python -m tests.browser.fetch
	$(BIN)/python -m pytest tests/browser

commonmark: .venv/dev
	$(BIN)/python -m tests.commonmark.report

fuzz: .venv/fuzz
	for target in formulas front post; do \
		$(BIN)/python -m tests.fuzz.run $$target -max_total_time=$(SECONDS) || exit 1; done

mnist: .venv/mnist

dask: .venv/dask

# In an environment of its own, which uv makes and forgets. The lock file knows no graph of what
# needs what, of which it would warn.
sbom: .venv/dev
	PYTHONWARNINGS=ignore $(BIN)/uv run --quiet --no-project --isolated \
		--with-requirements requirements-sbom.txt \
		cyclonedx-py requirements requirements.txt --pyproject pyproject.toml \
		--output-reproducible --output-file sbom.cdx.json

oracle: .venv/oracle
	$(BIN)/python -m pytest -m oracle tests/network

lint: .venv/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev
	$(BIN)/python -m benchmarks.bench_peers --peers $(PEERS)

bench-peers: $(PEERS)/installed

bench-network: .venv/dev
	$(BIN)/python -m benchmarks.bench_network

# Renews the locked versions: requirements*.txt, and package-lock.json of the benchmarks.
lock: .venv/dev
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		pyproject.toml --extra dask --constraint requirements-dev.txt --output-file requirements-dask.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		--group mnist --constraint requirements-dev.txt --output-file requirements-mnist.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		--group sbom --constraint requirements-dev.txt --output-file requirements-sbom.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		--group oracle --constraint requirements-dev.txt --output-file requirements-oracle.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		--group fuzz --constraint requirements-dev.txt --output-file requirements-fuzz.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --custom-compile-command "make lock" \
		--group peers --output-file requirements-peers.txt
	cd benchmarks && npm install --package-lock-only --silent

clean:
	rm -rf .venv .cache _site build

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

.venv/dask: requirements-dask.txt | .venv/site
	$(PIP) -r requirements-dask.txt
	@touch $@

.venv/fuzz: requirements-fuzz.txt .venv/dev
	$(PIP) -r requirements-fuzz.txt
	@touch $@

.venv/mnist: requirements-mnist.txt | .venv/site
	$(PIP) -r requirements-mnist.txt
	@touch $@

# PyTorch's wheels differ from index to index, so it has a version but no hash. Where it
# cannot be had, its tests are skipped.
.venv/oracle: requirements-oracle.txt .venv/dev
	$(PIP) -r requirements-oracle.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 || \
		echo "PyTorch 2.13.0 cannot be installed here: its tests are skipped"
	@touch $@

# In an environment of their own, so that they cannot change what the site is built with.
$(PEERS)/installed: requirements-peers.txt benchmarks/package-lock.json
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-peers.txt
	cp benchmarks/package.json benchmarks/package-lock.json $(PEERS)
	npm ci --prefix $(PEERS) --silent --no-audit --no-fund || \
		echo "npm cannot install here: Eleventy is left out"
	@touch $@
