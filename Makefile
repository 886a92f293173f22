# Two commands are enough: `make site` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/sh
export NO_MKDOCS_2_WARNING = 1
unexport PYTHONPATH PYTHONHOME

BIN := .venv/bin
PORT ?= 8000
READ := adr docs_src snippets packages

.PHONY: help setup port site build test check format shots lighthouse lock bench-platform bench-site clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## bring .venv to what the pins say
	@tools/setup.sh

port: setup
	@$(BIN)/python tools/serve.py --port $(PORT) --check

site: port build ## build the site and serve it
	@$(BIN)/python tools/serve.py --port $(PORT) site

# The new site is built aside and takes the old one's place only when it is whole. Of two builds at
# once, the second waits here for the first.
build: setup ## check records and layers, run the snippets, build the site into site/
	@echo "build 1/4: the records and who cites them"
	@$(BIN)/sage-dev adr lint --strict
	@$(BIN)/sage-dev adr cited --strict
	@echo "build 2/4: the layers"
	@$(BIN)/sage-dev layers --strict
	@echo "build 3/4: the snippets that have changed since they last ran"
	@$(BIN)/sage-dev snippets --changed $(READ)
	@echo "build 4/4: the site"
	@mkdir -p .sage-dev
	@flock --nonblock .sage-dev/build.lock true || echo "  once another build in this folder is done"
	@flock .sage-dev/build.lock sh -ec '\
	    rm -rf .sage-dev/new .sage-dev/old; \
	    $(BIN)/mkdocs build --strict --site-dir .sage-dev/new; \
	    if [ -e site ]; then mv site .sage-dev/old; fi; \
	    mv .sage-dev/new site; \
	    rm -rf .sage-dev/old'
	@echo "built: site/ holds $$(find site -name '*.html' | wc -l) pages"

test: setup ## run the whole test suite
	@$(BIN)/python -m pytest $(ARGS)

check: setup ## format, lint, types and every check of sage-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/sage-dev quality --strict
	@$(BIN)/sage-dev snippets --changed --lint $(READ)

format: setup ## rewrite the code in the house's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lighthouse: build ## score the pages, five runs each (npx fetches Lighthouse)
	@$(BIN)/python tools/lighthouse.py site

shots: build ## take screenshots of every kind of page into shots/
	@$(BIN)/python tools/shots.py

lock: setup ## pin what requirements/dev.in asks for, with hashes
	@$(BIN)/uv pip compile requirements/dev.in --quiet --output-file requirements/dev.txt --generate-hashes \
	    --python-version 3.11 --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(ARGS)

bench-platform: setup ## measure queues and stores beside their peers
	@$(BIN)/python benchmarks/queues.py
	@$(BIN)/python benchmarks/stores.py

bench-site: setup ## measure the site's build beside its peers
	@$(BIN)/python benchmarks/site.py

clean: ## remove what these targets made
	@rm -rf .venv .sage-dev site shots dist build
