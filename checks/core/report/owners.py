"""The owners of a failure: those of the place where it was raised, else those of its test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..model.job import Repository
from ..results import locations
from ..results.causes import Failure, Place
from ..text.truncate import truncate_characters

#: The owners of a path relative to the repository's root, as CODEOWNERS has them: ``@name``, ``@org/team``, an address.
OwnersOf = Callable[[str], tuple[str, ...]]

_SHOWN_CHARACTERS = 300


def nobody(path: str) -> tuple[str, ...]:
    """Return no owners."""
    del path
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureOwners:
    """Finds the owners of a session's failures; `root` is pytest's rootdir."""

    owners_of: OwnersOf
    repository: Repository
    root: str

    def find(self, failure: Failure, raised_at: Place | None) -> tuple[str, ...]:
        """Return the owners of a failure that was raised at this place of the repository, if it was."""
        owners = self.owners_of(raised_at[0]) if raised_at else ()
        if owners or self.owners_of is nobody:
            return owners
        own_place = locations.resolve(failure.own_locations, repository=self.repository, root=self.root)
        return self.owners_of(own_place[0]) if own_place else ()


def owners_text(owners: Sequence[str]) -> str:
    """Return owners in one line."""
    return truncate_characters(" ".join(owners), _SHOWN_CHARACTERS)
