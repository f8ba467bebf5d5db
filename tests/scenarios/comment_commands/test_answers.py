"""The answer to a comment: one, to its author alone, and worth less than what it is about."""

from __future__ import annotations

import re

import pytest

from checks.core.comment.decide import MARKER
from checks.core.comment_commands.parse import MAX_COMMANDS
from checks.core.model.delivery import DeliveryStatus
from checks.core.preview.markdown_html import render
from tests.support.conversations import HEAD, NUMBER, CommentScenario
from tests.support.github.comments import add_comment
from tests.support.github.faults import Fault
from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import receiver
from tests.support.rules import rule

WAITING, PASSED = "Waiting for a verdict", "Passed by octocat"


@rule("What you can write: /check list")
def test_list_shows_the_newest_run_of_each_check(scenario: CommentScenario) -> None:
    scenario.manual()
    scenario.tests()
    scenario.tests("docs", failed=0)
    scenario.say("/check list")
    assert scenario.answer.startswith("@octocat\n\nChecks of `aaaaaaa`:\n\n<table>\n")
    assert scenario.answer.count("<tr><td>") == 3
    assert (scenario.reactions, len(scenario.github.runs)) == ([], 3)


def test_list_shows_what_the_same_comment_has_done(scenario: CommentScenario) -> None:
    scenario.manual()
    scenario.say("/check list\n/check pass device")
    assert f"<td>{PASSED}</td>" in scenario.answer
    assert f"- ✅ `/check pass device`: {PASSED} (aaaaaaa)" in scenario.answer


@rule("What you can write: /check help")
def test_help_shows_each_command(scenario: CommentScenario) -> None:
    assert scenario.say("/check help").status is DeliveryStatus.DONE
    for verb in ("pass NAME [reason]", "fail NAME [reason]", "rerun NAME [failed|all]", "list", "help"):
        assert f"- `/check {verb}`" in scenario.answer


@rule("What is refused: no such command")
def test_unknown_command_gets_help(scenario: CommentScenario) -> None:
    assert scenario.say("/check aprove device").status is DeliveryStatus.REFUSED
    assert "- ❌ `/check aprove device`: this is not a command" in scenario.answer
    assert "- `/check pass NAME [reason]`" in scenario.answer


@rule("What is refused: more than ten commands in a comment")
def test_ten_commands_are_carried_out_and_no_more(scenario: CommentScenario) -> None:
    for number in range(MAX_COMMANDS + 1):
        scenario.manual(f"device{number}")
    scenario.say("\n".join(f"/check pass device{number}" for number in range(MAX_COMMANDS)))
    assert [scenario.titles(f"device{number}")[-1] for number in range(MAX_COMMANDS)] == [PASSED] * MAX_COMMANDS
    assert (scenario.reactions, scenario.answers) == (["+1"], [])
    scenario.wait()
    scenario.say("\n".join(f"/check fail device{number}" for number in range(MAX_COMMANDS + 1)))
    assert scenario.titles("device9")[-1] == "Failed by octocat"
    assert scenario.titles("device10")[-1] == WAITING
    assert "A comment has at most 10 commands. Not carried out: the other 1." in scenario.answer


def test_last_of_several_verdicts_on_a_check_counts(scenario: CommentScenario) -> None:
    scenario.manual()
    comment = scenario.post("/check fail device\n/check pass 'pytest (device)' after all")
    assert [scenario.handle(comment).status for _ in range(2)] == [DeliveryStatus.DONE] * 2
    assert scenario.titles() == [WAITING, f"{PASSED}: after all"]
    assert scenario.reactions == ["+1"]


def test_answer_mentions_its_reader_alone(scenario: CommentScenario) -> None:
    scenario.manual("@mona #12")
    scenario.tests("octo/demo#13 https://github.com/octo/demo/issues/14")
    link = "[x](https://github.com/octo/demo/pull/15)"
    scenario.say(f"/check pass @mona #11 {link} <img src=x> `@c` ` @d\n/check pass mona\n/check list")
    html = render(scenario.answer)
    assert "@mona" in html
    outside_code = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
    assert re.findall(r"@\w+|#\d+|pull/\d+|issues/\d+|<img", outside_code) == ["@octocat"]


