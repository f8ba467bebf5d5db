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
from tests.support.runner.running import Log, is_running, plan, python, read_pids, wait_for_exit

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"
#: Starts a process that outlives it, in its own session, with inherited descriptors, and writes its id to a file.
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
def end_leftovers() -> Iterator[None]:
    """End what a test deliberately leaves running."""
    linux.become_subreaper()
    other_pids = linux.children()
    yield
    linux.send_signal(signal.SIGKILL, linux.descendants(excluding=other_pids))


def wait_until_ready(process: PytestProcess, log: Log) -> None:
    while "ready" not in log.text:
        assert process.wait(0) is None
        log.wait()


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL", "SIGTERM", "SIGBUS"])
def test_process_exit_names_a_foreign_signal(name: str, tmp_path: Path) -> None:
    script = f"import os, signal; print('last words', flush=True); os.kill(os.getpid(), signal.{name})"
    end = wait_for_exit(PytestProcess(plan(tmp_path, python(script)), Log()))
    assert (end.reason, end.signal, end.exit_status) == (ExitReason.KILLED, name, None)
    assert end.output == "last words\n"


def test_process_exit_numbers_a_real_time_signal(tmp_path: Path) -> None:
    script = "import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 3)"
    assert wait_for_exit(PytestProcess(plan(tmp_path, python(script)), Log())).signal == f"signal {signal.SIGRTMIN + 3}"


@pytest.mark.parametrize("script", ["raise SystemExit(7)", "import os; os._exit(7)"], ids=["exit", "_exit"])
def test_process_exit_has_the_exit_status(script: str, tmp_path: Path) -> None:
    end = wait_for_exit(PytestProcess(plan(tmp_path, python(script)), Log()))
    assert (end.reason, end.exit_status, end.signal, end.phase) == (ExitReason.EXITED, 7, "", "tests")


def test_wait_returns_the_same_process_exit_again(tmp_path: Path) -> None:
    process = PytestProcess(plan(tmp_path, python("")), Log())
    end = wait_for_exit(process)
    process.stop(seconds=0)
    assert process.wait(0) == end


def test_wait_returns_none_while_the_process_runs(tmp_path: Path) -> None:
    process = PytestProcess(plan(tmp_path, python(SLEEP)), Log())
    assert process.wait(0) is None
    assert process.wait(0.05) is None
    process.stop(seconds=0)
    wait_for_exit(process)


def test_daemon_that_holds_the_pipe_does_not_delay_the_end(tmp_path: Path) -> None:
    needs.linux()
    process = PytestProcess(plan(tmp_path, python(DAEMON.format(before=""), tmp_path / "pids")), log := Log())
    assert wait_for_exit(process).reason is ExitReason.EXITED
    (daemon,) = read_pids(tmp_path / "pids")
    assert is_running(daemon), "the end of the tests alone does not end what they left: it may be wanted"
    assert log.text == ""


def test_process_that_closes_its_descriptors_runs_on(tmp_path: Path) -> None:
    script = "import os, time; print('first', flush=True); os.closerange(0, 4096); time.sleep(0.05); os._exit(5)"
    end = wait_for_exit(PytestProcess(plan(tmp_path, python(script)), Log()))
    assert (end.exit_status, end.output) == (5, "first\n")


def test_process_has_its_own_session_and_none_of_our_files(tmp_path: Path) -> None:
    script = """
import json, os
print(json.dumps({"leads": os.getsid(0) == os.getpid(), "input": os.readlink("/proc/self/fd/0"),
                  "descriptors": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
                  "environ": dict(os.environ), "folder": os.getcwd()}))
"""
    with (tmp_path / "ours").open("w"):
        process = PytestProcess(plan(tmp_path, python(script), environ={"A": "1", "LC_CTYPE": "C.UTF-8"}), log := Log())
        wait_for_exit(process)
    assert json.loads(log.text) == {
        "leads": True,
        "input": "/dev/null",
        "environ": {"A": "1", "LC_CTYPE": "C.UTF-8"},
        "folder": str(tmp_path),
        "descriptors": [0, 1, 2],
    }


# -- the output


def test_both_output_streams_are_copied_unchanged_in_order(tmp_path: Path) -> None:
    script = (
        r"from os import write; write(1, b'\x1b[31mred\x1b[0m\r\n\xff\x00'); write(2, b'two\n'); write(1, b'::end')"
    )
    end = wait_for_exit(PytestProcess(plan(tmp_path, python(script)), log := Log()))
    assert b"".join(log.pieces) == b"\x1b[31mred\x1b[0m\r\n\xff\x00two\n::end"
    assert end.output == "red\r\n\ufffd\x00two\n::end"


