"""Find the causes of a session's failures as the main program does."""

from __future__ import annotations

from checks.core.model.job import Repository
from checks.core.model.session import Session
from checks.core.report.annotations import Annotator
from checks.core.report.owners import OwnersOf, nobody
from checks.core.results.causes import Cause, CauseNumbers, causes

_TRACKED = frozenset({"tests/conftest.py", "tests/test_a.py", "tests/test_b.py", "src/app.py"})
REPOSITORY = Repository(root="/repo", tracked=_TRACKED, fallback="pytest.ini")


def causes_of(session: Session, repository: Repository = REPOSITORY, owners_of: OwnersOf = nobody) -> tuple[Cause, ...]:
    """Return the causes; by default the session is in ``/repo``."""
    annotator = Annotator(repository=repository, root=session.root, owners_of=owners_of)
    return causes(session, CauseNumbers(), annotator.place, annotator.owners)
