"""The verdict on a session: conclusion, title and remarks."""

from __future__ import annotations

from dataclasses import dataclass

from .check_run import Conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence for users, with what it refers to.

    Attributes:
        text: a line of plain text, with code between backticks.
        quoted: untrusted text (node ids, output, reasons) of one or more lines, to be shown as code.
        page: the URL to link to.
    """

    text: str
    quoted: str = ""
    page: str = ""

    def __str__(self) -> str:
        return "\n".join(filter(None, [self.text, self.quoted, self.page]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The conclusion of a check run and the reasons for it.

    Attributes:
        title: names everything that happened.
        remarks: say what happened and what to do.
        is_complete: whether every selected test finished and the results are reliable.
        tests_passed: whether pytest passed although the conclusion does not, because results are missing.
        merge_sha: the tested commit if it is the merge of the reported one, else empty.
        fails_step: whether the step fails even with `fail-job: false`.
    """

    conclusion: Conclusion
    title: str
    remarks: tuple[Remark, ...] = ()
    is_complete: bool = False
    tests_passed: bool = False
    merge_sha: str = ""
    fails_step: bool = False
