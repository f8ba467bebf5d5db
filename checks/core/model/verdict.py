"""Our words: what is concluded from a session, and the sentences that say why."""

from __future__ import annotations

from dataclasses import dataclass

from .check_run import Conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence for people, and what it speaks of.

    `text` is ours, a line of plain text in which back-ticks enclose code; `quoted` is anybody's (node ids, output,
    reasons; one line or many), so that whoever shows it shows it as code. `page` is the address it speaks of.
    """

    text: str
    quoted: str = ""
    page: str = ""

    def __str__(self) -> str:
        return "\n".join(filter(None, [self.text, self.quoted, self.page]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a check run ends.

    Attributes:
        title: names all that happened.
        remarks: say what it was and what to do.
        is_complete: whether every test that was to run came to its end, and nothing else speaks against the results.
        tests_passed: whether pytest passed although the conclusion does not: only its results are missing.
        merge_sha: the commit that was tested where it is the merge of the reported one, else empty.
        fails_step: whether the step fails whatever `fail-job` says.
    """

    conclusion: Conclusion
    title: str
    remarks: tuple[Remark, ...] = ()
    is_complete: bool = False
    tests_passed: bool = False
    merge_sha: str = ""
    fails_step: bool = False
