"""Which variables and values are secrets, and that each form of a value is found."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.model.settings import Credentials
from checks.core.redaction.values import forms_of, opaque_runs, secrets_of
from tests.support.github.world import App

KEY = App().private_key
VALUE = "kN8!vQ2x#"

SECRET_NAMES = (
    "GITHUB_TOKEN",
    "INPUT_GITHUB-TOKEN",
    "INPUT_PRIVATE-KEY",
    "CHECKS_PRIVATE_KEY",
    "ACTIONS_RUNTIME_TOKEN",
    "TOKENS",
    "TOKEN_2",
    "client_secret",
    "npm_config__authToken",
    "PGPASSWORD",
    "MYSQL_PWD",
    "SMTP_PASS",
    "DB_PASSWD",
    "GPG_PASSPHRASE",
    "GOOGLE_CREDENTIALS",
    "AWS_SECRET_ACCESS_KEY",
    "MY_API_KEY",
    "OPENAI_APIKEY",
    "SSH_PRIVATE",
    "REDIS_AUTH",
    "DOCKER_AUTH_CONFIG",
    "SESSION_COOKIE",
    "STORAGE_CONNECTION_STRING",
)
OTHER_NAMES = (
    "GITHUB_ACTOR",
    "GITHUB_REPOSITORY",
    "PATH",
    "PWD",
    "OLDPWD",
    "AUTHOR",
    "GIT_AUTHOR_NAME",
    "TOKENIZERS_PARALLELISM",
    "PRIVATELY",
    "SECRETARY",
    "INPUT_PASS-ENV",
    "INPUT_PASSING",
    "CHECKS_PASS_ENV",
    "BYPASS",
    "COMPASS",
    "CACHE_KEY",
    "KEYBOARD",
    "PATTERN",
)
ORDINARY_VALUES = (
    "",
    "short",
    "seven77",
    "True",
    "production",
    "LOCALHOST",
    "20240131",
    "127.0.0.1:5432",
    "/run/secrets/app.pem",
    "~/.ssh/id_ed25519",
    "./secrets.json",
    "C:\\keys\\app.pem",
    "https://auth.example.com/oauth2/token",
)
SECRET_VALUES = (
    VALUE,
    "eightchr",
    "hunter2 hunter2",
    "https://user:hunter2hunter2@example.com/",
    "https://hooks.example.com/T0kN8vQ2xZr7LmP4wYb6Hd1s",
    "/wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY",
    "日本語のパスワード",
)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_variable_named_like_a_secret_is_a_secret(name: str) -> None:
    assert secrets_of(Credentials(), {name: VALUE}) == (VALUE,)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_variable_with_another_name_is_no_secret(name: str) -> None:
    assert secrets_of(Credentials(), {name: VALUE}) == ()


@pytest.mark.parametrize("value", ORDINARY_VALUES)
def test_ordinary_value_is_no_secret(value: str) -> None:
    assert secrets_of(Credentials(github_token=value), {"MY_TOKEN": f" {value}\n"}) == ()


@pytest.mark.parametrize("value", SECRET_VALUES)
def test_unusual_value_is_a_secret(value: str) -> None:
    assert secrets_of(Credentials(), {"MY_TOKEN": f" {value}\n"}) == (value,)


def test_credentials_are_secrets_without_duplicates() -> None:
    credentials = Credentials(app_id="12", private_key=KEY, github_token=VALUE)
    assert secrets_of(credentials, {"GITHUB_TOKEN": VALUE}) == (KEY.strip(), VALUE)


def test_each_line_of_a_key_is_a_form_except_its_header() -> None:
    forms = forms_of([KEY])
    assert set(KEY.splitlines()[1:-2]) <= forms
    assert "-----BEGIN RSA PRIVATE KEY-----" not in forms


AWKWARD = 'kN8/v+Q2 "x"\\é\n#2nd line'
WRITTEN = {
    "as it is": AWKWARD,
    "JSON": json.dumps(AWKWARD),
    "JSON with letters as they are": json.dumps(AWKWARD, ensure_ascii=False),
    "Python": repr({"key": AWKWARD}),
    "a query": urlencode({"key": AWKWARD}),
    "a URL's path": quote(AWKWARD),
    "a URL's user": quote(AWKWARD, safe=""),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_forms_cover_how_others_write_a_value(text: str) -> None:
    complete_forms = (form for form in forms_of([AWKWARD]) if "2nd" in form and "kN8" in form)
    assert any(form in text for form in complete_forms)


@given(st.binary(max_size=5), st.text(min_size=8, max_size=20), st.binary(max_size=5))
def test_forms_cover_a_value_at_any_offset_in_base64(before: bytes, value: str, after: bytes) -> None:
    data = before + value.encode() + after
    matching_forms = [form for form in forms_of([value]) if form in b64encode(data).decode()]
    assert max(map(len, matching_forms)) >= len(value.encode()) * 4 // 3 - 1
    assert any(form in urlsafe_b64encode(data).decode() for form in forms_of([value]))


OPAQUE = ("5f3e2a1c0b9d4e8fa7c6d5b4a392817012345678", KEY.splitlines()[1])
PLAIN = (
    "my-company-production-2-database",
    "test_that_a_name_of_any_length_stays",
    "ConnectionRefusedErrorOfAnything",
    "=" * 80,
)


@pytest.mark.parametrize("run", OPAQUE, ids=["hexadecimal", "base64"])
def test_random_text_is_opaque(run: str) -> None:
    assert opaque_runs(f"x: '{run}'") == [run]


@pytest.mark.parametrize("run", PLAIN)
def test_words_are_not_opaque(run: str) -> None:
    assert opaque_runs(run) == []
