"""Who created a check run and what it is: what its ``external_id`` says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from .session import CarriedOverCounts

#: Stands for the workflow run of a dispatch whose answer did not say which run was started.
UNKNOWN_RUN_ID = "0"


class RunKind(StrEnum):
    """What a check run is."""

    #: Tests that run, or whose results are incomplete.
    TESTS = "tests"
    #: Tests that ran to their end, with every failure annotated.
    COMPLETE = "complete"
    #: Results of tests that ran elsewhere.
    PUBLISHED = "published"
    #: Results of a fork's tests.
    FORK = "fork"
    #: Queued for a re-run that somebody requested.
    PLACEHOLDER = "placeholder"
    #: Queued at a push, for a category that the commit will have.
    EXPECTED = "expected"
    #: The verdict of an earlier run, with the reason why it was not re-run.
    REPUBLISHED = "republished"
    #: A check that a person passes or fails.
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who created a check run and what it is.

    Attributes:
        workflow: the name of its file in ``.github/workflows``; an identity that is not sent yet may have the path.
        run_id: the workflow run's. Empty for a placeholder run until its workflow was dispatched.
        job: the job's name; for a placeholder run, which tests it waits for (`RerunScope`); for a manual check's run
            that a person's request led to, its `VerdictAction`; for one that repeats a state because somebody has
            re-run all checks, when that was.
        earlier: the id of the check run that this one follows. Empty for a first run.
        tested: the commit that was tested if it is not the one that the check run belongs to.
        counts: of the category's tests, by their last stages.
        has_commit_status: whether a commit status repeats the check run's state; what completes the run ends it.
        pull_request: the number of the pull request whose comment shows the check run; 0 without a comment.
    """

    workflow: str = ""
    run_id: str = ""
    attempt: int = 1
    job: str = ""
    category: str = ""
    kind: RunKind = RunKind.TESTS
    earlier: str = ""
    tested: str = ""
    counts: CarriedOverCounts = field(default_factory=CarriedOverCounts)
    has_commit_status: bool = False
    pull_request: int = 0

    def with_failures_missing(self) -> Self:
        """Return the identity while failures are still to be annotated."""
        return replace(self, kind=RunKind.TESTS) if self.kind is RunKind.COMPLETE else self
