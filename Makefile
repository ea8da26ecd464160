# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

# A thin face on nox: every target is a session of noxfile.py.
NOX = .venv/bin/nox

.DEFAULT_GOAL := help
.PHONY: help demo test lint sanity units integration targets report build bench changelog clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

demo: $(NOX) ## Tear down a demo event against the simulator, twice
	@$(NOX) -s demo

test: $(NOX) ## Lint, sanity, unit, integration and browser tests, coverage, build
	@$(NOX) -s clean lint sanity units integration targets report coverage build

lint sanity units integration targets report build changelog: $(NOX)
	@$(NOX) -s $@

bench: $(NOX) ## Measure it, and write docs/benchmarks.md (half an hour)
	@$(NOX) -s bench

clean: ## Remove what the other targets made
	rm -rf .venv .nox .hypothesis .mypy_cache .ruff_cache .ansible tests/output

$(NOX):
	@python="$$(python3 tests/tools/pythons.py)" && "$$python" -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check 'nox>=2024.10.9'
