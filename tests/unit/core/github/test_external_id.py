from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.github.external_id import Relation, canonical, compose, parse, relation
from checks.core.model.identity import Identity, RunKind
from checks.core.model.limits import EXTERNAL_ID_CHARACTERS
from checks.core.model.session import CarriedOverCounts

OWN = Identity(workflow="tests.yml", run_id="17201948301", attempt=2, job="pytest", category="unit")

LARGEST = CarriedOverCounts(failed=999_999, passed=999_999, skipped=999_999, xfailed=999_999, xpassed=999_999)

texts = st.text(max_size=13)
counts = st.integers(0, 999_999)
parts = st.builds(
    Identity,
    workflow=texts,
    run_id=st.from_regex(r"\d{0,20}", fullmatch=True),
    attempt=st.integers(0, 9999),
    job=st.text(max_size=6),
    category=texts,
    kind=st.sampled_from(RunKind),
    earlier=st.from_regex(r"\d{0,20}", fullmatch=True),
    tested=st.from_regex(r"([0-9a-f]{40})?", fullmatch=True),
    has_commit_status=st.booleans(),
    pull_request=st.integers(0, 10**8),
    counts=st.builds(CarriedOverCounts, **dict.fromkeys(["failed", "passed", "skipped", "xfailed", "xpassed"], counts)),
)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, "tests", id="what-is-empty-is-left-out"),
        pytest.param(
            {"kind": RunKind.COMPLETE, "counts": CarriedOverCounts(failed=3, passed=940)},
            "complete;;;3.940",
            id="counts",
        ),
        pytest.param(
            {"kind": RunKind.COMPLETE, "counts": CarriedOverCounts(xpassed=1)},
            "complete;;;0.0.0.0.1",
            id="inner-zeros-stay",
        ),
        pytest.param({"has_commit_status": True}, "tests;;;;s", id="a-commit-status"),
        pytest.param({"pull_request": 12}, "tests;;;;12", id="a-comment"),
        pytest.param({"has_commit_status": True, "pull_request": 12}, "tests;;;;s12", id="a-status-and-a-comment"),
        pytest.param({"pull_request": 10_000_000}, "tests", id="a-number-without-room"),
        pytest.param({"earlier": "4811", "tested": "c" * 40}, f"tests;4811;{'c' * 40}", id="a-re-run-of-a-merge"),
    ],
)
def test_external_id_is_compact_and_versioned(more: dict[str, object], expected: str) -> None:
    composed = compose(replace(OWN, **more))  # type: ignore[arg-type]  # a table of changes
    assert composed == f"pcr/2;tests.yml;17201948301;2;pytest;unit;{expected}"


def test_workflow_path_is_reduced_to_file_name() -> None:
    path = Identity(workflow=".github/workflows/tests.yml")
    assert compose(path) == compose(Identity(workflow="tests.yml"))


@given(parts)
def test_a_composed_identity_parses_to_its_canonical_form(external_id: Identity) -> None:
    parsed = parse(compose(external_id))
    assert parsed == canonical(external_id)
    assert parsed is not None
    assert compose(parsed) == compose(external_id)
    assert canonical(parsed) == parsed


@given(parts, st.text(min_size=60, max_size=400), st.integers(0, 10**9))
def test_truncated_external_ids_stay_distinct(external_id: Identity, long: str, attempt: int) -> None:
    first, second = (
        compose(
            replace(
                external_id,
                workflow=long,
                run_id="9" * 20,
                attempt=attempt,
                job=long,
                category=long + end,
                earlier="9" * 20,
                tested="f" * 40,
                kind=RunKind.PLACEHOLDER,
                counts=LARGEST,
                has_commit_status=True,
                pull_request=9_999_999,
            )
        )
        for end in ("a", "b")
    )
    assert len(first) <= EXTERNAL_ID_CHARACTERS
    assert first != second
    assert parse(first) is not None
    assert parse(first) != parse(second)
    assert first != compose(external_id)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a;b;c", "a;b;c", id="separators"),
        pytest.param("100%", "100%", id="percent"),
        pytest.param("%3B%25", "%3B%25", id="escapes"),
        pytest.param("a\r\nb\0\x7f", "a\nb\\x00\\x7f", id="control-characters"),
        pytest.param("\x1b[31mred", "red", id="colour"),
        pytest.param("é 🙂 \u2028", "é 🙂 \u2028", id="beyond-ascii"),
        pytest.param("\ud800", "\\ud800", id="lone-surrogate"),
        pytest.param("<b>@x #1 `|`", "<b>@x #1 `|`", id="markup"),
    ],
)
def test_any_visible_characters_survive(text: str, expected: str) -> None:
    parsed = parse(compose(Identity(workflow=text, run_id="1", job=text, category=text)))
    assert parsed == Identity(workflow=expected, run_id="1", job=expected, category=expected)


