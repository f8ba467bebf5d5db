"""Quote a name as people can write it in a command."""

from __future__ import annotations

import re

from .escape import code_span, one_line

#: A word that Markdown leaves alone and that begins with no quotation mark.
_WORD = re.compile(r"\w[\w.:/+-]*")
#: The same with blanks and brackets, in quotation marks.
_WORDS = re.compile(r"[\w.:/+()#, -]+")


def quoted_name(name: str) -> str:
    """Return the name for a command, in quotation marks or as code if it needs them. `parse` reads it back."""
    line = one_line(name)
    if _WORD.fullmatch(line):
        return line
    return f"'{line}'" if _WORDS.fullmatch(line) else code_span(line)
