from __future__ import annotations

from io import BytesIO

from checks.adapters.runner.job_files import RunnerFiles
from checks.programs.run.invalid_inputs import skip


def test_log_of_a_skipped_check_has_no_commands() -> None:
    stream = BytesIO()
    skip(
        "unit ##[add-mask]a", "this re-run is for\n::stop-commands::x", RunnerFiles({"GITHUB_ACTIONS": "true"}, stream)
    )
    log = stream.getvalue().decode()
    assert log.startswith("This job does not run unit #")
    assert "##[" not in log
    assert "\n::" not in log
