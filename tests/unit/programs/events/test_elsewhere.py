"""Which entries of the delivery log are read to find the commit on which a workflow run has reported."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from checks.core.github.external_id import compose
from checks.core.model.delivery import Delivery, LoggedDelivery
from checks.core.model.identity import Identity
from checks.core.model.intents import RepositoryRef, WorkflowRunCompleted
from checks.core.model.ports import PublishError
from checks.programs.events.elsewhere import find_commit

HEAD = "a" * 40
ENDED = WorkflowRunCompleted(
    repository_ref=RepositoryRef(full_name="octo/demo", installation_id=42, id="1"),
    run_id="17",
    attempt=1,
    workflow="tests.yml",
    conclusion="failure",
    commits=("b" * 40,),
    page="",
    searched_since=100.0,
)


class Log:
    """A delivery log, given oldest first as (time, event, repository's id, workflow run's id)."""

    def __init__(self, *entries: tuple[float, str, str, str]) -> None:
        self.entries = entries
        self.read: list[int] = []

    def since(self, time: float) -> Iterator[LoggedDelivery]:
        for number, (at, event, repository_id, _) in reversed(list(enumerate(self.entries))):
            if at >= time:
                yield LoggedDelivery(
                    id=str(number),
                    guid="",
                    event=event,
                    delivered_at=at,
                    was_accepted=True,
                    repository_id=repository_id,
                )

    def delivery(self, logged: LoggedDelivery) -> Delivery:
        self.read.append(int(logged.id))
        external_id = compose(Identity(workflow="tests.yml", run_id=self.entries[int(logged.id)][-1]))
        run = {"id": 8, "name": "pytest", "head_sha": HEAD, "external_id": external_id}
        return Delivery(guid="", event="check_run", payload={"action": "created", "check_run": run})


CREATED = "check_run.created"


@pytest.mark.parametrize(
    ("entries", "commit", "read"),
    [
        pytest.param([], "", [], id="the log is empty"),
        pytest.param([(100.0, CREATED, "1", "17")], HEAD, [0], id="it is there"),
        pytest.param(
            [(100.0, CREATED, "1", "16"), (101.0, CREATED, "1", "17"), (102.0, CREATED, "1", "17")],
            HEAD,
            [0, 1],
            id="the oldest come first, until one is found",
        ),
        pytest.param([(99.0, CREATED, "1", "17")], "", [], id="before the workflow run began"),
        pytest.param([(100.0, CREATED, "2", "17")], "", [], id="in another repository"),
        pytest.param([(100.0, "check_run.completed", "1", "17")], "", [], id="another event"),
        pytest.param([(100.0, CREATED, "1", "16")] * 25, "", list(range(20)), id="too many others"),
        pytest.param(
            [(100.0, CREATED, "1", "17"), *[(101.0, "ping", "1", "")] * 500], "", [], id="more than five pages ago"
        ),
    ],
)
def test_log_is_searched_for_the_workflow_run(
    entries: list[tuple[float, str, str, str]], commit: str, read: list[int]
) -> None:
    log = Log(*entries)
    assert find_commit(ENDED, log, lambda: False) == commit
    assert log.read == read


def test_search_without_time_is_tried_again() -> None:
    with pytest.raises(PublishError, match="could not be searched in time"):
        find_commit(ENDED, Log((100.0, CREATED, "1", "17")), lambda: True)


def test_pages_of_the_log_are_read_until_the_time_is_over() -> None:
    read: list[LoggedDelivery] = []

    class SlowLog(Log):
        def since(self, time: float) -> Iterator[LoggedDelivery]:
            for entry in super().since(time):
                read.append(entry)
                yield entry

    with pytest.raises(PublishError, match="could not be searched in time"):
        find_commit(ENDED, SlowLog(*[(101.0, "ping", "1", "")] * 300), lambda: len(read) > 100)
    assert len(read) == 101
