"""The re-run buttons of a completed check run, and why a check run has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.check_run import CheckAction
from ..model.job import Context
from ..model.rerun import RerunScope

_FAILED = CheckAction(label="Re-run failed", description="Re-runs the failed tests", identifier=RerunScope.FAILED.value)
_ALL = CheckAction(label="Re-run all", description="Re-runs all tests of this check", identifier=RerunScope.ALL.value)
_TRIGGER, _INPUT = "workflow_dispatch", "rerun"
#: Errors that PyYAML raises for values that do not fit their tag, such as ``!!bool maybe``.
_PYYAML_ERRORS = (ValueError, LookupError, AttributeError)


def buttons(*, failed: bool) -> tuple[CheckAction, ...]:
    """Return the buttons. "Re-run failed" is only included if something `failed`."""
    return (_FAILED, _ALL) if failed else (_ALL,)


def why_no_buttons(context: Context, *, is_app: bool, workflow: str) -> str:
    """Return why buttons cannot work, as the end of a sentence; empty if they can.

    `workflow` is the text of the workflow file at the tested commit, empty if it is not in the workspace.
    """
    if not is_app:
        return "only check runs of your own GitHub App can have them"
    if context.is_fork:
        return "the commit is from a fork, where workflows of this repository cannot be started"
    if context.event == "merge_group":
        return "the commit is from a merge queue, whose branch is temporary"
    if not context.workflow or not workflow:
        return f"the workflow file {context.workflow} is not in the workspace".replace("  ", " ")
    return _why_no_dispatch(workflow, context.workflow)


def _why_no_dispatch(workflow: str, path: str) -> str:
    import yaml  # noqa: PLC0415 - 7 ms that other runs need not spend

    try:
        parsed = yaml.safe_load(workflow)
    except (yaml.YAMLError, *_PYYAML_ERRORS, RecursionError):
        return f"{path} cannot be parsed as YAML"
    # PyYAML reads YAML 1.1, where the key `on` is a boolean.
    triggers = _mapping(parsed).get("on", _mapping(parsed).get(True))
    if triggers != _TRIGGER and not (isinstance(triggers, Mapping | list) and _TRIGGER in triggers):
        return f"{path} has no trigger `{_TRIGGER}`"
    inputs = _mapping(_mapping(_mapping(triggers).get(_TRIGGER)).get("inputs"))
    if _INPUT not in inputs:
        return f"`{_TRIGGER}` in {path} has no input `{_INPUT}`"
    required_inputs = (
        str(name) for name, options in inputs.items() if name != _INPUT and _is_required(_mapping(options))
    )
    if missing := next(required_inputs, ""):
        return f"`{_TRIGGER}` in {path} requires the input `{missing}`, which has no default"
    return ""


def _is_required(options: Mapping[Any, Any]) -> bool:
    return options.get("required") is True and options.get("default") is None


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}
