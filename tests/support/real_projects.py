"""Run the suites of well-known packages with the action, unchanged and broken, and compare with plain pytest::

    python -m tests.support.real_projects [--folder FOLDER] [--record] [NAME ...]

Downloads source distributions from PyPI, and prints the table of ``docs/real-projects.md``. The exit status is 1 if
anything differs from plain pytest.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO, assert_never

from tests.support import golden, mutations, needs, plain_pytest
from tests.support.github.server import GithubServer
from tests.support.mutations import Edit
from tests.support.plain_pytest import PlainResult
from tests.support.runner.jobs import PROJECTS as OURS
from tests.support.runner.jobs import ROOT, Job, StepResult

_SECONDS = 900
_COLUMNS = ("project", "", "tests", "pytest's last line", "title of the check run", "failures", "misplaced", "writes")


class Variant(StrEnum):
    """How a project is changed before its tests run."""

    AS_IT_IS = "as it is"
    LINES = "lines broken"
    MODULES = "modules of tests broken"
    PACKAGE = "package broken"


@dataclass(frozen=True, kw_only=True)
class Project:
    """A source distribution, or without a version a folder of ``tests/projects``.

    Attributes:
        source, tests: its folders of the package and of its tests.
        needs: requirements of its tests, in addition to ``requirements/tests.txt`` or instead of its pytest.
        functions: names of functions that may be broken, by default all; others may run in pytest itself, or never end.
        variants: the variants to run.
        recorded: the variant that is saved in ``tests/golden``.
    """

    name: str
    version: str = ""
    source: str = "src"
    tests: str = "tests"
    needs: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = tuple(Variant)
    recorded: Variant | None = None


PROJECTS = {
    project.name: project
    for project in (
        Project(
            name="iniconfig",
            version="2.3.1",
            tests="testing",
            functions=("lineof", "__iter__", "__str__", "get"),
            recorded=Variant.AS_IT_IS,
        ),
        Project(name="itsdangerous", version="2.2.0", needs=("freezegun==1.5.5",), recorded=Variant.LINES),
        Project(
            name="pluggy",
            version="1.7.0",
            tests="testing",
            needs=("pytest-benchmark==5.2.3",),
            functions=(
                "unblock",
                "get_hookcallers",
                "_render_value",
                "force_exception",
                "traced_hookexec",
                "_formatdef",
            ),
            recorded=Variant.MODULES,
        ),
        Project(name="click", version="8.5.1", recorded=Variant.AS_IT_IS),
        Project(
            name="attrs",
            version="26.1.0",
            needs=("cloudpickle==3.1.2", "hypothesis==6.170.15", "pympler==1.1"),
            functions=(
                *("evolve", "asdict", "resolve_types", "optional"),
                *("matches_re", "exclude", "cmp_using", "deep_mapping"),
            ),
        ),
        Project(name="jinja2", version="3.1.6", needs=("pytest==7.4.4", "trio==0.33.0"), recorded=Variant.LINES),
        Project(
            name="flask",
            version="3.1.3",
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
            needs=("hypothesis==6.170.15", "pretend==1.0.9", "tomli-w==1.2.0"),
            functions=(
                "parse_tag",
                "parse_wheel_filename",
                "evaluate",
                "is_normalized_name",
                "ios_platforms",
                "filter",
            ),
        ),
        Project(
            name="kinds", needs=("pytest-rerunfailures==16.7",), variants=(Variant.AS_IT_IS,), recorded=Variant.AS_IT_IS
        ),
    )
}


class FetchError(Exception):
    """A package could not be downloaded."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One suite, run by plain pytest and as a job.

    Attributes:
        name: with the version.
        plain: plain pytest's last line.
        ours: the title of the check run.
        failures: number of failure annotations.
        misplaced: number of those that are not where the witness saw them raised.
        writes: number of requests that wrote the check run.
        differences: descriptions of all differences from plain pytest, including misplaced annotations.
    """

    name: str
    variant: Variant
    tests: int
    plain: str
    ours: str
    failures: int
    misplaced: int
    writes: int
    differences: tuple[str, ...]


def run(project: Project, folder: Path, *, record: bool = False) -> Iterator[Comparison]:
    """Run all variants of the project in `folder`. Raises `FetchError`."""
    job, python = checkout(project, folder)
    whole = job.sha
    for variant in project.variants:
        job.git("reset", "--quiet", "--hard", whole)
        mutations.apply(_edits(project, variant, job.workspace))
        job.commit(variant)
        yield _compare(project, variant, job, python)
        if record and variant is project.recorded:
            golden.record(project.name, job, python)


def checkout(project: Project, folder: Path) -> tuple[Job, Path]:
    """Return a job of the project in `folder`, and the Python of its environment. Raises `FetchError`."""
    folder.mkdir(parents=True)
    unpacked = _fetched(project, folder) if project.version else OURS / project.name
    with GithubServer() as github:
        job = Job(github=github, folder=folder / "job", project=str(unpacked), step_seconds=_SECONDS, autoload=True)
    python = _environment(project, folder / "environment", job.workspace)
    job.env = {"CHECKS_PYTHON": str(python)}
    return job, python


def _edits(project: Project, variant: Variant, workspace: Path) -> list[Edit]:
    source, tests = workspace / project.source, workspace / project.tests
    match variant:
        case Variant.AS_IT_IS:
            return []
        case Variant.LINES:
            return mutations.while_running(source, tests, names=project.functions)
        case Variant.MODULES:
            return mutations.while_collecting(tests)
        case Variant.PACKAGE:
            return mutations.at_import(source)
        case _:
            assert_never(variant)


def _compare(project: Project, variant: Variant, job: Job, python: Path) -> Comparison:
    arguments = ["--continue-on-collection-errors"] if variant in (Variant.LINES, Variant.MODULES) else []
    environ = {"PATH": f"{python.parent}:{os.environ['PATH']}", "HOME": str(job.folder), "CI": "true"}
    notes = job.folder / "notes"
    plain = plain_pytest.run(python, job.workspace, *arguments, environ=environ, notes=notes, seconds=_SECONDS)
    (job.folder / f"{variant}.plain.log").write_text(plain.output)
    with GithubServer() as github, (job.folder / f"{variant}.log").open("w") as log, redirect_stdout(log):
        job.github = github
        result = job.run(pytest_args=" ".join(arguments))
    tracked = job.git("ls-files", "-z").split("\0")
    failures = [annotation for annotation in github.annotations() if annotation["annotation_level"] == "failure"]
    misplaced = plain_pytest.find_misplaced(plain.failures(job.workspace.resolve(), tracked), failures)
    return Comparison(
        name=f"{project.name} {project.version}".strip(),
        variant=variant,
        tests=int(result.outputs["total"]),
        plain=plain.last_line,
        ours=github.run["output"]["title"],
        failures=len(failures),
        misplaced=len(misplaced),
        writes=len(github.writes),
        differences=(
            *misplaced,
            *_differences(plain, result, job),
            *_annotations_without_line(github.annotations(), job, {*tracked}),
        ),
    )


def _differences(plain: PlainResult, result: StepResult, job: Job) -> Iterator[str]:
    names = ("passed", "failed", "errors", "skipped", "xfailed", "xpassed")
    counts = {name: number for name in names if (number := int(result.outputs[name]))}
    for last_line in (plain.last_line, plain_pytest.last_line(result.log)):
        if plain_pytest.parse_counts(last_line) != counts:
            yield f"counted {counts}, pytest: {last_line}"
    report = json.loads((job.workspace / result.outputs["report"]).read_text())
    status = report["exitcode"]  # None if pytest did not start
    if status not in (plain.exit_status, None) or result.exit_status != (plain.exit_status != 0):
        yield f"exit status {status}, of the job {result.exit_status}, of plain pytest {plain.exit_status}"
    yield from (line for line in result.log.splitlines() if line.startswith(("::error", "::warning")))


def _annotations_without_line(annotations: Sequence[dict[str, Any]], job: Job, tracked: set[str]) -> Iterator[str]:
    """Yield annotations of lines that do not exist."""
    lines: dict[str, int] = {}
    for annotation in annotations:
        path = annotation["path"]
        if path not in lines:
            lines[path] = max(1, len((job.workspace / path).read_bytes().splitlines())) if path in tracked else 0
        if annotation["end_line"] > lines[path]:
            yield f"no such line: {path}:{annotation['end_line']}: {annotation['title']}"


def _fetched(project: Project, folder: Path) -> Path:
    """Return the folder of the unpacked source distribution."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:", f"--dest={folder}"]
    _run(*pip, f"{project.name}=={project.version}")
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "sdist", filter="data")
    (unpacked,) = (folder / "sdist").iterdir()
    return unpacked


