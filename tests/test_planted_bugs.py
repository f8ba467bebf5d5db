"""Bugs in a real project, each alone and all together; run `tests.support.planted_bugs` for more projects."""

from pathlib import Path

import pytest

from tests.support import needs
from tests.support.planted_bugs import find_truth
from tests.support.real_projects import FetchError


@pytest.mark.slow
def test_causes_tell_the_bugs_of_a_real_project_apart(tmp_path: Path) -> None:
    try:
        truth = find_truth("itsdangerous", tmp_path / "itsdangerous")
    except FetchError as error:
        needs.missing(str(error))
    assert truth.mixed == []
    assert [bug for bug in truth.alone if not truth.causes_of(bug)] == []
