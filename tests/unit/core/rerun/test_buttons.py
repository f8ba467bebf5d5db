"""When a check run has re-run buttons, and the reason to log if it has none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.model.check_run import CheckAction
from checks.core.model.job import Context
from checks.core.model.limits import (
    ACTION_DESCRIPTION_CHARACTERS,
    ACTION_IDENTIFIER_CHARACTERS,
    ACTION_LABEL_CHARACTERS,
)
from checks.core.model.rerun import RerunScope
from checks.core.rerun.buttons import buttons, why_no_buttons
from tests.support.rerun.reruns import WORKFLOW
from tests.support.rules import rule

PATH = ".github/workflows/tests.yml"
PUSH = Context(event="push", repository="octo/demo", workflow=PATH)
NO_TRIGGER = f"{PATH} has no trigger `workflow_dispatch`"
NO_INPUT = f"`workflow_dispatch` in {PATH} has no input `rerun`"
UNREADABLE = f"{PATH} cannot be parsed as YAML"


def of_workflow(text: str) -> str:
    return why_no_buttons(PUSH, is_app=True, workflow=text)


@rule("Buttons: something failed")
def test_rerun_failed_button_needs_a_failure() -> None:
    assert [action.identifier for action in buttons(failed=True)] == [RerunScope.FAILED, RerunScope.ALL]
    assert [action.identifier for action in buttons(failed=False)] == [RerunScope.ALL]


@pytest.mark.parametrize("action", buttons(failed=True), ids=lambda action: action.identifier)
def test_button_texts_keep_githubs_limits(action: CheckAction) -> None:
    assert len(action.label) <= ACTION_LABEL_CHARACTERS
    assert len(action.description) <= ACTION_DESCRIPTION_CHARACTERS
    assert len(action.identifier) <= ACTION_IDENTIFIER_CHARACTERS


@rule("Buttons: without an App, on a fork's or a merge queue's commit, or without the workflow's file in the workspace")
@pytest.mark.parametrize(
    ("context", "is_app", "workflow", "reason"),
    [
        pytest.param(PUSH, True, WORKFLOW, "", id="they work"),
        pytest.param(PUSH, False, WORKFLOW, "only check runs of your own GitHub App can have them", id="a token"),
        pytest.param(replace(PUSH, is_fork=True), True, WORKFLOW, "the commit is from a fork", id="a fork"),
        pytest.param(replace(PUSH, event="merge_group"), True, WORKFLOW, "from a merge queue", id="a merge queue"),
        pytest.param(PUSH, True, "", f"the workflow file {PATH} is not in the workspace", id="no file"),
        pytest.param(
            replace(PUSH, workflow=""), True, WORKFLOW, "the workflow file is not in the workspace", id="no path"
        ),
    ],
)
def test_missing_buttons_have_a_reason(context: Context, is_app: bool, workflow: str, reason: str) -> None:
    result = why_no_buttons(context, is_app=is_app, workflow=workflow)
    assert result == reason if not reason else reason in result


TAKES = """
jobs: {}
on:
  workflow_dispatch:
    inputs:
      rerun:
