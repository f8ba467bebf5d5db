"""Our words: what is concluded from a session, and the sentences that say why."""

from __future__ import annotations

from dataclasses import dataclass

from .check_run import Conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence for people, and what it speaks of.

    `text` is ours, a line of plain text in which back-ticks enclose code; `quoted` is anybody's (node ids, output,
    reasons; one line or many), so that whoever shows it shows it as code.
    """

    text: str
    quoted: str = ""

    def __str__(self) -> str:
        return f"{self.text}\n{self.quoted}" if self.quoted else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a check run ends: `title` names all that happened, `remarks` say what it was and what to do."""

    conclusion: Conclusion
    title: str
    remarks: tuple[Remark, ...] = ()
