"""Where an input comes from, and what messages call it: an input in a workflow, an option or a variable elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from .table import INPUTS, Group

#: Inputs that are no options, because other users of a machine can read its command lines.
SECRETS = frozenset({"private-key", "github-token"})
#: The variable for the path of a file with the App's private key.
KEY_FILE = "CHECKS_PRIVATE_KEY_FILE"

_PREFIX = "CHECKS_"
_OTHER_VARIABLES = (KEY_FILE, "CHECKS_PYTHON", "CHECKS_WEBHOOK_SECRET")
#: An input as messages name it, with or without the word and a value: "Input `workers`", "`program: publish`".
_INPUT = re.compile(
    r"(?:\b(?:the )?inputs? )?`(" + "|".join(known.name for known in INPUTS) + r")(?:: ([^`]*))?`", re.IGNORECASE
)


def read_inputs(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs that are set, by their names in `action.yml`, without blanks around the values.

    The runner gives an action ``INPUT_SOME-NAME`` for every declared input. If there is no such variable at all, we
    are outside a workflow, and ``CHECKS_SOME_NAME`` is read. Variables of other names are ignored.
    """
    in_workflow = any(name.startswith("INPUT_") for name in environ)
    variables = {known.name: f"INPUT_{known.name.upper()}" if in_workflow else variable(known.name) for known in INPUTS}
    values = {name: environ.get(of_name, "").strip() for name, of_name in variables.items()}
    return {name: value for name, value in values.items() if value}


def in_actions(environ: Mapping[str, str]) -> bool:
    """Whether GitHub's runner reads the log and the files that a program writes."""
    return environ.get("GITHUB_ACTIONS") == "true"


def variable(name: str) -> str:
    """Return the variable of an input outside a workflow: ``CHECKS_SOME_NAME``."""
    return f"{_PREFIX}{name.upper().replace('-', '_')}"


def for_shell(message: str) -> str:
    """Return a message with option and variable in place of each input that it names.

    For example, "Input `workers`: …" becomes "`--workers` / `CHECKS_WORKERS`: …".
    """
    return _INPUT.sub(_ways_to_set, message)


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
