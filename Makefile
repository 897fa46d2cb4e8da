# Mujaz: `make brief` and `make test` do everything on a fresh machine; CONTRIBUTING.md says more.
#
# PYTHON       the interpreter to build .venv with; 3.11 or later
# TORCH_INDEX  where torch comes from when not from pip's usual index: https://download.pytorch.org/whl/cpu has
#              PyTorch's CPU build for Linux, where the usual one has the CUDA build and its large libraries
# EXTRAS       what `make install` adds to the service: postgres, otel, ray or several, with commas
# MODELS       what `make serve` runs: sample (the default), full, or a folder of checkpoints
# PYTEST_ARGS  more arguments for pytest

PYTHON ?= python3
TORCH_INDEX ?=
EXTRAS ?=
MODELS ?= $(or $(MUJAZ_MODELS),sample)
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP_AUDIT := 2.10.1
COMMA := ,
INSTALLED := $(VENV)/.installed$(if $(EXTRAS),+$(subst $(COMMA),+,$(EXTRAS)))
# No build isolation: what builds a package is pinned like the rest. Bars on a terminal, else only our own lines.
PIP = $(BIN)/python -m pip $(if $(MAKE_TERMOUT),,--quiet) --disable-pip-version-check --no-input
# setuptools warns of every editable installation; hence the variable.
INSTALL = PYTHONWARNINGS=ignore::UserWarning $(PIP) install --constraint constraints.txt

.DELETE_ON_ERROR:
.PHONY: help install brief serve test check audit clean

help:
	@echo "make brief   install, then print English briefs of the bundled sample articles"
	@echo "make serve   install, then serve HTTP on 127.0.0.1:8000 with the sample models (MODELS=full for the full ones)"
	@echo "make test    install with the test extras, then run the tests"
	@echo "make check   formatting, lint, types, Dockerfile"
	@echo "make audit   ask PyPI which pinned versions have known vulnerabilities; needs the network, not part of the tests"
	@echo "make install build .venv and nothing more"
	@echo "make clean   remove .venv"
	@echo "On Linux without a GPU add TORCH_INDEX=https://download.pytorch.org/whl/cpu to the first of them."

install: $(INSTALLED)

brief: $(INSTALLED)
	@$(BIN)/mujaz brief --models sample models/sample/articles/*.txt models/sample/articles/*.html

serve: $(INSTALLED)
	@$(BIN)/mujaz serve --models $(MODELS)

test: $(VENV)/.installed-test
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/hadolint docker/Dockerfile

audit: $(VENV)/audit/.installed
	$(VENV)/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict

clean:
	rm -rf $(VENV)

# A stamp is newer than what it was made from, so a second run installs nothing, and a changed pin or dependency does.
$(VENV)/.made: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Mujaz needs Python 3.11 or later: make PYTHON=python3.11 brief" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "$(PYTHON) cannot make virtual environments: install python3-venv" >&2; exit 1; }
	@echo "[1/3] making $(VENV)" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) --upgrade pip setuptools
	@touch $@

# torch alone from its own index (its companions there are other versions than the pinned ones), all else as usual.
$(INSTALLED): $(VENV)/.made pyproject.toml service/version.py
	@echo "[2/3] installing torch; the first time this takes minutes" >&2
	@$(INSTALL) $(if $(TORCH_INDEX),--no-deps --index-url $(TORCH_INDEX)) torch
	@echo "[3/3] installing Mujaz and what it needs" >&2
	@$(INSTALL) --no-build-isolation --editable '.$(if $(EXTRAS),[$(EXTRAS)])'
	@touch $@

$(VENV)/.installed-test: $(INSTALLED)
	@echo "installing what the tests and linters need" >&2
	@$(INSTALL) --no-build-isolation --editable '.[test]'
	@touch $@

# In an environment of its own: what looks for faults in the others' versions must not bring any among them.
$(VENV)/audit/.installed: $(VENV)/.made
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip --quiet --disable-pip-version-check --no-input install --constraint constraints.txt \
	    pip-audit==$(PIP_AUDIT)
	@touch $@