"""
WORKS = {
    "block mappings, an input without attributes": TAKES,
    "flow mappings": "on: {push: , workflow_dispatch: {inputs: {rerun: {required: false}}}}",
    "a quoted on": '"on": {workflow_dispatch: {inputs: {rerun: {}}}}',
    "a single-quoted on": "'on': {workflow_dispatch: {inputs: {rerun: {}}}}",
    "JSON": '{"on": {"workflow_dispatch": {"inputs": {"rerun": {"required": false}}}}}',
    "an anchor": "x: &inputs {rerun: }\non: {workflow_dispatch: {inputs: *inputs}}",
    "a merge key": "x: &inputs {rerun: }\non: {workflow_dispatch: {inputs: {<<: *inputs}}}",
    "a byte order mark": "\ufeff" + TAKES,
    "Windows' line ends": TAKES.replace("\n", "\r\n"),
    "expressions and emoji around it": "run-name: ${{ inputs.rerun }} 🙂\n" + TAKES,
    "other inputs, all optional": (
        "on: {workflow_dispatch: {inputs: {rerun: , a: {required: true, default: x}, b: {required: false}, c: }}}"
    ),
    "the re-run itself required": "on: {workflow_dispatch: {inputs: {rerun: {required: true}}}}",
    "called by others, too": "on: {workflow_call: , workflow_dispatch: {inputs: {rerun: }}}",
}


@rule("Buttons: the workflow uses other YAML syntax (lists, quotes, anchors)")
@pytest.mark.parametrize("workflow", WORKS.values(), ids=WORKS)
def test_trigger_is_found_in_any_yaml_form(workflow: str) -> None:
    assert of_workflow(workflow) == ""


@rule("Buttons: the workflow has no workflow_dispatch, no input rerun, or another required input")
@pytest.mark.parametrize(
    ("workflow", "reason"),
    [
        pytest.param("on: push", NO_TRIGGER, id="another trigger"),
        pytest.param("on: workflow_dispatch_too", NO_TRIGGER, id="a longer name"),
        pytest.param("on: [push, pull_request]", NO_TRIGGER, id="a list without it"),
        pytest.param("on: {push: {branches: [main]}}", NO_TRIGGER, id="a mapping without it"),
        pytest.param("on: {workflow_call: {inputs: {rerun: {type: string}}}}", NO_TRIGGER, id="reusable alone"),
        pytest.param("jobs: {on: workflow_dispatch}", NO_TRIGGER, id="on elsewhere"),
        pytest.param("on:", NO_TRIGGER, id="on of nothing"),
        pytest.param("on: 5", NO_TRIGGER, id="on of a number"),
        pytest.param("on: true", NO_TRIGGER, id="on of a truth value"),
        pytest.param("on: 2001-12-14", NO_TRIGGER, id="on of a date"),
        pytest.param("on: [[workflow_dispatch]]", NO_TRIGGER, id="a list in a list"),
        pytest.param("workflow_dispatch", NO_TRIGGER, id="a text"),
        pytest.param("- on", NO_TRIGGER, id="a list for a workflow"),
        pytest.param("# nothing", NO_TRIGGER, id="a comment"),
        pytest.param("on: workflow_dispatch", NO_INPUT, id="the trigger alone"),
        pytest.param("on: [push, workflow_dispatch]", NO_INPUT, id="a list"),
        pytest.param("on: {workflow_dispatch: }", NO_INPUT, id="no attributes"),
        pytest.param("on: {workflow_dispatch: {inputs: }}", NO_INPUT, id="null inputs"),
        pytest.param("on: {workflow_dispatch: {inputs: rerun}}", NO_INPUT, id="inputs of a text"),
        pytest.param("on: {workflow_dispatch: {inputs: [rerun]}}", NO_INPUT, id="inputs of a list"),
        pytest.param("on: {workflow_dispatch: {inputs: {Rerun: }}}", NO_INPUT, id="another input"),
        pytest.param("on: {workflow_dispatch: , workflow_call: {inputs: {rerun: }}}", NO_INPUT, id="the call's input"),
        pytest.param(
            "on: {workflow_dispatch: {inputs: {rerun: , target: {required: true}}}}",
            f"`workflow_dispatch` in {PATH} requires the input `target`, which has no default",
            id="another input that must be given",
        ),
        pytest.param("on: [", UNREADABLE, id="no end"),
        pytest.param("on: {a: *b}", UNREADABLE, id="an unknown anchor"),
        pytest.param("a: 1\n b: 2", UNREADABLE, id="indentation"),
        pytest.param("a: 1\n---\nb: 2", UNREADABLE, id="two documents"),
        pytest.param("on: \x00", UNREADABLE, id="a control character"),
        pytest.param("!!python/object:os.system x", UNREADABLE, id="an object"),
        pytest.param("{[1]: 2}", UNREADABLE, id="a key that is none"),
        pytest.param("x: 2001-13-45", UNREADABLE, id="a date that is none"),
        pytest.param("x: !!timestamp soon", UNREADABLE, id="a time that is none"),
        pytest.param("x: !!bool maybe", UNREADABLE, id="a truth value that is none"),
        pytest.param("x: !!int ''", UNREADABLE, id="a number that is none"),
        pytest.param("[" * 5_000, UNREADABLE, id="deeper than anything"),
    ],
)
def test_unusable_workflow_has_a_reason(workflow: str, reason: str) -> None:
    assert of_workflow(workflow) == reason


def test_multiplying_yaml_anchors_are_harmless() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    assert of_workflow("\n".join(lines)) == NO_TRIGGER


def test_large_workflow_is_parsed() -> None:
    assert of_workflow("".join(f"x{n}: {{a: b}}\n" for n in range(1_000)) + TAKES) == ""


_YAML = st.recursive(
    st.sampled_from(["on", "workflow_dispatch", "inputs", "rerun", "~", "5", "1.5", "yes", "2001-01-01", "!!bool x"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(inner, inner), max_size=3).map(
            lambda items: "{" + ", ".join(f"? {key} : {value}" for key, value in items) + "}"
        )
    ),
    max_leaves=12,
)


@given(st.text(st.characters(codec=None), max_size=40) | _YAML | _YAML.map(lambda value: f"on: {value}"))
def test_arbitrary_workflow_text_never_raises(workflow: str) -> None:
    assert of_workflow(workflow) == "" or PATH in of_workflow(workflow)