def _environment(project: Project, folder: Path, workspace: Path) -> Path:
    """Return the Python of an environment like the image's, with the project and its tests' requirements."""
    uv, python = needs.uv(), folder / "bin" / "python"
    install = uv, "pip", "install", "--quiet", "--no-config", "--python", str(python)
    _run(uv, "venv", "--quiet", "--no-config", "--no-project", "--python", sys.executable, str(folder))
    _run(*install, "--require-hashes", "-r", str(ROOT / "requirements" / "tests.txt"))
    _run(*install, *project.needs, *(["--editable", str(workspace)] if project.version else []))
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise FetchError(f"{' '.join(command)}: {done.stderr.strip()}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.real_projects", description=__doc__.partition("::")[0]
    )
    parser.add_argument("--folder", type=Path, help="the folder for all files; must not exist yet")
    parser.add_argument("--record", action="store_true", help="rewrite the reports in tests/golden")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(PROJECTS)}")
    options = parser.parse_args(arguments)
    differ = False
    write(sys.stdout, row(_COLUMNS), row("---" for _ in _COLUMNS))
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.names or PROJECTS:
            for comparison in run(PROJECTS[name], (options.folder or Path(temporary)) / name, record=options.record):
                write(sys.stdout, row(_cells(comparison)))
                write(sys.stderr, *comparison.differences)
                differ = differ or bool(comparison.differences)
    return int(differ)


def _cells(comparison: Comparison) -> tuple[str, ...]:
    numbers = (f"{number:,}" for number in (comparison.failures, comparison.misplaced, comparison.writes))
    return (
        comparison.name,
        comparison.variant,
        f"{comparison.tests:,}",
        comparison.plain or "none",
        comparison.ours,
        *numbers,
    )


def row(cells: Iterable[str]) -> str:
    """Return a row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def write(stream: TextIO, *lines: str) -> None:
    """Write lines at once."""
    stream.writelines(f"{line}\n" for line in lines)
    stream.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
