"""The certificates that we trust, as they are before the tests begin.

The tests are root: with one of theirs in the file, and a name of GitHub's in `/etc/hosts`, they would get our token.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH


@cache
def bundle() -> str:
    """The path of a copy in our memory, which no other process can open, of what `requests` trusts at the first call.

    That is ``REQUESTS_CA_BUNDLE``, else its own file. A folder is not copied, nor is anything but on Linux.
    """
    verify = requests.Session().merge_environment_settings("https://", {}, None, None, None)["verify"]
    path = Path(verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH)
    if not path.is_file() or not hasattr(os, "memfd_create"):
        return str(path)
    with os.fdopen(os.memfd_create("certificates"), "wb", closefd=False) as file:
        file.write(path.read_bytes())
        return f"/proc/self/fd/{file.fileno()}"


def digest() -> str:
    """Return the SHA-256 of what `bundle` names, in hex; empty where that is no file."""
    with suppress(OSError), Path(bundle()).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return ""
