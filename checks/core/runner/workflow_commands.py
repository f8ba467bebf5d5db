"""Workflow commands and the records of the runner's files, escaped.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..model.limits import COMMAND_MESSAGE_CHARACTERS

END_GROUP = "::endgroup::"


def error(message: str, *, title: str = "", file: str = "", line: int | None = None) -> str:
    """Marks the step, and `line` of `file` in the pull request, with an error."""
    return _command("error", message, title=title, file=file, line=line)


def warning(message: str, *, title: str = "") -> str:
    """Marks the step with a warning."""
    return _command("warning", message, title=title)


def notice(message: str, *, title: str = "") -> str:
    """Marks the step with a notice."""
    return _command("notice", message, title=title)


def debug(message: str) -> str:
    """Shown where the user has asked for step debug logs."""
    return _command("debug", message)


def group(title: str) -> str:
    """Folds what is printed until `END_GROUP`."""
    return _command("group", title)


def stop_commands(token: str) -> str:
    """Makes the runner obey no command until `resume_commands` with the same, unguessable `token`."""
    return _command("stop-commands", token)


def resume_commands(token: str) -> str:
    """Ends what `stop_commands` began."""
    return _command(token)


def add_masks(secret: str) -> list[str]:
    """Hide `secret` in the job log: a command for each of its lines, as the runner looks at lines."""
    return [_command("add-mask", line) for line in secret.splitlines() if line.strip()]


def inert(text: str) -> str:
    """`text` as the job log may show it although others wrote it: no line of it is a command.

    The runner obeys ``::name::`` at the beginning of a line and the older ``##[name]`` anywhere in it
    (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs).
    """
    return re.sub(r"^(\s*):(?=:)|#(?=#\[)", "\\g<0>\N{WORD JOINER}", text.replace("\r", "\n"), flags=re.MULTILINE)


def records(values: Mapping[str, str], delimiter: str) -> str:
    """What is written to ``GITHUB_OUTPUT`` or ``GITHUB_STATE``; `delimiter` is random, so no value can hold it."""
    return "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in values.items())


def _command(name: str, message: str = "", **properties: object) -> str:
    rendered = ",".join(f"{key}={_escaped_property(str(value))}" for key, value in properties.items() if value)
    return f"::{name}{' ' if rendered else ''}{rendered}::{_escaped(_truncated(message))}"


def _truncated(message: str) -> str:
    if len(message) <= COMMAND_MESSAGE_CHARACTERS:
        return message
    return message[: COMMAND_MESSAGE_CHARACTERS - 1] + "…"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
