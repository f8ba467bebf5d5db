from __future__ import annotations

from checks.core.model.check_run import Annotation, AnnotationLevel
from checks.core.report.warning_groups import WarningGroups
from tests.support.rules import rule


def warning(message: str, line: int = 1) -> Annotation:
    return Annotation(path="a.py", line=line, level=AnnotationLevel.WARNING, title="a.py::test_a", message=message)


def grouped(*warnings: Annotation) -> list[str]:
    groups = WarningGroups(limit=10)
    for one in warnings:
        groups.add(one)
    return [f"{annotation.line}: {annotation.message}" for annotation in groups.annotations()]


@rule("Annotations: pytest warnings of one line that differ only in numbers")
def test_warnings_that_differ_in_numbers_are_one_with_a_count() -> None:
    warnings = [warning(f"W: took {number} ms at 0x{number:x}") for number in range(200)]
    assert grouped(*warnings) == ["1: 200 × W: took 0 ms at 0x0"]


def test_warnings_of_other_lines_and_texts_stay_apart() -> None:
    assert grouped(warning("W: a"), warning("W: a", 2), warning("W: b")) == ["1: W: a", "2: W: a", "1: W: b"]


def test_groups_beyond_the_limit_are_counted() -> None:
    groups = WarningGroups(limit=1)
    for text in ("a", "b", "a", "c"):
        groups.add(warning(text))
    assert ([annotation.message for annotation in groups.annotations()], groups.count_beyond) == (["2 × a"], 2)
