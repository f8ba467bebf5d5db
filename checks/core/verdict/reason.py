"""One reason for the conclusion of a check run."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.check_run import Conclusion
from ..model.verdict import Remark


@dataclass(frozen=True, slots=True, kw_only=True)
class ConclusionReason:
    """One reason for a conclusion.

    Attributes:
        conclusion: the conclusion that this reason alone would lead to.
        name: its name in the title; may be empty.
        remarks: sentences for the summary.
        tests_passed: whether the tests passed although `conclusion` does not.
        ranks_as: the conclusion whose rank it has among several reasons; None for its own.
    """

    conclusion: Conclusion
    name: str = ""
    remarks: tuple[Remark, ...] = ()
    tests_passed: bool = False
    ranks_as: Conclusion | None = None
