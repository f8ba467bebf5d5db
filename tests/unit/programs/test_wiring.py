from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

from checks.core.inputs.job_inputs import parse_job
from checks.programs.wiring import Wiring
from tests.support.rerun.check_runs import DONE, OPEN, remarks


def wired(folder: Path, stdout: BytesIO) -> Wiring:
    environ = {"GITHUB_WORKSPACE": str(folder), "INPUT_PREVIEW": "p", "INPUT_PROGRAM": "run"}
    return Wiring(parse_job(environ, {}, {}), environ, stdout)


def test_pages_of_the_preview_show_annotations_sent_after_completion(tmp_path: Path) -> None:
    wiring = wired(tmp_path, BytesIO())
    active_run = wiring.creator().create(OPEN)
    assert active_run is not None
    active_run.publisher.update(active_run.published, DONE, remarks(7))
    active_run.publisher.update(active_run.published, DONE, remarks(8))
    wiring.close()
    for page in ("check-run.html", "check-run.md"):
        text = (tmp_path / "p" / page).read_text()
        assert "t7" in text
        assert "t8" in text


def test_unwritable_page_of_the_preview_is_a_warning(tmp_path: Path) -> None:
    wiring = wired(tmp_path, stdout := BytesIO())
    active_run = wiring.creator().create(OPEN)
    assert active_run is not None
    active_run.publisher.update(active_run.published, OPEN, remarks(7))
    shutil.rmtree(tmp_path / "p")
    (tmp_path / "p").touch()
    wiring.close()
    assert "Warning: Cannot write the preview to " in stdout.getvalue().decode()
