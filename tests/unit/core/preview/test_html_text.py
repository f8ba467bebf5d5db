from __future__ import annotations

import pytest
from markupsafe import escape

from checks.core.preview import html_text

TRACEBACK = """\
tests/test_a.py::test_x

tests/test_a.py:7: in test_x
    def test_x():
      indented_by_two = 1
  >     assert f(1) == 2
      value = <b>
src/a.py:3: in f
  > raise ValueError("x")
E   ValueError: x
E
  | src/b.py:4: in g
  |   > raise KeyError
  | E   KeyError

----- Captured stdout call -----
Each line"""


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("tests/test_a.py::TestB::test_c", "tests/|test_|a.|py::|TestB::|test_|c"),
        ("test[a/b.c-1]", "test|[a/|b.|c-1]"),
        ("__init__.py", "__|init__.|py"),
        ("C:x 1.5 ... end.", "C:x 1.5 ... end."),
        ("<a.b>", "&lt;a.|b&gt;"),
    ],
)
def test_ids_break_where_people_would_break_them(text: str, html: str) -> None:
    assert html_text.breakable(text) == html.replace("|", "<wbr>")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<code>a/b</code> a/b", "<code>a/|b</code> a/b"),
        ("<pre><code>a/b</code></pre>", "<pre><code>a/b</code></pre>"),
        ('<a href="a/b"><code>a_b &#39;[1]</code></a>', '<a href="a/b"><code>a_|b &#39;|[1]</code></a>'),
        ("<code><b>a/b</b></code>", "<code><b>a/b</b></code>"),
    ],
    ids=["code", "block", "link", "element in code"],
)
def test_ids_in_code_of_markdown_may_break(html: str, expected: str) -> None:
    assert html_text.with_breakable_code(html) == expected.replace("|", "<wbr>")


def test_lines_of_a_traceback_have_weight() -> None:
    classes = {
        "tests/test_a.py:7: in test_x": "pl-mdr",
        "  >     assert f(1) == 2": "pl-mc",
        "      value = <b>": "pl-c",
        "src/a.py:3: in f": "pl-mdr",
        '  > raise ValueError("x")': "pl-mc",
        "E   ValueError: x": "pl-md",
        "E": "pl-md",
        "  | src/b.py:4: in g": "pl-mdr",
        "  |   > raise KeyError": "pl-mc",
        "  | E   KeyError": "pl-md",
    }

    html = html_text.traceback(TRACEBACK)

    spans = {line: f'<span class="{kind}">{escape(line)}</span>' for line, kind in classes.items()}
    assert html.split("\n") == [spans.get(line, escape(line)) for line in TRACEBACK.split("\n")]


@pytest.mark.parametrize(
    ("line", "kind"),
    [("-E x", "pl-md"), ("!> x", "pl-mc"), ("@@ x @@", "pl-mdr"), ("#  x = 1", "pl-c"), ("+x", "pl-mi1")],
)
def test_lines_of_a_diff_have_weight(line: str, kind: str) -> None:
    assert html_text.diff(f" x\n{line}") == f' x\n<span class="{kind}">{escape(line)}</span>'


@pytest.mark.parametrize(
    ("line", "context", "expected"),
    [
        (1, 1, "> 1  a\n  2      b"),
        (2, 0, "> 2      b"),
        (2, 9, "  1  a\n> 2      b\n  3\n  4  " + "c" * 159 + "…"),
        (3, 1, "  2      b\n> 3\n  4  " + "c" * 159 + "…"),
        (0, 2, ""),
        (7, 2, ""),
    ],
)
def test_excerpt_marks_the_line(line: int, context: int, expected: str) -> None:
    lines = ["a", "\tb", "", "c" * 200, " ", ""]

    html = str(html_text.excerpt(lines, line, context))

    text = html.replace('<span class="pl-mc">', "").replace("</span>", "").replace("&gt;", ">")
    assert "\n".join(map(str.rstrip, text.split("\n"))) == expected
