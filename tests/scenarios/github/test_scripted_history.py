"""A history of 30 commits on the local server, and what a look-back says about every test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checks.core.github.external_id import compose
from checks.core.history import record_line, record_text
from checks.core.history.make_record import record_of
from checks.core.history.past import past_of
from checks.core.model.identity import RunKind
from checks.core.model.item import Item
from checks.core.model.job import Context
from checks.core.model.settings import Credentials
from checks.core.report import summary
from checks.core.report.past import changes_url_builder, section
from checks.core.rerun.previous_run import PreviousRun
from checks.core.results.causes import by_size, one_per_cause_first
from tests.scenarios.github.test_past_runs import COMPLETE, OWN, Reader, sha
from tests.support.causes import causes_of
from tests.support.github.job_client import JobClient, app, check_run
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.github.world import App
from tests.support.rules import rule
from tests.support.sessions import failed, flaky, item, session, skipped

COMMITS = 30
#: What each test did on main, the newest commit (the base) first: passed, failed, skipped, recovered, not collected.
#: Letters in lower case are of a run that is no evidence, or of none at all; see `NO_EVIDENCE`.
RESULTS = {
    "stable":    "PPPpPpPPPpPPppPPPPPPPPPPPPPPPP",
    "broken":    "FFFpFpFFFpFFppFFFFFFFPPPPPPPPP",
    "never":     "FFFpFpFFFpFFppFFFFFFFFFFFFFFFF",
    "comes":     "FPPpFpPPPpPPppPPPPPPFPPPPPPPPP",
    "recovered": "PPRpPpPPPpPPppPPPPPPPPPPPPPPPP",
    "new":       "PPPpPpPPPpPPppPPPPPPPPPPPPPPPP",
    "skipped":   "FFSpSpSSPpPPppPPPPPPPPPPPPPPPP",
    "renamed":   "FFFpFp----------PPPPPPPPPPPPPP",
    "old_name":  "-----pPPPpPPppPP--------------",
    "removed":   "----------PPppPPPPPPPPPPPPPPPP",
    "added":     "FFFpFp------------------------",
    "address":   "FFFpFpFFPpPPppPPPPPPPPPPPPPPPP",
    "rerun":     "PPPpPpPPFpPPppPPPPPPPPPPPPPPPP",
}  # fmt: skip
#: Runs in which everything passed, which would change the answers if they were believed.
NO_EVIDENCE: dict[int, dict[str, Any]] = {
    3: {"external_id": compose(replace(COMPLETE, kind=RunKind.TESTS))},  # it did not finish, such as with -x
    5: {"external_id": compose(replace(COMPLETE, kind=RunKind.FORK))},
    9: {"app": "another's"},
    12: {"status": "in_progress", "conclusion": None},
    13: {},  # no run
}
#: Runs with other arguments, which may select other tests, but not give other results.
OTHER_ARGUMENTS = {6, 7, 15}
#: Merged with branches whose runs are no evidence for main.
MERGES = {2, 10, 22}
#: The failed tests were re-run, and passed.
RERUN = 8


def nodeid(name: str, number: int) -> str:
    return (
        f"test_it.py::test_{name}[<object at 0x7f12345678{number:02x}>]"
        if name == "address"
        else f"test_it.py::test_{name}"
    )


def result(letter: str, name: str, number: int) -> Item | None:
    test: dict[str, Callable[[str], Item]] = {
        "P": item,
        "F": lambda nodeid: item(nodeid, call=failed()),
        "S": lambda nodeid: item(nodeid, call=skipped()),
        "R": flaky,
    }
    return test[letter](nodeid(name, number)) if letter != "-" else None


@dataclass
class Main:
    """Main with its check runs."""

    github: GithubServer

    def __post_init__(self) -> None:
        other = App(id=4712, client_id="Iv23liOther", slug="other", key_name="another's")
        self.github.world.install(other, REPOSITORY)
        self._templates = {
            name: self._template(credentials)
            for name, credentials in {
                "ours": app(self.github),
                "another's": Credentials(app_id="4712", private_key=other.private_key),
            }.items()
        }

    def _template(self, credentials: Credentials) -> dict[str, Any]:
        created = JobClient(self.github, credentials).checks.create(check_run(name=OWN.name)).id
        return self.github.world.runs.pop(int(created))

    def add(self, commit: str, *items: Item, selection: str = "5e1ec7", earlier: str = "", **changes: Any) -> None:
        """Add the check run of a session with these results."""
        results = session(*items)
        record = record_of(results, PreviousRun(), selection)
        text = record_line.join(summary.text(results), record_text.render(record))
        changes = {"external_id": compose(replace(COMPLETE, counts=record.counts, earlier=earlier)), **changes}
        template = self._templates[changes.pop("app", "ours")]
        output = {"title": "", "summary": "", "text": text}
        run = {"head_sha": commit, "status": "completed", "conclusion": "failure", "output": output, **changes}
        self.github.world.copy_run(template, **run)


@pytest.fixture
def main(github: GithubServer) -> Main:
    world = github.world
    main = Main(github)
    github.installation.permissions["contents"] = "read"
    world.branches["main"] = sha(0)
    everything_passes = [item(nodeid(name, 99)) for name in RESULTS]
    for number in range(COMMITS):
        parent = [sha(number + 1)] if number + 1 < COMMITS else []
        merged = [f"{number:02x}".rjust(40, "b")] if number in MERGES else []
        world.parents |= {sha(number): [*parent, *merged], **dict.fromkeys(merged, parent)}
        for commit in merged:
            main.add(commit, *everything_passes)
        if number in NO_EVIDENCE:
            if changes := NO_EVIDENCE[number]:
                main.add(sha(number), *everything_passes, **changes)
            continue
        items = [result(letters[number], name, number) for name, letters in RESULTS.items()]
        selection = "07e5" if number in OTHER_ARGUMENTS else "5e1ec7"
        main.add(sha(number), *filter(None, items), selection=selection, started_at="2026-01-01T00:00:00Z")
        if number == RERUN:
            rerun = [item(one.nodeid) if one.is_failure and "rerun" in one.nodeid else one for one in items if one]
            main.add(sha(number), *rerun, earlier="7", started_at="2026-01-01T01:00:00Z")
    main.add("f" * 40, *everything_passes)  # force-pushed away
    github.requests.clear()
    return main


def link(number: int) -> str:
    return f"[{sha(number)[:7]}]"


ALL_FAIL = {
    "stable": "",
    "new": "",
    "broken": f"failing since {link(20)}, passed last at {link(21)}",
    "never": f"failing for at least 25 commits, since {link(29)} or earlier",
    "comes": f"failing since {link(0)}, passed last at {link(1)}",
    "recovered": "",
    "skipped": f"failing since {link(1)}, passed last at {link(8)}",
    "renamed": f"failing since {link(4)}, passed last at {link(16)}",
    "old_name": f"failing now, passed last at {link(6)}",
    "removed": f"failing now, passed last at {link(10)}",
    "added": f"failing for at least 4 commits, since {link(4)} or earlier",
    "address": f"failing since {link(7)}, passed last at {link(8)}",
    "rerun": "",
    "unknown": "",
}
#: Of the last 20 runs, one only repeats the results of most tests.
FLAKY = {
    "comes": "failed 3 of the last 19 runs on main",
    "recovered": "failed 1 of the last 19 runs on main",
    "rerun": "failed 1 of the last 20 runs on main",
}


@rule("Since when: a check run is not believed")
def test_every_test_of_a_long_history_has_its_answer(main: Main) -> None:
    look_back = replace(Reader(main.github).look_back(), branch="main")
    assert len(main.github.requests) <= 10
    since, listed = {}, {}
    for name in ALL_FAIL:
        results = session(item(nodeid(name, 98), call=failed()))
        past = past_of(results, [*one_per_cause_first(by_size(causes_of(results)))], look_back)
        lines = section(past, changes_url_builder(Context(repository=REPOSITORY))).split("\n")
        since[name] = next((line for line in lines if line.startswith("- failing ")), "")
        listed[name] = next((line.rpartition(": ")[2] for line in lines if ": failed " in line), "")
    assert {name: without_urls(line) for name, line in since.items()} == {
        name: f"- {line}{' ([changes])' if 'passed' in line else ''}: `{nodeid(name, 98)}`" if line else ""
        for name, line in ALL_FAIL.items()
    }
    assert {name: line for name, line in listed.items() if line} == FLAKY


def without_urls(line: str) -> str:
    head, *others = line.split("](")
    return "".join([head, *(f"]{other.partition(')')[2]}" for other in others)])
