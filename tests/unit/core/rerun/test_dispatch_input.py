"""The workflow input `rerun`: jobs read what receivers write, and reject anything else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.github.external_id import compose
from checks.core.github.external_id import parse as parse_external_id
from checks.core.model.errors import CheckError
from checks.core.model.identity import Identity
from checks.core.model.limits import DISPATCH_INPUT_CHARACTERS
from checks.core.model.rerun import CategoryRerun, Rerun, RerunScope
from checks.core.rerun.dispatch_input import INPUT_NAME, find_category, fits_limit, parse, parse_event, render

SHA, HEAD = "c" * 40, "a" * 40
UNIT = CategoryRerun(category="unit", name="pytest (unit)", queued="4812", earlier="4811", scope=RerunScope.FAILED)
DOCS = CategoryRerun(category="", name="docs", queued="4814", earlier="4813", scope=RerunScope.ALL)
RERUN = Rerun(sha=SHA, head=HEAD, categories=(UNIT, DOCS))
SAMPLE = {
    "sha": SHA,
    "head": HEAD,
    "categories": ["unit", ""],
    "runs": [
        {"category": "unit", "name": "pytest (unit)", "queued": "4812", "earlier": "4811", "which": "rerun-failed"},
        {"category": "", "name": "docs", "queued": "4814", "earlier": "4813", "which": "rerun-all"},
    ],
}

commits = st.from_regex("[0-9a-f]{40}", fullmatch=True)
ids = st.from_regex("[0-9]{1,20}", fullmatch=True)
names = st.text(st.characters(codec=None), max_size=20)
wanted = st.builds(
    CategoryRerun, category=names, name=names.filter(bool), queued=ids, earlier=ids, scope=st.sampled_from(RerunScope)
)
reruns = st.builds(
    Rerun,
    sha=commits,
    head=commits,
    categories=st.lists(wanted, max_size=4).map(tuple),
    pull_request=st.integers(0, 9_999_999),
)


def test_input_has_the_fields_that_workflows_read() -> None:
    assert json.loads(render(RERUN)) == SAMPLE
    assert parse(json.dumps(SAMPLE)) == RERUN
    assert parse(json.dumps({**SAMPLE, "pull_request": 12})) == replace(RERUN, pull_request=12)


@given(reruns)
def test_parse_inverts_render(rerun: Rerun) -> None:
    assert parse(render(rerun)) == rerun


@given(reruns)
def test_input_is_one_line_of_ascii(rerun: Rerun) -> None:
    assert render(rerun).isascii()
    assert len(render(rerun).splitlines()) == 1


@pytest.mark.parametrize(("more", "is_enough"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("letter", ["n", "é", "🙂", '"', "\\", "\x00"])
def test_limit_applies_to_the_encoded_input(letter: str, more: int, is_enough: bool) -> None:
    """GitHub counts characters of the input, which is ASCII: JSON within JSON."""
    short = replace(RERUN, categories=(replace(UNIT, name="n" + letter * 9),))
    room = DISPATCH_INPUT_CHARACTERS + more - len(json.dumps({INPUT_NAME: render(short)}))
    filled = replace(RERUN, categories=(replace(UNIT, name="n" + letter * 9 + "n" * room),))
    assert len(json.dumps({INPUT_NAME: render(filled)})) == DISPATCH_INPUT_CHARACTERS + more
    assert fits_limit(filled) is is_enough


def test_a_hundred_categories_of_the_longest_names_fit() -> None:
    long = tuple(
        replace(UNIT, category="c" * 48, name="n" * 200, queued="9" * 20, earlier="9" * 20) for _ in range(100)
    )
    assert fits_limit(replace(RERUN, categories=long))


def changed(**to: object) -> str:
    return json.dumps({**SAMPLE, **to})


def with_run(**to: object) -> str:
    return changed(runs=[{**SAMPLE["runs"][0], **to}])  # type: ignore[dict-item]  # a sample of JSON


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unit",
        "true",
        "null",
        "[]",
        "{}",
        '"a"',
        "1e999",
        "9" * 5_000,
        "[" * 100_000,
        json.dumps({key: value for key, value in SAMPLE.items() if key != "runs"}),
        changed(sha=SHA[1:]),
        changed(sha=SHA.upper()),
        changed(sha=f"{SHA}\n"),
        changed(sha="refs/heads/main"),
        changed(sha=None),
        changed(head=7),
        changed(pull_request=None),
        changed(pull_request=-1),
        changed(pull_request="12/merge"),
        changed(runs=None),
        changed(runs=7),
        changed(runs="unit"),
        changed(runs={"unit": {}}),
        changed(runs=[None]),
        changed(runs=[[]]),
        with_run(category=None),
        with_run(name=""),
        with_run(name=["pytest"]),
        with_run(queued=4812),
        with_run(queued="4812/annotations"),
        with_run(queued="²"),
        with_run(earlier=""),
        with_run(earlier="1" * 21),
        with_run(which="all"),
        with_run(which=None),
        with_run(which=[]),
        with_run(which={}),
    ],
    ids=range(38),
)
def test_malformed_input_raises_error_naming_the_input(text: str) -> None:
    with pytest.raises(CheckError, match="input `rerun`: it was not written by a re-run button"):
        parse(text)


MALFORMED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=45),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(SAMPLE, MALFORMED)),
    st.fixed_dictionaries({}, optional=dict.fromkeys(["category", "name", "queued", "earlier", "which"], MALFORMED)),
    st.text(max_size=30) | MALFORMED.map(json.dumps),
)
def test_arbitrary_input_is_an_error_or_a_rerun(junk: dict[str, Any], of_run: dict[str, Any], text: str) -> None:
    for item in (changed(**junk), with_run(**of_run), text):
        try:
            rerun = parse(item)
        except CheckError:
            continue
        assert parse(render(rerun)) == rerun


@pytest.mark.parametrize(
    ("event", "payload", "expected"),
    [
        pytest.param("workflow_dispatch", {"inputs": {"rerun": render(RERUN)}}, RERUN, id="started by a button"),
        pytest.param("workflow_dispatch", {"inputs": {"rerun": ""}}, None, id="started by hand"),
        pytest.param("workflow_dispatch", {"inputs": {"rerun": None}}, None, id="null"),
        pytest.param("workflow_dispatch", {"inputs": {"rerun": True}}, None, id="another type"),
        pytest.param("workflow_dispatch", {"inputs": {"other": "x"}}, None, id="other inputs"),
        pytest.param("workflow_dispatch", {"inputs": None}, None, id="null inputs"),
        pytest.param("workflow_dispatch", {"inputs": [render(RERUN)]}, None, id="inputs of a list"),
        pytest.param("workflow_dispatch", {}, None, id="no inputs"),
        pytest.param("push", {"inputs": {"rerun": render(RERUN)}}, None, id="another event"),
    ],
)
def test_only_dispatch_with_input_is_a_rerun(event: str, payload: dict[str, Any], expected: Rerun | None) -> None:
    assert parse_event(event, payload) == expected


@pytest.mark.parametrize(
    ("category", "name", "expected"),
    [
        ("unit", "pytest (unit)", UNIT),
        ("", "docs", DOCS),
        ("docs", "docs", None),
        ("unit", "pytest", None),
        ("UNIT", "pytest (unit)", None),
    ],
)
def test_rerun_is_found_by_category_and_name(category: str, name: str, expected: CategoryRerun | None) -> None:
    assert find_category(RERUN, category, name) == expected


@given(st.text(max_size=80))
def test_category_matches_its_truncated_form(category: str) -> None:
    parts = parse_external_id(compose(Identity(category=category)))
    assert parts is not None
    rerun = replace(RERUN, categories=(replace(UNIT, category=parts.category),))
    assert find_category(parse(render(rerun)), category, UNIT.name) is not None
