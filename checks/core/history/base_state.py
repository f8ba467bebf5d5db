"""What the base says about one failing test, and the line of an annotation that says it."""

from __future__ import annotations

import re
from dataclasses import replace

from ..github.payload import shown
from ..model.check_run import Annotation
from ..model.history import Base, BaseState, NoBase, Record, TestKey
from ..model.limits import ANNOTATION_TEXT_BYTES
from ..text.commits import short_commit
from ..text.truncate import truncate_characters, truncate_end
from .passed_names import passed_names
from .test_key import key as key_of
from .test_key import stable_id, variant_key

#: Of the line, with the newline before it. Branch names are the only text in it that is not this project's.
MAX_LINE_BYTES = 1_000
_BRANCH_CHARACTERS = 60
_LINE = re.compile(
    r"\n(?:(?P<new>New: (?:passed|skipped|not collected|did not fail))|(?P<failing>Also fails)|(?P<flaky>Flaky))"
    r"(?: on [^\n]+)? at [0-9a-f]{7}\.\Z"
)


def key_at_once(nodeid: str) -> TestKey:
    """Return the key of a test before it is known which others the session has; 0 if others may have the same."""
    return key_of(nodeid) if stable_id(nodeid) == nodeid else 0


def name_of(base: Base) -> str:
    """Return the base as people know it, such as ``main at c0ffee1``, or ``c0ffee1`` without a branch."""
    branch = shown_branch(base.branch)
    commit = short_commit(base.commit)
    return f"{branch} at {commit}" if branch else commit


def shown_branch(branch: str) -> str:
    """Return a branch's name in one line of limited length."""
    return truncate_characters(" ".join(branch.split()), _BRANCH_CHARACTERS)


def on(base: Base) -> str:
    """Return where something happened, such as ``on main at c0ffee1``."""
    return f"on {name_of(base)}" if base.branch.strip() else f"at {name_of(base)}"


def usable(base: Base | NoBase) -> Base | NoBase:
    """Return the base, or why its record says nothing about failing tests."""
    if isinstance(base, Base) and base.record.is_partial:
        return NoBase(reason=f"the check run of {name_of(base)} lacks the results of some tests")
    if isinstance(base, Base) and base.record.failed is None:
        return NoBase(reason=f"the check run of {name_of(base)} had no room for the list of its failing tests")
    return base


def state_of(key: TestKey, base: Base | NoBase | None) -> BaseState | None:
    """Return what the base says about a failing test or module; None if it is unknown, as it is for the key 0."""
    if not key or not isinstance(base, Base) or not base.is_exact or isinstance(usable(base), NoBase):
        return None
    record = base.record
    if is_shared(key, record):
        return None
    if key in record.quarantined or any(key in failing for failing in (record.failed or {}).values()):
        return BaseState.FAILING
    return BaseState.FLAKY if key in record.flaky else BaseState.NEW


def is_shared(key: TestKey, record: Record) -> bool:
    """Whether several tests of a record have the ID of that key, so that it is unknown which of them is which."""
    return variant_key(key, 1) in (record.collected or ())


def line(key: TestKey, nodeid: str, base: Base) -> str:
    """Return the line for the test's annotation; empty if nothing is known."""
    match state_of(key, base):
        case BaseState.NEW:
            return f"New: {_what_it_did(key, nodeid, base)} {on(base)}."
        case BaseState.FAILING:
            return f"Also fails {on(base)}."
        case BaseState.FLAKY:
            return f"Flaky {on(base)}."
        case None:
            return ""


def marked(annotation: Annotation, base: Base | NoBase | None) -> Annotation:
    """Return the annotation of a failure with the line at the end of its message; unchanged if nothing is known."""
    text = line(annotation.key, annotation.title, base) if isinstance(base, Base) else ""
    if not text:
        return annotation
    message = shown(annotation.message).strip() or shown(annotation.title)
    message = truncate_end(message, ANNOTATION_TEXT_BYTES - MAX_LINE_BYTES)
    return replace(annotation, message=f"{message}\n{shown(text)}")


def split(message: str) -> tuple[str, BaseState | None]:
    """Return an annotation's message without that line, and what the line says."""
    found = _LINE.search(message, max(0, len(message) - MAX_LINE_BYTES))
    if found is None:
        return message, None
    return message[: found.start()], BaseState(str(found.lastgroup))


def _what_it_did(key: TestKey, nodeid: str, base: Base) -> str:
    """Return what a test did that did not fail there, as far as the record is sure. Modules are not in its lists."""
    record = base.record
    is_module = "::" not in nodeid
    if is_module or record.collected is None:
        return "did not fail"
    if key not in record.collected:
        return "not collected"
    if record.skipped is None:
        return "did not fail"
    if key in record.skipped:
        return "skipped"
    has_other_outcomes = record.counts.xfailed or record.counts.xpassed
    return "did not fail" if has_other_outcomes and nodeid not in passed_names(base.text) else "passed"
