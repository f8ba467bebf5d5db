"""Many lines that unfold -> as many of them as a budget of bytes holds, whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .escape import fence


@dataclass(frozen=True, slots=True, kw_only=True)
class Foldout:
    """A line of HTML, and the text that it unfolds (anybody's, shown as code; may be empty)."""

    head: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What fits: Markdown; how many lines are in it, and how many of these lack the text they should unfold."""

    markdown: str
    shown: int
    bare: int


def fit(foldouts: Iterable[Foldout], budget_bytes: int) -> Fitted:
    """First lines, within half of the budget and in their order; then, for what is left, the texts of these lines.

    No text takes more than a fair part (a quarter, where there are many), so that one giant does not displace
    all others. The work is bounded by the budget: of `foldouts` only those are asked for that are shown, and one.
    """
    room = budget_bytes
    chosen: list[Foldout] = []
    for foldout in foldouts:
        size = _bytes(_bare(foldout))
        if size > room - budget_bytes // 2:
            break
        room -= size
        chosen.append(foldout)
    share = budget_bytes // min(4, len(chosen) or 1)
    blocks: list[str] = []
    for foldout in chosen:
        block = _bare(foldout)
        if foldout.body and len(foldout.body) <= min(room, share):
            whole = _whole(foldout)
            more = _bytes(whole) - _bytes(block)
            if more <= min(room, share):
                block, room = whole, room - more
        blocks.append(block)
    bare = sum(block == _bare(foldout) and bool(foldout.body) for block, foldout in zip(blocks, chosen, strict=True))
    return Fitted(markdown="".join(blocks).rstrip(), shown=len(chosen), bare=bare)


def details(head: str, markdown: str) -> str:
    """Markdown that unfolds from a line of HTML."""
    return f"<details><summary>{head}</summary>\n\n{markdown}\n\n</details>"


def _whole(foldout: Foldout) -> str:
    return details(foldout.head, fence(foldout.body)) + "\n"


def _bare(foldout: Foldout) -> str:
    return f"<p>{foldout.head}</p>\n"


def _bytes(markdown: str) -> int:
    return len(markdown.encode())
