"""A repository with a history whose commits are tested one after the other, and what their check runs say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from textwrap import dedent, fill
from typing import Any

from checks.core.github.external_id import compose, parse
from checks.core.model.identity import RunKind
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.github.world import App
from tests.support.rerun.edges import create_check_run
from tests.support.rerun.reruns import RerunScenario
from tests.support.runner.jobs import StepResult

NO_COMMIT = "0" * 40
#: What a test does.
_BODIES = {
    "passes": "def {test}(): pass",
    "fails": "def {test}(): assert 1 == 2",
    "skips": "@pytest.mark.skip(reason='later')\ndef {test}(): pass",
    "xfails": "@pytest.mark.xfail(reason='known')\ndef {test}(): assert 1 == 2",
    "errors": "def {test}(broken): pass",
    "comes and goes": "def {test}(): assert os.environ.get('SECOND') == 'yes'",
    "fails at an address": "@pytest.mark.parametrize('x', [1], ids=[repr(object())])\ndef {test}(x): assert 1 == 2",
    "fails at two addresses": (
        "@pytest.mark.parametrize('x', [1, 2], ids=map(repr, [object(), object()]))\ndef {test}(x): assert x == 2"
    ),
    "passes at night": "@pytest.mark.nightly\ndef {test}(): pass",
}
_HEAD = "import os\nimport pytest\n\n@pytest.fixture\ndef broken(): raise OSError('no till')\n"
_REPOSITORY = {"full_name": REPOSITORY, "default_branch": "main"}
_INPUTS = {"fail_on": "new", "category": "unit"}
_LINE = re.compile(r"^Not compared|compared with \[|also failing on \[")
_NOTE = re.compile("Removed and|Newly|A renamed|Not compared|[0-9]+ failures? not")
_COUNTED = re.compile(r"(test_it\.py::[^`\n]*?) +(\((?:new|flaky|quarantined|fails|not compared|its)[^)]*\))")
_WIDTH = 108
_MARK = re.compile("New: |Also fails |Flaky ")
_LIST = re.compile(
    r"<summary>(New failures|Failures that [\w ]+|Removed[\w ]* tests|Newly skipped tests|Fixed): \d+</summary>"
    r"\n\n```\n(.*?)\n```",
    re.DOTALL,
)
_REMARKS = {
    r"Every failing test counts in spite of `fail-on: new`, because (.*)\.": r"all count: \1",
    r"(\d+) failing tests? forgiven by `fail-on: new`, because the base (.*) has the same failures\.": (
        r"\1 forgiven: \2"
    ),
}


def module(**tests: str) -> str:
    """Return a test module; each test has a key of `_BODIES`."""
    return "\n".join([_HEAD, *(_BODIES[does].format(test=f"test_{name}") + "\n" for name, does in tests.items())])


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a run of the action said, as lines of text. Commits and tests have their names of `History`.

    Attributes:
        verdict: the check run's conclusion and title, without the duration.
        base: the line about the base, and the note below it.
        lists: of tests, below the line.
        marks: each failure with the last line of its annotation, if that is about the base.
        counted: which failing tests count by `fail-on`, and why; else why all do, or none.
        outputs: `new-failures`, `fixed` and `removed-tests`.
    """

    verdict: str
    base: str
    lists: Sequence[str]
    marks: Sequence[str]
    counted: str
    outputs: str

    def __str__(self) -> str:
        parts = [self.verdict, self.base, *self.lists, " ".join(self.marks), self.counted, self.outputs]
        return "\n".join(fill(part, _WIDTH, subsequent_indent="  ") for part in parts if part)

    def and_expected(self, lines: str) -> tuple[str, str]:
        """Return the answer and the expected one."""
        return str(self), dedent(lines).strip()


