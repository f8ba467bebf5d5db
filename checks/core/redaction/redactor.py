"""Text -> text without secrets: known values in all their forms, well-known tokens, the user's patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from ..text.ansi import positions_without_ansi, strip_ansi
from .prefilter import Sieve
from .token_patterns import MARK, Sight, tokens
from .truncated import END_CHARACTERS, LONG_CHARACTERS, SHORTENED_PHRASES, Cuts
from .values import SHORTEST, forms_of, opaque_runs
from .wrapped import Span, letters, occurrences, squeeze, wrapped

# Names and words of the entries that the tests' process writes hold no secret. Redaction leaves them alone, whatever
# the user's patterns say: a test whose outcome is unreadable would be lost.
#: What an entry's values are called.
KEYS = frozenset(
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
TELLING = frozenset({"event", "when", "outcome", "category"})
WORDS = frozenset(
    {
        *("session", "collected", "test", "stage", "collector", "warning", "internal_error", "end", "missing"),
        *("setup", "call", "teardown", "???", "collect", "config", "runtest"),
        *("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun"),
    }
)

#: A part of an opaque value that is this long is hidden even without the rest.
PIECE_CHARACTERS = 16
#: So many texts of an entry are looked at together: most have no secret, and one look shows so.
_TEXTS_AT_ONCE = 1_000
#: What has more texts is looked at in parts of so many members.
_PART = 64
#: Two are enough but for what has been made to need more.
_PASSES = 5
#: At the ends of joined texts, where they are long, letters of a value would else be taken for what is left of it.
_NO_CUT = "\0" * END_CHARACTERS
#: What a report has three times of a test that passed: `outcome` and `duration`.
_PASSED_KEYS = 2
#: What is nested deeper than this is nothing that anybody reads.
_DEPTH = 60

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

_CONTAINERS = dict, list, tuple

Treat = Callable[[str], str]


class Redactor:
    """Replaces secrets by ``***``; `values` are `secrets_of(...)`, `patterns` the user's regular expressions.

    Values are replaced whole, however they are wrapped; and what is left of them beside a cut; and those that look
    random also piece by piece. Redacting twice changes nothing more.
    """

    def __init__(self, values: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        self._runs = {form: opaque_runs(letters(form)) for form in forms_of(values)}
        self._sieve = Sieve(self._runs, SHORTENED_PHRASES)
        self._cuts = Cuts(known for known in map(letters, self._runs) if len(known) >= SHORTEST)
        self._patterns = [re.compile(pattern) for pattern in patterns]

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        for _ in range(_PASSES):  # what stood beside a secret may stand alone now
            redacted = self._without_known(text)
            if redacted == text:
                break
            text = redacted
        return self._by_patterns(text)

    def _without_known(self, text: str) -> str:
        spans = [*self._spans(Sight.of(text))]
        if strip_ansi(text) != text:
            spans += self._spans_behind_colours(text)
        return _hidden(text, spans) if spans else text

    def redact_json(self, value: Any) -> Any:
        """What `json` reads, with every text in it redacted, keys too; `value` itself where there is no secret.

        The names and words of the dialect that the tests' process speaks stay.
        """
        return self._redact_json(value, _DEPTH)

    def _redact_json(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self(value)
        if not isinstance(value, _CONTAINERS) or depth == 0:
            return MARK if isinstance(value, _CONTAINERS) else value
        texts: list[str] = []
        is_small = _gather(value, texts, depth)
        is_suspect = is_small and self._is_suspect_among(texts)
        if not is_small and len(value) > _PART:
            return self._by_parts(value, depth)
        if not is_small or (is_suspect and not isinstance(value, dict)):
            return _each(value, self, lambda inner: self._redact_json(inner, depth - 1))
        if is_suspect:
            return _all(value, self)
        return _all(value, self._by_patterns) if self._patterns else value

    def _by_parts(self, value: Any, depth: int) -> Any:
        """The same of what has too many texts to be looked at together; to look at each alone would take seconds."""
        starts = range(0, len(value), _PART)
        if isinstance(value, dict):
            rest = iter(value.items())
            parts = [dict(islice(rest, _PART)) for _ in starts]
            return {key: inner for part in parts for key, inner in self._redact_json(part, depth).items()}
        return [inner for at in starts for inner in self._redact_json(value[at : at + _PART], depth)]

    def _by_patterns(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.sub(MARK, text)
        return text

    def _is_suspect(self, sight: Sight) -> bool:
        """Whether there is anything in the text to look at closely."""
        return not self._sieve.is_empty(sight) or any(tokens(sight)) or self._cuts.may_be_in(sight.text)

    def _is_suspect_among(self, texts: list[str]) -> bool:
        """The same of one text for all; of the ends of a long one, and of what has colours, each for itself."""
        joined = "\n".join([_NO_CUT, *dict.fromkeys(texts), _NO_CUT])  # the same files stand in many tracebacks
        sight = Sight.of(strip_ansi(joined))
        return (
            self._is_suspect(sight)
            or (sight.text != joined and self._is_suspect_in_colour(joined, sight))
            or any(len(text) >= LONG_CHARACTERS and self._cuts.may_be_in(text) for text in texts)
        )

    def _is_suspect_in_colour(self, text: str, without: Sight) -> bool:
        """The same of a text with ANSI sequences, of which others than colours may go with a value's first letter."""
        if self._patterns or (without.likely and any(tokens(Sight.of(text)))):
            return True
        has_others = len(_COLOUR.findall(text)) < text.count("\x1b") + text.count("\x9b")
        return has_others and self._is_suspect(Sight.of(text))

    def _spans(self, sight: Sight) -> Iterator[Span]:
        """Where values stand, and what is left of them, and what looks like a secret."""
        text, found = sight.text, self._sieve.found(sight)
        forms = found - {""}
        whole = [span for form in forms for span in occurrences(form, text)]
        yield from whole
        is_opaque = any(self._runs[form] for form in forms)
        if is_opaque or (forms and self._sieve.found(Sight.of(_hidden(text, whole)))):
            yield from self._traces(forms, text)
        if found or self._cuts.may_be_in(text):
            yield from self._cuts.spans(text)
        yield from tokens(sight)

    def _spans_behind_colours(self, text: str) -> list[Span]:
        """The same as they would be without ANSI sequences; also what the user's patterns match then."""
        plain = strip_ansi(text)
        spans = [*self._spans(Sight.of(plain))]
        spans += (match.span() for pattern in self._patterns for match in pattern.finditer(plain))
        places = positions_without_ansi(text) if spans else []
        return [(places[begin], places[end - 1] + 1) for begin, end in spans if end > begin]

    def _traces(self, found: Iterable[str], text: str) -> Iterator[Span]:
        """Where the forms stand otherwise than as they are, and pieces of the opaque ones."""
        squeezed = squeeze(text)
        for form in found:
            yield from wrapped(form, text, squeezed)
        known = {piece for form in found for run in self._runs[form] for piece in _pieces(run)}
        for at, piece in enumerate(_pieces(squeezed.letters) if known else ()):
            if piece in known:
                yield squeezed.places[at], squeezed.places[at + PIECE_CHARACTERS - 1] + 1


