"""Generate suites with random mixes of outcomes, and of plugins that repeat, change or take back results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

HEAD = """import os
import sys
import unittest
import warnings

import pytest

TRIES = {}


def tries(name):
    TRIES[name] = TRIES.get(name, 0) + 1
    return TRIES[name]


@pytest.fixture
def broken():
    raise RuntimeError("broken")


@pytest.fixture
def unclean():
    yield
    raise OSError("unclean")


@pytest.fixture
def absent():
    pytest.skip("absent")


@pytest.fixture
def slow_start():
    assert tries("start") > 1


@pytest.fixture(scope="module")
def unclean_module():
    yield
    raise OSError("module")


@pytest.fixture(scope="module")
def broken_module():
    raise RuntimeError("module")
"""


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.strip().split("\n---\n"))


#: Tests, separated by ``---``; N is the number of each.
TESTS = _split("""
def test_N(): pass
---
def test_N(): pass
---
def test_N(capsys): print('printed')
---
def test_N(): assert 1 == 2
---
def test_N(): raise KeyError('no')
---
def test_N(): pytest.fail('no trace', pytrace=False)
---
def test_N(): pytest.skip('not now')
---
@pytest.mark.skip
def test_N(): pass
---
@pytest.mark.xfail
def test_N(): assert 0
---
@pytest.mark.xfail
def test_N(): pass
---
@pytest.mark.xfail(strict=True)
def test_N(): pass
---
@pytest.mark.xfail(raises=KeyError)
def test_N(): assert 0
---
def test_N(): pytest.xfail('known')
---
@pytest.mark.xfail(run=False)
def test_N(): pass
---
@pytest.mark.xfail
def test_N(broken): pass
---
def test_N(broken): pass
---
def test_N(broken_module): pass
---
def test_N(unclean): pass
---
def test_N(unclean_module): pass
---
def test_N(record_property): record_property('key', object())
---
def test_N(): raise BaseExceptionGroup('group', [KeyError('a'), ValueError('b')])
---
def test_N(): sys.exit(3)
---
def test_N(unclean): assert 0
---
@pytest.mark.xfail
def test_N(unclean): assert 0
---
def test_N(absent): pass
---
def test_N(nowhere): pass
---
def test_N(): warnings.warn('careful')
---
@pytest.mark.parametrize('value', [1, 2, 'Łódź', 'a@b'])
def test_N(value): assert value != 2
---
def test_N(): assert tries('test_N') > 1
---
def test_N(): assert tries('test_N') > 2
---
def test_N(slow_start): pass
---
@pytest.mark.xdist_group('db')
def test_N(): assert 0
---
@pytest.mark.xdist_group('a@b')
class TestN:
    def test_n(self): pass
    def test_m(self): assert 0
---
class TestN(unittest.TestCase):
    def test_n(self): self.assertEqual(1, 2)
    def test_m(self): self.skipTest('x')
    @unittest.expectedFailure
    def test_o(self): self.fail()
    @unittest.expectedFailure
    def test_p(self): pass
---
class TestN(unittest.TestCase):
    def test_n(self):
        for i in range(3):
            with self.subTest(i=i): assert i != 1
---
class TestN(unittest.TestCase):
    def setUp(self): raise OSError
    def test_n(self): pass
""")
SUBTESTS = _split("""
def test_N(subtests):
    with subtests.test('a'): pass
    with subtests.test('b'): assert 0
    with subtests.test('c'): pytest.skip('c')
---
def test_N(subtests):
    with subtests.test('a'): assert 0
    assert 0
---
def test_N(subtests):
    with subtests.test('a'): pytest.xfail('a')
    with subtests.test(i=1): pass
---
def test_N(subtests):
    with subtests.test('a'): assert tries('test_N') > 1
---
def test_N(subtests, unclean):
    with subtests.test('a'): assert tries('test_N') > 1
""")
CRASHES = _split("""
def test_N(): os._exit(7)
---
@pytest.fixture
def crash_N(): yield; os._exit(7)
def test_N(crash_N): pass
""")
#: For plugins with a marker of their own.
MARKED = {
    "flaky": _split("""
@pytest.mark.flaky(max_runs=3)
def test_N(): assert tries('test_N') > 2
---
@pytest.mark.flaky
def test_N(): assert 0
---
@pytest.mark.flaky
def test_N(unclean): assert tries('test_N') > 1
---
@pytest.mark.flaky(max_runs=3, min_passes=2)
def test_N(): assert tries('test_N') != 2
"""),
    "retry": _split("""
@pytest.mark.flaky(retries=2)
def test_N(): assert tries('test_N') > 1
---
@pytest.mark.flaky(retries=1)
def test_N(): assert 0
---
@pytest.mark.flaky(retries=1)
def test_N(unclean): assert tries('test_N') > 1
"""),
    "rerun": _split("""
