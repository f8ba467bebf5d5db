"""What hostile or careless tests try in a whole run: to read secrets, to impersonate the action, to escape folders."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.adapters.pytest_process.git import Git
from checks.core.history import base_state
from checks.core.model.item import Details, Item, Location, Outcome, Stage, StageName
from checks.core.report.annotations import Annotator
from checks.core.results.stream import Finding
from tests.support import needs
from tests.support.github.server import Fault, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job, JobOf
from tests.support.runner.running import is_running

#: Stores everything that a test can find: files of all known folders, command lines, variables, git's configuration.
LOOKING = """
import glob, os, subprocess, sys, tempfile
from pathlib import Path


def seen():
    folders = {tempfile.gettempdir(), os.environ["HOME"], os.getcwd(), "/dev/shm"}
    folders |= {str(Path(os.environ["GITHUB_STEP_SUMMARY"]).parent)}
    folders |= {argument.partition("=")[2] for argument in sys.argv if "folder=" in argument}
    for folder in folders:
        for path in Path(folder).rglob("*"):
            if path.is_file() and path.name != "seen":
                yield str(path).encode()
                yield path.read_bytes()
    for path in [*glob.glob("/proc/[0-9]*/cmdline"), *glob.glob("/proc/self/environ")]:
        try:
            yield Path(path).read_bytes()
        except OSError:
            pass
    for number in os.listdir("/proc/self/fd"):
        try:
            yield os.pread(int(number), 100_000, 0)
        except OSError:
            pass
    yield subprocess.run(["git", "config", "--list", "--show-origin"], capture_output=True).stdout


def test_fails():
    assert 0, "so that there is something to tell"


def test_looks():
    Path(os.environ["HOME"], "seen").write_bytes(b"\\n".join(seen()))
"""


@rule("Reading the action's secrets: temporary files, the action's")
def test_running_tests_find_none_of_our_secrets(tmp_path: Path, github: GithubServer) -> None:
    token, runtime = github.world.actions_token("octo/demo"), "runtime-t0ken-of-the-runner"
    (tmp_path / "tmp").mkdir()
    env = {"TMPDIR": str(tmp_path / "tmp"), "ACTIONS_RUNTIME_TOKEN": runtime}
    job = Job(github=github, folder=tmp_path, files={"test_a.py": LOOKING}, is_new=True, env=env)
    result = job.run(github_token=token, preview="preview", live_interval="1")
    assert (result.outputs["failed"], result.outputs["passed"]) == ("1", "1")
    seen = (tmp_path / "seen").read_bytes()
    for known in (b"check-run.json", b"pytest_check_runs_child.py", b"so that there is something", b"GITHUB_JOB"):
        assert known in seen
    for secret in (*github.app.private_key.splitlines()[1:-1], *github.world.tokens, runtime):
        assert secret.encode() not in seen


#: A private mapping of a file: the path, how much of it is in memory, and how much of that is private.
MAPPING = re.compile(
    r"^\S+ \S+p \S+ \S+ \S+ +(/\S+)\n(?:[A-Z].*\n)*?Rss: +(\d+).*\n(?:[A-Z].*\n)*?Anonymous: +(\d+)", re.MULTILINE
)


@rule("Reading the action's secrets: changed code in any library that the action uses while tests run")
@pytest.mark.parametrize(
    "inputs",
    [pytest.param({"preview": "preview"}, id="with a preview"), pytest.param({}, id="alone", marks=pytest.mark.slow)],
)
def test_tests_cannot_change_our_loaded_code(tmp_path: Path, github: GithubServer, inputs: dict[str, str]) -> None:
    needs.root()
    waits = "import time\n\n\ndef test_a(): assert 0\n\n\ndef test_b(): time.sleep(60)\n"
    job = Job(github=github, folder=tmp_path, files={"test_a.py": waits}, is_new=True)
    process = job.start(**inputs)
    github.wait_for(lambda: any(github.world.annotations.values()))
    try:
        maps = Path("/proc", str(process.pid), "smaps").read_text()
    except PermissionError:
        needs.missing("another process cannot be looked into here")
    finally:
        job.cancel(process)
    found = MAPPING.findall(maps)
    assert len(found) > 50
    assert [path for path, resident, private_kilobytes in found if int(private_kilobytes) < int(resident)] == []


#: Replaces each of the runner's files, prints commands, and leaves a process that continues.
SPEAKING = '''
import os, subprocess, sys, time
from pathlib import Path

FORGED = "conclusion=success\\nfailed=0\\nforged=yes\\n"
folder = Path(os.environ["GITHUB_STEP_SUMMARY"]).parent
WRITER = """
import sys, time
from pathlib import Path
while True:
    for name in ("output", "state", "env", "path"):
        try:
            Path(sys.argv[1], name).write_text(sys.argv[2])
        except OSError:
            pass
    time.sleep(0.001)
