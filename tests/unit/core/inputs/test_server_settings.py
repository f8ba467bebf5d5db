"""The webhook receiver's variables: what they mean, and that all mistakes are reported at once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from checks.core.inputs.server_settings import MIN_SECRET_CHARACTERS, parse_server_settings
from checks.core.model.errors import CheckError
from tests.support.github.world import App

KEY = App().private_key
SECRET = "s" * MIN_SECRET_CHARACTERS
REQUIRED = {"CHECKS_APP_ID": "12345", "CHECKS_PRIVATE_KEY": KEY, "CHECKS_WEBHOOK_SECRET": SECRET}

INVALID = {
    "nothing": (dict.fromkeys(REQUIRED, ""), ["CHECKS_APP_ID", "CHECKS_PRIVATE_KEY", "CHECKS_WEBHOOK_SECRET"]),
    "no App": ({"CHECKS_APP_ID": ""}, ["CHECKS_APP_ID"]),
    "no key": ({"CHECKS_PRIVATE_KEY": " \n"}, ["CHECKS_PRIVATE_KEY"]),
    "a token in place of the App": (
        {"CHECKS_APP_ID": "", "CHECKS_PRIVATE_KEY": "", "CHECKS_GITHUB_TOKEN": "ghs_1"},
        ["CHECKS_APP_ID", "CHECKS_PRIVATE_KEY"],
    ),
    "a name for the App": ({"CHECKS_APP_ID": "my app"}, ["CHECKS_APP_ID"]),
    "no such key": ({"CHECKS_PRIVATE_KEY": "app.pem"}, ["CHECKS_PRIVATE_KEY"]),
    "no such key and no App": (
        {"CHECKS_APP_ID": "", "CHECKS_PRIVATE_KEY": "app.pem"},
        ["CHECKS_APP_ID", "CHECKS_PRIVATE_KEY"],
    ),
    "an installation that is none": ({"CHECKS_INSTALLATION_ID": "0"}, ["CHECKS_INSTALLATION_ID"]),
    "no secret": ({"CHECKS_WEBHOOK_SECRET": "  "}, ["CHECKS_WEBHOOK_SECRET"]),
    "a short secret": ({"CHECKS_WEBHOOK_SECRET": SECRET[1:]}, ["CHECKS_WEBHOOK_SECRET"]),
    "blanks around a short secret": ({"CHECKS_WEBHOOK_SECRET": f" {SECRET[1:]}\n"}, ["CHECKS_WEBHOOK_SECRET"]),
    "a server without scheme": ({"GITHUB_API_URL": "github.example/api/v3"}, ["GITHUB_API_URL"]),
    "a server of another scheme": ({"GITHUB_API_URL": "ftp://github.example"}, ["GITHUB_API_URL"]),
    "a server without name": ({"GITHUB_API_URL": "https://"}, ["GITHUB_API_URL"]),
    "a broken address": ({"GITHUB_API_URL": "https://[::1"}, ["GITHUB_API_URL"]),
}


def test_required_variables_give_the_settings() -> None:
    settings = parse_server_settings({**REQUIRED, "CHECKS_WEBHOOK_SECRET": f"{SECRET}é\n"})
    assert (settings.credentials.app_id, settings.credentials.private_key) == ("12345", KEY)
    assert (settings.secret, settings.api_url) == (f"{SECRET}é".encode(), "https://api.github.com")


def test_api_url_names_an_enterprise_server() -> None:
    settings = parse_server_settings({**REQUIRED, "GITHUB_API_URL": "https://github.example/api/v3/"})
    assert settings.api_url == "https://github.example/api/v3"


@pytest.mark.parametrize("token", ["ghs_1", "ghs_1\nghs_1"])
def test_receiver_ignores_workflow_inputs_and_token(token: str) -> None:
    settings = parse_server_settings(
        {**REQUIRED, "INPUT_APP-ID": "1", "INPUT_METHOD": "x", "CHECKS_GITHUB_TOKEN": token}
    )
    assert (settings.credentials.app_id, settings.credentials.github_token) == ("12345", "")


@pytest.mark.parametrize(("environ", "variables"), INVALID.values(), ids=INVALID)
def test_each_wrong_variable_is_reported_once_without_value(environ: Mapping[str, str], variables: list[str]) -> None:
    with pytest.raises(CheckError) as raised:
        parse_server_settings({**REQUIRED, **environ})
    assert sorted(problem.what for problem in raised.value.problems) == variables
    assert SECRET[1:] not in str(raised.value)


def test_repr_contains_no_secrets() -> None:
    shown = repr(parse_server_settings(REQUIRED))
    assert SECRET not in shown
    assert KEY.splitlines()[1] not in shown
