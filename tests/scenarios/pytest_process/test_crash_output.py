"""What outlives a process: sent by real processes, some of which the tests' authors would rather not have."""

from __future__ import annotations

import array
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.adapters.pytest_process.crash_output import CrashOutput
from checks.core.model.job import PytestEnd
from tests.support import needs

REGISTERED = """
import faulthandler, os, signal, sys, time
number = signal.SIGRTMAX - 2
path = f"{sys.argv[1]}/stacks-{os.getpid()}-{number}-{sys.argv[2]}"
faulthandler.register(number, file=open(path, "w"), all_threads=True)
def waits():
    print("ready", flush=True)
    time.sleep(60)
waits()
"""


@pytest.fixture
def left(tmp_path: Path) -> Iterator[CrashOutput]:
    words = CrashOutput(tmp_path)
    yield words
    words.close()


def send(folder: Path, worker: str, *descriptors: int) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        files = array.array("i", descriptors)
        sender.sendmsg([worker.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)], 0, str(folder / "captured"))


def send_text(folder: Path, text: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(text, str(folder / "captured"))


def captured(folder: Path, name: str, text: str) -> int:
    (folder / name).write_text(text)
    descriptor = os.open(folder / name, os.O_RDWR)
    (folder / name).unlink()
    return descriptor


def test_captured_output_outlives_its_file_s_name_and_its_sender(left: CrashOutput, tmp_path: Path) -> None:
    out, err = captured(tmp_path, "out", "printed"), captured(tmp_path, "err", "")
    send(tmp_path, "gw1", out, err)
    os.close(out)
    os.close(err)
    assert [(section.title, section.text) for section in left.captured("gw1")] == [
        ("Captured stdout of gw1 until then", "printed")
    ]
    assert left.captured("") == left.captured("gw2") == ()


def test_of_much_output_the_end_is_told(left: CrashOutput, tmp_path: Path) -> None:
    out, err = captured(tmp_path, "out", "x" * 100_000 + "end"), captured(tmp_path, "err", "é")
    send(tmp_path, "", out, err)
    first, second = left.all_captured()
    assert (len(first.text), first.text[-4:], second.text) == (16_000, "xend", "é")
    os.close(out)
    os.close(err)


def test_a_worker_that_comes_again_replaces_the_former(left: CrashOutput, tmp_path: Path) -> None:
    for text in ("first", "second"):
        out, err = captured(tmp_path, "out", text), captured(tmp_path, "err", "")
        send(tmp_path, "gw0", out, err)
        os.close(out)
        os.close(err)
        left.collect()
    assert [section.text for section in left.captured("gw0")] == ["second"]


def test_what_is_no_file_is_not_read_and_no_descriptor_stays(left: CrashOutput, tmp_path: Path) -> None:
    needs.linux()
    before = len([*Path("/proc/self/fd").iterdir()])
    reader, writer = os.pipe()
    send(tmp_path, "", reader, writer)
    send(tmp_path, "gw1", reader)
    assert left.all_captured() == ()
    os.close(reader)
    os.close(writer)
    left.close()
    assert len([*Path("/proc/self/fd").iterdir()]) == before - 1  # the socket's


def test_the_processes_asked_tell_where_they_stand(left: CrashOutput, tmp_path: Path) -> None:
    needs.linux()
    processes = [
        subprocess.Popen([sys.executable, "-c", REGISTERED, str(tmp_path), worker], stdout=subprocess.PIPE)
        for worker in ("", "gw0")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    left.request_stacks([process.pid for process in processes])
    assert [process.poll() for process in processes] == [None, None]
    stacks = left.stacks()
    assert stacks.count(" in waits\n") == 2
    assert "[gw0]\n" in stacks
    for process in processes:
        process.kill()
        process.communicate()


def test_a_process_that_does_not_handle_the_signal_gets_none(left: CrashOutput, tmp_path: Path) -> None:
    needs.linux()
    process = subprocess.Popen(["sleep", "60"])
    (tmp_path / f"stacks-{process.pid}-{signal.SIGRTMAX - 2}-").touch()
    (tmp_path / "stacks-x-y-z").touch()
    left.request_stacks([process.pid])
    assert process.poll() is None
    assert left.stacks() == ""
    process.kill()
    process.wait()


def test_a_stack_file_that_is_none_is_not_read(left: CrashOutput, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "stacks-1-62-").symlink_to(secret)
    os.mkfifo(tmp_path / "stacks-2-62-")
    assert left.stacks() == ""


# -- messages


END = b'{"session_id": "9f3c52d1a0b4e687", "exit_status": 1, "write_error": "No space left on device (/tmp)"}'


def test_pytest_s_end_comes_in_a_message(left: CrashOutput, tmp_path: Path) -> None:
    send_text(tmp_path, END)
    left.collect()
    assert left.pytest_end == PytestEnd(
        session_id="9f3c52d1a0b4e687", exit_status=1, write_error="No space left on device (/tmp)"
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"",
            b"gw1",
            b"{}",
            b"[" * 4000,
            b"\xff",
            END.replace(b"1,", b"true,"),
            END.replace(b"1,", b"9" * 3000 + b","),
        ),
        *(END.replace(b"1,", b"null,"), END.replace(b'"9f3c52d1a0b4e687"', b"1"), END[:-1], END + b" " * 5000),
    ],
    ids=lambda text: repr(text[-20:]),
)
def test_a_message_of_another_shape_is_no_end(left: CrashOutput, tmp_path: Path, text: bytes) -> None:
    send_text(tmp_path, text)
    left.collect()
    assert left.pytest_end is None


