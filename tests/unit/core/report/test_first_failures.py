import pytest

from checks.core.model.check_run import Annotation, AnnotationLevel
from checks.core.report.first_failures import FirstFailures
from tests.support.rules import rule


def failure(name: str, cause: int) -> Annotation:
    return Annotation(path="a.py", line=1, level=AnnotationLevel.FAILURE, title=name, message="E", cause=cause)


@rule("Causes: where only some failures are shown")
@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        pytest.param([1, 1, 1, 1, 2, 3], ["0", "4", "5"], id="one of each cause"),
        pytest.param([1, 1, 2, 1], ["0", "2", "1"], id="then others"),
        pytest.param([1, 2, 3, 4], ["0", "1", "2"], id="more causes than room"),
        pytest.param([0, 0], ["0", "1"], id="without a cause"),
        pytest.param([], [], id="none"),
    ],
)
def test_first_failure_of_each_cause_comes_first(causes: list[int], expected: list[str]) -> None:
    failures = FirstFailures(3)
    for number, cause in enumerate(causes):
        failures.add([failure(str(number), cause)])
    assert [one.title for one in failures.chosen()] == expected
    assert failures.count == len(causes)
