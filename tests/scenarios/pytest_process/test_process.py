from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.adapters.pytest_process.process import Command, PytestProcess
from checks.adapters.system import linux
from checks.core.model.job import ExitReason
from tests.support import needs
from tests.support.fakes import FakeClock
from tests.support.runner.running import Log, ended, is_there, plan, python, written

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"
#: Starts a process that outlives it, in a session of its own, with all it inherits, and writes its number to a file.
DAEMON = """
import os, sys, time
if not os.fork():
    os.setsid()
    if not os.fork():
        {before}
        with open(sys.argv[1] + ".new", "w") as file:
            print(os.getpid(), file=file)
        os.rename(file.name, sys.argv[1])
        time.sleep(60)
    os._exit(0)
os.wait()
while not os.path.exists(sys.argv[1]):
    time.sleep(0.001)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Ends what a test leaves running on purpose."""
    linux.become_subreaper()
    others = linux.children()
    yield
    linux.send(signal.SIGKILL, linux.descendants(besides=others))


def until_ready(child: PytestProcess, log: Log) -> None:
    while "ready" not in log.text:
        assert child.wait(0) is None
        log.wait()


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL", "SIGTERM", "SIGBUS"])
def test_a_signal_that_we_did_not_send_is_named(name: str, tmp_path: Path) -> None:
    script = f"import os, signal; print('last words', flush=True); os.kill(os.getpid(), signal.{name})"
    end = ended(PytestProcess(plan(tmp_path, python(script)), Log()))
    assert (end.reason, end.signal, end.exit_status) == (ExitReason.KILLED, name, None)
    assert end.output == "last words\n"


def test_a_real_time_signal_has_its_number(tmp_path: Path) -> None:
    script = "import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 3)"
    assert ended(PytestProcess(plan(tmp_path, python(script)), Log())).signal == f"signal {signal.SIGRTMIN + 3}"


@pytest.mark.parametrize("script", ["raise SystemExit(7)", "import os; os._exit(7)"], ids=["exit", "_exit"])
def test_an_exit_has_its_status(script: str, tmp_path: Path) -> None:
    end = ended(PytestProcess(plan(tmp_path, python(script)), Log()))
    assert (end.reason, end.exit_status, end.signal, end.phase) == (ExitReason.EXITED, 7, "", "tests")


def test_the_end_is_told_again(tmp_path: Path) -> None:
    child = PytestProcess(plan(tmp_path, python("")), Log())
    end = ended(child)
    child.stop(seconds=0)
    assert child.wait(0) == end


def test_waiting_takes_no_longer_than_asked_for(tmp_path: Path) -> None:
    child = PytestProcess(plan(tmp_path, python(SLEEP)), Log())
    assert child.wait(0) is None
    assert child.wait(0.05) is None
    child.stop(seconds=0)
    ended(child)


def test_a_daemon_that_holds_the_pipe_delays_nothing(tmp_path: Path) -> None:
    needs.linux()
    child = PytestProcess(plan(tmp_path, python(DAEMON.format(before=""), tmp_path / "pids")), log := Log())
    assert ended(child).reason is ExitReason.EXITED
    (daemon,) = written(tmp_path / "pids")
    assert is_there(daemon), "the end of the tests alone does not end what they left: it may be wanted"
    assert log.text == ""


def test_closing_every_descriptor_ends_nothing(tmp_path: Path) -> None:
    script = "import os, time; print('first', flush=True); os.closerange(0, 4096); time.sleep(0.05); os._exit(5)"
    end = ended(PytestProcess(plan(tmp_path, python(script)), Log()))
    assert (end.exit_status, end.output) == (5, "first\n")


def test_the_child_has_a_session_no_input_and_no_descriptor_of_ours(tmp_path: Path) -> None:
    script = """
import json, os
print(json.dumps({"leads": os.getsid(0) == os.getpid(), "input": os.readlink("/proc/self/fd/0"),
                  "descriptors": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
                  "environ": dict(os.environ), "folder": os.getcwd()}))
"""
    with (tmp_path / "ours").open("w"):
        child = PytestProcess(plan(tmp_path, python(script), environ={"A": "1", "LC_CTYPE": "C.UTF-8"}), log := Log())
        ended(child)
    assert json.loads(log.text) == {
        "leads": True,
        "input": "/dev/null",
        "environ": {"A": "1", "LC_CTYPE": "C.UTF-8"},
        "folder": str(tmp_path),
        "descriptors": [0, 1, 2],
    }


# -- the output


def test_output_is_copied_unchanged_and_both_streams_in_their_order(tmp_path: Path) -> None:
    script = (
        r"from os import write; write(1, b'\x1b[31mred\x1b[0m\r\n\xff\x00'); write(2, b'two\n'); write(1, b'::end')"
    )
    end = ended(PytestProcess(plan(tmp_path, python(script)), log := Log()))
    assert b"".join(log.pieces) == b"\x1b[31mred\x1b[0m\r\n\xff\x00two\n::end"
    assert end.output == "red\r\n\ufffd\x00two\n::end"


