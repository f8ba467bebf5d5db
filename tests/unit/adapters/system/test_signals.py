from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from checks.adapters.system.signals import Cancel


@pytest.fixture
def cancel() -> Iterator[Cancel]:
    numbers = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
    previous_handlers = [signal.getsignal(number) for number in numbers]
    installed = Cancel()
    installed.install()
    yield installed
    for number, handler in zip(numbers, previous_handlers, strict=True):
        signal.signal(number, handler)


def test_cancel_is_not_set_without_a_signal(cancel: Cancel) -> None:
    assert (cancel.is_set(), cancel.seconds_ago(), cancel.wait(0.0)) == (False, 0.0, False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_sets_cancel_and_ends_waits(cancel: Cancel, number: signal.Signals) -> None:
    signal.raise_signal(number)
    assert cancel.is_set()
    assert cancel.wait(600.0)


def test_seconds_count_from_the_first_signal(cancel: Cancel) -> None:
    signal.raise_signal(signal.SIGINT)
    earlier_seconds = cancel.seconds_ago()
    signal.raise_signal(signal.SIGTERM)
    assert 0.0 < earlier_seconds < cancel.seconds_ago()


def test_hangup_stays_ignored_as_by_nohup(cancel: Cancel) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    cancel.install()
    signal.raise_signal(signal.SIGHUP)
    assert not cancel.is_set()
