"""Input of any size does not make the action's process large, measured in a separate process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import needs
from tests.support.rules import rule

#: The process has about 30 MiB before it reads anything; without limits each case takes gigabytes.
MAX_MEBIBYTES = 1_000
READ_SCRIPT = """
import resource, sys
from pathlib import Path
from tests.support.runner.running import peak_mebibytes
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
    "a report of large tests that is published": MANY_LARGE
    + "from checks.core.results.session_builder import SessionBuilder\n"
    + "SessionBuilder(lambda value: value).add(ReportFile(path).members())",
    "source files of 10 MB": """
from checks.adapters.pytest_process.sources import Sources
sources = Sources(folder, {f"{number}.py" for number in range(10)})
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
    key = spool.put(Annotation(path="a.py", line=1, level=failure, title=text, message=text, raw_details=text))
kept = spool.get(key)
assert (kept.path, kept.title[:4], len(kept.title)) == ("a.py", "4999", 1_000)
""",
}


@rule("The tests' side: files of any size and number: reports,")
@pytest.mark.slow
@pytest.mark.parametrize("reads", READS.values(), ids=READS)
def test_reading_files_of_any_size_takes_bounded_memory(tmp_path: Path, reads: str) -> None:
    needs.linux()
    command = [sys.executable, "-c", READ_SCRIPT.format(reads=reads), str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(done.stdout) < MAX_MEBIBYTES


#: Feeds more than the results of any session, 1 MiB per line, and prints its memory.
FEED_SCRIPT = """
import json
from tests.support.runner.running import peak_mebibytes
from checks.core.results.session_builder import SessionBuilder
fold = SessionBuilder(lambda entry: entry)
text = "x" * 2**20
for number in range(1500):
    {line}
    fold.feed([json.dumps({{"seq": number, **entry}}).encode()])
print(peak_mebibytes(), fold.session().lost_records)
"""
STAGE = "dict(event='stage', test=0, when='call', outcome='failed', %s)"
HUGE = {
    "holes": "entry = dict(event='test', test=number * 1_000_000, nodeid='t')",
    "node ids": "entry = dict(event='test', test=number, nodeid=text + str(number))",
    "messages": "entry = %s if number else dict(event='test', test=0, nodeid='t')"
    % (STAGE % "message=text + str(number)"),
    "places": "entry = %s if number else dict(event='test', test=0, nodeid='t')"
    % (STAGE % "places=[[text + str(number), 1]]"),
    "warnings": "entry = dict(event='warning', message=text + str(number))",
    "collectors": "entry = dict(event='collector', nodeid=text + str(number), outcome='failed')",
    "missing": "entry = dict(event='missing', titles=[text + str(number)])",
}


@rule("The tests' side: results of any size and number")
@pytest.mark.parametrize(
    "line", [pytest.param(HUGE[name], id=name, marks=[] if name == "holes" else pytest.mark.slow) for name in HUGE]
)
def test_results_stay_within_their_memory_budget(line: str) -> None:
    needs.linux()
    command = [sys.executable, "-c", FEED_SCRIPT.format(line=line)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    mebibytes, lost = map(int, done.stdout.split())
    assert mebibytes < 800
    assert lost > 0
