"""Arrows between the rooms of the package point one way: read from the source."""

import ast
import re
from itertools import chain

import pytest
from built import ROOT

PACKAGE = ROOT / "capsnet_tutorial"
CORE = ["squash", "routing", "losses", "layers", "capsnet", "training"]
ROOMS = sorted(
    path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()
)
EXPLORERS = PACKAGE / "explorers"
SHARED = {"kit", "model", "bundle"}
NEVER = [  # (who, what it never imports)
    *[("squash routing losses layers capsnet training", room) for room in ROOMS],
    ("squash routing losses layers capsnet training", "pretrained cli"),
    (" ".join(ROOMS), "cli"),
    ("pretrained", "cli runs explorers plots fast"),
    ("plots", "explorers runs digits encoding fast pretrained"),
    ("records", " ".join([*CORE, "digits", "runs", "plots", "explorers"])),
    ("digits", " ".join([*CORE, "runs", "plots", "explorers"])),
    ("images", " ".join([*CORE, "digits", "runs", "plots", "explorers"])),
    ("fast", "runs explorers plots digits"),
    ("encoding", "runs explorers plots digits fast"),
    ("runs", "explorers checks experiments"),
    ("variants", "checks runs experiments explorers plots fast"),
    ("checks", "cli experiments explorers plots fast"),
    ("squash routing losses layers capsnet training", "checks"),
]


def imports(path):
    """Modules of the package that a file imports when it is run, type checks aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def files_of(part):
    """All files of a room, or the one file of that name."""
    folder = PACKAGE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{part}.py"]


def parts_imported(part):
    """First names, below the package, of all that a part imports."""
    found = chain.from_iterable(map(imports, files_of(part)))
    names = {
        name.split(".")[1] for name in found if name.startswith("capsnet_tutorial.")
    }
    known = {*ROOMS, *CORE, "pretrained", "cli"}
    return names & known - {part}


@pytest.mark.parametrize(("who", "what"), NEVER)
def test_no_arrow_runs_back_up(who, what):
    for part in who.split():
        found = parts_imported(part) & set(what.split()) - {part}
        assert not found, f"{part} imports {found}"


def test_there_is_no_circle():
    arrows = {part: parts_imported(part) for part in [*ROOMS, *CORE, "pretrained"]}
    assert sum(map(len, arrows.values())) > 20  # they were found
    while ground := [part for part, needed in arrows.items() if not needed]:
        arrows = {
            part: needed - set(ground)
            for part, needed in arrows.items()
            if part not in ground
        }
    assert arrows == {}


def test_the_core_is_read_from_the_top():
    """Each of the six imports only those before it."""
    for n, part in enumerate(CORE):
        assert parts_imported(part) <= set(CORE[:n])


def test_the_package_imports_nothing_of_the_repository_around_it():
    seen = 0
    for path in PACKAGE.rglob("*.py"):
        first = {name.split(".")[0] for name in imports(path)}
        assert not first & {"tools", "benchmarks", "book", "tests", "capsbook"}, path
        seen += 1
    assert seen > 40


# ------------------------------------------------------------------ JavaScript

IMPORT = re.compile(r'^(?:import|export) .*?from "([^"]+)"', re.MULTILINE | re.DOTALL)


def scripts():
    """(file, folders that it imports from) for each JavaScript module."""
    for path in sorted(EXPLORERS.rglob("*.js")):
        needed = [
            (path.parent / name).resolve()
            for name in IMPORT.findall(path.read_text(encoding="utf-8"))
        ]
        assert all(file.exists() for file in needed), path
        yield path, {file.parent.name for file in needed} - {path.parent.name}


def test_each_explorer_uses_what_is_shared_and_its_own():
    seen = 0
    for path, folders in scripts():
        allowed = {"kit": set(), "model": {"kit"}}.get(
            path.parent.name, {"kit", "model"}
        )
        assert folders <= allowed, f"{path.parent.name}/{path.name} imports {folders}"
        seen += 1
    assert seen > 40


def test_the_kit_names_no_explorer():
    names = {path.parent.name for path in EXPLORERS.glob("*/index.js")}
    assert len(names) >= 5
    for path in (EXPLORERS / "kit").iterdir():
        words = set(re.findall(r"[\w-]+", path.read_text(encoding="utf-8").lower()))
        found = {
            name
            for name in names
            if f"cx-{name}" in words or f"{name}explorer" in words
        }
        assert not found, f"{path.name} names {found}"


def test_no_script_lies_idle():
    """Every JavaScript file is imported by another, or starts an explorer."""
    used = {
        (path.parent / name).resolve()
        for path in EXPLORERS.rglob("*.js")
        for name in IMPORT.findall(path.read_text(encoding="utf-8"))
    }
    for path in EXPLORERS.rglob("*.js"):
        assert path.name == "index.js" or path.resolve() in used, path


def test_test_files_have_names_of_their_own():
    """pytest imports them by their last name, and takes one for the other."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) > 50
    assert sorted(names) == sorted(set(names))
