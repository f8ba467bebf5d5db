"""Messages, docstrings and pages are in plain words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.support.texts import messages

ROOT = Path(__file__).parents[1]
RETIRED = re.search(r"```text\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
PHRASES = [phrase for phrase in re.split(r",\s|\n", RETIRED[1] if RETIRED else "") if phrase]
PAGES = [page for folder in (".", "docs", "examples") for page in sorted((ROOT / folder).glob("*.md"))]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)
#: A phrase may begin a sentence; None is Python's.
PATTERN = re.compile("|".join(rf"(?<!\w)[{p[0]}{p[0].upper()}]{re.escape(p[1:])}(?!\w)" for p in PHRASES))


def test_retired_phrases_are_listed() -> None:
    assert len(PHRASES) > 20


def test_messages_have_no_retired_phrase() -> None:
    assert [message for message in messages() if PATTERN.search(message.text)] == []


def test_docstrings_have_no_retired_phrase() -> None:
    paths = sorted((ROOT / "checks").rglob("*.py"))
    nodes = [(path, node) for path in paths for node in ast.walk(ast.parse(path.read_text()))]
    docstrings = [(path.name, ast.get_docstring(node) or "") for path, node in nodes if isinstance(node, DOCUMENTED)]
    assert [(name, found) for name, text in docstrings for found in PATTERN.findall(text)] == []


def test_pages_have_no_retired_phrase() -> None:
    texts = {page.name: page.read_text().replace(RETIRED[0] if RETIRED else "", "") for page in PAGES}
    assert [(name, found) for name, text in texts.items() for found in PATTERN.findall(text)] == []


def test_every_value_in_a_message_has_an_example() -> None:
    assert [message for message in messages() if "‹" in message.text] == []
