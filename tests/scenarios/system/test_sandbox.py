"""What programs in the sandbox can and cannot do, with every call that writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from checks.adapters.system.sandbox import Sandbox
from tests.support import needs
from tests.support.rules import rule
from tests.support.runner.jobs import COMMANDS_FOLDER
from tests.support.runner.refusing import WITHOUT_LANDLOCK
from tests.support.waits import HANG_SECONDS

ROOT = Path(__file__).parents[3]

#: Statements that must fail in the folder `closed`, which has the runner's file `env`.
DENIED = {
    "write": "open(closed + '/env', 'w')",
    "append": "open(closed + '/env', 'a')",
    "truncate by path": "os.truncate(closed + '/env', 0)",
    "create": "open(closed + '/new', 'x')",
    "remove": "os.remove(closed + '/env')",
    "rename over it": "os.rename(free + '/file', closed + '/env')",
    "rename away": "os.rename(closed + '/env', free + '/env')",
    "rename inside": "os.rename(closed + '/env', closed + '/other')",
    "link out": "os.link(closed + '/env', free + '/linked')",
    "link in": "os.link(free + '/file', closed + '/linked')",
    "symbolic link": "os.symlink(free + '/file', closed + '/link')",
    "folder": "os.mkdir(closed + '/folder')",
    "pipe": "os.mkfifo(closed + '/pipe')",
    "rename the folder": "os.rename(closed, free + '/moved')",
    "through /proc": "open(f'/proc/{os.getppid()}/root' + closed + '/env', 'w')",
    "through an own /proc": "open('/proc/self/root' + closed + '/env', 'w')",
    "through a descriptor": "os.open('env', os.O_WRONLY, dir_fd=os.open(closed, os.O_RDONLY))",
    "through a link": "os.symlink(closed, free + '/link'); open(free + '/link/env', 'w')",
    "by a child": "subprocess.run(['cp', free + '/file', closed + '/env'], check=True)",
    "our score for the out-of-memory killer": "open(f'/proc/{os.getppid()}/oom_score_adj', 'w').write('1000')",
}

ALLOWED = {
    "the job summary": "open(closed + '/step_summary', 'a').write('theirs')",
    "the job summary anew": "open(closed + '/step_summary', 'w').write('theirs')",
    "a file elsewhere": "open(free + '/new', 'x').write('theirs')",
    "move between folders": "os.mkdir(free + '/to'); os.rename(free + '/file', free + '/to/file')",
    "link between folders": "os.mkdir(free + '/to'); os.link(free + '/file', free + '/to/file')",
    "read the closed folder": "open(closed + '/env').read()",
    "temporary files": "tempfile.TemporaryFile().write(b'theirs')",
    "devices": "open('/dev/null', 'w').write('theirs')",
    "standard output by its name": "open('/dev/stdout', 'w').write('theirs')",
    "shared memory": "multiprocessing.Lock()",
    "a socket": "socket.socket(socket.AF_UNIX).bind(free + '/socket')",
}
IMPORTS = "import multiprocessing, os, socket, subprocess, sys, tempfile; closed, free = sys.argv[1:]\n"


@pytest.fixture
def closed() -> Iterator[Path]:
    """The folder of the runner's files."""
    with TemporaryDirectory(prefix="closed-", dir=COMMANDS_FOLDER) as name:
        for file in ("env", "step_summary"):
            Path(name, file).write_text("")
        yield Path(name)


@pytest.fixture
def sandbox(closed: Path) -> Sandbox:
    needs.landlock()
    return Sandbox({closed, Path("/proc")}, [closed / "step_summary"])


def run_sandboxed(start: Sandbox, script: str, *arguments: Path) -> tuple[int, str]:
    command = [sys.executable, "-c", IMPORTS + script, *map(str, arguments)]
    process = start.start(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, error = process.communicate(timeout=HANG_SECONDS)
    return process.returncode, error.decode()


@rule("Reaching later steps: the action's score for the out-of-memory killer")
@rule("Reaching later steps: writing, appending, truncating, creating,")
@pytest.mark.parametrize("script", DENIED.values(), ids=DENIED)
def test_sandboxed_programs_cannot_change_runner_files(
    script: str, sandbox: Sandbox, closed: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("LD_PRELOAD=evil.so")
    status, error = run_sandboxed(sandbox, script, closed, tmp_path)
    assert status == 1
    assert "Permission denied" in error or "cross-device link" in error
    assert {path.name: path.read_text() for path in closed.iterdir()} == {"env": "", "step_summary": ""}


@pytest.mark.parametrize("script", ALLOWED.values(), ids=ALLOWED)
def test_sandboxed_programs_can_write_everything_else(
    script: str, sandbox: Sandbox, closed: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert run_sandboxed(sandbox, script, closed, tmp_path) == (0, "")


def test_our_own_process_is_not_sandboxed(sandbox: Sandbox, closed: Path) -> None:
    assert run_sandboxed(sandbox, "pass", closed, closed) == (0, "")
    (closed / "env").write_text("ours")
    assert subprocess.run(["cp", closed / "env", closed / "copy"], check=False).returncode == 0


#: Mounts the parent of the runner's files a second time, as the runner does, and writes there.
ALIAS = """
import subprocess, sys
from pathlib import Path
from checks.adapters.system.sandbox import Sandbox

folder = Path(sys.argv[1])
subprocess.run(["mount", "--bind", folder / "temp", folder / "runner_temp"], check=True)
subprocess.run(["mount", "--bind", folder / "temp" / "commands", folder / "commands"], check=True)
sandbox = Sandbox({folder / "commands"}, [])
for name in ("commands/env", "runner_temp/commands/env", "temp/commands/env", "runner_temp/other/file"):
    process = sandbox.start(["cp", "/dev/null", folder / name], stderr=subprocess.DEVNULL)
    print(name, process.wait())
"""


@rule("Reaching later steps: the same at another path to that folder, as the runner mounts RUNNER_TEMP")
def test_runner_files_are_protected_at_every_path(tmp_path: Path) -> None:
    own_mounts = needs.mounts_of_its_own()
    needs.landlock()
    for folder in ("temp/commands", "temp/other", "runner_temp", "commands"):
        (tmp_path / folder).mkdir(parents=True)
    command = [*own_mounts, sys.executable, "-c", ALIAS, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=HANG_SECONDS)
    denied = ["commands/env 1", "runner_temp/commands/env 1", "temp/commands/env 1"]
    assert done.stdout.splitlines() == [*denied, "runner_temp/other/file 0"]


def test_kernel_without_landlock_is_reported() -> None:
    needs.root()
    script = (
        "from checks.adapters.system.sandbox import *\n"
        "try: Sandbox([], [])\n"
        "except SandboxUnavailableError as error: print(error)"
    )
    done = subprocess.run(
        [*WITHOUT_LANDLOCK, sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=HANG_SECONDS,
    )
    assert done.stdout == "Function not implemented\n"
