from __future__ import annotations

import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support import needs
from tests.support.rules import rule
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


def certificate(folder: Path, name: str) -> Path:
    """Return the path of a self-signed certificate with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
        """Quiet."""


@contextmanager
def served(certificate: Path) -> Iterator[str]:
    """Yield the URL of a server with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


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
