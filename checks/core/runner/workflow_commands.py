"""Renders and escapes workflow commands and the records of the runner's files.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..model.errors import BUG
from ..model.limits import COMMAND_MESSAGE_CHARACTERS

END_GROUP = "::endgroup::"
_MESSAGE = re.compile(r"^::(error|warning|debug)(?: ([^\n]*?))?::([^\n]*)$", re.MULTILINE)


def error(message: str, *, title: str = "", file: str = "", line: int | None = None) -> str:
    """Return the command for an error of the step; with a file it also annotates the line in the pull request."""
    return _command("error", message, title=title, file=file, line=line)


def warning(message: str) -> str:
    """Return the command for a warning of the step."""
    return _command("warning", message)


def bug(trace: str) -> str:
    """Return the traceback of a bug in the action, without commands, and the error that explains it."""
    return f"{inert(trace)}\n{error(BUG)}"


def debug(message: str) -> str:
    """Return the command for a message that only step debug logs show."""
    return _command("debug", message)


def group(title: str) -> str:
    """Return the command that collapses the log until `END_GROUP`."""
    return _command("group", title)


def stop_commands(token: str) -> str:
    """Return the command that disables commands until `resume_commands` with the same, unguessable token."""
    return _command("stop-commands", token)


def resume_commands(token: str) -> str:
    """Return the command that enables commands again after `stop_commands`."""
    return _command(token)


def inert(text: str) -> str:
    """Return untrusted text without workflow commands, for the job log.

    The runner obeys ``::name::`` at the beginning of a line and the older ``##[name]`` anywhere in it
    (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs).
    """
    return re.sub(r"^(\s*):(?=:)|#(?=#\[)", "\\g<0>\N{WORD JOINER}", text.replace("\r", "\n"), flags=re.MULTILINE)


def plain(text: str) -> str:
    """Return text of the log for a reader without a runner: messages without commands, such as ``Error: message``.

    An error in a file begins with the file, the line and the title. Untrusted text must be `inert`.
    """
    return _MESSAGE.sub(_plain_message, text)


def records(values: Mapping[str, str], delimiter: str) -> str:
    """Return the content of ``GITHUB_OUTPUT`` or ``GITHUB_STATE``; the delimiter must be random."""
    return "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in values.items())


def _command(name: str, message: str = "", **properties: object) -> str:
    rendered = ",".join(f"{key}={_escaped_property(str(value))}" for key, value in properties.items() if value)
    return f"::{name}{' ' if rendered else ''}{rendered}::{_escaped(_truncated(message))}"


def _truncated(message: str) -> str:
    if len(message) <= COMMAND_MESSAGE_CHARACTERS:
        return message
    return message[: COMMAND_MESSAGE_CHARACTERS - 1] + "…"


def _plain_message(match: re.Match[str]) -> str:
    properties = dict(part.split("=", 1) for part in (match[2] or "").split(",") if part)
    is_in_file = "file" in properties
    place = [f"{properties['file']}:{properties['line']}", properties["title"]] if is_in_file else []
    return _unescaped(": ".join([match[1].title(), *place, match[3]]))


def _unescaped(text: str) -> str:
    for character in ":,\n\r%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
