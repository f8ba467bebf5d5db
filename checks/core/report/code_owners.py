"""The owners of files, by the rules of a CODEOWNERS file.

https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import takewhile

from codeowners import CodeOwners

from .owners import OwnersOf, nobody

#: In the order in which GitHub looks for the file.
CODE_OWNERS_PATHS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")

_PATTERN_CHARACTERS = 1_000
#: Of a path; each of its failures has all of them.
_MOST_OWNERS = 50
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[\w.%+-]+@[\w.-]+")
#: What GitHub does not support in a pattern: a negation, a range, an escaped comment, an empty name.
_UNSUPPORTED = re.compile(r"!|\\#|.*(?:\[|//)|/$")
#: The library's expressions backtrack, for a long path up to a hundred times as long with each further wildcard.
_TOO_SLOW = re.compile(r"(?:[^*]*\*+(?!\*)){4}")
#: Asterisks that mean what one does, but which the library takes for several wildcards. The group is what stays.
_ASTERISKS = re.compile(r"(\\.|(?<![^/])\*\*(?![^/]))|\*+")


def owners_by_file(code_owners: str, redact: Callable[[str], str] = str) -> OwnersOf:
    """Return a function that looks up owners, redacted, in the text of a CODEOWNERS file.

    The text is parsed at the first path, since most jobs have no failure.
    """
    if not code_owners:
        return nobody

    @cache
    def rules() -> CodeOwners:
        return CodeOwners("\n".join(_valid_lines(code_owners)))

    @cache
    def owners_of(path: str) -> tuple[str, ...]:
        return tuple(redact(owner) for _, owner in rules().of(path)[:_MOST_OWNERS])

    return owners_of


def _valid_lines(code_owners: str) -> Iterator[str]:
    """Yield the lines that GitHub accepts, without comments: the library takes words of a comment for owners."""
    for line in code_owners.split("\n"):
        words = [*takewhile(lambda word: not word.startswith("#"), _WORD.findall(line))]
        if words and _is_supported(words[0]) and all(map(_OWNER.fullmatch, words[1:])):
            yield " ".join([_ASTERISKS.sub(lambda match: match[1] or "*", words[0]), *words[1:]])


def _is_supported(pattern: str) -> bool:
    return len(pattern) <= _PATTERN_CHARACTERS and not (_UNSUPPORTED.match(pattern) or _TOO_SLOW.match(pattern))
