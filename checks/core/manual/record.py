"""Write and parse the record of a manual check, which is in its check run as `core.history.record_line` says.

Sample, of which a check that has had no request has the beginning alone::

    <!-- pytest-check-runs record manual 1 {"instructions":"9f3c52d1a0b4","commit":"c0ffee…","action":"manual-pass",
    "by":"octocat","at":1764261600.0,"source":"comment","event":"4711","page":"https://…","reason":"seen"} -->
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ..github.parse_run import text
from ..history.record_line import MARKER
from ..model.check_run import RemoteCheckRun
from ..model.manual import ManualRecord, VerdictAction, VerdictRequest, VerdictSource

_LINE = re.compile(rf"{MARKER} manual 1 (\{{[ -~]*\}}) -->")
_DIGEST_CHARACTERS = 12
#: Nothing that could end an HTML comment.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def digest(instructions: str) -> str:
    """Return the digest that tells whether instructions have changed."""
    normalized = "\n".join(line.rstrip() for line in instructions.strip().splitlines())
    return sha256(normalized.encode(errors="surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]


def render(record: ManualRecord) -> str:
    """Return the record as a line."""
    fields: dict[str, object] = {"instructions": record.instructions}
    if record.is_fork:
        fields["fork"] = True
    if record.request is not None:
        request = record.request
        fields |= {
            "commit": record.commit,
            "action": request.action.value,
            "by": request.by,
            "at": request.at,
            "source": request.source.value,
            "event": request.event,
            "page": request.page,
            "reason": request.reason,
        }
    return f"{MARKER} manual 1 {json.dumps(fields, separators=(',', ':')).translate(_ESCAPES)} -->"


def record_of_run(run: RemoteCheckRun) -> ManualRecord | None:
    """Return the record of a manual check's run; None for another run, and for a record of another version."""
    match = _LINE.fullmatch(run.output.record) if run.is_manual else None
    if match is None:
        return None
    try:
        fields = json.loads(match[1])
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not text(fields, "instructions"):
        return None
    if "action" not in fields:
        return ManualRecord(instructions=text(fields, "instructions"), is_fork=fields.get("fork") is True)
    return _with_request(fields)


def _with_request(fields: Mapping[str, Any]) -> ManualRecord | None:
    action, source, at = text(fields, "action"), text(fields, "source"), fields.get("at")
    if action not in set(VerdictAction) or source not in set(VerdictSource) or not isinstance(at, int | float):
        return None
    return ManualRecord(
        instructions=text(fields, "instructions"),
        is_fork=fields.get("fork") is True,
        commit=text(fields, "commit"),
        request=VerdictRequest(
            action=VerdictAction(action),
            by=text(fields, "by"),
            at=float(at),
            source=VerdictSource(source),
            event=text(fields, "event"),
            page=text(fields, "page"),
            reason=text(fields, "reason"),
        ),
    )