def test_a_flood_of_messages_ends_no_call(left: CrashOutput, tmp_path: Path) -> None:
    flood = (
        "import socket, sys\n"
        "sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "sender.connect(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "while True: sender.send(b'x' * 100)\n"
    )
    with subprocess.Popen([sys.executable, "-c", flood, str(tmp_path / "captured")], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        for _ in range(20):
            left.collect()
        process.kill()
    assert left.all_captured() == ()


def test_a_message_reaches_a_folder_that_is_deep(tmp_path: Path) -> None:
    needs.linux()
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    words = CrashOutput(deep)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pytest_check_runs_crash_output import send_end\n"
        "send_end(sys.argv[2], 'abc', 0, '')\n"
    )
    child = Path(__file__).parents[3] / "checks" / "plugin"
    subprocess.run([sys.executable, "-c", script, str(child), str(deep)], check=True)
    words.collect()
    assert words.pytest_end == PytestEnd(session_id="abc", exit_status=0)
    words.close()


#: Says how much memory it takes to request_stacks and read the stacks of one process.
ASKS = """
import sys
from pathlib import Path
from tests.support.runner.running import peak_mebibytes
from checks.adapters.pytest_process.crash_output import CrashOutput
from checks.core.model.job import PytestEnd
words = CrashOutput(Path(sys.argv[1]))
words.request_stacks([int(sys.argv[2])])
print(len(words.stacks()), peak_mebibytes())
"""


def test_names_without_end_in_the_folder_take_little_memory(tmp_path: Path) -> None:
    needs.linux()
    process = subprocess.Popen([sys.executable, "-c", REGISTERED, str(tmp_path), ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    number = signal.SIGRTMAX - 2
    large = tmp_path / f"stacks-{process.pid}-{number}-x"
    large.write_text("x" * 1_000_000)
    for n in range(5_000):
        (tmp_path / f"stacks-{process.pid}-{number}-x{n}").hardlink_to(large)
    done = subprocess.run(
        [sys.executable, "-c", ASKS, str(tmp_path), str(process.pid)], check=True, capture_output=True, text=True
    )
    process.kill()
    process.communicate()
    characters, mebibytes = map(int, done.stdout.split())
    assert characters < 101 * 64 * 1024
    assert mebibytes < 200
