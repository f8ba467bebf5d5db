from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.environments import ROOT, python_with
from tests.support.runner.plugin_run import PluginRun, Project

CASE = {"test_frozen.py": (ROOT / "tests" / "cases" / "minfreeze" / "test_frozen.py").read_text()}
#: The time goes back by decades in the first setup, and forward in the last teardown.
FROZEN_MODULE = {
    "test_a.py": (
        "import pytest\nfrom freezegun import freeze_time\n\n\n@pytest.fixture(autouse=True, scope='module')\n"
        "def frozen():\n    with freeze_time('1999-12-31'):\n        yield\n\n\ndef test_a():\n    pass\n\n\n"
        "def test_b():\n    pass\n"
    )
}
#: The time stays in another century.
FROZEN_FROM_THEN_ON = {
    "test_a.py": (
        "from freezegun import freeze_time\n\n\ndef test_a():\n    freeze_time('2199-12-31').start()\n\n\n"
        "def test_b():\n    pass\n"
    )
}


@pytest.mark.parametrize("arguments", [(), pytest.param(("-n1",), marks=pytest.mark.slow)], ids=["alone", "xdist"])
@pytest.mark.parametrize(
    "project",
    [CASE, pytest.param(FROZEN_MODULE, marks=pytest.mark.slow), FROZEN_FROM_THEN_ON],
    ids=["test", "module", "session"],
)
def test_frozen_time_does_not_change_durations(project: Project, arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = PluginRun(project=project, python=python_with("pytest9"), arguments=arguments).run(tmp_path)
    assert result.exit_status == 0, result.output
    assert all(0 <= item.duration_seconds < 60 for item in result.session.items)
    reported = [item.duration_seconds for item in result.from_report.items]
    assert reported == pytest.approx([item.duration_seconds for item in result.session.items], abs=1e-4)
