"""A sentence below a check run's summary, which makes room for it: what was found out while the run was being sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..model.check_run import Output
from ..model.limits import ANNOTATIONS_PER_REQUEST, OUTPUT_TEXT_BYTES
from ..text.ansi import visible
from ..text.escape import code_span
from ..text.truncate import truncate_characters, truncate_markdown

#: Where a bug of ours keeps annotations from being sent.
OF_A_BUG = (
    "A bug of this action kept annotations from being sent: the job summary has all results, and the job log the "
    "traceback to report."
)
_PLACES_NAMED = 5
_PLACE_CHARACTERS = 200


def with_postscript(output: Output, markdown: str) -> Output:
    """The output with `markdown` below its summary, within the limit; as it was where that is empty."""
    if not markdown:
        return output
    room_bytes = OUTPUT_TEXT_BYTES - len(markdown.encode()) - 2
    return replace(output, summary=f"{truncate_markdown(visible(output.summary), room_bytes)}\n\n{markdown}")


def of_haste(waiting: int) -> str:
    """What becomes of so many annotations where the job is cancelled; empty where the completion carries them all."""
    if waiting <= ANNOTATIONS_PER_REQUEST:
        return ""
    return (
        f"When the job was cancelled {waiting:,} annotations were still to be sent: the most important came first, and "
        "those for which there was no time are missing."
    )


def of_refused(*, mended: Sequence[str], left_out: Sequence[str]) -> str:
    """What GitHub did not take as it was, by places such as ``a.py:7``; empty where it took all."""
    return "  \n".join(_of_refused(mended, left_out))


def _of_refused(mended: Sequence[str], left_out: Sequence[str]) -> Iterator[str]:
    if left_out:
        yield f"GitHub did not take {_number(left_out)}, which {_verb(left_out)} left out: {_places(left_out)}."
    if mended:
        yield f"GitHub took {_number(mended)} only in plain characters: {_places(mended)}."


def _number(places: Sequence[str]) -> str:
    return "1 annotation" if len(places) == 1 else f"{len(places):,} annotations"


def _verb(places: Sequence[str]) -> str:
    return "is" if len(places) == 1 else "are"


def _places(places: Sequence[str]) -> str:
    named = ", ".join(code_span(truncate_characters(place, _PLACE_CHARACTERS)) for place in places[:_PLACES_NAMED])
    more = len(places) - _PLACES_NAMED
    return f"{named} and {more:,} more" if more > 0 else named
