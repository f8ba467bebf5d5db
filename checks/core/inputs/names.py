"""The inputs, read from either place where they can be set; `action.yml` declares the same names."""

from __future__ import annotations

from collections.abc import Mapping

#: What a user sets; `docs/inputs.md` explains each.
INPUTS = (
    "program",
    "app-id",
    "private-key",
    "installation-id",
    "github-token",
    "category",
    "check-name",
    "pytest-args",
    "working-directory",
    "install",
    "python-version",
    "workers",
    "timeout-minutes",
    "passing",
    "max-annotations",
    "show-locals",
    "redact",
    "pass-env",
    "sandbox",
    "no-tests",
    "fail-on-flaky",
    "fail-job",
    "live-interval",
    "preview",
    "report",
    "head-sha",
    "queue-at-push",
)

#: What `action.yml` fills in by an expression: facts of the job that no environment variable tells.
HIDDEN_INPUTS = ("job-check-run-id", "job-status", "matrix")


def read_inputs(environ: Mapping[str, str]) -> dict[str, str]:
    """The inputs that are set, by their names in `action.yml`, without blanks around the values.

    The runner gives an action ``INPUT_SOME-NAME`` for every declared input; where there is no such variable
    at all, we are outside a workflow and ``CHECKS_SOME_NAME`` is read. Variables of other names are ignored.
    """
    in_workflow = any(name.startswith("INPUT_") for name in environ)
    values = {
        name: environ.get(_variable(name, in_workflow=in_workflow), "").strip() for name in INPUTS + HIDDEN_INPUTS
    }
    return {name: value for name, value in values.items() if value}


def _variable(name: str, *, in_workflow: bool) -> str:
    # https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#inputs: dashes stay.
    return f"INPUT_{name.upper()}" if in_workflow else f"CHECKS_{name.upper().replace('-', '_')}"
