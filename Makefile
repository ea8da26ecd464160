# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

# A thin face on nox: every target is a session of noxfile.py.
NOX = .venv/bin/nox

.DEFAULT_GOAL := help
.PHONY: help demo test lint import_check docs sanity units build ecosystem examples integration targets report bench changelog release-check clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

demo: $(NOX) ## End a demo event against the simulator, twice
	@$(NOX) -s demo

test: $(NOX) ## Lint, import check, documentation, sanity, unit, build, ecosystem, integration and browser tests, coverage
	@$(NOX)

lint import_check sanity units build ecosystem examples integration targets report changelog: $(NOX)
	@$(NOX) -s $@

docs: $(NOX) ## Make the documentation site in docs/build/html
	@$(NOX) -s docs

bench: $(NOX) ## Measure it, and write docs/benchmarks.md (half an hour)
	@$(NOX) -s bench

release-check: $(NOX) ## Check that HEAD is a release: version, changelog, tag, clean tree, tarball
	@$(NOX) -s release

clean: ## Remove what the other targets made
	rm -rf .venv .nox .hypothesis .mypy_cache .ruff_cache .ansible docs/build report tests/output

$(NOX):
	@python="$$(python3 tests/tools/pythons.py)" && "$$python" -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check 'nox>=2024.10.9'
