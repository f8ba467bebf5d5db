"""Only deliveries signed with the webhook secret are accepted."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from checks.core.events.signature import SignatureError, verify
from tests.support.rules import rule

# https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
SECRET = b"It's a Secret to Everybody"
BODY = b"Hello, World!"
DIGITS = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
SHA1 = hmac.new(SECRET, BODY, hashlib.sha1).hexdigest()

REFUSED = {
    "none": ("", "missing"),
    "a blank": (" ", "must be sha256="),
    "without its kind": (DIGITS, "must be sha256="),
    "without digits": ("sha256=", "must be sha256="),
    "a digit less": (f"sha256={DIGITS[:-1]}", "must be sha256="),
    "a digit more": (f"sha256={DIGITS}0", "must be sha256="),
    "another digit": (f"sha256={DIGITS[:-1]}8", "does not match"),
    "all zeros": (f"sha256={'0' * 64}", "does not match"),
    "capitals": (f"sha256={DIGITS.upper()}", "must be sha256="),
    "its kind in capitals": (f"SHA256={DIGITS}", "must be sha256="),
    "a blank before": (f" sha256={DIGITS}", "must be sha256="),
    "a blank behind": (f"sha256={DIGITS} ", "must be sha256="),
    "a newline behind": (f"sha256={DIGITS}\n", "must be sha256="),
    "twice": (f"sha256={DIGITS}, sha256={DIGITS}", "must be sha256="),
    "sha1": (f"sha1={SHA1}", "must be sha256="),
    "sha1 named sha256": (f"sha256={SHA1}", "must be sha256="),
    "sha512": (f"sha512={hmac.new(SECRET, BODY, hashlib.sha512).hexdigest()}", "must be sha256="),
    "base64": ("sha256=dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=", "must be sha256="),
    "other scripts' digits": (f"sha256={DIGITS[:-1]}\N{ARABIC-INDIC DIGIT SEVEN}", "must be sha256="),
    "a lone surrogate": (f"sha256={DIGITS[:-1]}\udc37", "must be sha256="),
    "100 kB": ("sha256=" + "7" * 100_000, "must be sha256="),
    "an empty body's": (f"sha256={hmac.new(SECRET, b'', hashlib.sha256).hexdigest()}", "does not match"),
    "under no secret": (f"sha256={hmac.new(b'', BODY, hashlib.sha256).hexdigest()}", "does not match"),
}


@rule("The receiver and the poll: the example signature that GitHub publishes")
def test_githubs_documented_signature_is_accepted() -> None:
    verify(SECRET, BODY, f"sha256={DIGITS}")


@pytest.mark.parametrize(("header", "reason"), REFUSED.values(), ids=REFUSED)
def test_wrong_header_is_refused_without_leaking_the_secret(header: str, reason: str) -> None:
    with pytest.raises(SignatureError, match=reason) as raised:
        verify(SECRET, BODY, header)
    assert DIGITS[:8] not in str(raised.value)
    assert SECRET.decode() not in str(raised.value)


@pytest.mark.parametrize("body", [b"", b"Hello, World", b"Hello, World!\n", b"hello, World!", b"\xff"])
def test_signature_of_other_body_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureError, match="the signature does not match"):
        verify(SECRET, body, f"sha256={DIGITS}")


def test_binary_body_can_be_signed() -> None:
    secret, body = b"\xff\x00", bytes(range(256))
    verify(secret, body, f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}")


def test_empty_secret_accepts_nothing() -> None:
    with pytest.raises(SignatureError, match="no webhook secret is configured"):
        verify(b"", BODY, f"sha256={hmac.new(b'', BODY, hashlib.sha256).hexdigest()}")
