# Every target sets up .venv first. Python 3.11 or later, make and git are enough.
.PHONY: demo test differential bench docs texts lint format lock

ready := .venv/ready

# Renders the check run of a small project with every kind of result as a page. DEMO names another project's folder.
demo: $(ready)
	CHECKS_WORKING_DIRECTORY=$(or $(DEMO),examples/demo) CHECKS_FAIL_JOB=false .venv/bin/python entrypoint.py preview

# With REQUIRE_ALL=1, the slow tests run too, hypothesis tries more examples, and no test may be skipped because a tool is
# missing.
# A crashed worker ends the run: if replaced, it may hang (https://github.com/pytest-dev/pytest-xdist/issues/1323).
test: $(ready)
	.venv/bin/pytest --numprocesses=auto --max-worker-restart=0 $(if $(REQUIRE_ALL),,-m "not slow")

# Counts of N generated suites against those of pytest. Prints the seed; SEED=7 repeats a run.
differential: $(ready)
	.venv/bin/python -m tests.support.differential $(or $(N),25) $(SEED)

# Writes the table of docs/benchmarks.md in a quarter of an hour. With QUICK=1 it takes two minutes and writes nothing.
# PEERS=folder also measures other actions, whose code is in that folder.
bench: $(ready)
	.venv/bin/python -m bench $(if $(QUICK),--quick)

# Every message with made-up values; with SEED=7 thirty of them.
texts: $(ready)
	.venv/bin/python -m tests.support.texts $(SEED)

# The tables of docs/inputs.md and docs/rate-limits.md, after a change of the inputs or of what a job writes.
docs: $(ready)
	.venv/bin/python -m tests.support.inputs_page
	.venv/bin/python -m tests.support.writes_per_job

lint: $(ready)
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

format: $(ready)
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

# Run after changing a requirements/*.in file. UPGRADE=1 upgrades everything to the newest versions.
lock: $(ready)
	$(compile) --python-version 3.11 requirements/ours.in -o requirements/ours.txt
	$(compile) --python-version 3.11 requirements/image.in -o requirements/image.txt
	$(compile) --python-version 3.8 requirements/tests.in -o requirements/tests.txt
	$(compile) --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	$(compile) --python-version 3.11 requirements/cases/pytest8.in -o requirements/cases/pytest8.txt
	$(compile) --python-version 3.11 requirements/cases/pytest9.in -o requirements/cases/pytest9.txt
	$(compile) --python-version 3.11 requirements/cases/randomly.in -o requirements/cases/randomly.txt
	$(compile) --python-version 3.11 requirements/cases/retry.in -o requirements/cases/retry.txt

compile := .venv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

# The first of these that is new enough and has venv, which Debian packages separately.
pythons := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
suitable := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))

$(ready): requirements/dev.txt
	@for python in $(pythons); do "$$python" -c '$(suitable)' 2>/dev/null && break; python=; done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or later with its venv module was not found (Debian: apt install python3-venv)." \
	    "If it is installed elsewhere: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	echo "Setting up .venv with $$("$$python" --version), once"; "$$python" -m venv --clear .venv
	@.venv/bin/pip --disable-pip-version-check install --quiet --require-hashes -r requirements/dev.txt
	@touch $@
