"""pytest behaves the same with the plugin: output, files and exit status."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from checks.core.model.session import Session
from tests.support.runner.environments import environment
from tests.support.runner.plugin_run import PluginRun, Project, PytestResult

#: Only where no other plugin is loaded, pytest-json-report's header line is new.
HEADER = re.compile(r"^plugins: json-report-[\d.]+\n", re.MULTILINE)

MIXED = """
import pytest, warnings
@pytest.fixture
def unclean():
    yield
    raise RuntimeError("no teardown")
def test_passes(): warnings.warn("careful")
def test_fails(): print("printed"); assert [1, 2] == [1, 3]
def test_after_it(): pass
@pytest.mark.xfail
def test_xfails(): assert 0
@pytest.mark.skip
def test_skipped(): pass
def test_in_teardown(unclean): pass
"""
PASSING = "def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass\n"


def project_stopped_by(statement: str) -> Project:
    return {"test_it.py": f"import os, pytest, signal\n{PASSING}def test_stops(): {statement}\ndef test_d(): pass\n"}


CONFTEST_OF_STATUS = """
import pytest
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session): session.exitstatus = 42
"""
CONFTEST_THAT_BREAKS = "def pytest_runtest_logreport(report): raise ValueError('broken hook')\n"


def visible_result(run_result: PytestResult) -> Sequence[object]:
    """Return what a user sees: exit status, files, and output without folders, times, addresses, internal frames."""
    output = re.sub("0x[0-9a-f]+", "", HEADER.sub("", run_result.output.replace(str(run_result.folder.parent), "")))
    output = re.sub(r"^INTERNALERROR>  .*\n", "", re.sub(r"\d+\.\d+s", "0s", output), flags=re.MULTILINE)
    return (
        run_result.exit_status,
        output,
        sorted(str(path.relative_to(run_result.folder)) for path in run_result.folder.rglob("*")),
    )


@pytest.mark.parametrize(
    ("files", "arguments", "status", "stopped"),
    [
        pytest.param({"test_it.py": MIXED}, ("-v",), 1, "", id="failures"),
        pytest.param(
            {"test_it.py": MIXED},
            ("--maxfail=2", "-rA"),
            1,
            "stopping after 2 failures",
            id="maxfail",
            marks=pytest.mark.slow,
        ),
        pytest.param({"test_it.py": MIXED}, ("--co", "-p", "no:legacypath"), 0, "", id="collection alone"),
        pytest.param(
            {"test_it.py": MIXED},
            ("-p", "no:terminal", "-p", "no:cacheprovider"),
            1,
            "",
            id="no terminal",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"test_it.py": MIXED},
            ("--pdb",),
            2,
            "pytest.exit: Quitting debugger",
            id="debugger",
            marks=pytest.mark.slow,
        ),
        pytest.param({"test_it.py": "def x(:"}, (), 2, "1 error during collection", id="collection error"),
        pytest.param({"conftest.py": "import nowhere"}, (), 4, "", id="broken conftest"),
        pytest.param({}, (), 5, "", id="nothing collected", marks=pytest.mark.slow),
        pytest.param({"test_it.py": PASSING, "conftest.py": CONFTEST_THAT_BREAKS}, (), 3, "", id="internal error"),
        pytest.param(
            {"test_it.py": PASSING, "conftest.py": CONFTEST_OF_STATUS},
            (),
            42,
            "",
            id="another status",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            project_stopped_by("pytest.exit('enough', 7)"),
            (),
            7,
            "pytest.exit: enough",
            id="exit",
            marks=pytest.mark.slow,
        ),
        pytest.param(project_stopped_by("os.kill(os.getpid(), signal.SIGINT)"), (), 2, "interrupted", id="interrupt"),
    ],
)
def test_plugin_changes_no_output_files_or_exit_status(
    files: Project, arguments: tuple[str, ...], status: int, stopped: str, tmp_path: Path
) -> None:
    result, plain = PluginRun(project=files, arguments=arguments).run_beside_plain(tmp_path)
    assert plain.exit_status == status, plain.output
    assert visible_result(result) == visible_result(plain)
    has_begun = result.session != Session()
    assert (result.session.exit_status, result.session.stop_reason) == (status if has_begun else None, stopped)
    assert result.report.get("exitcode") == result.session.exit_status


WHAT_A_TEST_SEES = """
import gc, logging, os, signal, sys, threading, warnings
def test_process(request):
    print(logging.getLogger().handlers, logging.getLogger().level, threading.active_count(), gc.callbacks)
    print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), signal.getitimer(signal.ITIMER_REAL))
    print(warnings.filters, sorted(os.environ.items()), os.getcwd(), os.umask(0o22), sys.argv[0], len(sys.path))
    print(sys.flags, sys.getrecursionlimit(), sys.gettrace(), sys.getprofile(), sys.excepthook, sys.stdout)
    print(request.config.option.verbose, request.config.args, request.fixturenames, request.node.keywords)
def test_properties(record_property):
    record_property("value", object())
"""
CONFTEST_THAT_READS_REPORTS = """
import pytest
def pytest_runtest_logreport(report):
    print(report.when, sorted(vars(report)))
def pytest_collectreport(report):
    print(report.nodeid, sorted(vars(report)))