def test_output_is_copied_while_the_tests_run(tmp_path: Path) -> None:
    process = PytestProcess(plan(tmp_path, python(SLEEP)), log := Log())
    wait_until_ready(process, log)
    assert log.text == "ready\n"
    process.stop(seconds=0)
    wait_for_exit(process)


@pytest.mark.parametrize("line_end", ["\\n", ""], ids=["lines", "one line"])
def test_200_megabytes_of_output_are_not_kept_in_memory(line_end: str, tmp_path: Path) -> None:
    script = f"import os\npiece = (b'x' * 999 + b'y{line_end}') * 1000\nfor _ in range(200): os.write(1, piece)"
    sizes: list[int] = []
    tracemalloc.start()
    try:
        end = wait_for_exit(PytestProcess(plan(tmp_path, python(script)), lambda piece: sizes.append(len(piece))))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) >= 200_000_000
    assert max(sizes) <= 64 * 1024
    assert peak_bytes < 4_000_000
    assert 63 * 1024 < len(end.output) <= 64 * 1024
    assert end.output.startswith("xxx")


@pytest.mark.parametrize("error", [BrokenPipeError, MemoryError])
def test_closed_log_does_not_stop_the_tests(error: type[Exception], tmp_path: Path) -> None:
    def closed_sink(piece: bytes) -> None:
        raise error(piece)

    end = wait_for_exit(PytestProcess(plan(tmp_path, python("print('x' * 300_000, 'end')")), closed_sink))
    assert end.exit_status == 0
    assert end.output.endswith("end\n")


# -- the commands


def test_commands_run_in_order(tmp_path: Path) -> None:
    commands = [python(f"print({word!r})", phase="install") for word in ("one", "two")]
    end = wait_for_exit(PytestProcess(plan(tmp_path, *commands, python("print('three')")), log := Log()))
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
def test_failed_installation_has_its_output_and_runs_no_tests(
    script: str, exit_status: int | None, name: str, tmp_path: Path
) -> None:
    end = wait_for_exit(PytestProcess(plan(tmp_path, python(script, phase="install"), python("print('tests')")), Log()))
    assert (end.reason, end.phase, end.exit_status, end.signal) == (
        ExitReason.INSTALL_FAILED,
        "install",
        exit_status,
        name,
    )
    assert end.output == "no such package\n"


