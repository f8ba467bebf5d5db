"""The App's private key, with which it signs its JWTs."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class UnusableKeyError(Exception):
    """The private key cannot sign."""


def rsa_key(pem: str) -> RSAPrivateKey:
    """Return the key without validating it, which takes 30 ms: parsing the credentials has compared its numbers."""
    try:
        key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise UnusableKeyError("the private key is not an RSA key in PEM format without a passphrase")
    return key
