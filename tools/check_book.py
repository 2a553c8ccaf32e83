"""Check the chapters for what nbval, ruff and Sphinx do not see.

    python tools/check_book.py

Prints one line per fault, and exits with 1 if there is any.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat

BOOK = Path(__file__).parents[1] / "book"
MAX_IGNORED = 10  # cells of the whole book whose output is not compared
MAX_LINES = 25  # of a cell
MAX_WIDTH = 80  # of a line: what a page shows without scrolling
VIEW = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/svg+xml", "image/png")


def source(cell: nbformat.NotebookNode) -> list[str]:
    return cell.source.split("\n")


def faults_of_cell(cell: nbformat.NotebookNode) -> Iterator[str]:
    lines, tags = source(cell), cell.metadata.get("tags", [])
    if "remove-cell" not in tags:
        if len(lines) > MAX_LINES:
            yield f"{len(lines)} lines; split it, or show package code"
        for line in lines:
            if len(line) > MAX_WIDTH:
                yield f"a line of {len(line)} characters: {line.strip()[:40]}…"
    if lines[-1].rstrip().endswith(";"):
        yield "ends in ';', which nbval takes for a change of output"
    if cell.outputs and cell.execution_count is None:
        yield "has outputs but was not run; use tools/run_chapter.py"
    if "nbval-ignore-output" in tags and not lines[0].startswith(
        "# Output not compared:"
    ):
        yield "ignores its output without a reason in its first line"
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in tags:
            yield f"stored the error {output.ename}"
        if output.output_type == "stream" and output.name == "stderr":
            yield f"wrote to stderr: {output.text[:60]!r}"
        if output.get("data", {}).get(VIEW, {}).get("model_id", cell.id) != cell.id:
            yield "stored a widget with a random name; use tools/run_chapter.py"
        if any(kind in output.get("data", {}) for kind in PICTURES):
            shown = cell.metadata.get("mystnb", {})
            if len(shown.get("image", {}).get("alt", "")) < 40:
                yield "shows a picture without alt text (mystnb: image: alt)"
            if not shown.get("figure", {}).get("caption"):
                yield "shows a picture without a caption (mystnb: figure: caption)"


def faults(chapters: list[Path]) -> Iterator[str]:
    set_ups, ignored = set(), 0
    for path in chapters:
        cells = nbformat.read(path, as_version=4).cells
        code = [cell for cell in cells if cell.cell_type == "code"]
        set_ups.add(code[0].source)
        if "remove-cell" not in code[0].metadata.get("tags", []) or code[0].outputs:
            yield f"{path.name}: the first code cell is not a silent, hidden one"
        for number, cell in enumerate(code):
            ignored += "nbval-ignore-output" in cell.metadata.get("tags", [])
            for fault in faults_of_cell(cell):
                yield f"{path.name}, cell {number}: {fault}"
    if len(set_ups) != 1:
        yield f"the chapters have {len(set_ups)} different set-up cells"
    if ignored > MAX_IGNORED:
        yield f"{ignored} cells ignore their output, more than {MAX_IGNORED}"


if __name__ == "__main__":
    chapters = sorted(BOOK.glob("*.ipynb"))
    found = list(faults(chapters))
    print("\n".join(found) or f"{len(chapters)} chapters, no faults")
    sys.exit(bool(found) or not chapters)
