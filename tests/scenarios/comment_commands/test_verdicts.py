"""Commands that pass and fail manual checks, whoever writes them and whatever happens meanwhile."""

from __future__ import annotations

import pytest

from checks.core.model.delivery import DeliveryStatus
from tests.support.conversations import HEAD, NEXT, NUMBER, OLDER, CommentScenario
from tests.support.github.comments import edit_comment
from tests.support.github.faults import Fault
from tests.support.github.server import GithubServer
from tests.support.rerun.latest import runs_that_count
from tests.support.rerun.reruns import receiver
from tests.support.rules import rule

DONE, REFUSED, IGNORED, LATER = (
    DeliveryStatus.DONE,
    DeliveryStatus.REFUSED,
    DeliveryStatus.IGNORED,
    DeliveryStatus.LATER,
)
WAITING = "Waiting for a verdict"


@rule("What you can write: /check pass NAME [reason]")
def test_command_passes_the_check_of_the_last_commit(scenario: CommentScenario) -> None:
    first = scenario.manual()
    comment = scenario.post("Tried it.\n\n/check pass device lights are *green*, thanks @mona")
    assert scenario.handle(comment).status is DONE
    assert scenario.titles() == [WAITING, "Passed by octocat: lights are *green*, thanks @mona"]
    run = scenario.runs()[-1]
    assert (run["conclusion"], run["head_sha"], run["name"]) == ("success", HEAD, "pytest (device)")
    assert (
        f"(http://127.0.0.1:{scenario.github.url.rpartition(':')[2]}/octo/demo/pull/12#issuecomment-{comment})"
        in (run["output"]["summary"])
    )
    assert f";{first['id']}" in run["external_id"]
    assert (scenario.reactions, scenario.answers) == (["+1"], [])


@rule("What you can write: /check fail NAME [reason]")
def test_command_fails_the_check(scenario: CommentScenario) -> None:
    scenario.manual()
    assert scenario.say("/check FAIL 'pytest (device)' no sound").status is DONE
    assert scenario.titles()[-1] == "Failed by octocat: no sound"
    assert scenario.runs()[-1]["conclusion"] == "failure"


def test_later_comment_changes_the_verdict(scenario: CommentScenario) -> None:
    scenario.manual()
    scenario.say("/check pass device")
    scenario.wait()
    scenario.say("/check fail device it broke again")
    assert scenario.titles() == [WAITING, "Passed by octocat", "Failed by octocat: it broke again"]


@rule("What you can write: /check rerun NAME, a manual check")
def test_rerun_asks_for_the_verdict_again(scenario: CommentScenario) -> None:
    scenario.manual()
    scenario.say("/check pass device")
    scenario.wait()
    scenario.say("/check rerun device")
    assert scenario.titles()[-1] == f"{WAITING} again"
    assert scenario.github.world.dispatches == []


def test_verdict_is_shown_as_commit_status_and_in_the_comment(scenario: CommentScenario, github: GithubServer) -> None:
    github.installation.permissions["statuses"] = "write"
    scenario.manual(has_commit_status=True)
    scenario.say("/check pass device")
    assert [(status["state"], status["context"]) for status in github.world.statuses] == [
        ("success", "status: pytest (device)")
    ]


# Who


@rule("Who can use commands: write access, when the command is carried out")
@pytest.mark.parametrize("permission", ["write", "maintain", "admin"])
def test_people_with_write_access_may(scenario: CommentScenario, github: GithubServer, permission: str) -> None:
    github.world.permissions["mona"] = permission
    scenario.manual()
    assert scenario.say("/check pass device", "mona").status is DONE


@rule("Who can use commands: anybody else, the pull request's author included")
@pytest.mark.parametrize("permission", ["none", "read", "triage"])
def test_others_get_one_short_refusal(scenario: CommentScenario, github: GithubServer, permission: str) -> None:
    github.world.permissions["mallory"] = permission
    scenario.manual("secret lab")
    comment = scenario.post(
        "/check pass secret\n/check list\n" + "/check fail x\n" * 20, "mallory", author_association="OWNER"
    )
    results = [scenario.handle(comment) for _ in range(3)]
    assert [result.status for result in results] == [REFUSED, DONE, DONE]
    assert scenario.answer.startswith(
        "@mallory\n\nOnly people with write access to this repository can use `/check`.\n"
    )
    assert "lab" not in scenario.answer
    assert (scenario.reactions, len(github.runs)) == ([], 1)


