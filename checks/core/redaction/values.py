"""Decide which input and environment values are secrets, and list the forms in which they appear in texts."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from operator import ne
from string import ascii_lowercase, ascii_uppercase, digits
from urllib.parse import quote, quote_plus

from ..model.settings import Credentials

#: Redacting shorter values would garble node ids.
MIN_SECRET_CHARACTERS = 8

#: Whole words: ``PGPASSWORD`` and ``MY_API_KEY`` match; ``GITHUB_ACTOR``, ``TOKENIZERS``, ``PWD`` do not.
_SECRET_NAME = re.compile(
    r"(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|APIKEY|JWT)S?(?![A-Z])"
    r"|(?<![A-Z])PRIVATE(?![A-Z])"
    r"|(API|ACCESS|SECRET|SIGNING|ENCRYPTION|MASTER|ACCOUNT|STORAGE|DEPLOY|SERVICE|SSH|HMAC)[_-]KEYS?(?![A-Z])"
    r"|[_-](PASS|PWD|AUTH|AUTH_CONFIG|PAT|COOKIE|CONNECTION_STRING)$"
)
_ORDINARY_WORDS = frozenset(
    {
        *("anonymous", "changeme", "database", "default", "development", "disabled", "enabled", "example", "external"),
        *("integration", "internal", "localhost", "optional", "password", "postgres", "postgresql", "production"),
        *("readonly", "required", "sandbox", "staging", "testing", "undefined", "username"),
    }
)
_NUMBER = re.compile(r"[0-9.,:_+-]+")
_PATH_OR_URL = re.compile(r"https?://|/|~|\.{1,2}/|[A-Za-z]:\\")
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
_NO_CLASS = b"+/=_-"
_CLASSES = bytes.maketrans(
    f"{ascii_uppercase}{ascii_lowercase}{digits}".encode(),
    b"A" * len(ascii_uppercase) + b"a" * len(ascii_lowercase) + b"0" * len(digits),
)

_CODE_POINT = re.compile(r"\\u([0-9a-f]{4})")
_PERCENT = re.compile(r"%[0-9A-F]{2}")
_URL_SAFE = str.maketrans("+/", "-_")
#: Go and Django escape these in JSON.
_HTML_IN_JSON = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "&<>'"})
_DECIMAL_QUOTES = str.maketrans({letter: f"&#{ord(letter)};" for letter in "\"'"})


def secrets_of(credentials: Credentials, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values to redact: secret inputs, and variables whose names suggest a secret."""
    named_values = (value for name, value in environ.items() if _SECRET_NAME.search(name.upper()))
    values = (value.strip() for value in (*credentials.secrets, *named_values))
    return tuple(dict.fromkeys(value for value in values if _is_worth_hiding(value)))


def forms_of(values: Iterable[str]) -> set[str]:
    """Return each value and each of its lines in all forms: JSON, Python, HTML, URLs, base64, hexadecimal."""
    forms = {form for value in values for form in _forms(value)}
    return {form for form in forms if len(form) >= MIN_SECRET_CHARACTERS}


def opaque_runs(text: str) -> list[str]:
    """Return the random-looking stretches, of which even a part is redacted.

    In random text every other letter has another class (upper, lower, digit) than the one before; in words, also in
    CamelCase and snake_case, at most one in four does.
    """
    return [run for run in _LONG_RUN.findall(text) if 3 * _class_changes(run) >= len(run)]


def _is_worth_hiding(value: str) -> bool:
    """Whether `value` may be a secret, rather than a common word, a number or a path."""
    if len(value) < MIN_SECRET_CHARACTERS or value.lower() in _ORDINARY_WORDS or _NUMBER.fullmatch(value):
        return False
    is_path_or_url = _PATH_OR_URL.match(value) and "@" not in value and not opaque_runs(value)
    return not is_path_or_url


def _class_changes(run: str) -> int:
    classes = run.encode().translate(_CLASSES, _NO_CLASS)
    return sum(map(ne, classes, classes[1:]))


def _forms(value: str) -> Iterator[str]:
    data = value.encode("utf-8", "surrogatepass")
    yield from _literal_forms(value)
    yield from _markup_forms(value)
    yield from _url_forms(data)
    for shift in range(3):
        encoded = _base64_form(data, shift)
        yield encoded
        yield encoded.translate(_URL_SAFE)
    yield data.hex()
    yield data.hex().upper()
    lines = [line.strip() for line in value.splitlines()]
    for line in lines[1:] and lines:
        if _is_worth_hiding(line) and not line.startswith("-----"):
            yield from _literal_forms(line)


def _literal_forms(value: str) -> Iterator[str]:
    """Return the value as in string literals of JSON, JSON within HTML, JavaScript and Python."""
    ascii_json, json_text = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    yield from (value, ascii_json, json_text, repr(value)[1:-1], ascii(value)[1:-1])
    yield json_text.translate(_HTML_IN_JSON)
    yield _CODE_POINT.sub(lambda match: rf"\u{match[1].upper()}", ascii_json)
    yield repr(value.encode("utf-8", "surrogatepass"))[2:-1]


def _markup_forms(value: str) -> Iterator[str]:
    for text in (escape(value), escape(value, quote=False), escape(value, quote=False).translate(_DECIMAL_QUOTES)):
        yield text
        yield text.encode("ascii", "xmlcharrefreplace").decode()


def _url_forms(data: bytes) -> Iterator[str]:
    for text in (quote(data, safe=""), quote(data), quote_plus(data)):
        yield text
        yield _PERCENT.sub(lambda match: match[0].lower(), text)
        yield quote(text, safe="")


def _base64_form(data: bytes, shift: int) -> str:
    """Return the base64 characters that `data` alone determines, `shift` bytes after a multiple of three."""
    encoded = b64encode(bytes(shift) + data).decode("ascii").rstrip("=")
    first_character = (0, 2, 3)[shift]
    is_shared = (shift + len(data)) % 3 > 0  # the last letter also encodes following bits
    return encoded[first_character : len(encoded) - is_shared]