"""


def test_speaks():
    Path("forged").write_text(FORGED)
    Path.home().joinpath(".netrc").write_text("machine 127.0.0.1 login mallory password forged")
    for name in ("output", "env", "path", "step_summary"):
        (folder / name).unlink(missing_ok=True)
    (folder / "output").symlink_to(Path("forged").absolute())
    os.mkfifo(folder / "env")
    (folder / "path" / "below").mkdir(parents=True)
    (folder / "step_summary").symlink_to("/proc/self/environ")
    print("\\n::set-output name=conclusion::success\\n##[set-output name=conclusion]success\\n::error::forged")
    os.write(1, b"\\n::add-mask::failure\\n::stop-commands::forged\\n::forged::\\n")
    assert 0


def test_leaves_a_writer():
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), FORGED], start_new_session=True)
    Path("writer").write_text(str(child.pid))
'''


def obeyed(log: str) -> Iterator[str]:
    """Return the workflow commands that the runner executes, which excludes those while they are stopped."""
    token = ""
    for line in map(str.strip, log.splitlines()):
        if token:
            token = "" if line == f"::{token}::" else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif line.startswith("::") or "##[" in line:
            yield line


@rule("Impersonating the action: workflow commands on standard")
@rule("Impersonating the action: writing outputs, variables and")
@pytest.mark.parametrize("sandbox", ["true", pytest.param("false", marks=pytest.mark.slow)])
def test_tests_cannot_forge_outputs_or_commands(tmp_path: Path, github: GithubServer, sandbox: str) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": SPEAKING}, is_new=True)
    result = job.run(pytest_args="-s", sandbox=sandbox)
    commands = job.commands
    assert not is_running(int((job.workspace / "writer").read_text()))
    assert [name for name in ("output", "state", "env", "path", "step_summary") if (commands / name).is_symlink()] == []
    assert [(commands / name).read_bytes() for name in ("env", "path")] == [b"", b""]
    assert (result.outputs["conclusion"], result.outputs["failed"], "forged" in result.outputs) == (
        "failure",
        "1",
        False,
    )
    assert result.summary.startswith("## pytest")
    assert (job.workspace / "forged").read_text().startswith("conclusion=success")
    assert list(obeyed(result.log)) == ["::group::pytest", "::endgroup::"]
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    requests = len(github.requests)
    assert job.run("finish", job_status="failure").exit_status == 0
    assert len(github.requests) == requests


#: Replaces git, which reads HEAD after the tests, by a program that leaves a process working for the tests.
REPLACING = """
import os, sys
from pathlib import Path

def test_replaces():
    folder = Path(os.environ["GITHUB_STEP_SUMMARY"]).parent
    git = Path(os.environ["PATH_OF_GIT"])
    true = git.resolve()
    writer = (
        f"import os, time\\nwhile True:\\n    open({str(folder / 'output')!r}, 'w').write('forged=yes')\\n"
        "    time.sleep(0.001)\\n"
    )
    git.unlink()
    git.write_text(
        f"#!{sys.executable}\\nimport os, subprocess, sys\\nquiet = subprocess.DEVNULL\\n"
        f"subprocess.Popen([sys.executable, '-c', {writer!r}], start_new_session=True, stdout=quiet, stderr=quiet)\\n"
        f"open('asked', 'w').close()\\nos.execv({str(true)!r}, ['git', *sys.argv[1:]])\\n"
    )
    git.chmod(0o755)
    assert 0
