from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checks.adapters.preview.folder import FolderPublisher
from checks.core.github import payload
from checks.core.model.check_run import Annotation, AnnotationLevel, CheckRun, Conclusion, Output, Published, Status
from checks.core.model.ports import Publisher, PublishError
from tests.support.planted import Plant, in_time, whatever_is_no_file
from tests.support.rules import rule

RUN = CheckRun(
    name="pytest (unit)",
    head_sha="a" * 40,
    external_id="tests.yml/1/1/tests/unit",
    details_url="",
    status=Status.IN_PROGRESS,
    output=Output(title="0 of 3", summary="Running."),
    started_at=1_700_000_000.0,
)
COMPLETED = replace(
    RUN,
    status=Status.COMPLETED,
    conclusion=Conclusion.FAILURE,
    output=Output(title="1 failed, 2 passed", summary="Done.", text="All of it."),
    completed_at=1_700_000_060.0,
)


def remark(title: str, **changes: Any) -> Annotation:
    given = Annotation(
        path="tests/test_a.py", line=7, level=AnnotationLevel.FAILURE, title=title, message="assert 1 == 2"
    )
    return replace(given, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new" / "preview"


@pytest.fixture
def publisher(folder: Path) -> Iterator[FolderPublisher]:
    publisher = FolderPublisher(folder)
    yield publisher
    publisher.close()


def bodies(folder: Path) -> list[dict[str, Any]]:
    """What ``check-run.json`` says at this moment."""
    found: list[dict[str, Any]] = json.loads((folder / "check-run.json").read_text("utf-8"))
    return found


def shown(folder: Path) -> tuple[str, str]:
    return (folder / "check-run.html").read_text("utf-8"), (folder / "check-run.md").read_text("utf-8")


def test_it_is_a_publisher_that_asks_for_no_pause(publisher: FolderPublisher) -> None:
    port: Publisher = publisher

    assert port.seconds_until_ready() == 0.0


def test_the_json_is_the_list_of_bodies_after_each_of_them(publisher: FolderPublisher, folder: Path) -> None:
    first, second = remark("test_a.py::test_x"), remark("test_a.py::test_é\U0001f600\ud800\x00", message="…" * 70_000)
    expected = [payload.create(RUN)]

    published = publisher.create(RUN)
    assert bodies(folder) == expected
    for run, remarks in [(RUN, [first]), (RUN, []), (COMPLETED, [second])]:
        publisher.update(published, run, remarks)
        expected.append(payload.update(run, remarks))
        assert bodies(folder) == expected


def test_the_folder_is_made_and_its_page_named(publisher: FolderPublisher, folder: Path) -> None:
    published = publisher.create(RUN)

    assert published == Published(id="preview", page=str(folder / "check-run.html"))
    assert sorted(path.name for path in folder.iterdir()) == ["check-run.html", "check-run.json", "check-run.md"]


def test_the_pages_show_the_run_when_it_is_put_up_and_when_it_completes(
    publisher: FolderPublisher, folder: Path
) -> None:
    published = publisher.create(RUN)
    at_first = shown(folder)
    publisher.update(published, RUN, [remark("tests/test_a.py::test_x")])
    meanwhile = shown(folder)
    publisher.update(published, COMPLETED, [remark("tests/test_a.py::test_y")])
    html, markdown = shown(folder)

    assert "In progress" in at_first[0]
    assert meanwhile == at_first
    for text in (html, markdown):
        for part in ("1 failed, 2 passed", "Done.", "All of it.", "tests/test_a.py::test_x", "tests/test_a.py::test_y"):
            assert part in text


def test_what_comes_after_the_completion_is_shown_at_the_end(publisher: FolderPublisher, folder: Path) -> None:
    published = publisher.create(RUN)
    publisher.update(published, COMPLETED, [])
    publisher.update(published, COMPLETED, [remark("tests/test_a.py::test_x")])
    assert "test_x" not in "".join(shown(folder))

    publisher.close()

    assert all("test_x" in text for text in shown(folder))


def test_a_run_that_was_never_completed_is_shown_at_the_end(publisher: FolderPublisher, folder: Path) -> None:
    published = publisher.create(RUN)
    publisher.update(published, RUN, [remark("tests/test_a.py::test_x")])

    publisher.close()

    assert all("test_x" in text for text in shown(folder))


def test_a_former_preview_leaves_nothing(folder: Path) -> None:
    for title in ("former", "latter"):
        publisher = FolderPublisher(folder)
        publisher.update(publisher.create(RUN), COMPLETED, [remark(f"tests/test_a.py::test_{title}")])
        publisher.close()

    assert len(bodies(folder)) == 2
    assert all("test_latter" in text and "test_former" not in text for text in shown(folder))


def test_the_pages_show_what_was_sent_with_its_cuts(publisher: FolderPublisher, folder: Path) -> None:
    publisher.update(publisher.create(RUN), COMPLETED, [remark("x" * 400, raw_details="é" * 100_000)])

    (sent,) = bodies(folder)[1]["output"]["annotations"]
    for text in shown(folder):
        assert sent["title"] in text
        assert "… cut: " in text
        assert "x" * 256 in text  # the whole id leads the details
        assert len(text.encode()) < 120_000


def test_a_folder_that_cannot_be_written_is_told_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    publisher = FolderPublisher(tmp_path / "file" / "preview")

    with pytest.raises(
        PublishError, match=r"cannot be written to .*preview: Not a directory\. Name a folder that can be"
    ):
        publisher.create(RUN)
    publisher.close()


def test_a_folder_that_vanishes_is_told(publisher: FolderPublisher, folder: Path) -> None:
    published = publisher.create(RUN)
    (folder / "check-run.json").unlink()

    with pytest.raises(PublishError, match="No such file or directory"):
        publisher.update(published, RUN, [])


@pytest.mark.slow
def test_memory_does_not_grow_with_what_was_sent(publisher: FolderPublisher) -> None:
    batch = [remark(f"tests/test_a.py::test_{number}", raw_details="x" * 20_000) for number in range(50)]
    published = publisher.create(RUN)
    publisher.update(published, RUN, batch)
    tracemalloc.start()
    try:
        for _ in range(20):
            publisher.update(published, RUN, batch)
        publisher.update(published, COMPLETED, batch)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 10_000_000  # of 22 MB that were sent


@rule("To speak as us: the same in place of the preview")
@whatever_is_no_file
@pytest.mark.parametrize("extension", ["html", "md"])
def test_whatever_the_tests_put_in_place_of_a_page_ours_is_one(
    publisher: FolderPublisher, folder: Path, extension: str, plant: Plant
) -> None:
    published = publisher.create(RUN)
    path = folder / f"check-run.{extension}"
    path.unlink()
    plant(path)
    in_time(lambda: publisher.update(published, COMPLETED, []))
    assert path.is_file()
    assert not path.is_symlink()
    assert "1 failed, 2 passed" in path.read_text()


@whatever_is_no_file
def test_what_is_no_json_file_any_more_is_told_and_not_waited_for(
    publisher: FolderPublisher, folder: Path, plant: Plant
) -> None:
    published = publisher.create(RUN)
    (folder / "check-run.json").unlink()
    plant(folder / "check-run.json")
    with pytest.raises(PublishError, match="cannot be written"):
        in_time(lambda: publisher.update(published, COMPLETED, []))
