"""The workflow input ``rerun``: a `Rerun` as JSON.

A sample::

    {"sha": "c0ffee…", "head": "c0ffee…", "categories": ["unit"], "runs": [
      {"category": "unit", "name": "pytest (unit)", "queued": "4812", "earlier": "4811", "which": "rerun-failed"}]}

``sha`` is for the workflow's checkout and ``categories`` for its matrix. The ids of the failed tests are not included,
so the input stays within GitHub's limit: the job reads them from the annotations of the previous run. If a comment
shows the check runs, ``pull_request`` is the number of its pull request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..github.external_id import fit_category
from ..model.errors import CheckError, Problem
from ..model.limits import DISPATCH_INPUT_CHARACTERS
from ..model.rerun import CategoryRerun, Rerun, RerunScope

INPUT_NAME = "rerun"


def render(rerun: Rerun) -> str:
    """Return the JSON on one line."""
    runs = [
        {
            "category": category.category,
            "name": category.name,
            "queued": category.queued,
            "earlier": category.earlier,
            "which": category.scope.value,
        }
        for category in rerun.categories
    ]
    categories = [*dict.fromkeys(category.category for category in rerun.categories)]
    comment = {"pull_request": rerun.pull_request} if rerun.pull_request else {}
    return json.dumps({"sha": rerun.sha, "head": rerun.head, **comment, "categories": categories, "runs": runs})


def fits_limit(rerun: Rerun) -> bool:
    """Whether the rendered re-run is within GitHub's limit for workflow inputs."""
    return len(json.dumps({INPUT_NAME: render(rerun)})) <= DISPATCH_INPUT_CHARACTERS


def parse(text: str) -> Rerun:
    """Return the re-run that a receiver wrote. Raises `CheckError` for anything else."""
    try:
        data = json.loads(text)
        return Rerun(
            sha=_validate(data["sha"], "[0-9a-f]{40}"),
            head=_validate(data["head"], "[0-9a-f]{40}"),
            categories=tuple(map(_parse_category, data["runs"])),
            pull_request=int(_validate(str(data.get("pull_request", 0)), "[0-9]{1,7}")),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CheckError(
            Problem(
                what=f"The workflow's input `{INPUT_NAME}`",
                why="it was not written by a re-run button.",
                remedy="Start this workflow without it, or press a re-run button of the check again.",
            )
        ) from None


def parse_event(event: str, payload: Mapping[str, Any]) -> Rerun | None:
    """Return the re-run that a job's event asks for, or None for a job that is not a re-run. Raises `CheckError`."""
    inputs = payload.get("inputs") if event == "workflow_dispatch" else None
    text = inputs.get(INPUT_NAME) if isinstance(inputs, Mapping) else None
    return parse(text) if isinstance(text, str) and text else None


def find_category(rerun: Rerun, category: str, name: str) -> CategoryRerun | None:
    """Return what the job of that category and check name should re-run, or None if the re-run does not include it."""
    category_key = fit_category(category)
    return next(
        (item for item in rerun.categories if (fit_category(item.category), item.name) == (category_key, name)), None
    )


def _parse_category(data: Mapping[str, Any]) -> CategoryRerun:
    return CategoryRerun(
        category=_validate(data["category"], "(?s:.*)"),
        name=_validate(data["name"], "(?s:.+)"),
        queued=_validate(data["queued"], "[0-9]{1,20}"),
        earlier=_validate(data["earlier"], "[0-9]{1,20}"),
        scope=RerunScope(data["which"]),
    )


def _validate(value: object, pattern: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(pattern)
    return value
