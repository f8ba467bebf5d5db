"""Find the causes of a session's failures as the main program does."""

from __future__ import annotations

from checks.core.model.job import Repository
from checks.core.model.session import Session
from checks.core.report.owners import FailureOwners, OwnersOf, nobody
from checks.core.results import locations
from checks.core.results.causes import Cause, CauseNumbers, Failure, Place, causes

_TRACKED = frozenset({"tests/conftest.py", "tests/test_a.py", "tests/test_b.py", "src/app.py"})
REPOSITORY = Repository(root="/repo", tracked=_TRACKED, fallback="pytest.ini")


def causes_of(session: Session, repository: Repository = REPOSITORY, owners_of: OwnersOf = nobody) -> tuple[Cause, ...]:
    """Return the causes; by default the session is in ``/repo``."""

    def find_place(failure: Failure) -> Place | None:
        return locations.resolve(failure.details.locations, repository=repository, root=session.root)

    owners = FailureOwners(owners_of=owners_of, repository=repository, root=session.root)
    return causes(session, CauseNumbers(), find_place, owners.find)
