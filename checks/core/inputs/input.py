"""What the table of inputs says of one input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from . import values


class Group(StrEnum):
    """The headings under which `docs/inputs.md` and ``--help`` list the inputs."""

    PROGRAM = "Program"
    CREDENTIALS = "Credentials"
    CHECK = "The check run"
    TESTS = "The tests"
    CONTENT = "What the check run shows"
    VERDICT = "Verdict"
    PUBLISH = "Publishing reports"
    MANUAL = "Manual checks"
    EVENTS = "Events"
    HIDDEN = "Set by the action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of the action.

    Attributes:
        name: as in `action.yml`.
        description: what it means, in one or two sentences, as `action.yml` and ``--help`` have it.
        details: more of it for `docs/inputs.md`: Markdown.
        default: as `action.yml` declares it, which may be an expression. Empty without a default.
        is_default_declared: whether `action.yml` declares it. If not, its `Settings` field says whether it is set.
        parse: from the text to the value of `field`; raises `InvalidValueError`.
        field: the attribute of `Settings` that it sets. Empty if `credentials` or `context` read the input.
    """

    name: str
    group: Group
    description: str
    details: str = ""
    default: str = ""
    is_default_declared: bool = True
    parse: Callable[[str], object] = values.text
    field: str = ""