def test_answer_to_long_commands_fits(scenario: CommentScenario) -> None:
    for number in range(120):
        scenario.manual(f"{number} {'&' * 240}")
    scenario.say("\n".join(["/check list", *(f"/check pass {'&' * 6_400}" for _ in range(9))]))
    assert len(scenario.answer.encode()) <= 65_536
    assert "</table>" in scenario.answer


# What GitHub refuses


def refuse(github: GithubServer, path: str, status: int, message: str) -> None:
    github.fault(Fault(method="POST", path=path, how="answer", status=status, body={"message": message}))


@rule("What GitHub may refuse: the reaction")
@pytest.mark.parametrize("status", [403, 404, 422])
def test_refused_reaction_changes_nothing_else(scenario: CommentScenario, github: GithubServer, status: int) -> None:
    scenario.manual()
    refuse(github, "/reactions$", status, "Resource not accessible by integration")
    result = scenario.say("/check pass device")
    assert result.status is DeliveryStatus.DONE
    assert result.reason.startswith(f"pass: {PASSED} (aaaaaaa); ")
    assert f"({status}: Resource not accessible by integration)" in result.reason
    assert (scenario.titles()[-1], scenario.answers) == (PASSED, [])


@rule("What GitHub may refuse: the answer, as in a locked conversation")
def test_locked_conversation_changes_nothing_else(scenario: CommentScenario, github: GithubServer) -> None:
    github.world.locked.add(NUMBER)
    scenario.manual()
    result = scenario.say("/check pass device\n/check pass zzz")
    assert result.status is DeliveryStatus.REFUSED
    assert f"The conversation of pull request {NUMBER} of octo/demo is locked (403" in result.reason
    assert (scenario.titles()[-1], scenario.answers) == (PASSED, [])


@rule("What GitHub may refuse: access to comments")
def test_missing_permission_is_said_in_the_log(scenario: CommentScenario, github: GithubServer) -> None:
    del github.installation.permissions["pull_requests"]
    scenario.manual()
    comment = scenario.post("/check pass device")
    result = scenario.handle(comment)
    assert result.status is DeliveryStatus.REFUSED
    assert "set Pull requests to Read and write" in result.reason
    assert scenario.titles() == [WAITING]
    github.installation.permissions["pull_requests"] = "write"
    assert scenario.handle(comment).status is DeliveryStatus.DONE


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("path", ["/issues/12/comments$", "/reactions$"])
def test_lost_answer_is_given_once(
    scenario: CommentScenario, github: GithubServer, path: str, *, is_done: bool
) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device" if "reactions" in path else "/check pass device\n/check list")
    github.fault(Fault(method="POST", path=path, how="answer", status=502, done=is_done))
    assert scenario.handle(comment).status is DeliveryStatus.LATER
    github.mend()
    assert scenario.handle(comment).status is DeliveryStatus.DONE
    assert (len(scenario.answers), len(scenario.reactions)) == ((0, 1) if "reactions" in path else (1, 0))
    assert scenario.titles() == [WAITING, PASSED]


