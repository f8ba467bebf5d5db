"""The verdict of a merge group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.manual.carry import Carried, NotCarried
from checks.core.manual.merge_queue import take, unknown
from checks.core.model.job import Context
from checks.core.model.manual import ManualRecord, VerdictSource
from tests.unit.core.manual.manual_runs import COMMIT, FAILED, PASSED, REQUEST, WAITING, WITHDRAWN, manual_remote

CONTEXT = Context(event="merge_group", repository="octo/demo")
WHERE = "commit aaaaaaa, the head of [pull request 7](https://github.com/octo/demo/pull/7)"
TERMINAL = replace(PASSED, request=replace(REQUEST, source=VerdictSource.TERMINAL))


@pytest.mark.parametrize("record", [PASSED, FAILED, TERMINAL, replace(PASSED, is_fork=True)])
def test_every_verdict_on_the_head_counts(record: ManualRecord) -> None:
    found = take(manual_remote(record), CONTEXT, 7, COMMIT)
    assert found == Carried(record=record, note=f"This is the verdict on {WHERE}.")


@pytest.mark.parametrize("record", [WAITING, WITHDRAWN])
def test_head_without_a_verdict_asks(record: ManualRecord) -> None:
    found = take(manual_remote(record), CONTEXT, 7, COMMIT)
    assert found == NotCarried(reason=f"There is no verdict on {WHERE}.")


def test_head_without_the_check_asks() -> None:
    assert take(None, CONTEXT, 7, COMMIT) == NotCarried(reason=f"This check does not exist on {WHERE}.")


def test_branch_without_a_number_is_shown_as_code() -> None:
    assert unknown("a`b") == "The branch ``a`b`` names no pull request whose verdict this check could have."
