"""Read the job's variables from the environment, or as data from `bin/start`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

_OPTION = "--variables-from="


def job_variables(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[dict[str, str], Sequence[str]]:
    """Return the job's variables, and the command line without the option that names them.

    If present, ``--variables-from=3`` comes first. Descriptor 3 is closed afterwards, so that no child inherits it.
    Bytes that are not UTF-8 become surrogates, as in `os.environ`.
    """
    if not (arguments and arguments[0].startswith(_OPTION)):
        return dict(environ), arguments
    with open(int(arguments[0].removeprefix(_OPTION)), "rb") as file:  # noqa: PTH123 - a descriptor
        entries = os.fsdecode(file.read()).split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry), arguments[1:]
