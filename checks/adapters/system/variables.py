"""Read the job's variables from the environment, or as data from `bin/start`, and the App's key from a file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...core.inputs.names import KEY_FILE, in_actions, variable
from ...core.model.errors import CheckError, Problem

_KEY = variable("private-key")
_OPTION = "--variables-from="
#: The text of a key is longer, and few paths are.
_MAX_PATH_CHARACTERS = 1_000


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


def with_key_from_file(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables with the App's key from the file that ``CHECKS_PRIVATE_KEY_FILE`` names outside a workflow.

    Raises `CheckError`.
    """
    path = environ.get(KEY_FILE, "").strip()
    if not path or in_actions(environ):
        return environ
    what, key = f"`{KEY_FILE}` is {path!r}", ""
    if environ.get(_KEY, "").strip():
        why = f"`{_KEY}` is set, too."
    elif "-----BEGIN" in path or len(path) > _MAX_PATH_CHARACTERS:
        what, why = f"`{KEY_FILE}`", "it is the text of a key, not the path of a file."
    else:
        key, why = _read_key(path)
    if why:
        remedy = f"Set it to the path of the App's .pem file, or set `{_KEY}` to the text of that file."
        raise CheckError(Problem(what=what, why=why, remedy=remedy))
    return {**environ, _KEY: key}


def _read_key(path: str) -> tuple[str, str]:
    """Return the key and an empty string, or an empty string and the reason why there is no key."""
    try:
        key = Path(path).expanduser().read_text("utf-8", "replace").strip()
    except OSError as error:
        return "", f"the file cannot be read: {error.strerror}."
    except RuntimeError:
        return "", "the file cannot be read: no user has this home folder."
    return key, "" if key else "the file is empty."
