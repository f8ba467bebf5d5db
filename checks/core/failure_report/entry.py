"""One failure in ``failures.json``: from a test's results or from an annotation on GitHub."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..model.check_run import Annotation
from ..model.history import BaseState, TestKey
from ..model.item import Section, StageName
from ..report import raw_details
from ..results.causes import Failure
from ..text.ansi import visible

#: A test's name with its parameters, then the description of a subtest.
_SUBTEST = re.compile(r"(.*?::\w+(?:\[.*?\])?) [\[(].*[\])]", re.DOTALL)
_BASE_STATES = frozenset(BaseState)
_STAGES = {StageName.SETUP: "setup", StageName.CALL: "call", StageName.TEARDOWN: "teardown", StageName.CRASHED: "call"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One failure.

    Attributes:
        title: the node id, with the description of a subtest.
        stage: ``setup``, ``call``, ``teardown`` or ``collection``; empty if it is unknown.
        cause: the number of its cause; 0 for a test that did not finish.
        path, line: of the annotation: where the exception was raised, as far as that is in the repository.
        seconds: the duration of the stage; None if it is unknown.
        properties: names and values that the test recorded; those of an annotation are a section of `captured`.
        key: the annotation's; 0 if it is unknown.
        base: what the base says about the test: a `BaseState`, or empty.
    """

    title: str
    nodeid: str
    stage: str = ""
    cause: int = 0
    path: str
    line: int
    message: str
    owners: tuple[str, ...] = ()
    seconds: float | None = None
    traceback: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    captured: tuple[Section, ...] = ()
    key: TestKey = 0
    base: str = ""

    @classmethod
    def of_failure(cls, failure: Failure, annotation: Annotation) -> Self:
        """Return the entry of a failure that is annotated like this."""
        stage = failure.stage
        return cls(
            title=failure.title,
            nodeid=failure.nodeid,
            stage="collection" if stage is None else _STAGES[stage.name],
            cause=annotation.cause,
            path=annotation.path,
            line=annotation.line,
            message=visible(annotation.message),
            owners=annotation.owners,
            seconds=None if stage is None else round(stage.duration_seconds, 6),
            traceback=visible(failure.details.traceback),
            properties=failure.details.properties,
            captured=tuple(
                Section(title=section.title, text=visible(section.text)) for section in failure.details.captured
            ),
            key=annotation.key,
        )

    @classmethod
    def of_annotation(cls, annotation: Annotation) -> Self:
        """Return the entry of an annotation, by the format of its raw details."""
        title, details = annotation.title, annotation.raw_details
        traceback, captured = raw_details.parts_of(details, title)
        subtest = _SUBTEST.fullmatch(title)
        return cls(
            title=title,
            nodeid=subtest[1] if subtest else title,
            stage=raw_details.stage_of(details, title),
            cause=raw_details.cause_of(details, title),
            path=annotation.path,
            line=annotation.line,
            message=annotation.message,
            owners=raw_details.owners_of(details, title),
            traceback=traceback,
            captured=captured,
            key=annotation.key,
            base=annotation.base,
        )

    @classmethod
    def of_json(cls, value: object) -> Self | None:
        """Return the entry of an element of ``failures``; None if it is not one."""
        if not isinstance(value, Mapping) or not isinstance(value.get("title"), str):
            return None
        seconds = value.get("seconds")
        return cls(
            title=value["title"],
            nodeid=_text(value, "nodeid"),
            stage=_text(value, "stage"),
            cause=_number(value, "cause"),
            path=_text(value, "path"),
            line=_number(value, "line"),
            message=_text(value, "message"),
            owners=tuple(_strings(value, "owners")),
            seconds=seconds if isinstance(seconds, float) else None,
            traceback=_text(value, "traceback"),
            properties=tuple((_text(entry, "name"), _text(entry, "value")) for entry in _mappings(value, "properties")),
            captured=tuple(
                Section(title=_text(section, "title"), text=_text(section, "text"))
                for section in _mappings(value, "captured")
            ),
            base=base if (base := _text(value, "base")) in _BASE_STATES else "",
        )

    @property
    def sections(self) -> tuple[Section, ...]:
        """Properties and output, as raw details have them."""
        return raw_details.sections(self.properties, self.captured)

    def as_json(self) -> dict[str, Any]:
        """Return the element of ``failures``. What the base says is its last member, see `with_base`."""
        return {
            "title": self.title,
            "nodeid": self.nodeid,
            "stage": self.stage or None,
            "cause": self.cause or None,
            "path": self.path,
            "line": self.line,
            "message": self.message,
            "owners": self.owners,
            "seconds": self.seconds,
            "traceback": self.traceback,
            "properties": [{"name": name, "value": text} for name, text in self.properties],
            "captured": [{"title": section.title, "text": section.text} for section in self.captured],
            "base": self.base or None,
        }


def with_base(element: bytes, state: BaseState | None) -> bytes:
    """Return an element of ``failures`` as JSON, written when nobody knew what the base says, with what it says."""
    unknown = b"null}"
    if state is None or not element.endswith(unknown):
        return element
    return element.removesuffix(unknown) + f'"{state}"}}'.encode()


def _text(value: Mapping[str, Any], key: str) -> str:
    text = value.get(key)
    return text if isinstance(text, str) else ""


def _strings(value: Mapping[str, Any], key: str) -> list[str]:
    elements = value.get(key)
    return [element for element in elements if isinstance(element, str)] if isinstance(elements, list) else []


def _mappings(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    elements = value.get(key)
    return [element for element in elements if isinstance(element, Mapping)] if isinstance(elements, list) else []


def _number(value: Mapping[str, Any], key: str) -> int:
    number = value.get(key)
    return number if type(number) is int and number > 0 else 0
