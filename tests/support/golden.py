"""Record the reports in ``tests/golden``, and build the requests for them."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from checks.core.failure_report.recorder import FailureRecorder
from checks.core.github import payload
from checks.core.github.annotation_queue import AnnotationQueue
from checks.core.model.check_run import CheckRun, Output, Status
from checks.core.model.identity import Identity
from checks.core.model.job import Context, ExitReason, ProcessExit, Repository
from checks.core.model.settings import Settings
from checks.core.preview import page
from checks.core.report import summary
from checks.core.results.locations import configuration_candidates, first_tracked
from checks.core.results.session_builder import SessionBuilder
from checks.core.verdict import tested_commit
from checks.core.verdict.conclusion import conclude
from checks.programs.run.collector import ResultCollector
from tests.support.batches import batches
from tests.support.fakes import MemoryRecords, MemorySpool
from tests.support.json_reports import members
from tests.support.runner.jobs import Job

FOLDER = Path(__file__).parents[1] / "golden"
ROOT = "/repo"
_HEAD = "a1b2c3d4" * 5
_CONTEXT = Context(repository="octo/demo", head_sha=_HEAD)
_STARTED_AT = 1_800_000_000.0
#: Smaller reports are kept whole; of larger ones, this many tests of each outcome.
_TESTS = 60
_TESTS_OF_AN_OUTCOME = 8
_WARNINGS = 8
#: Tracked files that an annotation may refer to.
_TRACKED = ("*.py", "*.toml", "*.ini", "*.cfg", "*.txt")
#: What `SessionBuilder` reads of a report.
_REPORT_KEYS = ("exitcode", "root", "duration", "summary", "collectors", "tests", "warnings")
_TEST_KEYS = ("nodeid", "lineno", "path", "outcome", "setup", "call", "teardown", "???", "stages")
_IN_OUR_TEXT = ("crash", "traceback", "stdout", "stderr", "log")

Body = dict[str, Any]


def repository(tracked: Sequence[str]) -> Repository:
    """Return a repository of these files, checked out at the reported commit."""
    files = frozenset(tracked)
    configuration = next(configuration_candidates(files, ""), first_tracked(files))
    return Repository(root=ROOT, tracked=files, fallback=configuration, head=_HEAD)


def sent(report: Mapping[str, Any], where: Repository) -> Iterator[Body]:
    """Yield the bodies of all requests for a report."""
    settings = Settings()
    annotation_queue = AnnotationQueue(MemorySpool(), settings.max_annotations)
    collector = ResultCollector(
        settings=settings,
        repository=where,
        annotation_queue=annotation_queue,
        builder=SessionBuilder(lambda entry: entry),
        failures=FailureRecorder(MemoryRecords()),
    )
    collector.add(members(report))
    session = collector.session()
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=session.exit_status)
    collector.end(session, process_exit)
    causes = collector.causes(session)
    tested = tested_commit.compare_head(_CONTEXT, where)[0]
    verdict = conclude(session, process_exit, settings, tested, len(causes))
    url_of = summary.url_builder(_CONTEXT, where, session.root)
    frame = summary.Frame(
        url_of=url_of,
        place_of=summary.place_finder(where, session.root),
        causes=causes,
        omission_note="all are annotated",
    )
    first = CheckRun(
        name="pytest",
        head_sha=_HEAD,
        identity=Identity(),
        details_url="https://github.com/octo/demo/actions/runs/1/job/2",
        status=Status.IN_PROGRESS,
        output=Output(title="Starting", summary="The tests are starting."),
        started_at=_STARTED_AT,
    )
    output = Output(title=verdict.title, summary=summary.summary(session, verdict, frame), text=summary.text(session))
    last = replace(
        first,
        status=Status.COMPLETED,
        conclusion=verdict.conclusion,
        output=output,
        completed_at=_STARTED_AT + session.duration_seconds,
    )
    yield payload.create(first)
    waiting = [*annotation_queue.take(len(annotation_queue))]
    *earlier_batches, last_batch = [*batches(waiting)] or [()]
    yield from (payload.update(replace(first, output=output), batch) for batch in earlier_batches)
    yield payload.update(last, last_batch)


def reading(bodies: Sequence[Body]) -> str:
    """Return the final content of the check run as Markdown."""
    annotations = [annotation for body in bodies for annotation in body["output"].get("annotations", ())]
    return "".join(page.markdown(bodies[-1], annotations))


def record(name: str, job: Job, python: Path) -> None:
    """Save the report of the job's last step; `python` is the tests'."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    text = (job.workspace / job.records("output")["report"]).read_text()
    places = {
        job.workspace.resolve(): ROOT,
        python.parents[1].resolve(): "/venv",
        job.folder.resolve(): "/home/runner",
        Path(sys.base_prefix).resolve(): "/usr",
    }
    for place, shown in places.items():
        text = text.replace(str(place), shown)
    kept = json.dumps(_small(json.loads(text)), indent=1, ensure_ascii=False)
    (folder / "report.json").write_text(f"{kept}\n", "utf-8", "backslashreplace")
    (folder / "tracked.txt").write_text(f"{job.git('ls-files', *_TRACKED)}\n")


def _small(report: Body) -> Body:
    """Return the part of a report that is read and, if it is large, some tests of each outcome."""
    tests = report["tests"] if len(report["tests"]) <= _TESTS else [*_chosen(report["tests"])]
    deselected = report["summary"].get("deselected", 0)
    return {key: _lean(report[key]) for key in _REPORT_KEYS if key in report} | {
        "summary": {"collected": len(tests) + deselected, "deselected": deselected},
        "collectors": [_lean(entry) for entry in report["collectors"] if entry["outcome"] != "passed"],
        "tests": [_lean({key: test[key] for key in _TEST_KEYS if key in test}) for test in tests],
        "warnings": report["warnings"][:_WARNINGS],
    }


def _chosen(tests: Sequence[Body]) -> Iterator[Body]:
    """Return tests of each outcome, evenly spaced."""
    totals = Counter(test["outcome"] for test in tests)
    counts: Counter[str] = Counter()
    for test in tests:
        number, total = counts[test["outcome"]], totals[test["outcome"]]
        counts[test["outcome"]] += 1
        if number * _TESTS_OF_AN_OUTCOME // total != (number - 1) * _TESTS_OF_AN_OUTCOME // total:
            yield test


def _lean(entry: Any) -> Any:
    """Drop what the plugin's own text replaces, and excess precision."""
    match entry:
        case dict():
            dropped = _IN_OUR_TEXT if "places" in entry else (*_IN_OUR_TEXT, "longrepr") if "place" in entry else ()
            return {key: _lean(value) for key, value in entry.items() if key not in dropped}
        case list():
            return [*map(_lean, entry)]
        case float():
            return round(entry, 4)
        case _:
            return entry
