"""Runs the suites of well-known packages through the product, as they are and broken on purpose, beside plain pytest::

    python -m tests.real_projects [--folder FOLDER] [NAME ...]

takes their source distributions from PyPI and prints the table of ``docs/real-projects.md``. The exit status is 1 when
anything differs from what plain pytest says.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import mutations, needs
from tests.github_server import GithubServer
from tests.jobs import ROOT, Ended, Job
from tests.mutations import Edit

_WITNESS = Path(__file__).parent / "witness"
_SECONDS = 900
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_COUNTED = re.compile(r"(\d+) (passed|failed|error|skipped|xfailed|xpassed)")
_LAST_LINE = re.compile(r"^=* ?((?:\d+ \w+|no tests ran)\b.* in [\d.]+s.*?) ?=*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Project:
    """A source distribution.

    Attributes:
        source, tests: its folders of the package and of its tests.
        needs: what its tests need beside pytest.
        functions: names of those that may be broken; by default all. pytest itself stands on some of these packages.
    """

    name: str
    version: str
    source: str
    tests: str = "tests"
    needs: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


PROJECTS = {
    project.name: project
    for project in (
        Project(
            name="iniconfig",
            version="2.3.1",
            source="src",
            tests="testing",
            functions=("lineof", "__iter__", "__str__", "get"),
        ),
        Project(name="itsdangerous", version="2.2.0", source="src", needs=("freezegun==1.5.5",)),
        Project(
            name="pluggy",
            version="1.7.0",
            source="src",
            tests="testing",
            needs=("pytest-benchmark==5.2.3",),
            functions=("unblock", "get_hookcallers", "_render_value", "force_exception", "traced_hookexec", "_formatdef"),
        ),
        Project(name="click", version="8.5.1", source="src"),
        Project(
            name="attrs",
            version="26.1.0",
            source="src",
            needs=("cloudpickle==3.1.2", "hypothesis==6.170.15", "pympler==1.1"),
            functions=("evolve", "asdict", "resolve_types", "optional", "and_", "matches_re", "exclude", "cmp_using"),
        ),
        Project(name="jinja2", version="3.1.6", source="src", needs=("pytest==7.4.4", "trio==0.33.0")),
        Project(
            name="flask",
            version="3.1.3",
            source="src",
            needs=("asgiref==3.13.0", "greenlet==3.3.0", "pytest==8.4.2", "python-dotenv==1.2.1"),
        ),
        Project(
            name="more-itertools",
            version="11.2.1",
            source="more_itertools",
            functions=("chunked", "spy", "divide", "collapse", "_sample_weighted", "bucket"),
        ),
        Project(
            name="packaging",
            version="26.3",
            source="src",
            needs=("hypothesis==6.170.15", "pretend==1.0.9", "tomli-w==1.2.0"),
            functions=("parse_tag", "parse_wheel_filename", "evaluate", "is_normalized_name", "ios_platforms", "filter"),
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One suite, run twice.

    Attributes:
        way: how the project was broken.
        plain: the last line of plain pytest.
        ours: the title of the check run.
        failures: annotations of that level.
        writes: requests that wrote the check run.
        differences: sentences; none when all is well.
    """

    name: str
    way: str
    tests: int
    plain: str
    ours: str
    failures: int
    misplaced: int
    writes: int
    differences: tuple[str, ...]


def run(project: Project, folder: Path) -> Iterator[Compared]:
    """The project as it is, and broken in each way; `folder` is its own."""
    folder.mkdir(parents=True)
    unpacked = _fetched(project, folder)
    github = GithubServer()
    job = Job(github=github, folder=folder / "job", project=str(unpacked), step_seconds=_SECONDS)
    python = _environment(project, folder / "environment", job.workspace)
    source, tests = job.workspace / project.source, job.workspace / project.tests
    ways: dict[str, Callable[[], list[Edit]]] = {
        "as it is": list,
        "lines broken": lambda: mutations.while_running(source, tests, names=project.functions),
        "modules of tests broken": lambda: mutations.while_collecting(tests),
        "package broken": lambda: mutations.at_import(source),
    }
    first = job.sha
    for way, edits in ways.items():
        job.git("reset", "--quiet", "--hard", first)
        mutations.apply(edits())
        job.commit(way)
        yield _compared(project, way, job, python)


def _compared(project: Project, way: str, job: Job, python: Path) -> Compared:
    args = "" if way == "package broken" else "--continue-on-collection-errors"
    plain = _Plain.of(args, job, python)
    job.env = {"CHECKS_PYTHON": str(python)}
    with GithubServer() as github:
        job.github = github
        with (job.folder / f"{way}.log").open("w") as log, redirect_stdout(log):
            ended = job.run(pytest_args=args)
        failures = [each for each in github.annotations() if each["annotation_level"] == "failure"]
        misplaced = _misplaced(plain.expected(job), failures)
        return Compared(
            name=f"{project.name} {project.version}",
            way=way,
            tests=int(ended.outputs["total"]),
            plain=plain.last_line,
            ours=github.run["output"]["title"],
            failures=len(failures),
            misplaced=len(misplaced),
            writes=len(github.writes),
            differences=(*misplaced, *_differences(plain, ended, job, github)),
        )


