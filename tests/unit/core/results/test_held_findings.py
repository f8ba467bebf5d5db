from __future__ import annotations

from checks.core.model.item import Details, Item, Outcome, Section, Stage, StageName
from checks.core.results.held_findings import HeldFindings
from checks.core.results.stream import Finding


def finding(text: str = "", output: str = "") -> Finding:
    details = Details(message="m", traceback=text, captured=(Section(title="out", text=output),) if output else ())
    stage = Stage(name=StageName.CALL, outcome=Outcome.FAILED, subtest="a", details=details)
    return Finding(item=Item(nodeid="a.py::t", stages=(stage,)), stage=stage)


def test_finding_is_held_until_its_test_is_released() -> None:
    held, first, second = HeldFindings(), finding("first"), finding("second")
    held.hold(1, first)
    held.hold(2, second)
    assert (held.release(1), held.release(1)) == ([first], [])
    assert (held.release_all(), held.release_all()) == ([second], [])


def test_findings_beyond_the_limit_lose_their_texts() -> None:
    held, large = HeldFindings(), finding("x" * 3_000_000, "y" * 2_000_000)
    held.hold(1, large)
    held.hold(1, large)
    first, second = held.release(1)
    assert first == large
    assert second.stage is not None
    assert second.stage.details == Details(message="m")
    held.hold(1, large)
    assert held.release_all() == [large]
