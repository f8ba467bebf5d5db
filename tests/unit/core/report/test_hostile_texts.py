"""Hostile names, messages and output of tests, from the stream to the check run, the job summary and the page.

They must remain text: they add no elements, load nothing, have no links or mentions, and do not change the layout.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from checks.core.failure_report import markdown
from checks.core.failure_report.entry import Entry
from checks.core.failure_report.report import ReportedCheck, source_around
from checks.core.github import payload
from checks.core.model.check_run import Annotation, AnnotationLevel, CheckRun, Output, Status
from checks.core.model.identity import Identity
from checks.core.model.job import Checkout, Context, ExitReason, ProcessExit, Repository
from checks.core.model.session import Session
from checks.core.model.settings import Settings
from checks.core.model.verdict import Verdict
from checks.core.preview import page
from checks.core.redaction.redactor import Redactor
from checks.core.report import summary
from checks.core.report.annotations import Annotator
from checks.core.results.session_builder import SessionBuilder
from checks.core.text.ansi import visible
from checks.core.text.escape import prose
from checks.core.verdict.conclusion import conclude
from tests.support.bodies import ATTACKS
from tests.support.causes import causes_of
from tests.support.failure_reports import command_of, recorder_of
from tests.support.rendered import Page
from tests.support.rules import rule
from tests.unit.core.preview.test_page import Elements

REPOSITORY = Repository(root="/repo", tracked=frozenset({"tests/test_a.py", "setup.cfg"}), fallback="setup.cfg")
CONTEXT = Context(repository="octo/demo", head_sha="5" * 40)
BLOB = f"https://github.com/octo/demo/blob/{CONTEXT.head_sha}/"


def lines(text: str) -> Iterator[dict[str, Any]]:
    """Yield the stream of a session with `text` in every field that tests control."""
    yield {"event": "session", "pytest": text, "python": text, "root": "/repo"}
    yield {"event": "collector", "nodeid": f"tests/{text}.py", "outcome": "failed", "message": text, "longrepr": text}
    yield {"event": "collector", "nodeid": f"tests/{text}_2.py", "outcome": "skipped", "reason": text}
    yield {"event": "collected", "number": 9, "deselected": 0}
    failure = {"outcome": "failed", "category": "failed", "message": text, "text": text, "sections": [[text, text]]}
    failure["properties"] = [[text, f"no link {text}"]]
    stages: list[dict[str, Any]] = [
        {"when": "call", "outcome": "passed"},
        {"when": "call", **failure, "places": [["/repo/tests/test_a.py", 3]]},
        {"when": "call", **failure, "places": [[text, 3]], "subtest": text},
        {"when": "setup", **failure, "category": "error"},
        {"when": "call", "outcome": "skipped", "category": "skipped", "place": [text, 4], "reason": f"Skipped: {text}"},
        {"when": "call", "outcome": "skipped", "category": "xfailed", "reason": text},
        {"when": "call", "outcome": "passed", "category": "xpassed", "reason": text},
        {"when": "call", "outcome": "rerun", **failure},
    ]
    for number, stage in enumerate(stages):
        yield {"event": "test", "test": number, "nodeid": f"tests/test_a.py::test_{number}[{text}]", "lineno": 7}
        yield {"event": "stage", "test": number, "duration": 0.5, **stage}
        yield {"event": "stage", "test": number, "when": "teardown", "outcome": "passed", "duration": 0.1}
    yield {"event": "test", "test": 99, "nodeid": f"tests/test_a.py::{text}", "lineno": 7}
    yield {"event": "warning", "category": text, "message": text, "filename": "/repo/tests/test_a.py", "lineno": 3}
    yield {"event": "internal_error", "text": text}
    yield {"event": "end", "exit_status": 1, "stopped": text, "duration": 2.5}


@dataclass(frozen=True)
class Rendered:
    """Everything rendered for a session: Markdown, a request's body, the page."""

    markdown: tuple[str, ...]
    body: dict[str, Any]
    html: str

    @classmethod
    def of(cls, text: str) -> Rendered:
        builder = SessionBuilder(Redactor().redact_json)
        entries = ({"seq": number, **entry} for number, entry in enumerate(lines(text)))
        findings = builder.feed([json.dumps(entry).encode() for entry in entries])
        session, process_exit = builder.session(), ProcessExit(reason=ExitReason.KILLED, signal="SIGSEGV", output=text)
        assert session.lost_records == 0
        verdict = conclude(session, process_exit, Settings(), Checkout.HEAD)
        annotator = Annotator(repository=REPOSITORY, root="/repo")
        annotations = [annotation for finding in findings if (annotation := annotator.annotate(finding)) is not None]
        annotations += [*annotator.running(session, process_exit), *annotator.passed_by_file(session.items)]
        run = _run(session, verdict, name=f"pytest ({text})")
        body = {**payload.create(run), **payload.update(run, annotations)}
        failures = [annotation for annotation in annotations if annotation.level is AnnotationLevel.FAILURE]
        report = _failure_report(run, verdict, failures, text)
        parts = (*_parts(session, verdict), report, f"## {prose(run.name)}\n\n**{prose(verdict.title)}**")
        return cls(parts, body, "".join(page.html(body, body["output"]["annotations"])))


