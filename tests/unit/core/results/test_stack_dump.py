from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.results.stack_dump import last_stacks, project_stacks, without_stacks

SITE = "/venv/lib/python3.13/site-packages"


def frame(path: str, function: str, line: int = 3) -> str:
    return f'  File "{path}", line {line} in {function}'


def thread(*frames: str, name: str = "Current thread 0x00007f4e1ea92b80") -> str:
    return "\n".join([f"{name} (most recent call first):", *frames])


PYTEST = (
    frame(f"{SITE}/_pytest/python.py", "pytest_pyfunc_call"),
    frame(f"{SITE}/pluggy/_execution.py", "_multicall"),
    frame("/opt/x/checks/plugin/pytest_check_runs_child.py", "main"),
    frame("<frozen runpy>", "_run_code"),
)
TEST_FRAME = frame("/repo/tests/test_a.py", "test_dies", 6)
LIBRARY = frame("/usr/lib/python3.13/subprocess.py", "wait")
EXECNET = thread(
    frame("/usr/lib/python3.13/threading.py", "wait"),
    frame(f"{SITE}/execnet/gateway_base.py", "read"),
    frame("/usr/lib/python3.13/threading.py", "_bootstrap"),
    name="Thread 0x00007f4e1ea92b81",
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param(f"Traceback (most recent call last):\n{TEST_FRAME}\n", "", id="a traceback is no dump"),
        pytest.param(thread(TEST_FRAME, *PYTEST), thread(TEST_FRAME), id="the project's frames"),
        pytest.param(thread(LIBRARY, TEST_FRAME, *PYTEST), thread(LIBRARY, TEST_FRAME), id="and what they called"),
        pytest.param(f"{EXECNET}\n\n{thread(TEST_FRAME, *PYTEST)}", thread(TEST_FRAME), id="no thread of a tool"),
        pytest.param(
            f"tests/a.py .Fatal Python error: Aborted\n\n{thread(TEST_FRAME)}\nExtension modules: numpy (total: 1)\n",
            f"Fatal Python error: Aborted\n\n{thread(TEST_FRAME)}",
            id="amid output",
        ),
        pytest.param(thread(*PYTEST[:1]), thread(*PYTEST[:1]), id="all of a hang in pytest itself"),
        pytest.param(f"[gw0]\n{EXECNET}\n[gw1]\n{thread(TEST_FRAME)}", f"[gw1]\n\n{thread(TEST_FRAME)}", id="workers"),
        pytest.param(
            thread(TEST_FRAME, name="Current thread 0x00007f4e1ea92b80 [python]"),
            thread(TEST_FRAME, name="Current thread 0x00007f4e1ea92b80 [python]"),
            id="as Python 3.14 names threads",
        ),
    ],
)
def test_project_stacks_omit_frames_of_tools(text: str, shown: str) -> None:
    assert project_stacks(text) == shown


def test_long_stacks_show_60_lines_and_count_the_rest() -> None:
    shown = project_stacks(thread(*[frame("/repo/a.py", f"f{n}") for n in range(100)])).splitlines()
    assert len(shown) == 60
    assert shown[-1] == "… 42 more lines"


def test_last_stacks_returns_the_last_crash_only() -> None:
    crashes = [f"Fatal Python error: {n}\n\n{thread(frame('/repo/a.py', n))}" for n in ("first", "second")]
    assert last_stacks("\n".join(crashes)) == crashes[1]
    assert last_stacks("no crash") == ""


def test_without_stacks_removes_dumps_from_output() -> None:
    assert without_stacks(f"before\n{thread(TEST_FRAME, *PYTEST)}\nafter\n") == "before\nafter"


@given(
    st.lists(
        st.sampled_from([TEST_FRAME, LIBRARY, EXECNET, thread(TEST_FRAME), "[gw0]", "Fatal Python error: x", "", "x"])
    )
)
def test_stacks_are_found_in_any_text_with_a_dump(parts: list[str]) -> None:
    text = "\n".join(parts)
    assert bool(project_stacks(text)) == ("most recent call first" in text)
    assert "most recent call first" not in without_stacks(text)
