"""What tests may put in place of a file that the action reads or writes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.waits import HANG_SECONDS

Plant = Callable[[Path], object]


def _link_to_a_file(path: Path) -> None:
    (path.parent / "elsewhere").write_text("theirs")
    path.symlink_to(path.parent / "elsewhere")


def _link_to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "elsewhere")


def _link_to_a_folder(path: Path) -> None:
    (path.parent / "folder").mkdir()
    path.symlink_to(path.parent / "folder")


def _link_to_process_environment(path: Path) -> None:
    path.symlink_to("/proc/self/environ")


def _second_name(path: Path) -> None:
    (path.parent / "elsewhere").write_text("theirs")
    path.hardlink_to(path.parent / "elsewhere")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    (path / "in it").mkdir(parents=True)
    (path / "in it" / "file").write_text("theirs")


def _huge_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


def _unreadable_file(path: Path) -> None:
    path.write_text("theirs")
    path.chmod(0)


PLANTS: dict[str, Plant] = {
    "a link to a file": _link_to_a_file,
    "a link to nothing": _link_to_nothing,
    "a link to a folder": _link_to_a_folder,
    "a link to our environment": _link_to_process_environment,
    "a second name of a file": _second_name,
    "a pipe": _pipe,
    "a folder": _folder,
    "a huge file": _huge_file,
    "a file that nobody may touch": _unreadable_file,
    "nothing": lambda _: None,
}
every_plant = pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
NON_FILES = (
    "a link to a file",
    "a link to nothing",
    "a link to a folder",
    "a link to our environment",
    "a pipe",
    "a folder",
)
every_non_file = pytest.mark.parametrize("plant", [PLANTS[name] for name in NON_FILES], ids=NON_FILES)


def run_with_timeout(function: Callable[[], object]) -> None:
    """Run it in a thread, since waiting for a pipe would take forever."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - raised again
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(HANG_SECONDS)
    assert not thread.is_alive(), "still blocked"
    for error in errors:
        raise error
