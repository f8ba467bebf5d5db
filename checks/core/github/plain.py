"""An annotation that GitHub refuses -> the same in characters that nobody can refuse."""

from __future__ import annotations

import re
from dataclasses import replace

from ..model.check_run import Annotation

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def plain(annotation: Annotation) -> Annotation:
    r"""Its texts in printable ASCII, line ends and tabs; other characters as Python writes them, ``\xe9``."""
    return replace(
        annotation,
        title=_ascii(annotation.title),
        message=_ascii(annotation.message),
        raw_details=_ascii(annotation.raw_details),
    )


def _ascii(text: str) -> str:
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text.encode("ascii", "backslashreplace").decode())
