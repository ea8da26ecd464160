# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A thin face on nox: every target is a session of noxfile.py.
NOX = .venv/bin/nox

.DEFAULT_GOAL := help
.PHONY: help demo test lint import_check docs sanity units build ecosystem examples integration targets report bench changelog release-check clean

help: ## Show this list
	@grep -hE '^[a-z_-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z_-]+):.*## /  make \1\t/' | expand -t 24

demo: $(NOX) ## End a demo event against the simulator, twice; REAL=1 asks, and ends it against the real API
	@$(NOX) -s demo -- $(if $(filter-out 0,$(REAL)),--real)

test: $(NOX) ## Lint, import check, documentation, sanity, unit, build, ecosystem, integration and browser tests, coverage
	@$(NOX)

lint: ## Check style, types, YAML, links, changelog and licence headers
import_check: ## Let Ansible Galaxy's importer and ansible-lint take the tarball
docs: ## Make the documentation site in docs/build/html
sanity: ## Run ansible-test sanity
units: ## Run the unit and property tests on every Python that is there
build: ## Build the tarball, install it, and use it from there
ecosystem: ## Test with ansible-builder and ansible-runner, and test the release check
examples: ## Run every example of the documentation
integration: ## Run modules and role against the simulator
targets: ## Run the module on every Python that is there, with old and new libraries
report: ## Test the HTML report in Chromium
bench: ## Measure it, and write docs/benchmarks.md (half an hour)
changelog: ## Make CHANGELOG.md of the fragments (a release step)

# What these have in common.
lint import_check docs sanity units build ecosystem examples integration targets report bench changelog: $(NOX)
	@$(NOX) -s $@

release-check: $(NOX) ## Check that HEAD is a release: version, changelog, tag, clean tree, tarball
	@$(NOX) -s release

clean: ## Remove environments, caches and output; pages that are committed stay
	rm -rf .venv .nox .hypothesis .mypy_cache .pytest_cache .ruff_cache .ansible docs/build report tests/output

$(NOX):
	@python="$$(python3 tests/tools/pythons.py)" && "$$python" -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check 'nox>=2024.10.9'
