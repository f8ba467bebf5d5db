"""Suites of `tests/cases`, for which counts, places or messages are easily wrong, by the whole action."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cases import Case, check_case
from tests.support.github.server import GithubServer

CASES: dict[str, tuple[str, Case]] = {
    "collected twice": (
        "dup",
        Case(
            environment="pytest9",
            arguments="--keep-duplicates test_d.py test_d.py",
            conclusion="success",
            title="4 passed in ",
        ),
    ),
}


@pytest.mark.parametrize(("folder", "case"), CASES.values(), ids=CASES)
def test_check_run_is_right(folder: str, case: Case, tmp_path: Path, github: GithubServer) -> None:
    check_case(folder, case, tmp_path, github)
