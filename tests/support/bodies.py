"""Request bodies as `core.github.payload` builds them, and texts that try to be more than text."""

from __future__ import annotations

from typing import Any

ATTACKS = {
    "script": "<script>alert(1)</script>",
    "script in capitals": "<SCRIPT SRC=//evil.test/x.js></SCRIPT >",
    "onerror": "<img src=x onerror=alert(1)>",
    "image": "<img src='https://evil.test/pixel.png'>",
    "Markdown image": "![pixel](https://evil.test/pixel.png)",
    "reference image": "![pixel][p]\n\n[p]: https://evil.test/pixel.png",
    "javascript link": "[click](javascript:alert(1)) <a href='javascript:alert(1)'>click</a>",
    "disguised link": "<a href=' java\tscript&colon;alert(1)'>click</a> [x](JaVaScRiPt&#58;alert(1))",
    "data link": "[click](data:text/html;base64,PHNjcmlwdD4=) <a href='data:text/html,x'>click</a>",
    "file link": "[click](file:///etc/passwd) <a href='//evil.test/'>x</a> <a href='../x.html'>x</a>",
    "handler on what is kept": "<details open ontoggle=alert(1)><summary onclick=alert(1)>x</summary></details>",
    "svg": "<svg onload=alert(1)><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "svg use": "<svg><use href='https://evil.test/x.svg#x'/></svg>",
    "math": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "style": "<style>body{display:none}@import 'https://evil.test/x.css'</style>",
    "style attribute": "<p style='position:fixed;inset:0;background:url(https://evil.test/x)'>x</p>",
    "iframe": "<iframe src='https://evil.test/' srcdoc='<script>alert(1)</script>'></iframe>",
    "object and embed": "<object data='https://evil.test/x'></object><embed src='https://evil.test/x'>",
    "form": "<form action='https://evil.test/'><input name=x autofocus onfocus=alert(1)><button>x</button></form>",
    "base, meta and link": "<base href='https://evil.test/'><meta http-equiv=refresh content='0;url=https://evil.test/'>"
    "<link rel=stylesheet href='https://evil.test/x.css'>",
    "video": "<video src='https://evil.test/x' poster='https://evil.test/y'></video><audio src='https://evil.test/z'>",
    "template": "<template><script>alert(1)</script></template><noscript><p title='</noscript><script>alert(1)'>",
    "id and class": "<p id=annotations class='annotation failure'>x</p>",
    "unclosed tags": "<details><summary><table><tr><td><b><a href='https://x.test",
    "closing tags": "</pre></details></li></ol></section></main></body></html><script>alert(1)</script>",
    "closing title": "</title></style></textarea></script><script>alert(1)</script>",
    "comment": "<!-- --!><script>alert(1)</script> <!--",
    "cdata and instructions": "<![CDATA[<script>alert(1)</script>]]><?php echo 1 ?><!DOCTYPE html>",
    "unclosed fence": "```\n<script>alert(1)</script>",
    "back-ticks": "` `` ``` ````\n~~~\n`",
    "attribute break": "\"' onmouseover=alert(1) x=\"'",
    "template language": "{{ 7 * 7 }}{% include '/etc/passwd' %}{# x #}",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; &#0; &#xD800;",
    "ANSI": "\x1b[31mred\x1b[0m \x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07 \x9b2J",
    "NUL": "a\x00<scr\x00ipt>alert(1)</script>",
    "control characters": "".join(map(chr, range(0x20))) + "\x7f" + "".join(map(chr, range(0x80, 0xA0))),
    "lone surrogates": "\ud800 <\udfff>\udcff",
    "directional overrides": "\u202egnp.exe\u2066",
    "mentions": "@octocat #12 GH-12 pipes | a | b |",
    "references": "@org/team octocat/repo#12 octocat/repo@0123456 0123456789abcdef0123456789abcdef01234567 gh-7",
    "addresses": "https://github.com/octo/demo/issues/1 http://evil.test www.evil.test mail@evil.test mailto:a@b.test",
    "a reply": "/check pass pytest\n> @octocat wrote:\n\n- [ ] task\n- [x] #12",
    "diagram and formula": "```mermaid\ngraph TD; A-->B\n```\n$$x$$ :tada: [^1]\n\n[^1]: note",
    "workflow commands": "\n::error::forged\n::set-output name=a::b\n##[error]forged\r::stop-commands::x",
    "records of the runner's files": "a\nEOF\nconclusion<<EOF\nsuccess\nEOF",
    "every line end": "a\r\nb\rc\x0bd\x0ce\x1cf\x85g\u2028h\u2029i",
    "invisible letters": "a\u200bb\u200d\u2060\ufeff\U000e0041c",
    "deep nesting": "> " * 500 + "<b>" * 500 + "[" * 500,
}


def annotation(level: str, title: str = "tests/test_a.py::test_x", **fields: Any) -> dict[str, Any]:
    """Return an annotation's body; `line` is both its first and its last line."""
    line = fields.pop("line", 7)
    other_fields = {"path": "tests/test_a.py", "message": "AssertionError: assert 1 == 2", **fields}
    return {"start_line": line, "end_line": line, "annotation_level": level, "title": title, **other_fields}


def check_run(title: str = "1 failed", summary: str = "Summary.", text: str = "", **fields: Any) -> dict[str, Any]:
    """Return a completed check run with the content of the bodies."""
    return {
        "name": "pytest (unit)",
        "head_sha": "a1b2c3d4" * 5,
        "external_id": "tests.yml/1/1/tests/unit",
        "details_url": "https://github.com/o/r/actions/runs/1/job/2",
        "status": "completed",
        "started_at": "2026-11-23T03:49:00Z",
        "completed_at": "2026-11-23T03:50:12Z",
        "conclusion": "failure",
        "actions": [{"label": "Re-run failed", "description": "Re-runs the failed tests", "identifier": "failed"}],
        "output": {"title": title, "summary": summary, "text": text},
        **fields,
    }
