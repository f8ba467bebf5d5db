"""Text -> text without secrets: known values in all their forms, well-known tokens, the user's patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from ..text.ansi import positions_without_ansi, strip_ansi
from .prefilter import Prefilter
from .token_patterns import MARK, ScannedText, token_spans
from .truncated import FRAGMENT_CHARACTERS, LONG_CHARACTERS, SHORTENED_PHRASES, Truncations
from .values import MIN_SECRET_CHARACTERS, forms_of, opaque_runs
from .wrapped import Span, occurrences, strip_breaks, unbroken_text, wrapped_spans

# Names and words of the entries that the tests' process writes hold no secret. Redaction leaves them alone, whatever
# the user's patterns say: a test whose outcome is unreadable would be lost.
#: What an entry's values are called.
PROTECTED_KEYS = frozenset(
    {
        *("event", "seq", "test", "nodeid", "lineno", "path", "when", "outcome", "category", "duration"),
        *("message", "places", "place", "text", "sections", "subtest", "reason", "longrepr", "crash", "traceback"),
        *("stdout", "stderr", "log", "msg", "number", "deselected", "collected", "filename", "result"),
        *("id", "check_runs_session", "worker", "pytest", "python", "root", "exit_status", "exitcode", "stopped"),
        *("created", "environment", "titles"),
        *("summary", "collectors", "tests", "warnings", "stages", "setup", "call", "teardown", "keywords", "metadata"),
        *("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun", "total", "user_properties", "type"),
    }
)

#: The values that say what an entry is, and the words that they may be.
WORD_KEYS = frozenset({"event", "when", "outcome", "category"})
PROTECTED_WORDS = frozenset(
    {
        *("session", "collected", "test", "stage", "collector", "warning", "internal_error", "end", "missing"),
        *("setup", "call", "teardown", "???", "collect", "config", "runtest"),
        *("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun"),
    }
)

#: A part of an opaque value that is this long is hidden even without the rest.
PIECE_CHARACTERS = 16
#: So many texts of an entry are looked at together: most have no secret, and one look shows so.
_MAX_TEXTS = 1_000
#: What has more texts is looked at in parts of so many members.
_PART_MEMBERS = 64
#: Two are enough but for what has been made to need more.
_MAX_PASSES = 5
#: At the ends of joined texts, where they are long, letters of a value would else be taken for what is left of it.
_PADDING = "\0" * FRAGMENT_CHARACTERS
#: What a report has three times of a test that passed: `outcome` and `duration`.
_PASSED_KEYS = 2
#: What is nested deeper than this is nothing that anybody reads.
_MAX_DEPTH = 60

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

_CONTAINERS = dict, list, tuple

Redact = Callable[[str], str]


class Redactor:
    """Replaces secrets by ``***``; `values` are `secrets_of(...)`, `patterns` the user's regular expressions.

    Values are replaced whole, however they are wrapped; and what is left of them beside a cut; and those that look
    random also piece by piece. Redacting twice changes nothing more.
    """

    def __init__(self, values: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        self._opaque_runs = {form: opaque_runs(strip_breaks(form)) for form in forms_of(values)}
        self._prefilter = Prefilter(self._opaque_runs, SHORTENED_PHRASES)
        self._truncations = Truncations(
            known for known in map(strip_breaks, self._opaque_runs) if len(known) >= MIN_SECRET_CHARACTERS
        )
        self._patterns = [re.compile(pattern) for pattern in patterns]

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        for _ in range(_MAX_PASSES):  # what stood beside a secret may stand alone now
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
        """What `json` reads, with every text in it redacted, keys too; `value` itself where there is no secret.

        The names and words of the dialect that the tests' process speaks stay.
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
        """The same of what has too many texts to be looked at together; to look at each alone would take seconds."""
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
        """Whether there is anything in the text to look at closely."""
        return (
            not self._prefilter.excludes(scanned)
            or any(token_spans(scanned))
            or self._truncations.may_be_in(scanned.text)
        )

    def _is_suspect_among(self, texts: list[str]) -> bool:
        """The same of one text for all; of the ends of a long one, and of what has colours, each for itself."""
        joined = "\n".join([_PADDING, *dict.fromkeys(texts), _PADDING])  # the same files stand in many tracebacks
        scanned = ScannedText.scan(strip_ansi(joined))
        return (
            self._is_suspect(scanned)
            or (scanned.text != joined and self._is_suspect_in_colour(joined, scanned))
            or any(len(text) >= LONG_CHARACTERS and self._truncations.may_be_in(text) for text in texts)
        )

    def _is_suspect_in_colour(self, text: str, scanned_plain: ScannedText) -> bool:
        """The same of a text with ANSI sequences, of which others than colours may go with a value's first letter."""
        if self._patterns or (scanned_plain.likely_patterns and any(token_spans(ScannedText.scan(text)))):
            return True
        has_others = len(_COLOUR.findall(text)) < text.count("\x1b") + text.count("\x9b")
        return has_others and self._is_suspect(ScannedText.scan(text))

    def _spans(self, scanned: ScannedText) -> Iterator[Span]:
        """Where values stand, and what is left of them, and what looks like a secret."""
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
        """The same as they would be without ANSI sequences; also what the user's patterns match then."""
        plain = strip_ansi(text)
        spans = [*self._spans(ScannedText.scan(plain))]
        spans += (match.span() for pattern in self._patterns for match in pattern.finditer(plain))
        positions = positions_without_ansi(text) if spans else []
        return [(positions[start], positions[end - 1] + 1) for start, end in spans if end > start]

    def _trace_spans(self, candidates: Iterable[str], text: str) -> Iterator[Span]:
        """Where the forms stand otherwise than as they are, and pieces of the opaque ones."""
        unbroken = unbroken_text(text)
        for form in candidates:
            yield from wrapped_spans(form, text, unbroken)
        known = {piece for form in candidates for run in self._opaque_runs[form] for piece in _pieces(run)}
        for start, piece in enumerate(_pieces(unbroken.text) if known else ()):
            if piece in known:
                yield unbroken.positions[start], unbroken.positions[start + PIECE_CHARACTERS - 1] + 1


def _mask_spans(text: str, spans: Iterable[Span]) -> str:
    """The text with a mark in place of each span, and of spans that touch one for all."""
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
    """Add all texts in `value` to `texts`; False when they are too many, or too deep, to be looked at together."""
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
    """`value` with every text in it treated."""
    return (
        redact(value)
        if isinstance(value, str)
        else _redact_members(value, redact, lambda inner: _redact_all(inner, redact))
    )


def _redact_members(value: Any, redact: Redact, redact_inner: Callable[[Any], Any]) -> Any:
    """`value` with whatever is immediately in it treated; names and words of the dialect stay."""
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
