"""Many lines that unfold -> as many of them as a budget of bytes holds, whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .escape import fence


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapsible:
    """A line of HTML, and the lines that it unfolds (anybody's, shown as code; there may be none)."""

    head: str
    lines: Iterable[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What fits: Markdown; how many lines are in it, and how many of these lack the text they should unfold."""

    markdown: str
    shown: int
    without_text: int


def fit(collapsibles: Iterable[Collapsible], budget_bytes: int) -> Fitted:
    """First lines, within half of the budget and in their order; then, for what is left, the texts of these lines.

    No text takes more than a fair part (a quarter, where there are many), so that one giant does not displace
    all others. The work is bounded by the budget: of `collapsibles` only those are asked for that are shown, and one;
    of their lines only what there is room for, and one.
    """
    remaining_bytes = budget_bytes
    chosen: list[Collapsible] = []
    for collapsible in collapsibles:
        size = _bytes(_head_only(collapsible))
        if size > remaining_bytes - budget_bytes // 2:
            break
        remaining_bytes -= size
        chosen.append(collapsible)
    share = budget_bytes // min(4, len(chosen) or 1)
    blocks: list[str] = []
    without_text = 0
    for collapsible in chosen:
        limit = min(remaining_bytes, share)
        block, body = _head_only(collapsible), _text(collapsible.lines, limit)
        full_block = details(collapsible.head, fence(body)) + "\n" if body else block
        added_bytes = _bytes(full_block) - _bytes(block)
        if body is None or added_bytes > limit:
            without_text += 1
        else:
            block, remaining_bytes = full_block, remaining_bytes - added_bytes
        blocks.append(block)
    return Fitted(markdown="".join(blocks).rstrip(), shown=len(chosen), without_text=without_text)


def details(head: str, markdown: str) -> str:
    """Markdown that unfolds from a line of HTML."""
    return f"<details><summary>{head}</summary>\n\n{markdown}\n\n</details>"


def _text(lines: Iterable[str], limit: int) -> str | None:
    """The lines as one text; None where it has more than so many characters."""
    joined: list[str] = []
    size = -1
    for line in lines:
        joined.append(line)
        size += len(line) + 1
        if size > limit:
            return None
    return "\n".join(joined)


def _head_only(collapsible: Collapsible) -> str:
    return f"<p>{collapsible.head}</p>\n"


def _bytes(markdown: str) -> int:
    return len(markdown.encode())
