"""Collapsible Markdown (`<details>`), as many blocks as fit a limit of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .escape import fence


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapsible:
    """A line of HTML, and the untrusted lines that it reveals, which may be empty.

    `render` makes Markdown of the lines, and `is_open` shows them at once.
    """

    head: str
    lines: Iterable[str]
    render: Callable[[str], str] = fence
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The Markdown that fits, and whether each block in it has its text."""

    markdown: str
    has_text: tuple[bool, ...]

    @property
    def shown(self) -> int:
        """The number of blocks."""
        return len(self.has_text)

    @property
    def without_text(self) -> int:
        """The number of blocks that lack their text."""
        return self.has_text.count(False)


def fit(collapsibles: Iterable[Collapsible], budget_bytes: int) -> Fitted:
    """Return the collapsibles that fit: their heads in at most half of the budget, then their texts in the rest.

    A text takes at most a fair share (a quarter if there are four or more), so that a large one does not displace all
    others. The budget also limits the work: at most one collapsible, and one line of each, is read without being shown.
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
    has_text: list[bool] = []
    for collapsible in chosen:
        limit = min(remaining_bytes, share)
        block, body = _head_only(collapsible), _text(collapsible.lines, limit)
        full_block = _full(collapsible, body) if body else block
        added_bytes = _bytes(full_block) - _bytes(block)
        has_text.append(body is not None and added_bytes <= limit)
        if has_text[-1]:
            block, remaining_bytes = full_block, remaining_bytes - added_bytes
        blocks.append(block)
    return Fitted(markdown="".join(blocks).rstrip(), has_text=tuple(has_text))


def details(head: str, markdown: str, *, is_open: bool = False) -> str:
    """Return Markdown that is collapsed below a line of HTML, unless it `is_open`."""
    return f"<details{' open' if is_open else ''}><summary>{head}</summary>\n\n{markdown}\n\n</details>"


def _text(lines: Iterable[str], limit: int) -> str | None:
    """Join the lines; return None if the text has more than `limit` characters."""
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


def _full(collapsible: Collapsible, body: str) -> str:
    return details(collapsible.head, collapsible.render(body), is_open=collapsible.is_open) + "\n"


def _bytes(markdown: str) -> int:
    return len(markdown.encode())
