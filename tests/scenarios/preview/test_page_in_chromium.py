"""The page in a real browser, measured by `measure.html`; the test server receives all requests."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable, Sequence
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from checks.core.preview import page
from tests.support import needs
from tests.support.bodies import ATTACKS, annotation, check_run
from tests.support.rules import rule
from tests.support.waits import HANG_SECONDS

PHONE = 360
DESK = 1280
LIGHT = "--blink-settings=preferredColorScheme=1"
DARK = "--blink-settings=preferredColorScheme=0"
#: https://www.w3.org/TR/WCAG22/#contrast-minimum
MIN_CONTRAST = 4.5
#: The first screen's on an idle machine; a slow and busy one takes longer.
MAX_SECONDS = 10.0

CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--dump-dom",
]
#: Requests that Chromium makes despite these flags.
BACKGROUND_REQUESTS = re.compile(r"(?:https?://)?[\w.-]+\.(?:google|googleapis|gstatic|gvt1)\.com[:/]")


class Server(ThreadingHTTPServer):
    """Serves the two pages; as the browser's proxy, refuses and records all other requests."""

    def __init__(self, html: Sequence[str], width: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self._frame = Path(__file__).with_name("measure.html").read_text("utf-8").replace("WIDTH", str(width))
        self._html = html
        self.loads = 0
        self.requested: list[str] = []

    def content(self, path: str) -> str | None:
        """Return a page; if the measured one is loaded again, the next of its versions."""
        if path == "http://page.test/page":
            self.loads += 1
            return self._html[min(self.loads, len(self._html)) - 1]
        return self._frame if path == "http://page.test/" else None


class Handler(BaseHTTPRequestHandler):
    """One request of the browser."""

    server: Server

    def do_GET(self) -> None:
        content = self.server.content(self.path)
        if content is None:
            self.refuse()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(content.encode())

    def refuse(self) -> None:
        if not BACKGROUND_REQUESTS.match(self.path):
            self.server.requested.append(self.path)
        self.send_error(404)

    do_CONNECT = do_POST = refuse  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


Visit = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """Return a function that opens HTML in Chromium and returns the measurements.

    They include the requests (``asked``), the console output (``console``) and how often the page was loaded
    (``loads``). Of several versions, each load gets the next one.
    """
    chromium = needs.chromium()

    def visit(html: str | Sequence[str], width: int, *flags: str) -> dict[str, Any]:
        profile = tmp_path_factory.mktemp("profile")
        with Server([html] if isinstance(html, str) else html, width) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            proxy = f"--proxy-server=http://127.0.0.1:{server.server_port}"
            command = [chromium, *CHROMIUM, *flags, proxy, f"--user-data-dir={profile}", "http://page.test/"]
            run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=HANG_SECONDS, check=True)
            server.shutdown()
        measured = re.search('<pre id="found">(.+)</pre>', run.stdout)
        assert measured, run.stderr[-2000:]
        console = re.findall(r"CONSOLE.*", run.stderr)
        found = json.loads(unescape(measured[1]))
        return {**found, "asked": server.requested, "console": console, "loads": server.loads}

    return visit


def full_page() -> str:
    """Return a page with all elements, and attacks in every untrusted field."""
    long = "tests/test_cart.py::test_total[" + "x" * 300 + "]"
    traceback = "\n".join(
        f"tests/test_cart.py:{line}: in test_total\n  > {'assert total(cart) == 1 ' * 9}\n      value = 1\nE   Error"
        for line in range(9)
    )
    counts = ["passed", "failed", "errors", "skipped", "xfailed", "xpassed", "rerun", "flaky"]
    table = f"| {' | '.join(counts)} |\n{'|---:' * 8}|\n{'| 1,234 ' * 8}|"
    diff = f"```diff\n-E\n!>\n#v\n@@ p @@\n+x\n{traceback}\n```"
    failures = f"<details><summary><a href='https://x.test'><code>{long}</code></a></summary>\n\n{diff}\n\n</details>"
    run = check_run(
        conclusion="success",  # the only colour that annotations do not use
        title=f"3 failed {long}",
        summary=f"{table}\n\n### Failures\n\n{failures}\n\n> quoted\n\n`pytest '{long}'`\n\n---\n\n"
        + "\n\n".join(ATTACKS.values()),
        text="\n\n".join(reversed(ATTACKS.values())),  # unclosed elements hide the following text
        actions=[
            {"label": long[:20], "description": attack, "identifier": "x"} for attack in list(ATTACKS.values())[:3]
        ],
    )
    levels = ["failure", "failure", "warning", "notice", "notice"]
    annotations = [
        annotation(
            level,
            f"{long}{attack}",
            path=f"{path}{attack}.py",
            message=f"{long} {attack}",
            raw_details=f"{traceback}{attack}",
        )
        for path, attack in [("a" * 200, ""), *ATTACKS.items()]
        for level in levels
    ]
    return "".join(page.html(run, annotations, lambda _: [f"line {number} {long}" for number in range(1, 10)]))


