import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.report.code_owners import owners_by_file
from checks.core.report.owners import nobody, owners_text
from tests.support.rules import rule

#: The example of GitHub's documentation, with its meaning there.
EXAMPLE = """\
# comment
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@rule("Owners: several rules match")
@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a.py", "@global-owner1 @global-owner2"),
        ("deep/er/a.py", "@global-owner1 @global-owner2"),
        ("deep/er/a.js", "@js-owner"),
        ("a.go", "docs@example.com"),
        ("a.txt", "@octo-org/octocats"),
        ("build/logs/deep/a.py", "@octocat"),
        ("docs/a.py", "@doctocat"),
        ("more/apps/a.py", "@octocat"),
        ("scripts/a.js", "@doctocat @octocat"),
        ("deeply/nested/logs", "@octocat"),
        ("deeply/nested/logs/a.py", "@octocat"),
        ("apps/a.py", "@octocat"),
        ("apps/github", ""),
        ("apps/github/deep/a.js", ""),
    ],
)
def test_last_match_of_the_documented_example_decides(path: str, owners: str) -> None:
    assert owners_text(owners_by_file(EXAMPLE)(path)) == owners


@rule("Owners: a pattern")
@pytest.mark.parametrize(
    ("pattern", "matched", "not_matched"),
    [
        ("*", "a deep/a", ""),
        ("/*", "a", "deep/a"),
        ("*.py", "a.py deep/a.py x.py/a", "a.pyc a.PY"),
        ("/*.py", "a.py", "deep/a.py"),
        ("a", "a deep/a a/b deep/a/b", "ab b/ab"),
        ("/a", "a a/b", "deep/a"),
        ("a/", "a/b deep/a/b/c", "a deep/a"),
        ("/a/", "a/b", "a deep/a/b"),
        ("a/b", "a/b a/b/c", "deep/a/b"),
        ("docs/*", "docs/a", "docs/deep/a docs deep/docs/a"),
        ("docs/**", "docs/a docs/deep/a", "docs"),
        ("docs/**/", "docs/deep/a", "docs docs/a"),
        ("docs/**/*.md", "docs/a.md docs/deep/er/a.md", "a.md docs/a.py"),
        ("**/docs", "docs docs/a deep/docs/a", "adocs"),
        ("a/**/b", "a/b a/c/b a/c/d/b/e", "a/c deep/a/b"),
        ("**", "a deep/a", ""),
        ("a/*/b", "a/c/b a/c/b/d", "a/b a/c/d/b"),
        ("test_?.py", "test_a.py", "test_.py test_ab.py"),
        ("*test*", "a_test_b.py tests/a.py", "a.py"),
        ("/a/*_*/**/c", "a/x_y/c a/x_y/b/c", "a/xy/c"),
        (r"my\ file.py", "my_file.py".replace("_", " "), "myfile.py"),
        (r"a\*b", "a*b", "acb"),
        (r"a\**", "a*b a*", "acb"),
    ],
)
def test_pattern_matches_as_documented(pattern: str, matched: str, not_matched: str) -> None:
    owners_of = owners_by_file(f"{pattern} @octo")
    paths = [matched] if "\\ " in pattern else matched.split()
    assert {path: owners_of(path) for path in paths} == dict.fromkeys(paths, ("@octo",))
    assert {path: owners_of(path) for path in not_matched.split()} == dict.fromkeys(not_matched.split(), ())


@rule("Owners: an invalid line")
@pytest.mark.parametrize(
    "line",
    [
        "",
        "   \t",
        "# a.py @evil",
        "  # a.py @evil",
        "!a.py @evil",
        r"\#a.py @evil",
        "[a-c].py @evil",
        "a.py[ @evil",
        "[z-a] @evil",
        "/ @evil",
        "// @evil",
        "deep//a.py @evil",
        "a.py evil",
        "a.py @evil and-others",
        "a.py @",
        "a.py @evil/",
        "a.py @a/b/c",
        "a.py @<script>",
        "\\",
        "b.py @evil",
    ],
)
def test_invalid_line_is_skipped(line: str) -> None:
    assert owners_by_file(f"*.py @octo\n{line}\n")("a.py") == ("@octo",)


@pytest.mark.parametrize("line", ["*.py @octo", "*.py\t@octo\r", "  *.py   @octo  # @evil", "*.py @octo #@evil"])
def test_blanks_and_comments_do_not_count(line: str) -> None:
    assert owners_by_file(line)("a.py") == ("@octo",)


def test_file_without_rules_names_nobody() -> None:
    assert owners_by_file("# nothing\n")("a.py") == nobody("a.py") == ()


@rule("Owners: a pattern with more than three wildcards * or **, or 1,000 characters")
@pytest.mark.parametrize(
    ("pattern", "is_used"),
    [("*a*a*", True), ("*a*a*a*", False), ("**/a/**/a*", True), ("**/a/**/*a*", False), ("**" + "?" * 998, True)],
)
def test_slow_pattern_is_skipped(pattern: str, is_used: bool) -> None:
    owners_of = owners_by_file(f"* @all\n{pattern} @octo\n{pattern:?<1001} @evil")
    assert (owners_of("b/a/c/aaa") == ("@octo",)) == (is_used and len(pattern) < 1_000)


@pytest.mark.parametrize(
    ("pattern", "path", "is_owned"),
    [
        ("***.py", "a/b.py", True),
        ("/***/b.py", "a/b.py", True),
        ("/***/b.py", "a/a/b.py", False),
        ("/**/b.py", "a/a/b.py", True),
        ("/a/**", "a/a/b.py", True),
        ("/a/****/c.py", "a/c.py", False),
        (r"/\**.py", "*a.py", True),
        (r"/\**.py", "a.py", False),
    ],
)
def test_only_two_asterisks_match_several_folders(pattern: str, path: str, is_owned: bool) -> None:
    assert (owners_by_file(f"{pattern} @octo")(path) == ("@octo",)) is is_owned


@rule("Owners: more than 50 owners in a line")
def test_very_many_owners_are_limited() -> None:
    owners = [f"@octo/team-{number}" for number in range(1_000)]
    assert [*owners_by_file(f"* {' '.join(owners)}")("a.py")] == owners[:50]


@rule("Owners: a hostile file")
@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("*a" * 100 + "b @octo", "a" * 255),
        ("**/" * 2_000 + "b @octo", "a/" * 2_000 + "a"),
        ("**/*a*/" * 500 + "b @octo", "a/" * 2_000 + "a"),
        ("*?" * 1_000 + "b @octo", "a" * 255),
        ("*" * 1_000_000 + " @octo", "b/" * 100),
        ("*" * 900 + "b @octo", "a" * 255),
        ("**a**a**ab @octo", "a" * 255),
        ("\\" * 1_000_001 + " @octo", "a"),
        ("a " * 500_000, "a/b"),
        ("a@" * 500_000 + "\n" + "@a" * 500_000, "a/b"),
    ],
)
def test_hostile_line_takes_no_exponential_time(text: str, path: str) -> None:
    assert owners_by_file(text)(path) in ((), ("@octo",))


@given(st.text(st.sampled_from("ab*?/\\[#!@. \n"), max_size=40), st.text(st.sampled_from("ab/* "), max_size=20))
def test_any_text_is_accepted(text: str, path: str) -> None:
    assert all("@" in owner for owner in owners_by_file(text)(path))


def test_owners_are_redacted() -> None:
    owners_of = owners_by_file("*.py @octo a@example.com\n", lambda text: text.replace("example.com", "***"))
    assert owners_of("a.py") == ("@octo", "a@***")
