"""The text below a check run's summary, about problems while it was sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..model.check_run import Output
from ..model.limits import OUTPUT_TEXT_BYTES
from ..text.ansi import visible
from ..text.escape import code_span
from ..text.join import and_more
from ..text.truncate import truncate_characters, truncate_markdown

#: The footer if a bug in this action prevents the upload of annotations.
UNSENT_BY_A_BUG = (
    "Some annotations could not be sent (a bug in this action). The job summary has all results. "
    "Report this bug with the traceback from the job log."
)
_LOCATIONS_SHOWN = 5
_LOCATION_CHARACTERS = 200


def with_footer(output: Output, markdown: str) -> Output:
    """Return the output with `markdown` (may be empty) below its summary, which is truncated to make room.

    An earlier footer is kept.
    """
    if not markdown:
        return output
    body = visible(output.summary.removesuffix(output.footer))
    footer = output.footer + f"\n\n{markdown}"
    return replace(
        output, summary=truncate_markdown(body, OUTPUT_TEXT_BYTES - len(footer.encode())) + footer, footer=footer
    )


def annotation_progress(*, annotated: int, failures: int, others_waiting: int, others_left_out: int) -> str:
    """Return the footer of a completed run whose annotations are not all sent; empty if they are.

    `annotated` of the `failures` have an annotation; `others_waiting` are the notices and warnings to be sent.
    """
    sentences = []
    if annotated < failures:
        sentences.append(f"{annotated:,} of {failures:,} failures annotated.")
    elif others_waiting:
        sentences.append(f"Notices and warnings that are not sent yet: {others_waiting:,}.")
    if others_left_out:
        sentences.append(f"Notices and warnings left out because of GitHub's rate limits: {others_left_out:,}.")
    return " ".join(sentences)


def rejected_annotations(*, escaped: Sequence[str], rejected: Sequence[str]) -> str:
    """Return the footer for annotations that GitHub accepted only escaped, or `rejected`, by location."""
    return "  \n".join(_rejection_sentences(escaped, rejected))


def _rejection_sentences(escaped: Sequence[str], rejected: Sequence[str]) -> Iterator[str]:
    if rejected:
        yield f"GitHub rejected {_count(rejected)}, which {_verb(rejected)} missing here: {_listed(rejected)}."
    if escaped:
        yield f"GitHub accepted {_count(escaped)} only with non-ASCII characters escaped: {_listed(escaped)}."


def _count(locations: Sequence[str]) -> str:
    return "1 annotation" if len(locations) == 1 else f"{len(locations):,} annotations"


def _verb(locations: Sequence[str]) -> str:
    return "is" if len(locations) == 1 else "are"


def _listed(locations: Sequence[str]) -> str:
    shown = ", ".join(
        code_span(truncate_characters(location, _LOCATION_CHARACTERS)) for location in locations[:_LOCATIONS_SHOWN]
    )
    return and_more(shown, len(locations) - _LOCATIONS_SHOWN)
