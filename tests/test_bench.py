"""The benchmarks: how figures are judged, and that each figure can be measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from bench import image, latency, our_process, peers, processes, requests, table, tests_process
from bench.jobs import BenchRun, Jobs
from bench.peers import Peer
from bench.plan import MEASUREMENTS, BenchPlan
from bench.processes import ResourceUsage
from bench.requests import MeasuredRequest
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


def test_live_updates_raise_the_allowed_number_of_requests() -> None:
    idle = [patch(0.0), patch(1.0)]
    others = [patch(2.0, 50), patch(3.0, completes=True), MeasuredRequest(method="GET", path="/x", time=0.0)]
    assert requests.max_requests([*idle, *others], annotations=51) == 2 + 2 + requests.REQUESTS_ASIDE


@pytest.mark.parametrize(("status", "counts"), [(200, (3, 2, True)), (422, (0, 0, False)), (None, (0, 0, False))])
def test_only_accepted_requests_annotate_and_complete(
    tmp_path: Path, status: int | None, counts: tuple[int, int, bool]
) -> None:
    annotations = [{"annotation_level": level} for level in ("notice", "warning", "failure")]
    body = {"conclusion": "failure", "output": {"annotations": annotations}}
    line = {"method": "PATCH", "path": "/repos/o/n/check-runs/1", "time": 1.0, "status": status, "body": body}
    (tmp_path / "log").write_text(f"{json.dumps(line)}\n")
    (request,) = requests.read(tmp_path / "log")
    assert (request.annotations, request.failures, request.completes) == counts


def test_mixed_suite_fails_at_every_tenth_test() -> None:
    suite = BenchSuite(tests=250, is_mixed=True)
    assert (suite.failing, suite.passing, suite.modules) == (25, 225, 3)
    assert "".join(suite.files().values()).count("\n    receipt(") == 25


@pytest.mark.parametrize(("tests", "notices"), [(200, 200), (201, 3), (20_000, 200), (20_001, 0)])
def test_notices_are_as_many_as_max_annotations_allows(tests: int, notices: int) -> None:
    assert BenchSuite(tests=tests).notices == notices


def run_of(
    requests: Sequence[MeasuredRequest] = (), *, wall: float = 0.0, starts: float = 0.0, ends: float = 0.0
) -> BenchRun:
    """Return a run that begins at 0 s; its tests start and end as given."""
    usage = ResourceUsage(status=1, cpu_seconds=0.0, wall_seconds=wall, started_at=0.0, tests_ended_at=ends)
    suite = BenchSuite(tests=20, is_mixed=True)
    return BenchRun(suite=suite, usage=usage, tests_started_at=starts, requests=tuple(requests))


@pytest.mark.parametrize(("seconds", "is_met"), [(0.05, True), (0.3, False)])
def test_verdict_is_the_first_completion(seconds: float, is_met: bool) -> None:
    sent = [patch(1.0), patch(3.0 + seconds, 50, completes=True), patch(9.0, 50), patch(10.0, completes=True)]
    row = latency.verdict_after_pytest([([run_of(sent, ends=3.0)], 0.2)])
    assert (row.is_met, row.measured) == (is_met, f"**{seconds:.2f} s** at 20 tests, 2 failing")


def test_each_suite_has_a_maximum_of_its_own_for_the_verdict() -> None:
    runs = [run_of([patch(0.3, completes=True)])]
    rows = [latency.verdict_after_pytest([(runs, maximum), (runs, 0.4)]) for maximum in (0.3, 0.2)]
    assert [(row.is_met, row.target) for row in rows] == [(True, "≤ 0.3 / 0.4 s"), (False, "≤ 0.2 / 0.4 s")]


def test_latency_is_above_the_bare_run_of_the_same_pair() -> None:
    runs = {
        latency.BARE: [run_of(wall=1.0), run_of(wall=3.0)],
        latency.OURS: [run_of([patch(1.4, completes=True)], wall=1.6), run_of([patch(3.4, completes=True)], wall=3.6)],
    }
    verdict, end = latency.verdict_above_bare(runs, maximum=0.5), latency.end_above_bare(runs, maximum=0.5)
    assert (verdict.is_met, end.is_met) == (True, False)
    assert verdict.measured.startswith("**0.40 (0.40–0.40) s**; ")
    assert end.measured.startswith("**0.60 (0.60–0.60) s**; ")
    row = latency.start_up(runs, {"libraries": Spread([0.1])}, maximum=0.7)
    assert row.is_met
    assert row.measured.endswith("imports alone: 0.10 s for libraries")


@pytest.mark.parametrize(("seconds", "is_met"), [(0.7, True), (0.9, False)])
def test_slow_answers_are_compared_with_fast_ones(seconds: float, is_met: bool) -> None:
    slow, ours = run_of([patch(seconds, completes=True)]), run_of([patch(0.2, completes=True)])
    row = latency.slow_answers({latency.SLOW: [slow], latency.OURS: [ours]}, maximum=0.6)
    assert (row.is_met, row.measured.partition(" s**")[0]) == (is_met, f"**{seconds - 0.2:.2f}")


@pytest.mark.parametrize(("starts", "wall", "is_met"), [(0.31, 15.0, True), (0.51, 15.0, False), (0.31, 25.0, False)])
def test_start_of_the_tests_and_end_of_the_step_are_measured_without_answers(
    starts: float, wall: float, is_met: bool
) -> None:
    silent, ours = run_of(starts=starts, ends=1.0, wall=wall), run_of(starts=0.3)
    assert latency.no_answers({latency.SILENT: [silent], latency.OURS: [ours]}).is_met is is_met


@pytest.mark.parametrize(("number", "wall", "is_met"), [(6, 2.0, True), (7, 2.0, False), (6, 11.0, False)])
def test_writes_of_a_short_run_are_counted(number: int, wall: float, is_met: bool) -> None:
    sent = [*[patch(0.0)] * number, MeasuredRequest(method="POST", path="/app/installations/1", time=0.0)]
    row = our_process.writes([run_of(sent, wall=wall)], maximum=6, seconds=10.0)
    assert (row.is_met, row.measured) == (is_met, f"**{number}**, in at most {wall:.1f} s")


def test_compared_commands_run_in_alternating_order() -> None:
    order: list[str] = []
    found = processes.in_turn({name: partial(order.append, name) for name in "AB"}, range(2))
    assert (order, {name: len(values) for name, values in found.items()}) == ([*"ABBA"], {"A": 2, "B": 2})


def test_mixed_suite_runs_bare(jobs: Jobs) -> None:
    run = tests_process.bare(BenchSuite(tests=10, is_mixed=True), jobs)
    assert run.usage.started_at < run.tests_started_at < run.usage.ended_at


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
        latency.verdict_after_pytest([([run], 10.0)]),
        our_process.writes([run], maximum=6, seconds=60.0),
        our_process.requests([run]),
    )
    assert [row.is_met for row in found] == [True] * len(found), found


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("tests-process", marks=pytest.mark.slow),
        pytest.param("our-process", marks=pytest.mark.slow),
        pytest.param("latency", marks=pytest.mark.slow),
        pytest.param("publish", marks=pytest.mark.slow),
        "image",
    ],
)
def test_each_measurement_gives_rows(name: str, jobs: Jobs) -> None:
    """At the smallest size, at which the figures are meaningless."""
    rows = [*MEASUREMENTS[name](SMALLEST, jobs)]
    assert rows
    assert all(row.is_met is not None for row in rows) or name == "image"


PEER = Peer(name="someone/peer", program=(sys.executable, "peer.py"), inputs={"path": "report.xml"})
PEER_FILES = {
    "action.yml": """
        inputs:
            token: {default: "${{ github.token }}"}
            path: {required: true}
            annotation-level: {default: warning}
            fails: {default: true}
    """,
    "peer.py": """if True:
        import json, os, urllib.request
        name = os.environ["GITHUB_REPOSITORY"]
        request = urllib.request.Request(f"{os.environ['GITHUB_API_URL']}/repos/{name}/check-runs", method="POST")
        request.add_header("Authorization", f"Bearer {os.environ['INPUT_TOKEN']}")
        level, line = os.environ["INPUT_ANNOTATION-LEVEL"], 0
        annotation = {"path": "a.py", "start_line": line, "end_line": line, "annotation_level": level, "message": "m"}
        found = open(os.environ["INPUT_PATH"]).read().count("<failure")
        output = {"title": "t", "summary": "", "annotations": found * [annotation]}
        conclusion = {"true": "failure"}[os.environ["INPUT_FAILS"]]
        body = {"name": "n", "head_sha": os.environ["GITHUB_SHA"], "conclusion": conclusion, "output": output}
        urllib.request.urlopen(request, json.dumps(body).encode())
    """,
}


def write_peer(code: Path, **changes: str) -> None:
    """Write an action that annotates the failures of a JUnit report as its inputs say."""
    folder = code / "peer"
    folder.mkdir(parents=True)
    for name, text in {**PEER_FILES, **changes}.items():
        (folder / name).write_text(text, encoding="utf-8")


def test_no_peer_is_measured_without_a_folder(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEERS", raising=False)
    assert [*MEASUREMENTS["peers"](SMALLEST, jobs)] == []


@pytest.mark.slow
def test_peer_runs_after_pytest_with_the_inputs_of_its_action(jobs: Jobs, tmp_path: Path) -> None:
    write_peer(tmp_path / "peers")
    absent = Peer(name="someone/absent", program=PEER.program, inputs={})
    suite = BenchSuite(tests=20, is_mixed=True)
    row = peers.measure(suite, jobs, range(1), [PEER, absent], tmp_path / "peers")
    own, others = row.measured.split("; ")
    assert own.startswith("this action: **")
    assert own.endswith(" s**, 2 annotated")
    assert others.startswith("someone/peer: **")
    assert others.endswith(" s**, 2 annotated")


@pytest.mark.slow
def test_peer_that_completes_no_check_is_an_error(jobs: Jobs, tmp_path: Path) -> None:
    write_peer(tmp_path / "peers", **{"peer.py": "print('nothing to do')"})
    with pytest.raises(RuntimeError, match=r"someone/peer completed no check.*\nnothing to do"):
        peers.measure(BenchSuite(tests=2), jobs, range(1), [PEER], tmp_path / "peers")


@pytest.mark.parametrize(("failures", "wall", "is_met"), [(2, 4.0, False), (1, 4.0, True), (2, 6.0, True)])
def test_action_is_compared_with_peers_that_annotate_as_many_failures(failures: int, wall: float, is_met: bool) -> None:
    annotated = [MeasuredRequest(method="POST", path="/x", time=0.0, failures=number) for number in (2, failures)]
    runs = {
        peers.BARE: [run_of(wall=1.0)],
        peers.OURS: [run_of(annotated[:1], wall=5.0)],
        "peer": [run_of(annotated[1:], wall=wall)],
    }
    row = peers.row(runs)
    assert row.is_met is is_met
    assert row.measured == f"this action: **4.00 s**, 2 annotated; peer: **{wall - 1:.2f} s**, {failures} annotated"


def test_measurement_is_repeated_while_there_is_time() -> None:
    assert [*BenchPlan(share=0.0).rounds(3, 60)] == [0]
    assert [*BenchPlan().rounds(3, 60)] == [0, 1, 2]
