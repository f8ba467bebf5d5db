"""Clicks in repositories that moved, on servers that do not know client ids, and for payloads that cannot be read."""

from __future__ import annotations

import pytest

from checks.core.model.delivery import DeliveryStatus
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.github.world import App
from tests.support.rerun.reruns import CreateScenario, RerunScenario
from tests.support.rules import rule


@pytest.fixture
def scenario(create_scenario: CreateScenario) -> RerunScenario:
    """A repository with a completed check run."""
    made = create_scenario()
    made.create_run(failures=["test_a.py::test_flaky"])
    return made


@rule("GitHub's side: a click arrives under the former name of the repository")
@pytest.mark.parametrize("has_branch", [True, False])
def test_click_in_renamed_repository_starts_rerun(
    scenario: RerunScenario, github: GithubServer, *, has_branch: bool
) -> None:
    github.world.start_workflow_run(run_id=4711, sha=scenario.job.sha)
    payload = github.press(scenario.latest["id"], "rerun-failed")
    if not has_branch:
        payload["check_run"]["check_suite"]["head_branch"] = None
    github.world.rename(REPOSITORY, "octo/renamed")
    assert scenario.event("check_run", payload).status is DeliveryStatus.DONE
    assert [dispatch.ref for dispatch in scenario.dispatches] == ["main"]
    assert (len(github.runs), scenario.latest["status"]) == (2, "queued")


def test_click_in_transferred_repository_starts_rerun(scenario: RerunScenario, github: GithubServer) -> None:
    permissions = {"checks": "write", "metadata": "read", "actions": "write"}
    payload = github.press(scenario.latest["id"], "rerun-failed")
    other = github.world.install(github.app, "other/existing", permissions=permissions)
    github.world.rename(REPOSITORY, "other/demo", to=other)
    assert scenario.event("check_run", payload).status is DeliveryStatus.DONE
    assert len(scenario.dispatches) == 1


@rule("GitHub's side: an event names another App's installation")
def test_own_installation_is_looked_up_for_an_event(scenario: RerunScenario, github: GithubServer) -> None:
    other = github.world.install(App(id=4712, client_id="Iv23liAnother", slug="another"), REPOSITORY)
    payload = github.press(scenario.latest["id"], "rerun-failed") | {"installation": {"id": other.id}}
    assert scenario.event("check_run", payload).status is DeliveryStatus.DONE
    assert len(scenario.dispatches) == 1


@rule("GitHub's side: an Enterprise Server returns no client ids")
@pytest.mark.parametrize("way", ["press", "rerequest", "rerequest_suite"])
def test_click_is_known_by_the_numeric_id(scenario: RerunScenario, github: GithubServer, way: str) -> None:
    github.world.knows_client_ids = False
    match way:
        case "press":
            name, payload = "check_run", github.press(scenario.latest["id"], "rerun-failed")
        case "rerequest":
            name, payload = "check_run", github.rerequest(scenario.latest["id"])
        case _:
            name, payload = "check_suite", github.rerequest_suite(scenario.job.sha)
    assert scenario.event(name, github.known(payload)).status is DeliveryStatus.DONE
    assert len(scenario.dispatches) == 1


def test_other_app_is_refused_without_client_ids(scenario: RerunScenario, github: GithubServer) -> None:
    github.world.knows_client_ids = False
    payload = github.known(github.press(scenario.latest["id"], "rerun-failed"))
    payload["check_run"] |= {"app": {"id": 4712, "slug": "another"}}
    result = scenario.event("check_run", payload)
    assert (result.status, result.reason) == (DeliveryStatus.REFUSED, "the check run belongs to another App")


@rule("GitHub's side: what answers a click is not GitHub's API")
@pytest.mark.parametrize("status", [200, 302, 404, 406, 407])
def test_click_is_deferred_if_another_server_answers(
    scenario: RerunScenario, github: GithubServer, status: int
) -> None:
    github.fault(Fault(how="html", status=status))
    result = scenario.press()
    assert result.status is DeliveryStatus.LATER
    assert "is not GitHub's API" in result.reason
    github.mend()
    assert scenario.press().status is DeliveryStatus.DONE


@rule("GitHub's side: a payload that cannot be read")
@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ({"repository": None}, "names no repository"),
        ({"check_run": None}, "names no check run"),
        ({"sender": {"login": "octo\ud800"}}, "half of a surrogate pair"),
        ({"check_run": {"name": "\ud800"}}, "half of a surrogate pair"),
    ],
)
def test_unreadable_payload_is_never_done(
    scenario: RerunScenario, github: GithubServer, field: dict[str, object], reason: str
) -> None:
    result = scenario.event("check_run", github.press(scenario.latest["id"], "rerun-failed") | field)
    assert result.status is DeliveryStatus.UNREADABLE
    assert reason in result.reason
    assert (len(github.requests), scenario.dispatches) == (1, [])  # the creation of the run
