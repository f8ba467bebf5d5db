"""The job we run in: what GitHub's event and variables say, and what the workspace holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from posixpath import join, normpath

from .item import Section
from .rerun import Rerun


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where the results belong.

    Attributes:
        repository: ``owner/name``; empty outside a workflow.
        head_sha: the commit that the check run is put on, 40 hex digits; empty when the event does not name it.
        workflow_sha: the commit that the runner runs the workflow for, and that a plain checkout checks out.
        head_ref: the branch or tag of that commit, without ``refs/heads/``; may be empty.
        base_ref: the branch it is to be merged into; may be empty.
        pull_request: its number, None where there is none.
        is_fork: whether the head lives in another repository than the event.
        is_dependabot: such events get no secrets either.
        server_url, api_url: of GitHub or of an Enterprise Server, without a trailing slash.
        workflow: the path of its file, such as ``.github/workflows/tests.yml``.
        run_id, run_attempt, job: of the workflow run.
        job_url: the page of this job, else of the workflow run.
        rerun: what the workflow was started again for, None for any other.
    """

    event: str = ""
    repository: str = ""
    head_sha: str = ""
    workflow_sha: str = ""
    head_ref: str = ""
    base_ref: str = ""
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
    """The checked-out repository, as far as annotations need it.

    Attributes:
        root: absolute, without symbolic links.
        tracked: the paths that git tracks (without git: the files there), relative to `root`.
        fallback: the tracked file for what has no place: pytest's configuration file, else the first at the root.
        head: the commit of ``HEAD``, empty where there is no git.
        parents: the commits that `head` names as its parents.
        links: the tracked symbolic links that stay inside, with what they lead to; both relative to `root`.
    """

    root: str
    tracked: frozenset[str] = frozenset()
    fallback: str = ""
    head: str = ""
    parents: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    def relative(self, path: str, base: str = "") -> str | None:
        """`path` relative to the root, when it is a tracked file; `base` (absolute) is what it is relative to."""
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
    """How the tests' process came to its end."""

    EXITED = "exited"
    KILLED = "killed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed out"
    INSTALL_FAILED = "install failed"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestEnd:
    """What our plugin says of pytest's end in a message, which needs no disk.

    Attributes:
        session_id: as `Session.id`.
        exit_status: pytest's own; the process may still exit with another.
        write_error: why results could not be written, such as ``No space left on device (/tmp/folder)``, else empty.
    """

    session_id: str
    exit_status: int
    write_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessExit:
    """The end of the tests' process.

    Attributes:
        reason: `ExitReason.KILLED` is a signal that we did not send.
        exit_status: None when a signal ended it or it never started.
        signal: such as ``SIGSEGV``, else empty.
        output: the last lines it printed, without ANSI sequences.
        phase: what was going on (``install``, ``collection``, ``tests``), for the sentence.
        captured: what pytest had captured of the running test's output and did not live to tell.
        stacks: `faulthandler`'s text of where each thread stood when the time was over, else empty.
        processes_may_remain: whether it is uncertain that every process of the tests has ended.
        pytest_end: None where pytest did not come to its end, or could not say so.
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
    """What the workspace's HEAD is to the reported commit."""

    HEAD = "head"
    MERGE = "merge"
    OTHER = "other"
    UNKNOWN = "unknown"
