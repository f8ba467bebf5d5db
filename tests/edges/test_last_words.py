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

from checks.edges.last_words import LastWords
from tests import needs

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
def left(tmp_path: Path) -> Iterator[LastWords]:
    words = LastWords(tmp_path)
    yield words
    words.close()


def send(folder: Path, worker: str, *descriptors: int) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        files = array.array("i", descriptors)
        sender.sendmsg([worker.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)], 0, str(folder / "captured"))


def captured(folder: Path, name: str, text: str) -> int:
    (folder / name).write_text(text)
    descriptor = os.open(folder / name, os.O_RDWR)
    (folder / name).unlink()
    return descriptor


def test_captured_output_outlives_its_file_s_name_and_its_sender(left: LastWords, tmp_path: Path) -> None:
    out, err = captured(tmp_path, "out", "printed"), captured(tmp_path, "err", "")
    send(tmp_path, "gw1", out, err)
    os.close(out)
    os.close(err)
    assert [(section.title, section.text) for section in left.captured("gw1")] == [
        ("Captured stdout of gw1 until then", "printed")
    ]
    assert left.captured("") == left.captured("gw2") == ()


def test_of_much_output_the_end_is_told(left: LastWords, tmp_path: Path) -> None:
    out, err = captured(tmp_path, "out", "x" * 100_000 + "end"), captured(tmp_path, "err", "é")
    send(tmp_path, "", out, err)
    first, second = left.captured_by_all()
    assert (len(first.text), first.text[-4:], second.text) == (16_000, "xend", "é")
    os.close(out)
    os.close(err)


def test_a_worker_that_comes_again_replaces_the_former(left: LastWords, tmp_path: Path) -> None:
    for text in ("first", "second"):
        out, err = captured(tmp_path, "out", text), captured(tmp_path, "err", "")
        send(tmp_path, "gw0", out, err)
        os.close(out)
        os.close(err)
        left.collect()
    assert [section.text for section in left.captured("gw0")] == ["second"]


def test_what_is_no_file_is_not_read_and_no_descriptor_stays(left: LastWords, tmp_path: Path) -> None:
    needs.linux()
    before = len([*Path("/proc/self/fd").iterdir()])
    reader, writer = os.pipe()
    send(tmp_path, "", reader, writer)
    send(tmp_path, "gw1", reader)
    assert left.captured_by_all() == ()
    os.close(reader)
    os.close(writer)
    left.close()
    assert len([*Path("/proc/self/fd").iterdir()]) == before - 1  # the socket's


def test_the_processes_asked_tell_where_they_stand(left: LastWords, tmp_path: Path) -> None:
    needs.linux()
    processes = [
        subprocess.Popen([sys.executable, "-c", REGISTERED, str(tmp_path), worker], stdout=subprocess.PIPE)
        for worker in ("", "gw0")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    left.ask([process.pid for process in processes])
    assert [process.poll() for process in processes] == [None, None]
    stacks = left.stacks()
    assert stacks.count(" in waits\n") == 2
    assert "[gw0]\n" in stacks
    for process in processes:
        process.kill()
        process.communicate()


def test_a_process_that_does_not_handle_the_signal_gets_none(left: LastWords, tmp_path: Path) -> None:
    needs.linux()
    process = subprocess.Popen(["sleep", "60"])
    (tmp_path / f"stacks-{process.pid}-{signal.SIGRTMAX - 2}-").touch()
    (tmp_path / "stacks-x-y-z").touch()
    left.ask([process.pid])
    assert process.poll() is None
    assert left.stacks() == ""
    process.kill()
    process.wait()


def test_a_stack_file_that_is_none_is_not_read(left: LastWords, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "stacks-1-62-").symlink_to(secret)
    os.mkfifo(tmp_path / "stacks-2-62-")
    assert left.stacks() == ""


def test_a_folder_too_deep_for_a_socket_is_done_without(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    words = LastWords(deep)
    assert words.captured("") == ()
    words.close()
