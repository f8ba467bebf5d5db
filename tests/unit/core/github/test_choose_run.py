"""Which of a commit's check runs is meant, whatever their order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.github.choose_run import current_state, newer_run, newest_by_name, newest_run
from checks.core.model.check_run import RemoteCheckRun, Status
from tests.unit.core.manual.manual_runs import manual_remote

RUN9, RUN10, OTHER = manual_remote(id="9"), manual_remote(id="10"), manual_remote(id="11", name="pytest (page)")


@pytest.mark.parametrize("runs", [[RUN9, RUN10], [RUN10, RUN9]])
def test_newest_run_has_the_greatest_number(runs: list[RemoteCheckRun]) -> None:
    assert newest_run(runs) is RUN10
    assert newest_by_name([*runs, OTHER]) == {"pytest (device)": RUN10, "pytest (page)": OTHER}


def test_newer_run_was_created_after_the_run() -> None:
    assert newer_run(RUN9, [RUN10, RUN9]) is RUN10
    assert newer_run(RUN10, [RUN9, RUN10]) is None
    assert newer_run(RUN10, []) is None


def test_current_state_is_that_of_the_list() -> None:
    assert current_state(replace(RUN9, status=Status.QUEUED), [RUN10, RUN9]) is RUN9
    assert current_state(RUN9, [RUN10]) is RUN9
