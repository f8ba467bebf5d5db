from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.github.payload import update
from checks.core.model.check_run import Output
from checks.core.model.limits import OUTPUT_TEXT_BYTES
from checks.core.report.footer import annotation_progress, rejected_annotations, with_footer
from tests.support.rerun.check_runs import OPEN

SENTENCE = "GitHub rejected 1 annotation, which is missing here: `a.py:1`."

LEFT_OUT = "Notices and warnings left out because of GitHub's rate limits:"


def summary_sent(output: Output) -> str:
    summary: str = update(replace(OPEN, output=output), ())["output"]["summary"]
    return summary


@pytest.mark.parametrize("missing_bytes", [-1, 0, 1, 64, 65, 66, 1000])
@pytest.mark.parametrize("text", ["a\n", "☃\n", "\x00\n"], ids=["ascii", "unicode", "control"])
def test_footer_fits_below_a_full_summary(text: str, missing_bytes: int) -> None:
    full = text * ((OUTPUT_TEXT_BYTES - missing_bytes) // len(text.encode()))
    summary = summary_sent(with_footer(Output(title="", summary=full), SENTENCE))
    assert summary.endswith(f"\n\n{SENTENCE}")
    assert len(summary.encode()) <= OUTPUT_TEXT_BYTES


@pytest.mark.parametrize("summary", ["All.", "a\n" * OUTPUT_TEXT_BYTES, "☃\n" * OUTPUT_TEXT_BYTES], ids=len)
def test_second_footer_keeps_the_first(summary: str) -> None:
    footer = annotation_progress(annotated=50, failures=60, others_waiting=0, others_left_out=0)
    output = with_footer(with_footer(Output(title="", summary=summary), footer), SENTENCE)
    assert summary_sent(output).endswith(f"\n\n{footer}\n\n{SENTENCE}")
    assert summary_sent(output).count(footer) == 1
    assert len(summary_sent(output).encode()) <= OUTPUT_TEXT_BYTES


def test_short_summary_is_not_truncated() -> None:
    assert with_footer(Output(title="", summary="All."), SENTENCE).summary == f"All.\n\n{SENTENCE}"


def test_empty_footer_leaves_the_output_unchanged() -> None:
    output = Output(title="", summary="\x00" * 100_000)
    assert with_footer(output, rejected_annotations(escaped=[], rejected=[])) is output


@pytest.mark.parametrize(
    ("escaped", "rejected", "sentence"),
    [
        ([], ["a.py:1"], SENTENCE),
        (["a.py:1"], [], "GitHub accepted 1 annotation only with non-ASCII characters escaped: `a.py:1`."),
        (
            ["b.py:2", "b.py:3"],
            ["a.py:1", "a.py:2"],
            (
                "GitHub rejected 2 annotations, which are missing here: `a.py:1`, `a.py:2`.  \n"
                "GitHub accepted 2 annotations only with non-ASCII characters escaped: `b.py:2`, `b.py:3`."
            ),
        ),
        (
            [f"a.py:{line}" for line in range(1, 51)],
            [],
            (
                "GitHub accepted 50 annotations only with non-ASCII characters escaped: "
                "`a.py:1`, `a.py:2`, `a.py:3`, `a.py:4`, `a.py:5` and 45 more."
            ),
        ),
        (
            ["``@x`.py:1"],
            [],
            "GitHub accepted 1 annotation only with non-ASCII characters escaped: ``` ``@x`.py:1 ```.",
        ),
    ],
)
def test_rejected_annotations_are_listed_by_location(escaped: list[str], rejected: list[str], sentence: str) -> None:
    assert rejected_annotations(escaped=escaped, rejected=rejected) == sentence


@pytest.mark.parametrize(
    ("annotated", "failures", "others_waiting", "others_left_out", "sentence"),
    [
        (50, 1_200, 7, 0, "50 of 1,200 failures annotated."),
        (2, 2, 70, 0, "Notices and warnings that are not sent yet: 70."),
        (2, 2, 0, 1_500, f"{LEFT_OUT} 1,500."),
        (1, 2, 0, 3, f"1 of 2 failures annotated. {LEFT_OUT} 3."),
        (2, 2, 0, 0, ""),
        (0, 0, 0, 0, ""),
    ],
)
def test_footer_says_what_is_not_sent(
    annotated: int, failures: int, others_waiting: int, others_left_out: int, sentence: str
) -> None:
    footer = annotation_progress(
        annotated=annotated, failures=failures, others_waiting=others_waiting, others_left_out=others_left_out
    )
    assert footer == sentence


def test_long_locations_are_truncated() -> None:
    assert len(rejected_annotations(escaped=["x" * 10_000] * 9, rejected=[])) < 1200
