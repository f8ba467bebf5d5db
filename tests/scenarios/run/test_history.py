"""A history of commits, each tested by a real run of the action, with the answer that its check must give."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from checks.core.history.record_text import render
from checks.core.model.history import Record
from checks.core.model.identity import RunKind
from checks.core.model.session import CarriedOverCounts
from tests.support.github.world import App
from tests.support.rerun.reruns import CreateScenario
from tests.support.runner.history import NO_COMMIT, History, module

#: What a check said, and what it must say.
Rows = Iterator[tuple[str, str]]
FILES = {"pytest.ini": "[pytest]\nmarkers = nightly\n", ".gitignore": "__pycache__\n"}
OTHER_APP = App(id=99, client_id="Iv1.0123456789abcdef", slug="other-checks", key_name="another App's")
#: Says that nothing failed, and has the counts of the check run.
FORGED = render(Record(counts=CarriedOverCounts(failed=2, passed=1), total=3, failed={}, skipped=frozenset()))


def pushes_to_main(history: History) -> Rows:
    history.commit("a1", apple="passes", pear="fails", fig="passes", kiwi="skips")
    yield history.push(before=NO_COMMIT).and_expected("""
        failure: 1 failed, 2 passed, 1 skipped
        Not compared: the branch main is new.
        pear: -
        fail-on: all count: the branch main is new
    """)
    history.commit("a2", apple="fails", pear="fails", fig="passes", kiwi="skips")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 passed, 1 skipped
        1 new · 1 also failing on main at a1 · -1 passed
        New failures: apple
        apple: New: passed on main at a1. pear: Also fails on main at a1.
        fail-on: apple (new)
        outputs: 1 0 0
    """)
    history.commit("a3", apple="fails", pear="passes", fig="passes", kiwi="skips")
    yield history.push().and_expected("""
        neutral: 1 failed (0 new), 2 passed, 1 skipped
        1 fixed · 1 also failing on main at a2 · +1 passed
        Fixed: pear
        apple: Also fails on main at a2.
        fail-on: 1 forgiven: main at a2
        outputs: 0 1 0
    """)
    history.commit("a4", apple="errors", pear="passes", fig="passes", kiwi="skips")
    yield history.push().and_expected("""
        failure: 1 error (0 new), 2 passed, 1 skipped
        1 also failing on main at a3
        apple: Also fails on main at a3.
        fail-on: apple (fails in another stage on the base)
        outputs: 0 0 0
    """)
    history.commit("removed", apple="errors", fig="passes", kiwi="skips")
    yield history.push().and_expected("""
        neutral: 1 error (0 new), 1 passed, 1 skipped
        1 also failing on main at a4 · 1 removed · -1 passed
        Removed tests: pear
        apple: Also fails on main at a4.
        fail-on: 1 forgiven: main at a4
        outputs: 0 0 1
    """)
    history.commit("renamed", apple="errors", date="passes", kiwi="skips")
    yield history.push().and_expected("""
        neutral: 1 error (0 new), 1 passed, 1 skipped
        1 also failing on main at removed · 1 removed · 1 added. A renamed test counts as removed and as added.
        Removed tests: fig
        apple: Also fails on main at removed.
        fail-on: 1 forgiven: main at removed
        outputs: 0 0 1
    """)
    history.commit("skipped", apple="passes", date="skips", kiwi="fails")
    yield history.push().and_expected("""
        failure: 1 failed (1 new), 1 passed, 1 skipped
        1 new · 1 fixed · 1 newly skipped, compared with main at renamed
        New failures: kiwi
        Newly skipped tests: date
        Fixed: apple
        kiwi: New: skipped on main at renamed.
        fail-on: kiwi (new)
        outputs: 1 1 0
    """)


def flaky_tests(history: History) -> Rows:
    history.commit("b1", apple="fails", fig="comes and goes")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes, 2 new)
        2 new · 2 removed · 1 added · -1 passed, -1 skipped, compared with main at skipped. A renamed test counts as
          removed and as added.
        New failures: apple fig
        Removed tests: 2 that the base's check run does not name
        apple: New: passed on main at skipped. fig: New: not collected on main at skipped.
        fail-on: apple (new), fig (new)
        outputs: 2 0 2
    """)
    yield history.rerun_failed(SECOND="yes").and_expected("""
        failure: 1 failed (1 new), 1 passed, 1 rerun
        1 new · 2 removed · 1 added · -1 skipped, compared with main at skipped. A renamed test counts as removed
          and as added.
        New failures: apple
        Removed tests: 2 that the base's check run does not name
        apple: New: passed on main at skipped.
        fail-on: apple (new)
        outputs: 1 0 2
    """)
    history.commit("b2", apple="fails", fig="fails")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes, 0 new)
        1 flaky there · 1 also failing on main at b1 · -1 passed
        apple: Also fails on main at b1. fig: Flaky on main at b1.
        fail-on: fig (flaky on the base)
        outputs: 0 0 0
    """)


