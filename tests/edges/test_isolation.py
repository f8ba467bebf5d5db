"""What the tests try to read of our process, started in all ways in which a job's container may run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import needs

ROOT = Path(__file__).parents[2]
SECRET = "f0urteen-words-of-a-private-key"

#: Run by the tests' side: each attempt either finds the secret or says why not.
ATTEMPTS = f'''
import ctypes, glob, json, os, re

secret = "{SECRET}"[::-1]  # reversed, so that our own memory does not hold it
parent, kept = map(int, open("held").read().split())
libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def environ():
    return open("/proc/%d/environ" % parent).read()


def environ_of_a_thread():
    return open(glob.glob("/proc/%d/task/*/environ" % parent)[-1]).read()


def memory():
    heap = re.search(r"(\\w+)-(\\w+) rw.*\\[heap\\]", open("/proc/%d/maps" % parent).read())
    with open("/proc/%d/mem" % parent, "rb") as file:
        file.seek(int(heap[1], 16))
        return file.read(16) and secret[::-1]


def descriptors():
    folder = "/proc/%d/fd" % parent
    return "".join(open(os.path.join(folder, name)).read() for name in os.listdir(folder) if int(name) == kept)


def stolen_descriptor():
    descriptor = checked(libc.syscall(438, os.pidfd_open(parent), kept, 0))
    return os.pread(descriptor, 100, 0).decode()


def trace():
    checked(libc.ptrace(16, parent, None, None))
    os.waitpid(parent, 0x40000000)
    libc.ptrace(17, parent, None, None)
    return secret[::-1]


def our_own_environment():
    return json.dumps(dict(os.environ))


def any_environment():
    return "".join(open(path, errors="replace").read() for path in glob.glob("/proc/[0-9]*/environ") if can_read(path))


def can_read(path):
    try:
        return bool(open(path, errors="replace").read())
    except OSError:
        return False


attempts = environ, environ_of_a_thread, memory, descriptors, stolen_descriptor, trace
for attempt in (*attempts, our_own_environment, any_environment):
    try:
        found = "read" if secret[::-1] in attempt() else "nothing"
    except OSError as error:
        found = type(error).__name__
    print(json.dumps([attempt.__name__, found]), flush=True)
'''

#: Our side: holds the secret as variable, in memory and in an open file without a name, and starts the attempts.
HOLDER = """
import os, sys, tempfile
from pathlib import Path
from checks.edges import kernel
from checks.edges.pytest_child import Plan, PytestChild, Step
from checks.edges.workspace import LocalWorkspace
from checks.words.settings import Settings

folder = Path(sys.argv[1])
file = tempfile.TemporaryFile()
file.write(os.environ["CHECKS_PRIVATE_KEY"].encode())
file.flush()
(folder / "held").write_text(f"{os.getpid()} {file.fileno()}")
environ = {**os.environ, "CHECKS_PYTHON": sys.executable}
if sys.argv[2] == "guarded":
    assert kernel.confine() == ()
    with LocalWorkspace(folder, ".", environ=environ, sink=lambda piece: None) as workspace:
        settings = Settings(install="python attempts.py; exit 1", pass_env=("CHECKS_PRIVATE_KEY",))
        end = workspace.start_tests(settings).wait(30)
else:
    steps = [Step(phase="tests", command=[sys.executable, "attempts.py"])]
    plan = Plan(steps=steps, folder=folder, environ={}, told=folder)
    end = PytestChild(plan, lambda piece: None).wait(30)
