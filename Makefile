# The whole product from a fresh clone: make run · make test. Needs Python 3.11 to 3.13 and make; `make test` also needs
# Dovecot and Chromium, and installs them or names the command that does.

PYTHON ?= python3
PORT ?= 8000
STATE ?= .local
CONSOLE ?= 1
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cat tests/requirements.txt | cksum | cut -d' ' -f1)
MUTANTS_STAMP := $(VENV)/.mutants-$(shell cat tests/mutants/requirements.txt | cksum | cut -d' ' -f1)
BENCH_STAMP := $(VENV)/.benched-$(shell cat bench/requirements.txt | cksum | cut -d' ' -f1)
SOURCES := layers/banxway/banxway functions local tests bench

# An environment that forbids bytecode would have every worker and child process of the tests compile everything again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: run doctor sql migrate organization logs support-bundle test programs soak mistakes mutants check style types generated template imported console format pictures bench openapi documents lock sbom build deploy publish-console console-dev clean

$(STAMP): tests/requirements.txt
	@$(PYTHON) local/versions.py
	@$(PYTHON) -m local.install $(VENV) tests/requirements.txt
	rm -f $(VENV)/.installed-*
	touch $@

$(BENCH_STAMP): $(STAMP) bench/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r bench/requirements.txt
	rm -f $(VENV)/.benched-*
	touch $@

$(MUTANTS_STAMP): $(STAMP) tests/mutants/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/mutants/requirements.txt
	rm -f $(VENV)/.mutants-*
	touch $@

# Run everything on this machine, in the foreground; Ctrl-C stops all of it.
run: $(STAMP)
	$(BIN)/python -m local --port $(PORT) --state $(STATE) $(if $(filter 0,$(CONSOLE)),--no-console)

