from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from checks.core.comment.decide import MARKER, Comment, CreateComment, DeleteComment, UpdateComment
from checks.core.comment.render import render
from checks.core.model.check_run import Conclusion, RemoteCheckRun
from checks.core.model.ports import PublishError
from checks.programs.comment.write import write_comment
from tests.support.fakes import FakePullRequest
from tests.unit.core.comment.test_render import COMMIT, FAILED, run

FAILED_RUN = replace(FAILED, head_sha=COMMIT)
PASSED_RUN = replace(run(2, "docs"), head_sha=COMMIT)
OURS = Comment(id="7", body=f"old\n{MARKER}", is_own_author=True)


def always(_: Sequence[RemoteCheckRun]) -> bool:
    return True


def lost(*, is_applied: bool) -> PublishError:
    error = PublishError("the answer was lost")
    error.may_have_been_applied = is_applied
    return error


def bodies(pull_request: FakePullRequest) -> list[str]:
    return [comment.body for comment in pull_request.existing]


def test_comment_is_created_once() -> None:
    pull_request = FakePullRequest(FAILED_RUN, head=COMMIT)
    for _ in range(2):
        write_comment(pull_request, COMMIT, may_create=always)
    assert pull_request.written == [CreateComment(body=render([FAILED_RUN], COMMIT))]


@pytest.mark.parametrize(
    "pull_request",
    [
        pytest.param(FakePullRequest(FAILED_RUN, head="d" * 40), id="another-head"),
        pytest.param(FakePullRequest(head=COMMIT), id="no-check-run"),
        pytest.param(FakePullRequest(replace(FAILED_RUN, head_sha="d" * 40), head=COMMIT), id="of-another-commit"),
    ],
)
def test_nothing_is_written_about_another_commit(pull_request: FakePullRequest) -> None:
    write_comment(pull_request, COMMIT, may_create=always)
    assert pull_request.written == []


def test_run_that_completes_during_the_write_is_added() -> None:
    pull_request = FakePullRequest(FAILED_RUN, head=COMMIT, comments=[OURS])
    pull_request.meanwhile.append(lambda: pull_request.existing_runs.append(PASSED_RUN))
    write_comment(pull_request, COMMIT)
    assert bodies(pull_request) == [render([FAILED_RUN, PASSED_RUN], COMMIT)]
    assert len(pull_request.written) == 2


def test_text_that_another_job_overwrites_is_written_again() -> None:
    pull_request = FakePullRequest(FAILED_RUN, head=COMMIT, comments=[OURS])
    pull_request.meanwhile.append(lambda: pull_request.write(UpdateComment(id="7", body=OURS.body)))
    write_comment(pull_request, COMMIT)
    assert bodies(pull_request) == [render([FAILED_RUN], COMMIT)]


def test_comment_that_another_job_creates_first_is_the_one_that_stays() -> None:
    pull_request = FakePullRequest(FAILED_RUN, head=COMMIT)
    pull_request.meanwhile.append(lambda: pull_request.existing.append(OURS))
    write_comment(pull_request, COMMIT, may_create=always)
    assert [comment.id for comment in pull_request.existing] == ["7"]
    assert pull_request.written[1:] == [
        UpdateComment(id="7", body=render([FAILED_RUN], COMMIT)),
        DeleteComment(id="1000"),
    ]


def test_comment_that_the_list_lacks_is_not_created_again() -> None:
    pull_request = FakePullRequest(FAILED_RUN, head=COMMIT)
    pull_request.hides_new = True
    write_comment(pull_request, COMMIT, may_create=always)
    assert len(pull_request.existing) == 1


@pytest.mark.parametrize("comments", [(), (OURS,)], ids=["created", "updated"])
def test_lost_answer_leads_to_one_comment(comments: Sequence[Comment]) -> None:
    pull_request = FakePullRequest(FAILED_RUN, head=COMMIT, comments=comments)
    pull_request.refuses = lost(is_applied=True)
    write_comment(pull_request, COMMIT, may_create=always)
    assert bodies(pull_request) == [render([FAILED_RUN], COMMIT)]


def test_refusal_is_raised_at_once() -> None:
    pull_request = FakePullRequest(FAILED_RUN, head=COMMIT)
    pull_request.refuses = lost(is_applied=False)
    with pytest.raises(PublishError, match="the answer was lost"):
        write_comment(pull_request, COMMIT, may_create=always)
    assert pull_request.existing == []


def _is_overwritten(pull_request: FakePullRequest) -> None:
    def overwrite() -> None:
        pull_request.existing = [OURS]

    pull_request.meanwhile += [overwrite] * 99


def _runs_out_of_time(pull_request: FakePullRequest) -> None:
    pull_request.seconds = 0.0


@pytest.mark.parametrize("prepare", [_is_overwritten, _runs_out_of_time])
def test_endless_changes_by_others_are_given_up(prepare: Callable[[FakePullRequest], None]) -> None:
    pull_request = FakePullRequest(FAILED_RUN, head=COMMIT, comments=[OURS])
    prepare(pull_request)
    with pytest.raises(PublishError, match="may lack a result"):
        write_comment(pull_request, COMMIT)
    assert len(pull_request.written) <= 10


def test_only_selected_runs_are_shown() -> None:
    pull_request = FakePullRequest(FAILED_RUN, PASSED_RUN, head=COMMIT)
    select = lambda runs: [run for run in runs if run.conclusion is Conclusion.SUCCESS]  # noqa: E731
    write_comment(pull_request, COMMIT, select, always)
    assert bodies(pull_request) == [render([PASSED_RUN], COMMIT)]
