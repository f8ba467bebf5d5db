"""When pytest hears which tests to run first, and what the check says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from checks.core.history.test_key import keys
from checks.core.model.history import Base, NoBase
from checks.core.rerun.previous_run import LoadFailure, PreviousRun
from checks.programs.run.base_answer import BaseAnswer
from checks.programs.run.failed_first import FailedFirst
from tests.support.bases import base_of
from tests.support.fakes import FakeClock
from tests.support.rules import rule
from tests.support.sessions import failed, item, session

BASE = base_of(session(item("a.py::t1", call=failed()), item("a.py::t2")))
RESULTS = session(item("a.py::t1"))
IN_ORDER = "The tests ran in the order of their collection: "
LATE = f"{IN_ORDER}GitHub did not name in time what failed before."


def no_annotation() -> None:
    raise AssertionError("not needed")


PREVIOUS: Mapping[str, LoadFailure] = {"a.py::t7": no_annotation}  # type: ignore[dict-item]


class Order:
    """A job in which the base is found after some looks."""

    def __init__(
        self, *found: Base | NoBase | None, previous: PreviousRun | None = None, is_in_time: bool = True
    ) -> None:
        self.received: list[frozenset[int]] = []
        self.is_in_time = is_in_time
        self._found = [*found]
        answer = BaseAnswer(self._look_up if found else None, FakeClock())
        previous_run = previous or PreviousRun()
        self.failed_first = FailedFirst(is_on=True, answer=answer, previous_run=previous_run, run_first=self._run_first)
        feed = self.failed_first.before(lambda _: None)
        for _ in range(3):
            feed(())

    @property
    def texts(self) -> list[str]:
        return [remark.text for remark in self.failed_first.remarks(RESULTS)]

    def _look_up(self, until: float) -> Base | NoBase | None:
        del until
        return self._found.pop(0) if len(self._found) > 1 else self._found[0]

    def _run_first(self, tests: frozenset[int]) -> bool:
        self.received.append(tests)
        return self.is_in_time


@rule("Failed tests first: a re-run")
def test_failures_of_the_previous_run_come_before_the_base() -> None:
    order = Order(None, previous=PreviousRun(failures=PREVIOUS))
    assert (order.received, order.texts) == ([frozenset(keys(["a.py::t7"]))], [])


def test_base_is_named_once_as_soon_as_it_is_known() -> None:
    order = Order(None, None, BASE)
    assert (order.received, order.texts) == ([frozenset(keys(["a.py::t1"]))], [])
    ancestor = replace(BASE, instead_of="it is in progress")
    assert Order(ancestor, previous=PreviousRun()).received == order.received


@rule("Failed tests first: what failed before is unknown")
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order(None), LATE),
        (Order(BASE, is_in_time=False), LATE),
        (Order(NoBase(reason="the branch topic is new")), f"{IN_ORDER}the branch topic is new."),
        (Order(NoBase(reason="the branch topic is new"), is_in_time=False), f"{IN_ORDER}the branch topic is new."),
        (Order(), f"{IN_ORDER}the results are compared with nothing."),
    ],
    ids=["silent", "late", "no base", "late and no base", "nothing compared"],
)
def test_summary_says_why_the_order_is_as_collected(order: Order, expected: str) -> None:
    assert order.texts == [expected]


def test_pytest_does_not_wait_if_nothing_can_be_known() -> None:
    assert Order(NoBase(reason="x")).received == Order().received == [frozenset()]


def test_summary_says_why_there_is_no_effect_under_xdist() -> None:
    results = replace(RESULTS, grouped_by="loadscope")
    (remark,) = Order(None).failed_first.remarks(results)
    assert remark.text == "`failed-first` has no effect with `--dist=loadscope`."


def test_nothing_is_said_or_done_without_tests_or_the_input() -> None:
    assert [*Order(None).failed_first.remarks(session())] == []
    order = replace(Order(None).failed_first, is_on=False)
    assert [*order.remarks(RESULTS)] == []
    assert order.before(print) is print
