"""The names and words of the dialect that the tests' process speaks (`report.py`, `events.py`): they hold no secret.

Redaction leaves them alone, whatever the user's patterns say: a test whose outcome is unreadable would be lost.
"""

from __future__ import annotations

#: What an entry's values are called.
KEYS = frozenset(
    {
        *("event", "seq", "test", "nodeid", "lineno", "path", "when", "outcome", "category", "duration"),
        *("message", "places", "place", "text", "sections", "subtest", "reason", "longrepr", "crash", "traceback"),
        *("stdout", "stderr", "log", "msg", "number", "deselected", "collected", "filename", "result"),
        *("id", "check_runs_session", "worker", "pytest", "python", "root", "exit_status", "exitcode", "stopped"),
        *("created", "environment", "titles"),
        *("summary", "collectors", "tests", "warnings", "stages", "setup", "call", "teardown", "keywords", "metadata"),
        *("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun", "total", "user_properties", "type"),
    }
)

#: The values that say what an entry is, and the words that they may be.
TELLING = frozenset({"event", "when", "outcome", "category"})
WORDS = frozenset(
    {
        *("session", "collected", "test", "stage", "collector", "warning", "internal_error", "end", "missing"),
        *("setup", "call", "teardown", "???", "collect", "config", "runtest"),
        *("passed", "failed", "error", "skipped", "xfailed", "xpassed", "rerun"),
    }
)
