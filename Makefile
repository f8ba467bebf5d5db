# `make demo` and `make test` set up what they need: Python 3.11 or later, make and git are enough.
.PHONY: demo test bench texts lint format lock

ready := .venv/ready

# The check run of a small project with every kind of result, as a page.
demo: $(ready)
	CHECKS_WORKING_DIRECTORY=examples/demo CHECKS_FAIL_JOB=false .venv/bin/python entrypoint.py preview

# The last lines name what failed. With REQUIRE_ALL=1 the slow ones too, and none may skip for want of a tool.
# A worker that dies ends the run: replaced, it may hang it (https://github.com/pytest-dev/pytest-xdist/issues/1323).
test: $(ready)
	.venv/bin/pytest --numprocesses=auto --dist=loadgroup --max-worker-restart=0 $(if $(REQUIRE_ALL),,-m "not slow")

# The table of docs/benchmarks.md: ten minutes. With QUICK=1 a minute, of which nothing is kept.
bench: $(ready)
	.venv/bin/python -m bench $(if $(QUICK),--quick)

# Every message with made-up values; with SEED=7 thirty of them.
texts: $(ready)
	.venv/bin/python -m tests.support.texts $(SEED)

lint: $(ready)
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

format: $(ready)
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

# After a change of a requirements/*.in; with UPGRADE=1 to the newest versions.
lock: $(ready)
	$(compile) --python-version 3.11 requirements/ours.in -o requirements/ours.txt
	$(compile) --python-version 3.11 requirements/image.in -o requirements/image.txt
	$(compile) --python-version 3.8 requirements/tests.in -o requirements/tests.txt
	$(compile) --python-version 3.11 requirements/dev.in -o requirements/dev.txt

compile := .venv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

# The first of these that is new enough and can make environments, which Debian packages apart.
pythons := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
suitable := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))

$(ready): requirements/dev.txt
	@for python in $(pythons); do "$$python" -c '$(suitable)' 2>/dev/null && break; python=; done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or later with its venv module is needed and not found (Debian: apt install python3-venv)." \
	    "Where it is at another place: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	echo "Setting up .venv with $$("$$python" --version), once"; "$$python" -m venv --clear .venv
	@.venv/bin/pip --disable-pip-version-check install --quiet --require-hashes -r requirements/dev.txt
	@touch $@
