"""Many lines that unfold -> as many of them as a budget of bytes holds, whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .escape import fence


@dataclass(frozen=True, slots=True, kw_only=True)
class Foldout:
    """A line of HTML, and the lines that it unfolds (anybody's, shown as code; there may be none)."""

    head: str
    lines: Iterable[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What fits: Markdown; how many lines are in it, and how many of these lack the text they should unfold."""

    markdown: str
    shown: int
    bare: int


def fit(foldouts: Iterable[Foldout], budget_bytes: int) -> Fitted:
    """First lines, within half of the budget and in their order; then, for what is left, the texts of these lines.

    No text takes more than a fair part (a quarter, where there are many), so that one giant does not displace
    all others. The work is bounded by the budget: of `foldouts` only those are asked for that are shown, and one; of
    their lines only what there is room for, and one.
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
    bare = 0
    for foldout in chosen:
        most = min(room, share)
        block, body = _bare(foldout), _text(foldout.lines, most)
        whole = details(foldout.head, fence(body)) + "\n" if body else block
        more = _bytes(whole) - _bytes(block)
        if body is None or more > most:
            bare += 1
        else:
            block, room = whole, room - more
        blocks.append(block)
    return Fitted(markdown="".join(blocks).rstrip(), shown=len(chosen), bare=bare)


def details(head: str, markdown: str) -> str:
    """Markdown that unfolds from a line of HTML."""
    return f"<details><summary>{head}</summary>\n\n{markdown}\n\n</details>"


def _text(lines: Iterable[str], most: int) -> str | None:
    """The lines as one text; None where it has more than so many characters."""
    taken: list[str] = []
    size = -1
    for line in lines:
        taken.append(line)
        size += len(line) + 1
        if size > most:
            return None
    return "\n".join(taken)


def _bare(foldout: Foldout) -> str:
    return f"<p>{foldout.head}</p>\n"


def _bytes(markdown: str) -> int:
    return len(markdown.encode())
