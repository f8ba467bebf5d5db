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
from checks.core.model.check_run import Annotation, AnnotationLevel, Conclusion, Output, Published, Status
from checks.core.model.ports import Publisher, PublishError, Urgency
from tests.support.planted import Plant, every_non_file, run_with_timeout
from tests.support.rerun.check_runs import OPEN
from tests.support.rules import rule

RUN = replace(
    OPEN,
    name="pytest (unit)",
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


def annotation(title: str, **changes: Any) -> Annotation:
    default = Annotation(
        path="tests/test_a.py", line=7, level=AnnotationLevel.FAILURE, title=title, message="assert 1 == 2"
    )
    return replace(default, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new" / "preview"


@pytest.fixture
def publisher(folder: Path) -> Iterator[FolderPublisher]:
    publisher = FolderPublisher(folder)
    yield publisher
    publisher.close()


def sent_bodies(folder: Path) -> list[dict[str, Any]]:
    """Return the current bodies in ``check-run.json``."""
    parsed: list[dict[str, Any]] = json.loads((folder / "check-run.json").read_text("utf-8"))
    return parsed


def pages(folder: Path) -> tuple[str, str]:
    """Return the page, without the breaks in IDs, and the Markdown."""
    html = (folder / "check-run.html").read_text("utf-8")
    return html.replace("<wbr>", ""), (folder / "check-run.md").read_text("utf-8")


def test_folder_publisher_never_asks_to_wait(publisher: FolderPublisher) -> None:
    port: Publisher = publisher

    assert port.seconds_until_ready(Urgency.LIVE) == 0.0


def test_json_is_a_valid_list_after_each_update(publisher: FolderPublisher, folder: Path) -> None:
    first, second = (
        annotation("test_a.py::test_x"),
        annotation("test_a.py::test_é\U0001f600\ud800\x00", message="…" * 70_000),
    )
    expected = [payload.create(RUN)]

    published = publisher.create(RUN)
    assert sent_bodies(folder) == expected
    for run, batch in [(RUN, [first]), (RUN, []), (COMPLETED, [second])]:
        publisher.update(published, run, batch)
        expected.append(payload.update(run, batch))
        assert sent_bodies(folder) == expected


def test_create_makes_the_folder_and_returns_the_page(publisher: FolderPublisher, folder: Path) -> None:
    published = publisher.create(RUN)

    assert published == Published(id="preview", page=str(folder / "check-run.html"))
    assert sorted(path.name for path in folder.iterdir()) == ["check-run.html", "check-run.json", "check-run.md"]


def test_pages_are_written_on_creation_and_on_completion(publisher: FolderPublisher, folder: Path) -> None:
    published = publisher.create(RUN)
    at_first = pages(folder)
    publisher.update(published, RUN, [annotation("tests/test_a.py::test_x")])
    meanwhile = pages(folder)
    publisher.update(published, COMPLETED, [annotation("tests/test_a.py::test_y")])
    html, markdown = pages(folder)

    assert "In progress" in at_first[0]
    assert meanwhile == at_first
    for text in (html, markdown):
        for part in ("1 failed, 2 passed", "Done.", "All of it.", "tests/test_a.py::test_x", "tests/test_a.py::test_y"):
            assert part in text


def test_watched_pages_are_rendered_while_the_tests_run(folder: Path) -> None:
    seconds = [0.0]
    publisher = FolderPublisher(folder, lambda _: ["first line"], watched=True, monotonic=lambda: seconds[0])
    published = publisher.create(RUN)
    shown = []
    for seconds[0] in (0.0, 1.9, 2.0, 3.9, 4.0):
        publisher.update(published, RUN, [annotation(f"tests/test_a.py::test_at_{seconds[0]}", line=1)])
        shown.append(pages(folder)[0].count("test_at_"))
    publisher.close()

    assert shown == [0, 0, 3, 3, 5]
    assert "&gt; 1  first line" in pages(folder)[0]


def test_rendering_takes_a_twentieth_of_the_time(folder: Path) -> None:
    seconds, rendered_at = [0.0], []

    def lines_after_a_second(_: str) -> list[str]:
        rendered_at.append(seconds[0])
        seconds[0] += 1.0
        return []

    publisher = FolderPublisher(folder, lines_after_a_second, watched=True, monotonic=lambda: seconds[0])
    published = publisher.create(RUN)
    while seconds[0] < 100.0:
        publisher.update(published, RUN, [annotation("tests/test_a.py::test_x")])
        seconds[0] += 1.0
    publisher.close()

    assert rendered_at == [2.0, 23.0, 44.0, 65.0, 86.0, 100.0]  # the last one when it is closed


def test_close_shows_annotations_sent_after_completion(publisher: FolderPublisher, folder: Path) -> None:
    published = publisher.create(RUN)
    publisher.update(published, COMPLETED, [])
    publisher.update(published, COMPLETED, [annotation("tests/test_a.py::test_x")])
    assert "test_x" not in "".join(pages(folder))

    publisher.close()

    assert all("test_x" in text for text in pages(folder))


def test_close_shows_a_run_that_never_completed(publisher: FolderPublisher, folder: Path) -> None:
    published = publisher.create(RUN)
    publisher.update(published, RUN, [annotation("tests/test_a.py::test_x")])

    publisher.close()

    assert all("test_x" in text for text in pages(folder))


def test_new_preview_replaces_the_previous_one(folder: Path) -> None:
    for title in ("former", "latter"):
        publisher = FolderPublisher(folder)
        publisher.update(publisher.create(RUN), COMPLETED, [annotation(f"tests/test_a.py::test_{title}")])
        publisher.close()

    assert len(sent_bodies(folder)) == 2
    assert all("test_latter" in text and "test_former" not in text for text in pages(folder))


def test_pages_show_texts_as_truncated_for_github(publisher: FolderPublisher, folder: Path) -> None:
    publisher.update(publisher.create(RUN), COMPLETED, [annotation("x" * 400, raw_details="é" * 100_000)])

    (sent,) = sent_bodies(folder)[1]["output"]["annotations"]
    for text in pages(folder):
        assert sent["title"] in text
        assert "… truncated: " in text
        assert "x" * 256 in text  # the details start with the complete id
        assert len(text.encode()) < 120_000


def test_unwritable_folder_error_has_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    publisher = FolderPublisher(tmp_path / "file" / "preview")

    with pytest.raises(
        PublishError, match=r"Cannot write the preview to .*preview: Not a directory\. Choose a writable folder"
    ):
        publisher.create(RUN)
    publisher.close()


def test_deleted_json_file_is_an_error(publisher: FolderPublisher, folder: Path) -> None:
    published = publisher.create(RUN)
    (folder / "check-run.json").unlink()

    with pytest.raises(PublishError, match="No such file or directory"):
        publisher.update(published, RUN, [])


@pytest.mark.slow
def test_memory_does_not_grow_with_sent_annotations(publisher: FolderPublisher) -> None:
    batch = [annotation(f"tests/test_a.py::test_{number}", raw_details="x" * 20_000) for number in range(50)]
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


@rule("Impersonating the action: a link or a pipe in place of the preview")
@every_non_file
@pytest.mark.parametrize("extension", ["html", "md"])
def test_anything_planted_at_a_page_path_is_replaced(
    publisher: FolderPublisher, folder: Path, extension: str, plant: Plant
) -> None:
    published = publisher.create(RUN)
    path = folder / f"check-run.{extension}"
    path.unlink()
    plant(path)
    run_with_timeout(lambda: publisher.update(published, COMPLETED, []))
    assert path.is_file()
    assert not path.is_symlink()
    assert "1 failed, 2 passed" in path.read_text()


@every_non_file
def test_anything_planted_at_the_json_path_is_an_error(publisher: FolderPublisher, folder: Path, plant: Plant) -> None:
    published = publisher.create(RUN)
    (folder / "check-run.json").unlink()
    plant(folder / "check-run.json")
    with pytest.raises(PublishError, match="Cannot write"):
        run_with_timeout(lambda: publisher.update(published, COMPLETED, []))
