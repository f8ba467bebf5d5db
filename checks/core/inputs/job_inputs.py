"""A job's variables, event and options -> `JobInputs`: everything that a step is asked to do, parsed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ..model.errors import CheckError, Problem
from ..model.job import Context
from ..model.rerun import CategoryRerun
from ..model.settings import Credentials, Settings
from ..rerun import dispatch_input
from .context import parse_context
from .credentials import parse_credentials
from .names import read_inputs
from .settings import parse_settings

_NAMING = ("category", "check-name", "matrix")

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class JobInputs:
    """What a step is asked to do.

    Attributes:
        settings: if an input is wrong, the defaults with the check's name.
        credentials: if one of them is wrong, only the token.
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
        """What a re-run asks of this job; None if there is none, or it is for other jobs."""
        rerun, settings = self.context.rerun, self.settings
        return None if rerun is None else dispatch_input.find_category(rerun, settings.category, settings.check_name)


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
    context = parse_context(environ, event, inputs, rerun)
    token = Credentials(github_token=inputs.get("github-token", ""))  # it can still report the other mistakes
    credentials = parsed(lambda: parse_credentials(inputs, context), token)
    settings = parsed(lambda: parse_settings(inputs), _only_named(inputs))
    return JobInputs(
        settings=settings,
        credentials=credentials,
        context=context,
        event=event,
        job_status=inputs.get("job-status", ""),
        problems=tuple(problems),
    )


def _only_named(inputs: Mapping[str, str]) -> Settings:
    """Return settings with the user's name of the check, for the check run that reports the mistakes."""
    try:
        return parse_settings({name: inputs[name] for name in _NAMING if name in inputs})
    except CheckError:
        return Settings()
