"""Create a check run as the App or with the token; without either, report to the job log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...core.github.external_id import canonical
from ...core.model.check_run import CheckRun, Output, Published, Status
from ...core.model.errors import CheckError, Problem
from ...core.model.identity import Identity, RunKind
from ...core.model.job import Context
from ...core.model.ports import Clock, Publisher, PublishError
from ...core.model.settings import Program, Settings
from ...core.rerun.dispatch_input import find_category


@dataclass(frozen=True, kw_only=True)
class ActiveCheckRun:
    """A check run that was created, with its publisher.

    Attributes:
        published: without an id if no check run was created.
        is_unsettled: GitHub may have created one nevertheless, or may do so later, so the post step tries once more.
        problems: why none may be created, if the workflow has to be changed.
    """

    publisher: Publisher
    published: Published
    is_unsettled: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckRunCreator:
    """Creates a run with the first of `publishers` that can, else with `fallback`, which always can.

    `warn` logs why a publisher failed, each reason once.
    """

    publishers: Sequence[Publisher]
    fallback: Publisher
    warn: Callable[[str], None]
    _reasons: set[str] = field(default_factory=set)

    def may_create(self, run: CheckRun) -> bool:
        """Whether any publisher is asked to create the run."""
        return bool(run.head_sha and self.publishers)

    def create(self, run: CheckRun, *, may_wait: Callable[[], bool] = lambda: False) -> ActiveCheckRun | None:
        """Create the run; return None if a later attempt may succeed and the caller `may_wait` for it.

        Raises `ForeignCheckRunError`.
        """
        is_temporary = is_unsettled = False
        for publisher in self.publishers if run.head_sha else ():
            try:
                return ActiveCheckRun(publisher=publisher, published=publisher.create(run))
            except CheckError as error:
                return self.without_check_run(run, problems=error.problems)
            except PublishError as error:
                if str(error) not in self._reasons:  # no connection, for example, is the same for each publisher
                    self.warn(str(error))
                self._reasons.add(str(error))
                is_temporary = is_temporary or error.is_temporary
                if is_unsettled := error.may_have_been_applied:
                    break  # another publisher would take the run for another job's
        if is_temporary and may_wait():
            return None
        return self.without_check_run(run, is_unsettled=is_temporary or is_unsettled)

    def without_check_run(
        self, run: CheckRun, *, is_unsettled: bool = False, problems: Sequence[Problem] = ()
    ) -> ActiveCheckRun:
        """Return the run as the fallback publishes it."""
        return ActiveCheckRun(
            publisher=self.fallback,
            published=self.fallback.create(run),
            is_unsettled=is_unsettled,
            problems=tuple(problems),
        )


def new_check_run(settings: Settings, context: Context, clock: Clock) -> CheckRun:
    """Return the check run before there are results."""
    category_rerun = (
        None if context.rerun is None else find_category(context.rerun, settings.category, settings.check_name)
    )
    return CheckRun(
        name=settings.check_name,
        head_sha=context.head_sha,
        identity=canonical(
            Identity(
                workflow=context.workflow,
                run_id=context.run_id,
                attempt=context.run_attempt,
                job=context.job,
                category=settings.category,
                kind=RunKind.PUBLISHED if settings.program is Program.PUBLISH else RunKind.TESTS,
                earlier=category_rerun.earlier if category_rerun else "",
                tested=_tested_sha(context),
            )
        ),
        details_url=context.job_url,
        status=Status.IN_PROGRESS,
        output=Output(title="Starting", summary="The tests are starting."),
        started_at=clock.now(),
    )


def _tested_sha(context: Context) -> str:
    """Return the commit that a re-run tests if it is not the check run's, else an empty string."""
    rerun = context.rerun
    return "" if rerun is None or rerun.sha == rerun.head else rerun.sha
