"""Records of made-up tests."""

from __future__ import annotations

from hypothesis import strategies as st

from checks.core.history.test_key import key
from checks.core.model.history import COLLECTION, Record, TestKey
from checks.core.model.item import StageName
from checks.core.model.session import CarriedOverCounts


def some_keys(number: int, name: str = "t") -> frozenset[TestKey]:
    """Return the keys of that many tests."""
    return frozenset(key(f"{name}[{index}]") for index in range(number))


def large_record(total: int, *, failures: int = 0, skips: int = 0, files: int = 100) -> Record:
    """Return the record of so many tests, all of which take a while."""
    failed, skipped = some_keys(failures, "failing"), some_keys(skips, "skipped")
    collected = some_keys(total - failures - skips) | failed | skipped
    return Record(
        counts=CarriedOverCounts(failed=failures, passed=total - failures - skips, skipped=skips),
        selection="9f3c52d1a0b4",
        total=total,
        failed={"call": failed} if failures else {},
        skipped=skipped,
        collected=collected,
        file_seconds={key(f"tests/test_{index}.py"): 0.5 + index for index in range(files)},
        test_seconds=dict.fromkeys(sorted(collected)[:500], 0.25),
    )


_KEYS = st.integers(0, 2**48 - 1)
_SETS = st.frozensets(_KEYS, max_size=40)
_SECONDS = st.dictionaries(_KEYS, st.integers(1, 2**32 - 1).map(lambda value: value / 1000), max_size=40)
_COUNT = st.integers(0, 999_999)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Draw a small record of any kind."""
    collected = draw(st.none() | _SETS)
    failed = draw(st.none() | st.dictionaries(st.sampled_from([COLLECTION, *map(str, StageName)]), _SETS))
    return Record(
        counts=CarriedOverCounts(
            failed=draw(_COUNT), passed=draw(_COUNT), skipped=draw(_COUNT), xfailed=draw(_COUNT), xpassed=draw(_COUNT)
        ),
        is_partial=draw(st.booleans()),
        selection=draw(st.sampled_from(["", "9f3c52d1a0b4"])),
        total=draw(st.integers(0, 100_000)) if collected is None else len(collected),
        failed=None if failed is None else {stage: keys for stage, keys in failed.items() if keys},
        skipped=draw(st.none() | _SETS),
        flaky=frozenset() if failed is None else draw(_SETS),
        quarantined=frozenset() if failed is None else draw(_SETS),
        collected=collected,
        file_seconds=draw(_SECONDS),
        test_seconds=draw(_SECONDS),
    )