def other_selections(history: History) -> Rows:
    history.commit("c1", apple="fails", date="passes", kiwi="passes")
    yield history.push(pytest_args="-k 'not kiwi'").and_expected("""
        neutral: 1 failed (0 new), 1 passed
        1 also failing on main at b2. Removed and newly skipped tests are unknown, because tests were selected
          otherwise for main at b2 (arguments, folder or Python).
        apple: Also fails on main at b2.
        fail-on: 1 forgiven: main at b2
        outputs: 0 0 -
    """)
    history.commit("c2", apple="fails", date="passes", kiwi="passes")
    yield history.push(pytest_args="-m 'not nightly'").and_expected("""
        neutral: 1 failed (0 new), 2 passed
        1 also failing on main at c1. Removed and newly skipped tests are unknown, because tests were selected
          otherwise for main at c1 (arguments, folder or Python).
        apple: Also fails on main at c1.
        fail-on: 1 forgiven: main at c1
        outputs: 0 0 -
    """)
    history.commit("deselected", apple="fails", date="passes", kiwi="passes at night")
    yield history.push(pytest_args="-m 'not nightly'").and_expected("""
        neutral: 1 failed (0 new), 1 passed
        1 also failing on main at c2 · 1 removed or deselected · -1 passed
        Removed or deselected tests: kiwi
        apple: Also fails on main at c2.
        fail-on: 1 forgiven: main at c2
        outputs: 0 0 1
    """)
    history.commit("c3", apple="fails", date="fails", kiwi="passes")
    yield history.push(pytest_args="-x").and_expected("""
        failure: stopped after 1 of 3 · 1 failed (0 new)
        1 also failing on main at deselected. Removed and newly skipped tests are unknown, because this run did not
          finish.
        apple: Also fails on main at deselected.
        fail-on: all count: this run has other problems than failing tests
        outputs: 0 0 -
    """)
    history.commit("c4", apple="fails", date="fails", kiwi="passes")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes), 1 passed
        1 not failing there · 1 also failing on main at deselected, an ancestor of the base. Not compared with the
          base itself: the check run of main at c3 has incomplete results. Removed and newly skipped tests are
          unknown, because tests were selected otherwise for main at deselected (arguments, folder or Python).
        Failures that it does not have: date
        apple: - date: -
        fail-on: all count: the check run of main at c3 has incomplete results
    """)
    history.commit("c5", source="import missing\n")
    yield history.push().and_expected("""
        action_required: collection failed · 1 error (1 new)
        1 new, compared with main at c4. Removed and newly skipped tests are unknown, because some tests could not
          be collected here.
        New failures: test_it.py
        test_it.py: New: did not fail on main at c4.
        outputs: 1 0 -
    """)
    history.commit("c6", source="import os\ndef test_apple(): os.kill(os.getppid(), 9)\n")
    history.pushed("main")
    history.run()
    yield history.post_step().and_expected("""
        cancelled: killed · Starting
    """)
    history.commit("c7", apple="fails", date="fails", kiwi="passes")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes), 1 passed
        2 also failing on main at c4, an ancestor of the base. Not compared with the base itself: the check run of
          main at c6 has no results.
        apple: - date: -
        fail-on: all count: the check run of main at c6 has no results
    """)


