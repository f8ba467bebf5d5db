"""Save the failure report of a session in the workspace."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from ...core.failure_report import document, markdown
from ...core.failure_report.entry import Entry
from ...core.failure_report.report import ReportedCheck, Source, source_around
from ...core.model.check_run import Published
from ...core.model.job import Context
from ...core.model.verdict import Verdict
from ...core.redaction.source_lines import SourceLines, redacted_lines
from ...core.report.reproduce import Reproduction
from ...core.runner import workflow_commands
from .collector import ResultCollector
from .dependencies import Dependencies

#: Passes on what it receives, and may do something meanwhile.
Passing = Callable[[Iterable[bytes]], Iterator[bytes]]


@dataclass(frozen=True)
class FailureReport:
    """Saves the report of a session.

    `redact` is for source lines, since all other texts are redacted already. `reproduction` is how failed tests are
    run again.
    """

    collector: ResultCollector
    context: Context
    dependencies: Dependencies
    redact: Callable[[str], str]
    reproduction: Reproduction

    def save(
        self, name: str, published: Published | None, verdict: Verdict, passing: Passing = iter
    ) -> tuple[str, str]:
        """Save both files, and return their paths, empty if that fails: nothing else depends on them.

        `name` is that of the check, and `published` its check run as far as there is one.
        """
        try:
            return self._save(self._check(name, published, verdict), passing)
        except Exception:  # noqa: BLE001 - log it and continue
            self.dependencies.job.log(workflow_commands.bug(traceback.format_exc()))
            return "", ""

    def _save(self, check: ReportedCheck, passing: Passing) -> tuple[str, str]:
        failures = self.collector.failures
        causes = failures.causes(self._source, self._command)
        text = markdown.render(check, causes, missing=failures.missing)
        pieces = document.pieces(check, causes, failures.blocks(), missing=failures.missing)
        return self.dependencies.reports.save_failures(check.name, text, passing(pieces))

    def _check(self, name: str, published: Published | None, verdict: Verdict) -> ReportedCheck:
        return ReportedCheck(
            name=name,
            conclusion=verdict.conclusion.value,
            title=verdict.title,
            remarks=tuple(remark for remark in verdict.remarks if str(remark)),
            repository=self.context.repository,
            commit=self.context.head_sha,
            pull_request=self.context.pull_request,
            is_fork=self.context.is_fork,
            command=self.reproduction.all_tests(),
            page=published.page if published and self.context.repository else "",  # a preview's is a file
        )

    @cached_property
    def _source_lines(self) -> SourceLines:
        return cache(redacted_lines(self.dependencies.workspace.source_lines, self.redact))

    def _source(self, first: Entry) -> Source:
        if self.collector.repository.is_elsewhere:
            return Source()
        return source_around(self._source_lines(first.path), first.line)

    def _command(self, first: Entry) -> str:
        return self.reproduction.command([first.nodeid])
