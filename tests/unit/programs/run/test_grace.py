"""How long a cancelled job waits for requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from checks.programs.run.grace import AbandonedError, abandon_on_cancel


@dataclass
class Cancelled:
    """A cancellation, so many seconds ago."""

    seconds: float

    def is_set(self) -> bool:
        return True

    def seconds_ago(self) -> float:
        return self.seconds


@pytest.mark.parametrize(("after_seconds", "seconds"), [(0.0, 0.0), (4.0, 4.0)])
def test_hanging_request_is_abandoned_in_time(after_seconds: float, seconds: float) -> None:
    answer = threading.Event()
    with pytest.raises(AbandonedError):
        abandon_on_cancel(answer.wait, Cancelled(seconds), after_seconds)
    answer.set()


def test_request_that_ends_in_time_has_its_result() -> None:
    assert abandon_on_cancel(lambda: threading.Event().wait(0.2), Cancelled(3.9)) is False