"""


def test_plugin_is_invisible_to_tests_and_other_plugins(tmp_path: Path) -> None:
    files = {
        "conftest.py": CONFTEST_THAT_READS_REPORTS,
        "test_it.py": WHAT_A_TEST_SEES + "    assert 0\n",
        "test_broken.py": "import nowhere",
    }
    arguments = ("-s", "-W", "error", "--continue-on-collection-errors", "-p", "no:cacheprovider")
    result, plain = PluginRun(project=files, arguments=arguments).run_beside_plain(tmp_path)
    assert visible_result(result) == visible_result(plain)
    assert [item.is_failure for item in result.session.items] == [False, True]
    assert result.report["exitcode"] == 1


NESTED = """
import pytest
pytest_plugins = "pytester"
def test_main(tmp_path):
    (tmp_path / "test_nested.py").write_text("def test_inner(): assert 0")
    assert pytest.main(["-q", "-p", "no:cacheprovider", str(tmp_path)]) == 1
def test_pytester(pytester):
    pytester.makepyfile("def test_inner(): assert 0")
    pytester.runpytest_inprocess().assert_outcomes(failed=1)
    pytester.runpytest_subprocess().assert_outcomes(failed=1)
"""


def test_session_inside_a_test_is_not_reported(tmp_path: Path) -> None:
    result = PluginRun(project={"test_it.py": NESTED}).run(tmp_path)
    assert result.exit_status == 0, result.output
    assert [item.nodeid for item in result.session.items] == ["test_it.py::test_main", "test_it.py::test_pytester"]
    assert result.session.lost_records == 0


def without_times(value: object) -> object:
    """Return a report without times."""
    if isinstance(value, Mapping):
        return {
            key: without_times(element) for key, element in value.items() if key not in ("created", "duration", "root")
        }
    return [without_times(element) for element in value] if isinstance(value, list) else value


USER_REPORT_OPTIONS = (
    "-p pytest_jsonreport --json-report --json-report-file=theirs.json --json-report-omit keywords warnings"
)


@pytest.mark.parametrize("extra_option", ["", pytest.param("--json-report-summary", marks=pytest.mark.slow)])
def test_json_report_of_the_user_is_unchanged(extra_option: str, tmp_path: Path) -> None:
    files = {"test_it.py": MIXED, "pytest.ini": f"[pytest]\naddopts = {USER_REPORT_OPTIONS} {extra_option}"}
    result, plain = PluginRun(project=files).run_beside_plain(tmp_path)
    user_report, expected_report = ((run_result.folder / "theirs.json").read_text() for run_result in (result, plain))
    assert without_times(json.loads(user_report.replace(str(result.folder), ""))) == without_times(
        json.loads(expected_report.replace(str(plain.folder), ""))
    )
    assert len(result.report["tests"]) == 6
    assert visible_result(result) == visible_result(plain)


FAILING = "def test_a():\n    assert 0\n"


@pytest.mark.parametrize(
    ("files", "start", "arguments", "root", "nodeid"),
    [
        pytest.param(
            {"pytest.ini": "", "a/t/test_it.py": FAILING}, "a", (), ".", "a/t/test_it.py", id="below the root"
        ),
        pytest.param(
            {"a/pytest.ini": "", "a/test_it.py": FAILING},
            ".",
            ("a",),
            "a",
            "test_it.py",
            id="above it",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"a/test_it.py": FAILING, "b/x": ""}, "b", ("../a", "--rootdir=.."), ".", "a/test_it.py", id="beside"
        ),
        pytest.param(
            {"conftest.py": "import os; os.chdir('/')", "test_it.py": FAILING},
            ".",
            (),
            ".",
            "test_it.py",
            id="elsewhere",
        ),
    ],
)
def test_node_ids_are_relative_and_locations_absolute(
    files: Project, start: str, arguments: tuple[str, ...], root: str, nodeid: str, tmp_path: Path
) -> None:
    result = PluginRun(project=files, start=start, arguments=arguments).run(tmp_path)
    (item,) = result.session.items
    assert (result.session.root, item.nodeid) == (str((result.folder / root).resolve()), f"{nodeid}::test_a")
    details = item.stages[1].details
    assert details is not None
    assert [(place.path, place.line) for place in details.locations] == [(str(result.folder / root / nodeid), 2)]


@pytest.mark.parametrize(
    ("environ", "workers"),
    [
        pytest.param({"PYTHONSAFEPATH": "1"}, "-n1", id="safe path"),
        pytest.param({"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"}, "-n0", id="warnings are errors"),
    ],
)
def test_results_are_reported_under_strict_python_settings(
    environ: Mapping[str, str], workers: str, tmp_path: Path
) -> None:
    run = PluginRun(project={"test_it.py": PASSING}, arguments=("-p", "xdist", workers), environ=environ)
    result = run.run(tmp_path)
    assert result.exit_status == 0, result.output
    assert [item.passed for item in result.session.items] == [True, True, True]
    assert result.report["summary"] == {"passed": 3, "total": 3, "collected": 3}


USES_PLUGINS = """
import os
def test_files(fs):
    fs.create_file("/x")
    assert os.path.exists("/x")
def test_failing_files(fs):
    assert os.path.exists("/y")
"""


@pytest.mark.slow
def test_pyfakefs_and_coverage_work_with_the_plugin(tmp_path: Path) -> None:
    """pyfakefs replaces the file system while results are written; coverage.py must not count the plugin's files."""
    python = environment("3.13", "9", "pyfakefs", "pytest-cov")
    run = PluginRun(project={"test_it.py": USES_PLUGINS}, arguments=("-q", "--tb=no", "--cov"), python=python)
    result, plain = run.run_beside_plain(tmp_path)
    assert visible_result(result) == visible_result(plain)
    assert [item.is_failure for item in result.session.items] == [False, True]
    assert result.session.lost_records == 0