# Show what is wrong with a running deployment, and how to repair it; URL=https://… TOKEN=… names one that is not local.
doctor: export BANXWAY_TOKEN = $(TOKEN)
doctor: $(STAMP)
	@$(BIN)/python -m local.doctor --url $(or $(URL),http://127.0.0.1:$(PORT))

# Open psql as the application role: ORGANIZATION=<id> chooses whose rows, QUERY='SELECT …' runs one statement.
# Without ORGANIZATION it lists them. DATABASE_URL (and OWNER_DATABASE_URL for the list) name a database that is not local.
sql: export BANXWAY_QUERY = $(value QUERY)
sql: $(STAMP)
	@$(BIN)/python -m local.operators.sql --url http://127.0.0.1:$(PORT) --organization "$(ORGANIZATION)"

# Apply the migrations that a database lacks: the local product's, or that of OWNER_DATABASE_URL.
migrate: $(STAMP)
	@$(BIN)/python -m local.operators.migrate --url http://127.0.0.1:$(PORT)

# Create an organization and invite its first admin: NAME='Asha Traders' ADMIN=asha@example.com, as the owner of the
# tables: the local product's, or OWNER_DATABASE_URL. CONSOLE_ORIGIN and COGNITO_USER_POOL_ID are a deployment's.
organization: export BANXWAY_NAME = $(value NAME)
organization: export BANXWAY_ADMIN = $(value ADMIN)
organization: $(STAMP)
	@$(BIN)/python -m local.operators.organization --url http://127.0.0.1:$(PORT) --name "$$BANXWAY_NAME" --admin "$$BANXWAY_ADMIN"

# Show what the local product logged: ONLY='exotel|integration' filters, LINES=500 shows more, FOLLOW=1 follows.
logs: $(STAMP)
	@$(BIN)/python -m local.operators.logs --state $(STATE) --lines $(or $(LINES),100) $(if $(FOLLOW),--follow) --only '$(ONLY)'

# Write status, audit trail, diagnosis and recent logs into one file, with secrets masked; URL=https://… TOKEN=… as for doctor.
support-bundle: export BANXWAY_TOKEN = $(TOKEN)
support-bundle: $(STAMP)
	@$(BIN)/python -m local.operators.support_bundle --url $(or $(URL),http://127.0.0.1:$(PORT)) --folder $(STATE)/support

# Check format, lint, types, generated files and template, and run every test but tests/soak.
test: programs
	$(MAKE) --no-print-directory --jobs=2 check imported
	$(BIN)/pytest -n 3 --dist loadscope --ignore=tests/soak

# Run the large proofs with their full numbers and free seeds, and random inputs by the thousand.
# ONLY=test_pooler.py, ONLY=tests/soak/test_pooler.py or ONLY=kills (a word for -k) runs some of the proofs.
soak: programs
	BANXWAY_SOAK=1 $(BIN)/pytest -s $(if $(findstring .py,$(ONLY)),$(patsubst %,tests/soak/%,$(notdir $(ONLY))),tests/soak $(if $(ONLY),-k "$(ONLY)"))
	$(if $(ONLY),,BANXWAY_SOAK=1 $(BIN)/pytest tests --ignore=tests/soak -m random -n 3 --dist loadscope)

# Make each mistake of tests/mistakes/ in a copy of the tree: its tests must fail. ONLY=ledger tries some.
mistakes: $(STAMP)
	$(BIN)/python -m tests.support.gates.mistakes $(ONLY)

# Change every line of critical code, and count what the tests notice. ONLY=ledger changes some, EVERY=10 one in ten.
mutants: $(MUTANTS_STAMP)
	$(BIN)/python -m tests.support.gates.mutants $(ONLY) $(if $(EVERY),--every $(EVERY))

# Find or install Dovecot and Chromium before the first test; if that fails, name the command that installs them.
programs: $(STAMP)
	$(BIN)/python -m tests.support.gates.debian

# The checks that need no running product.
check: style types generated template console

style: $(STAMP)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)

types: $(STAMP)
	$(BIN)/mypy

# Serve the console's sources with changes shown at once, at http://127.0.0.1:5173; with `make run` beside it.
console-dev: $(STAMP)
	$(BIN)/python -m local.console serve

# Check the console's types, format and rules.
console: $(STAMP)
	$(BIN)/python -m local.console check

generated: $(STAMP)
	$(BIN)/python -m local.console types --check
	$(BIN)/python -m local.openapi --check
	$(BIN)/python -m local.documents --check

template: $(STAMP)
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=ap-south-1 $(BIN)/sam validate --lint --template template.yaml

# Import every test once, which compiles them; otherwise each worker would do it.
imported: $(STAMP)
	$(BIN)/pytest --collect-only --quiet --quiet --ignore=tests/soak > $(VENV)/collected || { cat $(VENV)/collected; exit 1; }

# Format every source file.
format: $(STAMP)
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

# Take the pictures of the documents again, of the running console.
pictures: $(STAMP)
	PICTURES_INTO_DOCUMENTS=1 $(BIN)/pytest -q tests/console/test_pictures.py

# Measure ratios against named baselines, in one run.
bench: $(BENCH_STAMP)
	$(BIN)/python -m tests.support.gates.debian dovecot doveadm mbsync chromium
	for benchmark in bench/bench_*.py; do $(BIN)/python $$benchmark || exit 1; done

# Write openapi.json from the functions.
openapi: $(STAMP)
	$(BIN)/python -m local.openapi
	$(BIN)/python -m local.console types

# Write docs/functions.md, errors.md, settings.md, permissions.md and troubleshooting.md from the code.
documents: $(STAMP)
	$(BIN)/python -m local.documents

# Pin every dependency with its hashes, without the address of an index.
lock: $(STAMP)
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet uv
	for list in tests/requirements layers/dependencies/requirements local/runtime-requirements local/requirements bench/requirements tests/mutants/requirements; do \
	    $(VENV)-lock/bin/uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
	        --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-strip-extras \
	        $$([ $$list = tests/requirements ] || echo -c tests/requirements.txt) $$list.in -o $$list.txt || exit 1; done
	rm -rf $(VENV)-lock
	$(BIN)/python -m local.console lock

# Write sbom.cdx.json: every package of every lock, in CycloneDX's format, from the locks alone.
sbom: $(STAMP)
	$(BIN)/python -m local.sbom

# Build the deployable bundle in .aws-sam/, with the template's Python from the PATH, else from pyenv, and the console.
build: $(STAMP)
	$(BIN)/python -m local.console build --mode production
	@python=$$(command -v python3.13 2>/dev/null | grep -v shims || ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.13.*/bin/python3.13 2>/dev/null | tail -1); \
	[ -n "$$python" ] || { echo "python3.13 (the template's runtime) is neither on the PATH nor among pyenv's versions"; exit 1; }; \
	PATH="$$(dirname $$python):$(CURDIR)/$(BIN):$$PATH" SAM_CLI_TELEMETRY=0 $(BIN)/sam build

# Deploy what `make build` built; asks for the parameters the first time. Then upload the console.
deploy: build
	SAM_CLI_TELEMETRY=0 $(BIN)/sam deploy --guided
	$(BIN)/python -m local.operators.publish_console --stack "$(STACK)"

# Upload the console alone; STACK=… names a stack other than samconfig.toml's.
publish-console: $(STAMP)
	$(BIN)/python -m local.console build --mode production
	$(BIN)/python -m local.operators.publish_console --stack "$(STACK)"

# Remove everything that was built or run here.
clean:
	rm -rf $(VENV) .aws-sam $(STATE) console/dist console/node_modules
