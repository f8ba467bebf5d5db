"""``failures.json``: one check as JSON. docs/coding-agents.md describes it.

A change that breaks readers gets another number of the `SCHEMA`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..model.verdict import Remark
from .report import ReportedCause, ReportedCheck, Source

SCHEMA = 1


def pieces(
    check: ReportedCheck, causes: Sequence[ReportedCause], failures: Iterable[bytes], *, missing: int = 0
) -> Iterator[bytes]:
    """Yield the document; `failures` are entries as JSON, and `missing` others could not be stored."""
    for name, value in _head(check).items():
        yield f"{'{' if name == 'schema' else ','}{json.dumps(name)}: {json.dumps(value)}\n".encode()
    yield f',"failures_missing": {missing},\n"causes": ['.encode()
    yield from _elements(json.dumps(_cause(cause)).encode() for cause in causes)
    yield b'],\n"failures": ['
    yield from _elements(failures)
    yield b"]}\n"


def parse_check(members: Mapping[str, Any]) -> ReportedCheck:
    """Return the check of a document without its lists."""
    known = {name: members[name] for name in _NAMES.values() if isinstance(members.get(name), str)}
    number = members.get("pull_request")
    return ReportedCheck(
        **{field: known.get(name, "") for field, name in _NAMES.items()},
        remarks=tuple(_parse_remarks(members.get("remarks"))),
        pull_request=number if type(number) is int else None,
        is_fork=members.get("from_fork") is True,
    )


def parse_source(cause: object) -> tuple[int, Source]:
    """Return the number of an element of ``causes`` and its source lines."""
    match cause:
        case {"cause": int(number), "source": {"start": int(start), "lines": list(lines)}}:
            return number, Source(start=start, lines=tuple(map(str, lines)))
        case _:
            return 0, Source()


def _parse_remarks(value: object) -> Iterator[Remark]:
    for remark in value if isinstance(value, list) else ():
        if isinstance(remark, Mapping):
            yield Remark(text=str(remark.get("text") or ""), quoted=str(remark.get("quoted") or ""))


#: Members of the document by the attributes of `ReportedCheck`.
_NAMES = {
    "name": "check",
    "status": "status",
    "conclusion": "conclusion",
    "title": "title",
    "repository": "repository",
    "commit": "commit",
    "page": "url",
}


def _head(check: ReportedCheck) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        **{name: getattr(check, field) or None for field, name in _NAMES.items()},
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
        "source": {"start": source.start, "lines": source.lines} if source.is_known else None,
        "reproduce": cause.reproduce or None,
    }


def _elements(elements: Iterable[bytes]) -> Iterator[bytes]:
    for position, element in enumerate(elements):
        yield (b",\n" if position else b"\n") + element
