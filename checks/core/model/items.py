"""The tests of a session, of which those that simply passed are stored in a few bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import overload

from .item import PLAIN, Item

#: An item whose stages are `PLAIN`: 64 bytes for a short node id, a quarter of what the object needs. It begins with
#: microseconds and the line, 0 for None; the node id follows, and `defined_in` unless it is empty.
PackedItem = bytes
_HEAD = Struct("<II")
_SEPARATOR = b"\0"
_PER_SECOND = 1_000_000
_LIMIT = 1 << 32


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
    """Return the item packed if it simply passed, its duration to the microsecond, else as it is."""
    microseconds, line = round((item.seconds or 0.0) * _PER_SECOND), item.line or 0
    if item.stages is not PLAIN or max(microseconds, line) >= _LIMIT or "\0" in item.nodeid:
        return item
    packed = _HEAD.pack(microseconds, line) + item.nodeid.encode(errors="surrogatepass")
    return packed + _SEPARATOR + item.defined_in.encode(errors="surrogatepass") if item.defined_in else packed


def unpack(item: Item | PackedItem) -> Item:
    """Return the item that `pack` received."""
    if isinstance(item, Item):
        return item
    nodeid, _, defined_in = item[_HEAD.size :].decode(errors="surrogatepass").partition("\0")
    microseconds, line = _HEAD.unpack_from(item)
    return Item(
        nodeid=nodeid, line=line or None, defined_in=defined_in, stages=PLAIN, seconds=microseconds / _PER_SECOND
    )


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
            yield _nodeid(item), _HEAD.unpack_from(item)[0] / _PER_SECOND


def passed_by_path(items: Iterable[Item]) -> dict[str, Items]:
    """Return those that passed by the file part of their node ids."""
    files: dict[str, list[Item | PackedItem]] = {}
    for item in _packed(items):
        if not isinstance(item, Item):
            files.setdefault(_nodeid(item).partition("::")[0], []).append(item)
        elif item.passed:
            files.setdefault(item.path, []).append(item)
    return {path: Items(group) for path, group in files.items()}


def _nodeid(item: PackedItem) -> str:
    return item[_HEAD.size :].partition(_SEPARATOR)[0].decode(errors="surrogatepass")


def _packed(items: Iterable[Item]) -> Iterable[Item | PackedItem]:
    return items.packed if isinstance(items, Items) else items
