"""Verifying GitHub's signature of a delivery: an HMAC-SHA256 of the raw body with the webhook secret.

https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "X-Hub-Signature-256"

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")


class SignatureError(Exception):
    """The signature is missing or wrong. The message says why, and contains neither header nor secret."""


def verify(secret: bytes, body: bytes, header: str) -> None:
    """Check that `header`, such as ``sha256=757107ea…``, is the signature of `body`. Raises `SignatureError` if not.

    `body` must be the raw bytes of the request. SHA-1 signatures are not accepted. An empty secret accepts nothing.
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
