"""Values are redacted when they are escaped, wrapped, coloured or truncated."""

from __future__ import annotations

import json
import pprint
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from html import escape
from textwrap import fill, indent, wrap
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.core.redaction.redactor import Redactor
from checks.core.redaction.truncated import FRAGMENT_CHARACTERS
from checks.core.redaction.values import forms_of
from tests.support.examples import EXAMPLES
from tests.support.fragments import fragments
from tests.support.rules import rule

#: The same in every run; random noise could contain four characters of other texts.
NOISE = b64encode(b"".join(sha256(bytes([number])).digest() for number in range(37))).decode()
KEY = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *wrap(NOISE, 64), "-----END RSA PRIVATE KEY-----"])
PHRASE = "Purple monkeys wash dishes quickly"
AWKWARD = "quick \"brown\\fox\" & <jumps> über\nthe lazy 'dog' 100%"
VALUES = {
    "a pass phrase": PHRASE,
    "quotes and lines": AWKWARD,
    "dashes": "fuzzy-wombat-guards-quietly",
    "one word": "supercalifragilistic",
    "in other letters": "日本語のパスワードです",
    "a connection": "postgres://quokka:wombatwombat@db.internal/quizzes",
    "random": "kN8vQ2xZr7LmP4wYb6Hd1sT0gJ5cF9aUoE3iKqWn",
    "a key": KEY,
}
KNOWN = Redactor(VALUES.values())
REDACT = {value: Redactor([value]) for value in VALUES.values()}

every_value = pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)


#: Four characters reveal a value, except for what all keys and addresses have in common.
PUBLIC = "-----BEGINRSAPRIVATEKEY----------ENDRSAPRIVATEKEY----- postgres://quo"
COMMON = {PUBLIC[start : start + FRAGMENT_CHARACTERS] for start in range(len(PUBLIC))}
FRAGMENTS = {
    value: {fragment for form in forms_of([value]) for fragment in fragments(form)} - COMMON
    for value in VALUES.values()
}


def leaked_fragments(value: str, text: str) -> set[str]:
    """Return what the redacted text still reveals of a value."""
    return FRAGMENTS[value] & fragments(re.sub("use -v to show|is contained here:", "~", text))


def upper_escapes(value: str) -> str:
    return "".join(f"\\u{ord(c):04X}" if ord(c) > 126 else c for c in value)


WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "repr": repr,
    "repr of a repr": lambda value: repr(repr(value)),
    "ascii": ascii,
    "bytes": lambda value: repr(value.encode()),
    "JSON": json.dumps,
    "JSON as it is": lambda value: json.dumps(value, ensure_ascii=False),
    "JSON in JSON": lambda value: json.dumps(json.dumps({"k": value})),
    "JSON in JSON in JSON": lambda value: json.dumps(json.dumps(json.dumps([value]))),
    "JSON of Go and Django": lambda value: (
        json.dumps(value, ensure_ascii=False).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    ),
    "JSON with slashes escaped": lambda value: json.dumps(value).replace("/", "\\/"),
    "JavaScript": upper_escapes,
    "HTML": escape,
    "HTML of Jinja": lambda value: escape(value, quote=False).replace("'", "&#39;").replace('"', "&#34;"),
    "HTML in ASCII": lambda value: escape(value).encode("ascii", "xmlcharrefreplace").decode(),
    "a URL's path": quote,
    "a URL's part": lambda value: quote(value, safe=""),
    "a URL's part in lower case": lambda value: re.sub("%..", lambda match: match[0].lower(), quote(value)),
    "a query": lambda value: urlencode({"a": 1, "key": value}),
    "a URL in a query": lambda value: quote_plus(urlencode({"key": value})),
    "hexadecimal": lambda value: value.encode().hex(),
    "hexadecimal in capitals": lambda value: value.encode().hex().upper(),
    "base64": lambda value: b64encode(value.encode()).decode(),
    "base64, shifted by 1": lambda value: b64encode(f"x{value}".encode()).decode(),
    "base64, shifted by 2": lambda value: b64encode(f"xx{value}".encode()).decode(),
    "base64 of a login": lambda value: b64encode(f"user:{value}\n".encode()).decode(),
    "base64 for URLs": lambda value: urlsafe_b64encode(f"~~{value}".encode()).decode(),
}

#: Ways in which texts are shown line by line.
WRAPPED: dict[str, Callable[[str], str]] = {
    "not at all": str,
    "at 20": lambda text: fill(text, 20),
    "at 7": lambda text: fill(text, 7),
    "indented": lambda text: fill(text, 30, initial_indent="        ", subsequent_indent="        "),
    "by pytest": lambda text: indent(fill(text, 22), "E       ", lambda _: True),
    "in a diff": lambda text: indent(fill(text, 22), "E     - ", lambda _: True),
    "in the other side of a diff": lambda text: indent(fill(text, 22), "  + ", lambda _: True),
    "with a hint": lambda text: f"- {text}\n? ++++    ^^^^^\n",
    "in a box": lambda text: "\n".join(f"│ {line:<24} │" for line in fill(text, 24).splitlines()),
    "in a group": lambda text: indent(fill(text, 30), "  | ", lambda _: True),
    "as a literal": lambda text: pprint.pformat({"k": text}, width=30),
    "as bytes": lambda text: pprint.pformat([text.encode()], width=30),
    "as JSON": lambda text: json.dumps(fill(text, 20)),
    "by Windows": lambda text: fill(text, 20).replace("\n", "\r\n"),
    "in colours": lambda text: "\x1b[1m" + "\x1b[31m \x1b[0m".join(text.split(" ")) + "\x1b[m",
    "coloured within words": lambda text: f"\x1b[33m{text[:5]}\x1b[39;49;00m\x1b[33m{text[5:]}\x1b[39;49;00m",
}