def test_two_receivers_at_once_leave_one_answer(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual()
    comment = scenario.post("/check pass device\n/check list")
    other = receiver(github, scenario.clock)

    def handle_elsewhere() -> None:
        github.mend()
        scenario.handle(comment, by=other)

    github.fault(Fault(method="POST", path="/issues/12/comments$", how="none", before=handle_elsewhere))
    assert scenario.handle(comment).status is DeliveryStatus.DONE
    assert len(scenario.answers) == 1
    assert scenario.titles() == [WAITING, PASSED]


def test_outsiders_get_no_answer_from_what_clicks_need(scenario: CommentScenario) -> None:
    comments = [scenario.post("/check list", "mallory") for _ in range(60)]
    scenario.wait(3600.0)
    before = scenario.clock.seconds
    reasons = []
    for comment in comments:
        reasons.append(scenario.handle(comment).reason)
        scenario.clock.seconds = before  # all at once
    assert len(scenario.answers) == 30
    assert reasons[-1].endswith("; no answer, because the rate limits leave little room")
    assert scenario.say("/check help").status is DeliveryStatus.DONE


def test_quoted_marker_is_no_answer(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual()
    comment = scenario.post("/check pass zzz")
    marker = f"<!-- pytest-check-runs answer 1 {comment} -->"
    add_comment(github.world, NUMBER, f"x\n\n{marker}", login="mallory")
    other = {"id": 1, "slug": "another"}
    add_comment(github.world, NUMBER, f"x\n\n{marker}", login="another[bot]", performed_via_github_app=other)
    scenario.handle(comment)
    assert len([body for body in scenario.answers if body.startswith("@octocat")]) == 1


def test_own_answers_are_no_commands(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.say("/check help")
    before = len(github.requests)
    answer = next(number for number, comment in github.world.comments.items() if comment["user"]["type"] == "Bot")
    assert scenario.handle(answer).status is DeliveryStatus.IGNORED
    assert len(github.requests) == before


def test_verdict_updates_the_sticky_comment(scenario: CommentScenario, github: GithubServer) -> None:
    app = github.app.as_json
    add_comment(github.world, NUMBER, f"### 0\n\n{MARKER}", login="pytest-checks[bot]", performed_via_github_app=app)
    scenario.manual(pull_request=NUMBER)
    assert scenario.say("/check pass device").status is DeliveryStatus.DONE
    assert scenario.answer.startswith("### All checks passed")


@rule("What GitHub may refuse: a write, because of a rate limit")
def test_rate_limit_leaves_the_rest_for_later(scenario: CommentScenario, github: GithubServer) -> None:
    for number in range(3):
        scenario.manual(f"device{number}")
    comment = scenario.post("\n".join(f"/check pass device{number}" for number in range(3)))
    fault = Fault(method="POST", path="/check-runs$", nth=(2,), how="answer", status=429, headers={"Retry-After": "60"})
    github.fault(fault)
    assert scenario.handle(comment).status is DeliveryStatus.LATER
    assert (scenario.reactions, scenario.answers) == ([], [])
    scenario.wait(120.0)
    assert scenario.handle(comment).status is DeliveryStatus.DONE
    assert [scenario.titles(f"device{number}") for number in range(3)] == [[WAITING, PASSED]] * 3
    assert scenario.reactions == ["+1"]


def test_requests_of_a_command_are_few(scenario: CommentScenario, github: GithubServer) -> None:
    scenario.manual()
    scenario.say("/check list")  # the receiver has its token now
    before = len(github.requests)
    scenario.say("/check pass device")
    assert [(request.method, request.path.replace(HEAD, "HEAD")) for request in github.requests[before:]] == [
        ("POST", f"/app/installations/{github.installation.id}/access_tokens"),
        ("GET", f"/repos/octo/demo/issues/comments/{max(github.world.comments)}"),
        ("GET", "/repos/octo/demo/issues/12/comments"),
        ("GET", "/repos/octo/demo/collaborators/octocat/permission"),
        ("GET", "/repos/octo/demo/pulls/12"),
        ("GET", "/repos/octo/demo/commits/HEAD/check-runs"),
        ("POST", "/repos/octo/demo/check-runs"),
        ("GET", "/repos/octo/demo/commits/HEAD/check-runs"),  # another receiver may have created one
        ("GET", "/repos/octo/demo/pulls/12"),
        ("POST", f"/repos/octo/demo/issues/comments/{max(github.world.comments)}/reactions"),
    ]


def test_answer_that_is_deleted_at_once_is_no_error(scenario: CommentScenario, github: GithubServer) -> None:
    def delete_answers() -> None:
        comments = github.world.comments
        for number in [number for number, comment in comments.items() if comment["user"]["type"] == "Bot"]:
            del comments[number]

    scenario.manual()
    github.fault(Fault(method="GET", path="/issues/12/comments$", nth=(2,), how="none", before=delete_answers))
    assert scenario.say("/check help").status is DeliveryStatus.DONE
    assert scenario.answers == []