def test_daemon_of_the_installation_can_print_during_tests(tmp_path: Path) -> None:
    daemon_script = """
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
    waiting_script = "import sys; open(sys.argv[1], 'w').close(); open(sys.argv[2]).read()"
    process = PytestProcess(
        plan(tmp_path, python(daemon_script, *pipes, phase="install"), python(waiting_script, *pipes)), Log()
    )
    assert wait_for_exit(process).output == "daemon\n"


def test_missing_program_is_reported_as_not_started(tmp_path: Path) -> None:
    process = PytestProcess(plan(tmp_path, Command(phase="tests", arguments=["/nowhere/python"])), Log())
    end = wait_for_exit(process)
    assert (end.reason, end.exit_status, end.phase) == (ExitReason.NOT_STARTED, None, "tests")
    assert end.output == "/nowhere/python: No such file or directory"


# -- stopping


def test_stop_sends_sigint_first(tmp_path: Path) -> None:
    script = "import sys, time\ntry: print('ready', flush=True); time.sleep(60)\nexcept KeyboardInterrupt: sys.exit(2)"
    process = PytestProcess(plan(tmp_path, python(script)), log := Log())
    wait_until_ready(process, log)
    process.stop(seconds=30)
    end = wait_for_exit(process)
    assert (end.reason, end.exit_status, end.signal) == (ExitReason.CANCELLED, 2, "")


def test_stop_sends_sigterm_after_sigint(tmp_path: Path) -> None:
    script = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + SLEEP
    clock = FakeClock()
    process = PytestProcess(plan(tmp_path, python(script)), log := Log(), monotonic=clock.monotonic)
    wait_until_ready(process, log)
    process.stop(seconds=10)
    clock.seconds += 5.9
    assert process.wait(0) is None
    clock.seconds += 0.2
    assert wait_for_exit(process).signal == "SIGTERM"


def test_stop_sends_sigkill_last_and_returns_at_once(tmp_path: Path) -> None:
    clock = FakeClock()
    process = PytestProcess(plan(tmp_path, python(STUBBORN + "\n" + SLEEP)), log := Log(), monotonic=clock.monotonic)
    wait_until_ready(process, log)
    process.stop(seconds=10)
    clock.seconds += 7.9
    assert process.wait(0) is None
    clock.seconds += 0.2
    end = wait_for_exit(process)
    assert (end.reason, end.signal) == (ExitReason.CANCELLED, "SIGKILL")


def test_second_stop_shortens_the_first(tmp_path: Path) -> None:
    process = PytestProcess(plan(tmp_path, python(STUBBORN + "\n" + SLEEP)), log := Log())
    wait_until_ready(process, log)
    process.stop(seconds=60)
    process.stop(seconds=0)
    assert wait_for_exit(process).signal == "SIGKILL"


def test_stop_during_installation_runs_no_tests(tmp_path: Path) -> None:
    process = PytestProcess(plan(tmp_path, python(SLEEP, phase="install"), python("print('tests')")), log := Log())
    wait_until_ready(process, log)
    process.stop(seconds=0)
    end = wait_for_exit(process)
    assert (end.reason, end.phase) == (ExitReason.CANCELLED, "install")
    assert "tests" not in log.text


@pytest.mark.parametrize("before", ["pass", STUBBORN], ids=["willing", "stubborn"])
@pytest.mark.parametrize("after", [SLEEP, "print('ready', flush=True)"], ids=["tests run", "tests end"])
def test_stop_ends_daemons(before: str, after: str, tmp_path: Path) -> None:
    needs.linux()
    script = DAEMON.format(before=before) + after
    commands = [python(script, tmp_path / "pids", phase="install"), python(SLEEP)] if after != SLEEP else []
    clock = FakeClock()
    process = PytestProcess(
        plan(tmp_path, *commands or [python(script, tmp_path / "pids")]), log := Log(), monotonic=clock.monotonic
    )
    wait_until_ready(process, log)
    process.stop(seconds=10)
    clock.seconds += 10
    wait_for_exit(process)
    assert [pid for pid in read_pids(tmp_path / "pids") if is_running(pid)] == []


def test_stop_ends_processes_that_keep_forking(tmp_path: Path) -> None:
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
    other_pids, clock = linux.children(), FakeClock()
    process = PytestProcess(plan(tmp_path, python(script)), log := Log(), monotonic=clock.monotonic)
    wait_until_ready(process, log)
    process.stop(seconds=10)
    clock.seconds += 10
    wait_for_exit(process)
    assert linux.descendants(excluding=other_pids) == frozenset()


def test_stop_spares_processes_of_others(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-ISc", SLEEP], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        process = PytestProcess(plan(tmp_path, python(SLEEP)), Log())
        process.stop(seconds=0)
        wait_for_exit(process)
        assert other.poll() is None
        other.terminate()
        assert other.wait() == -signal.SIGTERM


def test_stop_just_after_the_end_ends_leftover_processes(tmp_path: Path) -> None:
    needs.linux()
    clock = FakeClock()
    process = PytestProcess(
        plan(tmp_path, python(DAEMON.format(before=""), tmp_path / "pids")), Log(), monotonic=clock.monotonic
    )
    while not (tmp_path / "pids").exists():
        pass
    process.stop(seconds=10)
    clock.seconds += 10
    wait_for_exit(process)
    assert [pid for pid in read_pids(tmp_path / "pids") if is_running(pid)] == []


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
    other_pids = linux.children()
    process = PytestProcess(plan(tmp_path, python(script)), Log())
    wait_for_exit(process)
    assert linux.children() <= other_pids


# -- stream and report


def test_lines_are_complete_and_returned_once(tmp_path: Path) -> None:
    process = PytestProcess(plan(tmp_path, python("")), Log())
    wait_for_exit(process)
    stream = tmp_path / "channel"
    assert list(process.lines()) == []
    stream.write_bytes(b'\n{"seq":0}\n\n{"se')
    assert list(process.lines()) == [b'{"seq":0}']
    assert list(process.lines()) == []
    with stream.open("ab") as file:
        file.write(b'q":1}\n')
    assert list(process.lines()) == [b'{"seq":1}']


def test_all_lines_starts_from_the_beginning(tmp_path: Path) -> None:
    process = PytestProcess(plan(tmp_path, python("")), Log())
    wait_for_exit(process)
    (tmp_path / "channel").write_bytes(b'{"seq":0}\n\n{"seq":1}\n')
    assert [*process.lines()] == [*process.all_lines()] == [b'{"seq":0}', b'{"seq":1}']
