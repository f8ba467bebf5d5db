"""``failures.json``: one check as JSON. docs/coding-agents.md describes it.

A change that breaks readers gets another number of the `SCHEMA`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .report import ReportedCause, ReportedCheck

SCHEMA = 1


def pieces(
    check: ReportedCheck, causes: Sequence[ReportedCause], failures: Iterable[bytes], *, missing: int = 0
) -> Iterator[bytes]:
    """Yield the document; `failures` are blocks of lines with an entry each, and `missing` others could not be stored.

    Printed, it contains no workflow command: these begin a line, as no text does here, or are like ``##[name]``.
    """
    for piece in _pieces(check, causes, failures, missing):
        yield piece.replace(b"##[", b"#\\u0023[")


def _pieces(
    check: ReportedCheck, causes: Sequence[ReportedCause], failures: Iterable[bytes], missing: int
) -> Iterator[bytes]:
    for name, value in _head(check).items():
        yield f"{'{' if name == 'schema' else ','}{json.dumps(name)}: {json.dumps(value)}\n".encode()
    yield f',"failures_missing": {missing},\n"causes": ['.encode()
    yield from _elements(json.dumps(_cause(cause)).encode() + b"\n" for cause in causes)
    yield b'],\n"failures": ['
    yield from _elements(failures)
    yield b"]}\n"


#: Members of the document by the attributes of `ReportedCheck`.
NAMES = {
    "name": "check",
    "status": "status",
    "conclusion": "conclusion",
    "title": "title",
    "repository": "repository",
    "commit": "commit",
    "page": "url",
    "command": "command",
}


def _head(check: ReportedCheck) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        **{name: getattr(check, field) or None for field, name in NAMES.items()},
        "pull_request": check.pull_request,
        "from_fork": check.is_fork,
        "remarks": [{"text": remark.text, "quoted": remark.quoted or None} for remark in check.remarks],
    }


def _cause(cause: ReportedCause) -> dict[str, Any]:
    first, source = cause.first, cause.source
    return {
        "cause": cause.number or None,
        "message": first.message,
        "path": first.path,
        "line": first.line,
        "has_other_places": cause.has_other_places,
        "failures": cause.failures,
        "tests": len(cause.nodeids),
        "nodeids": cause.nodeids,
        "owners": cause.owners,
        "source": {"start": source.start, "lines": source.lines} if source.is_known else None,
        "reproduce": cause.reproduce or None,
    }


def _elements(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the elements of a list, given as lines."""
    for position, block in enumerate(blocks):
        yield (b",\n" if position else b"\n") + block.removesuffix(b"\n").replace(b"\n", b",\n")
