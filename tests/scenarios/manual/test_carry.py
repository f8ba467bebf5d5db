"""Verdicts that a new commit's check has from the beginning: carried over in a pull request, taken in a merge queue."""

from __future__ import annotations

import pytest

from checks.core.model.manual import VerdictAction, VerdictSource
from tests.support.github.server import REPOSITORY, Fault
from tests.support.manual.manual_jobs import NUMBER, ManualJobs, State
from tests.support.rules import rule

WAITING = "Waiting for a verdict"
CARRY = "src/**"
NOTHING = "Nothing is carried over"


def asks(note: str) -> State:
    return State(conclusion="action_required", title=WAITING, note=note)


def changed(commit: str, file: str) -> str:
    names = f"1 file that `carry` names changed since commit {commit[:7]}, on which octocat passed the check: `{file}`"
    return f"{NOTHING}: {names}."


def passes(commit: str, files: str, head: str) -> State:
    page = f"https://github.test/{REPOSITORY}/compare/{commit}...{head}"
    note = f"Carried over: [{files}]({page}) since commit {commit[:7]}, and `carry` names none of them."
    return State(conclusion="success", title=f"Passed by octocat on {commit[:7]}", note=note)


@pytest.fixture
def passed(jobs: ManualJobs) -> ManualJobs:
    """The check was passed on the first commit of the pull request."""
    jobs.push(action="opened")
    jobs.wait_for_verdict()
    jobs.decide()
    jobs.github.requests.clear()
    return jobs


def pushed(jobs: ManualJobs, **inputs: str) -> State:
    """Push to the pull request, and return what its check says."""
    jobs.push()
    assert jobs.run(**{"carry": CARRY, **inputs}).exit_status == 0
    return jobs.state


@rule("Carrying verdicts over: a pass, and no file of carry has changed")
def test_pass_is_carried_over_a_push(passed: ManualJobs) -> None:
    origin = passed.head
    passed.commit({"README.md": "More.\n"})
    assert pushed(passed) == passes(origin, "1 changed file", passed.head)
    run = passed.github.runs[-1]
    assert (run["head_sha"], [action["label"] for action in run["actions"]]) == (passed.head, ["Undo"])
    assert f'"commit":"{origin}"' in run["output"]["text"]
    assert run["output"]["summary"].startswith(f"Passed by octocat on {origin[:7]} at 20")


def test_requests_are_as_many_as_the_guide_says(passed: ManualJobs) -> None:
    origin = passed.head
    passed.commit({"README.md": "More.\n"})
    pushed(passed)
    contents = [request.body["permissions"] for request in passed.github.tokens_granted][1]
    assert contents == {"checks": "read", "metadata": "read", "contents": "read"}
    assert passed.requests() == [
        "GET /installation",
        "token",
        f"GET /commits/{passed.head}/check-runs",
        "GET /installation",
        "token",
        f"GET /compare/main...{passed.head}",
        "POST /graphql",
        "POST /graphql",
        f"GET /compare/{origin}...{passed.head}",
        "POST /check-runs",
    ]


@rule("Carrying verdicts over: a pass that was carried over itself")
def test_pass_is_carried_on_from_its_original_commit(passed: ManualJobs) -> None:
    origin = passed.head
    passed.commit({"README.md": "More.\n"})
    pushed(passed)
    passed.commit({"docs/guide.md": "More.\n"})
    assert pushed(passed) == passes(origin, "2 changed files", passed.head)
    passed.commit({"src/device.py": "speed = 3\n"})
    assert pushed(passed) == asks(changed(origin, "src/device.py"))


@rule("Carrying verdicts over: a pass, and a file of carry has changed")
def test_renamed_file_counts_under_both_names(passed: ManualJobs) -> None:
    origin = passed.head
    passed.job.git("mv", "src/device.py", "device.py")
    passed.commit()
    assert pushed(passed) == asks(changed(origin, "device.py"))


