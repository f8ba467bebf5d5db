"""The App's private key: any form in which a secret may hold its PEM -> the PEM, or why it is not one.

A module of its own, because `cryptography` takes time to import.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from textwrap import wrap

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_LABEL = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")

_OTHER_BLOCKS = {
    "ENCRYPTED PRIVATE KEY": "it is protected by a passphrase",
    "PUBLIC KEY": "it is a public key",
    "RSA PUBLIC KEY": "it is a public key",
    "CERTIFICATE": "it is a certificate",
    "CERTIFICATE REQUEST": "it is a certificate request",
    "EC PRIVATE KEY": "it is an EC key; Apps have RSA keys",
    "DSA PRIVATE KEY": "it is a DSA key; Apps have RSA keys",
    "OPENSSH PRIVATE KEY": "it is an OpenSSH key",
}

_OTHER_TEXTS = (
    (r"(?s:.*)-----END ", "its first line, -----BEGIN RSA PRIVATE KEY-----, is missing"),
    (r"MII[A-Za-z0-9+/=\s]+$", "its first and last lines, BEGIN and END, are missing"),
    (r"SHA256:", "it is the fingerprint of a key"),
    (r"[0-9a-f]{40}$", "it is a client secret"),
    (r"gh[a-z]_|github_pat_", "it is a token"),
    (r"\*+$", "it is a masked secret, copied from a log"),
    (r"\$", "it is the name of a variable or an expression, not its value"),
    (r"[~./\\]|[A-Za-z]:\\|\S+\.pem$", "it is the path of a file, not its text"),
)


class InvalidKeyError(ValueError):
    """Why the text is not an App's private key. The message contains nothing of the text."""


def parse_private_key(text: str) -> str:
    r"""Return the key in PEM with real newlines: RSA, not encrypted, and readable.

    `text` may have literal ``\n``, CRLF, blanks instead of newlines or none at all, and quotes around it, or be the
    base64 of that. Raises `InvalidKeyError`.
    """
    pem = _unwrap(text)
    block = _BLOCK.search(pem)
    if block is None:
        raise InvalidKeyError(_describe(pem))
    label, body = block.groups()
    if label in _OTHER_BLOCKS:
        raise InvalidKeyError(_OTHER_BLOCKS[label])
    if "ENCRYPTED" in body:
        raise InvalidKeyError(_OTHER_BLOCKS["ENCRYPTED PRIVATE KEY"])
    lines = "\n".join(wrap("".join(body.split()), 64))
    return _validated(f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")


def _unwrap(text: str) -> str:
    stripped = re.sub(r"\\+[rn]", "\n", text).strip("\ufeff\"' \t\r\n")
    if "-----" in stripped:
        return stripped
    try:
        decoded = b64decode("".join(stripped.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return stripped
    return _unwrap(decoded) if "-----" in decoded else stripped


def _describe(text: str) -> str:
    label = _LABEL.search(text)
    if label:
        return _OTHER_BLOCKS.get(label[1], f"it is truncated: its last line, -----END {label[1]}-----, is missing")
    if not text:
        return "it is empty"
    return next(
        (description for pattern, description in _OTHER_TEXTS if re.match(pattern, text)), "it is not in PEM format"
    )


def _validated(pem: str) -> str:
    try:
        key = load_pem_private_key(pem.encode("utf-8", "replace"), password=None, unsafe_skip_rsa_key_validation=True)
        if isinstance(key, RSAPrivateKey) and not _is_consistent(key.private_numbers()):
            raise ValueError
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Without the cause: its text might contain parts of the key.
        raise InvalidKeyError("it is damaged: characters are missing or different") from None
    if not isinstance(key, RSAPrivateKey):
        raise InvalidKeyError(f"its type is {type(key).__name__.removesuffix('PrivateKey')}, not RSA")
    return pem


def _is_consistent(key: RSAPrivateNumbers) -> bool:
    """Whether the numbers belong together: what a changed character breaks. A full validation takes 30 ms."""
    p, q, exponents = key.p, key.q, key.d * key.public_numbers.e
    return (
        min(p, q) > 1
        and p * q == key.public_numbers.n
        and exponents % (p - 1) == 1
        and exponents % (q - 1) == 1
        and (key.dmp1, key.dmq1) == (key.d % (p - 1), key.d % (q - 1))
        and key.iqmp * q % p == 1
    )