def unstable_ids(history: History) -> Rows:
    history.commit("d1", apple="fails at an address", date="passes", kiwi="xfails")
    yield history.push().and_expected("""
        failure: 1 failed (1 new), 1 passed, 1 xfailed
        1 new · 1 fixed · 1 removed · 1 added · +1 xfailed, compared with main at c7. A renamed test counts as
          removed and as added.
        New failures: apple[<object object at 0x>]
        Removed tests: 1 that the base's check run does not name
        Fixed: date
        apple[<object object at 0x>]: -
        fail-on: apple[<object object at 0x>] (new)
        outputs: 1 1 1
    """)
    history.commit("d2", apple="fails at an address", date="fails", kiwi="xfails")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 xfailed
        1 new · 1 also failing on main at d1 · -1 passed
        New failures: date
        apple[<object object at 0x>]: - date: New: passed on main at d1.
        fail-on: date (new)
        outputs: 1 0 0
    """)
    history.commit("d3", apple="fails at two addresses", date="fails", kiwi="xfails")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes), 1 passed, 1 xfailed
        1 also failing on main at d2 · 1 added · +1 passed. 1 failure not compared, because several tests may have
          that ID.
        apple[<object object at 0x>]: - date: Also fails on main at d2.
        fail-on: apple[<object object at 0x>] (not compared: several tests may have that ID)
        outputs: - 0 0
    """)
    history.commit("d4", apple="fails at an address", date="fails", kiwi="xfails")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes), 1 xfailed
        1 also failing on main at d3 · 1 removed · -1 passed. 1 failure not compared, because several tests may have
          that ID.
        Removed tests: 1 that the base's check run does not name
        apple[<object object at 0x>]: - date: Also fails on main at d3.
        fail-on: apple[<object object at 0x>] (not compared: several tests may have that ID)
        outputs: - 0 1
    """)


def pull_requests(history: History) -> Rows:
    base = history.commit("e1", apple="fails", date="passes", kiwi="passes")
    yield history.push().and_expected("""
        failure: 1 failed (1 new), 2 passed
        1 new · 1 fixed · 1 removed · 1 added · +2 passed, -1 xfailed, compared with main at d4. A renamed test
          counts as removed and as added.
        New failures: apple
        Removed tests: 1 that the base's check run does not name
        Fixed: date
        apple: New: not collected on main at d4.
        fail-on: apple (new)
        outputs: 1 1 1
    """)
    history.on("topic", base)
    head = history.commit("e2", apple="fails", date="fails", kiwi="passes")
    yield history.push("topic").and_expected("""
        failure: 2 failed (2 causes), 1 passed
        Not compared: the branch topic is new.
        apple: - date: -
        fail-on: all count: the branch topic is new
    """)
    history.merge("e3", base, head)
    yield history.pull_request(head).and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 passed
        1 new · 1 also failing on main at e1 · -1 passed
        New failures: date
        apple: Also fails on main at e1. date: New: passed on main at e1.
        fail-on: date (new)
        outputs: 1 0 0
    """)
    yield history.rerun_failed().and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 passed
        1 new · 1 also failing on main at e1 · -1 passed
        New failures: date
        apple: Also fails on main at e1. date: New: passed on main at e1.
        fail-on: date (new)
        outputs: 1 0 0
    """)
    # Retargeted to `release`, which is at the same commit.
    yield history.pull_request(head, target="release").and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 passed
        1 new · 1 also failing on release at e1 · -1 passed
        New failures: date
        apple: Also fails on release at e1. date: New: passed on release at e1.
        fail-on: all count: the check run of release at e1 belongs neither to the default branch nor to the branch
          that `compare` names
        outputs: 1 0 0
    """)
    history.on("main")
    base = history.commit("e4")
    yield history.push().and_expected("""
        neutral: 1 failed (0 new), 2 passed
        1 also failing on main at e1
        apple: Also fails on main at e1.
        fail-on: 1 forgiven: main at e1
        outputs: 0 0 0
    """)
    history.on("topic")
    head = history.rebase("e5", base)
    yield history.push("topic").and_expected("""
        failure: 2 failed (2 causes, 0 new), 1 passed
        2 also failing on topic at e2
        apple: Also fails on topic at e2. date: Also fails on topic at e2.
        fail-on: all count: the check run of topic at e2 belongs neither to the default branch nor to the branch
          that `compare` names
        outputs: 0 0 0
    """)
    yield history.push("topic", compare="main").and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 passed
        1 new · 1 also failing on main at e4 · -1 passed
        New failures: date
        apple: Also fails on main at e4. date: New: passed on main at e4.
        fail-on: date (new)
        outputs: 1 0 0
    """)
    yield history.pull_request(head).and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 passed
        1 new · 1 also failing on main at e4 · -1 passed
        New failures: date
        apple: Also fails on main at e4. date: New: passed on main at e4.
        fail-on: date (new)
        outputs: 1 0 0
    """)
    merge = history.merge("e6", base, head)
    yield history.merge_group(base).and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 passed
        1 new · 1 also failing on main at e4 · -1 passed
        New failures: date
        apple: Also fails on main at e4. date: New: passed on main at e4.
        fail-on: date (new)
        outputs: 1 0 0
    """)
    history.on("main", merge)
    yield history.push().and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 passed
        1 new · 1 also failing on main at e4 · -1 passed
        New failures: date
        apple: Also fails on main at e4. date: New: passed on main at e4.
        fail-on: date (new)
        outputs: 1 0 0
    """)


