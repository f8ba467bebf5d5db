"""In which forms an App's key is taken, and as what everything else is recognised."""

from __future__ import annotations

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from checks.core.inputs.private_key import InvalidKeyError, parse_private_key
from tests.support.github.world import App

KEY = App().private_key
RSA_KEY = load_pem_private_key(KEY.encode(), password=None)


def _pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def _rsa_pem(form: PrivateFormat, encryption: KeySerializationEncryption) -> str:
    return RSA_KEY.private_bytes(Encoding.PEM, form, encryption).decode()


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


EC_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = RSA_KEY.public_key()
ENCRYPTION = BestAvailableEncryption(b"passphrase")
BODY = "".join(KEY.splitlines()[1:-1])

SAME_KEY = {
    "as downloaded": KEY,
    "without the last newline": KEY.strip(),
    "CRLF": KEY.replace("\n", "\r\n"),
    "CR": KEY.replace("\n", "\r"),
    "literal newlines": KEY.replace("\n", "\\n"),
    "literal CRLF": KEY.replace("\n", "\\r\\n"),
    "newlines escaped twice": KEY.replace("\n", "\\\\n"),
    "blanks for newlines": KEY.replace("\n", " "),
    "no newlines": KEY.replace("\n", ""),
    "indented": "\n".join(f"    {line}" for line in KEY.splitlines()),
    "double quotes": f'"{KEY}"',
    "single quotes and literal newlines": "'" + KEY.replace("\n", "\\n") + "'",
    "byte order mark": "\ufeff" + KEY,
    "base64": _base64(KEY),
    "base64 with CRLF inside": _base64(KEY.replace("\n", "\r\n")),
    "wrapped base64": "\n".join(_base64(KEY)[at : at + 76] for at in range(0, 3000, 76)),
    "base64 in quotes": f'"{_base64(KEY)}"',
    "words before it": "Bag Attributes\n  localKeyID: 01\n" + KEY,
}

INVALID = {
    "empty": ("", "empty"),
    "blanks": ("  \n", "empty"),
    "quotes": ('""', "empty"),
    "encrypted PKCS#8": (_rsa_pem(PrivateFormat.PKCS8, ENCRYPTION), "passphrase"),
    "encrypted PKCS#1": (_rsa_pem(PrivateFormat.TraditionalOpenSSL, ENCRYPTION), "passphrase"),
    "public": (PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), "public key"),
    "public PKCS#1": (PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode(), "public key"),
    "certificate": (KEY.replace("RSA PRIVATE KEY", "CERTIFICATE"), "certificate"),
    "EC": (_pem(EC_KEY, PrivateFormat.TraditionalOpenSSL), "EC key"),
    "EC in PKCS#8": (_pem(EC_KEY, PrivateFormat.PKCS8), "not RSA"),
    "Ed25519": (_pem(ed25519.Ed25519PrivateKey.generate(), PrivateFormat.PKCS8), "not RSA"),
    "OpenSSH": (_pem(ed25519.Ed25519PrivateKey.generate(), PrivateFormat.OpenSSH), "OpenSSH"),
    "truncated at the end": (KEY[:800], "truncated"),
    "truncated in base64": (_base64(KEY[:800]), "truncated"),
    "truncated at the beginning": (KEY[800:], "first line"),
    "truncated within": (KEY[:400] + KEY[500:], "damaged"),
    "changed": (KEY.replace(BODY[:20], "é" * 20), "damaged"),
    "the first line only": (KEY.splitlines()[0], "truncated"),
    "body only": (BODY, "BEGIN and END"),
    "a path": ("/run/secrets/app.pem", "path"),
    "a relative path": ("keys/app.private-key.pem", "path"),
    "a Windows path": ("C:\\keys\\app.pem", "path"),
    "an expression": ("${{ secrets.KEY }}", "expression"),
    "masked": ("***", "log"),
    "a fingerprint": ("SHA256:0GxV7wdsYwmNWmt0G1HLsLCRBNQuHl+8rMB4B6kmU2M=", "fingerprint"),
    "a client secret": ("0123456789abcdef0123456789abcdef01234567", "client secret"),
    "a token": ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "token"),
    "words": ("my private key", "not in PEM"),
    "base64 of words": (_base64("my private key"), "not in PEM"),
    "a lone surrogate": ("\udc80", "not in PEM"),
}


@pytest.mark.parametrize("text", SAME_KEY.values(), ids=SAME_KEY)
def test_key_is_parsed_in_every_form_that_secrets_have(text: str) -> None:
    assert parse_private_key(text) == KEY


def test_pkcs8_key_stays_pkcs8() -> None:
    pem = _rsa_pem(PrivateFormat.PKCS8, NoEncryption())
    assert parse_private_key(pem.replace("\n", "\\n")) == pem


@pytest.mark.parametrize(("text", "reason"), INVALID.values(), ids=INVALID)
def test_invalid_key_error_gives_reason_without_key_text(text: str, reason: str) -> None:
    with pytest.raises(InvalidKeyError, match=reason) as raised:
        parse_private_key(text)
    assert not any(line in str(raised.value) for line in [*KEY.splitlines()[1:-1], KEY[800:820]])
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("position", range(60, 1_600, 41))
def test_key_with_another_character_is_invalid(position: int) -> None:
    changed = KEY[:position] + ("B" if KEY[position] == "A" else "A") + KEY[position + 1 :]
    with pytest.raises(InvalidKeyError, match="damaged"):
        parse_private_key(changed)


#: Each damages one of the numbers, and keeps the others.
NUMBERS = {
    "exponent": {"d": 2},
    "exponent of p": {"dmp1": 2},
    "exponent of q": {"dmq1": 2},
    "coefficient": {"iqmp": 1},
}


@pytest.mark.parametrize("changes", NUMBERS.values(), ids=NUMBERS)
def test_key_whose_numbers_do_not_belong_together_is_invalid(changes: dict[str, int]) -> None:
    assert isinstance(RSA_KEY, RSAPrivateKey)
    numbers = RSA_KEY.private_numbers()
    names = ("p", "q", "d", "dmp1", "dmq1", "iqmp")
    changed = {name: getattr(numbers, name) + changes.get(name, 0) for name in names}
    key = RSAPrivateNumbers(**changed, public_numbers=numbers.public_numbers).private_key(
        unsafe_skip_rsa_key_validation=True
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    with pytest.raises(InvalidKeyError, match="damaged"):
        parse_private_key(pem)
