"""Redact texts: known values in all their forms, well-known tokens, the user's patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from ..text.ansi import positions_without_ansi, strip_ansi
from .prefilter import Prefilter
from .token_patterns import MARK, ScannedText, token_spans
from .truncated import FRAGMENT_CHARACTERS, LONG_CHARACTERS, SHORTENED_PHRASES, Truncations
from .values import MIN_SECRET_CHARACTERS, forms_of, opaque_runs
from .wrapped import Span, occurrences, strip_breaks, unbroken_text, wrapped_spans

# Names and words of the stream's entries contain no secrets. They are never redacted, not even by the user's patterns,
# because a test with an unreadable outcome would be lost.
PROTECTED_KEYS = frozenset(
    {
        *("event", "seq", "test", "nodeid", "lineno", "path", "when", "outcome", "category", "duration"),
        *("message", "places", "place", "text", "sections", "subtest", "reason", "longrepr", "crash", "traceback"),
        *("stdout", "stderr", "log", "msg", "number", "deselected", "collected", "filename", "result"),
        *("id", "check_runs_session", "worker", "pytest", "python", "root", "exit_status", "exitcode", "stopped"),
        *("created", "environment", "titles", "check_runs_counts", "failures", "tally", "workers", "xfail"),
        *("summary", "collectors", "tests", "warnings", "stages", "setup", "call", "teardown", "keywords", "metadata"),
        *("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun", "total", "user_properties", "type"),
        *("properties", "invocation", "check_runs_invocation", "folder", "configuration", "paths", "seed"),
        "distribution",
    }
)

#: The keys whose values identify an entry, and the words these may be.
WORD_KEYS = frozenset({"event", "when", "outcome", "category"})
PROTECTED_WORDS = frozenset(
    {
        *("session", "collected", "test", "stage", "collector", "warning", "internal_error", "end"),
        *("missing", "grouped"),
        *("setup", "call", "teardown", "???", "collect", "config", "runtest"),
        *("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun"),
    }
)

#: Part of an opaque value that is redacted even without the rest.
PIECE_CHARACTERS = 16
#: Number of an entry's texts that are checked together; most contain no secret, so one check is enough.
_MAX_TEXTS = 1_000
#: Size of the parts in which larger containers are checked.
_PART_MEMBERS = 64
#: Two passes are enough, except for texts made to need more.
_MAX_PASSES = 5
#: Put around joined texts, so that letters at their ends do not look like truncated values.
_PADDING = "\0" * FRAGMENT_CHARACTERS
#: A passed stage has only `outcome` and `duration`.
_PASSED_KEYS = 2
#: Values nested more deeply are replaced.
_MAX_DEPTH = 60

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

_CONTAINERS = dict, list, tuple

Redact = Callable[[str], str]


class Redactor:
    """Replaces secrets by ``***``; `values` are `secrets_of(...)`, `patterns` the user's regular expressions.

    Values are replaced in any wrapping, and also what remains of them next to a truncation. Values that look random are
    replaced in pieces, too. Redacting a text twice has no further effect.
    """

    def __init__(self, values: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        self._values = tuple(values)
        self._patterns = [re.compile(pattern) for pattern in patterns]

    # Prepared when first used, while the tests start: the forms of an App's key take 20 ms.

    @cached_property
    def _opaque_runs(self) -> dict[str, list[str]]:
        return {form: opaque_runs(strip_breaks(form)) for form in forms_of(self._values)}

    @cached_property
    def _prefilter(self) -> Prefilter:
        return Prefilter(self._opaque_runs, SHORTENED_PHRASES)

    @cached_property
    def _truncations(self) -> Truncations:
        return Truncations(
            known for known in map(strip_breaks, self._opaque_runs) if len(known) >= MIN_SECRET_CHARACTERS
        )

    def __call__(self, text: str) -> str:
        """Return `text` without secrets."""
        for _ in range(_MAX_PASSES):  # redacting may isolate another secret
            redacted = self._redact_known(text)
            if redacted == text:
                break
            text = redacted
        return self._redact_patterns(text)

    def _redact_known(self, text: str) -> str:
        spans = [*self._spans(ScannedText.scan(text))]
        if strip_ansi(text) != text:
            spans += self._spans_behind_colours(text)
        return _mask_spans(text, spans) if spans else text

    def redact_json(self, value: Any) -> Any:
        """Return a JSON value with all texts redacted, including keys; `value` itself if it has no secret.

        `PROTECTED_KEYS` and `PROTECTED_WORDS` stay.
        """
        return self._redact_json(value, _MAX_DEPTH)

    def _redact_json(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self(value)
        if not isinstance(value, _CONTAINERS) or depth == 0:
            return MARK if isinstance(value, _CONTAINERS) else value
        texts: list[str] = []
        is_small = _gather_texts(value, texts, depth)
        is_suspect = is_small and self._is_suspect_among(texts)
        if not is_small and len(value) > _PART_MEMBERS:
            return self._redact_in_parts(value, depth)
        if not is_small or (is_suspect and not isinstance(value, dict)):
            return _redact_members(value, self, lambda inner: self._redact_json(inner, depth - 1))
        if is_suspect:
            return _redact_all(value, self)
        return _redact_all(value, self._redact_patterns) if self._patterns else value

    def _redact_in_parts(self, value: Any, depth: int) -> Any:
        """Redact a container with too many texts in parts; checking each text alone would take seconds."""
        starts = range(0, len(value), _PART_MEMBERS)
        if isinstance(value, dict):
            remaining_items = iter(value.items())
            parts = [dict(islice(remaining_items, _PART_MEMBERS)) for _ in starts]
            return {key: inner for part in parts for key, inner in self._redact_json(part, depth).items()}
        return [inner for start in starts for inner in self._redact_json(value[start : start + _PART_MEMBERS], depth)]

    def _redact_patterns(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.sub(MARK, text)
        return text

    def _is_suspect(self, scanned: ScannedText) -> bool:
        """Whether the text needs a closer look."""
        return (
            not self._prefilter.excludes(scanned)
            or any(token_spans(scanned))
            or self._truncations.may_be_in(scanned.text)
        )

    def _is_suspect_among(self, texts: list[str]) -> bool:
        """Whether any of the texts needs a closer look; checks all at once, but colours and long texts one by one."""
        joined = "\n".join([_PADDING, *dict.fromkeys(texts), _PADDING])  # tracebacks repeat the same files
        scanned = ScannedText.scan(strip_ansi(joined))
        return (
            self._is_suspect(scanned)
            or (scanned.text != joined and self._is_suspect_in_colour(joined, scanned))
            or any(len(text) >= LONG_CHARACTERS and self._truncations.may_be_in(text) for text in texts)
        )

    def _is_suspect_in_colour(self, text: str, scanned_plain: ScannedText) -> bool:
        """Whether a text with ANSI sequences needs a closer look; sequences may hide a value's first letter."""
        if self._patterns or (scanned_plain.likely_patterns and any(token_spans(ScannedText.scan(text)))):
            return True
        has_others = len(_COLOUR.findall(text)) < text.count("\x1b") + text.count("\x9b")
        return has_others and self._is_suspect(ScannedText.scan(text))

    def _spans(self, scanned: ScannedText) -> Iterator[Span]:
        """Yield the spans of known values, of their truncated remains, and of what looks like a token."""
        text, candidates = scanned.text, self._prefilter.candidates(scanned)
        forms = candidates - {""}
        whole_spans = [span for form in forms for span in occurrences(form, text)]
        yield from whole_spans
        is_opaque = any(self._opaque_runs[form] for form in forms)
        if is_opaque or (forms and self._prefilter.candidates(ScannedText.scan(_mask_spans(text, whole_spans)))):
            yield from self._trace_spans(forms, text)
        if candidates or self._truncations.may_be_in(text):
            yield from self._truncations.spans(text)
        yield from token_spans(scanned)

    def _spans_behind_colours(self, text: str) -> list[Span]:
        """Return the spans as found without ANSI sequences, including matches of the user's patterns."""
        plain = strip_ansi(text)
        spans = [*self._spans(ScannedText.scan(plain))]
        spans += (match.span() for pattern in self._patterns for match in pattern.finditer(plain))
        positions = positions_without_ansi(text) if spans else []
        return [(positions[start], positions[end - 1] + 1) for start, end in spans if end > start]

    def _trace_spans(self, candidates: Iterable[str], text: str) -> Iterator[Span]:
        """Yield the spans of forms that are wrapped or broken, and of pieces of opaque forms."""
        unbroken = unbroken_text(text)
        for form in candidates:
            yield from wrapped_spans(form, text, unbroken)
        known = {piece for form in candidates for run in self._opaque_runs[form] for piece in _pieces(run)}
        for start, piece in enumerate(_pieces(unbroken.text) if known else ()):
            if piece in known:
                yield unbroken.positions[start], unbroken.positions[start + PIECE_CHARACTERS - 1] + 1


