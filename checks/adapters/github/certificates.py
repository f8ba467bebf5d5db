"""The trusted CA certificates, as they were before the tests started.

Tests run as root: with a CA certificate in the file and a GitHub host in ``/etc/hosts``, they would receive the token.
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
    """Return the path of a copy of the CA bundle that `requests` trusts at the first call, private to this process.

    The source is ``REQUESTS_CA_BUNDLE``, else the bundle of `requests`. A directory is used without a copy, as is any
    bundle on systems other than Linux.
    """
    verify = requests.Session().merge_environment_settings("https://", {}, None, None, None)["verify"]
    path = Path(verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH)
    if not path.is_file() or not hasattr(os, "memfd_create"):
        return str(path)
    with os.fdopen(os.memfd_create("certificates"), "wb", closefd=False) as file:
        file.write(path.read_bytes())
        return f"/proc/self/fd/{file.fileno()}"


def digest() -> str:
    """Return the SHA-256 of the bundle in hex; empty if it is not a file."""
    with suppress(OSError), Path(bundle()).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return ""
