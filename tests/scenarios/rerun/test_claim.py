"""A re-run is dispatched at least once and claimed at most once, even if events are repeated, concurrent or lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from checks.core.model.ports import ForeignCheckRunError
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.reruns import SECOND, CreateScenario, RerunScenario, receiver
from tests.support.rules import rule
from tests.support.waits import HANG_SECONDS


def statuses(github: GithubServer) -> list[str]:
    return [run["status"] for run in github.runs]


def claiming_jobs(scenario: RerunScenario) -> list[int]:
    """Return which of the dispatched workflow runs claim a placeholder run, one after the other."""
    return [number for number in range(len(scenario.dispatches)) if can_claim(scenario, number)]


def can_claim(
    scenario: RerunScenario, number: int = -1, *, attempt: int = 1, wait: Callable[[float], object] = lambda _: None
) -> bool:
    try:
        scenario.claim(number, attempt=attempt, wait=wait)
    except ForeignCheckRunError:
        return False
    return True


@rule("A click: the same click again: redelivered, replayed, polled")
def test_duplicate_click_starts_one_workflow_run(requested_rerun: RerunScenario, github: GithubServer) -> None:
    payload = github.press(github.runs[0]["id"], "rerun-failed")
    delivery_result = requested_rerun.event("check_run", payload)
    assert delivery_result == DeliveryResult(
        status=DeliveryStatus.DONE, reason=f"it was already answered by check run {requested_rerun.latest['id']}"
    )
    assert len(requested_rerun.dispatches) == 1
    assert statuses(github) == ["completed", "queued"]


@rule("A click: the same click again, after the re-run")
def test_click_redelivered_after_rerun_starts_nothing(requested_rerun: RerunScenario, github: GithubServer) -> None:
    requested_rerun.claim()
    assert requested_rerun.press(run=github.runs[0]["id"]).status is DeliveryStatus.DONE
    assert len(requested_rerun.dispatches) == 1


@rule("A click: two receivers at once")
def test_two_concurrent_receivers_run_the_tests_once(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    run = scenario.create_run()
    both_have_looked = threading.Barrier(2, timeout=HANG_SECONDS)
    github.fault(Fault(method="POST", path="/check-runs$", how="none", before=both_have_looked.wait))
    delivery = Delivery(guid="guid", event="check_run", payload=github.press(run["id"], "rerun-failed"))
    with ThreadPoolExecutor(2) as pool:
        each = [pool.submit(receiver(github, scenario.clock), delivery, scenario.until()) for _ in range(2)]
        assert [answer.result().status for answer in each] == [DeliveryStatus.DONE] * 2
    assert len(scenario.dispatches) == 2
    assert statuses(github)[1:] == ["queued", "queued"]
    github.mend()
    assert len(claiming_jobs(scenario)) == 1
    assert sorted(statuses(github)[1:]) == ["completed", "in_progress"]
    closed = next(run for run in github.runs[1:] if run["status"] == "completed")
    assert (closed["conclusion"], closed["output"]["title"]) == ("cancelled", "Duplicate re-run request")
    assert closed["id"] < scenario.latest["id"]


@rule("A click: the receiver dies between the queued check and the dispatch")
def test_lost_dispatch_is_repeated_on_redelivery(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    payload = github.press(scenario.create_run()["id"], "rerun-failed")
    github.fault(Fault(path="/dispatches$", how="drop"))
    delivery_result = scenario.event("check_run", payload, seconds=4)
    assert delivery_result.status is DeliveryStatus.LATER
    assert (len(scenario.dispatches), statuses(github)) == (0, ["completed", "queued"])
    github.mend()
    assert scenario.event("check_run", payload).status is DeliveryStatus.DONE
    assert (len(scenario.dispatches), statuses(github)) == (1, ["completed", "queued"])
    assert claiming_jobs(scenario) == [0]


@rule("A click: a dispatch whose response was lost")
def test_repeated_dispatch_runs_the_tests_once(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    run = scenario.create_run()
    github.fault(Fault(path="/dispatches$", how="drop", done=True, nth=[1]))
    assert scenario.press(run=run["id"]).status is DeliveryStatus.DONE
    assert (len(scenario.dispatches), statuses(github)) == (2, ["completed", "queued"])
    assert claiming_jobs(scenario) == [1]


def test_job_claims_placeholder_if_receiver_died_after_dispatch(
    create_scenario: CreateScenario, github: GithubServer
) -> None:
    """The receiver dies before it writes the id of the workflow run."""
    scenario = create_scenario()
    payload = github.press(scenario.create_run()["id"], "rerun-failed")
    github.fault(Fault(method="PATCH"))
    assert scenario.event("check_run", payload, seconds=4).status is DeliveryStatus.LATER
    github.mend()
    assert claiming_jobs(scenario) == [0]
    assert scenario.event("check_run", payload).status is DeliveryStatus.DONE
    assert len(scenario.dispatches) == 1


def test_one_of_two_indistinguishable_workflow_runs_claims(
    create_scenario: CreateScenario, github: GithubServer
) -> None:
    github.world.knows_run_details = False
    scenario = create_scenario()
    github.fault(Fault(path="/dispatches$", how="drop", done=True, nth=[2]))  # the first is refused: unknown field
    scenario.create_run()
    assert scenario.press().status is DeliveryStatus.DONE
    assert len(scenario.dispatches) == 2
    assert claiming_jobs(scenario) == [0]


def test_last_of_two_concurrent_claims_wins(create_scenario: CreateScenario, github: GithubServer) -> None:
    github.world.knows_run_details = False
    scenario = create_scenario()
    github.fault(Fault(path="/dispatches$", how="drop", done=True, nth=[2]))
    scenario.create_run()
    scenario.press()
    both_have_written = threading.Barrier(2, timeout=HANG_SECONDS)
    each_has_found_it_queued = threading.Barrier(2, timeout=HANG_SECONDS)
    github.fault(Fault(method="PATCH", nth=(1, 2), how="none", before=each_has_found_it_queued.wait))

    def takes_at_once(number: int) -> bool:
        return can_claim(scenario, number, wait=lambda _: both_have_written.wait())

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(takes_at_once, range(2))) == [False, True]


@pytest.mark.parametrize("category", ["a b;c%", "\u202eüñ 😀\x1b", "x" * 300])
def test_run_of_any_category_is_claimed(create_scenario: CreateScenario, category: str) -> None:
    scenario = create_scenario()
    scenario.create_run(category)
    scenario.press()
    assert can_claim(scenario)


def test_failed_read_after_claim_keeps_the_claim(requested_rerun: RerunScenario, github: GithubServer) -> None:
    github.fault(Fault(method="GET", path=rf"/check-runs/{requested_rerun.latest['id']}$", how="answer", status=403))
    assert can_claim(requested_rerun)
    assert requested_rerun.latest["status"] == "in_progress"


@rule("The job: GitHub's *Re-run jobs*")
def test_rerun_jobs_creates_new_run_and_closes_open_one(requested_rerun: RerunScenario, github: GithubServer) -> None:
    requested_rerun.claim()
    second = requested_rerun.rerun(env={**SECOND, "GITHUB_RUN_ATTEMPT": "2"})
    assert (second.exit_status, second.outputs["conclusion"]) == (0, "success")
    assert [run["conclusion"] for run in github.runs] == ["failure", "cancelled", "success"]
    assert requested_rerun.latest["output"]["title"].startswith("2 passed, 1 rerun")


def test_second_attempt_creates_run_if_first_never_claimed_it(
    requested_rerun: RerunScenario, github: GithubServer
) -> None:
    requested_rerun.complete_workflow(requested_rerun.dispatches[0].run_id, "cancelled")
    assert can_claim(requested_rerun, attempt=2)
    assert statuses(github) == ["completed", "completed", "in_progress"]


@rule("The job: another workflow run has run the category")
def test_job_skips_when_another_has_run_the_tests(requested_rerun: RerunScenario, github: GithubServer) -> None:
    requested_rerun.claim()
    result = requested_rerun.rerun(env={"GITHUB_RUN_ID": "99"})
    assert (result.exit_status, result.outputs["conclusion"]) == (0, "skipped")
    assert (
        "This job does not run pytest (unit): the check run queued for this re-run is not queued any more" in result.log
    )
    assert requested_rerun.job.run("finish", job_status="success", **requested_rerun.inputs).exit_status == 0
    assert statuses(github) == ["completed", "in_progress"]  # that of the other job


@pytest.mark.slow
def test_post_step_completes_run_of_killed_job(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario({"test_a.py": "import time\n\n\ndef test_b(): time.sleep(60)\n"}, category="unit")
    scenario.create_run(failures=["test_a.py::test_b"])
    scenario.press()
    scenario.prepare_dispatched_job()
    process = scenario.job.start(category="unit")
    github.wait_for(lambda: statuses(github)[-1] == "in_progress")
    github.wait_for(lambda: any(r.path.endswith("/annotations") for r in github.requests))
    process.send_signal(signal.SIGKILL)
    assert scenario.job.wait(process).exit_status == -signal.SIGKILL
    result = scenario.job.run("finish", category="unit", job_status="failure")
    assert result.exit_status == 0
    assert (scenario.latest["status"], scenario.latest["conclusion"]) == ("completed", "failure")
    assert scenario.latest["output"]["title"].startswith("killed")
    assert scenario.press().status is DeliveryStatus.DONE
    assert scenario.latest["status"] == "queued"
