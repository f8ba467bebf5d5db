"""A whole run that is compared with a base, of which the look-up is made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checks.core.github import external_id
from checks.core.history.make_record import selection_of
from checks.core.model.errors import ExitStatus
from checks.core.model.history import Base, NoBase
from checks.core.model.identity import RunKind
from checks.core.model.item import Item
from checks.core.model.settings import Credentials, FailOn, Settings
from tests.support.bases import PAGE, base_of
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.runner.rehearsal import RecordedWorkspace, Rehearsal, Replay, recorded
from tests.support.sessions import error, failed, item, session

TESTS = """
import pytest

@pytest.fixture
def broken(): raise OSError("no till")

def test_known(): assert "a" == "b"
def test_other(): assert 1 == 2
def test_setup(broken): pass
def test_fixed(): pass
@pytest.mark.skip(reason="later")
def test_skipped(): pass
"""
LINK = f"[main at c0ffee1]({PAGE})"
SELECTION = selection_of((), ".", "")
NAMES = ("known", "other", "setup", "fixed", "skipped")
KNOWN, OTHER, SETUP, FIXED, SKIPPED = (f"test_it.py::test_{name}" for name in NAMES)


def base_with(*items: Item) -> Base:
    """Return a base with these tests and others that differ from those of the run."""
    others = [item(FIXED, call=failed()), item(SKIPPED), item("test_it.py::test_removed")]
    return base_of(
        session(item(KNOWN, call=failed()), item(SETUP, setup=error()), *items, *others), selection=SELECTION
    )


#: Of the failing tests, the one passed; the base without it has all failures.
NEW, SAME = base_with(item(OTHER)), base_with(item(OTHER, call=failed()))


def run(rehearsal: Rehearsal, base: Base | NoBase | None, fail_on: FailOn = FailOn.ANY) -> ExitStatus:
    rehearsal.look_up_base = lambda _: base
    recording = recorded(TESTS)
    tests = Replay(recording, rehearsal.clock, chunks=1)
    workspace = RecordedWorkspace(recorded_repository=recording.repository, tests=tests)
    return rehearsal.run(workspace, Settings(fail_on=fail_on))


def last_lines(github: GithubServer) -> dict[str, str]:
    """Return what follows the first line of each failure's message."""
    failures = [annotation for annotation in github.annotations() if annotation["annotation_level"] == "failure"]
    return {annotation["title"]: annotation["message"].partition("\n")[2] for annotation in failures}


def failure_report(folder: Path) -> tuple[str, dict[str, Any]]:
    texts = [(folder / ".check-run" / f"failures.{suffix}").read_text() for suffix in ("md", "json")]
    return texts[0], {failure["nodeid"]: failure["base"] for failure in json.loads(texts[1])["failures"]}


def test_check_says_everywhere_what_the_base_does(github: GithubServer, tmp_path: Path) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    assert run(rehearsal, NEW, FailOn.NEW) is ExitStatus.FAILED
    output = github.run["output"]
    assert output["title"].startswith("2 failed, 1 error (3 causes, 1 new), 1 passed, 1 skipped")
    line = f"1 new · 1 fixed · 2 also failing on {LINK} · 1 removed · 1 newly skipped · -2 passed, +1 skipped"
    assert f"\n\n{line}\n\n" in output["summary"]
    assert f"\n\n{line}\n\n" in rehearsal.summary
    assert "<summary>Removed tests: 1</summary>\n\n```\ntest_it.py::test_removed\n```" in output["summary"]
    assert "Failing tests that count with `fail-on: new`: 1 of 3. The base main at c0ffee1 " in output["summary"]
    assert last_lines(github) == {
        KNOWN: "Also fails on main at c0ffee1.",
        OTHER: "New: passed on main at c0ffee1.",
        SETUP: "Also fails on main at c0ffee1.",
    }
    names = ("conclusion", "new-failures", "fixed", "removed-tests")
    assert [rehearsal.outputs[name] for name in names] == ["failure", "1", "1", "1"]
    report, states = failure_report(tmp_path)
    assert states == {KNOWN: "failing", OTHER: "new", SETUP: "failing"}
    assert ["1 test (new)" in line for line in report.splitlines() if line.startswith("## Cause")].count(True) == 1


@pytest.mark.parametrize("fail_on", [FailOn.NEW, FailOn.NONE])
def test_forgiven_failures_make_a_neutral_check_and_a_passing_step(
    github: GithubServer, tmp_path: Path, fail_on: FailOn
) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    assert run(rehearsal, SAME, fail_on) is ExitStatus.PASSED
    assert (github.run["conclusion"], rehearsal.outputs["conclusion"]) == ("neutral", "neutral")
    assert github.run["output"]["title"].startswith("2 failed, 1 error (3 causes, 0 new), ")
    assert last_lines(github) == dict.fromkeys([KNOWN, OTHER, SETUP], "Also fails on main at c0ffee1.")
    assert f"3 failing tests forgiven by `fail-on: {fail_on}`" in github.run["output"]["summary"]
    identity = external_id.parse(github.run["external_id"])
    assert identity is not None
    assert (identity.kind, identity.counts.failed) == (RunKind.COMPLETE, 3)


def test_failures_count_with_github_token(github: GithubServer, tmp_path: Path) -> None:
    rehearsal = Rehearsal(github, tmp_path, Credentials(github_token=github.world.actions_token(REPOSITORY)))
    assert run(rehearsal, SAME, FailOn.NEW) is ExitStatus.FAILED
    assert "because with `github-token`, every workflow of the repository can write" in github.run["output"]["summary"]


@pytest.mark.parametrize("base", [None, NoBase(reason="main at c0ffee1 is still running")])
def test_run_without_a_base_says_so_in_half_a_line(github: GithubServer, tmp_path: Path, base: NoBase | None) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    assert run(rehearsal, base) is ExitStatus.FAILED
    reason = "GitHub did not name the base in time" if base is None else base.reason
    assert "new" not in github.run["output"]["title"]
    assert github.run["output"]["summary"].count("ompared") == 1
    assert f"\n\nNot compared: {reason}." in github.run["output"]["summary"]
    assert {*last_lines(github).values()} == {""}
    assert [rehearsal.outputs[name] for name in ("new-failures", "fixed", "removed-tests")] == [""] * 3
    assert {*failure_report(tmp_path)[1].values()} == {None}
