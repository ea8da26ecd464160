# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A thin face on nox: every target is a session of noxfile.py, or several of them side by side.
NOX = .venv/bin/nox
# In CI, on a machine that others use as well, what failed beside other sessions is run once more alone, and that is said.
TOGETHER = .venv/bin/python tests/tools/sessions.py $(if $(CI),--again)

# What takes longest begins first.
QUICK = integration units oldest_units eda_units sanity lint import_check report docs demo_test
OTHER_CORES = 2.16 2.17 2.18 2.19 2.20 2.21
SLOW = slow_integration oldest_slow_integration chaos $(OTHER_CORES:%=core_integration-%) $(OTHER_CORES:%=core_sanity-%) \
       $(OTHER_CORES:%=core_units-%) ansible_test_units eda ansible_test_integration targets-2.16 targets-2.22 examples properties ecosystem build

.DEFAULT_GOAL := help
.PHONY: help demo demo-eda test test-all core devel test-mutants pythons lint import_check docs sanity units build ecosystem examples \
        integration targets report bench changelog release-check publish clean

help: ## Show this list
	@grep -hE '^[a-z_-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z_-]+):.*## /  make \1\t/' | expand -t 24

demo: $(NOX) ## End a demo event against the simulator; REAL=1 asks, and ends it against the real API
	@$(NOX) -s demo -- $(if $(filter-out 0,$(REAL)),--real)

demo-eda: $(NOX) ## A recorded file is ready, and ansible-rulebook runs a playbook with it (needs Java, or Debian and root)
	@$(NOX) -s demo_eda

test: $(NOX) pythons ## What every change has to pass, in ten minutes: the newest ansible-core, the oldest and the newest Python
	@$(TOGETHER) --clean $(QUICK) --then coverage

test-all: $(NOX) pythons ## The whole matrix: every ansible-core, every Python, chaos, load, every example
	@$(TOGETHER) --keep $(QUICK) $(SLOW) --then load coverage

core: $(NOX) ## What a change has to pass on one other ansible-core: make core CORE=2.16
	@$(TOGETHER) core_sanity-$(CORE) core_units-$(CORE) core_integration-$(CORE)

devel: $(NOX) ## Modules and role on the ansible-core to come, which may fail
	@$(NOX) -s devel

test-mutants: $(NOX) ## Break the code on purpose, once for each promise, and see the quick tests fail
	@$(NOX) -s mutants

pythons: ## Put the newest Pythons into this user's cache, where the machine has none
	@python3 tests/tools/get_pythons.py || true

lint: ## Check style, types, YAML, links, changelog and licences
import_check: ## Let Ansible Galaxy's importer and ansible-lint take the tarball
docs: ## Make the documentation site in docs/build/html
sanity: ## Run ansible-test sanity
units: ## Run the unit and property tests on the newest Python
build: ## Build the tarball, install it, and use it from there
ecosystem: ## Test with ansible-builder and ansible-runner, and test the release check
examples: ## Run every example of the documentation
integration: ## Run modules and role against the simulator
targets: ## Run the module on every Python, with old and new libraries
report: ## Test the HTML report in Chromium
bench: ## Measure it, and write docs/benchmarks.md (an hour)
changelog: ## Make CHANGELOG.md of the fragments (a release step)

# What these have in common.
lint import_check docs sanity units build ecosystem examples integration targets report bench changelog: $(NOX)
	@$(NOX) -s $@

release-check: $(NOX) ## Check that HEAD is a release: version, changelog, tag, clean tree, tarball
	@$(NOX) -s release

publish: $(NOX) ## Publish what release-check left: only the workflow that has the token
	@$(NOX) -s publish

clean: ## Remove environments, caches and output; pages that are committed stay
	rm -rf .venv .nox .hypothesis .mypy_cache .pytest_cache .ruff_cache .ansible docs/build report tests/output

# Made anew where the list of tools has changed.
$(NOX): tests/requirements.txt
	@echo 'Making the environment of the tests in .venv: half a minute, once. First the Pythons that are missing, then the tools'
	@python3 tests/tools/get_pythons.py || true
	@python="$$(python3 tests/tools/pythons.py)" && "$$python" -m venv --clear .venv
	@.venv/bin/pip install -qq --disable-pip-version-check -r tests/requirements.txt
	@touch $@
