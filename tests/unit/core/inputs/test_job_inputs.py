"""What a step is asked to do, by variables, event and command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checks.core.inputs.job_inputs import parse_job
from checks.core.model.settings import CommentMode, Credentials, Program, Settings

SHA = "c" * 40
RERUN = json.dumps(
    {
        "sha": SHA,
        "head": SHA,
        "categories": ["unit"],
        "runs": [{"category": "unit", "name": "pytest (unit)", "queued": "8", "earlier": "1", "which": "rerun-all"}],
    }
)


def dispatch(rerun: str) -> dict[str, Any]:
    return {"inputs": {"rerun": rerun}}


def test_without_anything_the_defaults_apply() -> None:
    inputs = parse_job({}, {}, {})
    assert (inputs.settings, inputs.credentials, inputs.problems) == (Settings(), Credentials(), ())
    assert (inputs.job_status, inputs.category_rerun) == ("", None)


def test_an_option_precedes_a_variable() -> None:
    environ = {"INPUT_PROGRAM": "run", "INPUT_REPORT": "a.json", "INPUT_CATEGORY": "unit"}
    settings = parse_job(environ, {}, {"program": "publish", "report": "b.json"}).settings
    assert (settings.program, settings.reports, settings.category) == (Program.PUBLISH, ("b.json",), "unit")


def test_all_mistakes_are_reported_together() -> None:
    environ = {
        "GITHUB_EVENT_NAME": "workflow_dispatch",
        "INPUT_APP-ID": "?",
        "INPUT_PASSING": "some",
        "INPUT_WORKERS": "many",
    }
    problems = parse_job(environ, dispatch("nonsense"), {}).problems
    assert [problem.what for problem in problems] == [
        "The workflow's input `rerun`",
        "Input `app-id`",
        "Input `private-key`",
        "Input `workers`",
        "Input `passing`",
    ]


def test_wrong_input_keeps_the_check_name_and_the_token() -> None:
    environ = {"INPUT_CATEGORY": "unit", "INPUT_PASSING": "some", "INPUT_APP-ID": "?", "INPUT_GITHUB-TOKEN": "t"}
    environ["INPUT_COMMIT-STATUS"] = "true"
    environ["INPUT_COMMENT"] = "failures"
    inputs = parse_job(environ, {}, {})
    assert inputs.settings == Settings(
        check_name="pytest (unit)", category="unit", commit_status=True, comment=CommentMode.FAILURES
    )
    assert inputs.credentials == Credentials(github_token="t")


@pytest.mark.parametrize("token", ["ghs_x\nghs_y", "ghs_é"])
def test_a_malformed_token_is_neither_sent_nor_shown(token: str) -> None:
    inputs = parse_job({"INPUT_GITHUB-TOKEN": token, "INPUT_PASSING": "some"}, {}, {})
    assert [problem.what for problem in inputs.problems] == ["Input `github-token`", "Input `passing`"]
    assert inputs.credentials == Credentials()
    assert "ghs_" not in repr(inputs)


@pytest.mark.parametrize(
    ("naming", "name"),
    [({"INPUT_CATEGORY": "unit"}, "pytest (unit)"), ({"INPUT_MATRIX": "nonsense"}, "pytest")],
)
def test_a_wrong_input_leaves_the_patterns_to_redact(naming: dict[str, str], name: str) -> None:
    settings = parse_job({**naming, "INPUT_PASSING": "some", "INPUT_REDACT": "a+"}, {}, {}).settings
    assert (settings.check_name, settings.redact) == (name, ("a+",))


def test_a_wrong_pattern_leaves_the_name_of_the_check() -> None:
    settings = parse_job({"INPUT_CATEGORY": "unit", "INPUT_REDACT": "("}, {}, {}).settings
    assert settings == Settings(check_name="pytest (unit)", category="unit")


@pytest.mark.parametrize(
    "api_url", ["api.github.example", "https://", "http://[", "ftp://github.example", "https://h:x"]
)
def test_a_wrong_address_of_the_api_is_sent_no_credentials(api_url: str) -> None:
    inputs = parse_job({"GITHUB_API_URL": api_url, "INPUT_GITHUB-TOKEN": "t"}, {}, {})
    assert [problem.what for problem in inputs.problems] == ["GITHUB_API_URL"]
    assert inputs.credentials == Credentials()


def test_an_enterprise_server_has_its_own_address() -> None:
    context = parse_job({"GITHUB_API_URL": "https://github.example/api/v3/"}, {}, {}).context
    assert context.api_url == "https://github.example/api/v3"


def test_a_re_run_is_for_the_category_that_it_names() -> None:
    environ = {"GITHUB_EVENT_NAME": "workflow_dispatch", "INPUT_CATEGORY": "unit"}
    asked = parse_job(environ, dispatch(RERUN), {})
    assert asked.problems == ()
    assert asked.category_rerun is not None
    assert asked.category_rerun.queued == "8"
    assert parse_job({**environ, "INPUT_CATEGORY": "docs"}, dispatch(RERUN), {}).category_rerun is None
