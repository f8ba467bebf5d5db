"""Create a check run as the App or with the token; without either, report to the job log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ...core.github.external_id import canonical
from ...core.model.check_run import CheckRun, Output, Published, Status
from ...core.model.identity import Identity, RunKind
from ...core.model.job import Context
from ...core.model.ports import Cancellation, Clock, Publisher, PublishError
from ...core.model.settings import Program, Settings
from ...core.rerun.dispatch_input import find_category
from .grace import AbandonedError, abandon_on_cancel
from .sender import ActiveCheckRun

CreateRun = Callable[[CheckRun], ActiveCheckRun]
#: Saves for the post step what an open check run should be completed as; None for nothing.
Save = Callable[[Published, CheckRun | None], None]

_ABANDONED = "The job was cancelled before GitHub confirmed the check run. The post step looks for it and completes it."


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


def run_creator(
    publishers: Sequence[Publisher],
    fallback: Publisher,
    *,
    save: Save,
    warn: Callable[[str], None],
    cancel: Cancellation,
) -> CreateRun:
    """Return a function that creates a run with the first publisher that can, else with `fallback`, which always can.

    `save` saves what the post step needs as soon as there may be a run to complete; `warn` logs why a publisher failed.
    If the job is cancelled, a publisher that does not answer is abandoned. Once a run may exist on GitHub, no other
    publisher is tried.
    """

    def create(run: CheckRun) -> ActiveCheckRun:
        reasons: set[str] = set()
        for publisher in publishers if run.head_sha else ():
            save(Published(id=""), run)
            try:
                published = abandon_on_cancel(partial(publisher.create, run), cancel)
            except AbandonedError:
                warn(_ABANDONED)
                break
            except PublishError as error:
                if str(error) not in reasons:  # no connection, for example, is the same for each publisher
                    warn(str(error))
                reasons.add(str(error))
                if error.may_have_been_applied:  # the next publisher would report a conflict, or create a second run
                    break
            else:
                save(published, run)
                return ActiveCheckRun(publisher=publisher, published=published, run=run)
        else:
            save(Published(id=""), None)
            return ActiveCheckRun(publisher=fallback, published=fallback.create(run), run=run)
        return ActiveCheckRun(publisher=fallback, published=fallback.create(run), run=run, may_exist_on_github=True)

    return create
