"""Remains of secrets next to truncations by the plugin, pytest and unittest are redacted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.core.redaction.redactor import Redactor
from tests.support.fragments import fragments
from tests.support.rules import rule
from tests.support.runner.plugin_run import PluginRun

SECRET = "Purple monkeys wash dishes quickly"

#: Each puts the secret, shifted by `n`, where something truncates it.
TRUNCATING = """
import os
import unittest

import pytest

SECRET = os.environ["MY_PASSWORD"]


class Shown:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


def fails():
    raise ValueError("raised")


@pytest.mark.parametrize("n", range(0, 40, 5))
class TestCuts:
    def test_a_long_string(self, n):
        local = "~" * (200 + n) + SECRET + "~" * 300
        data = local.encode()
        fails()

    def test_long_items(self, n):
        local = ["~" * n + SECRET] * 5 + [{"key": "~" * n + SECRET}] * 10
        other = {"key": Shown("~" * n + SECRET + "~" * 300)}
        fails()

    def test_a_long_representation(self, n):
        local = Shown("~" * (100 + n) + SECRET + "~" * 300)
        other = Shown("~" * 230 + "~" * n + SECRET + "~" * 300 + SECRET + "~" * (240 - n))
        fails()

    def test_a_long_message(self, n):
        raise ValueError("~" * (8_000 - n) + SECRET + "~" * 12_000)

    def test_a_long_message_in_lines(self, n):
        raise ValueError("~" * (7_000 - n) + "\\n" + ("~" * n + SECRET + "\\n") * 300)

    def test_much_output(self, n):
        print("~" * (7_990 - n), SECRET, "~" * 1_000, SECRET, "~" * (7_990 - n))
        fails()

    def test_a_comparison(self, n):
        assert "~" * n + SECRET + "~" * 300 == "~" * n + SECRET + "~" * 300 + "!"

    def test_a_comparison_of_what_begins_alike(self, n):
        assert "~" * 50 + SECRET + "~" * n + "!" == "~" * 50 + SECRET + "~" * n + "?"

    def test_a_comparison_of_what_ends_alike(self, n):
        assert "!" + "~" * n + SECRET + "~" * 50 == "?" + "~" * n + SECRET + "~" * 50

    def test_a_comparison_of_lists(self, n):
        assert ["~" * n + SECRET, 1] == ["~" * n + SECRET, 2]

    def test_what_is_not_to_be_found(self, n):
        assert "!!" not in "~" * 50 + SECRET + "~" * (n % 12) + "!!" + "~" * (n % 12) + SECRET + "~" * 50

    def test_unittest(self, n):
        unittest.TestCase().assertEqual("~" * n + SECRET + "~" * 60, "~" * n + SECRET + "~" * 60 + "!")

    def test_unittest_of_lists(self, n):
        unittest.TestCase().assertIn(1, ["~" * n + SECRET] * 5)
"""


def texts(value: Any) -> Iterator[str]:
    """Return all texts at any depth."""
    match value:
        case str():
            yield value
        case dict() | list():
            for inner in value.values() if isinstance(value, dict) else value:
                yield from texts(inner)
        case _:
            pass


@rule("Secrets that redaction must find: truncated by the plugin,")
@pytest.mark.slow
@pytest.mark.parametrize("colour", ["yes", "no"])
def test_ends_of_a_truncated_secret_are_redacted(colour: str, tmp_path: Path) -> None:
    run = PluginRun(
        project={"test_cuts.py": TRUNCATING}, environ={"MY_PASSWORD": SECRET}, arguments=[f"--color={colour}"]
    )
    result = run.run(tmp_path)
    redact = Redactor([SECRET])
    entries = [json.loads(line) for line in result.lines if line.strip()]
    names = {entry["test"]: entry["nodeid"] for entry in entries if entry["event"] == "test"}
    failed = [entry for entry in entries if entry.get("category") == "failed"]
    assert len(failed) == len(names) > 100
    leaking_entries = [entry for entry in failed if fragments(SECRET) & set().union(*map(fragments, texts(entry)))]
    assert len({names[entry["test"]].partition("[")[0] for entry in leaking_entries}) == TRUNCATING.count(
        "    def test_"
    )
    leaked = {
        (names[entry["test"]], fragment)
        for entry in failed
        for text in texts(redact.redact_json(entry))
        for fragment in fragments(SECRET) & fragments(text)
    }
    assert leaked == set()
    assert fragments(SECRET) & set().union(*map(fragments, texts(redact.redact_json(result.report)))) == set()
