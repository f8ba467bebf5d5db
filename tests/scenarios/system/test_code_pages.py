"""Code that root's tests write into the action's libraries, in place, does not run in its process."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import needs
from tests.support.rules import rule

ROOT = Path(__file__).parents[3]

#: Asks its own library for the version, has its file changed, asks again, and then imports and works on.
RUNNING = """
import ctypes, re, sys
from pathlib import Path
from checks.adapters.system.code_pages import CodePages

pages = CodePages()
if sys.argv[2] == "mapped later":
    pages.start()
    pages.complete()
path = Path(sys.argv[1])
library = ctypes.CDLL(str(path))
library.zlibVersion.restype = ctypes.c_char_p
if sys.argv[2] == "copied":
    pages.start()
if sys.argv[2] != "not copied":
    assert pages.complete()
before = library.zlibVersion()
changed = path.read_bytes().replace(before, b"x" * len(before))
with path.open("r+b") as file:
    file.write(changed)
print(library.zlibVersion() == before)

import hashlib, json, ssl, threading
thread = threading.Thread(target=ssl.create_default_context)
thread.start()
thread.join()
print(json.dumps(hashlib.sha256(b"").hexdigest())[1:5])
"""


@rule("Reading the action's secrets: changed code in the library files that the action runs")
@pytest.mark.parametrize(("how", "expected"), [("copied", "True"), ("mapped later", "True"), ("not copied", "False")])
def test_writing_to_a_library_does_not_change_loaded_code(how: str, expected: str, tmp_path: Path) -> None:
    needs.linux()
    mapped = subprocess.run(
        [sys.executable, "-c", "import zlib; print(open('/proc/self/maps').read())"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"/\S+/libz\.so\S*", mapped.stdout) or needs.missing("zlib is no library of its own here")
    shutil.copy(found[0], tmp_path / "libz.so")
    command = [sys.executable, "-c", RUNNING, str(tmp_path / "libz.so"), how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.returncode) == ([expected, "e3b0"], 0), done.stderr


def test_mapped_pages_keep_their_protection() -> None:
    needs.linux()
    script = """
import re
from checks.adapters.system.code_pages import CodePages

def protections():
    text = open("/proc/self/maps").read()
    return [found.groups() for found in re.finditer(r"^(\\\\S+) (\\\\S+) .* (/\\\\S+)$", text, re.M)]

first, second = CodePages(), CodePages()
first.start()
assert first.complete()  # imports what it needs
before = protections()
second.start()
assert second.complete()
assert len(before) > 10
print(before == protections(), any("w" in kind and "x" in kind for _, kind, _ in before))
"""
    command = [sys.executable, "-c", script.replace("\\\\", "\\")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "True False\n", done.stderr
