"""The benchmarks: how figures are judged, and that each figure can be measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import image, latency, our_process, pace, table
from bench.jobs import BenchRun, Jobs
from bench.pace import MeasuredRequest
from bench.plan import MEASUREMENTS, BenchPlan
from bench.processes import ResourceUsage
from bench.suites import BenchSuite
from bench.table import Row, Spread
from tests.support import needs

SMALLEST = BenchPlan(small=2, middle=20, large=40, share=0.0)


def patch(time: float, annotations: int = 0, *, completes: bool = False) -> MeasuredRequest:
    return MeasuredRequest(
        method="PATCH", path="/repos/o/n/check-runs/1", time=time, annotations=annotations, completes=completes
    )


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    needs.linux()
    return Jobs(tmp_path)


@pytest.mark.parametrize(
    ("values", "spec", "text"),
    [
        ([1.23456], "", "1.23"),
        ([3.0, 1.0, 2.0], "", "2 (1–3)"),
        ([1.0, 2.0], ".2f", "1.50 (1.00–2.00)"),
        ([1234.5], "", "1,234"),
        ([99.96], "", "100"),
        ([0.00123], "", "0.00123"),
    ],
)
def test_figure_is_a_median_with_its_spread(values: list[float], spec: str, text: str) -> None:
    assert format(Spread(values), spec) == text


def test_ratio_is_computed_pair_by_pair() -> None:
    assert Spread([2.0, 30.0]).over(Spread([1.0, 10.0])).values == [2.0, 3.0]


def test_table_shows_met_unmet_and_unmeasured_figures() -> None:
    rows = [Row(figure=f"f{is_met}", target="t", measured="m", is_met=is_met) for is_met in (True, False, None)]
    assert table.render(rows, preface="Before.").splitlines() == [
        "Before.",
        "",
        "| figure | target | measured |  |",
        "| --- | --- | --- | --- |",
        "| fTrue | t | m | met |",
        "| fFalse | t | m | **not met** |",
        "| fNone | t | m | not measured |",
    ]


def test_table_replaces_the_previous_table_in_the_page() -> None:
    page = f"Above.\n{table.BEGIN}\n\n{table.END}\nBelow.\n"
    once = table.insert("one", page)
    assert once == f"Above.\n{table.BEGIN}\n\none\n\n{table.END}\nBelow.\n"
    assert table.insert("two", once) == once.replace("one", "two")
    with pytest.raises(ValueError, match="has no lines"):
        table.insert("one", "Above.\n")


def test_benchmarks_page_has_a_place_for_the_table() -> None:
    assert table.insert("", (Path(__file__).parents[1] / "docs" / "benchmarks.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("sent", "batches", "answer_seconds", "required"),
    [
        ([], 1, 0.0, 0.0),  # the burst
        ([], 10, 0.0, 0.0),
        ([], 12, 0.0, 2.0),  # then one a second
        ([], 3, 0.3, 0.9),  # each waits for the previous response
        ([], 16, 0.3, 6.3),  # until the pacing takes longer than the responses
        ([0.0] * 10, 1, 0.0, 1.0),  # a burst spent at the very end
        ([-60.0] * 10, 10, 0.0, 0.0),  # one spent long ago
        ([0.0], 1, 0.3, 0.6),  # one in progress
        ([5.0], 1, 0.3, 0.3),  # later requests do not count
    ],
)
def test_required_seconds_follow_from_the_pacing(
    sent: list[float], batches: int, answer_seconds: float, required: float
) -> None:
    requests = [patch(time + answer_seconds) for time in sent]
    seconds = pace.required_seconds(requests, 0.0, batches=batches, answer_seconds=answer_seconds)
    assert seconds == pytest.approx(required)


@pytest.mark.parametrize(
    ("annotations", "batches"), [((), 1), ((50,), 1), ((50, 1), 2), ((1, 1, 1), 1), ((50, 50, 50), 3)]
)
def test_remaining_annotations_fill_whole_requests(annotations: tuple[int, ...], batches: int) -> None:
    later = [patch(1.0, number) for number in annotations]
    assert pace.remaining_batches([patch(0.2, 50), *later], 0.0, answer_seconds=0.3) == batches


@pytest.mark.parametrize(
    ("annotations", "seconds", "left"),
    [(500, 0.0, 0), (501, 0.0, 1), (5_000, 0.9, 90), (5_000, 60.0, 30), (50, 60.0, 0)],
)
def test_pacing_leaves_some_requests_to_the_end(annotations: int, seconds: float, left: int) -> None:
    assert pace.fewest_remaining(annotations, seconds) == left


def test_live_updates_raise_the_allowed_number_of_requests() -> None:
    idle = [patch(0.0), patch(1.0)]
    others = [patch(2.0, 50), patch(3.0, completes=True), MeasuredRequest(method="GET", path="/x", time=0.0)]
    assert pace.max_requests([*idle, *others], annotations=51) == 2 + 2 + pace.REQUESTS_ASIDE


def test_mixed_suite_fails_at_every_tenth_test() -> None:
    suite = BenchSuite(tests=250, is_mixed=True)
    assert (suite.failing, suite.passing, suite.modules) == (25, 225, 3)
    assert "".join(suite.files().values()).count("\n    receipt(") == 25


@pytest.mark.parametrize(("tests", "notices"), [(200, 200), (201, 3), (20_000, 200), (20_001, 0)])
def test_notices_are_as_many_as_max_annotations_allows(tests: int, notices: int) -> None:
    assert BenchSuite(tests=tests).notices == notices


def test_requests_left_needlessly_are_reported() -> None:
    suite = BenchSuite(tests=5_000, is_mixed=True)
    usage = ResourceUsage(status=1, cpu_seconds=0.0, wall_seconds=0.0, tests_ended_at=0.0)
    done = patch(0.5, 45, completes=True)
    kept_pace = [patch(-1.0, 50)] * 10 + [done]
    sent_nothing = [patch(0.1, 50)] * 10 + [done]
    rows = [
        latency.without_latency(
            [BenchRun(suite=suite, usage=usage, tests_started_at=-9.0, requests=tuple(requests), answer_seconds=0.0)]
        )
        for requests in (kept_pace, sent_nothing)
    ]
    assert [row.is_met for row in rows] == [True, False]
    assert rows[1].measured.endswith("**10 requests behind it**")


@pytest.mark.parametrize(
    ("seconds", "measured", "is_met"),
    [(0.9, "**0.75 times** at", True), (1.3, "**1.08 times** at", True), (1.5, "**1.25 times** at", False)],
)
def test_slow_answers_are_measured_against_the_pacing(seconds: float, measured: str, is_met: bool) -> None:
    usage = ResourceUsage(status=1, cpu_seconds=0.0, wall_seconds=0.0, tests_ended_at=0.0)
    requests = *[patch(-9.0)] * 3, *[patch(0.31 + n / 100, 50) for n in range(3)], patch(seconds, 1, completes=True)
    run = BenchRun(suite=BenchSuite(tests=9), usage=usage, tests_started_at=-9.0, requests=requests, answer_seconds=0.3)
    row = latency.with_latency([run])
    assert (row.is_met, measured in row.measured) == (is_met, True), row


def test_layer_has_the_name_of_its_step() -> None:
    text = f"FROM base\n# RUN no\nRUN a b \\\n && c\nCOPY x y\nENV A=1\nRUN {'long ' * 9}\n"
    assert image.steps(text) == ["RUN a b", "COPY x y", f"RUN {'long ' * 8}l…"]


def test_one_run_gives_all_figures_of_our_process(jobs: Jobs) -> None:
    run = jobs.run(BenchSuite(tests=10, is_mixed=True))
    assert 0.1 < run.usage.cpu_seconds < run.usage.wall_seconds * 2
    assert run.usage.peak_bytes > 10_000_000
    assert sum(request.annotations for request in run.requests) == 10
    assert [request.completes for request in run.requests][-1]
    found = (
        our_process.passing([run], [run]),
        our_process.failing([run], [run], [run]),
        our_process.memory([run], [run]),
        latency.without_latency([run], [run]),
        our_process.requests([run]),
    )
    assert [row.is_met for row in found] == [True] * len(found), found


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("tests-process", marks=pytest.mark.slow),
        pytest.param("our-process", marks=pytest.mark.slow),
        pytest.param("slow-answers", marks=pytest.mark.slow),
        pytest.param("publish", marks=pytest.mark.slow),
        pytest.param("start-up", marks=pytest.mark.slow),
        "image",
    ],
)
def test_each_measurement_gives_rows(name: str, jobs: Jobs) -> None:
    """At the smallest size, at which the figures are meaningless."""
    rows = [*MEASUREMENTS[name](SMALLEST, jobs)]
    assert rows
    assert all(row.is_met is not None for row in rows) or name == "image"


def test_measurement_is_repeated_while_there_is_time() -> None:
    assert [*BenchPlan(share=0.0).rounds(3, 60)] == [0]
    assert [*BenchPlan().rounds(3, 60)] == [0, 1, 2]
