"""Buttons of manual checks: who decides what, twice, late, at once, and what GitHub's own re-run does."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from checks.core.comment.decide import MARKER
from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from checks.core.model.identity import RunKind
from checks.core.model.manual import VerdictSource
from checks.programs.events.respond import NOTHING_LEFT_WAITING
from tests.support.fakes import FakeClock
from tests.support.github.comments import add_comment
from tests.support.github.server import Fault, GithubServer
from tests.support.manual.server_runs import FAIL, INSTRUCTIONS, PASS, UNDO, create_manual_run, record_of, states
from tests.support.rerun.latest import runs_that_count
from tests.support.rerun.reruns import FAILED, CreateScenario, RerunScenario, receiver
from tests.support.rules import rule

Payload = dict[str, Any]

WAITING = ("action_required", "Waiting for a verdict")
AGAIN = ("action_required", "Waiting for a verdict again")
PASSED, NOT_PASSED = ("success", "Passed by octocat"), ("failure", "Failed by octocat")


@pytest.fixture
def scenario(create_scenario: CreateScenario, github: GithubServer) -> RerunScenario:
    """A manual check that waits for a verdict."""
    made = create_scenario()
    create_manual_run(github, made.job.sha)
    github.world.permissions |= {"hubot": "write", "mallory": "read"}
    return made


def press(scenario: RerunScenario, action: str, run: int | None = None, sender: str = "octocat") -> str:
    result = scenario.press(action, run, sender)
    return f"{result.status}: {result.reason}"


def assert_one_state_counts(github: GithubServer) -> None:
    by_id, by_time = runs_that_count(github)
    assert by_id == by_time


@rule("Verdicts: the button Pass or Fail")
@pytest.mark.parametrize(("action", "state"), [(PASS, PASSED), (FAIL, NOT_PASSED)])
def test_button_decides(scenario: RerunScenario, github: GithubServer, action: str, state: tuple[str, str]) -> None:
    first = scenario.latest
    assert press(scenario, action) == f"done: pytest (device): {state[1]}"
    assert states(github) == [WAITING, state]
    record = record_of(scenario.latest)
    assert record is not None
    assert record.verdict is not None
    assert (record.verdict.by, record.verdict.source, record.verdict.event) == (
        "octocat",
        VerdictSource.BUTTON,
        str(first["id"]),
    )
    assert record.commit == scenario.job.sha
    assert INSTRUCTIONS in scenario.latest["output"]["text"]
    assert f"with the button of [check run {first['id']}]({first['html_url']})" in scenario.latest["output"]["summary"]
    assert [action["identifier"] for action in scenario.latest["actions"]] == [UNDO]
    assert scenario.dispatches == []
    assert_one_state_counts(github)


@rule("Verdicts: the button Undo")
def test_undo_asks_again_and_a_new_verdict_follows(scenario: RerunScenario, github: GithubServer) -> None:
    for action in (PASS, UNDO, FAIL):
        assert press(scenario, action).startswith("done: ")
    assert states(github) == [WAITING, PASSED, AGAIN, NOT_PASSED]
    assert_one_state_counts(github)


@rule("Verdicts: a delivery that comes twice")
def test_each_press_counts_once_however_often_it_comes(scenario: RerunScenario, github: GithubServer) -> None:
    payloads = []
    for action in (PASS, UNDO, FAIL):
        payloads.append(github.press(scenario.latest["id"], action))
        scenario.event("check_run", payloads[-1])
    for payload in payloads:
        again = scenario.event("check_run", payload)
        assert (again.status, again.reason[:32]) == (DeliveryStatus.DONE, "it was already answered by check")
    assert states(github) == [WAITING, PASSED, AGAIN, NOT_PASSED]


@rule("Verdicts: two people at once")
def test_first_of_two_people_decides(scenario: RerunScenario, github: GithubServer) -> None:
    first = scenario.latest["id"]
    press(scenario, PASS, first)
    newer = f"check run {scenario.latest['id']} of this check is newer: Passed by octocat"
    assert press(scenario, FAIL, first, "hubot") == f"refused: {newer}"
    assert states(github) == [WAITING, PASSED]


def handle_elsewhere(github: GithubServer, event: str, payload: Payload, now: float) -> DeliveryResult:
    """Handle an event in another receiver."""
    clock = FakeClock(now)
    return receiver(github, clock)(Delivery(guid="guid", event=event, payload=payload), clock.monotonic() + 8.0)


def interrupt(scenario: RerunScenario, github: GithubServer, event: str, payload: Payload, *, ahead: float) -> None:
    """Let another receiver handle an event after this one has looked and before it creates.

    GitHub's clock is `ahead` for that one: its servers may differ.
    """

    def handle() -> None:
        github.clock_ahead_seconds += ahead
        handle_elsewhere(github, event, payload, scenario.clock.now())
        github.clock_ahead_seconds -= ahead

    github.fault(Fault(method="POST", path="/check-runs$", nth=(1,), how="none", before=handle))


@rule("Verdicts: two people at once, through two receivers")
@pytest.mark.parametrize("ahead", [-30.0, 0.0, 30.0])
def test_later_of_two_people_at_two_receivers_decides(
    scenario: RerunScenario, github: GithubServer, ahead: float
) -> None:
    first = scenario.latest["id"]
    interrupt(scenario, github, "check_run", github.press(first, FAIL, "hubot"), ahead=ahead)
    assert press(scenario, PASS, first) == "done: pytest (device): Passed by octocat"
    follows = [PASSED] if ahead > 0.0 else []  # so that the one that counts is the latest by its time, too
    assert states(github) == [WAITING, ("failure", "Failed by hubot"), PASSED, *follows]
    assert_one_state_counts(github)


def test_status_is_that_of_the_verdict_that_counts(scenario: RerunScenario, github: GithubServer) -> None:
    github.installation.permissions["statuses"] = "write"
    first = create_manual_run(github, scenario.job.sha, has_commit_status=True)["id"]
    release = threading.Event()
    arguments = github, "check_run", github.press(first, FAIL, "hubot"), scenario.clock.now()
    thread = threading.Thread(target=handle_elsewhere, args=arguments)
    github.fault(Fault(method="POST", path="/check-runs$", nth=(1,), how="none", before=release.wait))
    thread.start()
    github.wait_for(lambda: github.faulted == 1)  # it has looked

    def let_the_other_finish() -> None:
        release.set()
        thread.join()

    github.fault(Fault(method="POST", path="/statuses/", nth=(1,), how="none", before=let_the_other_finish))
    press(scenario, PASS, first)
    assert states(github)[-1] == ("failure", "Failed by hubot")
    assert [status["state"] for status in github.world.statuses] == ["failure", "success", "failure"]
    assert github.world.statuses[-1]["target_url"] == scenario.latest["html_url"]


@pytest.mark.parametrize("ahead", [-30.0, 0.0, 30.0])
def test_repeated_state_hides_no_verdict(scenario: RerunScenario, github: GithubServer, ahead: float) -> None:
    payload = github.rerequest_suite(scenario.job.sha)
    interrupt(scenario, github, "check_run", github.press(scenario.latest["id"], PASS), ahead=ahead)
    assert scenario.event("check_suite", payload).status is DeliveryStatus.DONE
    assert states(github) == [WAITING, PASSED, WAITING, PASSED]
    assert_one_state_counts(github)


def test_same_press_at_two_receivers_is_one_verdict(scenario: RerunScenario, github: GithubServer) -> None:
    payload = github.press(scenario.latest["id"], PASS)
    interrupt(scenario, github, "check_run", payload, ahead=0.0)
    scenario.event("check_run", payload)
    assert set(states(github)) == {WAITING, PASSED}
    assert press(scenario, UNDO) == "done: pytest (device): Waiting for a verdict again"


def test_verdict_whose_answer_is_lost_is_created_once(scenario: RerunScenario, github: GithubServer) -> None:
    github.fault(Fault(method="POST", path="/check-runs$", nth=(1,), how="drop", done=True))
    assert press(scenario, PASS) == "done: pytest (device): Passed by octocat"
    assert states(github) == [WAITING, PASSED]


def test_receiver_killed_before_the_status_is_made_up_for(scenario: RerunScenario, github: GithubServer) -> None:
    github.installation.permissions["statuses"] = "write"
    run = create_manual_run(github, scenario.job.sha, has_commit_status=True)
    payload = github.press(run["id"], PASS)
    scenario.event("check_run", payload)
    github.world.statuses.clear()
    assert scenario.event("check_run", payload).status is DeliveryStatus.DONE
    assert [status["state"] for status in github.world.statuses] == ["success"]


@rule("Verdicts: a person without write access")
@pytest.mark.parametrize("permission", ["read", "none"])
def test_verdict_needs_write_access(scenario: RerunScenario, github: GithubServer, permission: str) -> None:
    github.world.permissions["mallory"] = permission
    assert press(scenario, PASS, sender="mallory") == (
        f"refused: @mallory has no write access to this repository ({permission})"
    )
    assert states(github) == [WAITING]


def test_person_who_lost_access_before_it_was_handled_decides_nothing(
    scenario: RerunScenario, github: GithubServer
) -> None:
    payload = github.press(scenario.latest["id"], PASS)
    github.world.permissions["octocat"] = "read"
    assert scenario.event("check_run", payload).status is DeliveryStatus.REFUSED
    assert states(github) == [WAITING]


@rule("Verdicts: a button of an older page, or after a push")
def test_button_of_an_old_page_is_refused(scenario: RerunScenario, github: GithubServer) -> None:
    first = scenario.latest["id"]
    press(scenario, PASS)
    press(scenario, UNDO)
    assert press(scenario, FAIL, first).startswith("refused: check run ")
    assert press(scenario, UNDO, first).startswith("refused: check run ")
    assert states(github) == [WAITING, PASSED, AGAIN]


def test_press_after_a_push_decides_the_old_commit_alone(scenario: RerunScenario, github: GithubServer) -> None:
    old, head = scenario.latest["id"], "b" * 40
    create_manual_run(github, head)
    assert press(scenario, PASS, old) == "done: pytest (device): Passed by octocat"
    on_head = [run["output"]["title"] for run in github.runs if run["head_sha"] == head]
    assert (scenario.latest["head_sha"], on_head) == (scenario.job.sha, ["Waiting for a verdict"])


@rule("Verdicts: a button of the other kind")
def test_buttons_of_tests_and_of_manual_checks_are_not_mixed(scenario: RerunScenario, github: GithubServer) -> None:
    assert press(scenario, "rerun-all") == "refused: it is the button of tests, and a manual check has none"
    scenario.create_run()
    for action in (PASS, FAIL, UNDO):
        assert press(scenario, action).startswith("refused: the button is that of a manual check")
    assert len(github.runs) == 2
    assert scenario.dispatches == []


@rule("Verdicts: GitHub's own re-run of the check, with write access")
@pytest.mark.parametrize("decided", [True, False])
def test_native_rerun_by_a_writer_asks_again_once(
    scenario: RerunScenario, github: GithubServer, *, decided: bool
) -> None:
    if decided:
        press(scenario, FAIL)
    before = states(github)
    payload = github.rerequest(scenario.latest["id"])
    results = [scenario.event("check_run", payload).reason for _ in range(2)]
    assert results[0] == "pytest (device): Waiting for a verdict again"
    assert results[1].startswith("it was already answered by check run ")
    assert states(github) == [*before, AGAIN]
    assert "with GitHub's re-run of [check run" in scenario.latest["output"]["summary"]
    assert scenario.dispatches == []


@rule("Verdicts: GitHub's own re-run of the check, without write access")
@pytest.mark.parametrize("action", ["", PASS, FAIL])
def test_native_rerun_by_a_reader_repeats_the_state_once(
    scenario: RerunScenario, github: GithubServer, action: str
) -> None:
    if action:
        press(scenario, action)
    earlier = scenario.latest
    earlier["status"], earlier["conclusion"] = "queued", None  # as GitHub's button does by an older API
    before = states(github)
    payload = github.rerequest(earlier["id"], "mallory")
    refusal = "@mallory has no write access to this repository (read)"
    assert scenario.event("check_run", payload).reason == refusal
    assert scenario.event("check_run", payload).reason.startswith("it was already answered by check run ")
    state = {"": WAITING, PASS: PASSED, FAIL: NOT_PASSED}[action]
    assert states(github) == [*before, state]
    assert record_of(scenario.latest) == record_of(earlier)
    summary = scenario.latest["output"]["summary"]
    assert "GitHub's re-run did not ask for a verdict again: @" in summary
    assert "@mallory" not in summary
    assert f"This repeats [check run {earlier['id']}]" in summary
    assert press(scenario, UNDO if action else PASS).startswith("done: ")  # octocat has write access


@rule("Verdicts: GitHub's own re-run of all checks")
@pytest.mark.parametrize("sender", ["octocat", "mallory"])
def test_suite_of_manual_checks_ends_with_their_states(
    scenario: RerunScenario, github: GithubServer, sender: str
) -> None:
    press(scenario, PASS)
    create_manual_run(github, scenario.job.sha, "page")
    for run in github.runs:
        run["status"] = "queued"  # as an older API does
    payload = github.rerequest_suite(scenario.job.sha, sender)
    results = [scenario.event("check_suite", payload) for _ in range(2)]
    assert [(result.status, result.reason) for result in results] == [
        (DeliveryStatus.DONE, "repeated pytest (device), pytest (page)"),
        (DeliveryStatus.DONE, "pytest (device), pytest (page): repeated before"),
    ]
    assert states(github) == [WAITING, PASSED, PASSED]
    assert states(github, "pytest (page)") == [WAITING, WAITING]
    assert scenario.dispatches == []
    github.clock = lambda: scenario.clock.now() + 5.0
    scenario.event("check_suite", github.rerequest_suite(scenario.job.sha, sender))
    assert states(github) == [WAITING, PASSED, PASSED, PASSED]
    assert "leaves manual checks as they are" in scenario.latest["output"]["summary"]


def test_suite_reruns_its_tests_as_without_manual_checks(scenario: RerunScenario, github: GithubServer) -> None:
    scenario.create_run("unit")
    scenario.create_run("docs", "success")
    press(scenario, FAIL, github.runs[0]["id"])
    payload = github.rerequest_suite(scenario.job.sha)
    assert scenario.event("check_suite", payload).reason == "started a re-run of pytest (unit)"
    assert [run["category"] for run in scenario.dispatched_input()["runs"]] == ["unit"]
    assert states(github) == [WAITING, NOT_PASSED, NOT_PASSED]
    again = scenario.event("check_suite", payload)
    assert again.status is DeliveryStatus.DONE
    assert (len(scenario.dispatches), len(states(github))) == (1, 3)


def test_refused_suite_repeats_tests_and_manual_checks(scenario: RerunScenario, github: GithubServer) -> None:
    scenario.create_run("unit")
    payload = github.rerequest_suite(scenario.job.sha, "mallory")
    results = [scenario.event("check_suite", payload) for _ in range(2)]
    assert results[0].status is DeliveryStatus.REFUSED
    assert results[0].reason == "repeated pytest (device); @mallory has no write access to this repository (read)"
    assert results[1].status is DeliveryStatus.DONE
    assert [run["name"] for run in github.runs] == ["pytest (device)", "pytest (unit)"] * 2
    assert states(github, "pytest (unit)") == [("failure", "1 failed, 1 passed")] * 2


@rule("Verdicts: a commit status and a comment")
def test_verdict_ends_status_and_comment(scenario: RerunScenario, github: GithubServer) -> None:
    github.installation.permissions |= {"statuses": "write", "pull_requests": "write"}
    github.world.pull_heads[12] = scenario.job.sha
    app = github.app
    create_manual_run(github, scenario.job.sha, "page", has_commit_status=True, pull_request=12)
    marked = f"### none\n\n{MARKER}"
    add_comment(github.world, 12, marked, login=f"{app.slug}[bot]", performed_via_github_app=app.as_json)
    assert press(scenario, PASS) == "done: pytest (page): Passed by octocat"
    (status,) = github.world.statuses
    assert (status["context"], status["state"]) == ("status: pytest (page)", "success")
    (comment,) = github.world.comments.values()
    assert comment["body"].startswith("### 1 of 2 checks waits for a verdict, none failed")


def test_automatic_events_take_no_manual_check_for_tests(scenario: RerunScenario, github: GithubServer) -> None:
    github.world.start_workflow_run("manual.yml", run_id=4711, sha=scenario.job.sha)
    github.runs[0]["status"] = "queued"
    assert scenario.complete_workflow(4711, "failure").reason == "workflow run 4711 left no check run incomplete"
    scenario.receive = receiver(github, scenario.clock, queues_at_push=True)
    pushed = scenario.event("check_suite", github.pushed("b" * 40, "topic", before=scenario.job.sha))
    assert pushed.reason == "no category of the base commit is missing"
    assert len(github.runs) == 1


def test_verdicts_need_no_access_to_actions(scenario: RerunScenario, github: GithubServer) -> None:
    del github.installation.permissions["actions"]
    assert press(scenario, PASS) == "done: pytest (device): Passed by octocat"
    assert press(scenario, UNDO) == "done: pytest (device): Waiting for a verdict again"


def test_verdict_takes_few_requests(scenario: RerunScenario, github: GithubServer) -> None:
    press(scenario, PASS)
    before = len(github.requests)
    press(scenario, UNDO)
    assert [request.method for request in github.requests[before:]] == ["GET", "GET", "POST", "GET"]


def test_poll_revisits_no_press_that_was_answered(scenario: RerunScenario, github: GithubServer) -> None:
    press(scenario, PASS)
    before = len(github.requests)
    for payload in (github.press(github.runs[0]["id"], PASS), github.rerequest(scenario.latest["id"])):
        delivery = Delivery(guid="guid", event="check_run", payload=payload)
        assert scenario.receive.revisit(delivery, scenario.until()) == NOTHING_LEFT_WAITING
    assert len(github.requests) == before


def test_rerun_of_tests_beside_a_manual_check_starts_them_alone(scenario: RerunScenario, github: GithubServer) -> None:
    scenario.create_run("unit", parts=replace(FAILED, kind=RunKind.COMPLETE))
    assert scenario.press().reason == "started a re-run of pytest (unit)"
    assert states(github) == [WAITING]