def force_pushes(history: History) -> Rows:
    history.on("main", "HEAD~1")
    history.commit("f1", apple="fails", date="fails", kiwi="passes")
    yield history.push().and_expected("""
        neutral: 2 failed (2 causes, 0 new), 1 passed
        2 also failing on main at e6
        apple: Also fails on main at e6. date: Also fails on main at e6.
        fail-on: 2 forgiven: main at e6
        outputs: 0 0 0
    """)
    yield history.schedule().and_expected("""
        failure: 2 failed (2 causes, 1 new), 1 passed
        1 new · 1 also failing on main at e4 · -1 passed
        New failures: date
        apple: Also fails on main at e4. date: New: passed on main at e4.
        fail-on: date (new)
        outputs: 1 0 0
    """)


def bases_that_others_wrote(history: History) -> Rows:
    base = history.commit("g1")
    history.pushed("main")
    history.write_check_run(base, app=OTHER_APP)
    history.commit("g2")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes), 1 passed
        2 also failing on main at f1, an ancestor of the base. Not compared with the base itself: main at g1 has no
          check run of this name.
        apple: - date: -
        fail-on: all count: main at g1 has no check run of this name
    """)
    base = history.commit("g3")
    history.pushed("main")
    history.write_check_run(base, kind=RunKind.FORK)
    history.commit("g4")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes), 1 passed
        2 also failing on main at g2, an ancestor of the base. Not compared with the base itself: the check run of
          main at g3 has the results of a fork.
        apple: - date: -
        fail-on: all count: the check run of main at g3 has the results of a fork
    """)
    base = history.commit("g5")
    history.pushed("main")
    history.write_check_run(base, kind=RunKind.TESTS)
    history.commit("g6")
    yield history.push().and_expected("""
        failure: 2 failed (2 causes), 1 passed
        2 also failing on main at g4, an ancestor of the base. Not compared with the base itself: the check run of
          main at g5 is not completed yet.
        apple: - date: -
        fail-on: all count: the check run of main at g5 is not completed yet
    """)
    forged = module(apple="fails", kiwi="passes") + f"\n\ndef test_date(): raise ValueError({FORGED!r})\n"
    history.commit("g7", source=forged)
    yield history.push().and_expected("""
        neutral: 2 failed (2 causes, 0 new), 1 passed
        2 also failing on main at g6
        apple: Also fails on main at g6. date: Also fails on main at g6.
        fail-on: 2 forgiven: main at g6
        outputs: 0 0 0
    """)
    history.commit("g8", apple="fails", date="fails", kiwi="passes")
    yield history.push().and_expected("""
        neutral: 2 failed (2 causes, 0 new), 1 passed
        2 also failing on main at g7
        apple: Also fails on main at g7. date: Also fails on main at g7.
        fail-on: 2 forgiven: main at g7
        outputs: 0 0 0
    """)


def arguments_in_a_variable(history: History) -> Rows:
    history.commit("h1")
    history.env = {"PYTEST_ADDOPTS": "test_it.py::test_apple"}
    yield history.push().and_expected("""
        neutral: 1 failed (0 new)
        1 also failing on main at g8. Removed and newly skipped tests are unknown, because tests were selected
          otherwise for main at g8 (arguments, folder or Python).
        apple: Also fails on main at g8.
        fail-on: 1 forgiven: main at g8
        outputs: 0 0 -
    """)


CHAPTERS = (
    pushes_to_main,
    flaky_tests,
    other_selections,
    unstable_ids,
    pull_requests,
    force_pushes,
    bases_that_others_wrote,
    arguments_in_a_variable,
)


@pytest.mark.slow
def test_each_commit_gets_the_answer_of_its_base(create_scenario: CreateScenario) -> None:
    history = History(create_scenario(FILES))
    rows = [row for chapter in CHAPTERS for row in chapter(history)]
    assert [said for said, _ in rows] == [expected for _, expected in rows]
