"""Runs only the tests that are wanted again, and tells which of these are none any more.

Part of the plugin beside it, and under its rules.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_channel import never_fail, unmeasured
from pytest_check_runs_texts import clip

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
    from typing import Any

    from pytest_check_runs_channel import Channel

__file__ = unmeasured(__file__)

_TITLES_PER_EVENT = 100
_TITLE_CHARACTERS = 6_000  # so that an event is a line that is read whole, however it is escaped

# A character as Python escapes it: so do pytest in its ids and our process in titles, each others of them.
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U(000[0-9a-f]{5}|0010[0-9a-f]{4}))")

# Letters and digits; with what stands for a mask in it, it is not known how a word begins or goes on.
_CUT = "\0"
_WORD = re.compile(r"(?:[^\W_]|\0)+")

_encode = json.JSONEncoder(separators=(",", ":")).encode


@never_fail
def choose(config: pytest.Config, folder: str, channel: Channel | None) -> None:
    """Run what ``only.json`` in the folder names, and all where it is not there or is broken.

    `channel` is that of the process that runs the session, None in xdist's workers.
    """
    with open(os.path.join(folder, "only.json"), encoding="utf-8") as file:
        wanted = Wanted(json.load(file))
    config.pluginmanager.register(_Chooser(config, wanted, channel), "check-runs-chooser")


class Wanted:
    """The titles of the tests, in the shape of `checks/core/pytest_process/selection.py`."""

    def __init__(self, told: Any) -> None:
        self._mask = str(told["mask"])
        self._ends: dict[str, list[int]] = {title: [int(end) for end in ends] for title, ends in told["ends"].items()}

    def found(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """For each title the ids that it may stand for, those for the longest part of it; none if it has none."""
        collected = _Ids(ids)
        return {title: self._found(title, ends, collected) for title, ends in self._ends.items()}

    def _found(self, title: str, ends: Sequence[int], collected: _Ids) -> list[str]:
        if self._mask in title:
            found = collected.masked(title, ends, self._mask)
        else:
            found = (collected.exact(title[:end]) for end in ends)
        return next(filter(None, found), [])


class _Ids:
    """Node ids, to be found by what a title says of them; that costs little however many there are of both."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids: dict[str, list[str]] = {}  # by what they are without escapes
        for each in ids:
            self._ids.setdefault(_unescaped(each), []).append(each)
        self._by_word: dict[str, list[str]] = {}

    def exact(self, text: str) -> list[str]:
        """The ids that are this text."""
        return self._ids.get(_unescaped(text), [])

    def masked(self, title: str, ends: Sequence[int], mask: str) -> Iterator[list[str]]:
        """For each end the ids that are the text up to it, with anything in place of each mask."""
        for end, keys in reversed([*self._narrowed(title, ends, mask)]):
            text = title[:end]
            pieces = [_unescaped(piece) for piece in text.split(mask)]
            yield self.exact(text) or [each for key in keys if _fits(key, pieces) for each in self._ids[key]]

    def _narrowed(self, title: str, ends: Sequence[int], mask: str) -> Iterator[tuple[int, Collection[str]]]:
        """The ends from the shortest on, with the keys that have one word of the text up to there: the rarest."""
        if not self._by_word:
            for key in self._ids:
                for word in set(_WORD.findall(key)):
                    self._by_word.setdefault(word, []).append(key)
        keys: Collection[str] = self._ids
        begin = 0
        for end in reversed(ends):
            words = _WORD.findall(_unescaped(title[begin:end].replace(mask, _CUT)))
            keys = min([keys, *(self._by_word.get(word, []) for word in words if _CUT not in word)], key=len)
            if not keys:
                return
            yield end, keys
            begin = end


class _Chooser:
    """The hooks of every process; of one under xdist that collects, or that is told what others collected."""

    def __init__(self, config: pytest.Config, wanted: Wanted, channel: Channel | None) -> None:
        self._config = config
        self._wanted = wanted
        self._channel = channel

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, None]:
        """After all others: what the user's own options leave out stays out, and xdist has named its groups."""
        yield
        chosen = self._chosen(items)
        if chosen is None:
            return
        left_out = [item for item in items if item.nodeid not in chosen]
        if left_out:
            self._config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item.nodeid in chosen]

    @never_fail
    def _chosen(self, items: Sequence[pytest.Item]) -> set[str]:
        found = self._wanted.found(item.nodeid for item in items)
        return {each for ids in found.values() for each in ids}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not self._config.pluginmanager.hasplugin("dsession"):
            self._collected([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self._collected(ids)

    @never_fail
    def _collected(self, ids: Sequence[str]) -> None:
        """Tell what is missing, once: each of xdist's workers collects the same."""
        channel, self._channel = self._channel, None
        if channel is None:
            return
        missing = [clip(title, _TITLE_CHARACTERS) for title, found in self._wanted.found(ids).items() if not found]
        for at in range(0, len(missing), _TITLES_PER_EVENT):
            channel.tell(_encode({"event": "missing", "titles": missing[at : at + _TITLES_PER_EVENT]})[1:-1])


def _unescaped(text: str) -> str:
    """The text with each character for its escape: so it is the same whoever has escaped what of it."""
    return _ESCAPE.sub(lambda found: chr(int(found[found.lastindex or 0], 16)), text) if "\\" in text else text


def _fits(text: str, pieces: Sequence[str]) -> bool:
    """Whether these pieces stand in it one after the other, the first at its beginning and the last at its end."""
    if len(pieces) == 1:
        return text == pieces[0]
    head, *inner, tail = pieces
    at, end = len(head), len(text) - len(tail)
    if at > end or not (text.startswith(head) and text.endswith(tail)):
        return False
    for piece in inner:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
