from __future__ import annotations

import json
from dataclasses import replace

from checks.translate import report
from checks.translate.rebuilt_report import render
from checks.words.session import Outcome, Place, Warned
from tests.sessions import begun, collector, error, failed, flaky, item, session, skipped, stage


def test_a_rebuilt_report_is_read_as_the_session_it_was_made_of() -> None:
    whole = session(
        item("a.py::passed", line=None),
        replace(item("a.py::inherited"), defined_in="base.py"),
        item("a.py::failed", call=failed(captured=[("Captured stdout call", "out")]), teardown=error()),
        item("a.py::skipped", setup=skipped()),
        item("a.py::xfailed", call=stage(Outcome.XFAILED, "known")),
        item("a.py::xpassed", call=stage(Outcome.XPASSED, "known")),
        item("a.py::subtests", before=[stage(Outcome.FAILED, "E", subtest="(n=1)"), stage(Outcome.PASSED, subtest="")]),
        flaky("a.py::flaky"),
        begun("a.py::running"),
        collectors=[collector()],
        exit_status=None,
    )
    warned = Warned(category="UserWarning", message="m", place=Place(path="/repo/a.py", line=3), nodeid="a.py::passed")
    whole = replace(whole, warnings=(warned,), deselected=2, pytest_version="")
    assert report.parse(json.loads(json.dumps(render(whole)))) == whole
