"""Inputs -> `Credentials`. No message contains their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..model.errors import CheckError, Problem
from ..model.job import Context
from ..model.settings import Credentials
from .private_key import InvalidKeyError, parse_private_key

_KEYS_PAGE = (
    "https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/"
    "managing-private-keys-for-github-apps"
)
# Where a workflow has its credentials from, and where a shell may have them from.
_NOT_FOUND = " The secret that it comes from does not exist here."
_KEY_IN_WORKFLOW = (
    "Check the name in `private-key: ${{ secrets.CHECKS_PRIVATE_KEY }}`, and that the repository or organization has "
    "this secret. A reusable workflow must be passed the secret."
)
_KEY_IN_SHELL = "Set one of these variables to the text or to the path of the App's .pem file."
_ID_IN_WORKFLOW = "Set it to the App's client ID, which need not be secret: `app-id: ${{ vars.CHECKS_APP_ID }}`."
_ID_IN_SHELL = "Take the client ID from the App's settings page."


def parse_credentials(inputs: Mapping[str, str], context: Context) -> Credentials:
    """Return the credentials of the App, the token, or both.

    Raises `CheckError` with a `Problem` for each wrong input.
    """
    problems = [
        *_app_id_problems(inputs),
        *_installation_problems(inputs),
        *_token_problems(inputs),
        *_missing_problems(inputs, context),
    ]
    key = inputs.get("private-key", "")
    try:
        key = parse_private_key(key) if key else ""
    except InvalidKeyError as error:
        remedy = "Generate a key on the App's settings page, under Private keys, and store the whole .pem file."
        problems.append(
            Problem(
                what="Input `private-key`",
                why=f"it is not an App's private key: {error}.",
                remedy=remedy,
                link=_KEYS_PAGE,
            )
        )
    if problems:
        raise CheckError(*problems)
    installation = inputs.get("installation-id", "")
    return Credentials(
        app_id=inputs.get("app-id", ""),
        private_key=key,
        installation_id=int(installation) if installation else None,
        github_token=inputs.get("github-token", ""),
    )


def parse_token(inputs: Mapping[str, str]) -> Credentials:
    """Return the token alone; no credentials if it is wrong."""
    return Credentials() if any(_token_problems(inputs)) else Credentials(github_token=inputs.get("github-token", ""))


def withholds_secrets(context: Context) -> bool:
    """Whether GitHub withholds secrets on this event, so that a missing key is not a mistake.

    https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/use-secrets and
    https://docs.github.com/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions
    """
    from_fork = context.is_fork and context.event.startswith("pull_request") and context.event != "pull_request_target"
    return from_fork or context.is_dependabot


def _app_id_problems(inputs: Mapping[str, str]) -> Iterator[Problem]:
    app_id = inputs.get("app-id", "")
    if app_id and not re.fullmatch(r"(?=.*[0-9])[A-Za-z0-9.]{1,64}", app_id):
        # Without the value: somebody may have set a key or a token here.
        yield Problem(
            what="Input `app-id`",
            why="its value is neither a client ID (Iv23li…) nor a number.",
            remedy=_ID_IN_SHELL,
        )


def _installation_problems(inputs: Mapping[str, str]) -> Iterator[Problem]:
    installation = inputs.get("installation-id", "")
    if installation and not re.fullmatch(r"[1-9][0-9]{0,17}", installation):
        yield Problem(
            what="Input `installation-id`",
            why="its value is not a whole number above 0.",
            remedy="Remove it to have the installation found from the repository.",
        )


def _token_problems(inputs: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem if no header of a request can contain the token: the error of that request would show it."""
    if not re.fullmatch(r"[!-~]*", inputs.get("github-token", "")):
        yield Problem(
            what="Input `github-token`",
            why="it contains a line break, a blank or a character that is not ASCII, so it is not a token.",
            remedy="Set it to one token, with nothing before or after it.",
        )


def _missing_problems(inputs: Mapping[str, str], context: Context) -> Iterator[Problem]:
    app_id, key = inputs.get("app-id"), inputs.get("private-key")
    if app_id and not key and not withholds_secrets(context):
        yield Problem(
            what="Input `private-key`",
            why=f"it is empty although `app-id` is set.{_NOT_FOUND if context.event else ''}",
            remedy=_KEY_IN_WORKFLOW if context.event else _KEY_IN_SHELL,
            link=_KEYS_PAGE,
        )
    if key and not app_id:
        yield Problem(
            what="Input `app-id`",
            why="it is empty although `private-key` is set.",
            remedy=_ID_IN_WORKFLOW if context.event else _ID_IN_SHELL,
        )
