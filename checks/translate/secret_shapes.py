"""What secrets look like when nobody told us of them: well-known tokens, keys, headers and passwords in URLs.

Each expression begins with fixed letters, which `re` finds by a fast search (1.5 µs in 3 kB); joined into one they
would take a hundred. Most are only tried where 16 letters and digits stand together and are no words.
"""

from __future__ import annotations

import re

MARK = "***"

#: Looking ahead is bounded everywhere: a hostile text must not take the square of its length.
_RANDOM = r"(?=[\w.-]{0,200}?[A-Za-z0-9]{16})"

#: A private key; also cut, with quotes and escapes between its lines.
_KEY_BLOCK = (
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:(?:[^-]|-(?!----)){0,16000}-----END [A-Z0-9 ]*PRIVATE KEY-----|"
    r"(?:[\s\"'\\nrE>|]*[A-Za-z0-9+/=]{16,})*)"
)
_TOKENS = tuple(
    re.compile(shape, re.ASCII)
    for shape in (
        # https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/;
        # the length is not to be relied upon.
        rf"gh[pousr]_{_RANDOM}[\w.-]*\w",
        rf"github_pat_{_RANDOM}\w+",
        r"A(?<![A-Za-z0-9]A)[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])",  # AWS
        r"xox[abeprs]-(?=[A-Za-z-]{0,20}[0-9])[A-Za-z0-9-]{16,}",  # Slack
        r"xapp-[0-9]-[A-Za-z0-9-]{16,}",
        r"hooks\.slack\.com/services/[A-Za-z0-9/]{16,}",
        r"sk(?<![A-Za-z0-9]sk)_(?:live|test)_[A-Za-z0-9]{16,}",  # Stripe
        r"rk(?<![A-Za-z0-9]rk)_(?:live|test)_[A-Za-z0-9]{16,}",
        r"whsec_[A-Za-z0-9+/=]{24,}",
        r"sk(?<![A-Za-z0-9]sk)-(?:[A-Za-z0-9]{20,}|(?:ant|proj|svcacct|admin)-[\w-]{20,})",  # OpenAI, Anthropic
        r"npm_[A-Za-z0-9]{30,}",
        r"hf_[A-Za-z0-9]{30,}",
        r"pypi-AgE[\w-]{16,}",
        r"ya29\.[\w-]{20,}",  # Google
        r"SG\.[\w-]{16,}\.[\w-]{16,}",  # SendGrid
        r"eyJ(?=[\w-]{0,200}[0-9])[\w-]{14,2000}\.[\w-]{14,}(?:\.[\w-]*)*",  # a JSON Web Token
        r"earer\s+(?<=[Bb]earer\s)(?=\S{0,200}[0-9])[\w.~+/=-]{16,}",
        r"asic\s+(?<=[Bb]asic\s)(?=\S{0,200}[0-9=])[A-Za-z0-9+/=]{16,}",
        _KEY_BLOCK,
    )
)
#: These may have dashes all over.
_DASHED_TOKENS = tuple(
    re.compile(shape, re.ASCII) for shape in (r"glpat-[\w-]{20,}", r"dckr_pat_[\w-]{20,}", r"AIza[\w-]{35}")
)
_PASSWORD_IN_URL = re.compile(r"(://[^\s/:@\"'<>]*:)(?!password@)[^\s/@\"'<>]{8,}@")

_AS_RUN = bytes(ord("a") if chr(code).isalnum() and code < 128 else ord(" ") for code in range(256))
_RUN = b"a" * 16
_CAMEL_CASE = re.compile(rb"(?:[A-Z]*+[a-z]{2,}+)++[A-Z]?")


def without_tokens(text: str, data: bytes) -> str:
    """`text` without what looks like a secret; `data` is the UTF-8 of `text`."""
    shapes = _TOKENS + _DASHED_TOKENS if _has_random_run(data) else _DASHED_TOKENS
    before = None
    while text != before:  # what stood beside a secret may stand alone now
        before = text
        for shape in shapes:
            text = shape.sub(MARK, text)
    return _PASSWORD_IN_URL.sub(rf"\1{MARK}@", text)


def _has_random_run(data: bytes) -> bool:
    runs = data.translate(_AS_RUN) + b" "
    begin = runs.find(_RUN)
    while begin >= 0:
        end = runs.index(b" ", begin)
        if not _CAMEL_CASE.fullmatch(data, begin, end):
            return True
        begin = runs.find(_RUN, end)
    return False
