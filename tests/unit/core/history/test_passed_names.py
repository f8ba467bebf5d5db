"""The names in a check run's text are the node ids of the session that it is about."""

from __future__ import annotations

import pytest

from checks.core.history.passed_names import passed_nodeids
from checks.core.report import summary
from tests.support.sessions import item, passed, session

NODEIDS = [
    "tests/test_a.py::test_x",
    "tests/test_a.py::TestX::test_y[a b-`c`]",
    "tests/test_a.py::test_z[```]",
    "tests/test_a.py::test_took[  0.12 s]",
    "tests/<b> & c.py::test_</details>",
    "docs/guide.md::guide.md",
    "check.yml",
]


@pytest.mark.parametrize("seconds", [0.0, 0.12, 41.0, 72.0, 3_725.0])
def test_names_are_those_of_the_session(seconds: float) -> None:
    results = session(*(item(nodeid, call=passed(seconds)) for nodeid in NODEIDS))
    assert {*passed_nodeids(summary.text(results))} == {nodeid.replace("  ", " ") for nodeid in NODEIDS}


def test_names_without_room_are_missing() -> None:
    results = session(*(item(f"tests/test_{n}.py::test_{'x' * 100}") for n in range(1_000)))
    found = {*passed_nodeids(summary.text(results))}
    assert 100 < len(found) < 1_000
    assert found < {i.nodeid for i in results.items}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "### Failed\n\n```\nx\n```",
        "### Passed",
        "### Passed\n\n```\ntest_x\n```",
        "### Passed\n<details><summary><code>a.py</code>: 1 passed</summary>",
        "### Passed\n<p><code>a.py</code>: 1 passed</p>\n```\nx\n```",
    ],
)
def test_another_text_has_no_names(text: str) -> None:
    assert [*passed_nodeids(text)] == []
