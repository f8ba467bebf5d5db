"""The tests of a session, of which those that simply passed are stored in a few bytes."""

from __future__ import annotations

import marshal  # the smallest format, and the fastest
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from .item import PLAIN, Item

#: An item whose stages are `PLAIN`: 80 bytes for a short node id, a third of what the object needs.
PackedItem = bytes


class Items(Sequence[Item]):
    """The items that `pack` returned, in order. Each access returns a new object for a packed one."""

    def __init__(self, packed: Sequence[Item | PackedItem]) -> None:
        self.packed = packed

    def __len__(self) -> int:
        return len(self.packed)

    def __iter__(self) -> Iterator[Item]:
        return map(unpack, self.packed)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Items: ...
    def __getitem__(self, index: int | slice) -> Item | Items:
        return Items(self.packed[index]) if isinstance(index, slice) else unpack(self.packed[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Items | tuple) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Items({tuple(self)!r})"


def pack(item: Item) -> Item | PackedItem:
    """Return the item packed if it simply passed, else as it is."""
    if item.stages is not PLAIN:
        return item
    return marshal.dumps((item.nodeid, item.line, item.defined_in, item.seconds))


def unpack(item: Item | PackedItem) -> Item:
    """Return the item that `pack` received."""
    if isinstance(item, Item):
        return item
    nodeid, line, defined_in, seconds = marshal.loads(item)  # noqa: S302 - only `pack` makes them
    return Item(nodeid=nodeid, line=line, defined_in=defined_in, stages=PLAIN, seconds=seconds)


def notable(items: Iterable[Item]) -> list[Item]:
    """Return those that did not simply pass."""
    return [item for _, item in numbered_notable(items)]


def numbered_notable(items: Iterable[Item]) -> Iterator[tuple[int, Item]]:
    """Yield those that did not simply pass, with their positions."""
    for number, item in enumerate(_packed(items)):
        if isinstance(item, Item) and item.stages is not PLAIN:
            yield number, item


def names_and_seconds(items: Iterable[Item]) -> Iterator[tuple[str, float]]:
    """Yield the node id and the duration of each, which is faster than whole items."""
    for item in _packed(items):
        if isinstance(item, Item):
            yield item.nodeid, item.duration_seconds
        else:
            nodeid, _, _, seconds = marshal.loads(item)  # noqa: S302 - only `pack` makes them
            yield nodeid, seconds


def passed_by_path(items: Iterable[Item]) -> dict[str, Items]:
    """Return those that passed by the file part of their node ids."""
    files: dict[str, list[Item | PackedItem]] = {}
    for item in _packed(items):
        if not isinstance(item, Item):
            nodeid = marshal.loads(item)[0]  # noqa: S302 - only `pack` makes them
            files.setdefault(nodeid.partition("::")[0], []).append(item)
        elif item.passed:
            files.setdefault(item.path, []).append(item)
    return {path: Items(group) for path, group in files.items()}


def _packed(items: Iterable[Item]) -> Iterable[Item | PackedItem]:
    return items.packed if isinstance(items, Items) else items