@pytest.mark.flaky(reruns=2)
def test_N(): assert tries('test_N') > 1
---
@pytest.mark.flaky(reruns=1)
def test_N(): assert 0
---
@pytest.mark.flaky(reruns=1)
def test_N(unclean): assert tries('test_N') > 1
"""),
}

_DISTRIBUTIONS = "load", "load", "loadgroup", "loadscope", "worksteal"
_EACH = ["--dist=each", "--tx=2*popen"]
_MAKEREPORT = """import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
"""


@dataclass(frozen=True, kw_only=True)
class ReportPlugin:
    """A ``conftest.py`` that changes reports.

    `has_own_words` means that pytest's last line cannot be compared; `is_fair`, that the check passes if pytest does.
    """

    text: str
    has_own_words: bool = False
    is_fair: bool = True
    works_with_xdist: bool = True


PLUGINS = (
    *(ReportPlugin(text=""),) * 6,
    ReportPlugin(
        text="import copy\nimport pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\n"
        "def pytest_runtest_protocol(item, nextitem):\n    yield\n"
        "    report = pytest.TestReport(item.nodeid, item.location, {}, 'failed', 'late', 'teardown')\n"
        "    item.ihook.pytest_runtest_logreport(report=report)\n",
    ),
    ReportPlugin(
        text="import pytest\n\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_protocol(item, nextitem):\n"
        "    for number in range(2):\n        nodeid = f'{item.nodeid} {number}'\n"
        "        item.ihook.pytest_runtest_logstart(nodeid=nodeid, location=item.location)\n"
        "        report = pytest.TestReport(nodeid, item.location, {}, ['failed', 'passed'][number], 'no', 'call')\n"
        "        item.ihook.pytest_runtest_logreport(report=report)\n"
        "        item.ihook.pytest_runtest_logfinish(nodeid=nodeid, location=item.location)\n    return True\n",
        works_with_xdist=False,
    ),
    ReportPlugin(text=f"{_MAKEREPORT}    report.sections.append(('Captured by us', 'x'))\n"),
    ReportPlugin(text=f"{_MAKEREPORT}    report.nodeid = report.nodeid.partition('[')[0]\n", works_with_xdist=False),
    ReportPlugin(
        text=f"{_MAKEREPORT}    if report.failed and call.when == 'call':\n"
        "        report.outcome, report.wasxfail = 'skipped', 'a known failure'\n"
    ),
    ReportPlugin(
        text=f"{_MAKEREPORT}    if report.passed and call.when == 'teardown':\n        report.outcome = 'failed'\n"
    ),
    ReportPlugin(
        text=f"{_MAKEREPORT}    if report.failed and call.when == 'call':\n        report.outcome = 'postponed'\n",
        has_own_words=True,
        is_fair=False,
    ),
    ReportPlugin(
        text="def pytest_report_teststatus(report):\n    if report.failed:\n        return 'skipped', 's', 'LENIENT'\n",
        has_own_words=True,
    ),
    ReportPlugin(
        text="def pytest_report_teststatus(report):\n    if report.when == 'call' and report.passed:\n"
        "        return 'fine', 'f', 'FINE'\n",
        has_own_words=True,
    ),
    ReportPlugin(
        text="import pytest\n\n\n@pytest.hookimpl(trylast=True)\ndef pytest_runtest_logreport(report):\n"
        "    if report.failed and report.when == 'call':\n        report.outcome = 'passed'\n",
        has_own_words=True,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A generated suite; `environment` is one of `tests.support.environments`."""

    seed: int
    environment: str
    files: Mapping[str, str]
    arguments: tuple[str, ...]
    plugin: ReportPlugin


def suite(seed: int) -> Suite:
    """Return the suite of a seed."""
    random = Random(seed)
    environment = random.choice(["pytest9", "pytest9", "pytest8", "retry"])
    plugin = random.choice(PLUGINS)
    arguments = [*random.choice([(), ("-q",), ("-v",), ("-vv",)])]
    if plugin.works_with_xdist and random.random() < 0.4:
        arguments += random.choice([["-n2", f"--dist={name}"] for name in _DISTRIBUTIONS] + [_EACH])
    kinds = [
        *TESTS,
        *(CRASHES if "--dist=load" in arguments else ()),
        *(() if environment == "retry" else SUBTESTS * 2),
    ]
    if environment == "pytest9" and random.random() < 0.5:
        arguments += [f"--reruns={random.randint(1, 2)}"]
    if environment == "pytest8" and random.random() < 0.2:
        arguments += ["--forked"]
    else:
        kinds += MARKED[{"pytest9": "rerun", "pytest8": "flaky", "retry": "retry"}[environment]] * 2
    arguments += random.choice([(), (), (), (), ("-x",), ("--maxfail=4",), ("-p", "no:terminal"), ("-rA",)])
    files = {f"test_{name}.py": _module(random, kinds) for name in "abc"[: random.randint(1, 3)]}
    files |= _unusual_files(random, arguments)
    if plugin.text:
        files["conftest.py"] = plugin.text
    return Suite(seed=seed, environment=environment, files=files, arguments=tuple(arguments), plugin=plugin)


def _module(random: Random, kinds: list[str]) -> str:
    tests = (
        random.choice(kinds).replace("_N", f"_{n}").replace("TestN", f"Test{n}") for n in range(random.randint(4, 14))
    )
    return "\n\n".join([HEAD, *tests]) + "\n"


def _unusual_files(random: Random, arguments: list[str]) -> dict[str, str]:
    files = {}
    if random.random() < 0.15:
        files["test_skipped.py"] = "import pytest\npytest.skip('all', allow_module_level=True)\n"
    if random.random() < 0.15:
        files["test_broken.py"] = "import nowhere\n"
        arguments += random.choice([[], ["--continue-on-collection-errors"]])
    is_rerun = any(argument.startswith("--reruns") for argument in arguments)  # it takes back what the other one counts
    if random.random() < 0.1 and not is_rerun:
        arguments += ["--keep-duplicates", ".", "test_a.py"]
    return files