print(end.output)
"""

DOCKERS_OWN = (
    "chown,dac_override,fsetid,fowner,mknod,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill"
)


def attempted(folder: Path, how: str, *before: str) -> dict[str, str]:
    (folder / "attempts.py").write_text(ATTEMPTS)
    init = ("sh", "-c", '"$@"; exit', "init")  # what starts us has our environment, and need not be closed
    command = [*before, *init, sys.executable, "-c", HOLDER, str(folder), how]
    environ = {"CHECKS_PRIVATE_KEY": SECRET, "INPUT_PRIVATE-KEY": SECRET, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=60)
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))


def capabilities(names: str) -> tuple[str, ...]:
    kept = ",".join(f"+{name}" for name in names.split(",") if name)
    return (needs.program("setpriv"), f"--bounding-set=-all{',' if kept else ''}{kept}", "--inh-caps=-all")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(None, id="all capabilities"),
        pytest.param(DOCKERS_OWN, id="docker's own"),
        pytest.param(f"{DOCKERS_OWN},sys_ptrace", id="with SYS_PTRACE"),
        pytest.param(f"{DOCKERS_OWN},sys_admin,perfmon", id="with SYS_ADMIN and PERFMON"),
    ],
)
def test_tests_run_as_root_cannot_read_what_we_hold(given: str | None, tmp_path: Path) -> None:
    needs.root()
    found = attempted(tmp_path, "guarded", *(capabilities(given) if given is not None else ()))
    assert len(found) == 8
    assert found.pop("our_own_environment") == found.pop("any_environment") == "nothing"
    assert set(found.values()) == {"PermissionError"}


def test_a_capability_that_cannot_be_taken_from_the_tests_is_named() -> None:
    needs.root()
    script = "from checks.edges import kernel; print(*kernel.confine())"
    command = [*capabilities("chown,sys_ptrace"), sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "CAP_SYS_PTRACE\n"


def test_we_keep_the_capabilities_that_we_take_from_the_tests() -> None:
    needs.root()
    told = "grep CapEff /proc/self/status"
    script = (
        "import subprocess; from checks.edges import kernel; kernel.confine(); print(open('/proc/self/status').read());"
        f"subprocess.run({told.split()})"
    )
    command = [*capabilities("chown,setpcap,kill"), sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    ours, theirs = (int(mask, 16) for mask in re.findall(r"CapEff:\t(\w+)", done.stdout))
    assert (ours, theirs) == (1 << 0 | 1 << 5 | 1 << 8, 1 << 0 | 1 << 5)


def test_the_attempts_succeed_where_nothing_guards(tmp_path: Path) -> None:
    needs.root()
    found = attempted(tmp_path, "unguarded")
    assert found.pop("our_own_environment") == "nothing"
    assert set(found.values()) == {"read"}


#: As process 1: leaves orphans that end and orphans that stay, and says what is there when all has ended.
PROCESS_1 = """
import os, sys
from pathlib import Path
from checks.edges import kernel
from checks.edges.pytest_child import Plan, PytestChild, Step

script = '''
import os, time
for seconds in (0, 0.05, 60, 60):
    if not os.fork():
        os.setsid()
        if not os.fork():
            time.sleep(seconds)
        os._exit(0)
print("ready", flush=True)
time.sleep(0.2 if "ends" in os.environ["HOW"] else 60)
'''
folder = Path(sys.argv[1])
plan = Plan(steps=[Step(phase="tests", command=[sys.executable, "-ISc", script])], folder=folder, environ=os.environ,
            told=folder, ends_all="in a job" in os.environ["HOW"])
child = PytestChild(plan, lambda piece: None)
if os.environ["HOW"] == "stopped":
    child.wait(0.15)
    child.stop(seconds=0.1)
end = child.wait(10)
states = [Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] for pid in kernel.children()]
print(os.getpid(), end.how, *states, sep=", ")
"""


@pytest.mark.parametrize(
    ("how", "said"), [("ends", "1, exited, S, S"), ("ends in a job", "1, exited"), ("stopped", "1, cancelled")]
)
def test_as_process_1_we_reap_orphans_and_neither_a_job_nor_a_stop_leaves_a_process(
    how: str, said: str, tmp_path: Path
) -> None:
    needs.root()
    unshare = needs.program("unshare")
    if subprocess.run(
        [unshare, "--fork", "--pid", "--mount-proc", "true"], capture_output=True, check=False
    ).returncode:
        needs.missing("a namespace of processes cannot be made here")
    command = [unshare, "--fork", "--pid", "--mount-proc", sys.executable, "-c", PROCESS_1, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env={"HOW": how}, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == said


#: Looks up a host, has a library put into the configuration of such look-ups, and says whether it came to us.
LOOKING_UP = """
import socket, sys
from pathlib import Path
from checks.edges import kernel

if sys.argv[1] == "guarded":
    assert kernel.keep_name_services()
socket.getaddrinfo("localhost", 80)
Path("/etc/nsswitch.conf").write_text("hosts: intruder files dns\\n")
socket.getaddrinfo("localhost", 80)
print("libnss_intruder" in Path("/proc/self/maps").read_text())
"""


@pytest.mark.parametrize(("how", "said"), [("guarded", "False"), ("unguarded", "True")])
def test_no_library_of_theirs_is_loaded_to_look_up_github(how: str, said: str, tmp_path: Path) -> None:
    needs.root()
    unshare = needs.program("unshare")
    if subprocess.run([unshare, "--mount", "true"], capture_output=True, check=False).returncode:
        needs.missing("a namespace of mounts cannot be made here")
    (tmp_path / "nsswitch.conf").write_text("hosts: files dns\n")
    any_library = re.findall(r"/\S+/libm\.\S+", Path("/proc/self/maps").read_text())[0]
    shutil.copy(any_library, tmp_path / "libnss_intruder.so.2")
    mount = 'mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf && exec "$@"'
    command = [unshare, "--mount", "sh", "-c", mount, str(tmp_path), sys.executable, "-c", LOOKING_UP, how]
    environ = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == said
