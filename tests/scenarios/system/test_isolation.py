"""What tests try to read of the action's process, in all ways in which a job's container may run."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from checks.adapters.system import linux
from tests.support import needs
from tests.support.rules import rule
from tests.support.waits import HANG_SECONDS

ROOT = Path(__file__).parents[3]
SECRET = "f0urteen-words-of-a-private-key"

#: Run by the tests: each attempt finds the secret, or says why not.
ATTEMPTS = f'''
import ctypes, glob, json, os, re, shutil, struct, subprocess

secret = "{SECRET[::-1]}"  # reversed, so that neither this file nor our own memory holds it
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


def memory_by_call():
    try:
        start = int(re.search(r"(\\w+)-(\\w+) rw", open("/proc/%d/maps" % parent).read())[1], 16)
    except PermissionError:
        start = 4096
    local = ctypes.create_string_buffer(16)
    there, here = (ctypes.c_void_p * 2)(start, 16), (ctypes.c_void_p * 2)(ctypes.addressof(local), 16)
    checked(libc.process_vm_readv(parent, here, 1, there, 1, 0))
    return secret[::-1]


def all_that_proc_tells_of_it():
    folders = glob.glob("/proc/%d" % parent) + glob.glob("/proc/%d/task/*" % parent)
    paths = [os.path.join(folder, name) for folder in folders for name in os.listdir(folder)]
    read = {{path: can_read(path) and open(path, "rb").read(100_000) for path in paths if os.path.isfile(path)}}
    if not read["/proc/%d/environ" % parent]:
        assert not any(secret[::-1].encode() in (text or b"") for text in read.values())
        raise PermissionError
    return repr(read)


def environ_by_a_program_with_capabilities():
    cat = shutil.copy(shutil.which("cat"), "cat")
    wanted = 1 << 19 | 1 << 8  # CAP_SYS_PTRACE, CAP_SETPCAP
    os.setxattr(cat, "security.capability", struct.pack("<5I", 0x2000001, wanted, 0, 0, 0))
    done = subprocess.run(["./cat", "/proc/%d/environ" % parent], capture_output=True, text=True)
    if done.returncode:
        raise PermissionError
    return done.stdout


def our_own_environment():
    return json.dumps(dict(os.environ))


def our_own_descriptors():
    return "".join(open("/proc/self/fd/" + name).read() for name in os.listdir("/proc/self/fd") if can_read(name))


def all_command_lines():
    return "".join(open(path).read() for path in glob.glob("/proc/[0-9]*/cmdline") if can_read(path))


def files():
    folders = [os.getcwd(), os.environ.get("TMPDIR", "/dev/shm"), "/dev/shm"]
    paths = (os.path.join(each, name) for folder in folders for each, _, names in os.walk(folder) for name in names)
    return "".join(open(path, errors="replace").read() for path in paths if os.path.isfile(path) and can_read(path))


def any_environment():
    return "".join(open(path, errors="replace").read() for path in glob.glob("/proc/[0-9]*/environ") if can_read(path))


def can_read(path):
    try:
        return bool(open(path, errors="replace").read())
    except OSError:
        return False


attempts = [environ, environ_of_a_thread, all_that_proc_tells_of_it, memory, memory_by_call, descriptors]
attempts += [stolen_descriptor, trace, environ_by_a_program_with_capabilities]
elsewhere = [our_own_environment, our_own_descriptors, any_environment, all_command_lines, files]
for attempt in attempts + elsewhere:
    try:
        found = "read" if secret[::-1] in attempt() else "nothing"
    except OSError as error:
        found = type(error).__name__
    print(json.dumps([attempt.__name__, found]), flush=True)
'''

#: The action's side: has the secret as a variable, in memory and in an unnamed file, and starts the attempts.
HOLDER = """
import os, sys, tempfile
from pathlib import Path
from checks.adapters.system import linux
from checks.adapters.pytest_process.process import Command, Plan, PytestProcess
from checks.adapters.pytest_process.workspace import LocalWorkspace
from checks.core.model.settings import Settings

