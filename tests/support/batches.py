"""Annotations in batches as GitHub accepts them, for tests that send all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from checks.core.model.check_run import Annotation
from checks.core.model.limits import ANNOTATIONS_PER_REQUEST


def batches(annotations: Iterable[Annotation]) -> Iterator[tuple[Annotation, ...]]:
    """Yield the annotations in order, in tuples of at most 50, which is what GitHub accepts in one request."""
    remaining = iter(annotations)
    while batch := tuple(islice(remaining, ANNOTATIONS_PER_REQUEST)):
        yield batch
