"""Execute chapters and store their outputs, clean of who ran them and when.

    python tools/run_chapter.py                       all chapters
    python tools/run_chapter.py book/02_squash.ipynb  this one

A chapter is written as one whole, and only if every cell ran.
"""

import argparse
import os
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

BOOK = Path(__file__).parents[1] / "book"
VIEW = "application/vnd.jupyter.widget-view+json"
OURS = "capsnet_tutorial.explorers."
NOT_STATE = ("layout", "tabbable", "tooltip", "link", "first", "note", "header")
README_PICTURE = BOOK / "figures" / "fig-routing.svg"


def run(path: Path) -> float:
    """Execute and clean one chapter in place; return the seconds that it took."""
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    NotebookClient(
        notebook,
        timeout=600,
        coalesce_streams=True,
        resources={"metadata": {"path": BOOK}},
    ).execute()
    seconds = time.perf_counter() - start
    clean(notebook)
    part = path.with_suffix(".part")
    nbformat.write(notebook, part)
    os.replace(part, path)
    write_readme_picture(notebook)
    return seconds


def write_readme_picture(notebook: nbformat.NotebookNode) -> None:
    """Keep the picture of the README equal to the one in chapter 4."""
    for cell in notebook.cells:
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if figure.get("name") == README_PICTURE.stem:
            README_PICTURE.parent.mkdir(exist_ok=True)
            README_PICTURE.write_text(cell.outputs[0].data["image/svg+xml"])


def keep_widgets(notebook: nbformat.NotebookNode) -> None:
    """Store an explorer as its picture and its state: no code, nothing random.

    Pages get the code from the package as they are built.  Other widgets stay views of
    a model that is not stored, and pages say that they need a kernel.
    """
    stored = notebook.metadata.get("widgets", {}).values()
    models = {key: model for kind in stored for key, model in kind["state"].items()}
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            view = output.get("data", {}).get(VIEW)
            if view is None:
                continue
            state = models[view["model_id"]]["state"]
            view["model_id"] = f"cell-{number:02}"
            what = state.get("_anywidget_id", "")
            if what.startswith(OURS):
                del output.data[VIEW]
                output.metadata["explorer"] = {
                    "name": what.removeprefix(OURS).split(".")[0],
                    "state": {
                        key: value
                        for key, value in sorted(state.items())
                        if not key.startswith("_") and key not in NOT_STATE
                    },
                }


def clean(notebook: nbformat.NotebookNode) -> None:
    """Keep what nbval compares and what pages show; drop times and versions."""
    keep_widgets(notebook)
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
        cell.metadata = {
            k: v for k, v in cell.metadata.items() if k in ("tags", "mystnb")
        }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", type=Path, metavar="CHAPTER")
    for chapter in parser.parse_args().chapters or sorted(BOOK.glob("*.ipynb")):
        print(f"{chapter.name}  {run(chapter):.1f} s")
