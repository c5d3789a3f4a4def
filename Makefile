# make demo [CSV=file]   the whole stack on this machine, with readings and answers
# make test              lint, unit tests, molecule
# make prove             what takes longer
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.requirements
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help demo local-up local-down local-status test lint unit molecule prove docs bench conform lock clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: $(READY) ## deploy to the embedded AWS, send readings, ask questions; CSV=file replays a file of yours
	@python -m localaws up
ifdef CSV
	@measures=$$(python -m demo measures "$(CSV)") && ansible-playbook deploy.yml -e "{\"measures\": $$measures}"
	@python -m demo --csv "$(CSV)"
else
	@ansible-playbook deploy.yml
	@python -m demo
endif

local-up: $(READY) ## start the embedded AWS
	@python -m localaws up

local-down: $(READY) ## stop the embedded AWS
	@python -m localaws down

local-status: $(READY) ## what the embedded AWS holds
	@python -m localaws status || [ $$? = 3 ]

test: lint unit molecule ## the tests but the longest

lint: $(READY)
	ruff check
	ruff format --check
	mypy
	yamllint --strict .
	ansible-lint --strict --offline

unit: $(READY)
	pytest -n auto --dist loadfile --no-loadscope-reorder

molecule: $(READY) ## the whole life of a stack
	molecule --base-config .config/molecule/config.yml test

prove: $(READY) ## the longest tests: several stacks and sites, an upgrade, a broken stack, ansible-test sanity
	pytest -n auto --dist loadfile --no-loadscope-reorder -m prove
	molecule --base-config .config/molecule/config.yml test --all

docs: $(READY) ## write the generated pages of docs/
	python -m docs.generate

bench: $(READY) ## measure, and write docs/performance.md; ONLY=deploys or timestream for one chapter
	@python -m bench $(if $(ONLY),--only $(ONLY))

conform: $(READY) ## hold the embedded Timestream against an account: ENV=dev, and CONFIRM=yes after reading the cost
	@CONFORM_ENV="$(or $(ENV),local)" CONFIRM="$(CONFIRM)" pytest -q tests/conform

lock: ## pin what pyproject.toml asks for (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --extra dev pyproject.toml --output-file requirements.txt

clean: ## remove what was installed and built, but no state of the embedded AWS
	rm -rf $(VENV) build outputs .cache .mypy_cache .pytest_cache .ruff_cache

# Byte code is compiled when first used: half of Ansible's modules never are
$(READY): requirements.txt
	@echo "Installing the pinned packages into $(VENV), about half a minute"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --disable-pip-version-check --no-compile --require-hashes -r requirements.txt \
	  | awk '/^Collecting/ { ++n; if (!(n % 10)) { print "  " n " packages fetched"; fflush() } } \
	         /^Installing/ { print "  unpacking " n " packages"; fflush() }'
	@touch $@
