"""The ref at which a re-run's workflow is started if the commit is on several, and the base of a first push."""

from __future__ import annotations

from checks.core.model.delivery import DeliveryStatus
from tests.support.github.events import NO_COMMIT
from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import CreateScenario, RerunScenario, receiver
from tests.support.rules import rule


def on_main_and(scenario: RerunScenario, ref: str) -> RerunScenario:
    """Run the workflow at `ref`, which is at the commit of main. The check suite names main."""
    world = scenario.github.world
    world.branches[ref] = scenario.job.sha
    world.start_workflow_run(run_id=4711, ref=ref, sha=scenario.job.sha)
    scenario.create_run()
    assert next(iter(world.suites.values())).head_branch == "main"
    return scenario


@rule("Re-runs: the commit is on several branches or tags")
def test_workflow_is_started_at_the_ref_that_ran_it(create_scenario: CreateScenario) -> None:
    scenario = on_main_and(create_scenario(), "v1")
    scenario.press()
    scenario.rerequest_suite()
    assert [dispatch.ref for dispatch in scenario.dispatches] == ["v1"]
    scenario.complete_workflow(scenario.dispatches[0].run_id)
    scenario.press()  # the re-run's workflow run may have been on another commit
    assert [dispatch.ref for dispatch in scenario.dispatches] == ["v1", "v1"]


def test_branch_of_the_suite_may_be_gone(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = on_main_and(create_scenario(), "topic")
    del github.world.branches["main"]
    assert scenario.press().status is DeliveryStatus.DONE
    assert scenario.dispatches[0].ref == "topic"


@rule("Re-runs: the branch that ran the tests was deleted, and the commit is on another one")
def test_workflow_is_started_at_the_other_ref(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = on_main_and(create_scenario(), "topic")
    del github.world.branches["topic"]
    assert scenario.press().status is DeliveryStatus.DONE
    assert scenario.dispatches[0].ref == "main"


def test_refusal_names_the_last_ref_if_all_are_gone(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = on_main_and(create_scenario(), "topic")
    github.world.branches.clear()
    result = scenario.press()
    assert result.status is DeliveryStatus.REFUSED
    assert "`main` no longer exists" in result.reason
    assert scenario.latest["conclusion"] == "action_required"


@rule("Re-runs: the first push of a branch, with queue-at-push")
def test_first_push_queues_categories_of_the_default_branch(
    create_scenario: CreateScenario, github: GithubServer
) -> None:
    scenario = create_scenario()
    scenario.create_run("unit")
    scenario.create_run("docs", "success")
    head = scenario.job.commit("Next")
    scenario.receive = receiver(github, scenario.clock, queues_at_push=True)
    first_push = github.pushed(head, "topic", NO_COMMIT)
    assert scenario.event("check_suite", first_push).reason == "queued pytest (unit), pytest (docs)"
    assert [run["name"] for run in github.runs if run["head_sha"] == head] == ["pytest (unit)", "pytest (docs)"]
    again = scenario.event("check_suite", first_push)
    assert again.reason == "no category of the base commit is missing"
