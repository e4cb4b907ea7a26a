# Needs Python 3.11 or newer, git and make. Everything else goes into .venv/, as uv.lock says.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
ARGS ?=
unexport PYTHONDONTWRITEBYTECODE  # images set it: each of the tests' many processes would compile all anew
EXAMPLES ?= 2000

.DEFAULT_GOAL := help
.PHONY: help demo test soak lint bench screenshots wheel clean

help:  ## say what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 20

.venv/ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "photolala needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Try: make PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV= $(BIN)/uv sync --quiet --locked --all-extras --python $(BIN)/python
	@touch $@

demo: .venv/ready  ## two devices, one bucket, on this machine: press S and watch (ARGS=--headless for text)
	@$(BIN)/photolala demo $(ARGS)

test: .venv/ready  ## all tests, under five minutes on two cores
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

soak: .venv/ready  ## 2,000 lives of devices that sync while all goes wrong, half an hour (EXAMPLES=200)
	PHOTOLALA_SOAK=$(EXAMPLES) $(BIN)/python -m pytest -q tests/sync/test_state_machine.py $(ARGS)

lint: .venv/ready  ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/ready  ## measurements beside their peers, as ratios
	$(BIN)/python -m pytest -q -o python_files='bench_*.py' tests/benchmarks $(ARGS)

screenshots: .venv/ready  ## take the pictures in screenshots/ again, from the running app
	$(BIN)/python screenshots/make.py $(ARGS)

wheel: .venv/ready  ## build the wheel into dist/
	$(BIN)/uv build --wheel --quiet

clean:  ## remove .venv and everything made
	rm -rf .venv dist build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
