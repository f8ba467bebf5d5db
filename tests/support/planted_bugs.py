"""Break real projects in six places each, and compare the causes with what each bug breaks alone::

    python -m tests.support.planted_bugs [NAME ...]

Prints the table of ``docs/real-projects.md``. The exit status is 1 if a bug has no cause of its own, or if a cause has
failures of two bugs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from checks.core.report.raw_details import cause_of
from tests.support.github.server import GithubServer
from tests.support.real_projects import PROJECTS, checkout, row, write
from tests.support.runner.jobs import Job

_COLUMNS = ("project", "bug", "failures", "causes", "mixed causes")


@dataclass(frozen=True, kw_only=True)
class Bug:
    """Replaces a part of a line, which occurs once in the file, so that no line moves."""

    path: str
    old: str
    new: str

    def plant(self, workspace: Path) -> None:
        """Change the file."""
        path = workspace / self.path
        before, old, after = path.read_text().partition(self.old)
        if not old or self.old in after or self.old.count("\n") != self.new.count("\n"):
            raise ValueError(f"{self.path}: {self.old!r}")
        path.write_text(before + self.new + after)


def _bugs(folder: str, *edits: tuple[str, str, str]) -> tuple[Bug, ...]:
    return tuple(Bug(path=f"{folder}/{path}", old=old, new=new) for path, old, new in edits)


#: By the project's name in `PROJECTS`.
BUGS: Mapping[str, Sequence[Bug]] = {
    "itsdangerous": _bugs(
        "src/itsdangerous",
        ("url_safe.py", "zlib.decompress(json)", "zlib.compress(json)"),
        ("serializer.py", "if isinstance(fallback, dict):", "if not isinstance(fallback, dict):"),
        ("signer.py", 'raise BadSignature(f"No', 'raise ValueError(f"No'),
        ("serializer.py", "if e.payload is None:", "if e.payload is not None:"),
        ("timed.py", "datetime.fromtimestamp(ts,", "datetime.fromtimestamp(ts + 1,"),
        ("signer.py", "in reversed(self.secret_keys)", "in self.secret_keys[-1:]"),
    ),
    "jinja2": _bugs(
        "src/jinja2",
        ("environment.py", "self.lstrip_blocks = lstrip_blocks", "self.lstrip_blocks = not lstrip_blocks"),
        ("runtime.py", "return self.index0 == 0", "return self.index0 == 1"),
        ("tests.py", "return value % 2 == 1", "return value % 2 == 0"),
        ("tests.py", "return isinstance(value, abc.Mapping)", "return not isinstance(value, abc.Mapping)"),
        ("ext.py", '_ws_re.sub(" ", string.strip())', '_ws_re.sub("", string.strip())'),
        ("runtime.py", "return self.depth0 + 1", "return self.depth0"),
    ),
    "flask": _bugs(
        "src/flask",
        ("sansio/blueprints.py", "if self.url_prefix is not None:", "if self.url_prefix is None:"),
        ("sessions.py", "return self.session_class(data)", "return self.session_class()"),
        (
            "sansio/scaffold.py",
            "teardown_request_funcs.setdefault(None, [])",
            'teardown_request_funcs.setdefault("", [])',
        ),
        ("json/provider.py", "return http_date(o)", "return str(o)"),
        ("helpers.py", 'val.lower() not in {"0", "false", "no"}', 'val.lower() in {"0", "false", "no"}'),
        ("config.py", "if not key.startswith(prefix):", "if key.startswith(prefix):"),
    ),
}


class Failure(NamedTuple):
    """The title and the place of a failure's annotation."""

    title: str
    path: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The failures that each bug causes alone, and the causes of all of them together."""

    alone: Mapping[Bug, frozenset[Failure]]
    causes: Mapping[int, frozenset[Failure]]

    def bugs_of(self, cause: int) -> set[Bug]:
        """Return the bugs that explain all failures of a cause; none if it has failures of two bugs."""
        return set.intersection(*map(self._bugs_of, self.causes[cause]))

    def causes_of(self, bug: Bug) -> list[int]:
        """Return the causes that this bug alone explains."""
        return [cause for cause in self.causes if self.bugs_of(cause) == {bug}]

    @property
    def mixed(self) -> list[int]:
        """Return the causes that no single bug explains."""
        return [cause for cause in self.causes if not self.bugs_of(cause)]

    def _bugs_of(self, failure: Failure) -> set[Bug]:
        """Return the bugs that cause this failure alone; without one, those that fail its test."""
        exact = {bug for bug, failures in self.alone.items() if failure in failures}
        titles = {bug: {one.title for one in failures} for bug, failures in self.alone.items()}
        return exact or {bug for bug, failed in titles.items() if failure.title in failed}


def find_truth(name: str, folder: Path) -> Truth:
    """Run the project as it is, with each bug, and with all. Raises `FetchError`."""
    job, _ = checkout(PROJECTS[name], folder)
    job.env["PYTHONDONTWRITEBYTECODE"] = "1"  # a file of the same size that is changed within a second would be kept
    usual = frozenset().union(*_failures(job, ()).values())
    alone = {bug: frozenset().union(*_failures(job, [bug]).values()) - usual for bug in BUGS[name]}
    together = {number: failures - usual for number, failures in _failures(job, BUGS[name]).items()}
    return Truth(alone=alone, causes={number: failures for number, failures in together.items() if failures})


def _failures(job: Job, bugs: Iterable[Bug]) -> Mapping[int, frozenset[Failure]]:
    """Return the failures with these bugs, by cause."""
    whole = job.sha
    for bug in bugs:
        bug.plant(job.workspace)
    job.commit("Bugs")
    with GithubServer() as github, (job.folder / "log").open("a") as log, redirect_stdout(log):
        job.github = github
        job.run(passing="none")
    job.git("reset", "--quiet", "--hard", whole)
    job.sha = whole
    causes: dict[int, set[Failure]] = defaultdict(set)
    for annotation in github.annotations():
        if annotation["annotation_level"] == "failure":
            place = annotation["path"], annotation["start_line"]
            causes[cause_of(annotation["raw_details"], annotation["title"])].add(Failure(annotation["title"], *place))
    return {number: frozenset(failures) for number, failures in causes.items()}


def main(arguments: Sequence[str]) -> int:
    summary = __doc__.partition("::")[0]
    parser = argparse.ArgumentParser(prog="python -m tests.support.planted_bugs", description=summary)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(BUGS)}")
    names = parser.parse_args(arguments).names or [*BUGS]
    is_wrong = False
    write(sys.stdout, row(_COLUMNS), row("---" for _ in _COLUMNS))
    with tempfile.TemporaryDirectory() as temporary:
        for name in names:
            truth = find_truth(name, Path(temporary) / name)
            write(sys.stdout, *map(row, _rows(name, truth)))
            for cause in truth.mixed:
                write(sys.stderr, f"{name}: cause {cause} is mixed:", *map(str, sorted(truth.causes[cause])))
            is_wrong = is_wrong or bool(truth.mixed) or not all(map(truth.causes_of, truth.alone))
    return int(is_wrong)


def _rows(name: str, truth: Truth) -> Iterator[Sequence[str]]:
    """Yield a row for each bug, with the failures that it causes alone and its causes among all, and one for all."""
    project = f"{name} {PROJECTS[name].version}"
    for bug, failures in truth.alone.items():
        change = f"`{Path(bug.path).name}`: `{bug.old}` → `{bug.new}`"
        yield project, change, str(len(failures)), str(len(truth.causes_of(bug))), ""
    failures = frozenset().union(*truth.causes.values())
    yield project, "all six", str(len(failures)), str(len(truth.causes)), str(len(truth.mixed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
