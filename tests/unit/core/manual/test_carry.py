"""Which verdicts are carried over to a new commit, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.manual.carry import (
    MOST_FILES,
    Changes,
    NotCarried,
    carried,
    choose_verdict,
    decide_carry,
    force_pushed,
)
from checks.core.model.manual import ManualRecord, VerdictSource
from tests.support.rules import rule
from tests.unit.core.manual.manual_runs import FAILED, PASSED, REQUEST, WAITING, WITHDRAWN, manual_remote

DIGEST = PASSED.instructions
OLD = "c0ffee1" + "0" * 33
ELSEWHERE = replace(PASSED, commit=OLD)
TERMINAL = replace(PASSED, request=replace(REQUEST, source=VerdictSource.TERMINAL))
COMMENT = replace(PASSED, request=replace(REQUEST, source=VerdictSource.COMMENT))
FORK = replace(PASSED, is_fork=True)
NOTHING = "Nothing is carried over: "
ON_COMMIT = "commit c0ffee1, on which octocat passed the check"
CHANGED = f"that `carry` names changed since {ON_COMMIT}"


def chosen(*records: ManualRecord, instructions: str = DIGEST) -> ManualRecord | str:
    """Return the verdict, or the reason, by the newest runs of commits, the nearest first."""
    choice = choose_verdict([manual_remote(record) for record in records], instructions)
    return choice.reason if isinstance(choice, NotCarried) else choice


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ([PASSED], PASSED),
        ([COMMENT], COMMENT),
        ([ELSEWHERE], ELSEWHERE),
        ([WAITING, WAITING, PASSED], PASSED),
        ([PASSED, FAILED], PASSED),
    ],
)
def test_nearest_pass_of_a_person_may_be_carried(records: list[ManualRecord], verdict: ManualRecord) -> None:
    assert chosen(*records) == verdict


@rule("Carrying verdicts over: none")
def test_without_a_verdict_there_is_nothing_to_say() -> None:
    assert chosen() == chosen(WAITING) == chosen(WAITING, WAITING) == ""


@rule("Carrying verdicts over: a failure, or Undo")
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (FAILED, "on commit aaaaaaa, octocat failed the check."),
        (WITHDRAWN, "on commit aaaaaaa, octocat asked for a verdict again."),
    ],
)
def test_failure_and_undo_hide_earlier_passes(record: ManualRecord, reason: str) -> None:
    assert chosen(WAITING, record, PASSED) == NOTHING + reason


@rule("Carrying verdicts over: a pass from a terminal")
def test_pass_from_a_terminal_is_not_carried() -> None:
    assert chosen(TERMINAL, PASSED) == NOTHING + "the verdict on commit aaaaaaa came from a terminal."


@rule("Carrying verdicts over: a pass of a fork's commit")
def test_pass_of_a_fork_is_not_carried() -> None:
    assert chosen(FORK, PASSED) == NOTHING + "the verdict on commit aaaaaaa is about a fork's code."


def test_other_instructions_are_asked_about() -> None:
    reason = "the instructions have changed since commit aaaaaaa, on which octocat passed the check."
    assert chosen(PASSED, instructions="0123456789ab") == NOTHING + reason


def test_person_is_named_without_a_mention() -> None:
    hostile = replace(FAILED, request=replace(REQUEST, by="@octo/team *x*"))
    assert "@\u200bocto/team \\*x\\* passed the check" in chosen(hostile, instructions="0123456789ab")  # type: ignore[operator]


def changes(*files: str, status: str = "ahead") -> Changes:
    """Return changes of files; ``old>new`` is a renamed one."""
    return Changes(status=status, files=tuple(tuple(file.split(">")[::-1]) for file in files))


@pytest.mark.parametrize(
    ("changed", "patterns"),
    [
        (changes(status="identical"), ["**"]),
        (changes(), ["**"]),
        (changes("docs/a.md"), ["src/**"]),
        (changes(*(f"docs/{number}.md" for number in range(MOST_FILES - 1))), ["src/**"]),
        (changes("docs/a.md>docs/b.md"), ["src/**", "*.py"]),
    ],
)
def test_verdict_is_carried_if_no_matching_file_changed(changed: Changes, patterns: list[str]) -> None:
    assert decide_carry(ELSEWHERE, changed, patterns) == ""


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (changes("src/a.py", "README.md"), f"1 file {CHANGED}: `src/a.py`."),
        (changes("src/a.py>lib/a.py"), f"1 file {CHANGED}: `lib/a.py`."),
        (changes("lib/a.py>src/a.py"), f"1 file {CHANGED}: `src/a.py`."),
        (changes(*(f"src/{name}" for name in "abcde")), f"5 files {CHANGED}: `src/a`, `src/b`, `src/c` and 2 more."),
        (changes("src/`@octo`"), f"1 file {CHANGED}: `` src/`@octo` ``."),
        (
            changes(*(f"docs/{number}.md" for number in range(MOST_FILES))),
            f"at least 300 files have changed since {ON_COMMIT}, and GitHub lists no more.",
        ),
    ],
)
def test_changes_ask_again_and_are_named(changed: Changes, reason: str) -> None:
    assert decide_carry(ELSEWHERE, changed, ["src/**"]) == NOTHING + reason


@pytest.mark.parametrize("status", ["diverged", "behind", ""])
def test_commit_that_is_no_ancestor_asks_again(status: str) -> None:
    reason = decide_carry(ELSEWHERE, changes(status=status), ["src/**"])
    assert reason == (
        "Nothing is carried over: commit c0ffee1, on which octocat passed the check, is not part of this branch, as "
        "after a squashed merge or a force-push."
    )


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (None, ""),
        (WAITING, ""),
        (PASSED, "commit aaaaaaa, on which octocat passed the check"),
        (FAILED, "commit aaaaaaa, on which octocat failed the check"),
        (WITHDRAWN, "commit aaaaaaa, on which octocat asked for a verdict again"),
    ],
)
def test_dropped_commit_counts_if_somebody_has_decided_there(record: ManualRecord | None, words: str) -> None:
    reason = force_pushed(manual_remote(record) if record else None)
    assert words in reason
    assert bool(reason) is bool(words)


def test_carried_check_links_what_has_changed() -> None:
    found = carried(ELSEWHERE, changes("docs/a.md", "b.md"), "https://x/compare")
    assert found.record == ELSEWHERE
    since = "[2 changed files](https://x/compare) since commit c0ffee1"
    assert found.note == f"Carried over: {since}, and `carry` names none of them."
