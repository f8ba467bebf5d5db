"""What is read and written for an event, in which order, and how it resumes after an interruption."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from checks.core.comment.decide import MARKER, Comment
from checks.core.github.external_id import compose, fit_workflow
from checks.core.model.check_run import Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from checks.core.model.identity import Identity, RunKind
from checks.core.model.intents import RepositoryRef
from checks.core.model.limits import DISPATCH_INPUT_CHARACTERS
from checks.core.model.ports import PublishError
from checks.core.model.rerun import RerunScope
from checks.core.model.session import CarriedOverCounts
from checks.core.rerun.decision import Origin
from checks.core.rerun.dispatch_input import parse as parse_input
from checks.core.rerun.repository import Dispatched
from checks.core.rerun.shared_dispatch import waiting_for_dispatch, with_shared_dispatches
from checks.programs.events.respond import Responder
from tests.support.fakes import FakeClock, FakePullRequest, FakeRerunRepository

HEAD, BASE, MERGE = "a" * 40, "b" * 40, "c" * 40
APP = {"id": 4711, "client_id": "Iv23liOctopus"}
COMMON = {
    "repository": {"full_name": "octo/demo"},
    "installation": {"id": 42},
    "sender": {"login": "octocat"},
}
CONCLUSIONS = {conclusion.value: conclusion for conclusion in Conclusion}
LONG = "a-workflow-with-a-name-of-more-than-forty-characters.yml"


def run(number: int, name: str = "unit", state: str = "failure", branch: str = "feature", **of: Any) -> RemoteCheckRun:
    """Return a completed check run of this action. `of` has the parts of its external id."""
    parts = {"workflow": "tests.yml", "run_id": "17", "job": "pytest", "category": name, "kind": RunKind.COMPLETE} | of
    return RemoteCheckRun(
        id=str(number),
        app=("4711", "Iv23liOctopus"),
        name=name,
        head_sha=HEAD,
        head_branch=branch,
        identity=Identity(**{"counts": CarriedOverCounts(failed=1, passed=2), **parts}),
        status=Status(state) if state in set(Status) else Status.COMPLETED,
        conclusion=CONCLUSIONS.get(state),
        output=Output(title="1 failed", summary="s"),
        started_at=900.0,
        page="",
    )


TAG = Origin(repository="octo/demo", branch="v1", head_sha=HEAD, workflow="tests.yml")
FORK = Origin(repository="mallory/demo", branch="feature", head_sha=HEAD, workflow="tests.yml")
UNIT, DOCS, LINT = run(1), run(2, "docs", "success"), run(3, "lint")


def run_payload(check_run: RemoteCheckRun) -> dict[str, Any]:
    return {
        "id": int(check_run.id),
        "name": check_run.name,
        "head_sha": check_run.head_sha,
        "external_id": compose(check_run.identity) if check_run.identity else "deploy-17",
        "status": check_run.status.value,
        "conclusion": check_run.conclusion,
        "started_at": "1970-01-01T00:15:00Z",
        "output": {"title": check_run.output.title, "summary": check_run.output.summary},
        "check_suite": {"head_branch": check_run.head_branch or None},
        "app": APP,
    }


def button_delivery(check_run: RemoteCheckRun = UNIT) -> Delivery:
    button = {"action": "requested_action", "requested_action": {"identifier": RerunScope.FAILED.value}}
    return Delivery(guid="g", event="check_run", payload={**button, "check_run": run_payload(check_run), **COMMON})


def rerequest_delivery() -> Delivery:
    return Delivery(
        guid="g", event="check_run", payload={"action": "rerequested", "check_run": run_payload(UNIT), **COMMON}
    )


def suite_delivery(action: str = "rerequested", branch: str | None = "feature", **more: Any) -> Delivery:
    suite = {"head_sha": HEAD, "head_branch": branch, "updated_at": "1970-01-01T00:16:00Z", "app": APP, **more}
    return Delivery(guid="g", event="check_suite", payload={"action": action, "check_suite": suite, **COMMON})


def completion_delivery(**more: Any) -> Delivery:
    workflow_run = {
        "id": 17,
        "event": "workflow_dispatch",
        "run_attempt": 1,
        "path": ".github/workflows/tests.yml",
        "head_sha": HEAD,
        "conclusion": "failure",
    }
    return Delivery(
        guid="g", event="workflow_run", payload={"action": "completed", "workflow_run": workflow_run | more, **COMMON}
    )


def respond(repository: FakeRerunRepository, delivery: Delivery, *, queues_at_push: bool = False) -> DeliveryResult:
    return Responder(
        app_id="4711", repository_for=repository.of, clock=FakeClock(), queues_at_push=queues_at_push
    ).respond(delivery)


def placeholder_ids(repository: FakeRerunRepository) -> list[Identity]:
    """Return the identities of the placeholder runs."""
    return [
        external_id
        for item in repository.existing_runs
        if (external_id := item.identity) and external_id.kind is RunKind.PLACEHOLDER
    ]


def test_rerun_is_created_dispatched_and_marked_in_order() -> None:
    repository = FakeRerunRepository(UNIT)
    result = respond(repository, button_delivery())
    assert result == DeliveryResult(status=DeliveryStatus.DONE, reason="started a re-run of unit")
    assert repository.written == [("create", "unit"), ("dispatch", "tests.yml", "feature"), ("update", "1000")]
    assert set(repository.repository_refs) == {RepositoryRef(full_name="octo/demo", installation_id=42)}
    (queued,) = placeholder_ids(repository)
    assert (queued.earlier, queued.run_id) == ("1", "5001")
    assert json.loads(repository.inputs[0]) == {
        "sha": HEAD,
        "head": HEAD,
        "categories": ["unit"],
        "runs": [{"category": "unit", "name": "unit", "queued": "1000", "earlier": "1", "which": "rerun-failed"}],
    }


def test_suite_is_dispatched_once_after_all_runs_are_created() -> None:
    repository = FakeRerunRepository(UNIT, DOCS, LINT)
    assert respond(repository, suite_delivery()).reason == "started a re-run of unit, lint"
    assert repository.written == [
        ("create", "unit"),
        ("create", "lint"),
        ("dispatch", "tests.yml", "feature"),
        ("update", "1001"),
        ("update", "1000"),
    ]
    assert [item.queued for item in parse_input(repository.inputs[0]).categories] == ["1000", "1001"]


def test_each_workflow_and_tested_commit_has_its_dispatch() -> None:
    repository = FakeRerunRepository(
        UNIT, run(2, "docs", tested=MERGE), run(3, "lint", workflow="lint.yml"), run(4, "types", tested=MERGE)
    )
    respond(repository, suite_delivery())
    assert [call for call in repository.written if call[0] == "dispatch"] == [
        ("dispatch", "tests.yml", "feature"),
        ("dispatch", "tests.yml", "feature"),
        ("dispatch", "lint.yml", "feature"),
    ]
    reruns = [parse_input(text) for text in repository.inputs]
    assert [(item.sha, item.head, [category_rerun.name for category_rerun in item.categories]) for item in reruns] == [
        (HEAD, HEAD, ["unit"]),
        (MERGE, HEAD, ["docs", "types"]),
        (HEAD, HEAD, ["lint"]),
    ]


def test_placeholder_is_marked_without_run_details() -> None:
    repository = FakeRerunRepository(UNIT)
    repository.returns_run_details = False
    respond(repository, button_delivery())
    assert [item.run_id for item in placeholder_ids(repository)] == ["0"]
    assert respond(repository, button_delivery()).reason == "it was already answered by check run 1000"


EVENTS = {"a button": (button_delivery(), 1), "a suite": (suite_delivery(), 3)}


@pytest.mark.parametrize("is_carried_out", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", range(9))
@pytest.mark.parametrize(("delivery", "orders"), EVENTS.values(), ids=EVENTS)
def test_interrupted_rerun_resumes_without_duplicate_runs(
    delivery: Delivery, orders: int, write: int, is_carried_out: bool
) -> None:
    runs = [UNIT, run(2, "docs", tested=MERGE), LINT][:orders]
    repository = FakeRerunRepository(*runs)
    repository.breaks_at, repository.is_carried_out = write, is_carried_out
    try:
        respond(repository, delivery)
    except PublishError:
        repository.dispatched.clear()  # another process
        respond(repository, delivery)
    assert respond(repository, delivery).status is DeliveryStatus.DONE
    assert sorted(item.earlier for item in placeholder_ids(repository)) == [item.id for item in runs]
    known_runs = with_shared_dispatches(repository.existing_runs, repository.existing_runs)
    assert waiting_for_dispatch(known_runs) == []
    started = {category_rerun.queued for text in repository.inputs for category_rerun in parse_input(text).categories}
    assert started == {str(1000 + number) for number in range(orders)}
    assert len(repository.inputs) <= len({parse_input(text).sha for text in repository.inputs}) + 1


def test_reason_does_not_say_that_tests_were_started_if_another_click_may_have_failed_to() -> None:
    repository = FakeRerunRepository(UNIT)
    repository.remember("1000", Dispatched())  # also after GitHub has refused
    assert respond(repository, button_delivery()).reason == "queued unit, handled with another click"


def test_third_delivery_writes_nothing() -> None:
    repository = FakeRerunRepository(UNIT, DOCS)
    for delivery in (suite_delivery(), button_delivery()):
        respond(repository, delivery)
        written = len(repository.written)
        respond(repository, delivery)
        assert len(repository.written) == written


def test_refused_dispatch_is_reported_and_others_continue() -> None:
    repository = FakeRerunRepository(UNIT, run(2, "docs", workflow="docs.yml"))
    repository.refuses_dispatch = {"tests.yml": "`tests.yml` is disabled."}
    result = respond(repository, suite_delivery())
    assert result == DeliveryResult(status=DeliveryStatus.REFUSED, reason="`tests.yml` is disabled.")
    first, second = repository.existing_runs[2:]
    assert (first.status, first.conclusion) == (Status.COMPLETED, Conclusion.ACTION_REQUIRED)
    assert first.output.summary == "`tests.yml` is disabled."
    assert second.status is Status.QUEUED
    assert [item.run_id for item in placeholder_ids(repository)] == ["", "5001"]


def test_dispatches_are_split_by_the_input_limit() -> None:
    """Names have at most 255 characters, each of which takes up to 14 in JSON within JSON."""
    runs = [run(number, "🙂" * 250 + str(number), category=f"c{number}") for number in range(1, 20)]
    repository = FakeRerunRepository(*runs)
    assert respond(repository, suite_delivery()).status is DeliveryStatus.DONE
    assert len(repository.inputs) == 2
    assert all(len(json.dumps({"rerun": text})) <= DISPATCH_INPUT_CHARACTERS for text in repository.inputs)
    assert [
        category_rerun.earlier for text in repository.inputs for category_rerun in parse_input(text).categories
    ] == [item.id for item in runs]
    assert all(item.run_id for item in placeholder_ids(repository))


def test_oversized_single_run_is_sent_for_github_to_refuse() -> None:
    repository = FakeRerunRepository(run(1, "é" * 20_000))
    respond(repository, suite_delivery())
    assert len(repository.inputs) == 1


def test_interrupted_part_is_resumed() -> None:
    runs = [run(number, "🙂" * 250 + str(number), category=f"c{number}") for number in range(1, 20)]
    repository = FakeRerunRepository(*runs)
    repository.breaks_at = 19 + 1 + 9  # the second dispatch
    with pytest.raises(PublishError):
        respond(repository, suite_delivery())
    assert respond(repository, suite_delivery()).status is DeliveryStatus.DONE
    names = [category_rerun.name for text in repository.inputs for category_rerun in parse_input(text).categories]
    assert sorted(names) == sorted(item.name for item in runs)


@pytest.mark.parametrize("room", [0, 1, 2])
@pytest.mark.parametrize(
    "delivery", [button_delivery(), rerequest_delivery(), suite_delivery()], ids=["button", "native", "suite"]
)
def test_exhausted_limits_look_up_nothing(delivery: Delivery, room: int) -> None:
    repository = FakeRerunRepository(UNIT)
    repository.write_budget = room
    assert respond(repository, delivery).status is DeliveryStatus.LATER
    assert (repository.reads, repository.written) == ([("room", "1")], [])


@pytest.mark.parametrize(
    ("room", "result", "names"), [(3, DeliveryStatus.LATER, ["unit"]), (4, DeliveryStatus.DONE, ["unit", "lint"])]
)
def test_suite_starts_as_many_checks_as_the_limits_allow(room: int, result: DeliveryStatus, names: list[str]) -> None:
    repository = FakeRerunRepository(UNIT, LINT)
    repository.write_budget, repository.budget_per_write = room, 1
    assert respond(repository, suite_delivery()).status is result
    assert [category_rerun.name for category_rerun in parse_input(repository.inputs[0]).categories] == names
    assert repository.write_budget == 0


def test_checks_beyond_a_burst_start_on_redelivery() -> None:
    runs = [run(number, f"c{number}", category=f"c{number}") for number in range(1, 41)]
    repository = FakeRerunRepository(*runs)
    repository.budget_per_write = 1
    results = []
    for _ in range(2):
        repository.write_budget = 40
        results.append(respond(repository, suite_delivery()).status)
    assert results == [DeliveryStatus.LATER, DeliveryStatus.DONE]
    assert len(repository.inputs) == 2
    assert [
        category_rerun.earlier for text in repository.inputs for category_rerun in parse_input(text).categories
    ] == [item.id for item in runs]


def test_checks_beyond_the_limits_start_on_redelivery_although_a_workflow_was_refused() -> None:
    repository = FakeRerunRepository(run(1, "c1", workflow="old.yml"), run(2, "c2"))
    repository.refuses_dispatch = {"old.yml": "`old.yml` is disabled."}
    repository.budget_per_write = 1
    results = []
    for _ in range(2):
        repository.write_budget = 3
        results.append(respond(repository, suite_delivery()))
    assert [result.status for result in results] == [DeliveryStatus.LATER, DeliveryStatus.DONE]
    assert [parse_input(text).categories[0].name for text in repository.inputs] == ["c2"]


def test_refused_rerequest_republishes_once_button_writes_none() -> None:
    repository = FakeRerunRepository(UNIT, permission="read")
    assert respond(repository, button_delivery()).status is DeliveryStatus.REFUSED
    assert repository.written == []
    assert [respond(repository, rerequest_delivery()).status for _ in range(2)] == [
        DeliveryStatus.REFUSED,
        DeliveryStatus.DONE,
    ]
    assert repository.written == [("create", "unit")]
    assert (repository.existing_runs[-1].conclusion, repository.existing_runs[-1].status) == (
        Conclusion.FAILURE,
        Status.COMPLETED,
    )


def test_refused_suite_republishes_one_verdict_once() -> None:
    repository = FakeRerunRepository(DOCS, UNIT, LINT, permission="none")
    assert [respond(repository, suite_delivery()).status for _ in range(2)] == [
        DeliveryStatus.REFUSED,
        DeliveryStatus.DONE,
    ]
    assert repository.written == [("create", "unit")]


QUEUED = run(4, "unit", "queued", kind=RunKind.PLACEHOLDER, earlier="1")
RUNNING = run(5, "docs", "in_progress", kind=RunKind.TESTS)


def test_workflow_end_completes_orphans_on_all_commits() -> None:
    repository = FakeRerunRepository(UNIT, QUEUED, RUNNING)
    result = respond(repository, completion_delivery(display_title=f"re-run of {MERGE}"))
    assert result == DeliveryResult(status=DeliveryStatus.DONE, reason="completed unit, docs")
    assert repository.written == [("update", "4"), ("update", "5")]
    assert repository.reads == [
        ("room", "0"),
        ("incomplete", HEAD),
        ("incomplete", MERGE),
        ("origin", "17"),
        ("runs", HEAD, "unit", "latest"),
        ("runs", HEAD, "docs", "latest"),
    ]
    assert {item.status for item in repository.existing_runs} == {Status.COMPLETED}
    assert respond(repository, completion_delivery()).reason == "workflow run 17 left no check run incomplete"
    assert len(repository.written) == 2


def test_comment_of_orphans_is_updated_once() -> None:
    docs = run(5, "docs", "in_progress", kind=RunKind.TESTS, pull_request=12)
    lint = run(6, "lint", "in_progress", kind=RunKind.TESTS, pull_request=12)
    repository = FakeRerunRepository(docs, lint)
    comment = Comment(id="1", body=f"old\n{MARKER}", is_own_author=True)
    repository.pull_requests[12] = FakePullRequest(run(5, "docs"), head=HEAD, comments=[comment])
    assert respond(repository, completion_delivery()).reason == "completed docs, lint"
    assert len(repository.pull_requests[12].written) == 1


def test_interrupted_orphan_completion_resumes() -> None:
    repository = FakeRerunRepository(QUEUED, RUNNING)
    repository.breaks_at = 1
    with pytest.raises(PublishError):
        respond(repository, completion_delivery())
    assert respond(repository, completion_delivery()).reason == "completed docs"


@pytest.mark.parametrize("delivery", [completion_delivery(), suite_delivery()], ids=["workflow end", "suite"])
def test_orphans_beyond_the_limits_are_completed_on_redelivery(delivery: Delivery) -> None:
    ended = replace(TAG, status="completed", conclusion="failure")
    lost = [run(number, f"c{number}", "in_progress", kind=RunKind.TESTS) for number in range(1, 11)]
    repository = FakeRerunRepository(*lost, origins={"17": ended})
    repository.budget_per_write = 1
    repository.write_budget = 4
    assert respond(repository, delivery).status is DeliveryStatus.LATER
    assert repository.written == [("update", item.id) for item in lost[:4]]
    repository.write_budget = 6
    respond(repository, delivery)
    assert repository.written == [("update", item.id) for item in lost]
    assert {item.status for item in repository.existing_runs} == {Status.COMPLETED}


def test_start_of_what_was_left_queued_does_not_end_the_completion_of_orphans() -> None:
    ended = replace(TAG, status="completed", conclusion="failure")
    left = run(4, "unit", "queued", kind=RunKind.PLACEHOLDER, run_id="", earlier="1")
    lost = [run(number, f"c{number}", "in_progress", kind=RunKind.TESTS) for number in (5, 6)]
    repository = FakeRerunRepository(UNIT, left, *lost, origins={"17": ended})
    repository.budget_per_write, repository.write_budget = 1, 1
    assert respond(repository, completion_delivery()).status is DeliveryStatus.LATER
    repository.write_budget = 10
    assert respond(repository, completion_delivery()).reason == "started a re-run of unit"
    assert repository.written == [
        ("update", "5"),
        ("update", "6"),
        ("dispatch", "tests.yml", "v1"),
        ("update", "4"),
    ]


SHARING = run(4, "unit", "queued", kind=RunKind.PLACEHOLDER, run_id="", earlier="1")
NAMING = run(5, "docs", "success", run_id="18", earlier="2")


def test_workflow_end_completes_what_shared_it_although_the_check_that_names_it_is_completed() -> None:
    ended = replace(TAG, status="completed", conclusion="failure")
    repository = FakeRerunRepository(UNIT, DOCS, SHARING, NAMING, origins={"17": TAG, "18": ended})
    assert respond(repository, completion_delivery(id=18)).reason == "completed unit"
    assert repository.inputs == []


@pytest.mark.parametrize("delivery", [button_delivery(LINT), completion_delivery()], ids=["click", "workflow end"])
def test_tests_are_started_once_although_the_check_that_names_their_workflow_run_is_completed(
    delivery: Delivery,
) -> None:
    going = replace(TAG, status="in_progress")
    repository = FakeRerunRepository(UNIT, DOCS, LINT, SHARING, NAMING, origins={"17": TAG, "18": going})
    assert respond(repository, delivery).status is DeliveryStatus.DONE
    assert "unit" not in [item.name for text in repository.inputs for item in parse_input(text).categories]


@pytest.mark.parametrize(
    ("origin", "branch", "refs"),
    [
        (TAG, "feature", ["v1"]),
        (replace(TAG, head_sha=BASE, branch="main"), "feature", ["feature"]),
        (replace(TAG, head_sha=BASE, branch="main"), "", []),
        (replace(TAG, branch="gh-readonly-queue/main/pr-1"), "", []),
    ],
    ids=["a tag", "a comment's workflow", "a fork", "a merge queue"],
)
def test_what_was_left_queued_starts_at_the_refs_of_a_click(origin: Origin, branch: str, refs: list[str]) -> None:
    left = run(4, "unit", "queued", branch=branch, kind=RunKind.PLACEHOLDER, run_id="", earlier="1")
    repository = FakeRerunRepository(run(1, branch=branch), left, origins={"17": origin})
    respond(repository, completion_delivery())
    assert [call[2] for call in repository.written if call[0] == "dispatch"] == refs


def test_push_queues_base_categories_once_if_enabled() -> None:
    on_base = [run(1), run(2, "docs")]
    repository = FakeRerunRepository(*on_base)
    pushed = suite_delivery("requested", before=HEAD, head_sha=BASE)
    assert respond(repository, pushed).status is DeliveryStatus.IGNORED
    assert (repository.written, repository.reads) == ([], [])
    assert respond(repository, pushed, queues_at_push=True).reason == "queued unit, docs"
    assert repository.written == [("create", "unit"), ("create", "docs")]
    assert [(item.head_sha, item.status) for item in repository.existing_runs[2:]] == [(BASE, Status.QUEUED)] * 2
    assert respond(repository, pushed, queues_at_push=True).reason == "no category of the base commit is missing"


def test_interrupted_queueing_resumes() -> None:
    repository = FakeRerunRepository(run(1), run(2, "docs"))
    repository.breaks_at, repository.is_carried_out = 0, True
    pushed = suite_delivery("requested", before=HEAD, head_sha=BASE)
    with pytest.raises(PublishError):
        respond(repository, pushed, queues_at_push=True)
    assert respond(repository, pushed, queues_at_push=True).reason == "queued docs"


def test_queueing_beyond_the_limits_goes_on_with_redelivery() -> None:
    names = [f"c{number}" for number in range(1, 6)]
    repository = FakeRerunRepository(*(run(number, name) for number, name in enumerate(names, 1)))
    repository.budget_per_write = 1
    pushed, results = suite_delivery("requested", before=HEAD, head_sha=BASE), []
    for _ in range(2):
        repository.write_budget = 3
        results.append(respond(repository, pushed, queues_at_push=True))
    assert [result.status for result in results] == [DeliveryStatus.LATER, DeliveryStatus.DONE]
    assert results[1].reason == "queued c4, c5"
    assert repository.written == [("create", name) for name in names]


@pytest.mark.parametrize("which", ["whole", "not started", "repeated"])
def test_tag_is_looked_up_by_any_known_workflow_run(which: str) -> None:
    first = run(1, branch="")
    latest = {
        "whole": first,
        "not started": run(4, state="action_required", branch="", kind=RunKind.PLACEHOLDER, run_id="", earlier="1"),
        "repeated": run(4, branch="", kind=RunKind.REPUBLISHED, run_id="0", earlier="1"),
    }[which]
    repository = FakeRerunRepository(*{item.id: item for item in (first, latest)}.values(), origins={"17": TAG})
    assert respond(repository, button_delivery(latest)).status is DeliveryStatus.DONE
    assert ("dispatch", "tests.yml", "v1") in repository.written
    assert respond(repository, suite_delivery(branch=None)).status is DeliveryStatus.DONE


def test_workflow_run_of_the_tests_is_looked_up_once() -> None:
    repository = FakeRerunRepository(UNIT, LINT)
    looked_up = [("origin", "17"), ("permission", "octocat"), ("room", "0"), ("incomplete", HEAD)]
    respond(repository, button_delivery())
    assert repository.reads == [("room", "1"), ("runs", HEAD, "unit", "all"), *looked_up]
    repository.reads.clear()
    respond(repository, suite_delivery())
    assert repository.reads == [("room", "1"), ("runs", HEAD, "", "all"), ("origin", "5001"), *looked_up]


@pytest.mark.parametrize("origins", [{}, {"17": FORK}], ids=["gone", "a fork"])
def test_rerun_without_branch_is_refused(origins: dict[str, Origin]) -> None:
    repository = FakeRerunRepository(run(1, branch=""), origins=origins)
    for delivery in (button_delivery(run(1, branch="")), suite_delivery(branch=None)):
        assert respond(repository, delivery).status is DeliveryStatus.REFUSED
    assert not repository.inputs


@pytest.mark.parametrize(
    ("origins", "workflow"),
    [({"17": Origin(repository="octo/demo", branch="feature", head_sha=HEAD, workflow=LONG)}, LONG), ({}, "")],
    ids=["found", "deleted"],
)
def test_truncated_workflow_name_is_looked_up(origins: dict[str, Origin], workflow: str) -> None:
    check_run = run(1, workflow=LONG)
    repository = FakeRerunRepository(check_run, origins=origins)
    respond(repository, button_delivery(check_run))
    external_id = check_run.identity
    assert external_id is not None
    assert repository.written[1] == ("dispatch", workflow or external_id.workflow, "feature")


@pytest.mark.parametrize(
    ("origins", "workflows"),
    [({"17": Origin(repository="octo/demo", branch="feature", head_sha=HEAD, workflow=LONG)}, [LONG]), ({}, [])],
    ids=["found", "deleted"],
)
def test_truncated_workflow_name_is_looked_up_for_a_run_that_the_server_has_not_named(
    origins: dict[str, Origin], workflows: list[str]
) -> None:
    check_run = run(1, workflow=fit_workflow(LONG))
    repository = FakeRerunRepository(check_run, origins=origins)
    repository.returns_run_details = False
    respond(repository, button_delivery(check_run))
    repository.reads.clear()
    assert respond(repository, button_delivery(check_run)).status is DeliveryStatus.DONE
    assert [read[1] for read in repository.reads if read[0] == "dispatched"] == workflows


def test_suite_queues_only_what_can_be_dispatched_in_time() -> None:
    runs = [run(number, f"c{number}", category=f"c{number}") for number in range(1, 11)]
    repository = FakeRerunRepository(*runs)
    repository.write_seconds = 0.5
    assert respond(repository, suite_delivery()).status is DeliveryStatus.LATER
    assert len(placeholder_ids(repository)) == 6
    assert len(parse_input(repository.inputs[0]).categories) == 6
    assert repository.seconds == 1.0
    repository.seconds, repository.write_seconds = 60.0, 0.0
    assert respond(repository, suite_delivery()).status is DeliveryStatus.DONE
    assert sorted(item.earlier for item in placeholder_ids(repository)) == sorted(item.id for item in runs)
