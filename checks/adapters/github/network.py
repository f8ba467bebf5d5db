"""The proxies and certificates for requests. `requests` reads them from the environment of this process."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ...core.pytest_process.environment import CERTIFICATES, NETWORK
from . import certificates


def use(variables: Mapping[str, str]) -> None:
    """Set these network variables, and remove all others, for connections made from now on."""
    for name in NETWORK:
        os.environ.pop(name, None)
    os.environ.update(variables)
    certificates.bundle.cache_clear()


def use_unchanged(variables: Mapping[str, str], certificates_sha256: str) -> bool:
    """Like `use`, but leave out certificates whose digest has changed. Return whether all variables are used."""
    use(variables)
    if not variables.keys() & set(CERTIFICATES) or (
        certificates_sha256 and certificates.digest() == certificates_sha256
    ):
        return True
    use({name: value for name, value in variables.items() if name not in CERTIFICATES})
    return False
