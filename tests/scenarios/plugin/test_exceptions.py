"""Exceptions of any shape are described, at a cost that grows with their size."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from tests.support.growth import cpu_seconds, is_linear
from tests.support.runner.plugin_run import CHILD


@pytest.fixture
def tracebacks(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the plugin's `Tracebacks` for this session."""
    monkeypatch.syspath_prepend(CHILD.parent)
    monkeypatch.setattr(pytestconfig.option, "check_runs_locals", True, raising=False)
    return importlib.import_module("pytest_check_runs_tracebacks").Tracebacks(pytestconfig)


@pytest.mark.parametrize("text", ["x", "a:", "a.py:3 ", 'File "'])
def test_places_of_a_long_message_are_found_in_linear_time(text: str, tracebacks: Any) -> None:
    """A message may be a long value without a space."""
    half_seconds = cpu_seconds(lambda: tracebacks.places_in(text * 10_000))
    whole_seconds = cpu_seconds(lambda: tracebacks.places_in(text * 20_000))
    assert is_linear(half_seconds, whole_seconds)


@pytest.mark.parametrize("line", ['  File "{}", line 7, in work', "{}:7: in work", "E   {}:7", 'at "{}:7"', "a:b:{}:7"])
def test_place_begins_at_a_word(line: str, tracebacks: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.touch()
    assert tracebacks.places_in("x" * 1_000 + "\n" + line.format(path)) == [(str(path), 7)]
