"""A job's variables, event and options -> `JobInputs`: everything that a step is asked to do, parsed once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..model.errors import CheckError, Problem
from ..model.job import Context
from ..model.rerun import CategoryRerun
from ..model.settings import Credentials, ManualMode, Program, Settings
from ..rerun import dispatch_input
from .api_url import parse_api_url
from .context import parse_context
from .credentials import parse_credentials, parse_token
from .manual_inputs import missing_app_problems
from .names import in_actions, read_inputs
from .settings import parse_settings

_NAMING = ("category", "check-name", "matrix")

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class JobInputs:
    """What a step is asked to do.

    Attributes:
        settings: if an input is wrong, the defaults with what `_settings_to_report` keeps.
        credentials: if one of them is wrong, only the token; if that or the address of the API is wrong, none.
        event: the event's payload; empty outside a workflow.
        job_status: ``job.status``, for the post step.
        problems: all mistakes in the inputs.
    """

    settings: Settings
    credentials: Credentials
    context: Context
    event: Mapping[str, Any]
    job_status: str
    problems: tuple[Problem, ...]

    @property
    def category_rerun(self) -> CategoryRerun | None:
        """What a re-run asks of this job; None if this is no re-run, or one for other jobs."""
        rerun, settings = self.context.rerun, self.settings
        return None if rerun is None else dispatch_input.find_category(rerun, settings.category, settings.check_name)

    @property
    def names_to_rerun(self) -> str:
        """The names of the checks that are re-run if they are other jobs', else an empty string."""
        rerun = self.context.rerun
        if self.problems or rerun is None or self.category_rerun is not None:
            return ""
        return ", ".join(category.name for category in rerun.categories)


def parse_job(environ: Mapping[str, str], event: Mapping[str, Any], options: Mapping[str, str]) -> JobInputs:
    """Return what the variables, the event's payload, and the options of the command line ask for.

    `options` are inputs by their names, which precede those of `environ`.
    """
    problems: list[Problem] = []

    def parsed(parse: Callable[[], T], otherwise: T) -> T:
        try:
            return parse()
        except CheckError as error:
            problems.extend(error.problems)
            return otherwise

    inputs = {**read_inputs(environ), **options}
    rerun = parsed(lambda: dispatch_input.parse_event(environ.get("GITHUB_EVENT_NAME", ""), event), None)
    api_url = parsed(lambda: parse_api_url(environ), "")
    context = parse_context(environ, event, inputs, rerun, api_url)
    token = parse_token(inputs)  # it can still report the other mistakes
    credentials = parsed(lambda: parse_credentials(inputs, context), token)
    settings = parsed(lambda: parse_settings(inputs), _settings_to_report(inputs))
    problems.extend(missing_app_problems(inputs, settings, context))
    needs_commit = inputs.get("program") == Program.PUBLISH or settings.manual is ManualMode.ALWAYS
    if needs_commit and not in_actions(environ):
        problems.extend(_missing_in_shell(inputs, context))
    return JobInputs(
        settings=settings,
        credentials=credentials if api_url else Credentials(),
        context=context,
        event=event,
        job_status=inputs.get("job-status", ""),
        problems=tuple(problems),
    )


def _missing_in_shell(inputs: Mapping[str, str], context: Context) -> Iterator[Problem]:
    """Yield what a workflow provides and a shell does not: who creates the check run, where, and on which commit."""
    if not ({"app-id", "private-key", "github-token"} & inputs.keys()):
        why = "they are not set, and without credentials no check run can be created."
        remedy = "Set them to those of your App, or set `github-token` to a token that can write checks."
        yield Problem(what="Inputs `app-id` and `private-key`", why=why, remedy=remedy)
    if not context.repository:
        why = "it is not set, so the repository of the check run is unknown."
        yield Problem(what="`GITHUB_REPOSITORY`", why=why, remedy="Set it to OWNER/REPO.")
    elif not re.fullmatch(r"[\w.-]+/[\w.-]+", context.repository, re.ASCII):
        why = f'"{context.repository}" is not allowed.'
        yield Problem(what="`GITHUB_REPOSITORY`", why=why, remedy="Set it to OWNER/REPO.")
    if not context.head_sha and "head-sha" not in inputs:
        why = "it is not set, so the commit of the check run is unknown."
        yield Problem(what="Input `head-sha`", why=why, remedy="Set it to the output of `git rev-parse HEAD`.")


def _settings_to_report(inputs: Mapping[str, str]) -> Settings:
    """Return what the check run that reports the mistakes needs, such as its name and the patterns to redact.

    The instructions of a manual check may name a file that is missing, which is a further mistake.
    """
    manual = _settings_of({**inputs, "category": "any"}, ("manual", "instructions", "category"))
    return replace(
        _settings_of(inputs, _NAMING),
        redact=_settings_of(inputs, ("redact",)).redact,
        commit_status=_settings_of(inputs, ("commit-status",)).commit_status,
        comment=_settings_of(inputs, ("comment",)).comment,
        manual=manual.manual,
        instructions=manual.instructions,
    )


def _settings_of(inputs: Mapping[str, str], names: Sequence[str]) -> Settings:
    """Return settings with these inputs alone; the defaults if one of them is wrong."""
    try:
        return parse_settings({name: inputs[name] for name in names if name in inputs})
    except CheckError:
        return Settings()
