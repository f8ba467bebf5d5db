"""The summary, the annotations and the details name a test in the same way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.model.check_run import Conclusion
from checks.core.model.item import Item, StageName
from checks.core.model.job import Repository
from checks.core.model.session import Collector
from checks.core.model.verdict import Verdict
from checks.core.report.annotations import Annotator
from checks.core.report.summary import Frame, summary
from checks.core.results.stream import Finding, News
from tests.support.causes import causes_of
from tests.support.rendered import Page
from tests.support.rules import rule
from tests.support.sessions import collector, error, failed, item, session

FAILURES = {
    "a call": (item("a.py::t[x  y]", call=failed()), "a.py::t[x y]", ""),
    "setup": (item("a.py::t", setup=error()), "a.py::t", "in setup"),
    "teardown": (item("a.py::t", teardown=error()), "a.py::t", "in teardown"),
    "a crash": (item("a.py::t", call=replace(failed(), name=StageName.CRASHED)), "a.py::t", ""),
    "a subtest": (item("a.py::t", earlier_attempts=[replace(failed(), subtest="[i] (n=1)")]), "a.py::t [i] (n=1)", ""),
    "a subtest without description": (
        item("a.py::t", earlier_attempts=[replace(failed(), subtest="")]),
        "a.py::t (subtest)",
        "",
    ),
    "a module": (collector("a.py"), "a.py", "not collected"),
    "the session": (collector(""), "collection", "not collected"),
}


@rule("Annotations: the name of a test or a module, wherever it is shown")
@pytest.mark.parametrize(("failure", "name", "where"), FAILURES.values(), ids=FAILURES)
def test_summary_and_annotation_name_a_failure_alike(failure: Item | Collector, name: str, where: str) -> None:
    finding: News
    if isinstance(failure, Collector):
        results, finding = session(collectors=[failure]), failure
    else:
        (stage,) = (stage for stage in failure.stages if stage.outcome.is_failure)
        results, finding = session(failure), Finding(item=failure, stage=stage)
    verdict = Verdict(conclusion=Conclusion.FAILURE, title="1 failed")
    page = Page(summary(results, verdict, Frame(url_of=lambda _: "", causes=causes_of(results))))
    annotation = Annotator(repository=Repository(root="/repo"), root="/repo").annotate(finding)
    assert annotation is not None
    assert (page.code[0], " ".join(annotation.title.split())) == (name, name)
    assert not where or f"({where}" in page.prose
    if where.startswith("in "):
        assert annotation.raw_details.startswith(f"{name} ({where})\n")
