"""Messages, docstrings and pages are in plain words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.texts import Message, messages

ROOT = Path(__file__).parents[1]
RETIRED = re.search(r"```text\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
PHRASES = [phrase for phrase in re.split(r",\s|\n", RETIRED[1] if RETIRED else "") if phrase]
PAGES = [page for folder in (".", "docs", "examples") for page in sorted((ROOT / folder).glob("*.md"))]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)
#: A phrase may begin a sentence; None is Python's.
PATTERN = re.compile("|".join(rf"(?<!\w)[{p[0]}{p[0].upper()}]{re.escape(p[1:])}(?!\w)" for p in PHRASES))


def test_retired_phrases_are_listed() -> None:
    assert len(PHRASES) > 20


@pytest.mark.parametrize("message", messages(), ids=lambda message: f"{message.path}:{message.line}")
def test_message_has_no_retired_phrase(message: Message) -> None:
    assert PATTERN.findall(message.text) == []


@pytest.mark.parametrize("path", sorted((ROOT / "checks").rglob("*.py")), ids=lambda path: path.stem)
def test_docstring_has_no_retired_phrase(path: Path) -> None:
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, DOCUMENTED)]
    assert [found for node in nodes for found in PATTERN.findall(ast.get_docstring(node) or "")] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_page_has_no_retired_phrase(path: Path) -> None:
    assert PATTERN.findall(path.read_text().replace(RETIRED[0] if RETIRED else "", "")) == []


def test_every_value_in_a_message_has_an_example() -> None:
    assert [message for message in messages() if "‹" in message.text] == []
