from __future__ import annotations

import os
import pty
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import pytest

from checks.adapters.preview.terminal import FAILURES_SHOWN, Display
from checks.core.model.check_run import Annotation, AnnotationLevel, Conclusion, Output, Status
from tests.support.fakes import FakeClock
from tests.support.rerun.check_runs import OPEN

RUN = replace(OPEN, name="pytest (unit)", head_sha="a1b2c3d4" * 5, output=Output(title="Starting", summary=""))
COMPLETED = replace(
    RUN,
    status=Status.COMPLETED,
    conclusion=Conclusion.FAILURE,
    output=Output(title="1 failed, 2 passed in 1.20 s", summary=""),
    completed_at=1.0,
)
FAILURE = Annotation(
    path="tests/test_a.py",
    line=7,
    level=AnnotationLevel.FAILURE,
    title="tests/test_a.py::test_x[é]",
    message="AssertionError: assert 1 == 2",
)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[TextIO]:
    """A file for pytest's output."""
    with (tmp_path / "log").open("w") as file:
        yield file


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[TextIO]:
    """A file for the display's output."""
    with (tmp_path / "ours").open("w+", encoding="utf-8") as file:
        yield file


_END = "\x00end"


class Tty:
    """A pseudo-terminal."""

    def __init__(self) -> None:
        self._controller, terminal = pty.openpty()
        self.stream = os.fdopen(terminal, "w", encoding="utf-8")

    def read(self) -> str:
        """Return everything written since the last call."""
        print(_END, end="", file=self.stream, flush=True)
        read = b""
        while not read.endswith(_END.encode()):
            read += os.read(self._controller, 100_000)
        return read.decode().removesuffix(_END)

    def close(self) -> None:
        self.stream.close()
        os.close(self._controller)


@pytest.fixture
def tty() -> Iterator[Tty]:
    tty = Tty()
    yield tty
    tty.close()


