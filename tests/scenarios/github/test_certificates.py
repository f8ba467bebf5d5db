from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import needs
from tests.support.rules import rule
from tests.support.tls import certificate, served
from tests.support.waits import HANG_SECONDS

ROOT = Path(__file__).parents[3]

#: Loads the bundle, replaces the trusted file, and connects to a server that only the new file certifies.
TRUSTING = """
import sys
from pathlib import Path

import requests

from checks.adapters.github import certificates as trust

bundle = trust.bundle()
requests.get(sys.argv[1], verify=bundle, timeout=120)
Path(sys.argv[3]).write_bytes(Path(sys.argv[4]).read_bytes())
requests.get(sys.argv[2], timeout=120)
try:
    requests.get(sys.argv[2], verify=bundle, timeout=120)
except requests.exceptions.SSLError:
    print("refused")
"""


@rule("Reading the action's secrets: their own certificate among the trusted ones, and GitHub's name in /etc/hosts")
def test_certificate_added_later_is_not_trusted(tmp_path: Path) -> None:
    needs.linux()
    theirs, forged = certificate(tmp_path, "theirs"), certificate(tmp_path, "forged")
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(theirs.read_bytes())
    with served(theirs) as true, served(forged) as false:
        done = subprocess.run(
            [sys.executable, "-c", TRUSTING, true, false, str(bundle), str(forged)],
            cwd=ROOT,
            env={"REQUESTS_CA_BUNDLE": str(bundle)},
            capture_output=True,
            text=True,
            check=False,
            timeout=HANG_SECONDS,
        )
    assert (done.stdout, done.returncode) == ("refused\n", 0), done.stderr


@pytest.mark.parametrize("name", ["no-such-file", "."])
def test_bundle_path_that_is_no_file_is_not_copied(name: str, tmp_path: Path) -> None:
    script = "from checks.adapters.github import certificates as trust; print(trust.bundle(), end='')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"REQUESTS_CA_BUNDLE": str(tmp_path / name)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout) == tmp_path / name
