from __future__ import annotations

import pytest

from checks.core.model.session import Session
from checks.core.model.settings import Passing, Settings
from checks.core.report.passing import decide
from tests.support.sessions import failed, item, session


def running_session(passed: int, bad: int, collected: int | None) -> Session:
    items = [item(f"a.py::p{n}") for n in range(passed)] + [item(f"a.py::f{n}", call=failed()) for n in range(bad)]
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
    ],
)
def test_notice_per_test_is_chosen_once_it_certainly_fits(
    passed: int, bad: int, collected: int | None, others: int, has_ended: bool, expected: Passing | None
) -> None:
    settings = Settings(max_annotations=10)
    session_so_far = running_session(passed, bad, collected)
    assert decide(settings, session_so_far, other_count=others, has_ended=has_ended) is expected


@pytest.mark.parametrize("passing", [Passing.FILE, Passing.NONE])
@pytest.mark.parametrize("has_ended", [True, False])
def test_other_settings_are_returned_at_once(passing: Passing, has_ended: bool) -> None:
    assert decide(Settings(passing=passing), Session(), other_count=0, has_ended=has_ended) is passing
