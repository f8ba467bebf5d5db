from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from checks.core.comment.causes import SummaryCause, causes_of, merged_causes
from checks.core.model.check_run import Output
from tests.support.rerun.check_runs import REMOTE

GOLDEN = Path(__file__).parents[3] / "golden"
ROW = "<tr><td>1</td><td><code>{message}</code></td><td>{place}</td><td>{tests}</td></tr>"


def golden_summary(project: str) -> str:
    requests = json.loads((GOLDEN / project / "check-run.json").read_text())
    summary: str = requests[-1]["output"]["summary"]
    return summary


def table(*rows: str) -> str:
    return "\n".join(["### Causes", "", "<table>", "<tr><th></th></tr>", *rows, "</table>"])


def row(message: str = "KeyError: 1", place: str = "<code>a.py:1</code>", tests: str = "3") -> str:
    return ROW.format(message=message, place=place, tests=tests)


def cause(message: str = "KeyError: 1", place: str = "a.py:1", tests: int = 3, new: int = 0) -> SummaryCause:
    return SummaryCause(message=message, place=place, tests=tests, new=new)


@pytest.mark.parametrize(("project", "number"), [("kinds", 20), ("jinja2", 5), ("click", 0)])
def test_causes_of_real_summaries_are_found(project: str, number: int) -> None:
    summary = golden_summary(project)
    causes = causes_of(summary)
    assert len(causes) == number
    assert all(cause.message and cause.tests for cause in causes)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param(table(row()), [cause()], id="a-table"),
        pytest.param(table(row("a &lt;b&gt; | &amp;")), [cause("a <b> | &")], id="escaped"),
        pytest.param(table(row(place="several", tests="1,204")), [cause(place="", tests=1204)], id="several-places"),
        pytest.param(
            table(row(place='<a href="https://x"><code>a.py:1</code></a>')), [cause()], id="the-link-is-left-out"
        ),
        pytest.param(table(row(tests="3, 2 new")), [cause(new=2)], id="some-are-new"),
        pytest.param(table(row(tests="3, new")), [cause(new=3)], id="all-are-new"),
        pytest.param(table(row(tests="lots")), [], id="no-number"),
        pytest.param(table(row(tests="9" * 5_000)), [], id="too-many-digits"),
        pytest.param(table("<tr><td>1</td><td>2</td></tr>"), [], id="too-few-cells"),
        pytest.param(table(row())[11:], [], id="a-table-without-its-heading"),
        pytest.param(f"```diff\n{table(row())}\n```", [], id="in-a-code-block"),
        pytest.param(f"````\n```\n{table(row())}\n````\n\n{table(row('A'))}", [cause("A")], id="after-a-code-block"),
        pytest.param(
            "### Failures\n\n<details><summary><code>a.py::test_a</code> — <code>boom</code> (0.2 s)</summary>",
            [cause("boom", "a.py::test_a", 1)],
            id="a-single-failure",
        ),
        pytest.param(
            '### Failures\n\n<p><a href="https://x"><code>a.py::test_a</code></a> — failed · new</p>',
            [cause("", "a.py::test_a", 1, 1)],
            id="a-new-failure-without-a-message",
        ),
        pytest.param(
            "### Failures\n\n<p><code>a</code> — <code>x · new</code></p>", [cause("x · new", "a", 1)], id="not-new"
        ),
        pytest.param(f"### Failures\n\n<p><code>a</code> — failed</p>\n{table(row())}", [cause()], id="causes-only"),
    ],
)
def test_causes_are_read_back(summary: str, expected: list[SummaryCause]) -> None:
    assert causes_of(summary) == expected


def test_causes_of_several_checks_are_merged_with_new_ones_first() -> None:
    summaries = {
        "3.12": table(row("A", tests="9"), row("B", tests="2")),
        "3.13": table(row("A", tests="8"), row("C", tests="1, new")),
    }
    runs = [replace(REMOTE, name=name, output=Output(title="", summary=text)) for name, text in summaries.items()]
    assert merged_causes(runs) == [
        replace(cause("C", tests=1, new=1), checks=("3.13",)),
        replace(cause("A", tests=17), checks=("3.12", "3.13")),
        replace(cause("B", tests=2), checks=("3.12",)),
    ]
