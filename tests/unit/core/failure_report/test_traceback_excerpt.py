from __future__ import annotations

import pytest

from checks.core.failure_report.report import Source
from checks.core.failure_report.traceback_excerpt import excerpt, with_lines_after

LONG = "x" * 1_000
TEST = "tests/test_app.py"
ERROR = "E   ValueError: 3"
CAUSE = "The above exception was the direct cause of the following exception:\n"


def frame(number: int, path: str = "src/app.py", values: int = 1, value: str = LONG) -> str:
    """Return a frame whose function calls the next."""
    return slim(number, path) + "".join(f"      value_{n} = {value}\n" for n in range(values))


def slim(number: int, path: str = "src/app.py") -> str:
    """Return the frame without values."""
    return f"{path}:{number}: in call_{number}\n  > call({number})\n"


def message(*numbers: int) -> str:
    """Return lines of a message."""
    return "".join(f"E   {'y' * 60} {number}\n" for number in numbers)


MANY = f"{''.join(frame(n, value='1') for n in range(1, 51))}{ERROR}"


@pytest.mark.parametrize(
    "traceback",
    [MANY, message(*range(50)) + MANY, frame(1, values=99, value=LONG) + ERROR, f"{frame(1)}E   {LONG * 9}\n{ERROR}"],
)
@pytest.mark.parametrize("limit", [*range(0, 900, 23), 3_000, 10_000])
def test_excerpt_fits_and_ends_with_the_exception(traceback: str, limit: int) -> None:
    text = excerpt(traceback, "src/app.py:3", limit)
    assert len(text.encode()) <= limit
    assert text.endswith(ERROR) or (text == "" and limit < 120)


#: A traceback whose exception is at src/app.py:9, and what remains of it where there is hardly more room.
CHOSEN: dict[str, tuple[str, str]] = {
    "the place below which it was raised": (
        f"{frame(1, TEST)}{''.join(map(frame, range(2, 20)))}{ERROR}",
        f"…\n{slim(9)}…\n{slim(19)}{ERROR}",
    ),
    "callers before values": (
        f"{frame(1, TEST)}{frame(7)}{frame(8)}{frame(9)}{ERROR}",
        f"{slim(1, TEST)}{slim(7)}{slim(8)}{slim(9)}{ERROR}",
    ),
    "callers in the project before libraries": (
        f"{frame(1, TEST)}{frame(2)}{frame(3, '…/lib.py')}{frame(4, '<frozen os>')}{frame(9)}{ERROR}",
        f"{slim(1, TEST)}{slim(2)}…\n{slim(9)}{ERROR}",
    ),
    "the test before other distant callers": (
        f"{frame(1, TEST)}{''.join(map(frame, range(2, 10)))}{ERROR}",
        f"{slim(1, TEST)}…\n{slim(7)}{slim(8)}{slim(9)}{ERROR}",
    ),
    "values of the project where a library raised": (
        f"{frame(1, TEST)}{frame(9, value='1')}{frame(3, '…/lib.py')}{frame(4, '…/lib.py')}{ERROR}",
        f"{slim(1, TEST)}{frame(9, value='1')}…\n{slim(4, '…/lib.py')}{ERROR}",
    ),
    "where the exception before was raised": (
        f"{frame(1, TEST)}{frame(2)}E   OSError: real\n\n{CAUSE}\n{frame(3, TEST)}{frame(9)}{ERROR}",
        f"…\n{slim(2)}E   OSError: real\n{CAUSE}{slim(3, TEST)}{slim(9)}{ERROR}",
    ),
    "the first values where it was raised": (
        f"{frame(1, TEST)}{frame(9, values=50, value='y' * 60)}{ERROR}",
        f"{slim(1, TEST)}{frame(9, values=3, value='y' * 60)}{ERROR}",
    ),
    "truncated values rather than none": (
        f"{frame(1, TEST)}{frame(9)}{ERROR}",
        f"{slim(1, TEST)}{slim(9)}      value_0 = {'x' * 83}…\n{ERROR}",
    ),
    "both ends of a long message": (
        f"{frame(9)}{message(*range(100))}{ERROR}",
        f"{slim(9)}{message(*range(6))}…\n{message(99)}{ERROR}",
    ),
    "callers before the middle of a message, and that before values": (
        f"{frame(1, TEST)}{frame(9, value='1')}{message(*range(100))}{ERROR}",
        f"{slim(1, TEST)}{slim(9)}{message(*range(8))}…\n{message(99)}{ERROR}",
    ),
    "the exceptions of a group": (
        f"{frame(9)}E   Group: 2\n  +-- exception 1 of 2\n  | a.py:2: in call\n  |       x = {LONG}\n  | E   Key",
        f"{slim(9)}E   Group: 2\n  +-- exception 1 of 2\n  | a.py:2: in call\n  | E   Key",
    ),
}


@pytest.mark.parametrize(("traceback", "expected"), CHOSEN.values(), ids=CHOSEN)
def test_excerpt_keeps_what_explains(traceback: str, expected: str) -> None:
    assert excerpt(traceback, "src/app.py:9", max(len(expected.encode()) + 36, 120)) == expected


CODE = Source(start=5, lines=("def f():", "\tif x:", "\t\tg(", "\t\t\t1,", "\t\t)", "\telse:", "\t\tpass"))
SHOWN = "cart.py:7: in f\n    if x:\n  > \tg(\n"
AFTER = "    \t\t1,\n    \t)\n    else:\n    \tpass\n"
REST = f"      x = 1\n{ERROR}"
#: A traceback, the place and line of the failure, and the traceback with what follows that line.
FOLLOWED = {
    "to the end of what is known": (
        SHOWN + REST,
        "cart.py",
        7,
        f"{SHOWN}    \t\t1,\n    \t)\n    else:\n    \tpass\n{REST}",
    ),
    "of a subfolder": (SHOWN + REST, "shop/cart.py", 7, SHOWN + AFTER + REST),
    "of a deeper line alone": (
        f"cart.py:7: in f\n  > g(\n{REST}",
        "cart.py",
        7,
        f"cart.py:7: in f\n  > g(\n    \t1,\n    )\n{REST}",
    ),
    "of the last frame there": (
        f"cart.py:7: in f\n  > \tg(\n{SHOWN}{REST}",
        "cart.py",
        7,
        f"cart.py:7: in f\n  > \tg(\n{SHOWN}{AFTER}{REST}",
    ),
    "another file": (SHOWN + REST, "art.py", 7, ""),
    "another line": (SHOWN + REST, "cart.py", 8, ""),
    "other code": (SHOWN.replace("g(", "h(") + REST, "cart.py", 7, ""),
    "no mark": (f"cart.py:7: in f\n{REST}", "cart.py", 7, ""),
    "no traceback": ("", "cart.py", 7, ""),
    "no source": (SHOWN + REST, "cart.py", 99, ""),
}


@pytest.mark.parametrize(("traceback", "path", "line", "expected"), FOLLOWED.values(), ids=FOLLOWED)
def test_source_follows_its_line(traceback: str, path: str, line: int, expected: str) -> None:
    assert with_lines_after(traceback, f"{path}:{line}", CODE, line) == expected


def test_text_without_frames_keeps_both_ends() -> None:
    lines = [f"value_{n} = {n}" for n in range(100)]
    first, *_, last = excerpt("\n".join(lines), "", 150).splitlines()
    assert (first, last) == (lines[0], lines[-1])


def test_traceback_that_fits_is_unchanged() -> None:
    assert excerpt(MANY, "", len(MANY.encode())) == MANY
