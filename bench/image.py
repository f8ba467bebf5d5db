"""Measure the image: the size of its layers, and the build time after a change of a source file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.image.test_size import MAX_MEGABYTES_ABOVE_THE_BASE, layers
from tests.support.runner.jobs import ROOT

from .table import Row

_MAX_SECONDS = 10.0
_MIN_MEGABYTES = 0.1
_STEP_CHARACTERS = 45
_COPIED = ("Dockerfile", ".dockerignore", "bin", "checks", "entrypoint.py", "requirements")
_TAG = "localhost/pytest-check-runs-bench"


def measure() -> Iterator[Row]:
    """Measure the image that `IMAGE` names, as built by `.ci/run`; without one, the rows say so."""
    size, build = "image: what it adds to its base", "image: build with warm layers after a change of a source file"
    image = os.environ.get("IMAGE", "")
    targets = f"≤ {MAX_MEGABYTES_ABOVE_THE_BASE} MB", f"≤ {_MAX_SECONDS:g} s"
    if not image or shutil.which("buildah") is None:
        why = "the variable `IMAGE` names none, or buildah is not there (`.ci/run` has both)"
        for figure, target in zip((size, build), targets, strict=True):
            yield Row(figure=figure, target=target, measured=why, is_met=None)
        return
    added = _added(image)
    total = sum(megabytes for _, megabytes in added)
    parts = ", ".join(f"{megabytes:.1f} MB `{step}`" for step, megabytes in added if megabytes >= _MIN_MEGABYTES)
    is_small = total <= MAX_MEGABYTES_ABOVE_THE_BASE
    yield Row(figure=size, target=targets[0], measured=f"**{total:.0f} MB**: {parts}", is_met=is_small)
    seconds = _seconds_to_build()
    yield Row(figure=build, target=targets[1], measured=f"**{seconds:.1f} s**", is_met=seconds <= _MAX_SECONDS)


def _added(image: str) -> list[tuple[str, float]]:
    """Return the Dockerfile's steps with the megabytes that each adds."""
    text = (ROOT / "Dockerfile").read_text()
    (base,) = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    sizes = [megabytes for megabytes, _ in layers(image)[len(layers(base)) :]]
    return [*zip(steps(text), sizes, strict=True)]


def steps(dockerfile: str) -> list[str]:
    """Return the beginnings of the steps that create a layer."""
    found = re.findall(r"^(?:RUN|COPY) .*?(?= \\?$|$)", dockerfile, re.MULTILINE)
    return [step if len(step) <= _STEP_CHARACTERS else f"{step[:_STEP_CHARACTERS]}…" for step in found]


def _seconds_to_build() -> float:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for copied in _COPIED:
            copy = shutil.copytree if (ROOT / copied).is_dir() else shutil.copy2
            copy(ROOT / copied, folder / copied)
        try:
            _build(folder)
            with (folder / "checks" / "__init__.py").open("a") as source:
                source.write("# changed\n")
            started_at = time.perf_counter()
            _build(folder)
            return time.perf_counter() - started_at
        finally:
            subprocess.run(["buildah", "rmi", _TAG], check=False, capture_output=True)


def _build(folder: Path) -> None:
    command = ["buildah", "build", "--quiet", "--layers", "--pull=never", "--tag", _TAG, str(folder)]
    subprocess.run(command, check=True, capture_output=True)
