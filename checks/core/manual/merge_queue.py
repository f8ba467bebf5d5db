"""The verdict that a merge group's check takes from the head of its pull request."""

from __future__ import annotations

from ..model.check_run import RemoteCheckRun
from ..model.job import Context
from ..text.commits import short_commit
from ..text.escape import code_span
from .carry import Carried, NotCarried
from .record import record_of_run


def take(run: RemoteCheckRun | None, context: Context, number: int, head: str) -> Carried | NotCarried:
    """Return the verdict of the newest run of the check on the head, else why nobody has decided.

    Also a failure, a verdict from a terminal, and one on a fork's commit: the group is what was decided on.
    """
    page = f"{context.server_url}/{context.repository}/pull/{number}"
    where = f"commit {short_commit(head)}, the head of [pull request {number}]({page})"
    record = record_of_run(run) if run else None
    if record is None:
        return NotCarried(reason=f"This check does not exist on {where}.")
    if record.verdict is None:
        return NotCarried(reason=f"There is no verdict on {where}.")
    return Carried(record=record, note=f"This is the verdict on {where}.")


def unknown(branch: str) -> str:
    """Return why there is no verdict if the branch of the merge group does not name a pull request."""
    return f"The branch {code_span(branch)} names no pull request whose verdict this check could have."
