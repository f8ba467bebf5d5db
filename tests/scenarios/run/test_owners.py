"""The owners of failures, from the CODEOWNERS file of a checkout to the check run and the outputs."""

from __future__ import annotations

import json

from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import JobOf

FILES = {
    ".github/CODEOWNERS": "* @octo/all\n/shop/ @octo/shop shop@example.com  # money\n/free/\n",
    "shop/shop.py": "def price(tea): return {}[tea]\n",
    "shop/__init__.py": "",
    "free/test_free.py": "import shop.shop\n\n\ndef test_price(): shop.shop.price('x')\n\n\ndef test_own(): assert 0\n",
    "test_a.py": "import os\n\n\ndef test_ok(): pass\n\n\ndef test_own(): assert 0\n\n\ndef test_z(): os._exit(1)\n",
    "pytest.ini": "[pytest]\npythonpath = .\n",
}


@rule("Owners: owners in annotations")
@rule("Owners: a test that was running when its process ended")
@rule("Owners: an owner that redact matches")
def test_owners_are_in_details_summary_and_outputs(job_of: JobOf, github: GithubServer) -> None:
    # The tests cannot change who is named: the file is read before.
    change = {"conftest.py": "import pathlib\n\npathlib.Path('.github/CODEOWNERS').write_text('* @evil')\n"}
    result = job_of({**FILES, **change}).run(redact=r"\S+@example\.com")
    owners = {
        annotation["title"]: [line for line in annotation["raw_details"].splitlines() if line.startswith("Owners:")]
        for annotation in github.annotations()
        if annotation["annotation_level"] == "failure"
    }
    assert owners == {
        "free/test_free.py::test_price": ["Owners: @octo/shop ***"],
        "free/test_free.py::test_own": [],
        "test_a.py::test_own": ["Owners: @octo/all"],
        "test_a.py::test_z": ["Owners: @octo/all"],
    }
    assert "<code>@octo/shop ***</code>" in github.run["output"]["summary"]
    assert json.loads(result.outputs["owners"]) == {
        "@octo/shop": ["free/test_free.py::test_price"],
        "***": ["free/test_free.py::test_price"],
        "@octo/all": ["test_a.py::test_own"],
    }
