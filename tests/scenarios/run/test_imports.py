"""What the action's process imports after the tests have started: nothing, as they could have changed its files."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.proxy import Proxy
from tests.support.rerun.reruns import SECOND, CreateScenario
from tests.support.rules import rule
from tests.support.runner.jobs import Job
from tests.support.runner.merges import WAITS, merged, run_until
from tests.support.runner.running import read_pids
from tests.support.tls import certificate

#: Runs in each Python that is started, and records in the action's process alone. The sender's thread starts before the
#: tests do, so what it imports at any time may be imported after their start on another machine.
SITECUSTOMIZE = """
import os, sys, threading

if any(argument.endswith("entrypoint.py") for argument in sys.orig_argv):
    log = os.open(os.environ["IMPORT_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    main = threading.get_ident()
    has_started = []

    def record(event, arguments):
        if event == "subprocess.Popen" and "pytest_check_runs_child" in str(arguments[1]):
            has_started.append(True)
            os.write(log, b"tests\\n")
        elif event == "import" and (has_started or threading.get_ident() != main):
            if arguments[0] not in sys.builtin_module_names:  # these have no file
                os.write(log, arguments[0].encode() + b"\\n")

    sys.addaudithook(record)
"""
TESTS = """
import sys, warnings
import pytest

def test_ok(): pass
def test_fails():
    print("é", file=sys.stderr)
    raise ValueError("\\ud800") from KeyError("x")
def test_warns(): warnings.warn("old", DeprecationWarning)
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.parametrize('n', range(60))
def test_each(n): assert n < 0
"""


@dataclass(frozen=True)
class ImportLog:
    """The log of one folder, and the variables with which the action's process writes it."""

    folder: Path

    @property
    def environ(self) -> Mapping[str, str]:
        (self.folder / "sitecustomize.py").write_text(SITECUSTOMIZE)
        return {"PYTHONPATH": str(self.folder), "IMPORT_LOG": str(self.folder / "log")}

    def late(self) -> list[str]:
        """Return what was imported late. The tests have started."""
        first, *imports = sorted((self.folder / "log").read_text().splitlines(), key=lambda line: line != "tests")
        assert first == "tests"
        return imports


@pytest.fixture
def imports(tmp_path: Path) -> ImportLog:
    (tmp_path / "recorder").mkdir()
    return ImportLog(tmp_path / "recorder")


def job_of(github: GithubServer, tmp_path: Path, imports: ImportLog, tests: str = TESTS, **env: str) -> Job:
    return Job(github=github, folder=tmp_path, files={"test_a.py": tests}, env={**imports.environ, **env})


@rule("Reading the action's secrets: a module that the action has not imported yet")
@pytest.mark.parametrize(
    "inputs",
    [pytest.param({}, id="plain", marks=pytest.mark.slow), pytest.param({"preview": "preview"}, id="with a preview")],
)
def test_nothing_is_imported_after_the_start(
    github: GithubServer, tmp_path: Path, imports: ImportLog, inputs: dict[str, str]
) -> None:
    assert job_of(github, tmp_path, imports).run(**inputs).exit_status == 1
    assert github.run["conclusion"] == "failure"
    assert imports.late() == []


@pytest.mark.slow
def test_nothing_is_imported_late_with_the_token(github: GithubServer, tmp_path: Path, imports: ImportLog) -> None:
    token = github.world.actions_token(REPOSITORY)
    result = job_of(github, tmp_path, imports).run(app_id="", private_key="", github_token=token)
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert imports.late() == []


@pytest.mark.slow
def test_nothing_is_imported_late_with_a_comment(github: GithubServer, tmp_path: Path, imports: ImportLog) -> None:
    github.installation.permissions["pull_requests"] = "write"
    job = job_of(github, tmp_path, imports, GITHUB_EVENT_NAME="pull_request")
    job.event = {"pull_request": {"number": 12, "head": {"sha": job.sha, "repo": {"full_name": REPOSITORY}}}}
    github.world.pull_heads[12] = job.sha
    assert job.run(comment="failures").exit_status == 1
    assert len(github.world.comments) == 1
    assert imports.late() == []


@pytest.mark.slow
def test_nothing_is_imported_late_in_a_rerun(create_scenario: CreateScenario, imports: ImportLog) -> None:
    scenario = create_scenario(category="unit")
    scenario.create_run(failures=["test_a.py::test_flaky"])
    scenario.press()
    assert scenario.rerun(env={**SECOND, **imports.environ}).exit_status == 0
    assert imports.late() == []


@pytest.mark.parametrize("compare", ["base", "dev"])
@pytest.mark.slow
def test_nothing_is_imported_late_to_look_up_the_base(
    github: GithubServer, tmp_path: Path, imports: ImportLog, compare: str
) -> None:
    job = job_of(github, tmp_path, imports, WAITS["test_a.py"])
    base, _ = merged(job)
    github.installation.permissions["contents"] = "read"
    github.world.branches["dev"] = base
    github.world.parents = {job.sha: [base]}
    github.fault(Fault(path=f"{base}/check-runs|/compare/", nth=(1,), how="half"))
    assert run_until(job, github, "/graphql", compare=compare).exit_status == 0
    assert imports.late() == []


@pytest.mark.slow
def test_nothing_is_imported_late_in_a_cancelled_job(github: GithubServer, tmp_path: Path, imports: ImportLog) -> None:
    fifo = tmp_path / "begun"
    os.mkfifo(fifo)
    waits = f"import os, time\n\ndef test_a(): open({str(fifo)!r}, 'w').write(str(os.getpid())); time.sleep(600)\n"
    job = job_of(github, tmp_path, imports, waits)
    process = job.start()
    read_pids(fifo)
    process.send_signal(signal.SIGINT)
    assert (job.wait(process).exit_status, github.run["conclusion"]) == (1, "cancelled")
    assert imports.late() == []


OUTAGE = (
    Fault(nth=(1,), how="drop"),
    Fault(nth=(2,), how="html", status=502, headers={"Content-Type": "text/html; charset=windows-1251"}),
    Fault(nth=(3,), how="html", status=502, headers={"Content-Type": "application/octet-stream"}),
    Fault(method="POST", path="/check-runs$", nth=(1,), how="half"),
    Fault(method="PATCH", nth=(1,), how="answer", status=429, headers={"Retry-After": "1"}),
    Fault(method="PATCH", nth=(2,), how="half", done=True),
)


@pytest.mark.slow
def test_nothing_is_imported_late_in_an_outage(github: GithubServer, tmp_path: Path, imports: ImportLog) -> None:
    for fault in OUTAGE:
        github.fault(fault)
    job_of(github, tmp_path, imports, RUNNER_DEBUG="1").run()
    assert github.run["conclusion"] == "failure"
    assert imports.late() == []


@pytest.fixture
def addresses(tmp_path: Path) -> Iterator[dict[str, dict[str, str]]]:
    """Variables with which requests fail, or are sent another way."""
    path = certificate(tmp_path, "private")
    with GithubServer(certificate=path) as server, Proxy() as proxy:
        yield {
            "proxy": {"HTTP_PROXY": proxy.url},
            "certificate": {"GITHUB_API_URL": server.url, "REQUESTS_CA_BUNDLE": str(path)},
            "certificate of another name": {
                "GITHUB_API_URL": server.url.replace("127.0.0.1", "localhost"),
                "REQUESTS_CA_BUNDLE": str(path),
            },
            "untrusted certificate": {"GITHUB_API_URL": server.url},
            "no such name": {"GITHUB_API_URL": "https://github.invalid"},
            "no connection": {"GITHUB_API_URL": "http://localhost:9"},
            "name beyond ASCII": {"GITHUB_API_URL": "https://gîthub.invalid"},
            "proxy beyond ASCII": {"GITHUB_API_URL": "https://github.invalid", "HTTPS_PROXY": "http://pröxy.invalid:1"},
            "impossible name": {"GITHUB_API_URL": f"https://{'g' * 70}.invalid"},
        }


WAYS = (
    "proxy",
    "certificate",
    "certificate of another name",
    "untrusted certificate",
    "no such name",
    "no connection",
    "name beyond ASCII",
    "proxy beyond ASCII",
    "impossible name",
)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_imported_late_on_the_way_to_github(
    github: GithubServer, tmp_path: Path, imports: ImportLog, addresses: Mapping[str, Mapping[str, str]], way: str
) -> None:
    result = job_of(github, tmp_path, imports, **addresses[way]).run()
    assert (result.exit_status, "This is a bug" in result.log) == (1, False)
    assert imports.late() == []


@pytest.mark.slow
def test_nothing_is_imported_late_by_the_program_preview(
    github: GithubServer, tmp_path: Path, imports: ImportLog
) -> None:
    assert job_of(github, tmp_path, imports).run("preview").exit_status == 1
    assert imports.late() == []
