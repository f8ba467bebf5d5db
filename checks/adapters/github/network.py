"""The proxies and certificates that our requests go by; `requests` finds them in our process's environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ...core.pytest_process.environment import CERTIFICATES, NETWORK
from . import certificates


def use(variables: Mapping[str, str]) -> None:
    """Go by these variables, and by no others of their names, for every connection that is made from here on."""
    for name in NETWORK:
        os.environ.pop(name, None)
    os.environ.update(variables)
    certificates.bundle.cache_clear()


def use_unchanged(variables: Mapping[str, str], certificates_sha256: str) -> bool:
    """As `use`, but without certificates that have another digest by now; return whether all are used."""
    use(variables)
    if not variables.keys() & set(CERTIFICATES) or (
        certificates_sha256 and certificates.digest() == certificates_sha256
    ):
        return True
    use({name: value for name, value in variables.items() if name not in CERTIFICATES})
    return False