def test_person_who_lost_access_since_the_comment_is_refused(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device")
    github.world.permissions["octocat"] = "read"
    assert scenario.handle(comment).status is REFUSED
    assert scenario.titles() == [WAITING]


@rule("Who can use commands: bots and Apps")
@pytest.mark.parametrize(
    "fields",
    [
        {"user": {"login": "octocat", "type": "Bot"}},
        {"user": {"login": "octocat", "type": "Organization"}},
        {"performed_via_github_app": {"id": 1, "slug": "another"}},
    ],
)
def test_bots_and_apps_are_never_answered(
    scenario: CommentScenario, github: GithubServer, fields: dict[str, object]
) -> None:
    github.world.permissions["renovate[bot]"] = "write"
    scenario.manual()
    before = len(github.requests)
    assert scenario.handle(scenario.post("/check pass device", **fields)).status is IGNORED  # type: ignore[arg-type]
    assert scenario.say("/check pass device", "renovate[bot]").status is IGNORED
    assert len(github.requests) == before


def test_comment_without_commands_sends_no_request(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual()
    before = len(github.requests)
    assert scenario.say("> /check pass device\n\nWhat does this mean?").status is IGNORED
    event = github.commented(scenario.post("/check pass device"))
    del event["issue"]["pull_request"]
    assert scenario.deliver(event).reason == "issue_comment.created: it is not in a pull request"
    assert len(github.requests) == before


# Which comment


@rule("What is refused: the comment was edited before it was handled")
@pytest.mark.parametrize(
    ("body", "seconds"), [("/check fail device", 1.0), ("/check pass device", 1.0), ("/check fail device", 0.0)]
)
def test_comment_that_was_edited_meanwhile_does_nothing(
    scenario: CommentScenario, github: GithubServer, body: str, seconds: float
) -> None:
    scenario.manual()
    event = github.commented(comment := scenario.post("/check pass device", seconds=seconds))
    edit_comment(github.world, comment, body)
    assert scenario.deliver(event).reason == "the comment was edited, so its commands do not count"
    assert (scenario.titles(), scenario.answers, scenario.reactions) == ([WAITING], [], [])


@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_edited_and_deleted_comments_are_no_new_ones(
    scenario: CommentScenario, github: GithubServer, action: str
) -> None:
    scenario.manual()
    result = scenario.deliver(github.commented(scenario.post("/check pass device"), action))
    assert (result.status, result.reason) == (IGNORED, f"issue_comment.{action}: only new comments have commands")


@rule("What is refused: the comment was deleted before it was handled")
def test_comment_that_was_deleted_meanwhile_does_nothing(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual()
    event = github.commented(comment := scenario.post("/check pass device"))
    del github.world.comments[comment]
    assert scenario.deliver(event).reason == "the comment was deleted"
    assert (scenario.titles(), scenario.answers) == ([WAITING], [])


@rule("What is refused: the pull request is closed or merged")
def test_closed_pull_request_answers_questions_only(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device")
    github.world.closed.add(NUMBER)
    assert scenario.handle(comment).reason == "pass: the pull request is closed"
    assert scenario.titles() == [WAITING]
    assert "❌ `/check pass device`: the pull request is closed" in scenario.answer
    assert scenario.say("/check list").status is DONE
    assert "<code>pytest (device)</code>" in scenario.answers[-1]


# Delivered twice, and two at once


def test_comment_that_is_delivered_twice_counts_once(scenario: CommentScenario) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device")
    assert [scenario.handle(comment).status for _ in range(3)] == [DONE, DONE, DONE]
    assert scenario.titles() == [WAITING, "Passed by octocat"]
    assert (scenario.reactions, scenario.answers) == (["+1"], [])


def test_commit_status_that_was_lost_comes_with_the_next_delivery(
    scenario: CommentScenario, github: GithubServer
) -> None:
    github.installation.permissions["statuses"] = "write"
    scenario.manual(has_commit_status=True)
    comment = scenario.post("/check pass device")
    github.fault(Fault(path="/statuses/|/reactions$", how="answer", status=502))
    assert scenario.handle(comment).status is LATER
    github.mend()
    assert scenario.handle(comment).status is DONE
    assert [status["state"] for status in github.world.statuses] == ["success"]


def test_answered_comment_that_comes_again_is_left_alone(scenario: CommentScenario) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device\n/check pass unknown")
    assert scenario.handle(comment).status is REFUSED
    scenario.wait()
    assert scenario.handle(comment).reason == "the comment was answered before"
    assert scenario.titles() == [WAITING, "Passed by octocat"]
    assert len(scenario.answers) == 1


def test_comment_that_comes_again_after_an_undo_stays_undone(scenario: CommentScenario) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device")
    scenario.handle(comment)
    scenario.wait()
    scenario.say("/check rerun device")
    assert scenario.handle(comment).status is DONE
    assert scenario.titles()[-1] == f"{WAITING} again"


@rule("What is refused: somebody else decided since your comment")
def test_of_two_people_at_once_the_first_counts(scenario: CommentScenario, github: GithubServer) -> None:
    github.world.permissions["mona"] = "write"
    scenario.manual()
    first, second = scenario.post("/check pass device"), scenario.post("/check fail device", "mona")
    assert scenario.handle(first).status is DONE
    assert scenario.handle(second).status is REFUSED
    assert scenario.titles() == [WAITING, "Passed by octocat"]
    assert scenario.answer.startswith("@mona\n")
    assert "the check has changed since your comment: Passed by octocat." in scenario.answer
    scenario.wait()
    scenario.say("/check fail device", "mona")  # now the comment is later
    assert scenario.titles()[-1] == "Failed by mona"


def test_two_receivers_at_once_agree_on_what_counts(scenario: CommentScenario, github: GithubServer) -> None:
    github.world.permissions["mona"] = "write"
    scenario.manual()
    first, second = scenario.post("/check pass device"), scenario.post("/check fail device", "mona")
    other = receiver(github, scenario.clock)

    def handle_elsewhere() -> None:
        github.mend()
        scenario.handle(second, by=other)

    github.fault(Fault(method="POST", path="/check-runs$", how="none", before=handle_elsewhere))
    assert scenario.handle(first).status is DONE
    assert scenario.titles()[:3] == [WAITING, "Failed by mona", "Passed by octocat"]
    by_id, by_time = runs_that_count(github)
    assert by_id == by_time
    assert scenario.titles()[-1] == "Passed by octocat"


def test_check_that_asks_again_since_the_comment_is_not_decided(scenario: CommentScenario) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device")
    scenario.manual()  # with other instructions
    scenario.handle(comment)
    assert scenario.titles() == [WAITING, WAITING]
    assert f"the check has changed since your comment: {WAITING}." in scenario.answer


@pytest.mark.parametrize("ahead", [-300.0, 300.0])
def test_receivers_clock_decides_nothing(scenario: CommentScenario, github: GithubServer, ahead: float) -> None:
    scenario.manual()
    scenario.wait(600.0)
    github.clock_ahead_seconds = ahead
    first, second = scenario.post("/check pass device"), scenario.post("/check fail device")
    scenario.wait()
    scenario.handle(first)
    assert scenario.handle(second).status is REFUSED
    scenario.wait(5.0)
    assert scenario.say("/check fail device").status is DONE
    assert scenario.titles() == [WAITING, "Passed by octocat", "Failed by octocat"]


# Commits


@rule("What is refused: new commits since your comment")
def test_push_between_comment_and_handling_is_noticed(scenario: CommentScenario) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device")
    scenario.push()
    scenario.manual(commit=NEXT)
    assert scenario.handle(comment).status is REFUSED
    assert scenario.titles() == [WAITING]
    assert scenario.titles(commit=NEXT) == [WAITING]
    assert "new commits since your comment: this check of bbbbbbb is newer." in scenario.answer


def test_check_of_the_same_second_is_not_decided(scenario: CommentScenario) -> None:
    scenario.clock.sleep(0.4)
    run = scenario.manual()
    scenario.clock.sleep(-59.9)
    comment = scenario.post("/check pass device")
    assert scenario.github.world.comments[comment]["created_at"] == run["started_at"]
    assert scenario.handle(comment).status is REFUSED
    assert scenario.titles() == [WAITING]


@rule("What is refused: new commits of a fork since your comment")
def test_push_of_a_commit_with_an_older_check_is_noticed(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual()
    scenario.manual(commit=NEXT)  # the fork had it here before, or has it in another pull request
    github.world.fork_pushes[NUMBER] = scenario.clock.now()
    scenario.wait()
    comment = scenario.post("/check pass device")
    scenario.push()
    github.world.fork_pushes[NUMBER] = scenario.clock.now()
    assert scenario.handle(comment).status is REFUSED
    assert scenario.titles(commit=NEXT) == [WAITING]
    assert (
        "new commits since your comment: somebody has pushed to the fork, whose last commit here is bbbbbbb."
        in scenario.answer
    )
    scenario.wait()
    assert scenario.say("/check pass device").status is DONE
    assert scenario.titles(commit=NEXT)[-1] == "Passed by octocat"


def test_fork_replaces_no_commit_by_one_with_the_same_first_digits(
    scenario: CommentScenario, github: GithubServer
) -> None:
    twin = "aaaaaaa" + "1" * 33
    scenario.manual()
    short, full = scenario.post("/check pass device @aaaaaaa"), scenario.post(f"/check pass device @{HEAD}")
    scenario.manual(commit=twin)
    github.world.pull_heads[NUMBER], github.world.pull_commits[NUMBER] = twin, [twin]
    github.world.fork_pushes[NUMBER] = scenario.clock.now()
    assert scenario.handle(short).status is REFUSED
    assert scenario.handle(full).status is REFUSED
    github.world.pull_commits[NUMBER] = [HEAD, twin]
    again = scenario.post(f"/check fail device @{HEAD}")
    github.world.fork_pushes[NUMBER] = scenario.clock.now()
    assert scenario.handle(again).status is DONE
    assert scenario.titles(commit=twin) == [WAITING]


def test_push_without_a_check_yet_decides_nothing(scenario: CommentScenario) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device")
    scenario.push()
    scenario.handle(comment)
    assert (scenario.titles(), scenario.titles(commit=NEXT)) == ([WAITING], [])
    assert "commit bbbbbbb has no check of this name" in scenario.answer


@rule("What you can write: @c0ffee1 after the name")
def test_command_names_an_earlier_commit(scenario: CommentScenario) -> None:
    scenario.manual()
    scenario.push()
    comment = scenario.post("/check pass device @aaaaaaa seen there")
    scenario.manual(commit=NEXT)
    assert scenario.handle(comment).status is DONE
    assert scenario.titles() == [WAITING, "Passed by octocat: seen there"]
    assert scenario.titles(commit=NEXT) == [WAITING]
    assert scenario.reactions == ["+1"]


def test_named_commit_may_have_checks_that_the_last_one_lacks(scenario: CommentScenario) -> None:
    scenario.manual()
    scenario.push()
    assert scenario.say("/check fail pytest (device) @aaaaaaa no sound").status is DONE
    assert scenario.titles()[-1] == "Failed by octocat: no sound"


def test_name_on_a_named_commit_decides_no_shorter_one(scenario: CommentScenario) -> None:
    scenario.manual("", name="device lab")
    scenario.push()
    scenario.manual("", commit=NEXT, name="device")
    scenario.say("/check pass device lab @aaaaaaa")
    assert "this may be `device` or `device lab`" in scenario.answer
    assert [run["conclusion"] for run in scenario.github.runs] == ["action_required"] * 2
    scenario.say("/check pass device as in @aaaaaaa")
    assert (scenario.github.runs[-1]["name"], scenario.github.runs[-1]["head_sha"]) == ("device", NEXT)


def test_check_of_a_named_commit_may_be_newer_than_the_comment(scenario: CommentScenario) -> None:
    scenario.tests()
    comment = scenario.post("/check pass device @aaaaaaa")
    scenario.manual()
    assert scenario.handle(comment).status is DONE
    assert scenario.titles()[-1] == "Passed by octocat"


def test_decision_since_the_comment_counts_on_a_named_commit_too(scenario: CommentScenario) -> None:
    scenario.manual()
    first, second = scenario.post("/check pass device"), scenario.post("/check fail device @aaaaaaa")
    scenario.handle(first)
    assert scenario.handle(second).status is REFUSED
    assert scenario.titles()[-1] == "Passed by octocat"


@rule("What is refused: the commit is not one of the pull request")
def test_commit_from_before_a_force_push_is_refused(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual(commit=OLDER)
    scenario.manual()
    github.world.pull_commits[NUMBER] = [HEAD]
    assert scenario.say("/check pass device @0123456").status is REFUSED
    assert "`/check pass device @0123456`: `0123456` is not a commit of this pull request" in scenario.answer
    assert scenario.titles(commit=OLDER) == [WAITING]


def test_beginning_of_two_commits_is_refused(scenario: CommentScenario, github: GithubServer) -> None:
    twin = "aaaaaaa" + "1" * 33
    github.world.pull_commits[NUMBER] = [twin, HEAD]
    scenario.manual()
    scenario.say("/check pass device @aaaaaaa")
    assert "`aaaaaaa` begins several commits of this pull request" in scenario.answer
    scenario.say(f"/check pass device @{HEAD}")
    assert scenario.titles()[-1] == "Passed by octocat"


@rule("What is refused: new commits while the command is carried out")
def test_head_that_moves_after_the_write_is_left_alone(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device")
    github.fault(Fault(method="POST", path="/check-runs$", how="none", before=lambda: move_head(github)))
    assert scenario.handle(comment).status is DONE
    assert scenario.titles()[-1] == "Passed by octocat"
    assert scenario.titles(commit=NEXT) == []
    assert "Commit `aaaaaaa` has what you asked for." in scenario.answer
    assert "its last one is `bbbbbbb`, which was not touched." in scenario.answer
    assert scenario.reactions == []


def move_head(github: GithubServer) -> None:
    github.world.pull_heads[NUMBER] = NEXT


# Names


@rule("What is refused: the name may be that of another check")
def test_misspelt_longer_name_decides_no_shorter_one(scenario: CommentScenario) -> None:
    scenario.manual("", name="device")
    scenario.manual("", name="device lab")
    scenario.say("/check pass device lba")
    assert "this may be `device` or `device lab`: put the name in quotation marks" in scenario.answer
    assert [run["conclusion"] for run in scenario.github.runs] == ["action_required"] * 2
    scenario.say("/check pass 'device' lba")
    assert scenario.github.runs[-1]["name"] == "device"


@rule("What is refused: no check has the name")
def test_unknown_name_gets_the_nearest_ones(scenario: CommentScenario) -> None:
    scenario.manual()
    scenario.tests()
    assert scenario.say("/check pass devise\n/check pass zzz").status is REFUSED
    refusal = "commit aaaaaaa has no check of this name"
    assert f"❌ `/check pass devise`: {refusal}; the nearest names: `pytest (device)`" in scenario.answer
    assert f"❌ `/check pass zzz`: {refusal}\n" in scenario.answer


@rule("What is refused: pass or fail for a check of tests")
def test_check_of_tests_is_decided_by_its_tests(scenario: CommentScenario) -> None:
    scenario.tests()
    scenario.say("/check pass unit")
    assert "this check is decided by its tests; use `/check rerun`" in scenario.answer
    assert scenario.titles("unit") == ["1 failed, 1 passed"]
