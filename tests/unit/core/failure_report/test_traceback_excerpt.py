from __future__ import annotations

import pytest

from checks.core.failure_report.traceback_excerpt import excerpt

ENTRIES = [f"src/app.py:{n}: in call\n    step()\n  > call({n})\n      n = {n}\n" for n in range(1, 51)]
TRACEBACK = f"{''.join(ENTRIES)}E   ValueError: 3"


@pytest.mark.parametrize("limit", [*range(0, 600, 7), 3_000, 10_000])
def test_excerpt_fits_and_ends_with_the_exception(limit: int) -> None:
    text = excerpt(TRACEBACK, "src/app.py:3", limit)
    assert len(text.encode()) <= limit
    assert text.endswith("E   ValueError: 3") or (text == "" and limit < 120)


def test_entry_of_the_place_is_kept() -> None:
    assert excerpt(TRACEBACK, "src/app.py:3", 160) == f"…\n{ENTRIES[2]}…\n{ENTRIES[49]}E   ValueError: 3"


def test_last_entries_fill_the_room() -> None:
    assert excerpt(TRACEBACK, "", 280) == f"…\n{''.join(ENTRIES[-4:])}E   ValueError: 3"


def test_traceback_that_fits_is_unchanged() -> None:
    assert excerpt(TRACEBACK, "", len(TRACEBACK.encode())) == TRACEBACK


def test_long_entry_keeps_whole_lines_of_both_ends() -> None:
    values = "".join(f"      value_{n} = {n}\n" for n in range(100))
    text = excerpt(f"src/app.py:1: in call\n{values}E   ValueError: 3", "", 150)
    first, *_, last = text.splitlines()
    assert (first, last, "\n…\n" in text) == ("src/app.py:1: in call", "E   ValueError: 3", True)
