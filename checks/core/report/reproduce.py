"""The shell command that runs failed tests again on another machine, pasted at the repository's root."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from posixpath import commonpath, dirname, join, normpath, relpath
from shlex import quote

from ..model.job import Repository
from ..model.session import Invocation
from ..results import locations
from ..text.escape import fence

#: The most node ids in a command, and the most characters of all of them.
_MAX_NODEIDS = 20
_MAX_CHARACTERS = 4_000

# Options without which a test has the same outcome: they select tests, which node ids do, or concern reports, the
# terminal, coverage, processes and repetitions. The names of a family begin alike.
_LONG = frozenset(
    {
        *("--numprocesses", "--maxprocesses", "--max-worker-restart", "--dist", "--tx", "--looponfail"),
        *("--exitfirst", "--maxfail", "--deselect", "--ignore", "--ignore-glob", "--pyargs", "--randomly-seed"),
        *("--lf", "--ff", "--nf", "--sw", "--lfnf", "--sw-skip", "--sw-reset", "--failed-first", "--new-first"),
        *("--verbose", "--quiet", "--verbosity", "--tb", "--xfail-tb", "--color", "--code-highlight", "--show-capture"),
        *("--showlocals", "--no-showlocals", "--full-trace", "--force-short-summary", "--no-header", "--no-summary"),
        *("--no-fold-skipped", "--fold-skipped", "--disable-warnings", "--disable-pytest-warnings", "--setup-show"),
        *("--css", "--self-contained-html", "--report-log", "--pastebin"),
        *("--only-rerun", "--rerun-except", "--fail-on-flaky", "--retries", "--retry-delay"),
        *("--splits", "--group", "--splitting-algorithm", "--store-durations", "--num-shards", "--shard-id"),
    }
)
_FAMILIES = (
    *("--cov", "--no-cov", "--durations", "--json-report", "--junit", "--html", "--reruns"),
    *("--last-failed", "--stepwise", "--testmon"),
)
_SHORT = "nrkdf"
#: Without it, pytest runs no test if a module cannot be collected.
_CONTINUE = "--continue-on-collection-errors"
_CONFIGURATION_OPTIONS = ("-c", "--config-file")
#: Short options without a value, which may be joined, such as ``-xvs``; of these, ``-s`` is kept.
_JOINED = "xvqls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """How failed tests of a session are run again.

    Attributes:
        arguments: `pytest-args`, redacted.
        invocation: how pytest was started.
        root: pytest's rootdir, to which node ids are relative; without it they are shown as they are.
        repository: where the command is pasted.
    """

    arguments: Sequence[str] = ()
    invocation: Invocation = field(default_factory=Invocation)
    root: str = ""
    repository: Repository = field(default_factory=lambda: Repository(root=""))

    def section(self, nodeids: Sequence[str]) -> str:
        """Return the Markdown of the command, and how many of the node ids it has if not all; empty without any."""
        shown = _shown(nodeids)
        if not shown:
            return ""
        total = len(set(nodeids))
        remainder = f"\n\nShowing {len(shown)} of {total:,} node IDs." if len(shown) < total else ""
        return f"### Reproduce\n\n{fence(self.command(shown), language='sh')}{remainder}"

    def all_tests(self) -> str:
        """Return the command of the whole session, as it was started; empty if that is unknown."""
        if not self.invocation.folder:
            return ""
        seed = [] if self.invocation.seed is None else [f"--randomly-seed={self.invocation.seed}"]
        return " ".join([f"{self._change_folder()}pytest", *map(quote, [*self.arguments, *seed])])

    def command(self, nodeids: Sequence[str]) -> str:
        """Return the command for the first node ids: at most 20, each in a line of its own if there are several."""
        words = [*_kept_options(self.arguments, self.invocation.paths)]
        if self.invocation.seed is not None:
            words.append(f"--randomly-seed={self.invocation.seed}")
        shown = _shown(nodeids)
        if {"::" in nodeid for nodeid in shown} == {True, False} and _CONTINUE not in words:
            words.append(_CONTINUE)
        words += (
            self._configuration(shown) if not any(word.startswith(_CONFIGURATION_OPTIONS) for word in words) else []
        )
        tests = [quote(self._from_folder(nodeid)) for nodeid in shown]
        separator = " " if len(tests) == 1 else " \\\n  "
        start = " ".join([f"{self._change_folder()}pytest", *map(quote, words)])
        return separator.join([start, *tests])

    @property
    def _folder(self) -> str:
        return self.invocation.folder or self.root

    def _change_folder(self) -> str:
        if not self.root or not self.repository.root:
            return ""
        path = _relative(self._folder, self.repository.root)
        return "" if path == "." or path.startswith("..") else f"cd {quote(path)} && "

    def _from_folder(self, nodeid: str) -> str:
        """Return the node id with its path relative to the folder where pytest was started."""
        path, separator, name = nodeid.partition("::")
        if not self.root:
            return nodeid
        path = _relative(self._file(path), self._folder)
        return f"{'./' if path.startswith('-') else ''}{path}{separator}{name}"

    def _configuration(self, nodeids: Sequence[str]) -> list[str]:
        """Return the option for the configuration if pytest would find another, nearer to these tests."""
        used = self.repository.relative(self.invocation.configuration)
        files = [self.repository.relative(self._file(nodeid.partition("::")[0])) for nodeid in nodeids]
        tracked = [file for file in files if file]
        if not used or not tracked:
            return []
        folder = commonpath([dirname(file) for file in tracked])
        nearest = next(locations.configuration_candidates(self.repository.tracked, folder), used)
        is_found = dirname(nearest) == dirname(used)
        return [] if is_found else ["-c", _relative(self.invocation.configuration, self._folder)]

    def _file(self, path: str) -> str:
        """Return the absolute path of a node id's file.

        pytest names files outside of its rootdir relative to the path of its command line that led to them.
        """
        candidates = [normpath(join(self.root, path))]
        for given in self.invocation.paths or [self._folder]:
            base = normpath(join(self._folder, given.partition("::")[0]))
            candidates.append(normpath(join(base, path)))
        return next((file for file in candidates if self.repository.relative(file)), candidates[0])


def _shown(nodeids: Sequence[str]) -> list[str]:
    """Return the first node ids, each once; a very long one does not keep out all others."""
    shown, remaining_characters = list[str](), _MAX_CHARACTERS
    for nodeid in dict.fromkeys(filter(None, nodeids)):
        characters = len(quote(nodeid)) + 1
        if characters <= remaining_characters:
            shown.append(nodeid)
            remaining_characters -= characters
        if len(shown) == _MAX_NODEIDS:
            break
    return shown


def _kept_options(arguments: Sequence[str], paths: Sequence[str]) -> Iterator[str]:
    """Yield the options that matter, in order, with their values: the words that are neither options nor paths."""
    is_kept = True
    for word in _without_paths(arguments, paths):
        if not word.startswith("-"):
            if is_kept:
                yield word  # may be empty: `-m ''` overrides a marker expression
            continue
        if word.startswith("--"):
            name = word.partition("=")[0]
            is_kept = not (word == "--" or name in _LONG or name.startswith(_FAMILIES))
            kept = word if is_kept else ""
        else:
            last = word[1:].lstrip(_JOINED)  # the only one that may have a value
            captures = "s" if "s" in word[1 : len(word) - len(last)] else ""
            is_kept = last != "" and last[0] not in _SHORT
            kept = f"-{captures}{last if is_kept else ''}".removesuffix("-")
        if kept:
            yield kept


def _without_paths(arguments: Sequence[str], paths: Sequence[str]) -> list[str]:
    """Return the arguments without those that pytest took for paths."""
    words = [*arguments]
    for path in paths:
        positions = [position for position, word in enumerate(words) if word == path]
        # The value of an option may be the same word; options usually come first.
        free = [position for position in positions if position == 0 or not words[position - 1].startswith("-")]
        if positions:
            del words[(free or positions)[-1]]
    return words


def _relative(path: str, start: str) -> str:
    return relpath(join("/", path), join("/", start))
