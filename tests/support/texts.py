"""Every message of the action, read from its source and filled in with made-up values: ``make texts``.

A message is a string of the source that has words with blanks between them. Docstrings, regular expressions and
markup are left out. With a seed as argument, 30 of the messages are drawn.
"""

from __future__ import annotations

import ast
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DRAWN = 30
#: What is put in place of an expression: the value of the first name in it, outermost first, that is listed here.
EXAMPLES = {
    **dict.fromkeys(
        (
            "number",
            "total",
            "len",
            "sum",
            "count",
            "_count",
            "waiting",
            "deferred",
            "skipped",
            "annotated",
            "failures",
            "others_waiting",
            "others_left_out",
        ),
        "3",
    ),
    **dict.fromkeys(
        ("others_beyond", "remaining", "missing_bytes", "known", "minutes", "hours", "amount", "finished"), "12"
    ),
    **dict.fromkeys(("_MAX_REPORTS", "FAILURES_ANNOTATED", "ANNOTATIONS_PER_REQUEST", "DELIVERY_BYTES"), "50"),
    **dict.fromkeys(("_limit", "ERROR_COMMANDS_PER_STEP", "MIN_SECRET_CHARACTERS", "_MAX_LINES"), "16"),
    **dict.fromkeys(("max", "collected"), "948"),
    **dict.fromkeys(("seconds", "milliseconds", "duration", "ended_at"), "41"),
    **dict.fromkeys(("lineno", "colno", "line", "attempt"), "7"),
    **dict.fromkeys(("run_id", "id", "job_id"), "4811"),
    **dict.fromkeys(("page", "details_url", "url", "blob", "api_url"), "https://github.com/octo/demo/runs/4811"),
    **dict.fromkeys(("_link", "run_link"), "[check run 4811](https://github.com/octo/demo/runs/4811)"),
    **dict.fromkeys(("short_commit", "commit", "sha"), "c0ffee1"),
    **dict.fromkeys(("path", "file", "location", "locations", "_listed", "code"), "tests/unit/test_cart.py:12"),
    **dict.fromkeys(
        ("nodeid", "title", "item", "test", "linked_name", "shown", "_name"), "tests/unit/test_cart.py::test_total"
    ),
    **dict.fromkeys(
        ("message", "why", "text", "error_text", "body", "markdown", "what"), "AssertionError: assert 3 == 4"
    ),
    **dict.fromkeys(("failure", "error", "strerror", "refusal", "reason", "problem"), "403: Resource not accessible"),
    **dict.fromkeys(("folder", "_folder", "working_directory", "bin_folder", "link"), "packages/api"),
    **dict.fromkeys(("sender", "login"), "octocat"),
    "owners": " · @octo/shop",
    "owners_text": "@octo/shop",
    **dict.fromkeys(("conclusion", "status", "outcome", "_outcome"), "failure"),
    **dict.fromkeys(("exit_status", "exit_code"), "70"),
    **dict.fromkeys(("name", "names", "_join_names", "other_names", "check_name", "category"), "pytest (unit)"),
    **dict.fromkeys(("workflow", "_workflow"), ".github/workflows/tests.yml"),
    **dict.fromkeys(("ref", "base_ref", "target", "branch"), "main"),
    **dict.fromkeys(("repository", "_repository", "full_name"), "octo/demo"),
    **dict.fromkeys(("python_version", "version"), "3.12"),
    **dict.fromkeys(("event", "kind", "type"), "check_run"),
    **dict.fromkeys(("method", "request"), "PATCH"),
    **dict.fromkeys(("current_stage", "stage", "phase", "when"), "call"),
    **dict.fromkeys(("_remedy", "remedy", "_REMEDY", "_INSTEAD", "instead"), "Check out the pull request's head."),
    **dict.fromkeys(("value", "invalid", "wrong", "values", "package", "subtest", "character", "label"), "unit"),
    **dict.fromkeys(("allowed", "host", "members"), "each, file or none"),
    **dict.fromkeys(("signal", "hint", "suffix", "after", "times", "what_failed"), "signal 11"),
    **dict.fromkeys(("summary", "counts", "results", "tests", "exit_text", "count_texts"), "940 passed, 2 failed"),
    **dict.fromkeys(("missing", "_INPUT", "INPUT_NAME"), "rerun"),
    "budget_seconds": "10",
    "before": "c0ffee1",
    "where": " of main",
    "oldest": ", since c0ffee1 or earlier",
    "begin": "failing since badcafe",
    "did": "passed",
    "are": "tests that are",
    "runs": "20 runs",
    "flaky_passed": "3",
    **dict.fromkeys(("defect", "unavailable_reason"), "is incomplete"),
    **dict.fromkeys(("permission", "port"), "read"),
    **dict.fromkeys(
        ("why_open", "trace", "format_exc", "_KILLED", "_NOT_FOUND", "_REFUSED", "head", "lines"),
        "The step was killed.",
    ),
    **dict.fromkeys(("things", "without_text", "remainder", "stage_text", "prefix"), "failures"),
    **dict.fromkeys(("mistake", "during", "rendered", "guid", "get", "check_run_id"), "column 7"),
    **dict.fromkeys(("digest", "time", "delimiter", "separator", "closing", "cleaned", "tidy"), "c0ffee1"),
    **dict.fromkeys(("_KEY", "KEY_FILE", "_PREFIX", "nearest"), "CHECKS_PRIVATE_KEY_FILE"),
    **dict.fromkeys(("NAME", "_PREVIEW"), ".check-run"),
    **dict.fromkeys(("name_of",), "main at c0ffee1"),
    **dict.fromkeys(("on",), "on main at c0ffee1"),
    **dict.fromkeys(("also_failing", "flaky", "unnamed"), "120"),
    **dict.fromkeys(("states", "causes"), "2 causes"),
    **dict.fromkeys(("why_no_lists",), "this run did not finish"),
    "fail_on": "new",
    "grouped_by": "loadscope",
    "MAX_COMMANDS": "10",
    "surplus": "3",
    "how": "is not a commit",
    "more": "and ",
    "new": " · new",
    "same": ", because the base main at c0ffee1 has the same failures",
    "size": "3 tests",
    "at": "main at c0ffee1",
    **dict.fromkeys(("SECONDS", "WAIT_SECONDS"), "3"),
    "scope": "pytest (unit) in octo/demo, last 50 commits of main: 48 with complete results",
    "check": "pytest (unit)",
    "commits": "50 commits",
    "has_runs": "48",
    "others": "12",
    "reads": "checks and contents",
    "MOST_COMMITS": "1000",
    "_PERMISSIONS": "The token or the App needs the permissions Checks: read and Contents: read.",
    "similar": "tests/unit/test_cart.py::test_total",
    "_COLLECT": "pytest --collect-only -q > FILE",
    "until": "2027-01-31",
    "RELEASED_AFTER": "10",
    "_why": "The sandbox is down",
    "key": "until",
    "_TABLE": "quarantine",
    "expected": "a date such as 2027-01-31",
    "why_none": "the file of the base commit cannot be used",
    "covered": "tests/unit/test_cart.py::test_total",
    "owner": "@octo/shop",
    "head_branch": "topic",
    "otherwise": "Results are not compared with the base",
    "instead_of": "the check run of main at c0ffee1 is not completed yet",
    "compared": ", compared with the base main at c0ffee1",
    "context": "status: pytest (unit)",
    "cause": " · cause 2",
    "cell": "120",
    "html": "tests/unit/test_cart.py",
    "limit": "4 m 45 s",
    "__version__": "1.2.3",
    "done": "completed pytest (unit)",
    "SCHEMA": "1",
    "elsewhere": " and other places",
    "heading": "Cause 3: `KeyError: 'price'` at `src/cart.py:7`, 1 test",
    "exception": "`KeyError: 'price'` at `src/cart.py:7`",
    "numbers": "3, 5–7",
    "command": "pytest tests/unit/test_cart.py::test_total",
    "not_run": "No test ran, because some could not be collected.",
    "parent": "tests/unit/test_cart.py::TestCart",
    "place": "src/cart.py:12",
    "end": "The workflow run 4811 completed (failure)",
    "HEADER": "X-Hub-Signature-256",
    "_TRIGGER": "workflow_dispatch",
    "_JSON_TYPE_NAMES": "object",
    "_verb": "is",
    "reports": "2 reports",
    "stream": "stdout",
    "word": "retried",
    "worker": "gw1",
    "run": "pytest (unit)",
    "pull_request": "12",
    "failed": "2",
    "completed": "7",
    "unfinished": "3",
    "program": "publish",
    "unsupported": "!",
    "MOST_FILES": "300",
    "MOST_BYTES": "57,344",
    "_who": "octocat passed the check",
    "named": "src/device.py",
    "files": "12 files",
    "state": "Passed by octocat",
    "MARKER": "<!--",
    "dumps": "{}",
    "shown_name": "'pytest (device)'",
    "_NO_VERDICT": "The verdict of the pull request is not known",
    "_NO_CHECK": "No check was created",
    "base": "main",
    "_ENDINGS": ".md, .txt",
}
_WORDS = re.compile(r"[^\W\d_][\w`'’”}).:,;-]* [\w`'“({@#…%-]")
_FIELD = re.compile(r"(?<!\{)\{([a-z_]+)\}(?!\})")
_MARKUP = re.compile(r"<style>.*?</style>|<[^>]*>|\{[%#{].*?[%#}]\}", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message with made-up values. `path` is relative to the project's root; `line` is 1-based."""

    path: str
    line: int
    text: str


def messages(root: Path = ROOT) -> list[Message]:
    """Return the messages of the project at `root`, file by file."""
    files = [root / "entrypoint.py", *sorted((root / "checks").rglob("*.py"))]
    found = [message for path in files for message in _of_module(path, path.relative_to(root).as_posix())]
    return found + [message for path in sorted((root / "checks").rglob("*.j2")) for message in _of_page(path, root)]


def _of_module(path: Path, name: str) -> Iterator[Message]:
    tree = ast.parse(path.read_text())
    excluded = {id(node) for part in _no_messages(tree) for node in ast.walk(part)}
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
    for node in sorted(strings, key=lambda node: (node.lineno, node.col_offset)):
        if id(node) in excluded:
            continue
        text = re.sub(r"%[sd]", "3", _FIELD.sub(lambda match: EXAMPLES.get(match[1], match[0]), _filled(node)))
        if _WORDS.search(text):
            yield Message(path=name, line=node.lineno, text=text)


def _no_messages(tree: ast.AST) -> Iterator[ast.AST]:
    """The parts of a module whose strings no user reads, and the parts of longer strings."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()):
                yield node
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re")), args=[pattern, *_]):
                yield pattern
            case ast.JoinedStr(values=values):
                yield from values
            case _:
                pass


def _filled(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=value):
            return value if isinstance(value, str) else ""
        case ast.JoinedStr(values=values):
            return "".join(map(_filled, values))
        case ast.FormattedValue(value=value) | ast.IfExp(body=value):
            return _filled(value)
        case ast.Call(func=ast.Name(id="pluralize"), args=[_, ast.Constant(value=str(noun))]):
            return f"3 {noun}s"
        case _:
            names = [getattr(inner, "id", getattr(inner, "attr", "")) for inner in ast.walk(node)]
            return next((EXAMPLES[name] for name in names if name in EXAMPLES), f"‹{ast.unparse(node)}›")


def _of_page(path: Path, root: Path) -> Iterator[Message]:
    for number, line in enumerate(_MARKUP.sub(_blank_lines, path.read_text()).splitlines(), start=1):
        if _WORDS.search(line):
            yield Message(path=path.relative_to(root).as_posix(), line=number, text=line.strip())


def _blank_lines(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def main(arguments: list[str]) -> None:
    """Write all messages to stdout, or 30 that the seed in `arguments` draws."""
    found = messages()
    if arguments:
        found = random.Random(int(arguments[0])).sample(found, DRAWN)
        sys.stdout.write(f"{DRAWN} of {len(messages())} messages, seed {arguments[0]}\n\n")
    for message in found:
        sys.stdout.write(f"{message.path}:{message.line}\n    {message.text!r}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