@rule("Secrets that redaction must find: as JSON (also in JSON),")
@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
@every_value
def test_value_is_redacted_in_every_notation(value: str, write: Callable[[str], str]) -> None:
    redacted = REDACT[value](f"<< {write(value)} >>")
    assert leaked_fragments(value, redacted) == set()
    assert (redacted[:2], redacted[-2:]) == ("<<", ">>")


@rule("Secrets that redaction must find: wrapped, indented, in a diff, in a box, as adjacent literals, in colours")
@pytest.mark.parametrize("show", WRAPPED.values(), ids=WRAPPED)
@pytest.mark.parametrize("write", [WRITTEN["as it is"], WRITTEN["JSON"], WRITTEN["base64 of a login"]])
@every_value
def test_value_is_redacted_in_every_wrapping(
    value: str, write: Callable[[str], str], show: Callable[[str], str]
) -> None:
    assert leaked_fragments(value, REDACT[value](show(write(value)))) == set()


def truncated_middle(text: str, start: int, end: int) -> str:
    """Leave out the middle of a text, as the plugin does."""
    return f"{text[:start]}\n… {end - start} characters left out …\n{text[end:]}"


def first_line(text: str) -> str:
    return text.partition("\n")[0]


#: (text, start, end of the omission) -> what is shown.
TRUNCATED: dict[str, Callable[[str, int, int], str]] = {
    "by our plugin": truncated_middle,
    "by our plugin, in a value": lambda text, start, end: truncated_middle(text, start, end).replace("\n", " "),
    "by our plugin, a string": lambda text, start, _: f"{text[:start]!r}…",
    "by our plugin, in JSON": lambda text, start, end: json.dumps(
        truncated_middle(text, start, end), ensure_ascii=False
    ),
    "by pytest": lambda text, start, end: f"assert '{text[:start]}...{text[end:]}' == ''",
    "by unittest": lambda text, start, end: f"'{text[:start]}[{end - start} chars]{text[end:]}' != ''",
    "by unittest, the end": lambda text, start, _: f"{text[:start]} [truncated]... is not true",
    "by textwrap": lambda text, start, end: f"{text[:start]} [...] {text[end:]}",
    "in a diff, the beginning": lambda text, start, _: (
        "E     Skipping 77 identical leading characters in diff, use -v to show\n"
        f"E     - {text[start:]}~~\nE     + {text[start:]}++\nE     ?    ^"
    ),
    "in a diff, both": lambda text, start, end: (
        "E     Skipping 77 identical leading characters in diff, use -v to show\n"
        "E     Skipping 88 identical trailing characters in diff, use -v to show\n"
        f"E     - {first_line(text[start:end])}\nE     + ~~\nE     ?    ^"
    ),
    "around what was found": lambda text, start, end: (
        f"'~' is contained here:\nE     {first_line(text[start:end])}\nE     ?   +"
    ),
    "in colours": lambda text, start, end: (
        f"\x1b[33m'\x1b[39;49;00m\x1b[33m{text[:start]}...{text[end:]}\x1b[39;49;00m\x1b[33m'\x1b[39;49;00m"
    ),
    "twice": lambda text, start, end: f"'{text[:start]}...{text[end:][:9]}… {text[end:][9:]}",
}

TRUNCATABLE = st.sampled_from([VALUES[name] for name in VALUES if name != "a key"])
#: Contains no four characters of a value.
AROUND = st.text("·§ \n\t{}:=!", max_size=12)


@rule("Secrets that redaction must find: truncated, in any of these forms and at any position")
@settings(max_examples=3 * EXAMPLES)
@given(
    value=TRUNCATABLE,
    # Wrapping may break an escape.
    shape=st.tuples(st.sampled_from(sorted(WRITTEN)), st.just("not at all"))
    | st.tuples(
        st.sampled_from(["as it is", "base64 of a login"]), st.sampled_from(["indented", "in a diff", "in a box"])
    ),
    truncation=st.sampled_from(sorted(TRUNCATED)),
    before=AROUND,
    after=AROUND,
    data=st.data(),
)
def test_truncation_leaves_no_four_characters_of_a_value(
    value: str, shape: tuple[str, str], truncation: str, before: str, after: str, data: st.DataObject
) -> None:
    write, show = shape
    text = f"{before}{WRAPPED[show](WRITTEN[write](value))}{after}"
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert leaked_fragments(value, KNOWN(TRUNCATED[truncation](text, start, end))) == set()