def test_merge_from_main_counts(passed: ManualJobs) -> None:
    origin = passed.head
    passed.job.git("checkout", "--quiet", "main")
    passed.commit({"docs/guide.md": "From main.\n"})
    passed.push_to_main()
    passed.job.git("checkout", "--quiet", "topic")
    passed.job.git("merge", "--quiet", "--no-edit", "main")
    assert pushed(passed) == passes(origin, "1 changed file", passed.head)
    passed.job.git("checkout", "--quiet", "main")
    passed.commit({"src/other.py": "speed = 1\n"})
    passed.push_to_main()
    passed.job.git("checkout", "--quiet", "topic")
    passed.job.git("merge", "--quiet", "--no-edit", "main")
    assert pushed(passed) == asks(changed(origin, "src/other.py"))


@rule("Carrying verdicts over: on a commit that a force-push has dropped")
def test_force_push_asks_again(passed: ManualJobs) -> None:
    origin = passed.head
    passed.job.git("reset", "--quiet", "--hard", "main")
    passed.commit({"README.md": "Another way.\n"})
    note = f"commit {origin[:7]}, on which octocat passed the check, is no longer part of the branch."
    assert pushed(passed) == asks(f"{NOTHING} after a force-push: {note}")


@rule("Carrying verdicts over: a pass from a merge queue that squashes or rebases")
def test_squashed_merge_asks_again(passed: ManualJobs) -> None:
    origin = passed.head
    passed.job.git("checkout", "--quiet", "main")
    passed.job.git("merge", "--quiet", "--squash", "topic")
    passed.commit(message="Squashed")
    passed.queue()
    passed.run(carry=CARRY)
    assert passed.state.title == f"Passed by octocat on {origin[:7]}"
    passed.push_to_main()
    passed.job.git("checkout", "--quiet", "-B", "topic")
    passed.commit({"README.md": "More.\n"})
    passed.push(action="opened")
    passed.run(carry=CARRY)
    assert passed.state == asks(
        f"{NOTHING}: commit {origin[:7]}, on which octocat passed the check, is not part of this branch, as after "
        "a squashed merge or a force-push."
    )


@rule("Carrying verdicts over: a pass, and 300 or more files have changed")
def test_300_changed_files_ask_again(passed: ManualJobs) -> None:
    origin = passed.head
    files = [{"filename": f"docs/{number}.md", "status": "added"} for number in range(350)]
    passed.github.world.changes = lambda *_: files[:299]
    passed.commit()
    assert pushed(passed) == passes(origin, "299 changed files", passed.head)
    passed.github.world.changes = lambda *_: files
    passed.commit()
    assert pushed(passed) == asks(
        f"{NOTHING}: at least 300 files have changed since commit {origin[:7]}, on which octocat passed the check, "
        "and GitHub lists no more."
    )


@rule("Carrying verdicts over: a pass, and the instructions are different")
def test_changed_instructions_ask_anew(passed: ManualJobs) -> None:
    origin = passed.head
    passed.commit({"README.md": "More.\n"})
    note = f"{NOTHING}: the instructions have changed since commit {origin[:7]}, on which octocat passed the check."
    assert pushed(passed, instructions="Press **stop**.") == asks(note)


@rule("Carrying verdicts over: unknown, as the App has no Contents: read")
def test_without_contents_permission_the_check_asks_and_says_why(passed: ManualJobs) -> None:
    del passed.github.installation.permissions["contents"]
    passed.commit({"README.md": "More.\n"})
    assert pushed(passed) == asks(f"{NOTHING}, because the permission Contents: read is missing.")


def test_bug_in_the_look_back_asks_and_is_reported(passed: ManualJobs) -> None:
    passed.github.fault(Fault(path="/compare/", how="answer", body={"merge_base_commit": {}, "commits": [7]}))
    passed.commit({"README.md": "More.\n"})
    passed.push()
    result = passed.run(carry=CARRY)
    assert passed.state == asks(f"{NOTHING}, because this action has a bug, which the job log shows.")
    assert (result.exit_status, "Traceback" in result.log) == (0, True)


