"""What tests try as root in the image: to read secrets, and to impersonate the action."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.image.job import ImageJob
from tests.support.github.server import GithubServer
from tests.support.rules import rule

Start = Callable[[dict[str, str]], ImageJob]

#: Every way to secrets that a process has: the action's process and its parents, its own environment, files.
PRYING = r"""
import ctypes
import os
import re
import subprocess
from pathlib import Path

import pytest

KEY = b"PRIVATE" + b" KEY"
PTRACE_SEIZE, PIDFD_GETFD = 16, 438
libc = ctypes.CDLL(None, use_errno=True)


def parent(pid):
    return int(re.search(r"^PPid:\t(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1])


def above():
    pid = os.getppid()
    while pid:
        yield pid
        pid = parent(pid)


ABOVE = [Path("/proc", str(pid)) for pid in above()]


def refused(result):
    return result == -1 and ctypes.get_errno() == 1


def test_our_command_is_our_parent():
    assert b"entrypoint.py" in (ABOVE[0] / "cmdline").read_bytes()
    assert ABOVE[-1].name == "1"


@pytest.mark.parametrize("process", ABOVE, ids=str)
@pytest.mark.parametrize("name", ["environ", "mem", "maps", "auxv", "task/{}/environ"])
def test_it_is_closed(process, name):
    with pytest.raises(PermissionError):
        (process / name.format(process.name)).open("rb").read(1)


@pytest.mark.parametrize("process", ABOVE, ids=str)
def test_its_descriptors_are_closed(process):
    for descriptor in os.listdir(process / "fd"):
        with pytest.raises((PermissionError, FileNotFoundError)):  # it may have been closed since
            (process / "fd" / descriptor).open("rb")
        assert refused(libc.syscall(PIDFD_GETFD, os.pidfd_open(int(process.name)), int(descriptor), 0))


@pytest.mark.parametrize("process", ABOVE, ids=str)
def test_it_cannot_be_traced(process):
    assert refused(libc.ptrace(PTRACE_SEIZE, int(process.name), None, None))


def test_no_command_line_of_ours_has_anything():
    assert not any(KEY in (process / "cmdline").read_bytes() for process in (ABOVE[0], Path("/proc/self")))


def test_git_s_configuration_has_nothing():
    listed = subprocess.run(["git", "config", "--list", "--show-origin"], capture_output=True, check=True)
    assert KEY not in listed.stdout
    assert b"extraheader" not in listed.stdout.lower()


def test_the_environment_has_nothing():
    assert [name for name in os.environ if name.startswith(("INPUT_", "STATE_", "CHECKS_"))] == []
    assert not any(KEY in value for value in os.environb.values())


def test_no_file_has_anything():
    folders = map(Path, ["/github", "/tmp", "/root", "/run", "/var/tmp", "/dev/shm"])
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert [path for path in files if KEY in path.read_bytes()] == []
"""

#: Overwrites all Python code that the action could still import with code that reveals itself, and dies.
POISONING = r"""
import os
import sys
from pathlib import Path

POISON = "open('/github/workspace/poisoned', 'a').write(__name__ + '\\n')\n"


def test_poison():
    for root in ("/opt/checks", "/opt/pytest-check-runs", "/usr/local/lib/python3.13", "/usr/local/bin"):
        for path in Path(root).rglob("*.py*"):
            if path.suffix == ".py":
                path.write_text(POISON)
            elif path.suffix == ".pyc":
                path.unlink()
    os._exit(7)
"""

#: Overwrites the libraries of the action's environment, and those of Python's modules, in place, and then its own.
CRIPPLING = r"""
import os
import subprocess

CRIPPLE = '''
find /opt/checks /usr/local/lib/python3.13/lib-dynload -name "*.so" | while read -r path; do
    size=$(stat --format=%s "$path")
    dd if=/dev/zero of="$path" bs="$size" count=1 conv=notrunc status=none || exit 1
done
touch /github/workspace/crippled
'''


def test_cripple():
    subprocess.run(["sh", "-c", CRIPPLE], check=True)
    os._exit(7)
"""

#: Writes to the runner's files that it was not given, and leaves a process that continues.
SPEAKING = r"""
import os
import subprocess
import sys
from pathlib import Path

WRITER = '''
import time
from pathlib import Path
while True:
    Path("/github/file_commands/output").write_text("conclusion=success\\nfailed=0\\nforged=yes\\n")
    time.sleep(0.001)
'''


def test_speaks(request):
    assert not {"GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_ENV", "GITHUB_PATH"} & set(os.environ)
    subprocess.Popen([sys.executable, "-c", WRITER], start_new_session=True)
    Path("/github/file_commands/env").write_text("LD_PRELOAD=/github/workspace/theirs.so\\n")
    Path("/github/file_commands/path").write_text("/github/workspace\\n")
    assert 0
"""

#: Changes the saved state to another check run, and waits to be killed.
FORGING = r"""
import base64
import json
import time
from pathlib import Path


def test_forges():
    file = Path("/github/file_commands/state")
    (name, _), text, _, *rest = [line.split("<<") if "<<" in line else line for line in file.read_text().splitlines()]
    state = json.loads(base64.urlsafe_b64decode(text)) | {"id": "1"}
    forged = base64.urlsafe_b64encode(json.dumps(state).encode()).decode()
    file.write_text(file.read_text().replace(text, forged))
    time.sleep(60)
"""


#: Each attack runs with and without the sandbox.
with_and_without_sandbox = pytest.mark.parametrize("sandbox", ["true", "false"])


@rule("Reading the action's secrets: all of the first rows, in the image as the runner starts it")
@with_and_without_sandbox
def test_tests_cannot_read_our_secrets(job: Start, github: GithubServer, sandbox: str) -> None:
    result = job({"test_prying.py": PRYING}).run(sandbox=sandbox)
    assert (result.exit_status, github.run["conclusion"]) == (0, "success")
    sent = result.log + json.dumps([request.body for request in github.requests])
    assert [line for line in github.app.private_key.splitlines() if line in sent] == []
    assert [token for token in github.world.tokens if token in sent] == []


@rule("Reading the action's secrets: changed code in all Python modules, for the action to import later")
def test_tests_cannot_make_us_import_their_code(job: Start, github: GithubServer) -> None:
    started = job({"test_poisoning.py": POISONING})
    result = started.run()
    assert not (started.workspace / "poisoned").exists()
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert "test_poisoning.py::test_poison" in json.dumps(github.annotations())


@rule("Reading the action's secrets: changed code in all libraries of Python and of the action, in the image")
def test_tests_cannot_change_the_code_that_we_run(job: Start, github: GithubServer) -> None:
    started = job({"test_crippling.py": CRIPPLING})
    result = started.run()
    assert (started.workspace / "crippled").exists()
    assert (result.exit_status, github.run["status"], github.run["conclusion"]) == (1, "completed", "failure")
    assert (result.outputs["conclusion"], result.outputs["check-run-id"]) == ("failure", str(github.run["id"]))
    assert "test_crippling.py::test_cripple" in json.dumps(github.annotations())


@with_and_without_sandbox
def test_tests_cannot_forge_outputs_or_variables(job: Start, github: GithubServer, sandbox: str) -> None:
    started = job({"test_speaking.py": SPEAKING})
    result = started.run(sandbox=sandbox)
    assert [(started.folder / "out" / "file_commands" / name).read_text() for name in ("env", "path")] == ["", ""]
    assert (result.outputs["conclusion"], result.outputs["failed"], "forged" in result.outputs) == (
        "failure",
        "1",
        False,
    )
    assert github.run["conclusion"] == "failure"


@rule("Impersonating the action: another check run in the saved state, in the image")
def test_forged_state_is_refused(job: Start, github: GithubServer) -> None:
    result = job({"test_forging.py": FORGING}).run("--signals=10:KILL", stages="main,post", sandbox="false")
    assert "--- sent SIGKILL" in result.log
    assert "the signature of the saved state does not match" in result.log
    assert [request.path for request in github.writes if request.path.endswith("/1")] == []
    assert "--- post ended with 0" in result.log
