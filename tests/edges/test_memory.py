"""What is read from outside may be of any size: our process stays small, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import needs
from tests.support.rules import rule

#: It is some 30 MiB before it reads anything; unbounded, each of these takes gigabytes.
MOST_MEBIBYTES = 1_000
MEASURED = """
import resource, sys
from pathlib import Path
from tests.edges.running import peak_mebibytes
folder = Path(sys.argv[1])
{reads}
print(peak_mebibytes())
"""
REPORT = """
from checks.adapters.reports.report_file import ReportFile
path = folder / "report.json"
with path.open("w") as file:
    file.write('{"tests": [')
    %s
    file.write('{}], "check_runs_session": ""}')
"""
MANY_LARGE = REPORT % """for _ in range(60): file.write('{"call": {"longrepr": "' + "x" * 8_000_000 + '"}},')"""
READS = {
    "a report with one list of 500 MB": REPORT
    % """file.write('['); [file.write('[],' * 333_333) for _ in range(500)]; file.write('[]],')"""
    + "assert [*ReportFile(path).members()] == []",
    "a report with 160 million members": REPORT % """for _ in range(500): file.write('[],' * 333_333)"""
    + "assert sum(1 for _ in ReportFile(path).members()) == 1_500_000",
    "a report with a text of 500 MB": REPORT % """file.write('"'); [file.write('x' * 1_000_000) for _ in range(500)]"""
    + "assert [*ReportFile(path).members()] == []",
    "a report of large tests that is kept": MANY_LARGE
    + "from checks.core.results.saved_report import pieces\n"
    + "for _ in pieces(ReportFile(path).members(), lambda value: value): pass",
    "a report of large tests that is told": MANY_LARGE
    + "from checks.core.results.session_builder import Fold\nFold(lambda value: value).add(ReportFile(path).members())",
    "source files of 10 MB": """
from checks.adapters.pytest_process.sources import Sources
sources = Sources(folder)
for number in range(10):
    (folder / f"{number}.py").write_text(f"@{number}\\n" * 3_000_000)
    sources.definition(f"{number}.py", 1)
""",
    "annotations that a full disk does not take": """
from checks.adapters.system.spool import FileSpool
from checks.core.model.check_run import Annotation, AnnotationLevel
spool = FileSpool()
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
for number in range(5_000):
    text = f"{number}" + "x" * 250_000
    failure = AnnotationLevel.FAILURE
    spool.put(Annotation(path="a.py", line=1, level=failure, title=text, message=text, raw_details=text))
kept = spool.get(-5_000)
assert (kept.path, kept.title[:4], len(kept.title)) == ("a.py", "4999", 1_000)
""",
}


@rule("The tests' side: files of any size and number: reports")
@pytest.mark.slow
@pytest.mark.parametrize("reads", READS.values(), ids=READS)
def test_what_is_read_does_not_fill_our_memory(tmp_path: Path, reads: str) -> None:
    needs.linux()
    command = [sys.executable, "-c", MEASURED.format(reads=reads), str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(done.stdout) < MOST_MEBIBYTES
