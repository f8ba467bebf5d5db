"""Run only the selected tests of a re-run, and report which of them no longer exist.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_stream import hidden_from_coverage, never_fail
from pytest_check_runs_tests import has_groups, prefixes_without_group
from pytest_check_runs_texts import truncate

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
    from typing import Any

    from pytest_check_runs_stream import StreamWriter

__file__ = hidden_from_coverage(__file__)

_TITLES_PER_EVENT = 100
_TITLE_CHARACTERS = 6_000  # limits the length of a line, however it is escaped

# A Python escape. Both pytest (in ids) and the action (in titles) escape characters, but not the same ones.
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U(000[0-9a-f]{5}|0010[0-9a-f]{4}))")

# Letters and digits, and the placeholder of a mask, next to which a word's other letters are unknown.
_MASK_CHARACTER = "\0"
_WORD = re.compile(r"(?:[^\W_]|\0)+")


@never_fail
def select_tests(config: pytest.Config, folder: str, stream: StreamWriter | None) -> None:
    """Run only the tests that ``only.json`` in the folder names; all tests if the file is missing or invalid.

    `stream` is None in xdist's workers.
    """
    with open(os.path.join(folder, "only.json"), encoding="utf-8") as file:
        selection = Selection(json.load(file), has_groups=has_groups(config))
    config.pluginmanager.register(_SelectionPlugin(config, selection, stream), "check-runs-selection")


class Selection:
    """The titles of the selected tests, as `checks/core/pytest_process/selection.py` writes them."""

    def __init__(self, selection: Any, *, has_groups: bool) -> None:
        self._has_groups = has_groups  # node ids may end in xdist's ``@group``, titles do not
        self._mask = str(selection["mask"])
        self._nodeid_ends: dict[str, list[int]] = {
            title: [int(end) for end in ends] for title, ends in selection["ends"].items()
        }

    def matches(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """Return for each title the ids that it may stand for, using its longest matching part; empty if none match."""
        node_ids = _NodeIds(ids, has_groups=self._has_groups)
        return {title: self._matches(title, ends, node_ids) for title, ends in self._nodeid_ends.items()}

    def _matches(self, title: str, ends: Sequence[int], node_ids: _NodeIds) -> list[str]:
        if self._mask in title:
            candidates = node_ids.masked(title, ends, self._mask)
        else:
            candidates = (node_ids.exact(title[:end]) for end in ends)
        return next(filter(None, candidates), [])


class _NodeIds:
    """Indexes node ids for looking up titles, so that many of both remain fast."""

    def __init__(self, ids: Iterable[str], *, has_groups: bool) -> None:
        self._ids_by_text: dict[str, list[str]] = {}  # by text without escapes
        for nodeid in ids:
            for text in (nodeid, *prefixes_without_group(nodeid)) if has_groups else (nodeid,):
                self._ids_by_text.setdefault(_unescaped(text), []).append(nodeid)
        self._texts_by_word: dict[str, list[str]] = {}

    def exact(self, text: str) -> list[str]:
        """Return the ids that equal this text."""
        return self._ids_by_text.get(_unescaped(text), [])

    def masked(self, title: str, ends: Sequence[int], mask: str) -> Iterator[list[str]]:
        """Yield for each end the ids that match the text up to it, with anything in place of a mask."""
        for end, keys in reversed([*self._narrow_keys(title, ends, mask)]):
            text = title[:end]
            pieces = [_unescaped(piece) for piece in text.split(mask)]
            yield self.exact(text) or [
                nodeid for key in keys if _matches_pieces(key, pieces) for nodeid in self._ids_by_text[key]
            ]

    def _narrow_keys(self, title: str, ends: Sequence[int], mask: str) -> Iterator[tuple[int, Collection[str]]]:
        """Yield each end, shortest first, with the keys that contain the rarest word of the text up to there."""
        if not self._texts_by_word:
            for key in self._ids_by_text:
                for word in set(_WORD.findall(key)):
                    self._texts_by_word.setdefault(word, []).append(key)
        keys: Collection[str] = self._ids_by_text
        start = 0
        for end in reversed(ends):
            words = _WORD.findall(_unescaped(title[start:end].replace(mask, _MASK_CHARACTER)))
            keys = min(
                [keys, *(self._texts_by_word.get(word, []) for word in words if _MASK_CHARACTER not in word)], key=len
            )
            if not keys:
                return
            yield end, keys
            start = end


class _SelectionPlugin:
    """Hooks for every process that collects, and for xdist's controller."""

    def __init__(self, config: pytest.Config, selection: Selection, stream: StreamWriter | None) -> None:
        self._config = config
        self._selection = selection
        self._stream = stream

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, None]:
        """Runs after all other plugins: the user's own options still deselect, and xdist has named its groups."""
        yield
        selected_ids = self._select_ids(items)
        if selected_ids is None:
            return
        deselected = [item for item in items if item.nodeid not in selected_ids]
        if deselected:
            self._config.hook.pytest_deselected(items=deselected)
            items[:] = [item for item in items if item.nodeid in selected_ids]

    @never_fail
    def _select_ids(self, items: Sequence[pytest.Item]) -> set[str]:
        matches = self._selection.matches(item.nodeid for item in items)
        return {nodeid for ids in matches.values() for nodeid in ids}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not self._config.pluginmanager.hasplugin("dsession"):
            self._write_missing([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self._write_missing(ids)

    @never_fail
    def _write_missing(self, ids: Sequence[str]) -> None:
        """Write the missing titles once; each of xdist's workers collects the same tests."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        missing = [
            truncate(title, _TITLE_CHARACTERS) for title, matches in self._selection.matches(ids).items() if not matches
        ]
        for start in range(0, len(missing), _TITLES_PER_EVENT):
            stream.write_event("missing", titles=missing[start : start + _TITLES_PER_EVENT])


def _unescaped(text: str) -> str:
    """Return the text with escapes decoded, so that differently escaped texts compare equal."""
    return _ESCAPE.sub(lambda match: chr(int(match[match.lastindex or 0], 16)), text) if "\\" in text else text


def _matches_pieces(text: str, pieces: Sequence[str]) -> bool:
    """Whether the text consists of the pieces in order, with anything between them."""
    if len(pieces) == 1:
        return text == pieces[0]
    head, *inner, tail = pieces
    position, end = len(head), len(text) - len(tail)
    if position > end or not (text.startswith(head) and text.endswith(tail)):
        return False
    for piece in inner:
        position = text.find(piece, position, end)
        if position < 0:
            return False
        position += len(piece)
    return True
