"""The README names what there is, and its Python runs."""

import re
import subprocess

import nbformat
from built import ROOT

from capsnet_tutorial.records.provenance import load_record

README = (ROOT / "README.md").read_text(encoding="utf-8")
TREE = re.search(r"```\n(README\.md .*?)```", README, re.S)[1]


def named():
    """Paths in the tree: names in column 0, and names below the last folder."""
    folder = ""
    for line in filter(None, TREE.split("\n")):
        name = line.split()[0]
        if not line.startswith(" "):
            folder = name if name.endswith("/") else ""
        yield name if name == folder else folder + name


def test_every_path_in_the_tree_exists():
    paths = list(named())
    assert all((ROOT / path).exists() for path in paths), paths
    assert len(paths) > 30


def test_every_module_chapter_and_top_level_entry_is_in_the_tree():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    top = {path.split("/")[0] + ("/" if "/" in path else "") for path in listed}
    assert {entry for entry in top if not entry.startswith(".")} <= set(named())
    rooms = {f"{'/'.join(path.split('/')[:2])}/" for path in listed if "/" in path}
    parts = {
        path
        for path in {*listed, *rooms}
        if re.fullmatch(r"capsnet_tutorial/[a-z]\w+(\.py|/)|book/\w+\.(ipynb|md)", path)
    }
    assert len(parts) > 15
    assert parts <= set(named())


def test_the_picture_is_that_of_chapter_4():
    chapter = nbformat.read(ROOT / "book" / "04_routing.ipynb", as_version=4)
    pictures = [
        cell.outputs[0].data["image/svg+xml"]
        for cell in chapter.cells
        if "fig-routing" in str(cell.metadata)
    ]
    assert pictures == [(ROOT / "book" / "figures" / "fig-routing.svg").read_text()]


def test_its_python_runs(capsys):
    names, last = {}, []
    for block in re.findall(r"```python\n(.*?)```", README, re.S):
        *lines, end = block.strip().split("\n")
        exec("\n".join(lines), names)
        last.append(eval(end, names))
    predicted, playground, checked = last
    right = predicted == names["labels"]
    assert right.float().mean() > 0.99
    assert repr(playground).startswith("Playground: digit")
    assert checked is None  # it was printed
    assert "0 wrong, 12 right" in capsys.readouterr().out


def test_its_count_of_mistakes_is_that_of_the_record():
    errors = load_record("paper")["counted_on"]["errors"]
    assert f"{errors} of the 10,000 test digits wrong" in README
