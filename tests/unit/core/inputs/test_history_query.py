"""Options and variables of the program `history`."""

from __future__ import annotations

import pytest

from checks.core.history.past_runs import Check
from checks.core.inputs.history_query import HistoryQuery, parse_query
from checks.core.model.errors import CheckError

ENVIRON = {"CHECKS_GITHUB_TOKEN": "ghs_token", "GITHUB_REPOSITORY": "octo/demo"}


def parsed(**options: str) -> HistoryQuery:
    empty = {"repo": "", "check": "", "category": ""}
    return parse_query(ENVIRON, {**empty, "branch": "main", "limit": "50", **options}, questions=1)


@pytest.mark.parametrize(
    ("options", "check"),
    [
        ({}, Check(name="pytest")),
        ({"category": "unit"}, Check(name="pytest (unit)", category="unit")),
        ({"check": "tests"}, Check(name="tests")),
        ({"check": "tests", "category": "unit"}, Check(name="tests", category="unit")),
    ],
)
def test_check_and_category_choose_the_check(options: dict[str, str], check: Check) -> None:
    assert parsed(**options).check == check


@pytest.mark.parametrize("limit", ["1", "1000"])
def test_limit_is_a_number_of_commits(limit: str) -> None:
    assert parsed(limit=limit).limit == int(limit)


@pytest.mark.parametrize("limit", ["", "0", "1001", "-1", "5x", "٣", "1" * 5000])
def test_other_limits_are_errors(limit: str) -> None:
    with pytest.raises(CheckError, match=r"^--limit: .* is not allowed\. Set it to a number of commits from 1 to 1000"):
        parsed(limit=limit)


def test_option_for_the_repository_is_preferred() -> None:
    assert [parsed(repo=repo).access.repository for repo in ("", "octo/other")] == ["octo/demo", "octo/other"]