def without_styles(written: str) -> str:
    """Return the output without colours and links."""
    return re.sub(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", written)


def visible_lines(written: str) -> list[str]:
    """Return the lines that remain visible."""
    return [line.rpartition("\r\x1b[2K")[2] for line in without_styles(written).split("\r\n")]


def text(file: TextIO) -> str:
    file.seek(0)
    return file.read()


def show_run(display: Display, failures: Sequence[Annotation] = (FAILURE,)) -> None:
    """Show a run from start to end."""
    display.started(RUN)
    display.progress("1 of 3 · 1 s")
    display.finished(
        COMPLETED, failures[:FAILURES_SHOWN], len(failures), "out/check-run.html", ".check-run/failures.md"
    )


EXPECTED_LINES = [
    "Preview of pytest (unit) a1b2c3d",
    "",
    "✗ 1 failed, 2 passed in 1.20 s",
    "  tests/test_a.py::test_x[é]",
    "    tests/test_a.py:7: AssertionError: assert 1 == 2",
    "",
    "Page:  out/check-run.html",
    "Failures:  .check-run/failures.md",
    "",
]


def test_terminal_progress_is_one_line_erased_at_the_end(tty: Tty, log: TextIO, clock: FakeClock) -> None:
    display = Display(tty.stream, log, clock)
    display.started(RUN)
    tty.read()

    display.progress("1 of 3 · 1 s")
    display.progress("2 of 3 · 1 s")
    assert visible_lines(tty.read()) == ["2 of 3 · 1 s"]

    display.finished(COMPLETED, [FAILURE], 1, "out/check-run.html", ".check-run/failures.md")
    assert visible_lines(tty.read()) == EXPECTED_LINES[1:]


@pytest.mark.parametrize("title", ["x" * 200, "漢" * 100, "a\nb\rc" * 40], ids=["long", "wide", "several lines"])
def test_long_progress_is_truncated_to_one_line(title: str, tty: Tty, log: TextIO, clock: FakeClock) -> None:
    Display(tty.stream, log, clock).progress(title)

    (line,) = visible_lines(tty.read())
    assert line.endswith("…")
    assert len(line) + line.count("漢") < 60


def test_no_progress_on_the_terminal_that_pytest_writes_to(tty: Tty, clock: FakeClock) -> None:
    with os.fdopen(os.dup(tty.stream.fileno()), "w") as same:
        show_run(Display(tty.stream, same, clock))

    written = tty.read()
    assert "1 of 3" not in written
    assert "\x1b[2K" not in written
    assert visible_lines(written) == EXPECTED_LINES


def test_file_gets_a_progress_line_every_ten_seconds(plain: TextIO, log: TextIO, clock: FakeClock) -> None:
    display = Display(plain, log, clock)
    for second in range(35):
        display.progress(f"{second} s")
        clock.seconds += 1

    assert text(plain) == "10 s\n20 s\n30 s\n"


def test_file_gets_no_control_characters(plain: TextIO, log: TextIO, clock: FakeClock) -> None:
    show_run(Display(plain, log, clock))

    assert text(plain).split("\n") == EXPECTED_LINES


def test_dumb_terminal_gets_no_control_characters(
    tty: Tty, log: TextIO, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")

    show_run(Display(tty.stream, log, clock))

    assert tty.read().split("\r\n") == EXPECTED_LINES


def test_no_color_is_respected(tty: Tty, log: TextIO, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    show_run(Display(tty.stream, log, clock))
    assert colours(tty.read())
    monkeypatch.setenv("NO_COLOR", "1")

    show_run(Display(tty.stream, log, clock))

    assert not colours(tty.read())


def colours(written: str) -> list[str]:
    """Return the colour parameters of all style sequences."""
    return re.findall(r"\x1b\[(?:[\d;]*;)?([34][0-8])[\d;]*m", written)


def test_force_color_does_not_make_a_file_a_terminal(
    plain: TextIO, log: TextIO, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")

    show_run(Display(plain, log, clock))

    assert colours(text(plain))
    assert without_styles(text(plain)).split("\n") == EXPECTED_LINES


def test_page_is_a_link_on_a_terminal(tty: Tty, log: TextIO, clock: FakeClock) -> None:
    show_run(Display(tty.stream, log, clock))

    assert f";{Path('out/check-run.html').absolute().as_uri()}\x1b\\out/check-run.html" in tty.read()


@pytest.mark.parametrize(
    ("conclusion", "colour", "sign"),
    [
        (Conclusion.SUCCESS, "32", "✓"),
        (Conclusion.FAILURE, "31", "✗"),
        (Conclusion.TIMED_OUT, "31", "✗"),
        (Conclusion.ACTION_REQUIRED, "33", "!"),
        (Conclusion.CANCELLED, "33", "■"),
        (Conclusion.NEUTRAL, "36", "–"),
        (Conclusion.SKIPPED, "36", "–"),
    ],
    ids=str,
)
def test_each_conclusion_has_a_colour_and_a_sign(
    conclusion: Conclusion, colour: str, sign: str, tty: Tty, log: TextIO, clock: FakeClock
) -> None:
    Display(tty.stream, log, clock).finished(replace(COMPLETED, conclusion=conclusion), [], 0, "check-run.html")

    assert f"\x1b[1;{colour}m{sign} 1 failed" in tty.read()


def test_first_failures_are_shown_and_the_rest_counted(plain: TextIO, log: TextIO, clock: FakeClock) -> None:
    show_run(Display(plain, log, clock), [replace(FAILURE, line=line) for line in range(1, 1213)])

    assert re.findall(r"test_a.py:(\d+):", text(plain)) == [str(line) for line in range(1, 11)]
    assert "  … and 1,202 more on the page\n" in text(plain)


@pytest.mark.parametrize(
    "nasty",
    [
        "\x1b[2J\x1b[31mred",
        "a\r\nb\rc",
        "\x9b2Jx",
        "a\x07b\x08\x00",
        "[bold red]x[/]",
        ":smile:",
        "\ud800x",
        "x" * 70_000,
    ],
    ids=["ANSI", "line ends", "C1", "control", "markup", "emoji", "surrogate", "long"],
)
def test_hostile_text_does_not_control_the_terminal(nasty: str, tty: Tty, log: TextIO, clock: FakeClock) -> None:
    display = Display(tty.stream, log, clock)
    run = replace(COMPLETED, name=nasty[:99], output=Output(title=nasty[:99], summary=""))

    display.started(run)
    display.finished(run, [replace(FAILURE, title=nasty[:99], message=nasty, path=nasty[:99])], 1, "out", "failures.md")

    written = "\n".join(visible_lines(tty.read()))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", written)
    assert written.count("\n") == len(EXPECTED_LINES) - 1
    assert len(written) < 1_000


def test_summary_is_shown_if_there_are_no_failures(plain: TextIO, log: TextIO, clock: FakeClock) -> None:
    run = replace(
        COMPLETED,
        conclusion=Conclusion.ACTION_REQUIRED,
        output=Output(title="no results", summary="Why\x1b[1m\n\nso: `workers`"),
    )
    Display(plain, log, clock).finished(run, [], 0, "out/check-run.html")
    plain.seek(0)
    assert "  Why\n  \n  so: `--workers` / `CHECKS_WORKERS`\n" in plain.read()


def test_summary_is_shown_without_markup(plain: TextIO, log: TextIO, clock: FakeClock) -> None:
    summary = (
        "| passed |\n| ---: |\n| 2 |\n\nNo `a\\_b`: a\\_b\n\n"
        "<details><summary>Skipped: 2</summary>\n\n- 2 × `x`\n\n</details>"
    )
    run = replace(COMPLETED, conclusion=Conclusion.NEUTRAL, output=Output(title="2 skipped", summary=summary))
    Display(plain, log, clock).finished(run, [], 0, "out/check-run.html")
    assert "  No `a\\_b`: a_b\n  \n  Skipped: 2\n  \n  - 2 × `x`\n\nPage: " in text(plain)


def test_truncated_summary_says_how_much_is_missing(plain: TextIO, log: TextIO, clock: FakeClock) -> None:
    summary = "\n".join(f"line {number}" for number in range(1, 43))
    run = replace(COMPLETED, conclusion=Conclusion.ACTION_REQUIRED, output=Output(title="no results", summary=summary))
    Display(plain, log, clock).finished(run, [], 0, "out/check-run.html")
    assert "  line 30\n  … and 12 more\n" in text(plain)
