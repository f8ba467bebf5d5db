"""Validation of check-run bodies by GitHub's rules: https://docs.github.com/rest/checks/runs. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

STATUSES = {"queued", "in_progress", "completed"}
CONCLUSIONS = {"action_required", "cancelled", "failure", "neutral", "skipped", "success", "timed_out"}
LEVELS = {"notice", "warning", "failure"}

ANNOTATIONS = 50
ACTIONS = 3
OUTPUT_BYTES = 65_535
ANNOTATION_BYTES = 64 * 1024
TITLE_CHARACTERS = 255
EXTERNAL_ID_CHARACTERS = 255
ACTION_CHARACTERS = {"label": 20, "description": 40, "identifier": 20}

Body = dict[str, Any]


class InvalidError(Exception):
    """A 422 with a message in GitHub's format."""

    def __init__(self, message: str) -> None:
        super().__init__(f"Invalid request.\n\n{message}")


def check_create(body: Body, *, is_lenient: bool = False) -> None:
    """`is_lenient`: allow an empty summary, line 0 and column 0."""
    for key in ("name", "head_sha"):
        _text(body, key, required=True)
    if len(body["head_sha"]) != 40:
        raise InvalidError(f"No commit found for SHA: {body['head_sha']}")
    _check_common(body, is_lenient)


def check_update(body: Body, *, is_lenient: bool = False) -> None:
    if "name" in body:
        _text(body, "name", required=True)
    _check_common(body, is_lenient)


def _check_common(body: Body, is_lenient: bool) -> None:
    _text(body, "external_id", characters=EXTERNAL_ID_CHARACTERS)
    _text(body, "details_url")
    if not body.get("details_url", "https://").startswith(("http://", "https://")):
        raise InvalidError("details_url must use http or https scheme.")
    _one_of(body, "status", STATUSES)
    _one_of(body, "conclusion", CONCLUSIONS)
    if body.get("status") == "completed" and "conclusion" not in body:
        raise InvalidError('"conclusion" wasn\'t supplied.')
    for key in ("started_at", "completed_at"):
        _time(body, key)
    if "output" in body:
        _check_output(body["output"], is_lenient)
    if "actions" in body:
        _check_actions(body["actions"])


def _check_output(output: Body, is_lenient: bool) -> None:
    _text(output, "title", required=True, characters=TITLE_CHARACTERS)
    _text(output, "summary", required=not is_lenient, size_bytes=OUTPUT_BYTES)
    _text(output, "text", size_bytes=OUTPUT_BYTES)
    annotations = output.get("annotations", [])
    _at_most(annotations, ANNOTATIONS)
    for annotation in annotations:
        _check_annotation(annotation, is_lenient)


def _check_annotation(annotation: Body, is_lenient: bool) -> None:
    for key in ("path", "message", "annotation_level"):
        _text(annotation, key, required=True)
    for key in ("message", "raw_details"):
        _text(annotation, key, size_bytes=ANNOTATION_BYTES)
    _text(annotation, "title", characters=TITLE_CHARACTERS)
    _one_of(annotation, "annotation_level", LEVELS)
    least = 0 if is_lenient else 1
    start, end = (_number(annotation, key, least, required=True) for key in ("start_line", "end_line"))
    if end < start:
        raise InvalidError("end_line must not be before start_line.")
    columns = [_number(annotation, key, least) for key in ("start_column", "end_column") if key in annotation]
    if columns and start != end:
        raise InvalidError("start_column and end_column are for annotations of a single line.")


def _check_actions(actions: list[Body]) -> None:
    _at_most(actions, ACTIONS)
    for action in actions:
        for key, characters in ACTION_CHARACTERS.items():
            _text(action, key, required=True, characters=characters)


def _text(
    holder: Body, key: str, *, required: bool = False, characters: int | None = None, size_bytes: int | None = None
) -> None:
    if key not in holder:
        if required:
            raise InvalidError(f'"{key}" wasn\'t supplied.')
        return
    value = holder[key]
    if not isinstance(value, str):
        raise InvalidError(f"For '{key}', {value!r} is not a string.")
    if required and not value:
        raise InvalidError(f"{key} can't be blank.")
    if characters is not None and len(value) > characters:
        raise InvalidError(f"{key}: only {characters} characters are allowed; {len(value)} were supplied.")
    size = len(value.encode(errors="surrogatepass"))
    if size_bytes is not None and size > size_bytes:
        raise InvalidError(f"{key} exceeds a maximum bytesize of {size_bytes}; {size} were supplied.")


def _number(holder: Body, key: str, least: int, *, required: bool = False) -> int:
    value = holder.get(key)
    if value is None and required:
        raise InvalidError(f'"{key}" wasn\'t supplied.')
    if type(value) is not int or value < least:
        raise InvalidError(f"For '{key}', {value!r} is not a number of at least {least}.")
    return value


def _one_of(holder: Body, key: str, allowed: set[str]) -> None:
    if key in holder and holder[key] not in allowed:
        raise InvalidError(f"For '{key}', {holder[key]!r} is not a member of {sorted(allowed)}.")


def _at_most(items: list[Body], limit: int) -> None:
    if len(items) > limit:
        raise InvalidError(f"No more than {limit} items are allowed; {len(items)} were supplied.")


def _time(holder: Body, key: str) -> None:
    _text(holder, key)
    try:
        is_utc = datetime.fromisoformat(holder.get(key, "2000-01-01T00:00:00Z")).tzinfo is not None
    except ValueError:
        is_utc = False
    if not is_utc:
        raise InvalidError(f"For '{key}', {holder[key]!r} is not a timestamp in ISO 8601.")
