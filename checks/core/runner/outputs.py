"""The step's outputs, as `action.yml` declares them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..history.compare import Comparison
from ..model.check_run import Conclusion, Published
from ..model.item import Outcome
from ..model.limits import JOB_OUTPUT_BYTES
from ..model.session import Session
from ..results.causes import Cause, Failure, one_per_cause_first

#: Of each output that lists tests. GitHub counts two bytes per character and all outputs of a job together. Half of the
#: limit is for other outputs.
#: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idoutputs
LIST_CHARACTERS = JOB_OUTPUT_BYTES // 8
_RESULT_OUTPUTS = (
    *("total", "passed", "failed", "errors", "skipped", "xfailed", "xpassed", "flaky", "quarantined"),
    *("duration", "new-failures", "fixed", "removed-tests"),
    *("failed-tests", "owners", "failures", "failures-json", "report"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFiles:
    """The paths of what was saved in the workspace, relative to it; empty if it was not."""

    report: str = ""
    failures: str = ""
    failures_json: str = ""


def outputs(  # noqa: PLR0913, PLR0917 - the last ones are for results
    session: Session,
    conclusion: Conclusion,
    published: Published | None,
    saved: SavedFiles = SavedFiles(),
    causes: Sequence[Cause] = (),
    comparison: Comparison | None = None,
) -> dict[str, str]:
    """Return every output by name.

    `published` is None without a check run. `failed-tests` begins with one test of each of the `causes`. `comparison`
    is that with the base.
    """
    counts = session.counts
    one_per_cause = (cause.first.nodeid for cause in causes if cause.first.item)
    failed_tests = dict.fromkeys([*one_per_cause, *(item.nodeid for item in session.failed_items)])
    return {
        **_of_check_run(conclusion, published),
        "total": str(session.total + session.carried_over.counts.total()),
        "passed": str(counts[Outcome.PASSED]),
        "failed": str(counts[Outcome.FAILED]),
        "errors": str(counts[Outcome.ERROR]),
        "skipped": str(counts[Outcome.SKIPPED]),
        "xfailed": str(counts[Outcome.XFAILED]),
        "xpassed": str(counts[Outcome.XPASSED]),
        "flaky": str(len(session.flaky_items)),
        "quarantined": str(len(session.quarantined_items)),
        "duration": f"{session.duration_seconds:.2f}",
        **_of_comparison(comparison),
        "failed-tests": _json_list(failed_tests),
        "owners": _json_of_owners(one_per_cause_first(causes)),
        "failures": saved.failures,
        "failures-json": saved.failures_json,
        "report": saved.report,
    }


def outputs_without_results(conclusion: Conclusion, published: Published | None) -> dict[str, str]:
    """Return every output by name if the results are unknown; their numbers are empty."""
    results = {**dict.fromkeys(_RESULT_OUTPUTS, ""), "failed-tests": "[]", "owners": "{}"}
    return {**_of_check_run(conclusion, published), **results}


def _of_check_run(conclusion: Conclusion, published: Published | None) -> dict[str, str]:
    return {
        "conclusion": conclusion.value,
        "check-run-id": published.id if published else "",
        "check-run-url": published.page if published else "",
    }


def _of_comparison(comparison: Comparison | None) -> dict[str, str]:
    """Return the numbers of a comparison with the very base; empty as far as they are unknown."""
    known = comparison if comparison is not None and comparison.exact_base is not None else None
    return {
        "new-failures": "" if known is None or known.new_count is None else str(known.new_count),
        "fixed": "" if known is None else str(len(known.fixed)),
        "removed-tests": "" if known is None or known.removed is None else str(len(known.removed)),
    }


def _json_list(nodeids: Iterable[str]) -> str:
    """Return as many node ids as fit, as ASCII JSON; the outputs `failed` and `errors` count all of them."""
    listed: list[str] = []
    remaining = LIST_CHARACTERS - len("[]")
    for nodeid in nodeids:
        text = json.dumps(nodeid)
        remaining -= len(text) + len(", ")
        if remaining < 0:
            break
        listed.append(text)
    return f"[{', '.join(listed)}]"


def _json_of_owners(failures: Iterable[Failure]) -> str:
    """Return the node ids of each owner as ASCII JSON, as many as fit."""
    listed: dict[str, dict[str, None]] = {}
    remaining = LIST_CHARACTERS - len("{}")
    for owner, nodeid in ((owner, failure.nodeid) for failure in failures for owner in failure.owners):
        if nodeid in listed.get(owner, ()):
            continue
        remaining -= len(json.dumps(nodeid)) + len(", ")
        remaining -= 0 if owner in listed else len(json.dumps(owner)) + len(": [], ")
        if remaining < 0:
            break
        listed.setdefault(owner, {})[nodeid] = None
    return json.dumps({owner: [*nodeids] for owner, nodeids in listed.items()})
