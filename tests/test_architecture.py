"""The architecture: which module may import which, and which may do I/O."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: Each package's layer, by the longest matching prefix of its name. Imports go down only.
LAYERS = {
    "checks.core.model": 0,
    "checks.core": 1,
    "checks.adapters": 2,
    "checks.programs": 3,
}
MODEL, CORE, ADAPTERS, PROGRAMS = range(4)
#: Runs in the tests' process and imports none of the other packages.
PLUGIN = "checks.plugin"
#: Libraries that take long to load or should be replaceable in one place, and their only importer.
ONE_IMPORTER = {
    "github": "checks.adapters.github.connection",
    "flask": "checks.adapters.web.app",
    "werkzeug": "checks.adapters.web.app",
    "waitress": "checks.adapters.web.server",
}
IO_MODULES = {"os", "sys", "subprocess", "time", "logging", "random", "socket", "tempfile", "threading"}
IMPURE_MODULES = IO_MODULES | ONE_IMPORTER.keys()
IMPURE_CALLS = {"open", "input", "print", "now", "today", "read_text", "read_bytes", "write_text", "write_bytes"}
#: Only entrypoint.py reads and calls these.
ENTRYPOINT_ONLY = {"os.environ", "os.environb", "os.getenv", "sys.argv", "sys.exit"}
#: `requests` reads the environment; this module decides what it finds there.
ENTRYPOINT_ONLY_EXCEPTIONS = {"checks.adapters.github.network": {"os.environ"}}
PATCHES = {"mock.patch", "monkeypatch.setattr", "monkeypatch.delattr", "monkeypatch.setitem"}
#: Names that the words of CONTRIBUTING.md replace.
RETIRED = {
    *("Wish", "wish", "parse_wish", "Pressed", "SuitePressed", "WorkflowEnded", "Pushed", "Seen", "RunAgain"),
    *("Answered", "ToldRun", "Former", "Standing", "Outbox", "Refusal", "Patience", "Attempts", "Hub", "Hubs", "Fold"),
    *("Follower", "Outside", "Attended", "Live", "Link", "Telling", "Upload", "Ended", "Ending", "Unfinished", "Begun"),
    *("LastWords", "Reception", "cut_lines", "cut_end", "cut_middle", "cut_characters", "cut_markdown", "JUNK"),
    *("Adopt", "Anew", "Taken", "adoption", "attend", "attended", "begun", "ended", "fold", "follower", "former"),
    *("FormerRuns", "hub", "hubs", "hub_of", "is_unsure", "landed", "last_words", "left", "live", "outbox", "outside"),
    *("ours", "theirs", "there", "told", "tell", "said", "standing", "put_up", "patience", "posted", "reply", "door"),
    *(
        "telling",
        "upload",
        "reception",
        "late",
        "each",
        "some",
        "them",
        "here",
        "refuse",
        "keep",
        "may_pass",
        "is_behind",
    ),
    *("Posted", "Reply", "Door", "Wanted", "Which", "Warned", "NotOursError", "KeptReports", "Copier", "PytestChild"),
    *("Channel", "Sieve", "Cuts", "Sight", "Foldout", "foldouts", "with_postscript", "AWAITED", "REQUESTED"),
    *("REPEATED", "WHOLE", "TWIN", "FORMER_ATTEMPT", "ExternalId", "Step", "trouble", "wanted"),
}
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "manager", "common", "misc"}
MAX_LINES = 300
MAX_LINES_OF_A_FUNCTION = 40
MAX_LINES_OF_THE_ENTRYPOINT = 40


@dataclass(frozen=True, kw_only=True)
class Module:
    """A source file; `name` has dots, such as ``checks.core.model.job``."""

    name: str
    path: Path
    text: str = field(repr=False)

    @property
    def layer(self) -> int | None:
        """The number of the module's layer, None for the plugin."""
        return None if self.name.startswith(PLUGIN) else layer_of(self.name)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> frozenset[str]:
        """The full names of all modules that it imports, also inside functions."""
        return frozenset(name for node in ast.walk(self.tree) for name in self._imported(node))

    @property
    def outside_roots(self) -> frozenset[str]:
        """The top-level packages that it imports, without this project's."""
        return frozenset(name.partition(".")[0] for name in self.imports) - {"checks"}

    def _imported(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                parents = self.name.split(".")[:-level] if level else []
                base = ".".join([*parents, *([module] if module else [])])
                submodules = [f"{base}.{alias.name}" for alias in names if f"{base}.{alias.name}" in PATHS]
                yield from submodules or [base]
            case _:
                pass

    @cached_property
    def references(self) -> frozenset[str]:
        """Every name and attribute that it uses, such as ``open``; chains as two parts, such as ``os.environ``."""
        return frozenset(name for node in ast.walk(self.tree) for name in _referenced(node))

    @cached_property
    def calls(self) -> frozenset[str]:
        """The last part of every name that it calls."""
        functions = (node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return frozenset(name.rpartition(".")[2] for function in functions for name in _referenced(function))


def layer_of(name: str) -> int:
    return LAYERS[max((package for package in LAYERS if f"{name}.".startswith(f"{package}.")), key=len)]


def _referenced(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=attribute):
            yield f"{owner}.{attribute}"
        case ast.Attribute(attr=attribute):
            yield attribute
        case ast.ImportFrom(module=str(module), names=names):
            yield from (f"{module.rpartition('.')[2]}.{alias.name}" for alias in names)
        case _:
            pass


def _paths(folder: str, *, without: frozenset[str] = frozenset()) -> dict[str, Path]:
    paths = ((path.relative_to(ROOT), path) for path in sorted((ROOT / folder).rglob("*.py")))
    return {
        ".".join(relative.with_suffix("").parts).removesuffix(".__init__"): path
        for relative, path in paths
        if not without.intersection(relative.parts)
    }


PATHS = _paths("checks")
MODULES = [Module(name=name, path=path, text=path.read_text()) for name, path in PATHS.items()]
#: Besides entrypoint.py, the entry of the installed package.
MAIN = "checks.__main__"
PACKAGED_MODULES = [module for module in MODULES if "." in module.name and module.name != MAIN]
TESTS = [
    Module(name=name, path=path, text=path.read_text())
    for name, path in _paths("tests", without=frozenset({"projects", "golden", "cases"})).items()
]


def modules(*layers: int | None) -> list[Module]:
    """Return the modules of these layers, None for the plugin."""
    return [module for module in PACKAGED_MODULES if module.layer in layers]


def offences(chosen: Iterable[Module], find: Callable[[Module], Collection[object] | bool]) -> dict[str, object]:
    """Return what `find` finds in the modules, by their names. One test for each module would take ten seconds more."""
    return {module.name: found for module in chosen if (found := find(module))}


def test_imports_go_down_only() -> None:
    def upward(module: Module) -> set[str]:
        our_modules = {name for name in module.imports if name.startswith("checks.")}
        return {name for name in our_modules if module.layer is None or layer_of(name) > module.layer}

    assert offences(PACKAGED_MODULES, upward) == {}


def test_imports_have_no_cycle() -> None:
    TopologicalSorter({module.name: module.imports & PATHS.keys() for module in MODULES}).prepare()


def test_imports_of_our_modules_are_relative() -> None:
    def absolute(module: Module) -> list[str]:
        nodes = [node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom) and not node.level]
        return [str(node.module) for node in nodes if str(node.module).partition(".")[0] == "checks"]

    assert offences(modules(MODEL, CORE, ADAPTERS, PROGRAMS), absolute) == {}


def test_model_imports_only_the_standard_library() -> None:
    assert offences(modules(MODEL), lambda module: module.outside_roots - sys.stdlib_module_names) == {}


def test_core_imports_no_io_module() -> None:
    assert offences(modules(MODEL, CORE), lambda module: module.outside_roots & IMPURE_MODULES) == {}


def test_core_calls_no_io_function() -> None:
    assert offences(modules(MODEL, CORE), lambda module: module.calls & IMPURE_CALLS) == {}


@pytest.mark.parametrize(("root", "importer"), ONE_IMPORTER.items())
def test_each_large_library_has_one_importer(root: str, importer: str) -> None:
    assert [module.name for module in MODULES if root in module.outside_roots] == [importer]


def test_only_the_entrypoint_reads_environ_and_argv_and_exits() -> None:
    def reserved(module: Module) -> frozenset[str]:
        return module.references & ENTRYPOINT_ONLY - ENTRYPOINT_ONLY_EXCEPTIONS.get(module.name, set())

    assert offences(modules(MODEL, CORE, ADAPTERS, PROGRAMS), reserved) == {}


@pytest.mark.parametrize("path", [ROOT / "entrypoint.py", PATHS[MAIN]], ids=lambda path: path.name)
def test_entrypoint_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES_OF_THE_ENTRYPOINT


def test_plugin_imports_only_the_standard_library_and_pytest() -> None:
    allowed = sys.stdlib_module_names | {module.path.stem for module in modules(None)} | {"pytest"}
    assert offences(modules(None), lambda module: module.outside_roots - allowed) == {}


def test_plugin_parses_as_python_3_8() -> None:
    for module in modules(None):
        ast.parse(module.text, str(module.path), feature_version=(3, 8))


def test_retired_names_do_not_come_back() -> None:
    def retired(module: Module) -> set[str]:
        defined = {node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        arguments = {node.arg for node in ast.walk(module.tree) if isinstance(node, ast.arg)}
        return (defined | arguments | module.references) & RETIRED

    assert offences(MODULES, retired) == {}


def test_source_files_are_short() -> None:
    assert offences(MODULES, lambda module: len(module.text.splitlines()) > MAX_LINES) == {}


def test_functions_are_short() -> None:
    def long(module: Module) -> list[tuple[str, int]]:
        functions = [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)]
        lengths = [(node.name, (node.end_lineno or 0) - node.lineno + 1) for node in functions]
        return [(name, lines) for name, lines in lengths if lines > MAX_LINES_OF_A_FUNCTION]

    assert offences(MODULES, long) == {}


def test_possessive_quantifiers_follow_no_group() -> None:
    """Before Python 3.11.5 such a group may match what it should not (cpython issue 106052)."""
    assert offences(MODULES, lambda module: re.findall(r"\)(?:[*?+]|\{[\d,]+\})\+", module.text)) == {}


def test_no_two_classes_have_one_name() -> None:
    names = [node.name for module in MODULES for node in module.tree.body if isinstance(node, ast.ClassDef)]
    assert sorted(names) == sorted(set(names))


def test_module_names_are_neither_vague_nor_of_the_library() -> None:
    assert {module.path.stem for module in MODULES} & (sys.stdlib_module_names | VAGUE_NAMES) == set()


def test_modules_have_docstrings() -> None:
    assert offences(MODULES, lambda module: not ast.get_docstring(module.tree)) == {}


def test_unit_tests_use_no_process_and_no_socket() -> None:
    real = ("subprocess", "socket", "http", "multiprocessing", "tests.support.github.server", "tests.support.runner")
    unit_tests = [module for module in TESTS if module.name.startswith("tests.unit.")]
    assert offences(unit_tests, lambda module: {name for name in module.imports if name.startswith(real)}) == {}


def test_no_test_patches_our_modules() -> None:
    assert offences(TESTS, lambda module: module.references & PATCHES | module.imports & {"unittest.mock"}) == {}
