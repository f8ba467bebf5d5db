"""The image from the unchanged Dockerfile, against a server that behaves like GitHub."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Callable

from tests.github_server import GithubServer
from tests.image.job import IMAGE, ROOT, RUNNER, Job

Start = Callable[[dict[str, str]], Job]

MOST_MEGABYTES_ABOVE_THE_BASE = 220

PASSING = {"tests/test_shop.py": "def test_open():\n    pass\n\n\ndef test_tea():\n    pass\n"}
FAILING = {
    "shop.py": "def price(tea):\n    raise LookupError(f'no {tea} here')\n",
    "test_shop.py": "import shop\n\n\ndef test_price():\n    shop.price('Assam')\n",
}
HANGING = {
    "test_shop.py": "import time\n\n\ndef test_open():\n    pass\n\n\ndef test_closing_time():\n    time.sleep(60)\n",
}

#: Run by the tests' process, as root: every way to our secrets that a test has.
PRYING = """
import os
from pathlib import Path

import pytest

US = Path("/proc", str(os.getppid()))
KEY = b"PRIVATE" + b" KEY"


def test_our_command_is_our_parent():
    assert b"checks-run" in (US / "cmdline").read_bytes()


@pytest.mark.parametrize("name", ["environ", "mem", "maps", "auxv"])
def test_our_process_is_closed(name):
    with pytest.raises(PermissionError):
        (US / name).open("rb").read(1)


@pytest.mark.parametrize("name", ["fd", "fdinfo", "map_files"])
def test_our_descriptors_are_closed(name):
    with pytest.raises(PermissionError):
        os.listdir(US / name)


def test_the_environment_has_nothing():
    assert [name for name in os.environ if name.startswith(("INPUT_", "STATE_", "CHECKS_"))] == []
    assert not any(KEY in value for value in os.environb.values())


def test_no_file_has_anything():
    folders = map(Path, ["/github", "/tmp", "/root", "/run", "/var/tmp"])
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    assert [path for path in files if KEY in path.read_bytes()] == []
"""


def test_a_passing_project(job: Start, github: GithubServer) -> None:
    started = job(PASSING)
    ran = started.run()
    assert (ran.exit_status, ran.outputs["conclusion"], ran.outputs["total"]) == (0, "success", "2")
    assert (github.run["name"], github.run["head_sha"]) == ("pytest", started.sha)
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "success")
    assert [(note["path"], note["start_line"]) for note in github.annotations()] == [
        ("tests/test_shop.py", 1),
        ("tests/test_shop.py", 5),
    ]
    assert "2 passed" in ran.summary
    assert {path.stat().st_uid for path in started.workspace.rglob("*")} == {RUNNER}


def test_a_failing_project(job: Start, github: GithubServer) -> None:
    ran = job(FAILING).run()
    assert (ran.exit_status, ran.outputs["conclusion"], ran.outputs["failed"]) == (1, "failure", "1")
    assert json.loads(ran.outputs["failed-tests"]) == ["test_shop.py::test_price"]
    (annotation,) = github.annotations()
    assert (annotation["path"], annotation["start_line"]) == ("shop.py", 2)
    assert annotation["message"] == "LookupError: no Assam here"


def test_install_puts_packages_into_the_environment_of_the_tests(job: Start, github: GithubServer) -> None:
    started = job({"test_tea.py": "import tea\n\n\ndef test_tea():\n    assert tea.KINDS == 6\n"})
    with zipfile.ZipFile(started.workspace / "tea-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tea.py", "KINDS = 6\n")
        wheel.writestr("tea-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tea\nVersion: 1.0\n")
        wheel.writestr("tea-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tea-1.0.dist-info/RECORD", "")
    ran = started.run(
        install="pip install --no-index ./tea-1.0-py3-none-any.whl\nuv pip show tea\npython -c 'import tea'"
    )
    assert (ran.exit_status, github.run["conclusion"]) == (0, "success")


def test_working_directory_and_category(job: Start, github: GithubServer) -> None:
    job({f"services/shop/{path}": text for path, text in FAILING.items()}).run(
        working_directory="services/shop", category="unit"
    )
    assert (github.run["name"], github.run["conclusion"]) == ("pytest (unit)", "failure")
    assert [note["path"] for note in github.annotations()] == ["services/shop/shop.py"]


def test_a_cancelled_run_completes_within_the_grace(job: Start, github: GithubServer) -> None:
    ran = job(HANGING).run("--signals=5:INT,7.5:TERM,2.5:KILL")
    assert "--- sent SIGINT" in ran.log
    assert "--- sent SIGKILL" not in ran.log
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "cancelled")
    assert "test_open" in json.dumps(github.annotations())


def test_the_post_step_completes_what_a_killed_main_step_left(job: Start, github: GithubServer) -> None:
    ran = job(HANGING).run("--signals=5:KILL")
    assert "--- sent SIGKILL" in ran.log
    assert github.run["status"] == "completed"
    assert github.run["conclusion"] != "success"
    assert len(github.runs) == 1


def test_a_test_cannot_read_our_secrets(job: Start, github: GithubServer) -> None:
    ran = job({"test_prying.py": PRYING}).run()
    assert (ran.exit_status, github.run["conclusion"]) == (0, "success")
    told = ran.log + json.dumps([request.body for request in github.requests])
    assert [line for line in github.app.private_key.splitlines() if line in told] == []
    assert [token for token in github.world.tokens if token in told] == []


def test_the_image_is_small() -> None:
    base = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[-1]
    assert megabytes(IMAGE) - megabytes(base) <= MOST_MEGABYTES_ABOVE_THE_BASE


def megabytes(image: str) -> float:
    listed = subprocess.run(["buildah", "images", "--json", image], check=True, capture_output=True, text=True)
    number, unit = json.loads(listed.stdout)[0]["size"].split()
    return float(number) * {"kB": 0.001, "MB": 1, "GB": 1000}[unit]
