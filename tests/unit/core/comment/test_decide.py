from __future__ import annotations

import pytest

from checks.core.comment.decide import (
    MARKER,
    Comment,
    CommentChange,
    CreateComment,
    DeleteComment,
    UpdateComment,
    decide,
)
from tests.support.rules import rule

TEXT = f"### All checks passed\n\n{MARKER}"
OLD = f"### 1 of 2 checks failed\n\n{MARKER}"


def comment(number: int, body: str, *, is_own_author: bool = True) -> Comment:
    return Comment(id=str(number), body=body, is_own_author=is_own_author)


@rule("Comment: a person's comment that ends with the comment's marker, another comment of the App")
@rule("Comment: several jobs create it at the same time")
@pytest.mark.parametrize(
    ("comments", "changes"),
    [
        pytest.param([], [CreateComment(body=TEXT)], id="none"),
        pytest.param([comment(7, OLD)], [UpdateComment(id="7", body=TEXT)], id="another-text"),
        pytest.param([comment(7, TEXT)], [], id="the-same-text"),
        pytest.param([comment(7, TEXT.replace("\n", "\r\n") + "\r\n")], [], id="the-same-text-with-other-line-endings"),
        pytest.param(
            [comment(10, OLD), comment(9, TEXT), comment(8, "Hello.")], [DeleteComment(id="10")], id="a-duplicate"
        ),
        pytest.param(
            [comment(9, OLD), comment(10, TEXT), comment(11, TEXT)],
            [UpdateComment(id="9", body=TEXT), DeleteComment(id="10"), DeleteComment(id="11")],
            id="the-lowest-id-stays",
        ),
        pytest.param(
            [comment(7, OLD, is_own_author=False)], [CreateComment(body=TEXT)], id="a-persons-with-the-marker"
        ),
        pytest.param([comment(7, "Re-run started.")], [CreateComment(body=TEXT)], id="ours-without-the-marker"),
        pytest.param([comment(7, f"> {MARKER}")], [CreateComment(body=TEXT)], id="a-quoted-marker"),
        pytest.param([comment(7, f"{MARKER}\n\nbye")], [CreateComment(body=TEXT)], id="a-marker-that-is-not-last"),
    ],
)
def test_one_comment_with_the_text_remains(comments: list[Comment], changes: list[CommentChange]) -> None:
    assert list(decide(comments, TEXT, may_create=True)) == changes


def test_without_leave_to_create_an_existing_comment_is_updated() -> None:
    assert decide([], TEXT, may_create=False) == ()
    assert decide([comment(7, OLD)], TEXT, may_create=False) == (UpdateComment(id="7", body=TEXT),)
