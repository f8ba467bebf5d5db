"""Failures whose words, texts and places are easily wrong."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from tests.support.cases import Case, check_case, each_case
from tests.support.github.server import GithubServer
from tests.support.rules import rule

#: What only frames of pytest and its plugins have.
FOREIGN = ("_pytest/", "site-packages", "…/", "pluggy")

CASES: dict[str, tuple[str, Case]] = {
    "an async test without a plugin": (
        "minasync",
        Case(
            environment="pytest9",
            title="1 failed",
            annotations=("failure test_a.py:1 Failed: async def functions are not natively supported.",),
            details=("You need to install a suitable plugin for your async framework",),
            absent=FOREIGN,
        ),
    ),
    "an unknown parameter": (
        "minparam",
        Case(
            environment="pytest9",
            conclusion="action_required",
            title="collection failed · 1 error",
            annotations=("failure test_p.py:1 Failed: In test_p.py::test_x: function uses no argument 'y'",),
            absent=FOREIGN,
        ),
    ),
    "a specification": (
        "minspec",
        Case(
            environment="pytest9",
            title="1 failed, 1 passed",
            annotations=("failure one.spec:2 the spec does not hold: b  is not  c", "notice one.spec:1 Passed"),
            absent=(*FOREIGN, "conftest.py", "ValueError"),
        ),
    ),
    "a linter whose items have no line": (
        "linter",
        Case(
            environment="pytest9",
            arguments="--continue-on-collection-errors",
            title="collection failed · 1 failed, 1 error",
            annotations=(
                "failure prose.txt:3 1 problem found",
                "failure unreadable.txt:1 unreadable.txt is not a text",
            ),
            details=("prose.txt:3: trailing blank",),
            absent=(*FOREIGN, "conftest.py"),
        ),
    ),
    "a skip outside of a test": (
        "minskip",
        Case(
            environment="pytest9",
            conclusion="action_required",
            title="collection failed · 1 error",
            annotations=("failure test_m.py:6 Using pytest.skip outside of a test will skip the entire module.",),
            details=("pass `allow_module_level=True`",),
            absent=FOREIGN,
        ),
    ),
    "a scope mismatch, and a failure without traceback": (
        "scopes",
        Case(
            environment="pytest9",
            title="1 failed, 1 error",
            annotations=(
                "failure test_scopes.py:",
                "failure test_scopes.py:19 Failed: the server said no",
            ),
            details=("ScopeMismatch: You tried to access the function scoped fixture narrow", "its log is empty"),
            absent=FOREIGN,
        ),
    ),
    "functions that all hide themselves": (
        "hidden",
        Case(
            environment="pytest9",
            title="1 failed",
            annotations=("failure test_hidden.py:5 AssertionError: assert 1 == 2",),
            absent=FOREIGN,
        ),
    ),
    "a hook of the project around its tests": (
        "hookwrapper",
        Case(
            environment="pytest9",
            title="3 failed",
            annotations=(
                "failure test_wrapped.py:1 Failed: async def functions are not natively supported.",
                "failure test_wrapped.py:7 AssertionError: assert 1 == 2",
                "failure conftest.py:8 ValueError: raised by the hook itself",
            ),
            absent=(*FOREIGN, "conftest.py:6"),
        ),
    ),
    "a conftest that cannot be imported": (
        "minconf",
        Case(
            environment="pytest9",
            conclusion="action_required",
            title="collection failed · 1 error",
            annotations=("failure tests/unit/conftest.py:3 ModuleNotFoundError: No module named 'nowhere'",),
            absent=FOREIGN,
        ),
    ),
    "conftests that raise in a helper and that cannot be parsed": (
        "confraises",
        Case(
            environment="pytest9",
            conclusion="action_required",
            title="collection failed · 2 errors",
            annotations=(
                "failure tests/helper.py:2 OSError: no route to the database",
                "failure tests/unit/conftest.py:3 SyntaxError: invalid syntax",
            ),
            absent=FOREIGN,
        ),
    ),
    "a thread, with warnings as errors": (
        "mintwerr",
        Case(
            environment="pytest9",
            title="1 failed",
            annotations=("failure test_t.py:5 pytest.PytestUnhandledThreadExceptionWarning: Exception in thread",),
            details=("E   ValueError: in a thread",),
            absent=FOREIGN,
        ),
    ),
    "two threads, with warnings as errors": (
        "threads",
        Case(
            environment="pytest9",
            title="1 failed",
            annotations=("failure test_threads.py:9 ExceptionGroup: multiple thread exception warnings",),
            details=("test_threads.py:5: in first", "test_threads.py:9: in second"),
            absent=FOREIGN,
        ),
    ),
    "an unraisable exception, with warnings as errors": (
        "unraisable",
        Case(
            environment="pytest9",
            title="1 failed",
            annotations=("failure test_unraisable.py:6 pytest.PytestUnraisableExceptionWarning: Exception ignored in",),
            details=("E   RuntimeError: not closed",),
            absent=FOREIGN,
        ),
    ),
    "a group of teardown errors": (
        "mingroup",
        Case(
            environment="pytest9",
            title="1 error, 1 passed",
            annotations=("failure test_g.py:7 ExceptionGroup: errors while tearing down",),
            details=("test_g.py:7: in one", "test_g.py:13: in two"),
            absent=FOREIGN,
        ),
    ),
    "a task group": (
        "taskgroup",
        Case(
            environment="pytest9",
            title="1 failed",
            annotations=("failure test_tasks.py:5 ExceptionGroup: unhandled errors in a TaskGroup",),
            details=("test_tasks.py:9: in run", "number = 1", "number = 2"),
        ),
    ),
    "exceptions of other processes": (
        "processpool",
        Case(
            environment="pytest9",
            title="2 failed",
            annotations=(
                "failure test_pool.py:6 ValueError: in process 1",
                "failure test_pool.py:6 ValueError: in pro",
            ),
        ),
    ),
    "a soft assertion before a hard one": (
        "mincheck",
        Case(
            environment="pytest9",
            title="1 failed",
            annotations=("failure test_m.py:7 AssertionError: assert 3 == 5",),
            details=("total = 3", "test_m.py:6 in test_both() -> check.equal(total, 4)"),
        ),
    ),
    "soft assertions alone": (
        "softonly",
        Case(
            environment="pytest9",
            title="2 failed",
            annotations=(
                "failure test_soft.py:5 AssertionError: FAILURE: check 3 == 4",
                "failure test_soft.py:15 AssertionError: FAILURE:",
            ),
            absent=FOREIGN,
        ),
    ),
    "a plugin that replaces the exception": (
        "softplugin",
        Case(
            environment="pytest9",
            title="1 failed",
            annotations=("failure test_softly.py:9 ValueError: hard",),
            details=("number = 3", "expected:\nfour"),
        ),
    ),
    "a conftest that adds to the text of failures": (
        "restated",
        Case(
            environment="pytest9",
            title="1 failed, 1 error",
            annotations=(
                "failure test_restated.py:3 AssertionError: assert 3 == 4",
                "failure test_restated.py:6 fixture 'nowhere' not found",
            ),
            details=("      number = 3", "screenshot: test_a.png", "available fixtures:", "screenshot: test_b.png"),
            absent=FOREIGN,
        ),
    ),
    "warnings that differ in numbers, and of a thread": (
        "manywarnings",
        Case(
            environment="pytest9",
            conclusion="success",
            title="41 passed",
            annotations=(
                "warning test_many.py:9 40 × UserWarning: took 0 ms at 0x0",
                "warning test_many.py:17 PytestUnhandledThreadExceptionWarning: Exception in thread",
            ),
        ),
    ),
    "a test that patches len": (
        "minlen",
        Case(
            environment="pytest9",
            arguments="-p no:cacheprovider",
            title="internal error · 1 failed",
            annotations=(
                "failure test_len.py:2 AssertionError: assert 1 == 2",
                "warning test_len.py:5 pytest stopped early during this test's call",
            ),
        ),
    ),
    "a test that makes pytest itself fail": (
        "dies",
        Case(
            environment="pytest9",
            title="internal error · 1 failed",
            annotations=(
                "failure test_dies.py:2 AssertionError: assert 1 == 2",
                "warning test_dies.py:5 pytest stopped early during this test's call",
            ),
        ),
    ),
    "a plugin that fails after the last test": (
        "finish",
        Case(
            environment="pytest9",
            title="internal error · 1 failed",
            annotations=("failure test_finish.py:2 AssertionError: assert 1 == 2",),
        ),
    ),
    "modules at the root of the repository": (
        "needspath",
        Case(
            environment="pytest9",
            conclusion="action_required",
            title="collection failed · 2 errors",
            annotations=(
                "failure tests/unit/test_prices.py:1 ModuleNotFoundError: No module named 'shop'",
                "failure tests/unit/test_version.py:1 ModuleNotFoundError: No module named 'version'",
            ),
            details=("Possible cause: 'shop' is in ", "Possible cause: 'version' is in ", "PYTHONPATH"),
        ),
    ),
}


#: Exceptions are described in the workers, and some plugins report differently there.
IN_WORKERS = ("minasync", "minspec", "mintwerr", "mingroup", "mincheck", "softonly", "softplugin")
CASES |= {
    f"{name}, xdist": (folder, replace(case, arguments="-n 2"))
    for name, (folder, case) in CASES.items()
    if folder in IN_WORKERS
}
if sys.version_info < (3, 12):  # pytest hangs: Python's tokenizer does not end when `len` is patched
    del CASES["a test that patches len"]

#: Others are much like them.
SLOW = {
    "a linter whose items have no line",
    "a test that patches len",
    "an unknown parameter",
    "an unraisable exception, with warnings as errors",
    "conftests that raise in a helper and that cannot be parsed",
    "soft assertions alone",
    "two threads, with warnings as errors",
    "warnings that differ in numbers, and of a thread",
}


@rule("Annotations: failed in functions that all set __tracebackhide__")
@rule("Annotations: raised by pytest or a plugin, without a frame of the project")
@rule("Annotations: raised by pytest or a plugin because of an exception of the project")
@rule("Annotations: raised in another process, by concurrent.futures or multiprocessing")
@rule("Annotations: a group of exceptions that a library raised, such as a task group")
@rule("Annotations: pytest.fail(pytrace=False)")
@rule("Annotations: an item with a repr_failure of its own")
@rule("Annotations: soft assertions (pytest-check)")
@rule("Annotations: a conftest.py that cannot be imported")
@rule("Annotations: a module that is skipped outside of a test")
@rule("Annotations: a module that cannot be imported although it is in the root")
@each_case(CASES, SLOW)
def test_failure_has_its_words_and_place(folder: str, case: Case, tmp_path: Path, github: GithubServer) -> None:
    check_case(folder, case, tmp_path, github)
