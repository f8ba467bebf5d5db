"""Exceptions of any shape are described, at a cost that grows with their size."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.growth import cpu_seconds, is_linear
from tests.support.rules import rule
from tests.support.runner.environments import environment
from tests.support.runner.plugin_run import CHILD, PluginRun


@pytest.fixture
def tracebacks(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the plugin's `Tracebacks` for this session."""
    monkeypatch.syspath_prepend(CHILD.parent)
    config = SimpleNamespace(
        rootpath=pytestconfig.rootpath,
        invocation_params=pytestconfig.invocation_params,
        pluginmanager=pytestconfig.pluginmanager,
        getoption={"check_runs_locals": True}.get,
    )
    return importlib.import_module("pytest_check_runs_tracebacks").Tracebacks(config)


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


def raised_in_attempts(count: int) -> BaseException:
    """Return what nested attempts raise: each a group of ten errors, while the previous one's is handled."""
    raised: BaseException = ValueError("first cause")
    for attempt in range(1, count + 1):
        errors = [OSError(f"host {number} of attempt {attempt}") for number in range(10)]
        for error in errors:
            error.__cause__ = raised
        group = ExceptionGroup(f"attempt {attempt}", errors)
        group.__context__ = raised
        raised = group
    return raised


def test_causes_that_exceptions_share_are_shown_once(tracebacks: Any) -> None:
    text = tracebacks.text(raised_in_attempts(3))
    assert text.count("ValueError: first cause\n") == 1
    assert [text.count(f"ExceptionGroup: attempt {number} (10 sub-exceptions)\n") for number in (1, 2, 3)] == [1, 1, 1]
    assert [text.count(f"OSError: host 9 of attempt {number}") for number in (1, 2, 3)] == [1, 1, 1]


def test_exceptions_that_share_causes_are_shown_in_linear_time(tracebacks: Any) -> None:
    """Showing the causes again for each exception of a group would take ten times as long for each attempt."""
    few, many = raised_in_attempts(4), raised_in_attempts(8)
    half_seconds = cpu_seconds(lambda: tracebacks.text(few))
    whole_seconds = cpu_seconds(lambda: tracebacks.text(many))
    assert is_linear(half_seconds, whole_seconds)


class NoErrors(Exception):  # noqa: N818 - a collection of errors
    def __len__(self) -> int:
        return 0


def test_exception_that_is_false_is_located_as_a_cause(tracebacks: Any) -> None:
    wrapper = RuntimeError("by a plugin")
    try:
        raise NoErrors
    except NoErrors as error:
        wrapper.__cause__ = error
        line = error.__traceback__.tb_lineno if error.__traceback__ else 0
    assert tracebacks.places(wrapper) == [(__file__, line)]


def from_none() -> None:
    try:
        raise ValueError("the cause")
    except ValueError:
        raise RuntimeError("of the project") from None


@rule("Annotations: raised by pytest.raises, whose exception or message is another")
@pytest.mark.parametrize("match", [{"match": "other"}, {"check": lambda _: False}], ids=["match", "check"])
def test_exception_that_pytest_raises_did_not_match_is_shown(match: Any, tracebacks: Any) -> None:
    with pytest.raises(AssertionError) as mismatch, pytest.raises(RuntimeError, **match):
        from_none()
    text = tracebacks.text(mismatch.value)
    errors = re.findall(r"^E   (\w+)", text, re.MULTILINE)
    assert errors[:2] == ["RuntimeError", "AssertionError"]  # without the ValueError that the project suppressed
    assert "in from_none\n" in text
    assert "\n\nDuring handling of the above exception, another exception occurred:\n\n" in text


MISMATCH = """
import pytest

def work():
    raise ValueError("the cause")

def test_a():
    with pytest.raises(ValueError, match="other"):
        work()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("python", "version"), [("3.8", "7.4"), ("3.11", "8.4"), ("3.13", "9")])
def test_mismatch_of_every_pytest_shows_what_was_raised(python: str, version: str, tmp_path: Path) -> None:
    result = PluginRun(project={"test_a.py": MISMATCH}, python=environment(python, version)).run(tmp_path)
    (text,) = (stage.details.traceback for stage in result.item("::test_a").stages if stage.details)
    assert re.findall(r"^E   (?:ValueError|AssertionError)|: in work$", text, re.MULTILINE) == [
        ": in work",
        "E   ValueError",
        "E   AssertionError",
    ]