folder = Path(sys.argv[1])
file = tempfile.TemporaryFile()
file.write(os.environ["CHECKS_PRIVATE_KEY"].encode())
file.flush()
(folder / "held").write_text(f"{os.getpid()} {file.fileno()}")
environ = {**os.environ, "CHECKS_PYTHON": sys.executable}
if sys.argv[2] == "guarded":
    assert linux.confine() == ()
    with LocalWorkspace(folder, ".", environ=environ, sink=lambda piece: None) as workspace:
        settings = Settings(install="python attempts.py; exit 1", pass_env=("CHECKS_PRIVATE_KEY",))
        end = workspace.start_tests(settings).wait(120)
else:
    commands = [Command(phase="tests", arguments=[sys.executable, "attempts.py"])]
    plan = Plan(commands=commands, folder=folder, environ={}, plugin_folder=folder)
    end = PytestProcess(plan, lambda piece: None).wait(120)
print(end.output)
"""

#: Attempts that find nothing, protected or not.
NOTHING_THERE = ("our_own_environment", "our_own_descriptors", "all_command_lines", "files")

DOCKERS_OWN = (
    "chown,dac_override,fsetid,fowner,mknod,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill"
)


def results_of_attempts(folder: Path, how: str, *before: str) -> dict[str, str]:
    (folder / "attempts.py").write_text(ATTEMPTS)
    init = ("sh", "-c", '"$@"; exit', "init")  # the parent has the environment, and may not be protected
    command = [*before, *init, sys.executable, "-c", HOLDER, str(folder), how]
    (folder / "tmp").mkdir()
    secrets = {"CHECKS_PRIVATE_KEY": SECRET, "INPUT_PRIVATE-KEY": SECRET}
    environ = {**secrets, "PATH": "/usr/bin:/bin", "TMPDIR": str(folder / "tmp")}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=HANG_SECONDS
    )
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))


def capabilities(names: str) -> tuple[str, ...]:
    kept = ",".join(f"+{name}" for name in names.split(",") if name)
    return (needs.program("setpriv"), f"--bounding-set=-all{',' if kept else ''}{kept}", "--inh-caps=-all")


@rule("Reading the action's secrets: a program to which they give file capabilities")
@rule("Reading the action's secrets: the same through a process above the action's, such as docker's --init")
@rule("Reading the action's secrets: the action's open files: /proc/PID/fd, pidfd_getfd, what a child inherits")
@rule("Reading the action's secrets: the action's memory: /proc/PID/mem, process_vm_readv, ptrace, as a debugger does")
@rule("Reading the action's secrets: the action's environment in")
@pytest.mark.parametrize(
    "given",
    [
        pytest.param(None, id="all capabilities"),
        pytest.param(DOCKERS_OWN, id="docker's own"),
        pytest.param(f"{DOCKERS_OWN},sys_ptrace", id="with SYS_PTRACE"),
        pytest.param(f"{DOCKERS_OWN},sys_admin,perfmon", id="with SYS_ADMIN and PERFMON"),
    ],
)
def test_tests_run_as_root_cannot_read_our_secrets(given: str | None, tmp_path: Path) -> None:
    needs.root()
    found = results_of_attempts(tmp_path, "guarded", *(capabilities(given) if given is not None else ()))
    assert len(found) == 14
    assert {found.pop(name) for name in (*NOTHING_THERE, "any_environment")} == {"nothing"}
    assert set(found.values()) == {"PermissionError"}


@rule("Reading the action's secrets: CAP_SYS_PTRACE and the like, granted by the user")
def test_capability_that_cannot_be_dropped_is_named() -> None:
    needs.root()
    script = "from checks.adapters.system import linux; print(*linux.confine())"
    command = [*capabilities("chown,sys_ptrace"), sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "CAP_SYS_PTRACE\n"


#: Sets a limit of its parent, as root, with and without the capability that the kernel requires.
LIMITING = """
import resource, os, sys
resource.prlimit(os.getppid(), getattr(resource, f"RLIMIT_{sys.argv[1]}"), (3, 3))
print("set")
"""


@rule("Reaching later steps: the limits of the action's process, one by one")
@pytest.mark.parametrize("how", ["guarded", "unguarded"])
@pytest.mark.parametrize("name", ["NOFILE", "CPU", "FSIZE", "DATA"])
def test_tests_cannot_set_our_limits(name: str, how: str) -> None:
    needs.root()
    script = (
        "import subprocess, sys; from checks.adapters.system import linux\n"
        "if sys.argv[1] == 'guarded': linux.confine(); assert linux.protect_own_limits()\n"
        "child = subprocess.Popen([sys.executable, '-c', *sys.argv[2:]], stderr=subprocess.STDOUT)\n"
        "child.wait()"
    )
    command = [sys.executable, "-c", script, how, LIMITING, name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ("set" in done.stdout, "PermissionError" in done.stdout) == (how == "unguarded", how == "guarded")


#: Crashes with the secret in memory, where core dumps are enabled.
CRASHING = """
import os, resource, sys
from checks.adapters.system import linux

resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
secret = os.environ["CHECKS_PRIVATE_KEY"]
if sys.argv[1] == "guarded":
    assert linux.set_undumpable()
    linux.confine()
open("/proc/self/coredump_filter", "w").write("0x7f")
os.abort()
"""


@rule("Reading the action's secrets: a crash of the action's process, with ulimit -c unlimited")
def test_our_crash_leaves_no_core_dump(tmp_path: Path) -> None:
    needs.root()
    dumped = {}
    for how in ("guarded", "unguarded"):
        (tmp_path / how).mkdir()
        environ = {"CHECKS_PRIVATE_KEY": SECRET, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", CRASHING, how]
        process = subprocess.Popen(command, cwd=tmp_path / how, env=environ, stderr=subprocess.DEVNULL)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = 0  # already reaped
        assert os.WTERMSIG(status) == signal.SIGABRT
        dumped[how] = os.WCOREDUMP(status)
    if not dumped["unguarded"]:
        needs.missing("the kernel writes no cores here")
    assert not dumped["guarded"]
    assert list((tmp_path / "guarded").iterdir()) == []


#: Does, and undoes, what ``chattr +i`` does (https://man7.org/linux/man-pages/man2/ioctl_iflags.2.html).
FREEZING = """
import fcntl, struct, sys
file = open(sys.argv[1], "w")
flags, = struct.unpack("l", fcntl.ioctl(file, 0x80086601, bytes(8)))
for flag in (0x10, 0):
    fcntl.ioctl(file, 0x40086602, struct.pack("l", flags | flag))
print("frozen")
"""


@rule("Impersonating the action: making a file of the runner immutable")
@pytest.mark.parametrize("how", ["guarded", "unguarded"])
def test_tests_cannot_make_runner_files_immutable(how: str, tmp_path: Path) -> None:
    needs.root()
    (tmp_path / "freeze.py").write_text(FREEZING)
    script = (
        "import subprocess, sys; from checks.adapters.system import linux\n"
        "if sys.argv[1] == 'guarded': linux.confine()\n"
        "print(subprocess.run([sys.executable, *sys.argv[2:]], capture_output=True, text=True))"
    )
    arguments = [how, str(tmp_path / "freeze.py"), str(tmp_path / "output")]
    command = [*capabilities(f"{DOCKERS_OWN},linux_immutable"), sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    if how == "unguarded" and "not supported" in done.stdout:
        needs.missing("no file can be made immutable here")
    assert ("frozen" in done.stdout, "PermissionError" in done.stdout) == (how == "unguarded", how == "guarded")


def test_confine_keeps_our_own_capabilities() -> None:
    needs.root()
    grep = "grep CapEff /proc/self/status"
    script = (
        "import subprocess; from checks.adapters.system import linux\n"
        "linux.confine(); print(open('/proc/self/status').read(), flush=True);"
        f"subprocess.run({grep.split()})"
    )
    command = [*capabilities("chown,setpcap,kill"), sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    our_capabilities, their_capabilities = (int(mask, 16) for mask in re.findall(r"CapEff:\t(\w+)", done.stdout))
    assert (our_capabilities, their_capabilities) == (1 << 0 | 1 << 5 | 1 << 8, 1 << 0 | 1 << 5)


@rule("Reading the action's secrets: all of these, without the protection")
def test_attempts_succeed_without_protection(tmp_path: Path) -> None:
    needs.root()
    found = results_of_attempts(tmp_path, "unguarded")
    assert {found.pop(name) for name in NOTHING_THERE} == {"nothing"}
    assert set(found.values()) == {"read"}


#: As process 1: leaves orphans, some of which end, and prints what is left at the end.
PROCESS_1 = """
import os, sys
from pathlib import Path
from checks.adapters.system import linux
from checks.adapters.pytest_process.process import Command, Plan, PytestProcess

