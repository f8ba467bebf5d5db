"""Publishes to a folder instead of GitHub: the request bodies as JSON, and pages in HTML and Markdown."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from ...core.github import payload
from ...core.model.check_run import Annotation, CheckRun, Published, Status
from ...core.model.ports import CurrentUpdate, PublishError, Urgency
from ...core.preview import page
from ...core.redaction.source_lines import SourceLines
from ..system import safe_files, workspace_folder

_JSON_END = b"\n]\n"
#: Pages are rendered so seldom while the tests run that it takes at most a twentieth of the time.
_SECONDS_BETWEEN_PAGES = 2.0
_SECONDS_PER_RENDERING_SECOND = 20.0


class FolderPublisher:
    """The `Publisher` of a preview: writes ``check-run.json``, ``check-run.html`` and ``check-run.md``.

    The JSON is the list of the request bodies; it is valid after each update. The other two are rendered when the run
    is created, when it is completed, by `close`, and, if they are `watched`, from time to time in between. Annotations
    are on disk, not in memory.

    `source_lines` returns the lines of files to show; `monotonic` is a clock.
    """

    name = "preview"

    def __init__(
        self,
        folder: Path,
        source_lines: SourceLines = lambda _: (),
        *,
        watched: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._source_lines = source_lines
        self._is_watched = watched
        self._monotonic = monotonic
        self._next_rendering_at = 0.0
        self._state: dict[str, Any] = {}
        self._sent = _SentAnnotations()
        self._is_stale = False

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        """Create the folder if it is missing, and the three files anew. See `Publisher.create`."""
        del current
        with self._translated_errors():
            workspace_folder.make_below(self._folder)
            safe_files.replace(self._path("json"), [b"[" + _JSON_END])
            self._append(payload.create(run))
            self._render()
        return Published(id=self.name, page=str(self.page))

    @property
    def page(self) -> Path:
        """The path of the HTML page."""
        return self._path("html")

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:  # noqa: ARG002 - as in `Publisher`
        """Add the body, and render the pages if they are due; `close` renders later updates."""
        was_completed = self._state["status"] == Status.COMPLETED
        with self._translated_errors():
            self._append(payload.update(run, annotations))
            is_completed = run.status is Status.COMPLETED
            if not was_completed and (is_completed or (self._is_watched and self._is_due)):
                self._render()

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        """Return True: a folder has no commit."""
        del published, run
        return True

    def seconds_until_ready(self, urgency: Urgency) -> float:
        """Return 0.0: a disk needs no pacing."""
        del urgency
        return 0.0

    def close(self) -> None:
        """Render the pages if they are stale, and delete the temporary file."""
        with closing(self._sent), self._translated_errors():
            if self._is_stale:
                self._render()

    def _append(self, body: dict[str, Any]) -> None:
        """Add a body to the JSON and to the state of the pages."""
        with safe_files.open_file(self._path("json"), to_write=True) as file:
            is_first = file.seek(-len(_JSON_END), os.SEEK_END) == len(b"[")
            file.write(b"\n" if is_first else b",\n")
            file.write(json.dumps(body, indent=2, ensure_ascii=False).encode() + _JSON_END)
        self._sent.extend(body["output"].pop("annotations", ()))
        self._state |= body
        self._is_stale = True

    @property
    def _is_due(self) -> bool:
        return self._monotonic() >= self._next_rendering_at

    def _render(self) -> None:
        began = self._monotonic()
        # Replacing is atomic: readers see the old or the new file.
        html = page.html(self._state, self._sent, self._source_lines)
        safe_files.replace(self._path("html"), map(str.encode, html))
        safe_files.replace(self._path("md"), map(str.encode, page.markdown(self._state, self._sent)))
        self._is_stale = False
        now = self._monotonic()
        self._next_rendering_at = now + max(_SECONDS_BETWEEN_PAGES, _SECONDS_PER_RENDERING_SECOND * (now - began))

    def _path(self, extension: str) -> Path:
        return self._folder / f"check-run.{extension}"

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = f"Cannot write the preview to {self._folder}: {error.strerror or error}."
            raise PublishError(f"{what} Choose a writable folder.") from error


class _SentAnnotations:
    """All annotations that were sent, in an unnamed temporary file."""

    def __init__(self) -> None:
        self._ends = [0]

    @cached_property
    def _file(self) -> BinaryIO:
        """The file, created on first use, because creation may fail."""
        return tempfile.TemporaryFile()

    def extend(self, annotations: Sequence[dict[str, Any]]) -> None:
        """Append the annotations."""
        if annotations:
            self._file.seek(self._ends[-1])
        for annotation in annotations:
            self._ends.append(self._ends[-1] + self._file.write(json.dumps(annotation).encode()))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, position: int, /) -> dict[str, Any]:
        start, end = self._ends[position : position + 2]
        self._file.seek(start)
        annotation: dict[str, Any] = json.loads(self._file.read(end - start))
        return annotation

    def close(self) -> None:
        """Close the file, which deletes it."""
        if len(self):
            self._file.close()
