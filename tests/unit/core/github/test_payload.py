import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.github.payload import create, update
from checks.core.model import limits
from checks.core.model.check_run import Annotation, AnnotationLevel, CheckAction, CheckRun, Conclusion, Output, Status
from checks.core.model.identity import Identity
from tests.support.rules import rule

RUN = CheckRun(
    name="pytest (unit)",
    head_sha="a" * 40,
    identity=Identity(),
    details_url="https://github.com/o/r/actions/runs/1/job/2",
    status=Status.IN_PROGRESS,
    output=Output(title="512 of 948", summary="Running."),
    started_at=1_700_000_000.9,
)
COMPLETED = replace(
    RUN,
    status=Status.COMPLETED,
    completed_at=1_700_000_060.0,
    conclusion=Conclusion.FAILURE,
    actions=(CheckAction(label="Re-run failed", description="Re-runs the failed tests", identifier="failed"),),
)
REMARK = Annotation(
    path="tests/test_a.py",
    line=7,
    level=AnnotationLevel.FAILURE,
    title="tests/test_a.py::test_x",
    message="AssertionError: assert 1 == 2",
    raw_details="tests/test_a.py::test_x\n\n>   assert 1 == 2",
)
ANY_TEXT = st.text(st.characters(codec=None), max_size=400)
LONG_TEXT = st.builds(lambda text, times: text * times, ANY_TEXT, st.integers(1, 2_000))


def sent(annotation: Annotation, **changes: Any) -> dict[str, Any]:
    """Return the annotation, with changed fields, as it is sent."""
    (body,) = update(RUN, [replace(annotation, **changes)])["output"]["annotations"]
    return dict(body)


def test_a_run_in_progress_is_created_without_an_end() -> None:
    assert create(RUN) == {
        "name": "pytest (unit)",
        "head_sha": "a" * 40,
        "external_id": "pcr/2;;;1;;;tests",
        "details_url": "https://github.com/o/r/actions/runs/1/job/2",
        "status": "in_progress",
        "started_at": "2023-11-14T22:13:20Z",
        "output": {"title": "512 of 948", "summary": "Running.", "text": ""},
    }


def test_a_completed_run_has_conclusion_end_and_buttons() -> None:
    body = create(COMPLETED)
    assert body["status"] == "completed"
    assert body["conclusion"] == "failure"
    assert body["completed_at"] == "2023-11-14T22:14:20Z"
    assert body["actions"] == [
        {"label": "Re-run failed", "description": "Re-runs the failed tests", "identifier": "failed"}
    ]


def test_an_update_sends_title_summary_and_text_each_time() -> None:
    body = update(RUN, [])
    assert body["output"] == {"title": "512 of 948", "summary": "Running.", "text": ""}
    assert not {"name", "head_sha", "conclusion", "completed_at"} & body.keys()


@pytest.mark.parametrize("summary", ["", "\n \n"])
def test_empty_summary_is_replaced_by_the_title(summary: str) -> None:
    message = replace(RUN, output=Output(title="collecting · 12 s", summary=summary))
    assert update(message, ())["output"]["summary"] == "collecting · 12 s"


def test_annotation_covers_one_line() -> None:
    assert sent(REMARK) == {
        "path": "tests/test_a.py",
        "start_line": 7,
        "end_line": 7,
        "annotation_level": "failure",
        "title": "tests/test_a.py::test_x",
        "message": "AssertionError: assert 1 == 2",
        "raw_details": "tests/test_a.py::test_x\n\n>   assert 1 == 2",
    }


def test_empty_details_are_omitted() -> None:
    assert "raw_details" not in sent(REMARK, raw_details="")


def test_empty_message_is_replaced_by_the_title() -> None:
    assert sent(REMARK, message=" \n")["message"] == "tests/test_a.py::test_x"


@rule("Limits: lines")
@pytest.mark.parametrize("line", [-3, 0])
def test_line_is_at_least_one(line: int) -> None:
    assert sent(REMARK, line=line)["start_line"] == 1


@rule("Limits: a request with more annotations")
def test_an_update_with_fifty_one_annotations_is_refused() -> None:
    assert len(update(RUN, [REMARK] * 50)["output"]["annotations"]) == 50
    with pytest.raises(ValueError, match="51 annotations"):
        update(RUN, [REMARK] * 51)


@rule("Limits: an annotation's message")
@pytest.mark.parametrize("character", ["a", "é", "中"])
@pytest.mark.parametrize("field", ["message", "raw_details"])
def test_annotation_texts_are_bounded_in_bytes(field: str, character: str) -> None:
    limit = limits.ANNOTATION_TEXT_BYTES
    for size in (limit - 1, limit):
        text = _of_length(size, character)
        assert sent(REMARK, **{field: text})[field] == text
    result = sent(REMARK, **{field: _of_length(limit + 1, character)})[field]
    assert len(result.encode()) <= limit
    assert "… truncated: " in result


