"""Check runs created for decisions, before or instead of results: their texts, within GitHub's limits."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.github import payload
from checks.core.github.external_id import canonical, compose
from checks.core.model import limits
from checks.core.model.check_run import CheckRun, Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.identity import Identity, RunKind
from checks.core.model.intents import RepositoryRef
from checks.core.model.rerun import RerunScope
from checks.core.model.session import CarriedOverCounts
from checks.core.rerun.decision import Order, Orphan, RepublishVerdict
from checks.core.rerun.placeholder_runs import (
    completed_orphan,
    dispatched_run,
    expected_run,
    placeholder_run,
    republished_run,
    undispatched_run,
)
from checks.core.rerun.repository import Dispatched

NOW, HEAD, MERGE = 1_767_323_045.0, "a" * 40, "c" * 40
REPOSITORY_REF = RepositoryRef(full_name="octo/demo", installation_id=42)
PAGE = "https://github.test/octo/demo/runs/4811"
RUN_PAGE = "https://github.test/octo/demo/actions/runs/18"
EARLIER = Identity(
    workflow="tests.yml",
    run_id="17",
    attempt=2,
    job="pytest",
    category="unit",
    kind=RunKind.COMPLETE,
    tested=MERGE,
    counts=CarriedOverCounts(failed=3, passed=940),
)
FAILED = RemoteCheckRun(
    id="4811",
    app=("4711", "Iv23liOctopus"),
    name="pytest (unit)",
    head_sha=HEAD,
    head_branch="feature",
    identity=EARLIER,
    status=Status.COMPLETED,
    conclusion=Conclusion.FAILURE,
    output=Output(title="3 failed, 940 passed", summary="the table", text="per file"),
    started_at=NOW - 900,
    page=PAGE,
)
FOREIGN = replace(FAILED, identity=None)
PRESSED = Order(run=FAILED, scope=RerunScope.FAILED)
REPEAT = RepublishVerdict(
    repository_ref=REPOSITORY_REF,
    run=FAILED,
    reason="@mallory has no write access to this repository (read)",
    has_buttons=True,
)
LOST = Orphan(
    run=replace(FAILED, status=Status.IN_PROGRESS, conclusion=None),
    conclusion=Conclusion.FAILURE,
    title="job lost · 3 failed",
    reason="The [workflow run](https://github.test/x) completed (failure).",
)


def counted(failed: int) -> RemoteCheckRun:
    return replace(FAILED, identity=replace(EARLIER, counts=CarriedOverCounts(failed=failed)))


def identifiers(run: CheckRun) -> list[str]:
    return [action.identifier for action in run.actions]


@pytest.mark.parametrize(
    ("run", "which", "tests"),
    [
        pytest.param(FAILED, RerunScope.FAILED, "3 failed tests", id="some"),
        pytest.param(counted(1), RerunScope.FAILED, "1 failed test", id="one"),
        pytest.param(counted(5_000), RerunScope.FAILED, "5,000 failed tests", id="many"),
        pytest.param(counted(0), RerunScope.FAILED, "all tests", id="none is known to have failed"),
        pytest.param(FAILED, RerunScope.ALL, "all tests", id="all"),
        pytest.param(FOREIGN, RerunScope.FAILED, "all tests", id="what is not ours"),
    ],
)
def test_placeholder_says_what_reruns_and_who_asked(run: RemoteCheckRun, which: RerunScope, tests: str) -> None:
    queued = placeholder_run(Order(run=run, scope=which), "octocat", NOW)
    assert queued.output.title == f"Re-run of {tests} requested by @octocat"
    assert (queued.name, queued.head_sha, queued.status) == ("pytest (unit)", HEAD, Status.QUEUED)
    assert (queued.conclusion, queued.started_at, queued.actions) == (None, NOW, ())
    assert f"[check run 4811]({PAGE})" in queued.output.summary


def test_placeholder_external_id_has_previous_run_and_counts() -> None:
    queued = placeholder_run(PRESSED, "octocat", NOW)
    assert compose(queued.identity) == f"pcr/2;tests.yml;;0;rerun-failed;unit;placeholder;4811;{MERGE};3.940"


@pytest.mark.parametrize(
    ("started", "run_id"),
    [(Dispatched(run_id="18", page=RUN_PAGE), "18"), (Dispatched(), "0")],
    ids=["run known", "run unknown"],
)
def test_dispatch_changes_only_workflow_run_and_page(started: Dispatched, run_id: str) -> None:
    queued = placeholder_run(PRESSED, "octocat", NOW)
    marked = dispatched_run(queued, started)
    assert compose(marked.identity) == f"pcr/2;tests.yml;{run_id};0;rerun-failed;unit;placeholder;4811;{MERGE};3.940"
    assert replace(marked, identity=queued.identity, details_url="") == queued
    assert marked.details_url == started.page


def test_undispatched_run_says_why_and_has_buttons() -> None:
    queued = placeholder_run(PRESSED, "octocat", NOW)
    result = undispatched_run(queued, "`tests.yml` at `main` is <b>gone</b>, @octocat", NOW + 1)
    assert (result.status, result.conclusion, result.completed_at) == (
        Status.COMPLETED,
        Conclusion.ACTION_REQUIRED,
        NOW + 1,
    )
    assert result.output.title == "not started · Re-run of 3 failed tests requested by @octocat"
    assert result.output.summary.startswith(r"`tests.yml` at `main` is \<b\>gone\</b\>")
    assert identifiers(result) == ["rerun-failed", "rerun-all"]
    assert result.identity == queued.identity


def test_republished_run_keeps_verdict_and_adds_reason() -> None:
    result = republished_run(REPEAT, NOW)
    assert (result.status, result.conclusion) == (Status.COMPLETED, Conclusion.FAILURE)
    assert (result.output.title, result.output.text) == ("3 failed, 940 passed", "")
    assert result.output.summary.startswith("the table\n\nNot re-run: @")
    assert result.output.summary.endswith(f"This repeats [check run 4811]({PAGE}), which has the annotations.")
    assert compose(result.identity) == f"pcr/2;tests.yml;;0;;unit;republished;4811;{MERGE};3.940"
    assert (result.started_at, result.completed_at) == (NOW, NOW)


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        pytest.param(REPEAT, ["rerun-failed", "rerun-all"], id="somebody else may"),
        pytest.param(replace(REPEAT, run=counted(0)), ["rerun-all"], id="nothing failed"),
        pytest.param(replace(REPEAT, has_buttons=False), [], id="nobody may"),
    ],
)
def test_republished_run_has_buttons_that_work(repeat: RepublishVerdict, expected: list[str]) -> None:
    assert identifiers(republished_run(repeat, NOW)) == expected


@pytest.mark.parametrize(
    ("run", "kind", "workflow"),
    [
        pytest.param(FAILED, RunKind.REPUBLISHED, "tests.yml", id="tests"),
        pytest.param(
            replace(FAILED, identity=replace(EARLIER, kind=RunKind.PUBLISHED)),
            RunKind.PUBLISHED,
            "tests.yml",
            id="published",
        ),
        pytest.param(FOREIGN, RunKind.REPUBLISHED, "", id="not ours"),
    ],
)
def test_republishing_keeps_published_kind(run: RemoteCheckRun, kind: RunKind, workflow: str) -> None:
    result = republished_run(replace(REPEAT, run=run), NOW).identity
    assert (result.kind, result.workflow, result.earlier, result.run_id) == (kind, workflow, "4811", "")


@pytest.mark.parametrize("conclusion", [*Conclusion, None])
def test_republished_run_keeps_the_conclusion(conclusion: Conclusion | None) -> None:
    result = republished_run(replace(REPEAT, run=replace(FAILED, conclusion=conclusion)), NOW)
    assert result.conclusion is (conclusion or Conclusion.ACTION_REQUIRED)


def test_republished_run_without_title_gets_one() -> None:
    run = replace(FAILED, output=Output(title="", summary=""))
    assert republished_run(replace(REPEAT, run=run), NOW).output.title == "Not re-run"


def test_orphan_keeps_output_and_says_how_it_ended() -> None:
    result = completed_orphan(LOST, NOW)
    assert (result.status, result.conclusion, result.completed_at) == (Status.COMPLETED, Conclusion.FAILURE, NOW)
    assert (result.started_at, result.identity) == (FAILED.started_at, FAILED.identity)
    assert result.output == Output(title="job lost · 3 failed", summary=f"the table\n\n{LOST.reason}", text="per file")
    assert identifiers(result) == []


@pytest.mark.parametrize(("failed", "expected"), [(0, ["rerun-all"]), (1, ["rerun-failed", "rerun-all"])])
def test_rerun_failed_button_needs_a_failure(failed: int, expected: list[str]) -> None:
    run = counted(failed)
    queued = placeholder_run(Order(run=run, scope=RerunScope.ALL), "octocat", NOW)
    assert identifiers(undispatched_run(queued, "gone", NOW)) == expected
    again = replace(run, identity=replace(run.identity or EARLIER, earlier="7"))
    assert identifiers(completed_orphan(replace(LOST, run=again), NOW)) == expected
    assert identifiers(republished_run(replace(REPEAT, run=run), NOW)) == expected


def test_orphan_without_start_time_starts_now() -> None:
    assert completed_orphan(replace(LOST, run=replace(LOST.run, started_at=0.0)), NOW).started_at == NOW


def test_expected_run_is_queued_on_pushed_commit() -> None:
    result = expected_run(FAILED, "b" * 40, NOW)
    assert (result.name, result.head_sha, result.status) == ("pytest (unit)", "b" * 40, Status.QUEUED)
    assert compose(result.identity) == "pcr/2;tests.yml;;0;;unit;expected"
    assert (result.output.title, result.actions) == ("Waiting for a runner", ())


def test_previous_run_without_page_is_named_by_id() -> None:
    run = replace(FAILED, page="")
    assert (
        "Previous run: check run 4811."
        in placeholder_run(Order(run=run, scope=RerunScope.ALL), "octocat", NOW).output.summary
    )


LONG = replace(
    FAILED,
    name="n" * 300,
    output=Output(title="t" * 400, summary="é" * 65_535, text="x" * 65_535),
    identity=canonical(replace(EARLIER, workflow="w" * 99, category="🙂" * 99, counts=CarriedOverCounts(failed=10**9))),
)
texts = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(
    ["@octocat #12", "a" * 70_000, "<details>" * 9]
)
remote_runs = st.builds(
    replace,
    st.sampled_from([FAILED, LONG, FOREIGN]),
    output=st.builds(Output, title=texts, summary=texts, text=texts),
    identity=st.sampled_from([FAILED.identity, LONG.identity, None]),
    conclusion=st.none() | st.sampled_from(Conclusion),
    page=st.sampled_from(["", PAGE]),
)


def all_runs_for(run: RemoteCheckRun, text: str) -> list[CheckRun]:
    """Return every kind of check run created for a run."""
    queued = placeholder_run(Order(run=run, scope=RerunScope.FAILED), "octocat", NOW)
    orphan = replace(LOST, run=run, title=f"job lost · {run.output.title}")
    return [
        queued,
        dispatched_run(queued, Dispatched(run_id="9" * 20, page=RUN_PAGE)),
        undispatched_run(queued, text, NOW),
        republished_run(replace(REPEAT, run=run, reason=text[:300]), NOW),
        completed_orphan(orphan, NOW),
        expected_run(run, HEAD, NOW),
    ]


@given(remote_runs, texts)
def test_all_runs_keep_githubs_limits(run: RemoteCheckRun, text: str) -> None:
    for result in all_runs_for(run, text):
        body = payload.create(result)
        assert len(body.get("external_id", "")) <= limits.EXTERNAL_ID_CHARACTERS
        assert len(body["output"]["title"]) <= limits.TITLE_CHARACTERS
        assert 0 < len(body["output"]["summary"].encode()) <= limits.OUTPUT_TEXT_BYTES
        assert len(body["output"]["text"].encode()) <= limits.OUTPUT_TEXT_BYTES
        assert len(body.get("actions", [])) <= limits.ACTIONS_PER_RUN
        assert (body["status"] == "completed") is ("conclusion" in body) is ("completed_at" in body)


@pytest.mark.parametrize("run", [FAILED, LONG], ids=["short", "long"])
def test_reason_is_kept_below_a_long_summary(run: RemoteCheckRun) -> None:
    *_, again, orphan, _ = all_runs_for(run, "the reason")
    assert "Not re-run: the reason. This repeats" in payload.create(again)["output"]["summary"]
    assert payload.create(orphan)["output"]["summary"].endswith("completed (failure).")


@pytest.mark.parametrize("run", all_runs_for(FAILED, "for @octocat and @octo/team, see #12"))
def test_summaries_mention_nobody(run: CheckRun) -> None:
    """Titles are plain text. Summaries are Markdown."""
    assert not re.search(r"[@#]\w", run.output.summary)


@pytest.mark.parametrize("run", [FAILED, LONG], ids=["short", "long"])
def test_verdict_can_be_republished_repeatedly(run: RemoteCheckRun) -> None:
    for number in range(5_000, 5_010):
        result = republished_run(replace(REPEAT, run=run), NOW)
        assert len(payload.create(result)["output"]["summary"].encode()) <= limits.OUTPUT_TEXT_BYTES
        run = replace(run, id=str(number), identity=result.identity, output=result.output)
