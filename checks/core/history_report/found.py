"""What was read from GitHub, and the parts that every answer has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from ..history.past_results import PastOutcome, PastResult
from ..history.past_runs import LookBack, PastRun
from ..history.test_key import key, stable_id
from ..model.history import COLLECTION, TestKey
from ..text.amounts import pluralize
from ..text.ansi import visible

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Found:
    """The runs of a check on the last commits of a branch.

    Attributes:
        repository: ``owner/name``.
        check: the name of the check.
        names: the node ids of tests by key, as far as check runs have them.
    """

    repository: str
    check: str
    look_back: LookBack
    names: Mapping[TestKey, str] = field(default_factory=dict)

    @cached_property
    def runs(self) -> list[PastRun]:
        """All runs, the newest first."""
        return [*self.look_back.newest_runs()]

    @cached_property
    def modules(self) -> frozenset[TestKey]:
        """The modules that could not be collected in some run."""
        failures = (run.record.failed or {} for run in self.runs)
        return frozenset(module for failed in failures for module in failed.get(COLLECTION, ()))

    @property
    def scope(self) -> str:
        """What was looked at, in a line of text."""
        check, branch = shown(self.check), shown(self.look_back.branch)
        commits = pluralize(len(self.look_back.commits), "commit")
        has_runs = sum(bool(commit.runs) for commit in self.look_back.commits)
        return f"{check} in {self.repository}, last {commits} of {branch}: {has_runs:,} with complete results"

    def name(self, test: TestKey) -> str:
        """Return the node id of a test for a reader, or its key if the name is unknown."""
        return shown(self.names[test]) if test in self.names else f"(unknown name, key {hexadecimal(test)})"

    def head(self) -> dict[str, Any]:
        """Return the members that every JSON document begins with."""
        return {
            "schema": SCHEMA,
            "repository": self.repository,
            "branch": self.look_back.branch,
            "check": self.check,
            "commits": len(self.look_back.commits),
            "runs": len(self.runs),
        }


def names_of_lines(text: str) -> dict[TestKey, str]:
    """Return the node ids, and their files, that the lines of ``pytest --collect-only -q`` have, by key."""
    nodeids = [line for line in text.splitlines() if "::" in line]
    files = dict.fromkeys(nodeid.partition("::")[0] for nodeid in nodeids)
    return {key(stable_id(name)): name for name in (*files, *nodeids)}


def shown(text: str) -> str:
    """Return untrusted text as one line without control characters."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def hexadecimal(test: TestKey) -> str:
    """Return a key as 12 hexadecimal digits."""
    return f"{test:012x}"


def outcome_name(outcome: PastOutcome) -> str:
    """Return the name of an outcome in JSON."""
    return outcome.name.lower()


def result_members(result: PastResult) -> dict[str, Any]:
    """Return a result as members of a JSON object."""
    run = result.run.run
    return {
        "commit": result.commit,
        "check_run": int(run.id),
        "url": run.page or None,
        "started_at": _time(run.started_at).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "outcome": outcome_name(result.outcome),
        "seconds": result.seconds,
    }


def minute(run: PastRun) -> str:
    """Return when a run started, in UTC."""
    return _time(run.run.started_at).strftime("%Y-%m-%d %H:%M")


def as_json(document: Mapping[str, Any]) -> str:
    """Return a document in lines; printed, it has no workflow command, such as ``##[name]``."""
    return json.dumps(document, indent=1).replace("##[", "#\\u0023[") + "\n"


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