@dataclass(frozen=True, kw_only=True)
class _Plain:
    """What plain pytest came to."""

    exit_status: int
    output: str
    witnessed: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, args: str, job: Job, python: Path) -> _Plain:
        witness = job.folder / "witness"
        witness.unlink(missing_ok=True)
        environ = {
            "PATH": f"{python.parent}:{os.environ['PATH']}",
            "HOME": str(job.folder),
            "CI": "true",
            "PYTHONPATH": str(_WITNESS),
        }
        command = [str(python), "-m", "pytest", "-p", "pytest_witness", f"--witness={witness}", *args.split()]
        done = subprocess.run(
            command, cwd=job.workspace, env=environ, capture_output=True, text=True, errors="replace", check=False,
            timeout=_SECONDS, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        (job.folder / "plain.log").write_text(done.stdout + done.stderr)
        lines = witness.read_text().splitlines() if witness.exists() else []
        return cls(exit_status=done.returncode, output=done.stdout, witnessed=[*map(json.loads, lines)])

    @property
    def last_line(self) -> str:
        return _last_line(self.output)

    def expected(self, job: Job) -> Counter[tuple[str, str, int]]:
        """(node id, tracked path, line) of each failure."""
        tracked = {*job.git("ls-files", "-z").split("\0")}
        return Counter(_expected(note, job.workspace.resolve(), tracked) for note in self.witnessed)


def _expected(note: Mapping[str, Any], root: Path, tracked: set[str]) -> tuple[str, str, int]:
    inside = [
        (str(Path(path).relative_to(root)), line)
        for path, line in (note["own"], *note["places"])
        if Path(path).is_relative_to(root) and str(Path(path).relative_to(root)) in tracked
    ]
    path, line = inside[-1] if inside else ("", 0)
    return note["nodeid"], path, line


def _misplaced(expected: Counter[tuple[str, str, int]], failures: Iterable[Mapping[str, Any]]) -> list[str]:
    """Failures that are not annotated where they were thrown, and annotations of no such failure."""
    left = expected.copy()
    wrong = []
    for each in failures:
        here = each["path"], each["start_line"]
        own = [key for key in left if key[1:] == here and left[key] and _is_titled(each["title"], key[0])]
        if own:
            left[own[0]] -= 1
        else:
            wrong.append(f"annotated at {here[0]}:{here[1]}: {each['title']}")
    return wrong + [f"expected at {path}:{line}: {nodeid}" for nodeid, path, line in left.elements()]


def _is_titled(title: str, nodeid: str) -> bool:
    """Whether the title is that of the test or of a subtest of it."""
    shown = nodeid.encode("ascii", "backslashreplace").decode() if not nodeid.isascii() else nodeid
    return title == nodeid or title.startswith(f"{nodeid} ") or (title.endswith("…") and nodeid.startswith(title[:-1]))


def _differences(plain: _Plain, ended: Ended, job: Job, github: GithubServer) -> Iterator[str]:
    told = {name: int(ended.outputs[name]) for name in ("passed", "failed", "errors", "skipped", "xfailed", "xpassed")}
    for last_line in (plain.last_line, _last_line(ended.log)):
        counts = {("errors" if word == "error" else word): int(n) for n, word in _COUNTED.findall(last_line)}
        if counts != {name: number for name, number in told.items() if number}:
            yield f"counts {told}, pytest says: {last_line}"
    report = json.loads((job.workspace / ended.outputs["report"]).read_text())
    exit_status = report["exitcode"]  # None where pytest did not even begin
    if exit_status not in (plain.exit_status, None) or ended.exit_status != (plain.exit_status != 0):
        yield f"exit status {exit_status}, job {ended.exit_status}, plain pytest {plain.exit_status}"
    yield from (f"log: {line}" for line in ended.log.splitlines() if line.startswith(("::error", "::warning")))
    if "bug of the action" in ended.log:
        yield "a bug of ours is in the log"
    if "could not be read" in github.run["output"]["summary"]:
        yield "records were lost"
    tracked = {*job.git("ls-files", "-z").split("\0")}
    for each in github.annotations():
        if each["path"] not in tracked or each["end_line"] > _lines_of(job.workspace / each["path"]):
            yield f"no such line: {each['path']}:{each['end_line']}: {each['title']}"


def _lines_of(path: Path) -> int:
    return max(1, len(path.read_bytes().splitlines()))


def _last_line(output: str) -> str:
    found = _LAST_LINE.findall(_ANSI.sub("", output).replace("\r", ""))
    return found[-1] if found else ""


def _fetched(project: Project, folder: Path) -> Path:
    """Its unpacked source distribution."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:", f"--dest={folder}"]
    _run(*pip, f"{project.name}=={project.version}")
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "sdist", filter="data")
    (unpacked,) = (folder / "sdist").iterdir()
    return unpacked


def _environment(project: Project, folder: Path, workspace: Path) -> Path:
    """The Python of an environment with our own pytest, the project and what its tests need."""
    uv = needs.uv()
    python = folder / "bin" / "python"
    install = uv, "pip", "install", "--quiet", "--no-config", "--python", str(python)
    _run(uv, "venv", "--quiet", "--no-config", "--no-project", "--python", sys.executable, str(folder))
    _run(*install, "--require-hashes", "-r", str(ROOT / "requirements" / "tests.txt"))
    _run(*install, *project.needs, "--editable", str(workspace))
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.real_projects", description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep all files there")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROJECTS))
    options = parser.parse_args(arguments)
    status = 0
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.names or PROJECTS:
            for each in run(PROJECTS[name], (options.folder or Path(temporary)) / name):
                print(_row(each), flush=True)
                for difference in each.differences:
                    print(f"  {difference}", file=sys.stderr, flush=True)
                    status = 1
    return status


def _row(each: Compared) -> str:
    cells = each.name, each.way, f"{each.tests:,}", each.plain, each.ours, each.failures, each.misplaced, each.writes
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
