"""`Session` -> a JSON report in the dialect of `report.py`, for where pytest could not write one."""

from __future__ import annotations

from typing import Any

from ..words.session import Details, Outcome, Session, Stage


def render(session: Session) -> dict[str, Any]:
    """A report in this dialect, for where pytest wrote none: ``report.parse(render(session))`` is the session again."""
    return {
        "exitcode": session.exit_status,
        "root": session.root,
        "duration": session.duration_seconds,
        "summary": {"collected": _plus(session.collected, session.deselected), "deselected": session.deselected},
        "collectors": [
            {"nodeid": each.nodeid, **_rendered_outcome(each.outcome), **_rendered(each.details)}
            for each in session.collectors
        ],
        "warnings": [
            {"category": each.category, "message": each.message, "nodeid": each.nodeid}
            | {"filename": each.place.path, "lineno": each.place.line}
            for each in session.warnings
        ],
        "tests": [
            {"nodeid": each.nodeid, "lineno": _plus(each.line, -1), "path": each.defined_in}
            | {"stages": list(map(_rendered_stage, each.stages))}
            for each in session.items
        ],
    }


def _plus(number: int | None, more: int) -> int | None:
    return None if number is None else number + more


def _rendered_stage(stage: Stage) -> dict[str, Any]:
    subtest = {} if stage.subtest is None else {"subtest": stage.subtest}
    details = {} if stage.details is None else _rendered(stage.details)
    outcome = _rendered_outcome(stage.outcome)
    return {"when": stage.name.value, "duration": stage.duration_seconds, **outcome, **subtest, **details}


def _rendered_outcome(outcome: Outcome) -> dict[str, str]:
    return {"category": outcome.value, "outcome": "failed" if outcome.is_bad else outcome.value}


def _rendered(details: Details) -> dict[str, Any]:
    return {
        "message": details.message,
        "reason": details.message,
        "places": [[place.path, place.line] for place in details.places],
        "text": details.traceback,
        "sections": [[section.title, section.text] for section in details.captured],
    }