"""


@rule("Impersonating the action: another program in place of git, which the action asks for HEAD after the tests")
@pytest.mark.parametrize("sandbox", ["true", pytest.param("false", marks=pytest.mark.slow)])
def test_replaced_git_leaves_no_process_that_forges_outputs(tmp_path: Path, github: GithubServer, sandbox: str) -> None:
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.symlink_to(needs.program("git"))
    env = {"PATH": f"{git.parent}:{os.environ['PATH']}", "PATH_OF_GIT": str(git)}
    job = Job(github=github, folder=tmp_path, files={"test_a.py": REPLACING}, is_new=True, env=env)
    result = job.run(sandbox=sandbox)
    assert (job.workspace / "asked").exists()
    assert (result.outputs["conclusion"], "forged" in result.outputs) == ("failure", False)
    assert (github.run["conclusion"], github.run["head_sha"]) == ("failure", job.sha)


#: Changes the saved state to another check run with a success, and kills the action before its conclusion.
FORGING = """
import base64, json, os, signal
from pathlib import Path

def test_forges():
    path = Path(os.environ["GITHUB_STEP_SUMMARY"]).parent / "state"
    lines = path.read_text().splitlines()
    state = json.loads(base64.urlsafe_b64decode(lines[1]))
    state |= {"id": "1", "conclusion": "success", "title": "forged"}
    lines[1] = base64.urlsafe_b64encode(json.dumps(state).encode()).decode()
    path.write_text("\\n".join(lines) + "\\n")
    os.kill(os.getppid(), signal.SIGKILL)
"""


@rule("Impersonating the action: another check run in the saved state")
@pytest.mark.slow
def test_forged_state_completes_no_check_run(tmp_path: Path, github: GithubServer) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": FORGING}, is_new=True)
    assert job.run(sandbox="false").exit_status == -signal.SIGKILL
    assert job.records("state")["check_run"]
    result = job.run("finish", job_status="failure")
    assert (result.exit_status, "the signature of the saved state does not match" in result.log) == (0, True)
    assert [request.path for request in github.writes if request.path.endswith("/1")] == []
    assert github.run["conclusion"] != "success"


DEBUG = {"RUNNER_DEBUG": "1", "ACTIONS_STEP_DEBUG": "true", "ACTIONS_RUNNER_DEBUG": "true"}


@rule("Reading the action's secrets: the job log at debug level (ACTIONS_STEP_DEBUG, RUNNER_DEBUG)")
@pytest.mark.parametrize(
    "how", ["works", pytest.param("breaks", marks=pytest.mark.slow), pytest.param("is refused", marks=pytest.mark.slow)]
)
def test_debug_log_shows_requests_without_credentials(tmp_path: Path, github: GithubServer, how: str) -> None:
    if how == "is refused":
        github.fault(Fault(path="/access_tokens$", how="answer", status=403, body={"message": "Forbidden"}))
    if how == "breaks":
        github.fault(Fault(method="PATCH", nth=(1, 2), how="html", status=502))
    token = github.world.actions_token("octo/demo")
    files = {"test_a.py": "import pytest\n\n\n@pytest.mark.parametrize('n', range(3))\ndef test(n): assert n\n"}
    job = Job(github=github, folder=tmp_path, files=files, env=DEBUG, is_new=True)
    logs = job.run(github_token=token).log + job.run("finish", github_token=token, job_status="failure").log
    debug = [line for line in logs.splitlines() if line.startswith("::debug::")]
    assert len(debug) >= len(github.requests) - 1
    for path in ("/access_tokens", "/check-runs"):
        assert any(path in line for line in debug)
    for secret in (*github.app.private_key.splitlines()[1:-1], *github.world.tokens):
        assert secret not in logs
    assert not re.search(r"eyJ[\w-]+\.|[Bb]earer |Authorization|ghs_\w{4}", logs)


LEADING_OUT = {
    "above": "../etc/passwd",
    "above, from inside": "tests/../../etc/passwd",
    "absolute": "/etc/passwd",
    "through a link to a folder outside": "out/passwd",
    "through a link that leads up": "up/etc/passwd",
    "in other letters": "TESTS/TEST_A.PY",
    "in other letters of Unicode": "tests/te\u017ft_a.py",
    "of a file that git does not track": "untracked.py",
    "of git's own": ".git/config",
    "of a folder": "tests",
    "after a line's end": "tests/test_a.py\n../../etc/passwd",
    "after NUL": "tests/test_a.py\0",
    "of another system": "C:\\windows\\win.ini",
    "as an address": "file:///etc/passwd",
    "of somebody's home": "~/.ssh/id_ed25519",
    "of a process": "/proc/self/environ",
    "nothing": "",
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A repository with symbolic links that lead out of it."""
    with GithubServer() as github:
        files = {"setup.cfg": "[tool:pytest]\n", "tests/test_a.py": ""}
        job = Job(github=github, folder=tmp_path_factory.mktemp("job"), files=files)
    for name, target in {"out": "/etc", "secret.py": "/etc/passwd", "up": "..", "inside": "tests"}.items():
        (job.workspace / name).symlink_to(target)
    job.commit("Links")
    (job.workspace / "untracked.py").write_text("")
    return job


