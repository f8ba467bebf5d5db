"""Secrets are redacted in any form, and nothing else is."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from textwrap import fill, wrap
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.core.redaction.redactor import PIECE_CHARACTERS, Redactor
from tests.support.examples import EXAMPLES
from tests.support.github.world import App
from tests.support.rules import rule

KEY = App().private_key


def random_text(name: str, length: int) -> str:
    """Return letters and digits, the same in every run."""
    parts = (sha256(f"{name}{number}".encode()).digest() for number in range(length // 20 + 1))
    return "".join(b64encode(part, b"xy").decode().rstrip("=") for part in parts)[:length]


R16, R24, R36, R60 = (random_text(f"r{length}", length) for length in (16, 24, 36, 60))
DIGITS = "1234567890123"

TOKENS = {
    "GitHub, personal": f"ghp_{R36}",
    "GitHub, installation": f"ghs_{R36}",
    "GitHub, of a coming format": f"ghs_12345_eyJ{R36}.{R36}.{R24}-{R16}_x",
    "GitHub, fine-grained": f"github_pat_{R24}_{R60}",
    "GitLab": f"glpat-{R16[:8]}-{R16[8:]}_abcd",
    "AWS": "AKIAIOSFODNN7EXAMPLE",
    "Slack bot": f"xoxb-{DIGITS}-{DIGITS}-{R24}",
    "Slack app": f"xapp-1-A0123456789-{DIGITS}-{R60}",
    "Slack webhook": f"hooks.slack.com/services/T01234567/B01234567/{R24}",
    "Stripe": f"sk_live_{R24}",
    "Stripe, restricted": f"rk_test_{R24}",
    "OpenAI": f"sk-{R36}",
    "OpenAI, project": f"sk-proj-{R36}-{R24}_{R16}",
    "Anthropic": f"sk-ant-api03-{R36}-{R24}",
    "npm": f"npm_{R36}",
    "PyPI": f"pypi-AgEIcHlwaS5vcmc{R60}",
    "Hugging Face": f"hf_{R36}",
    "Docker": f"dckr_pat_{R16}-{R16}",
    "Google": f"AIza{R36[:35]}",
    "SendGrid": f"SG.{R24}.{R36}",
    "JWT": f"eyJhbGciOiJIUzI1NiJ9.{R36}.{R24}-_x",
    "a key": KEY.strip(),
    "a key in JSON": KEY.strip().replace("\n", "\\n"),
    "a PKCS#8 key": KEY.strip().replace("RSA ", ""),
    "an encrypted key": KEY.strip().replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,00\n\n", 1),
}


@rule("Secrets that redaction must find: a token of a well-known kind")
@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("around", ["{}", "token = '{}', more", "a\n{}\nb", 'E   {{"k": "{}"}}', "日本語 {}"])
def test_well_known_token_is_redacted_without_its_surroundings(token: str, around: str) -> None:
    assert Redactor()(around.format(token)) == around.format("***")


LINES = KEY.splitlines()
PARTLY = {
    f"Authorization: Bearer {R36}": "Authorization: B***",
    f"authorization: bearer {R16}.1": "authorization: b***",
    f"Basic {b64encode(b'user:hunter2hunter2').decode()}": "B***",
    "postgres://app:hunter2hunter2@db/app": "postgres://app:***@db/app",
    "https://:hunter2hunter2@example.com": "https://:***@example.com",
    f"two: ghp_{R36} ghp_{R36}": "two: *** ***",
    f"{LINES[0]}\nE       {LINES[1]}\nE       {LINES[2]}\nE  the end": "***\nE  the end",
}


@pytest.mark.parametrize(("text", "redacted"), PARTLY.items(), ids=range(len(PARTLY)))
def test_only_the_secret_part_of_headers_and_urls_is_redacted(text: str, redacted: str) -> None:
    assert Redactor()(text) == redacted


INNOCENTS = (
    "tests/test_a.py::TestThing::test_total[EUR-12]",
    "tests/test_token.py::test_bearer token_is_missing",
    "tests/test_auth.py::test_basic authentication_is_refused",
    "tests/test_a.py::test_hash[e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855]",
    "tests/test_a.py::test_id[5f3e2a1c-0b9d-4e8f-a7c6-d5b4a3928170]",
    "tests/test_a.py::test_run[task-5f3e2a1c0b9d4e8fa7c6d5b4a3928170]",
    "tests/test_a.py::test_gh[ghp_short]",
    "tests/test_a.py::test_ghs_token_for_installation_is_kept",
    "tests/test_a.py::test_github_pat_is_required_for_this_test",
    "tests/test_a.py::test_npm_install_and_sk_learn_and_hf_models",
    "tests/test_sk-learn_estimators-with-many-parameters.py",
    "tests/test_url.py::test_parse[http://user:pass@example.com:8080/a?b=c]",
    "tests/test_url.py::test_parse[http://user:password@example.com]",
    "tests/test_url.py::test_parse[http://localhost:12345678/a@b]",
    "tests/test_jwt.py::test_decode[eyJ.eyJ.x]",
    "keyJsonSerializer.serializeEverythingInIt(value)",
    "xoxo-with-love-from-all-of-us",
    "BASIC AUTHENTICATION FAILED",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "'-----BEGIN RSA PRIVATE KEY' is missing",
    "<object at 0x7f2a8c1e5d50>, AKIAB, asia, SG.x, ya29., AIza",
    "=" * 200,
    "commit 0123456789abcdef0123456789abcdef01234567",
    "/home/runner/work/repo/repo/.venv/lib/python3.12/site-packages/requests/adapters.py:519: ConnectionRefusedError",
    "a\0b\ud800\x1b[31m🙂",
    "",
)


@pytest.mark.parametrize("text", INNOCENTS, ids=range(len(INNOCENTS)))
def test_node_ids_and_ordinary_texts_are_not_redacted(text: str) -> None:
    redact = Redactor([KEY, R36, "hunter2hunter2", "eightchr"])
    assert redact(text) == text


SECRET = f"{R36}+/{R24}"
FORMS = {
    "alone": SECRET,
    "a part of it": SECRET[10:40],
    "its beginning and end": f"{SECRET[:24]}...{SECRET[-24:]}",
    "wrapped": "\n".join(wrap(SECRET, 20)),
    "wrapped and indented": fill(SECRET, 24, subsequent_indent="    "),
    "as adjacent literals": "\n".join(f"'{part}'" for part in wrap(SECRET, 25)),
    "quoted for a URL": quote(SECRET, safe=""),
    "base64": b64encode(SECRET.encode()).decode(),
    "base64 of more": b64encode(f"user:{SECRET}".encode()).decode(),
    "base64 of more, wrapped": "\n".join(wrap(b64encode(f"user:{SECRET}\nmore".encode()).decode(), 40)),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_piece_of_a_random_value_is_redacted(text: str) -> None:
    redacted = Redactor([SECRET])(f"value = {text}; more")
    assert redacted.startswith("value = ")
    assert redacted.endswith("; more")
    assert "***" in redacted
    assert len(redacted) < len("value = ***; more") + PIECE_CHARACTERS


def test_parts_of_a_key_are_redacted_also_within_a_line() -> None:
    redact = Redactor([KEY])
    assert redact("\n".join(f"   {line}" for line in LINES[3:6])) == "   ***"
    assert redact(f"'{KEY[:118]}...{KEY.strip()[-118:]}'") == "'***'"
    assert redact(f"'...{KEY.strip()[-118:]}'") == f"'...***\n{LINES[-1]}'"
    assert redact(LINES[2][5:40]) == "***"


@pytest.mark.parametrize("shift", range(8))
def test_header_and_footer_of_keys_are_not_redacted(shift: int) -> None:
    text = f"{' ' * shift}no {LINES[-1]} found, nor {LINES[0][:-2]}"
    assert Redactor([KEY])(text) == text


def test_multi_line_value_is_redacted_in_repr_and_json() -> None:
    value = "first line of it\nsecond line of it"
    redact = Redactor([value])
    assert redact(repr(value)) == "'***'"
    assert redact(json.dumps({"a": value})) == '{"a": "***"}'
    assert redact("  second line of it") == "  ***"


def test_overlapping_values_are_redacted_completely() -> None:
    redact = Redactor(["abcdefghij0123456789", "0123456789klmnopqrst", "abcdefghij01"])
    assert redact("<abcdefghij0123456789klmnopqrst>") == "<***>"
    assert redact("<abcdefghij01> <0123456789klmnopqrst>") == "<***> <***>"


def test_single_words_of_a_value_are_not_redacted() -> None:
    redact = Redactor(["https://user:hunter2hunter2@db.example.com/production"])
    assert redact("https://example.com/production") == "https://example.com/production"


def test_patterns_of_the_user_are_redacted_too() -> None:
    redact = Redactor(patterns=[r"(?i)order-\d+", r"(a)\1", "^x$"])
    assert redact("ORDER-12 and aa and x") == "*** and *** and x"


def test_nested_json_is_redacted_with_its_keys() -> None:
    redact = Redactor(["hunter2hunter2"])
    value = {"hunter2hunter2": ["hunter2hunter2", {"a": ("hunter2hunter2", 1, None, True, 1.5)}]}
    assert redact.redact_json(value) == {"***": ["***", {"a": ["***", 1, None, True, 1.5]}]}


def test_entry_without_a_secret_is_returned_itself() -> None:
    entry = {"event": "stage", "text": "E   boom", "places": [["/repo/a.py", 1]], "sections": [["out", "x…"]]}
    assert Redactor(["hunter2hunter2"]).redact_json(entry) is entry


def test_harmless_entries_of_a_list_are_returned_themselves() -> None:
    entries = [{"text": "hunter2hunter2"}, {"text": "x"}]
    redacted = Redactor(["hunter2hunter2"]).redact_json(entries)
    assert redacted == [{"text": "***"}, {"text": "x"}]
    assert redacted[1] is entries[1]


def test_each_of_very_many_texts_in_an_entry_is_redacted() -> None:
    redact = Redactor(["hunter2hunter2"])
    value = {"tests": [{"text": f"{n} hunter2hunter2"} for n in range(500)]}
    assert redact.redact_json(value) == {"tests": [{"text": f"{n} ***"} for n in range(500)]}


@pytest.mark.parametrize("depth", [10, 59, 60, 61, 900])
def test_deeply_nested_secret_is_redacted_or_removed(depth: int) -> None:
    value: Any = "hunter2hunter2"
    for _ in range(depth):
        value = [value]
    redacted = Redactor(["hunter2hunter2"]).redact_json({"user_properties": value})
    assert "hunter2" not in json.dumps(redacted)


COLOURED = {
    "in colour": "\x1b[31mhunter2hunter2\x1b[0m",
    "partly in colour": "hun\x1b[31mter2hun\x1b[0mter2",
    "behind a lone escape": "\x1bhunter2hunter2",
    "behind another kind of escape": "\x9bhunter2hunter2 \x1b[31m",
    "a token in colour": "\x1b[33mAKIAIOSFODNN7EXAMPLE\x1b[0m and more",
    "a token that a colour ends": "= AKIAIOSFODNN7EXAMPLE\x1b[0mand more",
    "a token partly in colour": f"ghp_{R36[:9]}\x1b[31m{R36[9:]}",
    "by a pattern of the user's": "or\x1b[31mder-12",
}


@pytest.mark.parametrize("text", COLOURED.values(), ids=COLOURED)
def test_secret_within_colours_is_redacted(text: str) -> None:
    redact = Redactor(["hunter2hunter2"], [r"order-\d+"])
    redacted = json.dumps(redact.redact_json({"text": f"E {text}", "other": "\x1b[32mok\x1b[0m"}))
    for secret in ("unter2", "AKIA", R36[9:], R36[:9], "order", "der-12"):
        assert secret not in redacted
    assert "\\u001b[32mok\\u001b[0m" in redacted


def test_value_is_not_found_across_two_texts() -> None:
    entry = {"message": "hunter2", "text": "hunter2"}
    assert Redactor(["hunter2 hunter2"]).redact_json(entry) == entry


def test_pattern_applies_to_each_text_and_to_unprotected_keys() -> None:
    redact = Redactor(patterns=["^.*$", "message|passed"])
    entry = {"message": "a", "outcome": "passed", "reason": "passed", "metadata": {"mine": ["b", 1]}}
    assert redact.redact_json(entry) == {
        "message": "***",
        "outcome": "passed",
        "reason": "***",
        "metadata": {"***": ["***", 1]},
    }


TRUNCATED_INNOCENTS = (
    "Waiting for the database... done",
    "tests/test_a.py ...F.. [ 50%]",
    "assert 'abc...xyz' == 'abc…xyz'",
    "def f(*args: int) -> tuple[int, ...]: ...",
    "https://... and postgres://...",
    "… 3 frames left out …\nE   KeyError: 'kN8'",
    "Skipping 50 identical leading characters in diff, use -v to show\n- abc\n+ abd",
    "x" * 10_000,
)


@pytest.mark.parametrize("text", TRUNCATED_INNOCENTS, ids=lambda text: text[:20])
def test_truncated_texts_without_a_value_are_not_redacted(text: str) -> None:
    redact = Redactor([KEY, R36, "hunter2hunter2", "postgres://app:hunter2hunter2@db/app", "eightchr"])
    assert redact(text) == text


NASTY = st.text(alphabet=st.sampled_from("aZ0_-./:@+= \n'\\\ud800é🙂*"), max_size=12)
KNOWN = [SECRET, KEY.strip(), "hunter2hunter2", "eightchr", "日本語のパスワード"]
REDACT = Redactor(KNOWN)


TRUNCATION_MARKS = [
    "…",
    "...",
    "[12 chars]",
    "\n… 5 characters left out …\n",
    "\x1b[31m",
    "\x1b[0m",
    "\x1b",
    "E   ",
    "\n- ",
    "\\n",
]


@settings(max_examples=2 * EXAMPLES)
@given(st.lists(st.sampled_from([*KNOWN, *TOKENS.values(), *FORMS.values(), *TRUNCATION_MARKS]) | NASTY, max_size=8))
def test_redaction_never_raises_and_is_idempotent(parts: list[str]) -> None:
    once = REDACT("".join(parts))
    assert REDACT(once) == once
    assert not any(value in once for value in KNOWN)


@rule("Secrets that redaction must find: a piece of a random value")
@given(NASTY, st.integers(min_value=0, max_value=len(SECRET) - 24), NASTY)
def test_piece_of_a_random_value_is_redacted_in_any_text(before: str, start: int, after: str) -> None:
    piece = SECRET[start : start + 24]
    assert piece[4:20] not in REDACT(f"{before}{piece}{after}")


@pytest.mark.parametrize("texts", [1_000, 5_000])
def test_secret_among_very_many_texts_is_redacted(texts: int) -> None:
    redact = Redactor(["hunter2-hunter2"])
    harmless_texts: list[Any] = [f"text {number}" for number in range(texts)]
    secret = ["hunter2-hunter2"]
    assert redact.redact_json([*harmless_texts, secret, *harmless_texts]) == [*harmless_texts, ["***"], *harmless_texts]
    harmless_members = {text: text for text in harmless_texts}
    assert redact.redact_json({**harmless_members, "x": secret, "hunter2-hunter2": 1}) == {
        **harmless_members,
        "x": ["***"],
        "***": 1,
    }
