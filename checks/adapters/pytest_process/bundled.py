"""Provide the tests' environment with this environment's pytest-json-report, for the case that it has none."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

_PACKAGE = "pytest-json-report"
#: Ends each module, and keeps coverage.py from counting it as the user's, as with the plugin's modules.
_HIDDEN_FROM_COVERAGE = '\n__file__ = "<pytest-check-runs>/{name}"\n'


def provide_json_report(python: Path, folder: Path) -> None:
    """Copy the package and its metadata to `folder`, which then holds nothing else, for another `python` than ours.

    Does nothing where it is not installed, as in the image, whose tests' environments have it. If it cannot be copied,
    pytest says whether it is missing.
    """
    if python == Path(sys.executable):
        return
    with suppress(metadata.PackageNotFoundError, OSError):
        for file in metadata.files(_PACKAGE) or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                end = _HIDDEN_FROM_COVERAGE.format(name=file.name) if file.suffix == ".py" else ""
                (folder / file).write_bytes(file.read_binary() + end.encode())
