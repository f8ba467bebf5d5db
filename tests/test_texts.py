"""Messages, docstrings and pages are in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.texts import Message, messages

ROOT = Path(__file__).parents[1]
RETIRED = re.search(r"```text\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
PHRASES = [phrase for phrase in re.split(r",\s|\n", RETIRED[1] if RETIRED else "") if phrase]
PATTERN = re.compile("|".join(rf"(?<!\w){re.escape(phrase)}(?!\w)" for phrase in PHRASES), re.IGNORECASE)


def test_retired_phrases_are_listed() -> None:
    assert len(PHRASES) > 20


@pytest.mark.parametrize("message", messages(), ids=lambda message: f"{message.path}:{message.line}")
def test_message_has_no_retired_phrase(message: Message) -> None:
    assert PATTERN.findall(message.text) == []


def test_every_value_in_a_message_has_an_example() -> None:
    assert [message for message in messages() if "‹" in message.text] == []
