"""Hold the findings of failed subtests until it is known whether their attempt is repeated."""

from __future__ import annotations

from dataclasses import replace

from .stream import Finding

#: Beyond this size of tracebacks and output, findings are held without them.
_HELD_CHARACTERS = 8 * 1024 * 1024


class HeldFindings:
    """Findings by the number of their test."""

    def __init__(self) -> None:
        self._findings: dict[int, list[Finding]] = {}
        self._characters = 0

    def hold(self, number: int, finding: Finding) -> None:
        """Hold a finding of a test's subtest."""
        characters = _characters(finding)
        if self._characters + characters > _HELD_CHARACTERS:
            finding, characters = _shortened(finding), 0
        self._characters += characters
        self._findings.setdefault(number, []).append(finding)

    def release(self, number: int) -> list[Finding]:
        """Return what is held for a test, and forget it."""
        findings = self._findings.pop(number, [])
        self._characters -= sum(map(_characters, findings))
        return findings

    def release_all(self) -> list[Finding]:
        """Return everything that is held, and forget it."""
        return [finding for number in [*self._findings] for finding in self.release(number)]


def _characters(finding: Finding) -> int:
    details = finding.stage.details if finding.stage else None
    return 0 if details is None else details.text_characters


def _shortened(finding: Finding) -> Finding:
    if finding.stage is None or finding.stage.details is None:
        return finding
    stage = replace(finding.stage, details=finding.stage.details.without_texts())
    return Finding(item=replace(finding.item, stages=(stage,)), stage=stage)
