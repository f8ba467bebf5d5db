"""The architecture: which module may import which, and which may do I/O."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
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


def for_modules(modules: list[Module], *layers: int | None) -> pytest.MarkDecorator:
    chosen = [module for module in modules if not layers or module.layer in layers]
    return pytest.mark.parametrize("module", chosen, ids=lambda module: module.name)


@for_modules(PACKAGED_MODULES)
def test_imports_go_down_only(module: Module) -> None:
    our_modules = {name for name in module.imports if name.startswith("checks.")}
    assert {name for name in our_modules if module.layer is None or layer_of(name) > module.layer} == set()


def test_imports_have_no_cycle() -> None:
    TopologicalSorter({module.name: module.imports & PATHS.keys() for module in MODULES}).prepare()


@for_modules(PACKAGED_MODULES, MODEL, CORE, ADAPTERS, PROGRAMS)
def test_imports_of_our_modules_are_relative(module: Module) -> None:
    absolute = [node.module for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom) and not node.level]
    assert "checks" not in {str(name).partition(".")[0] for name in absolute}


@for_modules(PACKAGED_MODULES, MODEL)
def test_model_imports_only_the_standard_library(module: Module) -> None:
    assert module.outside_roots <= sys.stdlib_module_names


@for_modules(PACKAGED_MODULES, MODEL, CORE)
def test_core_imports_no_io_module(module: Module) -> None:
    assert module.outside_roots & IMPURE_MODULES == set()


@for_modules(PACKAGED_MODULES, MODEL, CORE)
def test_core_calls_no_io_function(module: Module) -> None:
    assert module.calls & IMPURE_CALLS == set()


@pytest.mark.parametrize(("root", "importer"), ONE_IMPORTER.items())
def test_each_large_library_has_one_importer(root: str, importer: str) -> None:
    assert [module.name for module in MODULES if root in module.outside_roots] == [importer]


@for_modules(PACKAGED_MODULES, MODEL, CORE, ADAPTERS, PROGRAMS)
def test_only_the_entrypoint_reads_environ_and_argv_and_exits(module: Module) -> None:
    assert module.references & ENTRYPOINT_ONLY <= ENTRYPOINT_ONLY_EXCEPTIONS.get(module.name, set())


@pytest.mark.parametrize("path", [ROOT / "entrypoint.py", PATHS[MAIN]], ids=lambda path: path.name)
def test_entrypoint_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES_OF_THE_ENTRYPOINT


@for_modules(PACKAGED_MODULES, None)
def test_plugin_imports_only_the_standard_library_and_pytest(module: Module) -> None:
    neighbours = {path.stem for path in module.path.parent.glob("*.py")}
    assert module.outside_roots <= sys.stdlib_module_names | neighbours | {"pytest"}


@for_modules(PACKAGED_MODULES, None)
def test_plugin_parses_as_python_3_8(module: Module) -> None:
    ast.parse(module.text, feature_version=(3, 8))


@for_modules(MODULES)
def test_retired_names_do_not_come_back(module: Module) -> None:
    defined = {node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    arguments = {node.arg for node in ast.walk(module.tree) if isinstance(node, ast.arg)}
    assert (defined | arguments | module.references) & RETIRED == set()


@for_modules(MODULES)
def test_source_file_is_short(module: Module) -> None:
    assert len(module.text.splitlines()) <= MAX_LINES


@for_modules(MODULES)
def test_function_is_short(module: Module) -> None:
    functions = [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES_OF_A_FUNCTION} == {}


def test_no_two_classes_have_one_name() -> None:
    names = [node.name for module in MODULES for node in module.tree.body if isinstance(node, ast.ClassDef)]
    assert sorted(names) == sorted(set(names))


@for_modules(MODULES)
def test_module_name_is_neither_vague_nor_of_the_library(module: Module) -> None:
    assert module.path.stem not in sys.stdlib_module_names | VAGUE_NAMES


@for_modules(MODULES)
def test_module_has_a_docstring(module: Module) -> None:
    assert ast.get_docstring(module.tree)


@for_modules([module for module in TESTS if module.name.startswith("tests.unit.")])
def test_unit_tests_use_no_process_and_no_socket(module: Module) -> None:
    real = ("subprocess", "socket", "http", "multiprocessing", "tests.support.github.server", "tests.support.runner")
    assert {name for name in module.imports if name.startswith(real)} == set()


@for_modules(TESTS)
def test_no_test_patches_our_modules(module: Module) -> None:
    assert module.references & PATCHES == set()
    assert "unittest.mock" not in module.imports
