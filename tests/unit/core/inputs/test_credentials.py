"""Which credentials are used, and which mistakes in them are reported."""

from __future__ import annotations

import pytest

from checks.core.inputs.credentials import parse_credentials
from checks.core.model.errors import CheckError
from checks.core.model.job import Context
from checks.core.model.settings import Credentials
from tests.support.github.world import App

KEY = App().private_key
APP = {"app-id": "Iv23liPytestCheckRuns", "private-key": KEY}
PUSH = Context(event="push")
FORK = Context(event="pull_request", is_fork=True)
DEPENDABOT = Context(event="push", is_dependabot=True)

WITHOUT_KEY = {"app-id": "12", "github-token": "ghs_x"}
TOKEN_ONLY = Credentials(app_id="12", github_token="ghs_x")

VALID = {
    "an App": (APP, PUSH, Credentials(app_id="Iv23liPytestCheckRuns", private_key=KEY)),
    "a numeric ID": ({**APP, "app-id": "12"}, PUSH, Credentials(app_id="12", private_key=KEY)),
    "an old client ID": (
        {**APP, "app-id": "Iv1.05c79e9ad1f6bdfa"},
        PUSH,
        Credentials(app_id="Iv1.05c79e9ad1f6bdfa", private_key=KEY),
    ),
    "a key with literal newlines": (
        {**APP, "private-key": KEY.replace("\n", "\\n")},
        PUSH,
        Credentials(app_id="Iv23liPytestCheckRuns", private_key=KEY),
    ),
    "an installation": (
        {**APP, "installation-id": "7"},
        PUSH,
        Credentials(app_id="Iv23liPytestCheckRuns", private_key=KEY, installation_id=7),
    ),
    "a token": ({"github-token": "ghs_x"}, PUSH, Credentials(github_token="ghs_x")),
    "nothing": ({}, Context(), Credentials()),
    "no key on a fork's event": (WITHOUT_KEY, FORK, TOKEN_ONLY),
    "no key on Dependabot's event": (WITHOUT_KEY, DEPENDABOT, TOKEN_ONLY),
}

INVALID = {
    "no key": (WITHOUT_KEY, PUSH, [("private-key", "secrets.CHECKS_PRIVATE_KEY")]),
    "no key where forks get secrets": (
        WITHOUT_KEY,
        Context(event="pull_request_target", is_fork=True),
        [("private-key", "secrets.CHECKS_PRIVATE_KEY")],
    ),
    "no App": ({"private-key": KEY}, PUSH, [("app-id", "vars.CHECKS_APP_ID")]),
    "a slug": ({**APP, "app-id": "my-app"}, PUSH, [("app-id", "neither a client ID")]),
    "the key as ID": ({**APP, "app-id": KEY}, PUSH, [("app-id", "neither a client ID")]),
    "a token as ID": ({**APP, "app-id": "ghs_x1"}, PUSH, [("app-id", "neither a client ID")]),
    "installation 0": ({**APP, "installation-id": "0"}, PUSH, [("installation-id", "whole number")]),
    "a token and more on another line": (
        {"github-token": "ghs_x\nghs_x"},
        PUSH,
        [("github-token", "a line break")],
    ),
    "a token and more on the same line": ({"github-token": "token ghs_x"}, PUSH, [("github-token", "a blank")]),
    "a token with other characters": ({**APP, "github-token": "ghs_xé"}, PUSH, [("github-token", "not ASCII")]),
    "a token that is not UTF-8": ({"github-token": "ghs_x\udcff"}, PUSH, [("github-token", "not ASCII")]),
    "a wrong key on a fork's event": (
        {**APP, "private-key": "***"},
        FORK,
        [("private-key", "not an App's private key")],
    ),
    "everything": (
        {"app-id": "?", "installation-id": "x", "private-key": "/key.pem"},
        PUSH,
        [("app-id", "neither"), ("installation-id", "whole number"), ("private-key", "path")],
    ),
}


@pytest.mark.parametrize(("inputs", "context", "credentials"), VALID.values(), ids=VALID)
def test_valid_inputs_give_credentials(inputs: dict[str, str], context: Context, credentials: Credentials) -> None:
    assert parse_credentials(inputs, context) == credentials


@pytest.mark.parametrize(("inputs", "context", "expected_problems"), INVALID.values(), ids=INVALID)
def test_all_problems_are_reported_without_secret_values(
    inputs: dict[str, str], context: Context, expected_problems: list[tuple[str, str]]
) -> None:
    with pytest.raises(CheckError) as raised:
        parse_credentials(inputs, context)
    problems = raised.value.problems
    assert [problem.what for problem in problems] == [f"Input `{name}`" for name, _ in expected_problems]
    assert all(words in str(problem) for problem, (_, words) in zip(problems, expected_problems, strict=True))
    assert KEY.splitlines()[1] not in str(raised.value)
    assert "ghs_x" not in str(raised.value)


def test_repr_contains_no_secrets() -> None:
    shown = repr(parse_credentials({**APP, "github-token": "ghs_x"}, PUSH))
    assert "PRIVATE" not in shown
    assert "ghs_x" not in shown
