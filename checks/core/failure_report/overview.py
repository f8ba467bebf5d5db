"""The checks of a commit, a line each, above their failure reports."""

from __future__ import annotations

from collections.abc import Sequence

from ..text.escape import code_span, prose
from .markdown import FORK, title_line
from .report import ReportedCheck


def render(checks: Sequence[ReportedCheck]) -> str:
    """Return the Markdown of at least one check; all are of one commit."""
    first = checks[0]
    fork = [FORK] if first.is_fork else []
    pull_request = f", pull request {first.pull_request}" if first.pull_request else ""
    heading = f"# Checks of {code_span(first.repository)} at {code_span(first.commit)}{pull_request}"
    lines = (f"- {title_line(check)}{f', {prose(check.title)}' if check.title else ''}" for check in checks)
    return "\n\n".join([*fork, heading, "\n".join(lines)])
