"""The tests of a session, of which those that simply passed are stored in a few bytes."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import overload

from .item import PLAIN, Item

#: Of a packed item: microseconds, the line (0 for None), and the size of what follows: the node id and, unless it is
#: empty, a separator and `defined_in`.
_HEAD = struct.Struct("<IIH")
_HEAD_BYTES = _HEAD.size
_SEPARATOR = "\0"
_PER_SECOND = 1_000_000
#: The offset of an item that is not packed.
_NOT_PACKED = (1 << 32) - 1


class Items(Sequence[Item]):
    """Items in order, whose positions may also be empty.

    An item whose stages are `PLAIN` takes 14 bytes and the node id in UTF-8, a sixth of what the object needs. Each
    access returns a new object for it, with the duration rounded to the microsecond.
    """

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._packed = bytearray()  # only grows, so that copies share it
        self._offsets = array("I")  # in `_packed`, by position
        self._others: dict[int, Item] = {}  # by position
        for item in items:
            self.append(item)

    def __len__(self) -> int:
        return len(self._offsets)

    def __iter__(self) -> Iterator[Item]:
        return filter(None, map(self.get, range(len(self))))

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Items: ...
    def __getitem__(self, index: int | slice) -> Item | Items:
        if isinstance(index, slice):
            return self._at(range(len(self))[index])
        item = self.get(range(len(self))[index])
        if item is None:
            raise KeyError(index)
        return item

    def __setitem__(self, position: int, item: Item) -> None:
        self._offsets[position] = offset = self._pack(item)
        if offset == _NOT_PACKED:
            self._others[position] = item
        else:
            self._others.pop(position, None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Items | tuple) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Items({tuple(self)!r})"

    def append(self, item: Item) -> None:
        """Add an item."""
        self.append_empty(1)
        self[len(self) - 1] = item

    def append_empty(self, number: int) -> None:
        """Add so many empty positions; none if `number` is negative."""
        self._offsets.extend([_NOT_PACKED] * number)

    def get(self, position: int) -> Item | None:
        """Return the item at a position; None if that is empty."""
        offset = self._offsets[position]
        if offset == _NOT_PACKED:
            return self._others.get(position)
        text, line, seconds = self._read(offset)
        nodeid, _, defined_in = text.partition(_SEPARATOR)
        return Item(nodeid=nodeid, line=line or None, defined_in=defined_in, stages=PLAIN, seconds=seconds)

    def copy(self) -> Items:
        """Return a copy, which does not change with this object."""
        copied = Items()
        copied._packed, copied._offsets, copied._others = self._packed, self._offsets[:], self._others.copy()
        return copied

    def without_gaps(self) -> Items:
        """Return the items without empty positions."""
        return self if self._offsets.count(_NOT_PACKED) == len(self._others) else Items(self)

    def with_notable(self, change: Callable[[Item], Item]) -> Items:
        """Return a copy in which what `change` returns replaces each item that did not simply pass."""
        copied = self.copy()
        for position, item in self.numbered_notable():
            copied[position] = change(item)
        return copied

    def numbered_notable(self) -> Iterator[tuple[int, Item]]:
        """Yield the items that did not simply pass, with their positions."""
        for position, item in sorted(self._others.items(), key=itemgetter(0)):
            if item.stages is not PLAIN:
                yield position, item

    def names_and_seconds(self) -> Iterator[tuple[str, float]]:
        """Yield the node id and the duration of each, which is faster than whole items."""
        packed, unpack = self._packed, _HEAD.unpack_from  # not `_read`: calling it takes half as long again
        for position, offset in enumerate(self._offsets):
            if offset != _NOT_PACKED:
                microseconds, _, size = unpack(packed, offset)
                text = packed[offset + _HEAD_BYTES : offset + _HEAD_BYTES + size].decode("utf-8", "surrogatepass")
                yield text.partition(_SEPARATOR)[0] if _SEPARATOR in text else text, microseconds / _PER_SECOND
            elif (item := self._others.get(position)) is not None:
                yield item.nodeid, item.duration_seconds

    def total_seconds(self) -> float:
        """Return the duration of all of them."""
        packed, unpack = self._packed, _HEAD.unpack_from
        microseconds: int = sum(unpack(packed, offset)[0] for offset in self._offsets if offset != _NOT_PACKED)
        return microseconds / _PER_SECOND + sum(item.duration_seconds for item in self._others.values())

    def passed_by_path(self) -> dict[str, Items]:
        """Return those that passed by the file part of their node ids."""
        packed, unpack = self._packed, _HEAD.unpack_from
        files: dict[str, array[int]] = {}
        latest, prefix = array("I"), b""  # the last packed item's file: its positions, and how its node ids begin
        for position, offset in enumerate(self._offsets):
            if offset != _NOT_PACKED:
                start = offset + _HEAD_BYTES
                if not (prefix and packed.startswith(prefix, start, start + unpack(packed, offset)[2])):
                    path, separator, _ = self._read(offset)[0].partition(_SEPARATOR)[0].partition("::")
                    latest = files.setdefault(path, array("I"))
                    prefix = f"{path}::".encode("utf-8", "surrogatepass") if separator else b""
                latest.append(position)
            elif (item := self._others.get(position)) is not None and item.passed:
                files.setdefault(item.path, array("I")).append(position)
        return {path: self._at(positions) for path, positions in files.items()}

    def _at(self, positions: Sequence[int]) -> Items:
        found = Items()
        found._packed = self._packed
        found._offsets.extend(map(self._offsets.__getitem__, positions))
        found._others.update((new, self._others[old]) for new, old in enumerate(positions) if old in self._others)
        return found

    def _pack(self, item: Item) -> int:
        """Return the offset at which the item is packed now; `_NOT_PACKED` if it needs an object."""
        if item.stages is not PLAIN or _SEPARATOR in item.nodeid:
            return _NOT_PACKED
        text = f"{item.nodeid}{_SEPARATOR}{item.defined_in}" if item.defined_in else item.nodeid
        encoded = text.encode("utf-8", "surrogatepass")
        try:
            head = _HEAD.pack(round((item.seconds or 0.0) * _PER_SECOND), item.line or 0, len(encoded))
        except struct.error:  # larger than usual
            return _NOT_PACKED
        offset = len(self._packed)
        self._packed += head + encoded
        return offset

    def _read(self, offset: int) -> tuple[str, int, float]:
        """Return the packed text, the line and the seconds."""
        microseconds, line, size = _HEAD.unpack_from(self._packed, offset)
        start = offset + _HEAD_BYTES
        return self._packed[start : start + size].decode("utf-8", "surrogatepass"), line, microseconds / _PER_SECOND


def as_items(items: Iterable[Item]) -> Items:
    """Return any items as `Items`."""
    return items if isinstance(items, Items) else Items(items)
