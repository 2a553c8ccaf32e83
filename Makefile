# `make` prints what there is.  Each target sets up what it needs, once, in .venv.

.DEFAULT_GOAL := help
.PHONY: help book test test-long javascript lab play bench chapters mutants lock audit clean distclean
PYTHON ?= python3
EXPLORER ?= squash
BIN := .venv/bin

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: .venv/book  ## build the pages, and print the file to open
	@$(BIN)/jupyter-book build . -n -W --keep-going --quiet
	@echo "Open $(CURDIR)/_build/html/index.html"
	@echo "A server may send: $$(cat _build/header.txt)"

test: .venv/all  ## run all tests, and all chapters against their stored outputs
	OMP_NUM_THREADS=1 $(BIN)/pytest --nbval --numprocesses 2 --dist loadfile

test-long: .venv/all  ## what is slow: kill training everywhere, compile, wheel, JupyterLab
	$(BIN)/pytest -m long tests

javascript: node_modules  ## check the explorers with Biome and tsc (needs node)
	npm run --silent check

lab: .venv/all book  ## open the chapters in JupyterLab: your copies, in lab/
	@mkdir -p lab && cp -n _build/lab/*.ipynb lab/ || true
	$(BIN)/jupyter lab --notebook-dir=lab

play: .venv/all  ## open an explorer that loads again on save: make play EXPLORER=routing
	$(BIN)/python tools/play.py $(EXPLORER)

bench: .venv/all  ## time a training step against other formulations; ten minutes
	$(BIN)/python benchmarks/run.py

chapters: .venv/all  ## run all chapters and store their outputs
	$(BIN)/python tools/run_chapter.py

mutants: .venv/all  ## break the code in many ways, and see that a test fails each time
	$(BIN)/python tests/mutants.py

lock: .venv/all  ## choose the versions in requirements.txt anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group book --group test --group lab --upgrade \
	  --universal --python-version 3.11 --annotation-style line --quiet \
	  --custom-compile-command "make lock" --output-file requirements.txt
	$(BIN)/uv pip compile requirements.txt --universal --python-version 3.11 --quiet \
	  --no-annotate --generate-hashes --custom-compile-command "make lock" \
	  --output-file requirements-hashes.txt

audit: .venv/all  ## ask for known faults of all these versions (needs a network)
	$(BIN)/pip install --quiet pip-audit
	$(BIN)/pip-audit --requirement requirements.txt --no-deps --disable-pip --strict
	npm audit --package-lock-only

clean:  ## remove the built pages
	rm -rf _build

distclean: clean  ## remove the environment, too; your copies in lab/ stay
	rm -rf .venv node_modules

# The pages need no torch, so `make book` installs the book's part of requirements.txt only.
.venv/book: requirements.txt pyproject.toml | .venv/pip
	$(BIN)/pip install --quiet --constraint requirements.txt --group book
	@touch $@

.venv/all: requirements.txt pyproject.toml | .venv/pip
	@echo "Installing PyTorch and the rest into .venv; this can take some minutes."
	$(BIN)/pip install --quiet --requirement requirements.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@ .venv/book

node_modules: package-lock.json
	npm ci --silent
	@touch $@

.venv/pip:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { \
	  echo "Python 3.11 or newer is needed; if you have it by another name, pass it:"; \
	  echo "make book PYTHON=python3.13"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet "pip>=25.1"
	@touch $@
