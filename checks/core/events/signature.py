"""GitHub's signature of a delivery: the HMAC-SHA256 of its body's bytes under the webhook secret.

https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "X-Hub-Signature-256"

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")


class SignatureError(Exception):
    """The body is not signed with the secret; one sentence of why, which holds nothing of header or secret."""


def verify(secret: bytes, body: bytes, header: str) -> None:
    """Return where `header`, such as ``sha256=757107ea…``, is the signature of `body`. Raises `SignatureError`.

    `body` is what came over the wire, byte for byte. Only SHA-256 is taken. Without a secret nothing is signed.
    """
    if not secret:
        raise SignatureError("no webhook secret is configured to check the signature with")
    if not header:
        raise SignatureError(f"header {HEADER} is missing; set the same webhook secret on the App's settings page")
    signature = _SIGNATURE.fullmatch(header)
    if signature is None:
        raise SignatureError(f"header {HEADER} must be sha256= followed by 64 hexadecimal digits")
    if not hmac.compare_digest(hmac.new(secret, body, hashlib.sha256).hexdigest(), signature[1]):
        raise SignatureError("the signature does not match; the webhook secret or the body is different")
