"""The post-step state: the state of the main step is read, a forged one is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.core.model.identity import Identity
from checks.core.model.job import Context
from checks.core.model.settings import Credentials
from checks.core.runner.post_step_state import ForgedStateError, PostStepState, parse_state, render_state, state_key

TOKEN = Credentials(github_token="ghs_0123456789")
APP = Credentials(app_id="12", private_key="made up", github_token="ghs_0123456789")
JOB = Context(repository="octo/repo", run_id="1", run_attempt=1, job="tests")
KEY = state_key(APP, JOB)
STATE = PostStepState(
    id="17",
    page="https://github.com/octo/repo/runs/17",
    name='pytest (unit, "é")\n::error::x',
    head_sha="a" * 40,
    identity=Identity(),
    details_url="https://github.com/octo/repo/actions/runs/1",
    started_at=1_700_000_000.25,
)


def environ(values: dict[str, str]) -> dict[str, str]:
    """Return the variables by which the runner passes saved values to the post step."""
    return {f"STATE_{name}": value for name, value in values.items()}


def test_state_round_trips() -> None:
    assert parse_state(environ(render_state(STATE, KEY)), KEY) == STATE


def test_network_variables_and_certificates_round_trip() -> None:
    run = replace(STATE, network={"HTTPS_PROXY": "http://u:p@proxy:3128"}, certificates_sha256="0" * 64)
    assert parse_state(environ(render_state(run, KEY)), KEY) == run


def test_missing_or_empty_state_parses_to_none() -> None:
    assert parse_state({}, KEY) is None
    assert parse_state(environ(render_state(None, KEY)), KEY) is None


def test_state_values_are_single_ascii_lines() -> None:
    assert all(value.isascii() and "\n" not in value for value in render_state(STATE, KEY).values())


FORGED = {
    "another text": {"check_run": render_state(replace(STATE, id="18"), KEY)["check_run"]},
    "another key": render_state(STATE, state_key(TOKEN, JOB)),
    "no key": render_state(STATE, b""),
    "no signature": {"signature": ""},
    "half a signature": {"signature": render_state(STATE, KEY)["signature"][:32]},
    "a signature that is no text": {"signature": "\udc80é"},
    "a text that is no text": {"check_run": "\udc80"},
    "not base64": {"check_run": "%%%"},
}


@pytest.mark.parametrize("changed", FORGED.values(), ids=FORGED)
def test_forged_state_is_rejected(changed: dict[str, str]) -> None:
    with pytest.raises(ForgedStateError):
        parse_state(environ({**render_state(STATE, KEY), **changed}), KEY)


def test_state_is_rejected_without_credentials() -> None:
    with pytest.raises(ForgedStateError):
        parse_state(environ(render_state(STATE, b"")), state_key(Credentials(), JOB))


OTHER_JOBS = {
    "repository": replace(JOB, repository="octo/other"),
    "run": replace(JOB, run_id="2"),
    "attempt": replace(JOB, run_attempt=2),
    "job": replace(JOB, job="lint"),
    "shifted": replace(JOB, repository="octo/repo1", run_id=""),
}


@pytest.mark.parametrize("other", OTHER_JOBS.values(), ids=OTHER_JOBS)
def test_state_key_differs_for_each_attempt_and_job(other: Context) -> None:
    assert state_key(APP, other) != KEY


def test_state_key_does_not_contain_the_credential() -> None:
    assert state_key(APP, JOB) != state_key(TOKEN, JOB)
    assert len(KEY) == 32
    assert b"made up" not in KEY


@settings(max_examples=50)
@given(st.text(max_size=50), st.text(max_size=50))
def test_any_text_without_a_valid_signature_is_rejected(text: str, signature: str) -> None:
    if text:
        with pytest.raises(ForgedStateError):
            parse_state(environ({"check_run": text, "signature": signature}), KEY)