@rule("Limits: summary and text")
@pytest.mark.parametrize("character", ["a", "é", "中", "😀"])
@pytest.mark.parametrize("field", ["summary", "text"])
def test_output_texts_are_bounded_in_bytes(field: str, character: str) -> None:
    limit = limits.OUTPUT_TEXT_BYTES
    for size in (limit - 1, limit):
        text = _of_length(size, character)
        assert create(replace(RUN, output=replace(RUN.output, **{field: text})))["output"][field] == text
    long = replace(RUN, output=replace(RUN.output, **{field: _of_length(limit + 1, character)}))
    result = create(long)["output"][field]
    assert len(result.encode()) <= limit
    assert "… truncated: " in result


@rule("Limits: titles")
@pytest.mark.parametrize("character", ["a", "é", "中"])
def test_titles_are_bounded_in_characters(character: str) -> None:
    for size in (254, 255):
        assert sent(REMARK, title=character * size)["title"] == character * size
    assert sent(REMARK, title=character * 256)["title"] == character * 254 + "…"
    long = replace(RUN, output=replace(RUN.output, title=character * 256))
    assert create(long)["output"]["title"] == character * 254 + "…"


@rule("Limits: an annotation's title that is truncated")
def test_truncated_title_is_repeated_in_details() -> None:
    nodeid = f"tests/test_a.py::test_x[{'p' * 400}]"
    result = sent(REMARK, title=nodeid, raw_details="traceback")
    assert result["raw_details"] == f"{nodeid}\n\ntraceback"


def test_truncated_title_already_in_details_is_not_repeated() -> None:
    nodeid = f"tests/test_a.py::test_x[{'p' * 400}]"
    result = sent(REMARK, title=nodeid, raw_details=f"{nodeid}\n\ntraceback")
    assert result["raw_details"] == f"{nodeid}\n\ntraceback"


@rule("Limits: an annotation's details")
def test_long_traceback_keeps_head_and_exception() -> None:
    traceback = "def test_x():\n" + "    é = 'é'\n" * 10_000 + "E   AssertionError: the end"
    result = sent(REMARK, raw_details=traceback)["raw_details"]
    assert len(result.encode()) <= limits.ANNOTATION_TEXT_BYTES
    assert result.startswith("def test_x():\n")
    assert result.endswith("E   AssertionError: the end")


@rule("Characters: characters beyond U+FFFF in an annotation")
@pytest.mark.parametrize("field", ["path", "title", "message", "raw_details"])
def test_characters_beyond_basic_plane_are_escaped(field: str) -> None:
    body = sent(REMARK, **{field: "é中\uffff \U00010000 \U0001f600"})
    assert body[field] == "é中\uffff \\U00010000 \\U0001f600"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\x00b", r"a\x00b"), ("\ud800", r"\ud800"), ("\x1b[31mred\x1b[0m", "red"), ("a\r\nb", "a\nb")],
    ids=["NUL", "lone surrogate", "ANSI", "CRLF"],
)
def test_unreadable_characters_are_escaped(text: str, expected: str) -> None:
    body = update(replace(RUN, output=Output(title=text, summary=text, text=text)), [replace(REMARK, message=text)])
    assert body["output"]["title"] == body["output"]["summary"] == body["output"]["text"] == expected
    assert body["output"]["annotations"][0]["message"] == expected


@rule("Limits: buttons")
def test_button_texts_keep_githubs_limits() -> None:
    action = CheckAction(label="l" * 21, description="d" * 41, identifier="i" * 21)
    (first, *others) = create(replace(COMPLETED, actions=(action,) * 4))["actions"]
    assert first == {"label": "l" * 19 + "…", "description": "d" * 39 + "…", "identifier": "i" * 19 + "…"}
    assert len(others) == 2


@rule("Limits: any annotation")
@given(path=ANY_TEXT, line=st.integers(), title=ANY_TEXT, message=LONG_TEXT, raw_details=LONG_TEXT)
def test_any_annotation_keeps_the_limits(path: str, line: int, title: str, message: str, raw_details: str) -> None:
    remark = replace(REMARK, path=path, line=line, title=title, message=message, raw_details=raw_details)
    body = sent(remark)
    _encoded(body)
    assert body["start_line"] >= 1
    assert len(body.get("title", "")) <= limits.TITLE_CHARACTERS
    assert len(body.get("message", "").encode()) <= limits.ANNOTATION_TEXT_BYTES
    assert len(body.get("raw_details", "").encode()) <= limits.ANNOTATION_TEXT_BYTES


@rule("Limits: any output")
@given(name=ANY_TEXT, job=ANY_TEXT, title=ANY_TEXT, summary=LONG_TEXT, text=LONG_TEXT)
def test_any_output_keeps_the_limits(name: str, job: str, title: str, summary: str, text: str) -> None:
    run = replace(
        RUN, name=name, identity=Identity(job=job, category=job), output=Output(title=title, summary=summary, text=text)
    )
    body = create(run)
    _encoded(body)
    assert len(body["output"]["title"]) <= limits.TITLE_CHARACTERS
    assert len(body["output"]["summary"].encode()) <= limits.OUTPUT_TEXT_BYTES
    assert len(body["output"]["text"].encode()) <= limits.OUTPUT_TEXT_BYTES
    assert len(body.get("external_id", "")) <= limits.EXTERNAL_ID_CHARACTERS


def _of_length(bytes_: int, character: str) -> str:
    size = len(character.encode())
    return "a" * (bytes_ % size) + character * (bytes_ // size)


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
