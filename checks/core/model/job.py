"""The job: GitHub's event and variables, the workspace, and the end of the tests' process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from posixpath import join, normpath

from .item import Section
from .rerun import Rerun


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The event and the job that the results belong to.

    Attributes:
        repository: ``owner/name``; empty outside a workflow.
        head_sha: the commit of the check run, 40 hex digits; empty if the event does not name it.
        workflow_sha: the commit that the workflow runs for, and that a plain checkout checks out.
        head_ref: the branch or tag of that commit, without ``refs/heads/``; may be empty.
        head_branch: the same if the event says that it is a branch and at that commit, else empty.
        base_ref: the target branch of the pull request or merge group; may be empty.
        before: the branch's commit before a push, also to a pull request; 40 zeros for a new branch; empty for other
            events.
        merge_group_base: the parent commit of a merge group; empty for other events.
        default_branch: the repository's; empty if the event does not name it.
        pull_request: its number; None without a pull request.
        is_fork: whether the head is in a different repository than the event.
        is_dependabot: whether Dependabot caused the event, which then has no secrets either.
        server_url, api_url: of GitHub or of an Enterprise Server, without a trailing slash.
        workflow: the path of its file, such as ``.github/workflows/tests.yml``.
        run_id, run_attempt, job: of the workflow run.
        job_url: the page of this job, else of the workflow run.
        rerun: the re-run that started the workflow; None if it was started otherwise.
    """

    event: str = ""
    repository: str = ""
    head_sha: str = ""
    workflow_sha: str = ""
    head_ref: str = ""
    head_branch: str = ""
    base_ref: str = ""
    before: str = ""
    merge_group_base: str = ""
    default_branch: str = ""
    pull_request: int | None = None
    is_fork: bool = False
    is_dependabot: bool = False
    server_url: str = "https://github.com"
    api_url: str = "https://api.github.com"
    workflow: str = ""
    run_id: str = ""
    run_attempt: int = 1
    job: str = ""
    job_url: str = ""
    rerun: Rerun | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The checked-out repository, as annotations need it.

    Attributes:
        root: absolute, without symbolic links.
        tracked: the paths that git tracks (without git: all files), relative to `root`.
        fallback: the file for findings without a location: pytest's configuration file, else the first one at `root`.
        head: the commit of ``HEAD``; empty without git.
        parents: the parent commits of `head`.
        links: the tracked symbolic links into the repository and their targets, both relative to `root`.
        code_owners: the text of the CODEOWNERS file; may be empty.
        is_elsewhere: whether `root` is a folder of another machine, whose files are not here.
    """

    root: str
    tracked: frozenset[str] = frozenset()
    fallback: str = ""
    head: str = ""
    parents: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    code_owners: str = ""
    is_elsewhere: bool = False

    def relative(self, path: str, base: str = "") -> str | None:
        """Return `path`, which may be relative to `base` (absolute), relative to `root`; None if it is not tracked."""
        full_path = normpath(join(base or self.root, path))
        prefix = self.root.rstrip("/") + "/"
        relative_path = full_path.removeprefix(prefix)
        if relative_path == full_path:
            return None
        for link, target in self.links:
            if relative_path == link or relative_path.startswith(f"{link}/"):
                relative_path = normpath(join(target, relative_path[len(link) + 1 :]))
        return relative_path if relative_path in self.tracked else None


class ExitReason(StrEnum):
    """How the tests' process ended."""

    EXITED = "exited"
    KILLED = "killed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed out"
    INSTALL_FAILED = "install failed"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestEnd:
    """The message that our plugin sends when pytest ends; it needs no disk space.

    Attributes:
        session_id: as `Session.id`.
        exit_status: pytest's own; the process may still exit with a different one.
        write_error: why results could not be written, such as ``No space left on device (/tmp/folder)``; may be empty.
    """

    session_id: str
    exit_status: int
    write_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessExit:
    """The end of the tests' process.

    Attributes:
        reason: `ExitReason.KILLED` means a signal that this action did not send.
        exit_status: None if a signal ended the process or it never started.
        signal: such as ``SIGSEGV``; may be empty.
        output: the last lines it printed, without ANSI sequences.
        phase: what was running: ``install``, ``python-version`` or ``tests``.
        captured: the running test's output that pytest had captured and not reported.
        stacks: `faulthandler`'s stacks of all threads at a timeout; may be empty.
        processes_may_remain: whether processes of the tests may still be running.
        pytest_end: None if pytest did not finish, or could not report it.
    """

    reason: ExitReason
    exit_status: int | None = None
    signal: str = ""
    output: str = ""
    phase: str = ""
    captured: tuple[Section, ...] = ()
    stacks: str = ""
    processes_may_remain: bool = False
    pytest_end: PytestEnd | None = None


class Checkout(StrEnum):
    """How HEAD relates to the reported commit; LOST if git knew it before the tests, and not after them."""

    HEAD = "head"
    MERGE = "merge"
    OTHER = "other"
    LOST = "lost"
    UNKNOWN = "unknown"