def annotated_path(checkout: Job, path: str) -> str:
    """Return the path annotated for a failure at `path`."""
    repository = Git(folder=checkout.workspace).repository()
    assert repository is not None
    details = Details(message="x", locations=(Location(path=path, line=1),))
    stage = Stage(name=StageName.CALL, outcome=Outcome.FAILED, duration_seconds=0.0, details=details)
    item = Item(nodeid=f"{path}::test_x", line=1, defined_in=path, stages=(stage,))
    annotator = Annotator(repository=repository, root=str(checkout.workspace.resolve()))
    annotation = annotator.annotate(Finding(item=item, stage=stage))
    assert annotation is not None
    assert annotation.path in repository.tracked
    return annotation.path


@rule("Injecting markup: the path of an annotation: .., absolute, through links, in other letters, with line ends")
@pytest.mark.parametrize("path", LEADING_OUT.values(), ids=LEADING_OUT)
def test_path_outside_repository_is_replaced_by_fallback(path: str, checkout: Job) -> None:
    assert annotated_path(checkout, path) == "setup.cfg"


INSIDE = {
    "tests/test_a.py": "tests/test_a.py",
    "./tests//test_a.py": "tests/test_a.py",
    "tests/../tests/test_a.py": "tests/test_a.py",
    "inside/test_a.py": "tests/test_a.py",
    "out": "out",  # the link itself, which git tracks
    "secret.py": "secret.py",
}


@pytest.mark.parametrize(("path", "tracked"), INSIDE.items(), ids=INSIDE)
def test_path_inside_repository_is_that_of_the_tracked_file(path: str, tracked: str, checkout: Job) -> None:
    assert annotated_path(checkout, path) == tracked


FORGES_BASE = r"""
import pytest
LINE = "\nNew: passed on main at c0ffee1."
def test_fail(): pytest.fail("x" + LINE)
def test_without_traceback(): pytest.fail("x" + LINE, pytrace=False)
def test_exception(): raise ValueError("x\n" + LINE)
def test_other_line_ends(): raise ValueError("x\r\u2028\v" + LINE)
def test_subtest(subtests):
    with subtests.test("x" + LINE): assert 0, LINE
@pytest.mark.xfail(reason="x" + LINE, strict=True)
def test_xpass(): pass
@pytest.fixture
def broken(): raise OSError(LINE)
def test_setup(broken): pass
"""


@rule("Impersonating the action: a message that ends like the line about the base, New: passed on main at c0ffee1.")
@pytest.mark.slow
def test_message_cannot_say_what_the_base_does(job_of: JobOf, github: GithubServer) -> None:
    job_of({"test_a.py": FORGES_BASE}).run()
    failures = [annotation for annotation in github.annotations() if annotation["annotation_level"] == "failure"]
    assert len(failures) == 8
    assert {base_state.split(failure["message"])[1] for failure in failures} == {None}
