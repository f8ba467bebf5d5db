"""A manual check's record -> its check run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..model.check_run import CheckAction, CheckRun, Conclusion, Output, RemoteCheckRun, Status
from ..model.identity import Identity, RunKind
from ..model.manual import ManualRecord, VerdictAction, VerdictRequest, VerdictSource
from ..text.commits import short_commit
from ..text.escape import code_span, one_line, prose
from ..text.join import paragraphs
from ..text.quoted_name import quoted_name
from ..text.truncate import truncate_characters
from . import record as records

_PASS = CheckAction(label="Pass", description="Passes this check in your name", identifier=VerdictAction.PASS.value)
_FAIL = CheckAction(label="Fail", description="Fails this check in your name", identifier=VerdictAction.FAIL.value)
_UNDO = CheckAction(label="Undo", description="Asks for a verdict again", identifier=VerdictAction.UNDO.value)
#: A request's reason and name are shown in the title, and are in the record.
REASON_CHARACTERS = 500
NAME_CHARACTERS = 100
_WAITING = "Waiting for a verdict"
_HOW = (
    "Somebody with write access to this repository passes or fails this check, with the buttons or in a comment on the "
    "pull request: {passes} or {fails}."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualCheck:
    """A manual check on a commit. `instructions` are Markdown."""

    name: str
    head_sha: str
    identity: Identity
    instructions: str
    record: ManualRecord
    details_url: str = ""


def manual_run(check: ManualCheck, now: float, note: str = "") -> CheckRun:
    """Return the completed check run of a manual check.

    `now` is in seconds since the epoch, UTC. `note` is a paragraph of Markdown below what the record says.
    """
    record, head_sha = check.record, check.head_sha
    verdict = record.verdict
    conclusion = Conclusion.ACTION_REQUIRED
    if verdict is not None:
        conclusion = Conclusion.SUCCESS if record.has_passed else Conclusion.FAILURE
    return CheckRun(
        name=check.name,
        head_sha=head_sha,
        identity=replace(check.identity, kind=RunKind.MANUAL),
        details_url=check.details_url,
        status=Status.COMPLETED,
        conclusion=conclusion,
        output=Output(
            title=_title(record, head_sha),
            summary=paragraphs(["" if verdict else _how(check.name), *_request_paragraphs(record, head_sha), note]),
            text=check.instructions,
            record=records.render(record),
        ),
        started_at=now,
        completed_at=now,
        actions=(_PASS, _FAIL) if verdict is None else (_UNDO,),
    )


def successor(
    run: RemoteCheckRun, record: ManualRecord, *, now: float, action: VerdictAction | None = None, note: str = ""
) -> CheckRun:
    """Return the run that follows a manual check's run with another record; `action` led to it, None for a repetition.

    It begins after the earlier one by its own clock, too: of two runs of a name, the later one counts.
    """
    identity = replace(run.identity or Identity(), run_id="", attempt=0, job=action or "", earlier=run.id)
    check = ManualCheck(
        name=run.name, head_sha=run.head_sha, identity=identity, instructions=run.output.text, record=record
    )
    return manual_run(check, max(now, run.started_at + 1.0), note)


def with_request(record: ManualRecord, request: VerdictRequest, commit: str) -> ManualRecord:
    """Return the record after a person's request on `commit`."""
    reason = truncate_characters(one_line(request.reason), REASON_CHARACTERS)
    by = truncate_characters(one_line(request.by), NAME_CHARACTERS)
    return replace(record, request=replace(request, reason=reason, by=by), commit=commit)


def verdict_sentence(record: ManualRecord, head_sha: str) -> str:
    """Return ``Passed by octocat on c0ffee1``, with the commit if it is another one; for the title and answers."""
    request = record.verdict
    if request is None:
        return _WAITING
    commit = f" on {short_commit(record.commit)}" if record.commit not in ("", head_sha) else ""
    return f"{'Passed' if record.has_passed else 'Failed'} by {request.by}{commit}"


def shown_time(seconds: float) -> str:
    """Return a time such as ``2026-11-27 16:40 UTC``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _title(record: ManualRecord, head_sha: str) -> str:
    request = record.request
    if request is not None and request.action is VerdictAction.UNDO:
        return f"{_WAITING} again"
    reason = f": {request.reason}" if request is not None and request.reason else ""
    return verdict_sentence(record, head_sha) + reason


def _how(name: str) -> str:
    shown_name = quoted_name(name)
    passes, fails = f"/check pass {shown_name}", f"/check fail {shown_name} the reason"
    return _HOW.format(passes=code_span(passes), fails=code_span(fails))


def _request_paragraphs(record: ManualRecord, head_sha: str) -> list[str]:
    """Return who requested what, when, in which way and why; nothing if nobody did."""
    request = record.request
    if request is None:
        return []
    is_undo = request.action is VerdictAction.UNDO
    did = f"Asked again by {request.by}" if is_undo else verdict_sentence(record, head_sha)
    sentence = f"{prose(did)} at {shown_time(request.at)}, {_way(request)}."
    return [sentence, f"> {prose(request.reason)}" if request.reason else ""]


def _way(request: VerdictRequest) -> str:
    match request.source:
        case VerdictSource.BUTTON:
            return f"with the button of {_link(f'check run {request.event}', request.page)}"
        case VerdictSource.RERUN:
            return f"with GitHub's re-run of {_link(f'check run {request.event}', request.page)}"
        case VerdictSource.COMMENT:
            return f"in {_link('a comment', request.page)}"
        case VerdictSource.TERMINAL:
            return "from a terminal"


def _link(text: str, page: str) -> str:
    return f"[{text}]({page})" if page else text
