"""The keys that redaction protects are those that the tests' process uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.core.redaction.redactor import PROTECTED_KEYS, PROTECTED_WORDS, WORD_KEYS, Redactor
from tests.support.runner.plugin_run import PluginRun


def keys(value: Any) -> Iterator[str]:
    """Return all keys at any depth."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(inner)


@pytest.mark.slow
def test_stream_and_report_use_only_protected_keys_and_words(tmp_path: Path) -> None:
    result = PluginRun(project="kinds", arguments=["--reruns=1"], autoload=True).run(tmp_path)
    entries = [json.loads(line) for line in result.lines if line.strip()]
    assert {key for entry in [*entries, result.report] for key in keys(entry)} - PROTECTED_KEYS == set()
    words = {entry[key] for entry in entries for key in WORD_KEYS if key in entry and entry["event"] == "stage"}
    assert words - PROTECTED_WORDS - {""} == set()
    assert {entry["event"] for entry in entries} <= PROTECTED_WORDS


def test_pattern_that_matches_protected_words_loses_no_result(tmp_path: Path) -> None:
    only = ["test_a.py::test_bad", "test_a.py::test_gone"]
    result = PluginRun(project={"test_a.py": "def test_bad(): assert 0\n"}, only=only).run(tmp_path)
    redact = Redactor(patterns=[r"\w+"])
    for entry in (json.loads(line) for line in result.lines if line.strip()):
        redacted = redact.redact_json(entry)
        assert list(redacted) == list(entry)
        assert {key: redacted[key] for key in WORD_KEYS & redacted.keys()} == {
            key: entry[key] for key in WORD_KEYS & entry.keys()
        }