def test_output_comes_while_the_tests_run(tmp_path: Path) -> None:
    child = PytestProcess(plan(tmp_path, python(SLEEP)), log := Log())
    until_ready(child, log)
    assert log.text == "ready\n"
    child.stop(seconds=0)
    ended(child)


@pytest.mark.parametrize("line_end", ["\\n", ""], ids=["lines", "one line"])
def test_200_megabytes_of_output_are_not_held_in_memory(line_end: str, tmp_path: Path) -> None:
    script = f"import os\npiece = (b'x' * 999 + b'y{line_end}') * 1000\nfor _ in range(200): os.write(1, piece)"
    sizes: list[int] = []
    tracemalloc.start()
    try:
        end = ended(PytestProcess(plan(tmp_path, python(script)), lambda piece: sizes.append(len(piece))))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) >= 200_000_000
    assert max(sizes) <= 64 * 1024
    assert peak_bytes < 4_000_000
    assert 63 * 1024 < len(end.output) <= 64 * 1024
    assert end.output.startswith("xxx")


@pytest.mark.parametrize("error", [BrokenPipeError, MemoryError])
def test_a_log_that_takes_nothing_more_stops_no_test(error: type[Exception], tmp_path: Path) -> None:
    def closed(piece: bytes) -> None:
        raise error(piece)

    end = ended(PytestProcess(plan(tmp_path, python("print('x' * 300_000, 'end')")), closed))
    assert end.exit_status == 0
    assert end.output.endswith("end\n")


# -- the steps


def test_the_steps_run_in_their_order_until_one_fails(tmp_path: Path) -> None:
    commands = [python(f"print({word!r})", phase="install") for word in ("one", "two")]
    end = ended(PytestProcess(plan(tmp_path, *commands, python("print('three')")), log := Log()))
    assert (end.reason, end.phase) == (ExitReason.EXITED, "tests")
    assert log.text == end.output == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("script", "exit_status", "name"),
    [
        ("raise SystemExit('no such package')", 1, ""),
        ("import os\nprint('no such package', flush=True)\nos.abort()", None, "SIGABRT"),
    ],
    ids=["exit", "signal"],
)
def test_a_failed_installation_has_its_last_lines_and_starts_no_test(
    script: str, exit_status: int | None, name: str, tmp_path: Path
) -> None:
    end = ended(PytestProcess(plan(tmp_path, python(script, phase="install"), python("print('tests')")), Log()))
    assert (end.reason, end.phase, end.exit_status, end.signal) == (
        ExitReason.INSTALL_FAILED,
        "install",
        exit_status,
        name,
    )
    assert end.output == "no such package\n"


def test_a_daemon_that_install_starts_can_go_on_printing(tmp_path: Path) -> None:
    first = """
import os, sys, time
if not os.fork():
    open(sys.argv[1]).read()
    os.write(1, b"daemon\\n")
    open(sys.argv[2], "w").close()
    time.sleep(60)
"""
    pipes = tmp_path / "are running", tmp_path / "has printed"
    for pipe in pipes:
        os.mkfifo(pipe)
    then = "import sys; open(sys.argv[1], 'w').close(); open(sys.argv[2]).read()"
    child = PytestProcess(plan(tmp_path, python(first, *pipes, phase="install"), python(then, *pipes)), Log())
    assert ended(child).output == "daemon\n"


def test_a_program_that_is_not_there_is_no_start(tmp_path: Path) -> None:
    child = PytestProcess(plan(tmp_path, Command(phase="tests", arguments=["/nowhere/python"])), Log())
    end = ended(child)
    assert (end.reason, end.exit_status, end.phase) == (ExitReason.NOT_STARTED, None, "tests")
    assert "/nowhere/python" in end.output


# -- stopping


def test_sigint_comes_first_and_only_to_the_group(tmp_path: Path) -> None:
    script = "import sys, time\ntry: print('ready', flush=True); time.sleep(60)\nexcept KeyboardInterrupt: sys.exit(2)"
    child = PytestProcess(plan(tmp_path, python(script)), log := Log())
    until_ready(child, log)
    child.stop(seconds=30)
    end = ended(child)
    assert (end.reason, end.exit_status, end.signal) == (ExitReason.CANCELLED, 2, "")


def test_sigterm_follows(tmp_path: Path) -> None:
    script = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + SLEEP
    clock = FakeClock()
    child = PytestProcess(plan(tmp_path, python(script)), log := Log(), monotonic=clock.monotonic)
    until_ready(child, log)
    child.stop(seconds=10)
    clock.seconds += 5.9
    assert child.wait(0) is None
    clock.seconds += 0.2
    assert ended(child).signal == "SIGTERM"


def test_sigkill_ends_what_ignores_the_others_in_time_and_stop_does_not_wait(tmp_path: Path) -> None:
    clock = FakeClock()
    child = PytestProcess(plan(tmp_path, python(STUBBORN + "\n" + SLEEP)), log := Log(), monotonic=clock.monotonic)
    until_ready(child, log)
    child.stop(seconds=10)
    clock.seconds += 7.9
    assert child.wait(0) is None
    clock.seconds += 0.2
    end = ended(child)
    assert (end.reason, end.signal) == (ExitReason.CANCELLED, "SIGKILL")


