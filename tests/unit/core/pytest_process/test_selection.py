from __future__ import annotations

import json

import pytest

from checks.core.pytest_process.selection import selection_json
from checks.core.redaction.redactor import Redactor


@pytest.mark.parametrize(
    ("title", "ids"),
    [
        pytest.param("a.py::t", ["a.py::t"], id="an id"),
        pytest.param("a.py::t (i=1)", ["a.py::t (i=1)", "a.py::t"], id="a subtest"),
        pytest.param("a.py::t[b c] d", ["a.py::t[b c] d", "a.py::t[b c]", "a.py::t[b"], id="blanks in both"),
        pytest.param("my tests/a.py::t d", ["my tests/a.py::t d", "my tests/a.py::t"], id="a blank in the path"),
        pytest.param("a.py::C::t x::y", ["a.py::C::t x::y", "a.py::C::t"], id="colons in both"),
        pytest.param("my tests/a.py", ["my tests/a.py"], id="a file"),
        pytest.param("", [""], id="nothing"),
    ],
)
def test_node_id_may_end_before_any_blank_in_the_name(title: str, ids: list[str]) -> None:
    (ends,) = json.loads(selection_json([title]))["ends"].values()
    assert [title[:end] for end in ends] == ids


def test_selection_has_the_mask_of_redaction() -> None:
    assert json.loads(selection_json([]))["mask"] == Redactor(["correct-horse"])("correct-horse")


def test_selection_has_each_title_once_and_unchanged() -> None:
    titles = ["b.py::t[\u2028é\\x00]", "a.py::t", "a.py::t"]
    text = selection_json(titles)
    assert text.isascii()
    assert list(json.loads(text)["ends"]) == titles[:2]
