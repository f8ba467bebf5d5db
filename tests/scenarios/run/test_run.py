"""Whole runs: the real process, real pytest, a checkout, and a server that behaves like GitHub's API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from functools import partial

import pytest

from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import ROOT, JobOf
from tests.support.waits import HANG_SECONDS

PASSING = {"test_a.py": "def test_one(): pass\n\n\ndef test_two(): pass\n"}
FAILING = {
    "shop.py": "def price(tea):\n    known = {'assam': 450}\n    return known[tea]\n",
    "test_shop.py": (
        "import shop\n\n\ndef test_price():\n    assert shop.price('green') == 1\n\n\ndef test_ok(): pass\n"
    ),
}


def levels(github: GithubServer) -> Counter[str]:
    return Counter(annotation["annotation_level"] for annotation in github.annotations())


def test_passing_project_concludes_success(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(PASSING)
    result = job.run()
    run = github.run
    assert result.exit_status == 0
    assert (run["status"], run["conclusion"], run["name"], run["head_sha"]) == (
        "completed",
        "success",
        "pytest",
        job.sha,
    )
    assert run["output"]["title"].startswith("2 passed")
    assert f"Tested commit {job.sha[:7]}." in run["output"]["summary"]
    assert [(a["path"], a["start_line"], a["title"]) for a in github.annotations()] == [
        ("test_a.py", 1, "test_a.py::test_one"),
        ("test_a.py", 4, "test_a.py::test_two"),
    ]
    assert len(github.writes) <= 2  # one if the tests end first


def test_failure_is_annotated_at_the_raising_line(job_of: JobOf, github: GithubServer) -> None:
    result = job_of(FAILING).run()
    assert result.exit_status == 1
    assert github.run["conclusion"] == "failure"
    (failure,) = [a for a in github.annotations() if a["annotation_level"] == "failure"]
    assert (failure["path"], failure["start_line"]) == ("shop.py", 3)
    assert (failure["title"], failure["message"]) == ("test_shop.py::test_price", "KeyError: 'green'")
    assert "known = {'assam': 450}" in failure["raw_details"]
    assert "tea = 'green'" in failure["raw_details"]


def test_run_writes_outputs_summary_and_report(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(FAILING)
    result = job.run(category="unit")
    counts = {name: result.outputs[name] for name in ("conclusion", "total", "passed", "failed", "errors", "skipped")}
    expected = {"total": "2", "passed": "1", "failed": "1", "errors": "0", "skipped": "0"}
    assert counts == {"conclusion": "failure", **expected}
    assert result.outputs["check-run-id"] == str(github.run["id"])
    assert result.outputs["check-run-url"] == github.run["html_url"]
    assert json.loads(result.outputs["failed-tests"]) == ["test_shop.py::test_price"]
    report = json.loads((job.workspace / result.outputs["report"]).read_text())
    assert [test["outcome"] for test in report["tests"]] == ["failed", "passed"]
    assert "KeyError" in result.summary
    assert job.git("status", "--porcelain", "--untracked-files=no") == ""
    assert ".check-run" not in job.git("status", "--porcelain")


@pytest.mark.slow
def test_category_makes_a_check_of_its_own(job_of: JobOf, github: GithubServer) -> None:
    job_of(FAILING).run(matrix='{"category": "unit", "python": "3.12"}', pytest_args="-k 'ok or nothing'")
    assert github.run["name"] == "pytest (unit, 3.12)"
    assert github.run["output"]["title"].startswith("1 passed")


def test_working_directory_paths_are_relative_to_repository(job_of: JobOf, github: GithubServer) -> None:
    files = {f"services/shop/{name}": text for name, text in FAILING.items()}
    job_of(files).run(working_directory="services/shop")
    assert {a["path"] for a in github.annotations()} == {"services/shop/shop.py", "services/shop/test_shop.py"}
    assert {a["title"] for a in github.annotations()} == {"test_shop.py::test_price", "test_shop.py::test_ok"}


@pytest.mark.slow
def test_install_runs_before_tests_in_their_environment(job_of: JobOf, github: GithubServer) -> None:
    files = {"test_a.py": "import pathlib\n\n\ndef test_made(): assert pathlib.Path('made').read_text() == 'yes'\n"}
    result = job_of(files).run(install="command -v python pip\nprintf yes > made")
    assert (result.exit_status, github.run["conclusion"]) == (0, "success")


def test_failed_install_requires_action_and_shows_output(job_of: JobOf, github: GithubServer) -> None:
    result = job_of(PASSING).run(install="echo what went wrong\nfalse\necho never")
    assert (result.exit_status, github.run["conclusion"]) == (1, "action_required")
    assert "what went wrong" in github.run["output"]["summary"]
    assert "never" not in github.run["output"]["summary"]


@pytest.mark.parametrize(
    ("no_tests", "conclusion", "exit_status"),
    [
        ("", "failure", 1),
        pytest.param("neutral", "neutral", 0, marks=pytest.mark.slow),
        pytest.param("success", "success", 0, marks=pytest.mark.slow),
        pytest.param("failure", "failure", 1, marks=pytest.mark.slow),
    ],
)
def test_no_tests_conclude_as_configured(
    job_of: JobOf, github: GithubServer, no_tests: str, conclusion: str, exit_status: int
) -> None:
    result = job_of(PASSING).run(pytest_args="-k nothing", no_tests=no_tests)
    assert (result.exit_status, github.run["conclusion"]) == (exit_status, conclusion)


@pytest.mark.parametrize(
    ("no_tests", "conclusion", "exit_status"),
    [("", "neutral", 0), pytest.param("failure", "failure", 1, marks=pytest.mark.slow)],
)
def test_skipped_tests_alone_conclude_as_configured(
    job_of: JobOf, github: GithubServer, no_tests: str, conclusion: str, exit_status: int
) -> None:
    skips = "import pytest\n\npytestmark = pytest.mark.skip(reason='later')\n\n\n"
    result = job_of({"test_a.py": f"{skips}def test_a(): pass\n\n\ndef test_b(): pass\n"}).run(no_tests=no_tests)
    assert (result.exit_status, github.run["conclusion"]) == (exit_status, conclusion)
    assert github.run["output"]["title"].startswith("2 skipped")
    assert "Every test was skipped." in github.run["output"]["summary"]


@pytest.mark.slow
def test_fail_job_false_passes_the_step_on_failure(job_of: JobOf, github: GithubServer) -> None:
    result = job_of(FAILING).run(fail_job="false")
    assert (result.exit_status, github.run["conclusion"]) == (0, "failure")


@rule("The action's side: an invalid input")
def test_all_input_errors_are_reported_at_once(job_of: JobOf, github: GithubServer) -> None:
    result = job_of(PASSING).run(workers="many", timeout_minutes="-1", passing="all", category="unit")
    assert (result.exit_status, github.run["conclusion"], github.run["name"]) == (2, "action_required", "pytest (unit)")
    for name in ("workers", "timeout-minutes", "passing"):
        assert name in github.run["output"]["summary"]
        assert f"`{name}`" in result.log
    assert result.outputs["conclusion"] == "action_required"
    assert "collected" not in result.log


@rule("Conclusions: an input is invalid")
def test_invalid_input_fails_the_step_even_if_fail_job_is_false(job_of: JobOf, github: GithubServer) -> None:
    result = job_of(PASSING).run(workers="many", fail_job="false")
    assert (result.exit_status, github.run["conclusion"]) == (2, "action_required")
    assert github.run["output"]["title"] == "1 invalid input"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("passing", "notices"),
    [
        pytest.param("each", ["test_shop.py::test_ok"], id="each"),
        pytest.param("file", ["test_shop.py"], id="file"),
        pytest.param("none", [], id="none"),
    ],
)
def test_passed_tests_are_annotated_as_configured(
    job_of: JobOf, github: GithubServer, passing: str, notices: list[str]
) -> None:
    job_of(FAILING).run(passing=passing)
    assert [a["title"] for a in github.annotations() if a["annotation_level"] == "notice"] == notices


def test_beyond_max_annotations_each_file_has_one_notice(job_of: JobOf, github: GithubServer) -> None:
    many = {
        f"test_{n}.py": "import pytest\n\n\n@pytest.mark.parametrize('n', range(20))\ndef test(n): assert n\n"
        for n in "ab"
    }
    job_of(many).run(max_annotations="37")
    assert levels(github) == {"failure": 2, "notice": 2}
    assert "max-annotations" in github.run["output"]["summary"]


@pytest.mark.parametrize("passing", ["each", pytest.param("file", marks=pytest.mark.slow)])
def test_beyond_max_annotations_files_are_in_the_text_alone(job_of: JobOf, github: GithubServer, passing: str) -> None:
    many = {f"test_{n}.py": "def test_a(): pass\n\n\ndef test_b(): pass\n" for n in range(4)}
    job_of(many).run(passing=passing, max_annotations="3")
    assert github.annotations() == []
    assert "Passed tests are listed in the text alone, because" in github.run["output"]["summary"]
    assert all(name in github.run["output"]["text"] for name in many)


@pytest.mark.slow
def test_each_passed_test_has_a_notice_within_max_annotations(job_of: JobOf, github: GithubServer) -> None:
    many = {
        f"test_{n}.py": "import pytest\n\n\n@pytest.mark.parametrize('n', range(20))\ndef test(n): assert n\n"
        for n in "ab"
    }
    job_of(many).run(max_annotations="38")
    assert levels(github) == {"failure": 2, "notice": 38}
    assert "max-annotations" not in github.run["output"]["summary"]


@pytest.mark.slow
def test_warnings_leave_room_for_notices_of_passed_tests(job_of: JobOf, github: GithubServer) -> None:
    warns = (
        "import warnings, pytest\n\n\n@pytest.mark.parametrize('word', 'abcdef')\ndef test(word): warnings.warn(word)\n"
    )
    job_of({"test_a.py": warns}).run(max_annotations="8")
    assert levels(github) == {"notice": 6, "warning": 2}
    assert "left out because of `max-annotations` (8): 4" in github.run["output"]["summary"]


@pytest.mark.slow
def test_decorated_test_is_annotated_at_its_def(job_of: JobOf, github: GithubServer) -> None:
    text = (
        "import pytest\n\n\n@pytest.mark.parametrize(\n    'n',\n    [1],\n)\n@pytest.mark.xfail\ndef test(n): pass\n"
    )
    job_of({"test_a.py": text}).run()
    assert [(a["start_line"], a["annotation_level"]) for a in github.annotations()] == [(9, "warning")]


@pytest.mark.slow
def test_tests_under_tracked_link_are_annotated_in_target(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"shared/test_a.py": "def test_bad():\n    assert 0\n"})
    (job.workspace / "tests").symlink_to("shared")
    job.commit("Link")
    job.run(pytest_args="tests")
    assert [(a["path"], a["start_line"]) for a in github.annotations()] == [("shared/test_a.py", 2)]


def test_collected_tests_that_never_started_are_reported(job_of: JobOf, github: GithubServer) -> None:
    skips = "def pytest_runtest_protocol(item):\n    return True if item.name == 'test_two' else None\n"
    job_of({**PASSING, "conftest.py": skips}).run()
    assert "1 collected test did not start." in github.run["output"]["summary"]


@pytest.mark.slow
def test_show_locals_false_shows_no_values(job_of: JobOf, github: GithubServer) -> None:
    job_of(FAILING).run(show_locals="false")
    (failure,) = [a for a in github.annotations() if a["annotation_level"] == "failure"]
    assert "tea = 'green'" not in failure["raw_details"]
    assert "return known[tea]" in failure["raw_details"]


@rule("Secrets that redaction must find: in a whole run")
def test_secrets_are_redacted_everywhere(job_of: JobOf, github: GithubServer) -> None:
    secret, pattern = "sEcr3t-0f-the-env1ronment", "order-8134-A"
    job = job_of(
        {
            "conftest.py": "def pytest_addoption(parser): parser.addoption('--login')\n",
            "test_a.py": "import os, sys\n\n\ndef test_tells(record_property):\n    mine = os.environ['MY_API_TOKEN']\n"
            "    assert mine == 'sEcr3t-0f-the-env1ronment'\n"
            "    print(mine)\n    record_property('mine', mine)\n    sys.stderr.write(''.join(['or', 'der-8134-A']))\n"
            "    assert 0, mine\n",
        },
        env={"MY_API_TOKEN": secret},
    )
    result = job.run(redact=r"order-\d+-[A-Z]", preview="preview", pytest_args=f"--login={secret}")
    report = (job.workspace / result.outputs["report"]).read_text()
    page = (job.workspace / "preview" / "check-run.html").read_text()
    failures = "".join((job.workspace / result.outputs[name]).read_text() for name in ("failures", "failures-json"))
    sent = json.dumps([request.body for request in github.writes])
    for place in (report, page, failures, sent, result.summary, json.dumps(result.outputs)):
        assert secret not in place
        assert pattern not in place
        assert "***" in place or place == json.dumps(result.outputs)
    assert "pytest '--login=***' test_a.py::test_tells" in result.summary
    key = github.app.private_key.splitlines()[1]
    assert key not in result.log + report + page + sent + result.summary


@rule("Secrets that redaction must find: in a wrong input")
def test_secrets_in_wrong_inputs_are_redacted(job_of: JobOf, github: GithubServer) -> None:
    token, password, pattern = github.world.actions_token(REPOSITORY), "pw'Xy72kQpLz19", "order-8134"
    key, hook = github.app.private_key.splitlines()[3], "wh-9f27c1d0aa83be64"
    job = job_of(PASSING, env={"API_TOKEN": password, "CHECKS_WEBHOOK_SECRET": hook})
    wrong = {"app_id": "none", "pytest_args": f"--api-token {password}", "workers": key, "live_interval": hook}
    result = job.run(**wrong, passing=pattern, timeout_minutes=token, redact=r"order-\d+", github_token=token)
    assert (result.exit_status, github.run["output"]["title"]) == (2, "6 invalid inputs")
    sent = json.dumps([request.body for request in github.writes])
    for place in (sent, result.summary, result.log):
        shown = place.replace("\\", "")
        assert [secret for secret in (password, key, key[:20], hook, token, pattern) if secret in shown] == []
        assert shown.count("***") == 5


@rule("Secrets that redaction must find: in a wrong input")
def test_secret_in_the_reason_why_pytest_did_not_start_is_redacted(job_of: JobOf, github: GithubServer) -> None:
    secret = "sEcr3t-0f-the-env1ronment"
    result = job_of(PASSING, env={"MY_API_TOKEN": secret}).run(working_directory=f"app/{secret}")
    assert (result.exit_status, github.run["conclusion"]) == (1, "action_required")
    sent = json.dumps([request.body for request in github.writes])
    for place in (sent, result.summary, result.log):
        assert secret not in place
        assert "the workspace has no such folder" in place or place == result.log


def test_tests_do_not_see_our_variables(job_of: JobOf, github: GithubServer) -> None:
    prints = "import os\n\n\ndef test_env():\n    print(sorted(os.environ))\n    assert 0\n"
    job_of({"test_a.py": prints}, env={"ACTIONS_RUNTIME_TOKEN": "x" * 20, "MINE": "1"}).run()
    (failure,) = github.annotations()
    seen = failure["raw_details"]
    assert "'MINE'" in seen
    for name in (
        "INPUT_",
        "STATE_",
        "ACTIONS_",
        "GITHUB_OUTPUT",
        "GITHUB_STATE",
        "GITHUB_ENV",
        "GITHUB_PATH'",
        "CHECKS_",
    ):
        assert name not in seen


@pytest.mark.slow
def test_what_tests_write_for_later_steps_is_discarded(job_of: JobOf) -> None:
    guesses = (
        "import os, pathlib\n\n\ndef test_speaks():\n"
        "    folder = pathlib.Path(os.environ['GITHUB_STEP_SUMMARY']).parent\n"
        "    for name in ('output', 'env', 'path', 'state'):\n"
        "        (folder / name).write_text('conclusion=success\\nLD_PRELOAD=/evil.so')\n    assert 0\n"
    )
    job = job_of({"test_a.py": guesses})
    result = job.run()
    assert result.outputs["conclusion"] == "failure"
    for name in ("output", "env", "path", "state"):
        assert "evil" not in (job.commands / name).read_text()


@pytest.mark.slow
def test_pass_env_passes_a_variable_to_the_tests(job_of: JobOf, github: GithubServer) -> None:
    asserts = "import os\n\n\ndef test_env(): assert os.environ['ACTIONS_RUNTIME_URL'] == 'https://x'\n"
    job_of({"test_a.py": asserts}, env={"ACTIONS_RUNTIME_URL": "https://x"}).run(pass_env="ACTIONS_RUNTIME_URL")
    assert github.run["conclusion"] == "success"


@pytest.mark.slow
def test_timeout_ends_session_and_names_running_test(job_of: JobOf, github: GithubServer) -> None:
    hangs = {"test_a.py": "import time\n\n\ndef test_ok(): pass\n\n\ndef test_hangs(): time.sleep(600)\n"}
    result = job_of(hangs).run(timeout_minutes="0.2")
    assert (result.exit_status, github.run["conclusion"]) == (1, "timed_out")
    assert "test_a.py::test_hangs" in github.run["output"]["summary"]
    assert ("test_a.py::test_hangs", "failure") in [(a["title"], a["annotation_level"]) for a in github.annotations()]
    assert result.outputs["passed"] == "1"


def test_crashed_interpreter_fails_and_names_running_test(job_of: JobOf, github: GithubServer) -> None:
    dies = {"test_a.py": "import os\n\n\ndef test_ok(): pass\n\n\ndef test_dies(): os._exit(0)\n"}
    job = job_of(dies)
    result = job.run()
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert [(a["title"], a["annotation_level"], a["start_line"]) for a in github.annotations()] == [
        ("test_a.py::test_dies", "failure", 7),
        ("test_a.py::test_ok", "notice", 4),
    ]
    report = json.loads((job.workspace / result.outputs["report"]).read_text())
    assert [test["nodeid"] for test in report["tests"]] == ["test_a.py::test_ok", "test_a.py::test_dies"]


def is_shown(github: GithubServer, title: str) -> bool:
    return any(title in run["output"]["title"] for run in github.runs)


@pytest.mark.slow
def test_slow_collection_is_shown_and_live_updates_go_on(job_of: JobOf, github: GithubServer) -> None:
    job = job_of()
    pipes = {name: job.folder / name for name in ("collects", "waits")}
    for pipe in pipes.values():
        os.mkfifo(pipe)
    waits = {name: f"open({str(pipe)!r}).read()" for name, pipe in pipes.items()}
    (job.workspace / "test_a.py").write_text(
        f"{waits['collects']}\n\n\ndef test_bad(): assert 0\n\n\ndef test_waits(): {waits['waits']}\n"
    )
    process = job.start(live_interval="1")
    for title, pipe in zip(("collecting · ", "1 failed"), pipes.values(), strict=True):
        github.wait_for(partial(is_shown, github, title))
        pipe.write_text("go on")
    job.wait(process)
    shown = [(request.status, request.body["output"]["title"]) for request in github.writes[1:]]
    assert {status for status, _ in shown} == {200}
    assert shown[0][1].startswith("collecting · ")
    assert any("1 failed" in title for _, title in shown[1:-1])


@pytest.mark.slow
def test_cancelled_job_concludes_cancelled(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"test_a.py": "import time\n\n\ndef test_ok(): assert 0\n\n\ndef test_slow(): time.sleep(600)\n"})
    process = job.start()
    github.wait_for(lambda: any(github.world.annotations.values()))
    result = job.cancel(process)
    assert (result.exit_status, github.run["conclusion"]) == (1, "cancelled")
    assert result.outputs["failed"] == "1"
    assert "test_a.py::test_slow" in github.run["output"]["summary"]


@rule("The tests' side: the main step is killed")
def test_post_step_completes_run_of_killed_step(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"test_a.py": "import time\n\n\ndef test_bad(): assert 0\n\n\ndef test_slow(): time.sleep(60)\n"})
    process = job.start()
    github.wait_for(lambda: any(github.world.annotations.values()))
    process.kill()
    process.communicate()
    assert github.run["status"] == "in_progress"
    result = job.run("finish", job_status="cancelled")
    assert (result.exit_status, github.run["status"], github.run["conclusion"]) == (0, "completed", "cancelled")
    assert "test_bad" in github.run["output"]["summary"]


@pytest.mark.slow
def test_post_step_leaves_completed_check_run_alone(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(PASSING)
    job.run()
    requests = len(github.requests)
    assert job.run("finish", job_status="success").exit_status == 0
    assert len(github.requests) == requests


@rule("The tests' side: a pipe, a link or a folder is in place of the event's file")
@pytest.mark.slow
def test_pipe_in_place_of_event_does_not_block_post_step(job_of: JobOf) -> None:
    job = job_of(PASSING)
    job.run()
    environ = job.environ({"job_status": "success"})
    (job.folder / "event.json").unlink()
    os.mkfifo(job.folder / "event.json")
    command = [sys.executable, str(ROOT / "entrypoint.py"), "finish"]
    subprocess.run(command, cwd=job.workspace, env=environ, timeout=HANG_SECONDS, check=True)


@pytest.mark.slow
def test_post_step_sends_refused_verdict(job_of: JobOf, github: GithubServer) -> None:
    github.world.refuses = lambda _: True  # so it is not created as completed
    github.fault(Fault(method="PATCH", nth=(1, 2), how="answer", status=422, body={"message": "Invalid"}))
    job = job_of(PASSING)
    result = job.run()
    assert (result.exit_status, github.run["status"]) == (0, "in_progress")
    assert "The check run could not be updated: " in result.summary
    assert "2 passed" in result.summary
    job.run("finish", job_status="success")
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "success")
    assert github.run["output"]["title"].startswith("2 passed")


def test_pull_request_merge_is_reported_on_its_head(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(PASSING)
    base = job.sha
    job.git("checkout", "--quiet", "-b", "topic")
    head = job.commit("Topic")
    job.git("checkout", "--quiet", "main")
    job.commit("Base moves")
    job.git("merge", "--quiet", "--no-ff", "--no-edit", "topic")
    side = {"repo": {"full_name": "octo/demo"}}
    job.event = {
        "pull_request": {
            "number": 7,
            "head": {"sha": head, "ref": "topic", **side},
            "base": {"ref": "main", "sha": base, **side},
        }
    }
    job.env = {"GITHUB_EVENT_NAME": "pull_request"}
    job.run()
    assert (github.run["head_sha"], github.run["conclusion"]) == (head, "success")
    assert "the merge of" in github.run["output"]["summary"]


def test_testing_another_commit_never_succeeds(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(PASSING)
    reported = job.sha
    job.commit("Another")
    job.sha = reported
    result = job.run()
    assert (result.exit_status, github.run["head_sha"], github.run["conclusion"]) == (1, reported, "action_required")


@pytest.mark.slow
def test_install_that_moves_head_never_succeeds(job_of: JobOf, github: GithubServer) -> None:
    moves = "git -c user.name=M -c user.email=m@example.com commit --quiet --allow-empty -m moved"
    job_of(PASSING).run(install=moves)
    assert github.run["conclusion"] == "action_required"


@pytest.mark.parametrize("place", [pytest.param("install", marks=pytest.mark.slow), "test"])
def test_commit_lost_during_the_tests_never_succeeds(job_of: JobOf, github: GithubServer, place: str) -> None:
    removes = "import shutil\n\n\ndef test_removes():\n    shutil.rmtree('.git')\n"
    job = job_of(PASSING if place == "install" else {**PASSING, "test_b.py": removes})
    result = job.run(install="rm -r .git" if place == "install" else "")
    assert (result.exit_status, github.run["conclusion"]) == (1, "action_required")
    assert github.run["output"]["title"].startswith("the tested commit is unknown · ")
    assert "and no commit after them. `install` or a test may have" in github.run["output"]["summary"]


def test_run_without_git_concludes_by_its_tests(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(PASSING)
    shutil.rmtree(job.workspace / ".git")
    result = job.run()
    assert (result.exit_status, github.run["conclusion"]) == (0, "success")
    assert "Could not verify that commit" in github.run["output"]["summary"]


@pytest.mark.slow
def test_two_jobs_with_one_check_name_are_an_error(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(PASSING)
    job.run()
    job.env = {"GITHUB_JOB": "others"}
    result = job.run()
    assert result.exit_status == 2
    assert "`tests` and `others`" in result.log
    assert "`tests` and `others`" in result.summary
    assert result.outputs["conclusion"] == "action_required"
    assert len(github.runs) == 1


@pytest.mark.slow
def test_new_attempt_closes_run_left_by_previous_attempt(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"test_a.py": "import time\n\n\ndef test_bad(): assert 0\n\n\ndef test_slow(): time.sleep(60)\n"})
    process = job.start()
    github.wait_for(lambda: any(github.world.annotations.values()))
    process.kill()
    process.communicate()
    job.env = {"GITHUB_RUN_ATTEMPT": "2"}
    job.run(pytest_args="-k bad")
    previous_run, new_run = sorted(github.runs, key=lambda run: int(run["id"]))
    assert (previous_run["status"], previous_run["conclusion"]) == ("completed", "cancelled")
    assert (new_run["status"], new_run["conclusion"]) == ("completed", "failure")


def test_invalid_key_is_reported_by_a_check_of_the_token(job_of: JobOf, github: GithubServer) -> None:
    token = github.world.actions_token("octo/demo")
    result = job_of(PASSING).run(private_key="garbage", github_token=token)
    assert (result.exit_status, github.run["conclusion"]) == (2, "action_required")
    assert "private-key" in github.run["output"]["summary"]
    assert "garbage" not in result.log


@pytest.mark.slow
def test_without_app_the_token_creates_the_check_run(job_of: JobOf, github: GithubServer) -> None:
    token = github.world.actions_token("octo/demo")
    job_of(PASSING).run(app_id="", private_key="", github_token=token)
    assert github.run["app"]["slug"] == "github-actions"
    assert github.run["conclusion"] == "success"


def test_token_creates_check_run_if_app_is_not_installed(job_of: JobOf, github: GithubServer) -> None:
    github.fault(Fault(path="/installation$", how="answer", status=404, body={"message": "Not Found"}))
    token = github.world.actions_token("octo/demo")
    result = job_of(PASSING).run(github_token=token)
    assert github.run["app"]["slug"] == "github-actions"
    assert "install" in result.log


def test_without_check_run_log_and_summary_have_results(job_of: JobOf, github: GithubServer) -> None:
    token = github.world.actions_token("octo/demo", checks="read")
    result = job_of(FAILING).run(app_id="", private_key="", github_token=token)
    assert github.runs == []
    assert result.exit_status == 1
    assert "::error" in result.log
    assert "file=shop.py,line=3" in result.log
    assert "KeyError" in result.summary
    assert result.outputs["check-run-id"] == ""
    assert result.outputs["failed"] == "1"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("env", "arguments", "in_colour"),
    [({}, "", True), ({"NO_COLOR": "1"}, "", False), ({}, "--color=no", False), ({}, "-p no:terminal", False)],
    ids=["alone", "NO_COLOR", "--color=no", "no terminal plugin"],
)
def test_job_log_is_in_colour_by_default(
    job_of: JobOf, github: GithubServer, env: dict[str, str], arguments: str, in_colour: bool
) -> None:
    result = job_of(PASSING, env=env).run(pytest_args=arguments)
    assert ("\x1b[32m" in result.log, github.run["conclusion"]) == (in_colour, "success")


def test_nothing_that_tests_print_is_a_command(job_of: JobOf) -> None:
    prints = "def test_prints():\n    print('\\n::error::forged\\n::set-output name=conclusion::success')\n"
    result = job_of({"test_a.py": prints}).run(pytest_args="-s")
    lines = result.log.splitlines()
    stop = next(index for index, line in enumerate(lines) if line.startswith("::stop-commands::"))
    token = lines[stop].removeprefix("::stop-commands::")
    resume = lines.index(f"::{token}::")
    assert lines[stop - 1].startswith("::group::")
    assert stop < lines.index("::error::forged") < resume
    assert "::endgroup::" in lines[resume:]


def test_thousand_tests_take_at_most_six_writes(job_of: JobOf, github: GithubServer) -> None:
    """The creation, the first failure, a full batch while tests run, the verdict and the rest; no interval passes."""
    text = "import pytest\n\n\n@pytest.mark.parametrize('n', range(100))\ndef test(n): assert n % 10\n"
    many = {f"test_{n}.py": text for n in range(10)}
    result = job_of(many).run(pytest_args="-q --tb=no", live_interval="3600")
    assert result.outputs["total"] == "1000"
    assert levels(github) == {"failure": 100, "notice": 10}
    assert len(github.writes) <= 6
    assert len(github.reads) <= 4


@pytest.mark.slow
def test_ten_thousand_tests_have_one_notice_per_file(job_of: JobOf, github: GithubServer) -> None:
    text = "import pytest\n\n\n@pytest.mark.parametrize('n', range(500))\ndef test(n): assert n % 50\n"
    result = job_of({f"test_{n}.py": text for n in range(20)}).run(pytest_args="-q --tb=no")
    assert result.outputs["total"] == "10000"
    assert levels(github) == {"failure": 200, "notice": 20}
    assert "one notice per file, because one per test would exceed" in github.run["output"]["summary"]


@pytest.mark.slow
def test_collection_error_of_pytest_itself_is_quoted(job_of: JobOf, github: GithubServer) -> None:
    test = "def test_x(): pass\n"
    job_of({"test_a.py": test, "b/test_a.py": test}).run()
    (failure,) = github.annotations()
    assert failure["message"].startswith("import file mismatch")
    assert "HINT: remove __pycache__" in failure["raw_details"]
    assert "_pytest" not in failure["raw_details"]
