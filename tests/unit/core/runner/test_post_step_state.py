"""The saved state: what the main step wrote comes back, what others wrote does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.core.model.job import Context
from checks.core.model.settings import Credentials
from checks.core.runner.post_step_state import ForgedStateError, PostStepState, parse_state, render_state, state_key

TOKEN = Credentials(github_token="ghs_0123456789")
APP = Credentials(app_id="12", private_key="made up", github_token="ghs_0123456789")
JOB = Context(repository="octo/repo", run_id="1", run_attempt=1, job="tests")
KEY = state_key(APP, JOB)
UNFINISHED = PostStepState(
    id="17",
    page="https://github.com/octo/repo/runs/17",
    name='pytest (unit, "é")\n::error::x',
    head_sha="a" * 40,
    external_id="{}",
    details_url="https://github.com/octo/repo/actions/runs/1",
    started_at=1_700_000_000.25,
)


def environ(values: dict[str, str]) -> dict[str, str]:
    """As the runner gives saved values to the post step."""
    return {f"STATE_{name}": value for name, value in values.items()}


def test_what_was_saved_comes_back() -> None:
    assert parse_state(environ(render_state(UNFINISHED, KEY)), KEY) == UNFINISHED


def test_proxies_and_certificates_come_back() -> None:
    run = replace(UNFINISHED, network={"HTTPS_PROXY": "http://u:p@proxy:3128"}, certificates_sha256="0" * 64)
    assert parse_state(environ(render_state(run, KEY)), KEY) == run


def test_nothing_is_left_to_do_when_nothing_was_saved_or_all_is_done() -> None:
    assert parse_state({}, KEY) is None
    assert parse_state(environ(render_state(None, KEY)), KEY) is None


def test_values_are_one_line_each() -> None:
    assert all(value.isascii() and "\n" not in value for value in render_state(UNFINISHED, KEY).values())


FORGED = {
    "another text": {"check_run": render_state(replace(UNFINISHED, id="18"), KEY)["check_run"]},
    "another key": render_state(UNFINISHED, state_key(TOKEN, JOB)),
    "no key": render_state(UNFINISHED, b""),
    "no signature": {"signature": ""},
    "half a signature": {"signature": render_state(UNFINISHED, KEY)["signature"][:32]},
    "a signature that is no text": {"signature": "\udc80é"},
    "a text that is no text": {"check_run": "\udc80"},
    "not base64": {"check_run": "%%%"},
}


@pytest.mark.parametrize("changed", FORGED.values(), ids=FORGED)
def test_a_forged_state_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ForgedStateError):
        parse_state(environ({**render_state(UNFINISHED, KEY), **changed}), KEY)


def test_without_credentials_no_state_is_believed() -> None:
    with pytest.raises(ForgedStateError):
        parse_state(environ(render_state(UNFINISHED, b"")), state_key(Credentials(), JOB))


OTHER_JOBS = {
    "repository": replace(JOB, repository="octo/other"),
    "run": replace(JOB, run_id="2"),
    "attempt": replace(JOB, run_attempt=2),
    "job": replace(JOB, job="lint"),
    "shifted": replace(JOB, repository="octo/repo1", run_id=""),
}


@pytest.mark.parametrize("other", OTHER_JOBS.values(), ids=OTHER_JOBS)
def test_a_key_is_good_for_one_attempt_of_one_job(other: Context) -> None:
    assert state_key(APP, other) != KEY


def test_a_key_does_not_show_the_credential() -> None:
    assert state_key(APP, JOB) != state_key(TOKEN, JOB)
    assert len(KEY) == 32
    assert b"made up" not in KEY


@settings(max_examples=50)
@given(st.text(max_size=50), st.text(max_size=50))
def test_no_text_passes_without_the_key(text: str, signature: str) -> None:
    if text:
        with pytest.raises(ForgedStateError):
            parse_state(environ({"check_run": text, "signature": signature}), KEY)
