"""What counts as what: suites whose plugins change, repeat or take back results."""

from __future__ import annotations

from pathlib import Path

from tests.support.cases import Case, check_case, each_case
from tests.support.github.server import GithubServer

CASES: dict[str, tuple[str, Case]] = {
    # A plugin's own outcome is an attempt that was repeated.
    "retried": (
        "minretry",
        Case(
            environment="retry",
            inputs={"fail-on-flaky": "true"},
            title="1 flaky test · 1 passed, 1 rerun",
            annotations=("warning test_m.py:9 Flaky: failed once, then passed",),
            outputs={"passed": "1", "flaky": "1"},
        ),
    ),
    "retried, xdist": (
        "minretry",
        Case(
            environment="retry",
            arguments="-n2",
            inputs={"fail-on-flaky": "true"},
            title="1 flaky test · 1 passed, 1 rerun",
            annotations=("warning test_m.py:9 Flaky: failed once, then passed",),
        ),
    ),
    "never repeated": (
        "postponed",
        Case(
            environment="pytest9",
            title="1 error, 1 passed, 1 rerun",
            annotations=("failure test_a.py:2 The last result of this test is 'postponed', an attempt that was not",),
        ),
    ),
    "expected failure of a subtest": (
        "minsub",
        Case(
            environment="pytest8",
            conclusion="success",
            title="1 passed, 1 xfailed",
            annotations=("notice test_s.py:6 Expected failure: not yet",),
        ),
    ),
    "expected failure of a subtest, xdist": (
        "minsub",
        Case(environment="pytest8", arguments="-n2", conclusion="success", title="1 passed, 1 xfailed"),
    ),
    "failure in a harmless category": (
        "lenient",
        Case(
            environment="pytest9",
            title="1 failed, 1 passed",
            annotations=("failure test_a.py:2 AssertionError: assert 0",),
            summary=("The last line of pytest has other counts: 1 passed, 1 skipped.",),
        ),
    ),
    # Crashes that are not xdist's.
    "forked": (
        "forked",
        Case(
            environment="pytest8",
            arguments="--forked",
            title="3 failed, 1 passed",
            annotations=(
                "failure test_boxed.py:4 ",
                "failure test_boxed.py:8 ",
                "failure test_boxed.py:13 AssertionError: assert 1 == 2",
            ),
            details=("running the test CRASHED with signal 11", "running the test EXITED with status 7"),
        ),
    ),
    "forked, xdist": (
        "forked",
        Case(
            environment="pytest8",
            arguments="--forked -n2",
            title="3 failed, 1 passed",
            annotations=(
                "failure test_boxed.py:4 ",
                "failure test_boxed.py:8 ",
                "failure test_boxed.py:13 AssertionError: assert 1 == 2",
            ),
        ),
    ),
    "forked, expected to crash": (
        "forked_xfail",
        Case(
            environment="pytest8",
            arguments="--forked",
            title="1 failed, 1 xfailed",
            annotations=("failure test_a.py:12 ", "notice test_a.py:7 Expected failure: known"),
        ),
    ),
    "crash reported by a plugin": (
        "isolated",
        Case(
            environment="pytest9",
            title="1 failed, 1 passed",
            annotations=(
                "failure test_a.py:4 the process of the test ended with 768",
                "notice test_a.py:8 Passed",
            ),
        ),
    ),
    "crash of a worker, repeated": (
        "crash_rerun",
        Case(
            environment="pytest9",
            arguments="--reruns 1 -n1",
            conclusion="success",
            title="2 passed, 1 rerun",
            annotations=("warning test_a.py:5 Flaky: failed once, then passed",),
        ),
    ),
    # One missing fact.
    "no terminal": (
        "minterm",
        Case(
            environment="pytest9",
            arguments="-p no:terminal",
            title="1 failed",
            annotations=("failure test_a.py:3 AssertionError: assert 1 == 2",),
            details=("x = 1",),
        ),
    ),
    "category that raises": (
        "broken_status",
        Case(
            environment="pytest9",
            arguments="-p no:terminal",
            title="1 failed",
            annotations=("failure test_a.py:3 AssertionError: assert 1 == 2",),
        ),
    ),
    "text that raises": (
        "broken_text",
        Case(
            environment="pytest9",
            arguments="-p no:terminal",
            title="1 failed",
            annotations=("failure test_a.py:3 AssertionError: assert 1 == 2",),
        ),
    ),
    # A test is its item.
    "ids changed in reports": (
        "uni450",
        Case(
            environment="pytest9",
            title="1 failed, 2 passed",
            annotations=("failure test_u.py:6 AssertionError: assert 'München' != 'München'",),
            outputs={"total": "3"},
        ),
    ),
    "ids made equal in reports": (
        "changed_ids",
        Case(
            environment="pytest8",
            title="1 failed, 2 passed",
            annotations=("failure test_a.py:6 AssertionError: assert 2 != 2",),
            details=("test_a.py::test_number[2]",),
            outputs={"total": "3"},
        ),
    ),
    "ids changed, and a crash": (
        "changed_ids_crash",
        Case(
            environment="pytest9",
            title="interpreter died after 1 of 3 · 1 passed",
            annotations=("failure test_a.py:7 The interpreter died during this test's call",),
            details=("test_a.py::test_number[2]",),
        ),
    ),
    "collected twice": (
        "dup",
        Case(
            environment="pytest8",
            arguments="--keep-duplicates test_d.py test_d.py",
            conclusion="success",
            title="4 passed",
            outputs={"total": "4"},
        ),
    ),
    "collected twice, pytest 9": (
        "dup",
        Case(
            environment="pytest9",
            arguments="--keep-duplicates test_d.py test_d.py",
            conclusion="success",
            title="4 passed",
        ),
    ),
    "collected twice, xdist": (
        "dup",
        Case(
            environment="pytest9",
            arguments="-n2 --keep-duplicates test_d.py test_d.py",
            conclusion="success",
            title="4 passed",
            outputs={"total": "4"},
        ),
    ),
    "collected three times, one fails": (
        "dup_fails",
        Case(
            environment="pytest9",
            arguments="--keep-duplicates test_d.py test_d.py test_d.py",
            title="1 failed, 2 passed",
            annotations=("failure test_d.py:6 AssertionError: assert 2 != 2",),
        ),
    ),
    "in each worker": (
        "each_worker",
        Case(
            environment="pytest9",
            arguments="--dist=each --tx=2*popen",
            conclusion="success",
            title="4 passed",
            outputs={"total": "4"},
        ),
    ),
    "several tests of one item": (
        "steps",
        Case(
            environment="pytest9",
            title="1 failed, 2 passed",
            annotations=("failure test_a.py:1 the second step failed", "notice test_a.py:1 Passed"),
            details=("test_a.py::test_all step 2",),
            outputs={"total": "3"},
        ),
    ),
    # What pytest takes back.
    "subtest of a repeated attempt": (
        "rrmin",
        Case(
            environment="pytest9",
            arguments="--reruns 1",
            conclusion="success",
            title="1 passed, 1 rerun",
            annotations=("warning test_net.py:9 Flaky: failed once, then passed",),
            details=("assert 1 == 2",),
        ),
    ),
    "subtest of a repeated attempt, xdist": (
        "rrmin",
        Case(
            environment="pytest9",
            arguments="--reruns 1 -n1",
            conclusion="success",
            title="1 passed, 1 rerun",
            annotations=("warning test_net.py:9 Flaky: failed once, then passed",),
        ),
    ),
    "several subtests of a repeated attempt": (
        "subtests_recover",
        Case(
            environment="pytest9",
            conclusion="success",
            title="1 passed, 1 rerun",
            annotations=("warning test_a.py:11 Flaky: failed once, then passed",),
        ),
    ),
    "subtest that fails in every attempt": (
        "subtests_fail",
        Case(
            environment="pytest9",
            arguments="--reruns 1",
            title="2 failed, 1 rerun",
            annotations=(
                "failure test_a.py:9 AssertionError: assert not [1, 1]",
                "failure test_a.py:4 contains 1 failed subtest",
            ),
        ),
    ),
    "subtest before the interpreter dies": (
        "subtest_death",
        Case(
            environment="pytest9",
            title="interpreter died after 0 of 1 · 1 failed",
            annotations=(
                "failure test_a.py:6 AssertionError: assert 0",
                "failure test_a.py:4 The interpreter died during this test's call",
            ),
        ),
    ),
    # Compared with pytest's own counts.
    "failure that became a pass": (
        "forgiving",
        Case(
            environment="pytest9",
            title="1 failure not reported · 2 passed",
            summary=("pytest counts 1 failure more than the results have.",),
        ),
    ),
    "failure that became a pass, with exit status 0": (
        "forgiving_session",
        Case(environment="pytest9", title="1 failure not reported · 2 passed"),
    ),
    "failure that became a pass, without a last line": (
        "forgiving",
        Case(environment="pytest8", arguments="-p no:terminal", title="1 failure not reported · 2 passed"),
    ),
    "last line with other counts": (
        "secretive",
        Case(
            environment="pytest9",
            conclusion="success",
            title="2 passed",
            summary=("The last line of pytest has other counts: 1 passed.",),
        ),
    ),
    # Attempts that are never logged.
    "flaky plugin": (
        "flaky",
        Case(
            environment="pytest8",
            title="1 failed, 2 passed, 3 rerun",
            annotations=(
                "warning test_a.py:9 Flaky: failed 2 times, then passed",
                "failure test_a.py:14 AssertionError: assert 0",
            ),
            outputs={"flaky": "1"},
        ),
    ),
    "flaky plugin, xdist": (
        "flaky",
        Case(
            environment="pytest8",
            arguments="-n2",
            title="1 failed, 2 passed, 3 rerun",
            annotations=(
                "warning test_a.py:9 Flaky: failed 2 times, then passed",
                "failure test_a.py:14 AssertionError: assert 0",
            ),
        ),
    ),
    "flaky plugin, setup": (
        "flaky_setup",
        Case(
            environment="pytest8",
            conclusion="success",
            title="1 passed, 1 rerun",
            annotations=("warning test_a.py:10 Flaky: failed once, then passed",),
        ),
    ),
    # Tests that never ran.
    "no worker is replaced": (
        "worker_crash",
        Case(
            environment="pytest9",
            arguments="-n1 --max-worker-restart=0",
            title="7 of 8 tests never ran (worker gw0 crashed and worker restarting disabled) · 1 failed",
            annotations=("failure test_a.py:6 worker 'gw0' crashed while running 'test_a.py::test_0'",),
        ),
    ),
    "few workers are replaced": (
        "worker_crashes",
        Case(
            environment="pytest9",
            arguments="-n1 --max-worker-restart=1",
            title="1 of 3 tests never ran (maximum crashed workers reached: 1) · 2 failed",
            annotations=("failure test_a.py:7 ", "failure test_a.py:7 "),
        ),
    ),
    "worker that collects after all tests are distributed": (
        "early_tests",
        Case(
            environment="pytest9",
            arguments="-n1",
            title="1 failed, 1 passed",
            annotations=("failure test_a.py:4 worker 'gw0' crashed while running 'test_a.py::test_0'",),
        ),
    ),
    # Node ids with xdist's groups.
    "groups": (
        "group",
        Case(
            environment="pytest8",
            arguments="-n 2 --dist loadgroup",
            title="2 failed, 3 passed",
            annotations=("failure test_g.py:6 AssertionError: assert 0", "failure test_g.py:12 AssertionError"),
            summary=("pytest \\\n  test_g.py::test_a \\\n  test_g.py::TestB::test_b\n",),
            outputs={"failed-tests": '["test_g.py::test_a", "test_g.py::TestB::test_b"]'},
        ),
    ),
    "groups and ids that look like groups": (
        "groups",
        Case(
            environment="pytest8",
            arguments="-n 1 --dist loadgroup",
            title="3 failed",
            annotations=("failure test_a.py:7 ", "failure test_a.py:7 ", "failure test_a.py:12 "),
            summary=("'test_a.py::test_mail[x@y.z]'", "'test_a.py::test_mail[a::b]'", "'test_a.py::test_alone[x@y.z]'"),
        ),
    ),
}

#: Others are much like them.
SLOW = {
    "in each worker",
    "category that raises",
    "collected three times, one fails",
    "failure that became a pass, without a last line",
    "ids made equal in reports",
    "collected twice, pytest 9",
    "crash of a worker, repeated",
    "failure that became a pass, with exit status 0",
    "few workers are replaced",
    "flaky plugin, setup",
    "forked, expected to crash",
    "groups",
    "ids changed, and a crash",
    "several subtests of a repeated attempt",
    "text that raises",
}


@each_case(CASES, SLOW)
def test_results_count_as_what_they_are(folder: str, case: Case, tmp_path: Path, github: GithubServer) -> None:
    check_case(folder, case, tmp_path, github)
