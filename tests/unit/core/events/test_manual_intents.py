"""Events about manual checks, with each field of their payloads missing or of another type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from checks.core.github.external_id import compose
from checks.core.manual import record as records
from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from checks.core.model.identity import Identity, RunKind
from checks.core.model.intents import ForkUpdated, RepositoryRef, RerunRequested, VerdictRequested
from checks.core.model.manual import VerdictAction
from checks.core.model.rerun import RerunScope
from checks.programs.events.respond import Responder
from tests.support.fakes import FakeClock, FakeRerunRepository
from tests.unit.core.events.test_intents import CLIENT_ID, COMMON, RUN, changed, intent
from tests.unit.core.manual.manual_runs import COMMIT, WAITING, manual_remote

Payload = dict[str, Any]
MANUAL = Identity(workflow="manual.yml", run_id="17", job="manual", category="device", kind=RunKind.MANUAL)
MANUAL_RUN = {
    **RUN,
    "id": 11,
    "name": "pytest (device)",
    "head_sha": COMMIT,
    "external_id": compose(MANUAL),
    "conclusion": "action_required",
    "output": {"title": "Waiting for a verdict", "summary": "s", "text": f"Press.\n\n{records.render(WAITING)}"},
}
PRESSED: Payload = {
    "action": "requested_action",
    "check_run": MANUAL_RUN,
    "requested_action": {"identifier": "manual-pass"},
    **COMMON,
}
RERUN: Payload = {"action": "rerequested", "check_run": MANUAL_RUN, **COMMON}
OPENED: Payload = {
    "action": "opened",
    "number": 12,
    "pull_request": {
        "number": 12,
        "state": "open",
        "head": {"ref": "topic", "sha": "f" * 40, "repo": {"id": 2, "full_name": "mallory/demo"}},
        "base": {"ref": "main", "sha": COMMIT, "repo": {"id": 1, "full_name": "octo/demo"}},
    },
    **COMMON,
}
EVENTS = {"check_run.pressed": PRESSED, "check_run.rerequested": RERUN, "pull_request.opened": OPENED}
REPOSITORY_REF = RepositoryRef(full_name="octo/demo", installation_id=42)
FORK = ForkUpdated(repository_ref=REPOSITORY_REF, pull_request=12, head_sha="f" * 40, base_sha=COMMIT)
#: `...` removes the field.
VALUES: tuple[Any, ...] = (..., None, True, 7, 1.5, "", "\x00", [], ["x"], {}, {"sha": [], "login": {}}, [[{}]])


def paths(payload: Any, *above: str) -> Iterator[tuple[str, ...]]:
    """Yield the path of each field."""
    for key, value in payload.items() if isinstance(payload, dict) else ():
        yield (*above, key)
        yield from paths(value, *above, key)


FIELDS = [(event, path) for event, payload in EVENTS.items() for path in paths(payload)]


def value_at(payload: Payload, path: tuple[str, ...]) -> object:
    inner: Any = payload
    for key in path:
        inner = inner[key]
    return inner


def essence(found: object) -> object:
    """Return what decides on the action that an intent leads to."""
    match found:
        case VerdictRequested(run=run):
            where = found.repository_ref.full_name, run.id, run.name, run.head_sha, run.identity
            return where, found.sender, found.action, found.is_native
        case ForkUpdated():
            return found.repository_ref.full_name, found.head_sha, found.base_sha
        case _:
            return None


@pytest.mark.parametrize(("event", "path"), FIELDS, ids=[f"{event}-{'.'.join(path)}" for event, path in FIELDS])
def test_field_of_another_type_leads_to_no_other_action(event: str, path: tuple[str, ...]) -> None:
    right_type = type(value_at(EVENTS[event], path))
    for value in (value for value in VALUES if value == "" or type(value) is not right_type):
        payload = changed(EVENTS[event], *path, to=value)
        found = intent(event, payload)
        if not isinstance(found, DeliveryResult):
            if isinstance(found, RerunRequested):  # what is no manual check by the payload is looked up
                assert path[-1] == "external_id"
                continue
            has_no_fork = path[-2:] == ("head", "repo") and value is None  # a deleted one
            assert has_no_fork or essence(found) == essence(intent(event, EVENTS[event]))
        repository = FakeRerunRepository(manual_remote())
        delivery = Delivery(guid="g", event=event.partition(".")[0], payload=payload)
        result = Responder(app_id=CLIENT_ID, repository_for=repository.of, clock=FakeClock()).respond(delivery)
        assert result.status is not DeliveryStatus.LATER
        assert len(repository.written) <= (not isinstance(found, DeliveryResult))


#: Without these no event may lead to an action.
NEEDED = [
    *((event, path) for event in EVENTS for path in [("action",), ("repository",), ("repository", "full_name")]),
    *(
        (event, path)
        for event in ("check_run.pressed", "check_run.rerequested")
        for path in [
            ("sender",),
            ("sender", "login"),
            ("check_run",),
            ("check_run", "id"),
            ("check_run", "name"),
            ("check_run", "head_sha"),
            ("check_run", "app"),
        ]
    ),
    ("check_run.pressed", ("requested_action",)),
    ("check_run.pressed", ("requested_action", "identifier")),
    ("check_run.pressed", ("check_run", "external_id")),
    *(
        ("pull_request.opened", path)
        for path in [
            ("pull_request",),
            ("pull_request", "number"),
            ("pull_request", "head"),
            ("pull_request", "head", "sha"),
            ("pull_request", "head", "repo", "id"),
            ("pull_request", "base"),
            ("pull_request", "base", "sha"),
            ("repository", "id"),
        ]
    ),
]


@pytest.mark.parametrize(("event", "path"), NEEDED, ids=[f"{event}-{'.'.join(path)}" for event, path in NEEDED])
@pytest.mark.parametrize("value", [..., None, True, 1.5, "", [], {}], ids=repr)
def test_event_without_a_needed_field_leads_to_none(event: str, path: tuple[str, ...], value: object) -> None:
    found = intent(event, changed(EVENTS[event], *path, to=value))
    assert isinstance(found, DeliveryResult)
    assert found.status is not DeliveryStatus.DONE


@pytest.mark.parametrize("action", VerdictAction)
def test_button_requests_its_action(action: VerdictAction) -> None:
    found = intent("check_run", changed(PRESSED, "requested_action", "identifier", to=action.value))
    assert isinstance(found, VerdictRequested)
    assert (found.repository_ref, found.sender, found.action) == (REPOSITORY_REF, "octocat", action)
    assert (found.run.id, found.run.name, found.run.identity, found.is_native) == (
        "11",
        "pytest (device)",
        MANUAL,
        False,
    )


def test_native_rerun_of_a_manual_check_asks_again() -> None:
    found = intent("check_run", RERUN)
    assert isinstance(found, VerdictRequested)
    assert (found.action, found.is_native) == (VerdictAction.UNDO, True)


@pytest.mark.parametrize("kind", [kind for kind in RunKind if kind is not RunKind.MANUAL])
def test_button_on_a_run_of_tests_is_refused(kind: RunKind) -> None:
    of_tests = {**MANUAL_RUN, "external_id": compose(Identity(workflow="tests.yml", kind=kind))}
    for action in VerdictAction:
        payload = changed({**PRESSED, "check_run": of_tests}, "requested_action", "identifier", to=action.value)
        found = intent("check_run", payload)
        assert isinstance(found, DeliveryResult)
        assert found.status is DeliveryStatus.REFUSED
    assert isinstance(intent("check_run", {**RERUN, "check_run": of_tests}), RerunRequested)


@pytest.mark.parametrize("scope", RerunScope)
def test_rerun_button_on_a_manual_run_is_refused(scope: RerunScope) -> None:
    found = intent("check_run", changed(PRESSED, "requested_action", "identifier", to=scope.value))
    assert isinstance(found, DeliveryResult)
    assert (found.status, found.reason) == (
        DeliveryStatus.REFUSED,
        "it is the button of tests, and a manual check has none",
    )


@pytest.mark.parametrize("payload", [PRESSED, RERUN])
def test_manual_check_of_another_app_is_refused(payload: Payload) -> None:
    found = intent("check_run", payload, "4712")
    assert isinstance(found, DeliveryResult)
    assert found.status is DeliveryStatus.REFUSED


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
@pytest.mark.parametrize(
    ("action", "is_handled"),
    [("opened", True), ("reopened", True), ("synchronize", True), ("closed", False), ("edited", False)],
)
def test_fork_is_updated_by_new_commits(event: str, action: str, *, is_handled: bool) -> None:
    found = intent(event, {**OPENED, "action": action})
    assert (found == FORK) is is_handled
    assert is_handled or isinstance(found, DeliveryResult)


def test_deleted_fork_is_one() -> None:
    assert intent("pull_request", changed(OPENED, "pull_request", "head", "repo", to=None)) == FORK


def test_pull_request_of_the_repository_is_ignored() -> None:
    found = intent("pull_request", changed(OPENED, "pull_request", "head", "repo", to={"id": 1}))
    assert isinstance(found, DeliveryResult)
    assert found.status is DeliveryStatus.IGNORED
