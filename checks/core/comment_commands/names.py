"""The check that a command names: by its name or its category, in any case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from unicodedata import category, normalize

from ..github.external_id import fit_category
from ..model.check_run import RemoteCheckRun
from .command import SCOPES, CommentCommand, Verb

#: Format characters, such as marks of direction and joiners without width, and control characters.
_INVISIBLE = frozenset({"Cf", "Cc", "Cs"})
_COMMIT = re.compile(r"@([0-9a-f]{7,40})", re.IGNORECASE)
_MAX_NEAREST = 3
_MIN_SIMILARITY = 0.6
#: Of a text that is compared with names.
_COMPARED_CHARACTERS = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCheck:
    """A check on a commit."""

    name: str
    category: str
    is_manual: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCheck:
    """The check that a command names; the beginning of a commit's id, or empty; and the text that follows."""

    check: KnownCheck
    commit: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownName:
    """No check has the name, and these are the nearest ones."""

    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbiguousName:
    """Several checks may be meant. `needs_quotes`: the one that is meant can be quoted."""

    names: tuple[str, ...]
    needs_quotes: bool


Resolution = NamedCheck | UnknownName | AmbiguousName


def known_checks(runs: Iterable[RemoteCheckRun]) -> tuple[KnownCheck, ...]:
    """Return the checks that have these runs, which are those of one commit, oldest first."""
    newest = {run.name: (run, run.identity) for run in runs if run.identity is not None}
    return tuple(
        KnownCheck(name=name, category=identity.category, is_manual=run.is_manual)
        for name, (run, identity) in newest.items()
    )


def visible_text(text: str) -> str:
    """Return the text without invisible characters, with one space for each run of whitespace."""
    return "".join(map(_without_invisible, " ".join(text.split())))


def is_blank(text: str) -> bool:
    """Whether nothing of the text is visible."""
    return not visible_text(text).strip()


def mentioned_commit(command: CommentCommand) -> str:
    """Return the first word that may name a commit, without its ``@``; empty if no word may."""
    return next(filter(None, map(_commit, command.rest.split())), "")


def resolve(command: CommentCommand, checks: Sequence[KnownCheck]) -> Resolution:
    """Return the check that the command names, one of `checks`.

    Without quotes, it is the longest name that the text begins with, up to a blank.
    """
    if command.name:
        found = _checks_called(command.name, checks)
        return _one_of(found, command.rest.split()) or UnknownName(nearest=_nearest(command.name, checks))
    words = [word for word in command.rest.split() if not is_blank(word)]
    names = _names(checks)
    longest = max((name.count(" ") + 1 for name in names), default=0)
    for number in range(min(len(words), longest), 0, -1):
        name = " ".join(words[:number])
        if resolution := _one_of(_checks_called(name, checks), words[number:]):
            return _unless_longer(resolution, command, _fold(name), names)
    return UnknownName(nearest=_nearest(command.rest, checks))


def either(resolution: Resolution, other: NamedCheck) -> Resolution:
    """Return the other check if the first one is unknown; if both are known, either may be meant."""
    if isinstance(resolution, NamedCheck):
        return AmbiguousName(names=(resolution.check.name, other.check.name), needs_quotes=True)
    return other


def _unless_longer(
    found: Resolution, command: CommentCommand, name: str, names: Mapping[str, Sequence[KnownCheck]]
) -> Resolution:
    """Return what was found, unless it may be another check with a longer name that is not written correctly."""
    if not isinstance(found, NamedCheck) or not found.rest or _is_scope(command, found.rest):
        return found
    others = [
        check
        for longer, checks in names.items()
        if longer.startswith(name) and longer != name
        for check in checks
        if check != found.check
    ]
    if not others:
        return found
    shown = dict.fromkeys(check.name for check in (found.check, *others))
    return AmbiguousName(names=tuple(shown)[:_MAX_NEAREST], needs_quotes=True)


def _one_of(found: Sequence[KnownCheck], rest: Sequence[str]) -> NamedCheck | AmbiguousName | None:
    """Return what is known of the check and the words that follow its name; None without a check."""
    if len(found) != 1:
        names = tuple(check.name for check in found)
        return AmbiguousName(names=names[:_MAX_NEAREST], needs_quotes=False) if found else None
    commit = _commit(rest[0]) if rest else ""
    return NamedCheck(check=found[0], commit=commit, rest=" ".join(rest[1:] if commit else rest))


def _is_scope(command: CommentCommand, rest: str) -> bool:
    """Whether the text after the name says which tests to re-run, and nothing else."""
    return command.verb is Verb.RERUN and rest.casefold() in SCOPES


def _commit(word: str) -> str:
    """Return the digits of ``@c0ffee1``, which may be code or end with a punctuation mark; else an empty text."""
    match = _COMMIT.fullmatch(word.strip("`").rstrip(",.;:"))
    return match[1].lower() if match else ""


def _checks_called(name: str, checks: Sequence[KnownCheck]) -> list[KnownCheck]:
    """Return the checks with this name; without one, those of this category. A name in the same case counts more."""
    for attribute, text in (("name", name), ("category", fit_category(visible_text(name)))):
        folded, shown = _fold(text), visible_text(text)
        found = [check for check in checks if _fold(getattr(check, attribute)) == folded]
        exact = [check for check in found if visible_text(getattr(check, attribute)) == shown]
        if found:
            return exact if len(exact) == 1 else found
    return []


def _names(checks: Iterable[KnownCheck]) -> dict[str, list[KnownCheck]]:
    """Return the checks by their names and categories, folded."""
    names: dict[str, list[KnownCheck]] = {}
    for check in checks:
        for name in {_fold(check.name), _fold(check.category)} - {""}:
            names.setdefault(name, []).append(check)
    return names


def _nearest(text: str, checks: Iterable[KnownCheck]) -> tuple[str, ...]:
    """Return the names of the checks that are most like the beginning of the text, the best first."""
    words = _fold(text[:_COMPARED_CHARACTERS]).split()
    similarities: dict[str, float] = {}
    for check in checks:
        for name in (_fold(check.name), _fold(check.category)):
            matcher = SequenceMatcher(None, " ".join(words[: len(name.split())]), name[:_COMPARED_CHARACTERS])
            if name and matcher.quick_ratio() >= _MIN_SIMILARITY:
                similarities[check.name] = max(similarities.get(check.name, 0.0), matcher.ratio())
    ranked = sorted(similarities, key=lambda name: -similarities[name])
    return tuple(name for name in ranked if similarities[name] >= _MIN_SIMILARITY)[:_MAX_NEAREST]


def _fold(text: str) -> str:
    return normalize("NFC", visible_text(text)).strip().casefold()


def _without_invisible(character: str) -> str:
    return "" if category(character) in _INVISIBLE else character
