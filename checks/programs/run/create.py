"""Create a check run as the App or with the token; without either, report to the job log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...core.github.external_id import canonical
from ...core.model.check_run import CheckRun, Output, Published, Status
from ...core.model.errors import CheckError, Problem
from ...core.model.identity import Identity, RunKind
from ...core.model.job import Context
from ...core.model.ports import Cancellation, Clock, CurrentUpdate, Publisher, PublishError, SecondsUntilReady, Update
from ...core.model.settings import CommentMode, Program, Settings
from ...core.rerun.dispatch_input import find_category
from .completed_updates import CompletedUpdates
from .grace import has_abandoned_requests

#: After a creation or an update that failed in spite of all retries.
PAUSE_SECONDS = 30.0
_POLL_SECONDS = 0.1
#: The output of a check run until its first update.
STARTING = Output(title="Starting", summary="The tests are starting.")


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


@dataclass(kw_only=True)
class CheckRunCreator:
    """Creates a run with the first of `publishers` that can, else with `fallback`, which always can.

    `warn` logs why a publisher failed, each reason once. `wait_seconds`: how long GitHub asks to wait for the next
    attempt.
    """

    publishers: Sequence[Publisher]
    fallback: Publisher
    warn: Callable[[str], None]
    wait_seconds: float = field(default=0.0, init=False)
    _reasons: set[str] = field(default_factory=set, init=False)
    _unconfirmed: Publisher | None = field(default=None, init=False)

    def may_create(self, run: CheckRun) -> bool:
        """Whether any publisher is asked to create the run."""
        return bool(run.head_sha and self.publishers)

    def create(
        self, run: CheckRun, current: CurrentUpdate | None = None, *, may_wait: Callable[[], bool] = lambda: False
    ) -> ActiveCheckRun | None:
        """Create the run; return None if a later attempt may succeed and the caller `may_wait` for it.

        For `current` see `Publisher.create`. Raises `ForeignCheckRunError`.
        """
        is_temporary, self.wait_seconds = False, 0.0
        # Another publisher would take a run that may exist for another job's.
        candidates = self.publishers if self._unconfirmed is None else [self._unconfirmed]
        for publisher in candidates if run.head_sha else ():
            try:
                return ActiveCheckRun(publisher=publisher, published=publisher.create(run, current))
            except CheckError as error:
                return self.without_check_run(run, problems=error.problems)
            except PublishError as error:
                if str(error) not in self._reasons:  # no connection, for example, is the same for each publisher
                    self.warn(str(error))
                self._reasons.add(str(error))
                is_temporary = is_temporary or error.is_temporary
                self.wait_seconds = max(self.wait_seconds, error.wait_seconds)
                if error.may_have_been_applied:
                    self._unconfirmed = publisher
                    break
        if is_temporary and may_wait():
            return None
        return self.without_check_run(run, is_unsettled=is_temporary or self._unconfirmed is not None)

    def create_despite_bug(self, run: CheckRun) -> ActiveCheckRun:
        """Create the run, after an unexpected error in which it may have been created, without what is current."""
        try:
            active_run = self.create(run)
        except Exception:  # noqa: BLE001 - the first one is reported
            active_run = None
        return active_run or self.without_check_run(run, is_unsettled=True)

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


class Creation:
    """The creation of `run` by the sender's thread, as completed if that is requested by then; others may wait for it.

    `changed` is notified when the completion is requested.
    """

    def __init__(
        self,
        run: CheckRun,
        creator: CheckRunCreator,
        completed_updates: CompletedUpdates,
        clock: Clock,
        changed: threading.Condition,
    ) -> None:
        self._run = run
        self._creator = creator
        self._completed_updates = completed_updates
        self._clock = clock
        self._changed = changed
        self._is_awaited = False
        self._is_settled = threading.Event()

    def create(self) -> ActiveCheckRun:
        """Create the run. As long as nobody waits for it, temporary errors are retried."""
        while (active_run := self._creator.create(self._run, self._current_update, may_wait=self._may_wait)) is None:
            ready_at = self._clock.monotonic() + max(PAUSE_SECONDS, self._creator.wait_seconds)
            with self._changed:
                while self._may_wait() and (remaining_seconds := ready_at - self._clock.monotonic()) > 0:
                    self._clock.wait(self._changed, remaining_seconds)
        return active_run

    def settle(self) -> None:
        """Let those go on who wait."""
        self._is_settled.set()

    def wait(self, cancel: Cancellation) -> None:
        """Wait until it is settled; in a cancelled job, some seconds at most."""
        with self._changed:
            self._is_awaited = True
            self._changed.notify()
        while not (self._is_settled.wait(_POLL_SECONDS) or has_abandoned_requests(cancel)):
            pass

    def _may_wait(self) -> bool:
        return not (self._is_awaited or self._completed_updates.is_requested)

    def _current_update(self, seconds_until_ready: SecondsUntilReady) -> Update:
        updates = self._completed_updates
        return updates.first(seconds_until_ready) if updates.is_requested else (self._run, ())


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
                has_commit_status=settings.commit_status,
                pull_request=_commented_pull_request(settings, context),
            )
        ),
        details_url=context.job_url,
        status=Status.IN_PROGRESS,
        output=STARTING,
        started_at=clock.now(),
    )


def _commented_pull_request(settings: Settings, context: Context) -> int:
    """Return the number of the pull request that gets a comment, or 0."""
    number = context.pull_request if context.rerun is None else context.rerun.pull_request
    return 0 if settings.comment is CommentMode.OFF else number or 0


def _tested_sha(context: Context) -> str:
    """Return the commit that a re-run tests if it is not the check run's, else an empty string."""
    rerun = context.rerun
    return "" if rerun is None or rerun.sha == rerun.head else rerun.sha