class History:
    """The repository, its branches on GitHub, and the job that tests one commit after the other.

    `env` are variables of the job.
    """

    def __init__(self, scenario: RerunScenario) -> None:
        self.github: GithubServer = scenario.github
        self.github.installation.permissions["contents"] = "read"
        self._scenario, self._job = scenario, scenario.job
        self._names: dict[str, str] = {}
        self._env: dict[str, str] = {}
        self.env: dict[str, str] = {}
        self._run_ids = count(5001)

    def on(self, branch: str, start: str = "") -> None:
        """Check out a branch; a new one, or one that is set back, begins at `start`."""
        self._job.git("checkout", "--quiet", *(["-B", branch, start] if start else [branch]))

    def commit(self, name: str, source: str = "", **tests: str) -> str:
        """Commit a change of ``test_it.py``, or of something else, on the checked-out branch; return the commit."""
        if source or tests:
            (self._job.checkout / "test_it.py").write_text(source or module(**tests))
        return self._named_head(name, self._job.commit(name))

    def merge(self, name: str, base: str, head: str) -> str:
        """Check out the merge of a commit into another one, as GitHub makes it for a pull request."""
        self._job.git("checkout", "--quiet", "--detach", base)
        self._job.git("merge", "--quiet", "--no-ff", f"--message={name}", head)
        return self._named_head(name, self._job.git("rev-parse", "HEAD"))

    def rebase(self, name: str, base: str) -> str:
        """Rebase the checked-out branch, of one commit, on another commit."""
        self._job.git("rebase", "--quiet", base)
        return self._named_head(name, self._job.git("rev-parse", "HEAD"))

    def pushed(self, branch: str, before: str = "") -> None:
        """Push HEAD to a branch without running its job; `before` is the branch's commit by default."""
        before = before or self.github.world.branches.get(branch, NO_COMMIT)
        self.github.pushed(self._job.git("rev-parse", "HEAD"), branch, before)
        self._event("push", f"refs/heads/{branch}", {"before": before})

    def push(self, branch: str = "main", before: str = "", **inputs: str) -> Answer:
        """Push HEAD, and run its job."""
        self.pushed(branch, before)
        return self.run(**inputs)

    def pull_request(self, head: str, target: str = "main", **inputs: str) -> Answer:
        """Run the job of a pull request on HEAD, which is its merge commit or its head."""
        pull_request = {
            "number": 7,
            "head": {"ref": "topic", "sha": head, "repo": _REPOSITORY},
            "base": {"ref": target, "sha": NO_COMMIT, "repo": _REPOSITORY},
        }
        self._event("pull_request", "refs/pull/7/merge", {"pull_request": pull_request})
        return self.run(**inputs)

    def merge_group(self, base: str, **inputs: str) -> Answer:
        """Run the job of a merge group, which is HEAD."""
        sha, branch = self._job.git("rev-parse", "HEAD"), "gh-readonly-queue/main/pr-7"
        self.github.pushed(sha, branch)
        ref = f"refs/heads/{branch}"
        group = {"head_sha": sha, "head_ref": ref, "base_sha": base, "base_ref": "refs/heads/main"}
        self._event("merge_group", ref, {"merge_group": group})
        return self.run(**inputs)

    def schedule(self, **inputs: str) -> Answer:
        """Run the job of HEAD as a schedule does."""
        self._event("schedule", "refs/heads/main", {})
        return self.run(**inputs)

    def run(self, **inputs: str) -> Answer:
        """Run the job of the last event."""
        for path in self._job.commands.iterdir():
            path.unlink()
        self._job.env = self._env | self.env
        return self._answer(self._job.run(**_INPUTS, **inputs))

    def post_step(self) -> Answer:
        """Run the post step of the last job."""
        return self._answer(self._job.run("finish", **_INPUTS))

    def rerun_failed(self, **env: str) -> Answer:
        """Click `Re-run failed` of the last check run, and run the job that this starts."""
        before = self._job.git("rev-parse", "--abbrev-ref", "HEAD")
        self._scenario.press()
        self._scenario.prepare_dispatched_job(env={"GITHUB_REF": "refs/heads/main", **env})
        self._job.event["repository"] = _REPOSITORY
        result = self._job.run(**_INPUTS)
        self._job.git("checkout", "--quiet", before)
        return self._answer(result)

    def write_check_run(self, sha: str, *, kind: RunKind = RunKind.COMPLETE, app: App | None = None) -> None:
        """Write a check run by hand, with the results of the last one; it is in progress if its kind is TESTS."""
        last = self.github.runs[-1]
        identity = parse(last["external_id"])
        assert identity is not None
        world, installation = self.github.world, self.github.installation
        if app is not None:
            installation = world.install(app, REPOSITORY)
        token = world.grant(app or self.github.app, {REPOSITORY}, {"checks": "write"}, installation)
        state = {"status": "in_progress"} if kind is RunKind.TESTS else {"conclusion": "failure"}
        body = {
            "name": last["name"],
            "head_sha": sha,
            "external_id": compose(replace(identity, kind=kind)),
            "output": {key: last["output"][key] for key in ("title", "summary", "text")},
        }
        create_check_run(self.github, body | state, token.value)

    def _named_head(self, name: str, sha: str) -> str:
        self._names[sha] = name
        return sha

    def _event(self, name: str, ref: str, payload: Mapping[str, Any]) -> None:
        world, run_id = self.github.world, next(self._run_ids)
        self._job.sha = self._job.git("rev-parse", "HEAD")
        self._job.event = {"ref": ref, "repository": _REPOSITORY, **payload}
        self._env = {"GITHUB_EVENT_NAME": name, "GITHUB_REF": ref, "GITHUB_RUN_ID": str(run_id)}
        world.start_workflow_run(run_id=run_id, event=name, ref=ref, sha=self._job.sha)
        for line in self._job.git("log", "--all", "HEAD", "--format=%H %P").splitlines():
            sha, *parents = line.split()
            world.parents[sha] = parents

    def _answer(self, result: StepResult) -> Answer:
        run = self.github.runs[-1]
        title, summary = run["output"]["title"], run["output"]["summary"]
        failures = [each for each in self.github.annotations(run["id"]) if each["annotation_level"] == "failure"]
        numbers = [result.outputs.get(name) or "-" for name in ("new-failures", "fixed", "removed-tests")]
        counted = self._named(_counted(summary))
        return Answer(
            verdict=f"{run['conclusion']}: {title.rpartition(' in ')[0] or title}",
            base=self._named(_about_base(summary)),
            lists=[
                f"{heading}: {' '.join(map(_name, names.splitlines()))}" for heading, names in _LIST.findall(summary)
            ],
            marks=[self._named(mark) for mark in sorted(map(_mark, failures))],
            counted=f"fail-on: {counted}" if counted else "",
            outputs=f"outputs: {' '.join(numbers)}" if {*numbers} != {"-"} else "",
        )

    def _named(self, text: str) -> str:
        """Return the text with names for commits, and without links."""
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
        for sha, name in self._names.items():
            text = text.replace(sha[:7], name)
        return text


def _about_base(summary: str) -> str:
    paragraphs = summary.split("\n\n")
    position = next((index for index, text in enumerate(paragraphs) if _LINE.search(text)), None)
    if position is None:
        return ""
    following = paragraphs[position + 1]
    return f"{paragraphs[position]}. {following}" if _NOTE.match(following) else paragraphs[position]


def _name(nodeid: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x", nodeid.removeprefix("test_it.py::test_"))


def _mark(annotation: Mapping[str, Any]) -> str:
    last_line = annotation["message"].rpartition("\n")[2]
    return f"{_name(annotation['title'])}: {last_line if _MARK.match(last_line) else '-'}"


def _counted(summary: str) -> str:
    counted = _COUNTED.findall(summary)
    if counted:
        return ", ".join(f"{_name(nodeid)} {why}" for nodeid, why in counted)
    return next(
        (match.expand(short) for pattern, short in _REMARKS.items() if (match := re.search(pattern, summary))), ""
    )