script = '''
import os, time
reader, writer = os.pipe()
for seconds in (0, 0.05, 60, 60):
    if not os.fork():
        os.setsid()
        if not os.fork():
            os.write(writer, b"%d " % os.getpid())
            os.close(writer)
            time.sleep(seconds)
        os._exit(0)
os.close(writer)
orphans = os.fdopen(reader).read().split()
def state(pid):
    try:
        return open("/proc/" + pid + "/stat").read().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"  # and reaped
while sorted(map(state, orphans)) != ["S", "S", "Z", "Z"]:
    time.sleep(0.001)
print("ready", flush=True)
"ends" in os.environ["HOW"] or time.sleep(60)
'''
folder = Path(sys.argv[1])
plan = Plan(commands=[Command(phase="tests", arguments=[sys.executable, "-ISc", script])],
            folder=folder, environ=os.environ,
            plugin_folder=folder, ends_leftovers="in a job" in os.environ["HOW"])
log = []
child = PytestProcess(plan, log.append)
if os.environ["HOW"] == "stopped":
    while not log:
        child.wait(0.01)
    child.stop(seconds=0.1)
end = child.wait(120)
states = [Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] for pid in linux.children()]
print(os.getpid(), end.reason, *states, sep=", ")
"""


def process_1() -> tuple[str, ...]:
    """Return a command prefix that makes a command process 1 of its own namespace."""
    needs.root()
    command = (needs.program("unshare"), "--fork", "--pid", "--mount-proc", "--kill-child")
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        needs.missing("a namespace of processes cannot be made here")
    return command


@pytest.mark.parametrize(
    ("how", "expected"), [("ends", "1, exited, S, S"), ("ends in a job", "1, exited"), ("stopped", "1, cancelled")]
)
def test_process_1_reaps_orphans_and_leaves_no_process(how: str, expected: str, tmp_path: Path) -> None:
    command = [*process_1(), sys.executable, "-c", PROCESS_1, str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, env={"HOW": how}, capture_output=True, text=True, check=True, timeout=HANG_SECONDS
    )
    assert done.stdout.strip() == expected


#: Looks up a host, adds a library to the configuration of look-ups, and says whether it was loaded.
LOOKING_UP = """
import socket, sys
from pathlib import Path
from checks.adapters.system import linux

if sys.argv[1] == "guarded":
    assert linux.pin_name_services()
socket.getaddrinfo("localhost", 80)
Path("/etc/nsswitch.conf").write_text("hosts: intruder files dns\\n")
socket.getaddrinfo("localhost", 80)
print("libnss_intruder" in Path("/proc/self/maps").read_text())
"""


@rule("Reading the action's secrets: a library that looks up hosts, by /etc/nsswitch.conf")
@pytest.mark.parametrize(("how", "expected"), [("guarded", "False"), ("unguarded", "True")])
def test_host_lookup_loads_no_library_of_the_tests(how: str, expected: str, tmp_path: Path) -> None:
    own_mounts = needs.mounts_of_its_own()
    (tmp_path / "nsswitch.conf").write_text("hosts: files dns\n")
    any_library = re.findall(r"/\S+/libm\.\S+", Path("/proc/self/maps").read_text())[0]
    shutil.copy(any_library, tmp_path / "libnss_intruder.so.2")
    mount = 'mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf && exec "$@"'
    command = [*own_mounts, "sh", "-c", mount, str(tmp_path), sys.executable, "-c", LOOKING_UP, how]
    environ = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(tmp_path)}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=HANG_SECONDS
    )
    assert done.stdout.strip() == expected


#: As process 1: starts tests that leave chains of processes, each forking the next, and counts what is left at the end.
#: `exit 7` must still be reported as pytest's status.
FORK_CHAINS = """
import os, sys
from pathlib import Path
from checks.adapters.pytest_process.process import Command, Plan, PytestProcess