def _hidden(text: str, spans: Iterable[Span]) -> str:
    """The text with a mark in place of each span, and of spans that touch one for all."""
    kept: list[str] = []
    end = 0
    for begin, stop in sorted(spans):
        if begin > end or not kept:
            kept.append(text[end:begin])
        end = max(end, stop)
    return MARK.join([*kept, text[end:]])


def _pieces(run: str) -> Iterator[str]:
    return (run[at : at + PIECE_CHARACTERS] for at in range(len(run) - PIECE_CHARACTERS + 1))


def _gather(value: Any, texts: list[str], depth: int) -> bool:
    """Add all texts in `value` to `texts`; False when they are too many, or too deep, to be looked at together."""
    if type(value) is dict:
        if len(value) == _PASSED_KEYS and value.get("outcome") == "passed" and type(value.get("duration")) is float:
            return True
        if not KEYS.issuperset(value):
            texts += value.keys() - KEYS
        value = value.values()
    for inner in value:
        kind = type(inner)
        if kind is str:
            texts.append(inner)
        elif kind in _CONTAINERS and not (depth and _gather(inner, texts, depth - 1)):
            return False
    return len(texts) <= _TEXTS_AT_ONCE


def _all(value: Any, treat: Treat) -> Any:
    """`value` with every text in it treated."""
    return treat(value) if isinstance(value, str) else _each(value, treat, lambda inner: _all(inner, treat))


def _each(value: Any, treat: Treat, treat_inner: Callable[[Any], Any]) -> Any:
    """`value` with whatever is immediately in it treated; names and words of the dialect stay."""
    match value:
        case dict():
            return {
                key if key in KEYS else treat(key): inner if _tells(key, inner) else treat_inner(inner)
                for key, inner in value.items()
            }
        case list() | tuple():
            return [treat_inner(inner) for inner in value]
        case _:
            return value


def _tells(key: str, value: Any) -> bool:
    return key in TELLING and isinstance(value, str) and value in WORDS
