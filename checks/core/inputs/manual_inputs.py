"""The inputs of manual checks: a part of the `table`, and what they need of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..model.errors import Problem
from ..model.job import Context
from ..model.settings import ManualMode, Program, Settings
from . import values
from .credentials import withholds_secrets
from .input import Group, Input

_BOOLEANS = ("True", "TRUE", "False", "FALSE")


def _mode(value: str) -> object:
    """Return the `ManualMode`; `true` and `false` may be written as in other inputs."""
    return values.choice(*ManualMode)(value.lower() if value in _BOOLEANS else value)


MANUAL_INPUTS = (
    Input(
        name="manual",
        group=Group.MANUAL,
        description="Whether the job runs no tests and creates a check that a person passes or fails - `false`, `true` "
        "(on pull requests and in merge queues), or `always`.",
        details="Needs an App, and `category` or `check-name`. See [manual checks](manual-checks.md).",
        default="false",
        parse=_mode,
        field="manual",
    ),
    Input(
        name="instructions",
        group=Group.MANUAL,
        description="What a person has to do to decide the manual check, as Markdown, or the path of a file with it.",
        details="One line that names a file of the workspace, or ends in `.md`, `.markdown` or `.txt`, is a path. At "
        "most 56 KiB.",
        field="instructions",
    ),
    Input(
        name="carry",
        group=Group.MANUAL,
        description="Files that the manual check is about, one pattern per line. If none of them has changed since a "
        "person passed it, the verdict is carried over to the new commit.",
        details="Patterns as in a `.gitignore` at the root of the repository, without exclusions (`!`). Needs "
        "*Contents: read*. See [carrying verdicts over](manual-checks.md#carrying-verdicts-over).",
        parse=values.changed_files,
        field="carry",
    ),
)


def manual_problems(inputs: Mapping[str, str], parsed: Mapping[str, object]) -> Iterator[Problem]:
    """Yield which inputs do not go together; `parsed` are the values of the valid ones."""
    if inputs.get("manual") and "manual" not in parsed:
        return  # it is invalid, so nobody knows whether the others fit
    if parsed.get("manual", ManualMode.OFF) is ManualMode.OFF:
        for name in ("instructions", "carry"):
            if parsed.get(name):
                why = "it is set, but `manual` is not, so the job runs tests."
                yield Problem(what=f"Input `{name}`", why=why, remedy="Set `manual: true`, or remove this input.")
        return
    if (program := parsed.get("program", Program.RUN)) is not Program.RUN:
        yield Problem(
            what="Input `manual`",
            why=f"`program: {program}` creates no manual check.",
            remedy="Remove one of these inputs.",
        )
    if not any(parsed.get(name) for name in ("category", "check-name", "matrix")):
        yield Problem(
            what="Input `manual`",
            why="the check would be called “pytest”, as the check of the tests is.",
            remedy="Set `category` to what is checked, such as device.",
        )


def missing_app_problems(inputs: Mapping[str, str], settings: Settings, context: Context) -> Iterator[Problem]:
    """Yield a problem if no App is named, except where GitHub withholds its key."""
    has_app = "app-id" in inputs or "private-key" in inputs
    if settings.manual is not ManualMode.OFF and not has_app and not withholds_secrets(context):
        yield Problem(
            what="Input `manual`",
            why="only the check run of a GitHub App has buttons, and no App is set.",
            remedy="Set `app-id` and `private-key` to those of your App.",
        )
