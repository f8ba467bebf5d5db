"""Suites of small well-known packages, unchanged and broken; run `tests.support.real_projects` for all of them."""

from pathlib import Path

import pytest

from tests.support import needs
from tests.support.real_projects import PROJECTS, FetchError, run


@pytest.mark.slow
@pytest.mark.parametrize("name", ["iniconfig", "itsdangerous", "pluggy", "kinds"])
def test_real_suite_is_reported_as_plain_pytest_reports_it(name: str, tmp_path: Path) -> None:
    try:
        comparisons = [*run(PROJECTS[name], tmp_path / name)]
    except FetchError as error:
        needs.missing(str(error))
    assert [difference for comparison in comparisons for difference in comparison.differences] == []
    assert comparisons[0].tests > 30
    assert all(
        comparison.failures
        for comparison in comparisons
        if comparison.variant in ("lines broken", "modules of tests broken")
    )