def _parts(session: Session, verdict: Verdict) -> tuple[str, ...]:
    frame = summary.Frame(
        url_of=summary.url_builder(CONTEXT, REPOSITORY, "/repo"),
        place_of=summary.place_finder(REPOSITORY, "/repo"),
        causes=causes_of(session, REPOSITORY),
    )
    return summary.summary(session, verdict, frame), summary.text(session), summary.live_summary(session, frame)


def _failure_report(run: CheckRun, verdict: Verdict, failures: list[Annotation], text: str) -> str:
    """Return ``failures.md`` of two failures, of which everything fits."""
    recorder = recorder_of(map(Entry.of_annotation, failures[:2]))
    source = source_around([text.replace("\n", " ")] * 9, 3)
    check = ReportedCheck(name=run.name, conclusion="failure", title=run.output.title, remarks=verdict.remarks)
    return markdown.render(check, recorder.causes(lambda _: source, command_of))


def _run(session: Session, verdict: Verdict, *, name: str) -> CheckRun:
    summary, text, _ = _parts(session, verdict)
    return CheckRun(
        name=name,
        head_sha=CONTEXT.head_sha,
        identity=Identity(category=name),
        details_url="https://github.com/octo/demo/actions/runs/1",
        status=Status.COMPLETED,
        output=Output(title=verdict.title, summary=summary, text=text),
        started_at=0.0,
        completed_at=1.0,
        conclusion=verdict.conclusion,
    )


@cache
def attacked(attack: str) -> Rendered:
    return Rendered.of(attack)


@cache
def harmless(attack: str) -> Rendered:
    """Return what is rendered for a harmless text of the same shape."""
    return Rendered.of(re.sub(r"\S", "x", visible(attack)))


every_attack = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
#: Long attacks are truncated at a different place, because escaping makes them longer.
SHORT = {name: attack for name, attack in ATTACKS.items() if len(attack) < 1_000}
every_short_attack = pytest.mark.parametrize("attack", SHORT.values(), ids=SHORT)


def texts(value: Any) -> Iterator[str]:
    """Yield all strings of a body."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


@rule("Injecting markup: the check's and the job's summary, and the failure report")
@every_short_attack
def test_markdown_shows_hostile_text_only_as_code(attack: str) -> None:
    pages = zip(map(Page, harmless(attack).markdown), map(Page, attacked(attack).markdown), strict=True)
    *check_pages, (_, heading) = pages
    for expected, attacked_page in check_pages:
        assert (attacked_page.tags, attacked_page.prose) == (expected.tags, expected.prose)
    assert set(heading.tags) <= {"h2", "p", "strong", "code"}  # backticks in a check's name make code


@rule("Injecting markup: links in the check's and the job's summary")
@every_attack
def test_markdown_has_no_hostile_link_mention_or_reference(attack: str) -> None:
    for attacked_page in map(Page, attacked(attack).markdown):
        assert attacked_page.is_balanced
        assert all(link.startswith(BLOB) for link in attacked_page.links)
        assert not re.search(r"[@#]\w|\bGH-\d|https?://\S+/(issues|pull|commit)/", attacked_page.prose, re.IGNORECASE)


@rule("Injecting markup: everything that is sent")
@every_attack
def test_payload_has_no_control_or_bidi_characters(attack: str) -> None:
    for text in texts(attacked(attack).body):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)


@every_attack
def test_every_annotation_is_in_a_tracked_file(attack: str) -> None:
    annotations = attacked(attack).body["output"]["annotations"]
    assert len(annotations) > 8
    assert {annotation["path"] for annotation in annotations} <= REPOSITORY.tracked


@rule("Injecting markup: the page")
@every_short_attack
def test_page_has_no_element_or_attribute_from_hostile_text(attack: str) -> None:
    assert Elements(attacked(attack).html).structure == Elements(harmless(attack).html).structure


@every_attack
def test_page_has_no_foreign_link_and_no_script(attack: str) -> None:
    elements = Elements(attacked(attack).html)
    assert not {"script", "iframe", "object", "embed", "form", "base", "img", "video", "audio"} & set(elements.tags)
    assert not [name for _, attributes in elements.nodes for name in attributes if name.startswith("on")]
    links = [link["href"] or "" for link in elements.attributes("a")]
    assert all(re.match(r"https://github\.com/octo/demo/|check-run\.(json|md)$", link) for link in links)
