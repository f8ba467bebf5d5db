from __future__ import annotations

import pytest

from checks.core.model.session import Session
from checks.core.model.settings import Passing, Settings
from checks.core.report.passing import decide
from tests.support.rules import rule
from tests.support.sessions import failed, item, session


def running_session(passed: int, bad: int, collected: int | None, files: int = 1) -> Session:
    items = [item(f"{n % files}.py::p{n}") for n in range(passed)] + [
        item(f"a.py::f{n}", call=failed()) for n in range(bad)
    ]
    session_so_far = session(*items, collected=0)
    return Session(root=session_so_far.root, items=session_so_far.items, collected=collected)


@pytest.mark.parametrize(
    ("passed", "bad", "collected", "others", "has_ended", "expected"),
    [
        pytest.param(0, 0, None, 0, False, None, id="nothing is collected yet"),
        pytest.param(0, 0, 10, 0, False, Passing.EACH, id="all may pass and fit"),
        pytest.param(0, 0, 11, 0, False, None, id="all may pass and would be too many"),
        pytest.param(0, 0, 10, 1, False, None, id="with the other notices they would be too many"),
        pytest.param(5, 1, 11, 0, False, Passing.EACH, id="enough have failed to make it fit"),
        pytest.param(5, 1, 11, 1, False, None, id="enough have failed, but for the other notices"),
        pytest.param(10, 3, 13, 0, True, Passing.EACH, id="the end: they fit"),
        pytest.param(11, 3, 14, 0, True, Passing.FILE, id="the end: they do not"),
        pytest.param(10, 0, 10, 1, True, Passing.FILE, id="the end: with the other notices they do not"),
        pytest.param(3, 0, 500, 0, True, Passing.EACH, id="the end came early: those that ran fit"),
        pytest.param(0, 3, 3, 11, True, Passing.EACH, id="the end: none passed"),
    ],
)
def test_notice_per_test_is_chosen_once_it_certainly_fits(
    passed: int, bad: int, collected: int | None, others: int, has_ended: bool, expected: Passing | None
) -> None:
    settings = Settings(max_annotations=10)
    session_so_far = running_session(passed, bad, collected)
    assert decide(settings, session_so_far, other_count=others, has_ended=has_ended) is expected


@rule("Annotations: passed, in too many files for max-annotations")
@rule("Limits: notices and warnings")
@pytest.mark.parametrize("passing", [Passing.EACH, Passing.FILE])
@pytest.mark.parametrize(
    ("files", "others", "expected"),
    [(10, 0, Passing.FILE), (11, 0, Passing.NONE), (9, 1, Passing.FILE), (10, 1, Passing.NONE)],
)
def test_notice_per_file_is_chosen_if_it_fits(passing: Passing, files: int, others: int, expected: Passing) -> None:
    settings = Settings(passing=passing, max_annotations=10)
    ended = running_session(22, 3, 25, files=files)
    assert decide(settings, ended, other_count=others, has_ended=True) is expected


def test_notices_per_file_are_decided_on_at_the_end() -> None:
    assert decide(Settings(passing=Passing.FILE), running_session(1, 0, 2), other_count=0, has_ended=False) is None


@pytest.mark.parametrize("has_ended", [True, False])
def test_no_notices_are_decided_on_at_once(has_ended: bool) -> None:
    settings = Settings(passing=Passing.NONE)
    assert decide(settings, Session(), other_count=0, has_ended=has_ended) is Passing.NONE
