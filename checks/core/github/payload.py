"""JSON bodies of the Checks API; the only place that truncates for GitHub.

Characters that cannot be sent or seen are escaped first. Then texts are truncated to the limits of
https://docs.github.com/rest/checks/runs. The result can always be encoded as UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ..history import record_line
from ..model import limits
from ..model.check_run import Annotation, CheckAction, CheckRun, Output
from ..text.ansi import escaped, is_plain, visible
from ..text.truncate import truncate_characters, truncate_end, truncate_markdown, truncate_middle
from .external_id import compose

# GitHub rejects a request (422) if one annotation has a character beyond U+FFFF:
# https://github.com/mikepenz/action-junit-report/issues/440 and
# https://github.com/EnricoMi/publish-unit-test-result-action/issues/250
_BEYOND_BASIC_PLANE = re.compile("[\U00010000-\U0010ffff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def create(run: CheckRun, annotations: Sequence[Annotation] = ()) -> dict[str, Any]:
    """Return the body that creates the check run with `annotations`. Raises `ValueError` for more than 50."""
    return {"name": name(run), "head_sha": run.head_sha, **update(run, annotations)}


def name(run: CheckRun) -> str:
    """Return the check run's name as GitHub shows it."""
    return visible(run.name)


def update(run: CheckRun, annotations: Sequence[Annotation]) -> dict[str, Any]:
    """Return the body that updates the check run and appends `annotations`. Raises `ValueError` for more than 50."""
    if len(annotations) > limits.ANNOTATIONS_PER_REQUEST:
        raise ValueError(f"{len(annotations)} annotations in one request, limit is {limits.ANNOTATIONS_PER_REQUEST}")
    output = {**_output(run.output)}
    if annotations:
        output["annotations"] = [_annotation(annotation) for annotation in annotations]
    return {**_state(run), "output": output}


def _state(run: CheckRun) -> dict[str, Any]:
    state = {
        "external_id": compose(run.identity),
        "details_url": visible(run.details_url),
        "status": run.status.value,
        "started_at": _timestamp(run.started_at),
        "completed_at": None if run.completed_at is None else _timestamp(run.completed_at),
        "conclusion": None if run.conclusion is None else run.conclusion.value,
        "actions": [_action(action) for action in run.actions[: limits.ACTIONS_PER_RUN]],
    }
    return {key: value for key, value in state.items() if value}


@lru_cache(1)
def _output(output: Output) -> Mapping[str, Any]:
    """Return the ``output`` object. GitHub requires a summary, so an empty one is replaced by the title.

    Cached, as many requests that append annotations send the same output.
    """
    title, summary = visible(output.title), visible(output.summary)
    return {
        "title": truncate_characters(title, limits.TITLE_CHARACTERS),
        "summary": truncate_markdown(summary if summary.strip() else title, limits.OUTPUT_TEXT_BYTES),
        "text": record_line.join(output.text, output.record),
    }


def _annotation(annotation: Annotation) -> dict[str, Any]:
    line = max(1, annotation.line)
    title, raw_details = shown(annotation.title), shown(annotation.raw_details)
    if len(title) > limits.TITLE_CHARACTERS and not raw_details.startswith(title):
        raw_details = f"{title}\n\n{raw_details}"
    body = {
        "path": shown(annotation.path),
        "start_line": line,
        "end_line": line,
        "annotation_level": annotation.level.value,
        "title": truncate_characters(title, limits.TITLE_CHARACTERS),
        "message": truncate_end(shown(annotation.message).strip() or title, limits.ANNOTATION_TEXT_BYTES),
        "raw_details": truncate_middle(raw_details, limits.ANNOTATION_TEXT_BYTES),
    }
    return {key: value for key, value in body.items() if value}


def _action(action: CheckAction) -> dict[str, Any]:
    return {
        "label": truncate_characters(visible(action.label), limits.ACTION_LABEL_CHARACTERS),
        "description": truncate_characters(visible(action.description), limits.ACTION_DESCRIPTION_CHARACTERS),
        "identifier": truncate_characters(visible(action.identifier), limits.ACTION_IDENTIFIER_CHARACTERS),
    }


def _timestamp(seconds: float) -> str:
    """Return seconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown(text: str) -> str:
    r"""Return `text` as an annotation shows it: characters beyond U+FFFF are escaped, as in ``\U0001f600``."""
    if is_plain(text):
        return text
    return _BEYOND_BASIC_PLANE.sub(lambda match: escaped(match[0]), visible(text))


def plain(annotation: Annotation) -> Annotation:
    r"""Return the annotation with its texts in ASCII: other characters are escaped, as in ``\xe9``."""
    return replace(
        annotation,
        title=_ascii(annotation.title),
        message=_ascii(annotation.message),
        raw_details=_ascii(annotation.raw_details),
    )


def _ascii(text: str) -> str:
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text.encode("ascii", "backslashreplace").decode())
