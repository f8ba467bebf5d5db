"""Suites whose causes are known, by the whole action: the name of each test says its cause."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest

from checks.core.report.raw_details import cause_of
from tests.support.environments import python_with
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job, JobOf
from tests.support.runner.shell import run_in_shell

_FIXTURE = {
    "conftest.py": """
        import pytest

        @pytest.fixture
        def db(request):
            raise ConnectionError(f"no database on port {id(request)}")
    """,
    "test_shop.py": """
        import pytest

        @pytest.mark.parametrize("number", range(120))
        def test_database(db, number): pass

        def test_total(): assert sum([1, 2]) == 4

        def test_currency(): raise LookupError("no currency")
    """,
}
_IMPORTS = {
    "broken.py": 'raise ImportError("broken needs libfoo")\n',
    "shop.py": "price = 1\n",
    "deep.py": "import nowhere_deep\n",
    "config.py": '{}["home"]\n',
    **{f"test_missing_{n}.py": "\n" * n + "import nowhere\n" for n in range(30)},
    **{f"test_itself_{n}.py": "\n" * n + "import broken\n" for n in range(3)},
    **{f"test_name_{n}.py": "\n" * n + "from shop import missing_name\n" for n in range(3)},
    **{f"test_other_{n}.py": "\n" * n + "from shop import other_name\n" for n in range(3)},
    **{f"test_deep_{n}.py": "\n" * n + "import deep\n" for n in range(3)},
    "unparsed.py": "def (:\n",
    **{f"test_unparsed_{n}.py": "\n" * n + "import unparsed\n" for n in range(3)},
    "test_inside.py": """
        def test_missing_inside(): import nowhere

        def test_name_inside():
            from shop import missing_name
    """,
    **{f"test_config_{n}.py": "\n" * n + "import config\n" for n in range(3)},
    **{f"test_syntax{letter}.py": f"{letter} = = 1\n" for letter in "ab"},
}
_VALUES = """
    import datetime, decimal, os, uuid
    import pytest

    def each(*values): return pytest.mark.parametrize("value", values)

    @each(1, -2, 12345678.5, 1e-7, float("inf"), 10**30)
    def test_numbers(value): assert value == 4

    @each(1.5, 2, 1e9)
    def test_approx(value): assert value == pytest.approx(7.25)

    @each("a", "it's", 'say "it\\'s"', "two\\nlines", "")
    def test_strings(value): assert value == "expected"

    @each(b"a", b"\\xff", b"")
    def test_bytes(value): assert value == b"expected"

    @each([], [1], [1, "a", None], [[1, 2], []], list(range(500)))
    def test_lists(value): assert value == [7]

    @each((), (1,), (1, (2, 3)))
    def test_tuples(value): assert value == (7,)

    @each(set(), {1}, {1, 2})
    def test_sets(value): assert value == {7}

    @each({}, {"a": 1}, {"a": {"b": [1]}, "c": None})
    def test_dicts(value): assert value == {"z": 7}

    @each(decimal.Decimal("1.5"), decimal.Decimal("-2"))
    def test_decimals(value): assert value == 7

    @each(datetime.date(2026, 1, 2), datetime.date(1999, 12, 31))
    def test_dates(value): assert value == 7

    @each(*range(3))
    def test_ids(value): raise KeyError(uuid.uuid4())

    @each(*range(3))
    def test_keys(value): raise KeyError(os.urandom(4).hex())

    @each("pounds", "yen")
    def test_paths(value, tmp_path): raise OSError(f"{tmp_path}/{value} is locked")

    def test_paths_elsewhere(tmp_path): (tmp_path / "nowhere").read_text()
"""
_PLACES = {
    "shop.py": """
        def price(number): raise ValueError("no price")

        def discount(number): raise ValueError("no price")

        def either(error): raise error("out of order")

        def refuse(reason): raise ValueError(reason)
    """,
    "test_a.py": """
        import pytest, shop

        @pytest.mark.parametrize("n", range(3))
        def test_price(n): shop.price(n)

        def test_price_twice(): shop.price(1) + shop.price(2)

        @pytest.mark.parametrize("n", range(2))
        def test_discount(n): shop.discount(n)

        def test_key(): shop.either(KeyError)

        def test_type(): shop.either(TypeError)

        def test_limit(): shop.refuse("beyond the limit")

        def test_stock(): shop.refuse("not in stock")
    """,
    "test_b.py": "import shop\n\ndef test_price_elsewhere(): shop.price(4)\n",
}
_FOLDERS = {
    **{
        f"{folder}/conftest.py": """
            import pytest

            @pytest.fixture
            def server(): raise OSError("no server")
        """
        for folder in ("web", "mail")
    },
    **{
        f"{folder}/test_{folder}_{n}.py": f"def test_{folder}(server): pass\n"
        for folder in ("web", "mail")
        for n in "ab"
    },
    "test_fixtures.py": """
        import pytest

        @pytest.mark.parametrize("n", range(3))
        def test_absent(n, nowhere): pass

        def test_absent_as_well(nowhere): pass

        @pytest.fixture
        def one():
            yield
            raise OSError("not closed")

        @pytest.fixture
        def two():
            yield
            raise OSError("not closed")

        @pytest.mark.parametrize("n", range(3))
        def test_teardown(n, one, two): pass

        def test_teardown_as_well(one, two): pass

        @pytest.mark.parametrize("n", range(2))
        def test_gone(n, elsewhere): pass
    """,
}
#: The plugin is outside the repository, as an installed one is.
_PLUGIN = {
    ".gitignore": "plugins/",
    "pytest.ini": "[pytest]\npythonpath = plugins\n",
    "conftest.py": "pytest_plugins = ['a_plugin']\n",
    "plugins/a_plugin.py": """
        import pytest

        @pytest.fixture
        def port(request): raise OSError(f"port {id(request)} is in use")
    """,
    "test_a.py": "def test_plugin(port): pass\n\n\ndef test_plugin_too(port): pass\n",
    "test_b.py": "def test_plugin(port): pass\n",
}
_KINDS = {
    "shop.py": '''
        def net(price):
            """
            >>> net(1)
            'doctest'
            """
            return price

        def read(name): raise LookupError(f"cannot read {name!r}")
    ''',
    "test_async.py": """
        import asyncio, unittest
        import shop

        class TestRead(unittest.IsolatedAsyncioTestCase):
            async def test_read(self): await asyncio.to_thread(shop.read, "a")

            async def test_reads(self):
                await asyncio.sleep(0)
                shop.read("b")
    """,
    "test_unit.py": """
        import unittest
        import shop

        class TestSum(unittest.TestCase):
            def test_read_as_well(self): shop.read("c")

            def test_unit(self): self.assertEqual(1, 2)

            def test_subtests(self):
                for number in range(3):
                    with self.subTest(number=number):
                        self.assertEqual(number, 7)
    """,
    "test_soft.py": """
        import pytest
        import pytest_check as check

        @pytest.mark.parametrize("n", [1, 2])
        def test_soft(n): check.equal(n, 7)
    """,
}
_HELPERS = {
    "conftest.py": "import pytest\npytest.register_assert_rewrite('helper')\n",
    "helper.py": """
        def check_status(status): assert status == 200

        def check_hidden(status):
            __tracebackhide__ = True
            assert status == 200
    """,
    "test_helper.py": """
        import pytest, helper

        @pytest.mark.parametrize("status", [404, 500])
        def test_shared(status): helper.check_status(status)

        def test_shared_too(): helper.check_status(403)

        @pytest.mark.parametrize("status", [404, 500])
        def test_hidden(status): helper.check_hidden(status)

        def test_apart(): helper.check_hidden(500)
    """,
}


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Files, and the number of failures of each cause, by a word in the titles of its failures.

    Of several such words in a title the longest counts. `environment` is that of ``requirements/cases``.
    """

    files: Mapping[str, str]
    truth: Mapping[str, int]
    arguments: str = ""
    environment: str = ""

    def texts(self) -> dict[str, str]:
        """Return the files as they are written."""
        return {name: dedent(text) for name, text in self.files.items()}

    def cause(self, title: str) -> str:
        """Return the cause that a title names."""
        return max((word for word in self.truth if word in title), key=len)


class Failure(NamedTuple):
    """A failure with the number of its cause, and with the true one."""

    cause: int
    truth: str
    title: str


SUITES = {
    "one broken fixture under 120 tests": Suite(files=_FIXTURE, truth={"database": 120, "total": 1, "currency": 1}),
    "modules that cannot be imported": Suite(
        files=_IMPORTS,
        arguments="--continue-on-collection-errors",
        truth={
            "missing": 31,
            "itself": 3,
            "name": 4,
            "unparsed": 3,
            "other": 3,
            "deep": 3,
            "config": 3,
            "syntaxa": 1,
            "syntaxb": 1,
        },
    ),
    "parameters": Suite(
        files={"test_values.py": _VALUES},
        truth={"numbers": 6, "approx": 3, "strings": 5, "bytes": 3, "lists": 5, "tuples": 3, "sets": 3, "dicts": 3}
        | {"decimals": 2, "dates": 2, "ids": 3, "keys": 3, "paths": 2, "paths_elsewhere": 1},
    ),
    "places, types and messages": Suite(
        files=_PLACES, truth={"price": 5, "discount": 2, "key": 1, "type": 1, "limit": 1, "stock": 1}
    ),
    "fixtures of two folders, and fixtures that do not exist": Suite(
        files=_FOLDERS, truth={"web": 2, "mail": 2, "absent": 4, "teardown": 4, "gone": 2}
    ),
    "a fixture of a plugin": Suite(files=_PLUGIN, truth={"plugin": 3}),
    "kinds of tests": Suite(
        files=_KINDS,
        environment="pytest9",
        arguments="--doctest-modules",
        truth={"read": 3, "unit": 1, "subtests": 3, "soft": 2, "shop.net": 1},
    ),
    "helpers of assertions": Suite(files=_HELPERS, truth={"shared": 3, "hidden": 2, "apart": 1}),
}


_BROKEN_FIXTURE = SUITES["one broken fixture under 120 tests"]


def job_with(suite: Suite, job_of: JobOf, **more: Any) -> Job:
    python = {"CHECKS_PYTHON": str(python_with(suite.environment))} if suite.environment else {}
    return job_of(suite.texts(), env=python, **more)


def failures_of(suite: Suite, annotations: Iterable[Mapping[str, Any]]) -> list[Failure]:
    """Return the failures in these annotations."""
    failed = [one for one in annotations if one["annotation_level"] == "failure"]
    return [
        Failure(cause_of(one["raw_details"], one["title"]), suite.cause(one["title"]), one["title"]) for one in failed
    ]


def causes_of_summary(summary: str) -> dict[int, int]:
    """Return the number of tests by cause, from the table of causes."""
    header, *rows = (re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", summary))
    column = header.index("Tests")
    return {int(row[0]): int(row[column].replace(",", "")) for row in rows}


def check_truth(suite: Suite, github: GithubServer) -> None:
    failures = failures_of(suite, github.annotations())
    assert Counter(failure.truth for failure in failures) == suite.truth
    pairs = {(failure.cause, failure.truth) for failure in failures}
    assert len(pairs) == len(suite.truth), pairs  # otherwise there are more causes, or some are mixed
    tests = {(failure.cause, failure.title.partition(" (")[0]) for failure in failures}  # without the subtest
    assert causes_of_summary(github.run["output"]["summary"]) == Counter(cause for cause, _ in tests)
    assert f"({len(suite.truth)} causes)" in github.run["output"]["title"] or len(suite.truth) == 1


@rule("Causes: raised by a function for several callers")
@rule("Causes: asserted in a helper that sets")
@pytest.mark.parametrize(
    "name",
    # Other tests have the first suite, and the unit tests have the causes of the second one.
    [
        pytest.param(name, marks=[pytest.mark.slow] if "120 tests" in name or name.startswith("places") else [])
        for name in SUITES
    ],
)
def test_causes_are_the_truth(name: str, job_of: JobOf, github: GithubServer) -> None:
    job_with(SUITES[name], job_of).run(pytest_args=SUITES[name].arguments)
    check_truth(SUITES[name], github)


@pytest.mark.slow
@pytest.mark.parametrize("name", SUITES)
def test_causes_are_the_truth_with_workers(name: str, job_of: JobOf, github: GithubServer) -> None:
    job_with(SUITES[name], job_of, autoload=True).run(pytest_args=f"{SUITES[name].arguments} -n 4")
    check_truth(SUITES[name], github)


@pytest.mark.slow
def test_verdict_comes_with_annotations_of_all_causes(job_of: JobOf, github: GithubServer) -> None:
    job_with(_BROKEN_FIXTURE, job_of).run()
    requests = [write.body for write in github.writes if "output" in write.body]
    verdict = [request.get("status") for request in requests].index("completed")
    sent = [one for request in requests[: verdict + 1] for one in request["output"].get("annotations", ())]
    assert {failure.truth for failure in failures_of(_BROKEN_FIXTURE, sent)} == {*_BROKEN_FIXTURE.truth}


@rule("Causes: where only some failures are shown")
def test_all_causes_are_in_the_job_log_without_a_check_run(job_of: JobOf, github: GithubServer) -> None:
    job = job_with(_BROKEN_FIXTURE, job_of)
    result = job.run(app_id="", private_key="")
    errors = [line for line in result.log.splitlines() if line.startswith("::error ")]
    assert github.runs == []
    assert {_BROKEN_FIXTURE.cause(line) for line in errors} == {*_BROKEN_FIXTURE.truth}
    assert causes_of_summary(result.summary) == {1: 120, 2: 1, 3: 1}
    listed = json.loads(result.outputs["failed-tests"])[:3]
    assert {*map(_BROKEN_FIXTURE.cause, listed)} == {*_BROKEN_FIXTURE.truth}


@pytest.mark.slow
def test_all_causes_are_in_the_terminal_of_a_preview(tmp_path: Path) -> None:
    for name, text in _BROKEN_FIXTURE.texts().items():
        (tmp_path / name).write_text(text)
    preview = run_in_shell(tmp_path, "preview", "-q")
    titles = [line for line in preview.stderr.splitlines() if line.startswith("  test_shop.py::")]
    assert "2 failed, 120 errors (3 causes)" in preview.stderr
    assert {*map(_BROKEN_FIXTURE.cause, titles)} == {*_BROKEN_FIXTURE.truth}