def test_truncation_never_splits_an_escape() -> None:
    for length in range(60, 75):
        category = parse(compose(Identity(category="a" * (length - 60) + ";" * length)))
        assert category is not None
        assert "%" not in category.category


@pytest.mark.parametrize(
    "external_id",
    [
        "",
        "42",
        "pcr/1;tests.yml;1;1;pytest;unit",
        "pcr/2;tests.yml;1;1;pytest;unit",
        "pcr/2;tests.yml;1;1;pytest;unit;more",
        "pcr/2;tests.yml;1;one;pytest;unit;tests",
        "pcr/2;tests.yml;1;²;pytest;unit;tests",
        "PCR/2;tests.yml;1;1;pytest;unit;tests",
        "pcr/2;tests.yml;1;1;pytest;unit;tests;;;1.x",
        "pcr/2;tests.yml;1;1;pytest;unit;tests;;;1;2s",
        "pcr/2;tests.yml;1;1;pytest;unit;tests;;;1;-2",
        "pcr/2;tests.yml;1;1;pytest;unit;tests;;;1;s;2",
    ],
)
def test_foreign_external_id_parses_to_none(external_id: str) -> None:
    assert parse(external_id) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, Relation.NAME_CONFLICT, id="the-same-job-again"),
        pytest.param({"job": "other"}, Relation.NAME_CONFLICT, id="another-job"),
        pytest.param({"category": "other"}, Relation.NAME_CONFLICT, id="another-category"),
        pytest.param({"job": "other", "attempt": 1}, Relation.NAME_CONFLICT, id="another-job-in-a-former-attempt"),
        pytest.param({"attempt": 1}, Relation.PREVIOUS_ATTEMPT, id="a-former-attempt"),
        pytest.param({"attempt": 3}, Relation.NONE, id="a-later-attempt"),
        pytest.param({"run_id": "2"}, Relation.NONE, id="another-workflow-run"),
        pytest.param({"run_id": "", "kind": RunKind.EXPECTED}, Relation.AWAITS_JOB, id="it-waits-for-us"),
        pytest.param({"run_id": "", "kind": RunKind.EXPECTED, "category": "other"}, Relation.NONE, id="for-another"),
        pytest.param({"attempt": 0, "kind": RunKind.PLACEHOLDER}, Relation.NONE, id="a-re-run-that-was-asked-for"),
    ],
)
def test_relation_to_other_run_of_same_name(changes: dict[str, object], expected: Relation) -> None:
    parts = {"workflow": "tests.yml", "run_id": OWN.run_id, "attempt": 2, "job": "pytest", "category": "unit"}
    other = Identity(**(parts | changes))  # type: ignore[arg-type]  # a table of changes
    assert relation(OWN, other) is expected


@pytest.mark.parametrize("other_id", ["", "someone else's", "pcr/1;tests.yml;17201948301;1;pytest;unit"])
def test_foreign_run_has_no_relation(other_id: str) -> None:
    assert relation(OWN, parse(other_id)) is Relation.NONE


def test_runs_outside_a_workflow_have_no_relation() -> None:
    local = Identity(job="pytest")
    assert relation(local, local) is Relation.NONE


def test_truncated_names_are_related_like_short_ones() -> None:
    first = canonical(Identity(run_id="1", attempt=1, job="j" * 300, category=";" * 300))
    second = canonical(Identity(run_id="1", attempt=2, job="j" * 300, category=";" * 300))
    assert relation(second, first) is Relation.PREVIOUS_ATTEMPT