def test_a_second_stop_shortens_the_first(tmp_path: Path) -> None:
    child = PytestProcess(plan(tmp_path, python(STUBBORN + "\n" + SLEEP)), log := Log())
    until_ready(child, log)
    child.stop(seconds=60)
    child.stop(seconds=0)
    assert ended(child).signal == "SIGKILL"


def test_a_stop_during_install_starts_no_tests(tmp_path: Path) -> None:
    child = PytestProcess(plan(tmp_path, python(SLEEP, phase="install"), python("print('tests')")), log := Log())
    until_ready(child, log)
    child.stop(seconds=0)
    end = ended(child)
    assert (end.reason, end.phase) == (ExitReason.CANCELLED, "install")
    assert "tests" not in log.text


@pytest.mark.parametrize("before", ["pass", STUBBORN], ids=["willing", "stubborn"])
@pytest.mark.parametrize("after", [SLEEP, "print('ready', flush=True)"], ids=["tests run", "tests end"])
def test_a_stop_ends_daemons_too(before: str, after: str, tmp_path: Path) -> None:
    needs.linux()
    script = DAEMON.format(before=before) + after
    commands = [python(script, tmp_path / "pids", phase="install"), python(SLEEP)] if after != SLEEP else []
    clock = FakeClock()
    child = PytestProcess(
        plan(tmp_path, *commands or [python(script, tmp_path / "pids")]), log := Log(), monotonic=clock.monotonic
    )
    until_ready(child, log)
    child.stop(seconds=10)
    clock.seconds += 10
    ended(child)
    assert [pid for pid in written(tmp_path / "pids") if is_there(pid)] == []


def test_a_stop_ends_processes_that_run_away_from_it(tmp_path: Path) -> None:
    needs.linux()
    script = f"""
import os, time
{STUBBORN}
end = time.monotonic() + 60
for _ in range(10):
    if not os.fork():
        while time.monotonic() < end:  # always another process, in another session, and its parent gone
            os.setsid() if os.getpgid(0) != os.getpid() else None
            time.sleep(0.002)
            if os.fork():
                os._exit(0)
        os._exit(0)
{SLEEP}
"""
    others, clock = linux.children(), FakeClock()
    child = PytestProcess(plan(tmp_path, python(script)), log := Log(), monotonic=clock.monotonic)
    until_ready(child, log)
    child.stop(seconds=10)
    clock.seconds += 10
    ended(child)
    assert linux.descendants(besides=others) == frozenset()


def test_a_stop_spares_processes_that_are_not_the_tests(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-ISc", SLEEP], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        child = PytestProcess(plan(tmp_path, python(SLEEP)), Log())
        child.stop(seconds=0)
        ended(child)
        assert other.poll() is None
        other.terminate()
        assert other.wait() == -signal.SIGTERM


def test_a_stop_between_the_tests_end_and_its_notice_ends_what_they_left(tmp_path: Path) -> None:
    needs.linux()
    clock = FakeClock()
    child = PytestProcess(
        plan(tmp_path, python(DAEMON.format(before=""), tmp_path / "pids")), Log(), monotonic=clock.monotonic
    )
    while not (tmp_path / "pids").exists():
        pass
    child.stop(seconds=10)
    clock.seconds += 10
    ended(child)
    assert [pid for pid in written(tmp_path / "pids") if is_there(pid)] == []


def test_orphans_do_not_stay_as_zombies(tmp_path: Path) -> None:
    needs.linux()
    script = """
import os, time
reader, writer = os.pipe()
for _ in range(20):
    if not os.fork():
        os.fork() or os.write(writer, b"%d " % os.getpid())
        os._exit(0)
os.close(writer)
def runs(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
orphans = os.fdopen(reader).read().split()
while any(map(runs, orphans)):
    time.sleep(0.001)
"""
    others = linux.children()
    child = PytestProcess(plan(tmp_path, python(script)), Log())
    ended(child)
    assert linux.children() <= others


# -- channel and report


def test_lines_come_whole_and_once(tmp_path: Path) -> None:
    child = PytestProcess(plan(tmp_path, python("")), Log())
    ended(child)
    channel = tmp_path / "channel"
    assert list(child.lines()) == []
    channel.write_bytes(b'\n{"seq":0}\n\n{"se')
    assert list(child.lines()) == [b'{"seq":0}']
    assert list(child.lines()) == []
    with channel.open("ab") as file:
        file.write(b'q":1}\n')
    assert list(child.lines()) == [b'{"seq":1}']


def test_the_lines_can_be_read_again_from_the_beginning(tmp_path: Path) -> None:
    child = PytestProcess(plan(tmp_path, python("")), Log())
    ended(child)
    (tmp_path / "channel").write_bytes(b'{"seq":0}\n\n{"seq":1}\n')
    assert [*child.lines()] == [*child.all_lines()] == [b'{"seq":0}', b'{"seq":1}']