def test_failure_on_a_later_commit_asks_until_somebody_decides(passed: ManualJobs) -> None:
    passed.commit({"README.md": "More.\n"})
    passed.push()
    passed.wait_for_verdict()
    passed.decide(VerdictAction.FAIL)
    failed = passed.head
    for text in ("Once.\n", "Twice.\n"):
        passed.commit({"README.md": text})
        assert pushed(passed) == asks(f"{NOTHING}: on commit {failed[:7]}, octocat failed the check.")


def test_push_with_always_carries_from_the_commit_before(jobs: ManualJobs) -> None:
    jobs.job.git("checkout", "--quiet", "main")
    jobs.push_to_main()
    jobs.wait_for_verdict()
    jobs.decide(source=VerdictSource.COMMENT)
    origin = jobs.job.sha
    jobs.commit({"README.md": "More.\n"})
    jobs.push_to_main()
    jobs.run(manual="always", carry=CARRY)
    assert jobs.state == passes(origin, "1 changed file", jobs.job.sha)


def test_pull_request_has_the_verdict_of_its_base(jobs: ManualJobs) -> None:
    jobs.job.git("checkout", "--quiet", "main")
    jobs.push_to_main()
    jobs.wait_for_verdict()
    jobs.decide()
    base = jobs.job.sha
    jobs.job.git("checkout", "--quiet", "-B", "topic")
    jobs.commit({"README.md": "More.\n"})
    jobs.push(action="opened")
    jobs.run(carry=CARRY)
    assert jobs.state == passes(base, "1 changed file", jobs.head)


def queued(jobs: ManualJobs) -> State:
    """Return what the check of a merge group with the pull request says."""
    jobs.job.git("checkout", "--quiet", "--detach", "main")
    jobs.job.git("merge", "--quiet", "--no-ff", "--no-edit", "topic")
    jobs.queue()
    assert jobs.run().exit_status == 0
    assert jobs.github.runs[-1]["head_sha"] == jobs.job.sha
    return jobs.state


def where(jobs: ManualJobs) -> str:
    return (
        f"commit {jobs.head[:7]}, the head of [pull request {NUMBER}](https://github.test/{REPOSITORY}/pull/{NUMBER})."
    )


@rule("Where manual checks exist: merge_group, and the pull request's head has a verdict")
@pytest.mark.parametrize(
    ("action", "conclusion", "title"),
    [(VerdictAction.PASS, "success", "Passed by octocat on"), (VerdictAction.FAIL, "failure", "Failed by octocat on")],
)
def test_merge_queue_has_the_verdict_of_the_pull_request(
    jobs: ManualJobs, action: VerdictAction, conclusion: str, title: str
) -> None:
    jobs.push(action="opened")
    jobs.wait_for_verdict()
    jobs.decide(action, source=VerdictSource.TERMINAL)
    note = f"This is the verdict on {where(jobs)}"
    jobs.github.requests.clear()
    assert queued(jobs) == State(conclusion=conclusion, title=f"{title} {jobs.head[:7]}", note=note)
    logins = ["GET /installation", "token"]
    own, head = (f"GET /commits/{commit}/check-runs" for commit in (jobs.job.sha, jobs.head))
    assert jobs.requests() == [*logins, own, *logins, f"GET /pulls/{NUMBER}", head, "POST /check-runs"]


@rule("Where manual checks exist: merge_group, and the pull request's head has no verdict")
def test_merge_queue_asks_without_a_verdict(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    assert queued(jobs) == asks(f"This check does not exist on {where(jobs)}")
    jobs.job.git("checkout", "--quiet", "topic")
    jobs.commit()
    jobs.push()
    jobs.wait_for_verdict()
    assert queued(jobs) == asks(f"There is no verdict on {where(jobs)}")


@rule("Where manual checks exist: merge_group, and the App has no Pull requests: read")
def test_merge_queue_asks_without_the_permission(jobs: ManualJobs) -> None:
    jobs.push(action="opened")
    jobs.wait_for_verdict()
    jobs.decide()
    del jobs.github.installation.permissions["pull_requests"]
    reason = "The verdict of the pull request is not known, because the permission Pull requests: read is missing."
    assert queued(jobs) == asks(reason)
