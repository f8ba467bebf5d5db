"""Where an input comes from, and what messages call it: an input in a workflow, an option or a variable elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from .input import Group
from .table import INPUTS

#: Inputs that are no options, because other users of a machine can read its command lines.
SECRETS = frozenset({"private-key", "github-token"})
#: The variable for the path of a file with the App's private key.
KEY_FILE = "CHECKS_PRIVATE_KEY_FILE"

_PREFIX = "CHECKS_"
_OTHER_VARIABLES = (KEY_FILE, "CHECKS_PYTHON", "CHECKS_WEBHOOK_SECRET")
#: An input as messages name it, with or without the word and a value: "Input `workers`", "`program: publish`".
#: Patterns that no workflow needs are compiled at their first use.
_INPUT = r"(?i)(?:\b(?:the )?inputs? )?`(" + "|".join(known.name for known in INPUTS) + r")(?:: ([^`]*))?`"
#: What messages call the things of a job, and what takes their place in a shell.
_IN_SHELL = {
    "The job was cancelled": "The command was cancelled",
    "Re-run the job": "Run the command again",
    "re-run the job": "run the command again",
    "than this job allows": "than this command allows",
    "this step fails": "this command fails",
    "the step fails": "this command fails",
    "this step's outputs and job summary": "the report",
    "Do not use its outputs.": "Do not use the report.",
    "The post step looks for the check run and completes it.": "The check run may remain in progress.",
    "The post step completes it.": "It may remain in progress.",
    " In a workflow, check out the repository before this step.": "",
    "the workspace": "the current folder",
    "the job log": "the output",
    "The job log": "The output",
    "Give the job `permissions: {checks: write, contents: read}`. Where tokens are always read-only (forks, "
    "Dependabot), publish from a `workflow_run` job.": "Give it the permission to write checks.",
    "Remove this input": "Unset this variable",
    "Set this input": "Set this variable",
}
_OF_JOB = "|".join(map(re.escape, _IN_SHELL))


def read_inputs(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs that are set, by their names in `action.yml`, without blanks around the values.

    The runner gives an action ``INPUT_SOME-NAME`` for every declared input. If there is no such variable at all, we
    are outside a workflow, and ``CHECKS_SOME_NAME`` is read. Variables of other names are ignored.
    """
    in_workflow = any(name.startswith("INPUT_") for name in environ)
    variables = {known.name: f"INPUT_{known.name.upper()}" if in_workflow else variable(known.name) for known in INPUTS}
    values = {name: environ.get(of_name, "").strip() for name, of_name in variables.items()}
    return {name: value for name, value in values.items() if value}


def read_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs from ``CHECKS_SOME_NAME`` alone, for programs that are not part of the action."""
    return read_inputs({name: value for name, value in environ.items() if not name.startswith("INPUT_")})


def in_actions(environ: Mapping[str, str]) -> bool:
    """Whether GitHub's runner reads the log and the files that a program writes."""
    return environ.get("GITHUB_ACTIONS") == "true"


def variable(name: str) -> str:
    """Return the variable of an input outside a workflow: ``CHECKS_SOME_NAME``."""
    return f"{_PREFIX}{name.upper().replace('-', '_')}"


def for_shell(message: str) -> str:
    """Return a message with option and variable in place of each input that it names, and without words for a job.

    For example, "Input `workers`: …" becomes "`--workers` / `CHECKS_WORKERS`: …".
    """
    return re.sub(_OF_JOB, lambda match: _IN_SHELL[match[0]], re.sub(_INPUT, _ways_to_set, message))


def unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each ``CHECKS_*`` variable that no program reads, with the nearest name."""
    known = {*map(variable, (known.name for known in INPUTS)), *_OTHER_VARIABLES}
    endings = sorted(name.removeprefix(_PREFIX) for name in known)
    for name in sorted(environ):
        if name.startswith(_PREFIX) and name not in known:
            nearest = get_close_matches(name.removeprefix(_PREFIX), endings, n=1)
            hint = f" Did you mean {_PREFIX}{nearest[0]}?" if nearest else ""
            yield f"The variable {name} is set, but nothing reads it.{hint}"


def _ways_to_set(match: re.Match[str]) -> str:
    name, value = match[1].lower(), match[2]
    if name == "program" and value:
        return f"`{value}`"
    is_option = name not in SECRETS and next(known for known in INPUTS if known.name == name).group is not Group.HIDDEN
    ways = [variable(name), *([KEY_FILE] if name == "private-key" else [])]
    if value:
        ways = [f"{way}={value}" for way in ways]
    if is_option:
        option = "REPORT" if name == "report" else f"--{name}"
        ways.insert(0, f"{option} {value}" if value else option)
    return " / ".join(f"`{way}`" for way in ways)
