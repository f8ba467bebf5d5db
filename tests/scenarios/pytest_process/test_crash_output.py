"""Crash output is received from real processes, some of them hostile."""

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
def crash_output(tmp_path: Path) -> Iterator[CrashOutput]:
    output = CrashOutput(tmp_path)
    yield output
    output.close()


def send(folder: Path, worker: str, *descriptors: int) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        files = array.array("i", descriptors)
        sender.sendmsg([worker.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)], 0, str(folder / "captured"))


def send_text(folder: Path, text: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(text, str(folder / "captured"))


def captured_file(folder: Path, name: str, text: str) -> int:
    (folder / name).write_text(text)
    descriptor = os.open(folder / name, os.O_RDWR)
    (folder / name).unlink()
    return descriptor


def test_captured_output_outlives_its_file_and_its_sender(crash_output: CrashOutput, tmp_path: Path) -> None:
    out, err = captured_file(tmp_path, "out", "printed"), captured_file(tmp_path, "err", "")
    send(tmp_path, "gw1", out, err)
    os.close(out)
    os.close(err)
    assert [(section.title, section.text) for section in crash_output.captured("gw1")] == [
        ("Captured stdout of gw1 before exit", "printed")
    ]
    assert crash_output.captured("") == crash_output.captured("gw2") == ()


def test_only_the_end_of_long_captured_output_is_kept(crash_output: CrashOutput, tmp_path: Path) -> None:
    out, err = captured_file(tmp_path, "out", "x" * 100_000 + "end"), captured_file(tmp_path, "err", "é")
    send(tmp_path, "", out, err)
    first, second = crash_output.all_captured()
    assert (len(first.text), first.text[-4:], second.text) == (16_000, "xend", "é")
    os.close(out)
    os.close(err)


def test_later_output_of_a_worker_replaces_the_earlier(crash_output: CrashOutput, tmp_path: Path) -> None:
    for text in ("first", "second"):
        out, err = captured_file(tmp_path, "out", text), captured_file(tmp_path, "err", "")
        send(tmp_path, "gw0", out, err)
        os.close(out)
        os.close(err)
        crash_output.collect()
    assert [section.text for section in crash_output.captured("gw0")] == ["second"]


def test_non_files_are_not_read_and_their_descriptors_closed(crash_output: CrashOutput, tmp_path: Path) -> None:
    needs.linux()
    descriptors_before = len([*Path("/proc/self/fd").iterdir()])
    reader, writer = os.pipe()
    send(tmp_path, "", reader, writer)
    send(tmp_path, "gw1", reader)
    assert crash_output.all_captured() == ()
    os.close(reader)
    os.close(writer)
    crash_output.close()
    assert len([*Path("/proc/self/fd").iterdir()]) == descriptors_before - 1  # the socket


def test_requested_processes_write_their_stacks(crash_output: CrashOutput, tmp_path: Path) -> None:
    needs.linux()
    processes = [
        subprocess.Popen([sys.executable, "-c", REGISTERED, str(tmp_path), worker], stdout=subprocess.PIPE)
        for worker in ("", "gw0")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    crash_output.request_stacks([process.pid for process in processes])
    assert [process.poll() for process in processes] == [None, None]
    stacks = crash_output.stacks()
    assert stacks.count(" in waits\n") == 2
    assert "[gw0]\n" in stacks
    for process in processes:
        process.kill()
        process.communicate()


def test_process_without_a_handler_gets_no_signal(crash_output: CrashOutput, tmp_path: Path) -> None:
    needs.linux()
    process = subprocess.Popen(["sleep", "60"])
    (tmp_path / f"stacks-{process.pid}-{signal.SIGRTMAX - 2}-").touch()
    (tmp_path / "stacks-x-y-z").touch()
    crash_output.request_stacks([process.pid])
    assert process.poll() is None
    assert crash_output.stacks() == ""
    process.kill()
    process.wait()


def test_stack_file_that_is_a_link_or_pipe_is_not_read(crash_output: CrashOutput, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "stacks-1-62-").symlink_to(secret)
    os.mkfifo(tmp_path / "stacks-2-62-")
    assert crash_output.stacks() == ""


# -- messages


END = b'{"session_id": "9f3c52d1a0b4e687", "exit_status": 1, "write_error": "No space left on device (/tmp)"}'


def test_end_of_pytest_comes_in_a_message(crash_output: CrashOutput, tmp_path: Path) -> None:
    send_text(tmp_path, END)
    crash_output.collect()
    assert crash_output.pytest_end == PytestEnd(
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
def test_malformed_message_is_no_end_of_pytest(crash_output: CrashOutput, tmp_path: Path, text: bytes) -> None:
    send_text(tmp_path, text)
    crash_output.collect()
    assert crash_output.pytest_end is None


def test_flood_of_messages_does_not_block_collect(crash_output: CrashOutput, tmp_path: Path) -> None:
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
            crash_output.collect()
        process.kill()
    assert crash_output.all_captured() == ()


def test_message_reaches_a_folder_with_a_long_path(tmp_path: Path) -> None:
    needs.linux()
    deep_folder = tmp_path / ("d" * 120)
    deep_folder.mkdir()
    crash_output = CrashOutput(deep_folder)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pytest_check_runs_crash_output import send_end\n"
        "send_end(sys.argv[2], 'abc', 0, '')\n"
    )
    plugin_folder = Path(__file__).parents[3] / "checks" / "plugin"
    subprocess.run([sys.executable, "-c", script, str(plugin_folder), str(deep_folder)], check=True)
    crash_output.collect()
    assert crash_output.pytest_end == PytestEnd(session_id="abc", exit_status=0)
    crash_output.close()


#: Prints how much memory requesting and reading the stacks of one process takes.
READ_STACKS = """
import sys
from pathlib import Path
from tests.support.runner.running import peak_mebibytes
from checks.adapters.pytest_process.crash_output import CrashOutput
from checks.core.model.job import PytestEnd
words = CrashOutput(Path(sys.argv[1]))
words.request_stacks([int(sys.argv[2])])
print(len(words.stacks()), peak_mebibytes())
"""


def test_thousands_of_stack_files_take_little_memory(tmp_path: Path) -> None:
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
        [sys.executable, "-c", READ_STACKS, str(tmp_path), str(process.pid)], check=True, capture_output=True, text=True
    )
    process.kill()
    process.communicate()
    characters, mebibytes = map(int, done.stdout.split())
    assert characters < 101 * 64 * 1024
    assert mebibytes < 200
