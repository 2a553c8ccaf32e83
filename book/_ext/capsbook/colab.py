"""A second edition of each chapter, for Colab, JupyterLab and download: plain Markdown.

Jupyter and Colab show Sphinx's roles and directives as raw text.  When the book is
built, every chapter is written again without them: numbers, citations and quoted code
filled in.  For Colab and for download, its first cell also installs the package.

The address of the repository is that of the git remote.  Without one, pages
show no Colab button.
"""

import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import nbformat
from pybtex.database import parse_file

ROOT = Path(__file__).parents[3]
SETUP = Path(__file__).with_name("colab_setup.py")
BRANCH = "gh-pages"  # where `ghp-import _build/html` publishes these editions too
# A directive: fence, name, argument, and the lines up to the same fence.
DIRECTIVE = re.compile(r"^(:::+|```+)\{([\w:-]+)\} ?(.*)\n((?:.*\n)*?)\1$", re.M)


def repository() -> str:
    """Address of the project on GitHub, from the remote `origin`, or empty."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return ""  # unpacked from an archive, perhaps inside another repository
    command = ["git", "-C", str(ROOT), "remote", "get-url", "origin"]
    remote = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    match = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(\.git)?$", remote)
    return f"https://github.com/{match[1]}" if match else ""


def add_button(app, config):
    if repository():
        config.html_theme_options |= {
            "repository_url": repository(),
            "repository_branch": BRANCH,
            "launch_buttons": {"colab_url": "https://colab.research.google.com"},
        }


class Edition:
    """Turns the MyST of one chapter into plain Markdown."""

    def __init__(self, env, docname: str):
        self.folder = (ROOT / docname).parent
        numbers = env.toc_fignumbers
        self.numbers = {
            label.removeprefix("equation-"): ".".join(map(str, number))
            for kinds in numbers.values()
            for labels in kinds.values()
            for label, number in labels.items()
        }
        self.sources = parse_file(ROOT / "book" / "references.bib").entries

    def markdown(self, text: str) -> str:
        text = DIRECTIVE.sub(self.directive, text)
        text = re.sub(r"\$\$ \(([\w-]+)\)", self.tag, text)
        text = re.sub(r"\{([\w:]+)\}`([^`]+)`", self.role, text)
        return re.sub(r"^(\w+)\n: ", r"**\1**: ", text, flags=re.M)

    def tag(self, match) -> str:
        return rf"\tag{{{self.numbers[match[1]]}}} $$"

    def role(self, match) -> str:
        kind, text = match.groups()
        if kind == "eq":
            return f"({self.numbers[text]})"
        if kind == "numref":
            return f"figure {self.numbers[text]}"
        if kind in ("cite:t", "cite:p"):
            return self.citation(text, in_text=kind == "cite:t")
        if kind == "try":
            return text.partition(" <")[0]
        if kind in ("src", "test"):
            file, _, what = (part.strip() for part in text.partition(":"))
            return f"*({'code' if kind == 'src' else 'test'}: `{file}`, `{what}`)*"
        raise ValueError(f"no plain form for the role {kind!r}")

    def citation(self, key: str, *, in_text: bool) -> str:
        entry = self.sources[key]
        names = [" ".join(person.last_names) for person in entry.persons["author"]]
        authors = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        year = entry.fields["year"]
        return f"{authors} ({year})" if in_text else f"({authors}, {year})"

    def directive(self, match) -> str:
        _, kind, argument, body = match.groups()
        options = dict(re.findall(r"^:([\w-]+): *(.*)$", body, re.M))
        content = re.sub(r"^:[\w-]+:.*\n", "", body, flags=re.M).strip()
        if kind == "literalinclude":
            return f"```python\n{self.excerpt(argument, options)}\n```"
        title = f"Algorithm: {argument}" if kind == "prf:algorithm" else argument
        return textwrap.indent(f"**{title}**\n\n{content}", "> ", lambda line: True)

    def excerpt(self, path: str, options: dict[str, str]) -> str:
        lines = (self.folder / path).read_text(encoding="utf-8").splitlines()
        wanted = options["start-at"].strip('"')
        start = next(n for n, line in enumerate(lines) if wanted in line)
        before = options.get("end-before")
        wanted = (before or options.get("end-at", lines[-1])).strip('"')
        end = next(n for n in range(start, len(lines)) if wanted in lines[n])
        end += not before
        return textwrap.dedent("\n".join(lines[start:end])).strip()


def set_up(address: str) -> str:
    """Code that installs the package from a repository, if it is not there."""
    code = SETUP.read_text(encoding="utf-8")
    return code.replace('REPOSITORY = ""', f'REPOSITORY = "{address}"')


def edition(env, docname: str) -> nbformat.NotebookNode:
    """The chapter without MyST, captions as text."""
    notebook = nbformat.read(ROOT / f"{docname}.ipynb", as_version=4)
    writer, cells = Edition(env, docname), []
    for cell in notebook.cells:
        figure = cell.metadata.pop("mystnb", {}).get("figure", {})
        if cell.cell_type == "markdown":
            cell.source = writer.markdown(cell.source)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("explorer", None)
        cells.append(cell)
        if figure and cell.outputs:
            number = writer.numbers[figure["name"]]
            caption = f"*Figure {number}.* {figure['caption']}"
            cells.append(
                nbformat.v4.new_markdown_cell(caption, id=f"{cell.id}-caption")
            )
    notebook.cells = cells
    return notebook


def write_editions(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    lab = out.with_name("lab")  # what `make lab` copies
    lab.mkdir(exist_ok=True)
    install = set_up(repository())
    for docname in sorted(app.env.found_docs):
        if (ROOT / f"{docname}.ipynb").exists():
            plain = edition(app.env, docname)
            nbformat.write(plain, lab / f"{Path(docname).name}.ipynb")
            first = next(cell for cell in plain.cells if cell.cell_type == "code")
            first.source = f"{install}\n{first.source}"
            nbformat.write(plain, out / f"{docname}.ipynb")  # for Colab
            nbformat.write(plain, out / "_sources" / f"{docname}.ipynb")  # to download


def setup(app):
    app.connect("config-inited", add_button, priority=900)
    app.connect("build-finished", write_editions)