def _mask_spans(text: str, spans: Iterable[Span]) -> str:
    """Replace each span with the mark; adjacent spans share one."""
    kept_texts: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start > end or not kept_texts:
            kept_texts.append(text[end:start])
        end = max(end, stop)
    return MARK.join([*kept_texts, text[end:]])


def _pieces(run: str) -> Iterator[str]:
    return (run[start : start + PIECE_CHARACTERS] for start in range(len(run) - PIECE_CHARACTERS + 1))


def _gather_texts(value: Any, texts: list[str], depth: int) -> bool:
    """Append all texts in `value` to `texts`; return False if there are too many or they are nested too deeply."""
    if type(value) is dict:
        if len(value) == _PASSED_KEYS and value.get("outcome") == "passed" and type(value.get("duration")) is float:
            return True
        if not PROTECTED_KEYS.issuperset(value):
            texts += value.keys() - PROTECTED_KEYS
        value = value.values()
    for inner in value:
        kind = type(inner)
        if kind is str:
            texts.append(inner)
        elif kind in _CONTAINERS and not (depth and _gather_texts(inner, texts, depth - 1)):
            return False
    return len(texts) <= _MAX_TEXTS


def _redact_all(value: Any, redact: Redact) -> Any:
    """Return `value` with every text in it redacted."""
    return (
        redact(value)
        if isinstance(value, str)
        else _redact_members(value, redact, lambda inner: _redact_all(inner, redact))
    )


def _redact_members(value: Any, redact: Redact, redact_inner: Callable[[Any], Any]) -> Any:
    """Return `value` with its direct members redacted, except protected keys and words."""
    match value:
        case dict():
            return {
                key if key in PROTECTED_KEYS else redact(key): inner
                if _is_protected(key, inner)
                else redact_inner(inner)
                for key, inner in value.items()
            }
        case list() | tuple():
            return [redact_inner(inner) for inner in value]
        case _:
            return value


def _is_protected(key: str, value: Any) -> bool:
    return key in WORD_KEYS and isinstance(value, str) and value in PROTECTED_WORDS
