"""The end of a session -> the step's outputs, as `action.yml` declares them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..model.check_run import Conclusion, Published
from ..model.item import Outcome
from ..model.limits import JOB_OUTPUT_BYTES
from ..model.session import Session

#: GitHub counts two bytes a character and all outputs of a job together: half of that is for the others.
#: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idoutputs
FAILED_TESTS_CHARACTERS = JOB_OUTPUT_BYTES // 4
_RESULT_OUTPUTS = (
    *("total", "passed", "failed", "errors", "skipped", "xfailed", "xpassed", "flaky", "duration"),
    *("failed-tests", "report"),
)


def outputs(session: Session, conclusion: Conclusion, published: Published | None, report: str) -> dict[str, str]:
    """Every output by its name; `published` is None when there is no check run, `report` a path or empty."""
    counts = session.counts
    return {
        "conclusion": conclusion.value,
        "check-run-id": published.id if published else "",
        "check-run-url": published.page if published else "",
        "total": str(session.total + session.carried_over.counts.total()),
        "passed": str(counts[Outcome.PASSED]),
        "failed": str(counts[Outcome.FAILED]),
        "errors": str(counts[Outcome.ERROR]),
        "skipped": str(counts[Outcome.SKIPPED]),
        "xfailed": str(counts[Outcome.XFAILED]),
        "xpassed": str(counts[Outcome.XPASSED]),
        "flaky": str(len(session.flaky_items)),
        "duration": f"{session.duration_seconds:.2f}",
        "failed-tests": _json_list(item.nodeid for item in session.failed_items),
        "report": report,
    }


def outputs_without_results(conclusion: Conclusion, published: Published | None) -> dict[str, str]:
    """Return the same where nothing can be said of results: their numbers are empty."""
    check_run = {
        "conclusion": conclusion.value,
        "check-run-id": published.id if published else "",
        "check-run-url": published.page if published else "",
    }
    return {**check_run, **dict.fromkeys(_RESULT_OUTPUTS, ""), "failed-tests": "[]"}


def _json_list(nodeids: Iterable[str]) -> str:
    """ASCII JSON of as many whole ids as fit; `failed` and `errors` tell the number of all."""
    listed: list[str] = []
    remaining = FAILED_TESTS_CHARACTERS - len("[]")
    for nodeid in nodeids:
        text = json.dumps(nodeid)
        remaining -= len(text) + len(", ")
        if remaining < 0:
            break
        listed.append(text)
    return f"[{', '.join(listed)}]"