script = '''
import os, signal
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
def forked():
    while True:
        try:
            return os.fork()
        except OSError:  # too many processes
            pass
for _ in range(200):
    if not forked():
        os.nice(19)  # so that this test does not take all of the machine
        while True:
            if forked():
                os._exit(0)
print("ready", flush=True)
os._exit(7) if os.environ["HOW"] == "ends" else signal.pause()
'''
folder = Path(sys.argv[1])
plan = Plan(commands=[Command(phase="tests", arguments=[sys.executable, "-ISc", script])],
            folder=folder, environ=os.environ,
            plugin_folder=folder, ends_leftovers=True)
log = []
child = PytestProcess(plan, log.append)
while not b"".join(log):
    child.wait(0.01)
if os.environ["HOW"] == "stopped":
    child.stop(seconds=0.1)
end = child.wait(120)
left = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
print(os.getpid(), end.reason, end.exit_status, end.signal, child.end_all(), left, sep=", ")
"""


@rule("Impersonating the action: hundreds of processes that fork and exit all the time, so that none can be caught")
@pytest.mark.parametrize(
    ("how", "expected"),
    [pytest.param("ends", "exited, 7, ", marks=pytest.mark.slow), ("stopped", "cancelled, None, SIGKILL")],
)
def test_process_1_ends_chains_of_forks(how: str, expected: str, tmp_path: Path) -> None:
    command = [*process_1(), sys.executable, "-c", FORK_CHAINS, str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, env={"HOW": how}, capture_output=True, text=True, check=True, timeout=HANG_SECONDS
    )
    assert done.stdout.strip() == f"1, {expected}, True, []"


def test_kill_all_kills_only_as_process_1() -> None:
    script = "import os; from checks.adapters.system import linux; print(os.getpid() != 1, linux.kill_all())"
    command = [*process_1(), "sh", "-c", 'sleep 60 & "$@"; kill -0 $!', "sh", sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=HANG_SECONDS)
    assert done.stdout.strip() == "True False"


#: Takes every descriptor from the action with `prlimit` while it ends the leftovers, and gives them back.
WITHOUT_DESCRIPTORS = """
import os, resource, sys
from pathlib import Path
from checks.adapters.system import linux
from checks.adapters.pytest_process.process import Command, Plan, PytestProcess

script = "import os, time; os.fork() or time.sleep(60)"
folder = Path(sys.argv[1])
plan = Plan(commands=[Command(phase="tests", arguments=[sys.executable, "-ISc", script])],
            folder=folder, environ=os.environ,
            plugin_folder=folder, ends_leftovers=True)
linux.become_subreaper()
child = PytestProcess(plan, lambda piece: None)
before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
end = child.wait(120)
is_certain = child.end_all()
resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
print(end.reason, end.exit_status, is_certain, len(linux.children()), child.end_all(), len(linux.children()))
"""


@rule("Impersonating the action: limits that keep the action from finding the processes they left")
@pytest.mark.slow
def test_failed_scan_leaves_processes_uncertain(tmp_path: Path) -> None:
    needs.linux()
    command = [sys.executable, "-c", WITHOUT_DESCRIPTORS, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=HANG_SECONDS)
    assert done.stdout.split() == ["exited", "0", "False", "1", "True", "0"]


def test_ended_process_has_no_children() -> None:
    with subprocess.Popen([sys.executable, "-ISc", ""]) as process:
        process.wait()
        assert linux.children(process.pid) == frozenset()