@pytest.fixture(
    scope="module",
    params=[(PHONE, LIGHT), pytest.param((DESK, DARK), marks=pytest.mark.slow)],
    ids=["phone, light", "desk, dark"],
)
def measured(request: pytest.FixtureRequest, visit: Visit) -> dict[str, Any]:
    """The measurements of the full page."""
    width, scheme = request.param
    return visit(full_page(), width, scheme) | {"given_width": width, "given_dark": scheme == DARK}


def test_page_does_not_scroll_sideways(measured: dict[str, Any]) -> None:
    assert measured["width"] <= measured["given_width"]


def test_counts_need_no_scrolling(measured: dict[str, Any]) -> None:
    assert measured["counts"] <= measured["given_width"]
    assert measured["tableScrolls"] is False


def test_annotations_show_their_lines_of_code(measured: dict[str, Any]) -> None:
    assert len(measured["code"]) == 3 * (len(ATTACKS) + 1)  # two of the five annotations share a line with another
    for code in measured["code"]:
        assert [line.split()[:3] for line in code.splitlines()] == [
            ["5", "line", "5"],
            ["6", "line", "6"],
            [">", "7", "line"],
            ["8", "line", "8"],
            ["9", "line", "9"],
        ]


def test_text_has_sufficient_contrast_in_light_and_dark(measured: dict[str, Any]) -> None:
    assert measured["isDark"] is measured["given_dark"]
    assert len(measured["contrasts"]) > 30
    assert {name: ratio for name, ratio in measured["contrasts"].items() if ratio < MIN_CONTRAST} == {}


def test_page_makes_no_network_request(measured: dict[str, Any]) -> None:
    assert measured["asked"] == []


@rule("Injecting markup: the page in Chromium")
def test_no_hostile_element_is_active(measured: dict[str, Any]) -> None:
    assert measured["live"] == []


def test_console_stays_silent(measured: dict[str, Any]) -> None:
    assert measured["console"] == []


def test_level_filter_shows_the_annotations_of_that_level(measured: dict[str, Any]) -> None:
    files = len(ATTACKS) + 1

    assert measured["shown"] == {
        "only-all": 3 * files,  # the notices are collapsed
        "only-failure": 2 * files,
        "only-warning": files,
        "only-notice": 2 * files,
    }


@pytest.mark.slow
def test_table_with_a_long_word_needs_no_scrolling(visit: Visit) -> None:
    cells = ["7", f"<code>Error: {'x' * 300}</code>", "<code>tests/unit/test_cart.py:41</code>", "1"]
    table = f"<table><tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></table>"
    assert visit("".join(page.html(check_run(summary=table), [])), DESK)["tableScrolls"] is False


@pytest.mark.slow
def test_first_screen_of_five_thousand_annotations_is_painted_early(visit: Visit) -> None:
    raw_details = "tests/test_cart.py:41: in test_total\n    assert total(cart) == 1\n" * 45  # 3 kB
    annotations = [
        annotation(
            ("failure", "warning", "notice")[number % 3],
            path=f"tests/test_{number % 40}.py",
            line=number + 1,
            raw_details=raw_details,
        )
        for number in range(5_000)
    ]

    measured = visit("".join(page.html(check_run(), annotations)), DESK)

    assert measured["annotations"] == 5_000
    assert measured["paintedSeconds"] < measured["seconds"] / 2
    assert measured["paintedSeconds"] < MAX_SECONDS


@pytest.mark.slow
def test_page_reloads_itself_until_the_run_is_completed(visit: Visit) -> None:
    running, completed = (
        "".join(page.html(check_run(status=status), [annotation("failure")] * number))
        for number, status in enumerate(["in_progress", "completed"], start=1)
    )

    measured = visit([running, running, completed], DESK, "--virtual-time-budget=60000")

    assert (measured["loads"], measured["annotations"]) == (3, 2)


@pytest.mark.slow
def test_measurement_detects_defects(visit: Visit) -> None:
    bad = (
        "<!doctype html><p style='width:2000px;color:#aaa'>pale<img src='http://evil.test/x'><img src='https://evil.test/y'>"
        "<script>nothing()</script>"
    )

    measured = visit(bad, PHONE, LIGHT)

    assert measured["width"] > PHONE
    assert min(measured["contrasts"].values()) < MIN_CONTRAST
    assert sorted(measured["asked"]) == ["evil.test:443", "http://evil.test/x"]
    assert len(measured["live"]) == 4
    assert "nothing is not defined" in "".join(measured["console"])
