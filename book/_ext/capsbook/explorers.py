"""Explorers in the built pages: live without a kernel, a picture where they cannot be.

tools/run_chapter.py stores an explorer as its picture, and its state in the metadata of
the output.  Here the figure with that picture gets a place for the live one, and the
page gets two scripts: the explorer's code and explorers-host.js, which starts it.

{try}`the words <squash=1~s:100,0>`   words of the text that set an explorer
"""

import html
import importlib.util
import json
import re
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

ROOT = Path(__file__).parents[3]
CODE = ROOT / "capsnet_tutorial" / "explorers"
VIEW = "application/vnd.jupyter.widget-view+json"
NEEDS_KERNEL = (
    '<p class="caps-explorer-note" role="note">This control needs Python behind it: '
    "open the chapter in JupyterLab or Colab.</p>"
)
logger = logging.getLogger(__name__)


def alone(name: str):
    """A module of the bundle, without the package: to build the book needs no torch."""
    spec = importlib.util.spec_from_file_location(name, CODE / "bundle" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stored(env, docname: str) -> dict[str, dict]:
    """The explorers of a chapter: name of its figure -> {"name": ..., "state": ...}."""
    path = Path(env.doc2path(docname))
    found = {}
    if path.suffix == ".ipynb":
        for cell in nbformat.read(path, as_version=4).cells:
            figure = cell.metadata.get("mystnb", {}).get("figure", {})
            for output in cell.get("outputs", []):
                if "explorer" in output.get("metadata", {}):
                    found[figure["name"]] = output.metadata.explorer
    return found


def write_code(app):
    """One classic script for each explorer: its module and its style, as texts.

    And the weights that some of them load once they come into view.
    """
    join, parts = alone("joining"), alone("parts")
    explorers = {}
    for docname in app.project.discover():
        explorers |= {e["name"]: e for e in stored(app.env, docname).values()}
    folder = Path(app.doctreedir) / "capsbook"
    for name in explorers:
        code = json.dumps({"esm": join.module(name), "css": join.style(name)})
        script = f"(window.capsExplorers ??= {{}}).{name} = {code};\n"
        (folder / f"explorer-{name}.js").write_text(script, encoding="utf-8")
    for weights in {e["state"].get("weights") for e in explorers.values()} - {None, ""}:
        parts.write_scripts(weights, ROOT / "data", folder)


class PlaceExplorers(SphinxPostTransform):
    """Put a place for the live figure before its picture; say what needs a kernel."""

    default_priority = 890
    formats = ("html",)

    def run(self, **_):
        explorers = stored(self.env, self.env.docname)
        for figure in self.document.findall(nodes.figure):
            for label in set(figure["names"]) & set(explorers):
                name, state = explorers[label]["name"], explorers[label]["state"]
                figure["explorer"] = name
                figure["classes"].append("caps-explorer")
                place = (
                    f'<div data-explorer="{name}" '
                    f'data-state="{html.escape(json.dumps(state))}"></div>'
                )
                figure.insert(0, nodes.raw("", place, format="html"))
        for raw in list(self.document.findall(nodes.raw)):
            if VIEW in raw.astext():
                raw.replace_self(nodes.raw("", NEEDS_KERNEL, format="html"))


def add_scripts(app, page, template, context, doctree):
    """Only pages with explorers load anything."""
    figures = doctree.findall(nodes.figure) if doctree else []
    names = sorted({f["explorer"] for f in figures if "explorer" in f})
    for name in names:
        app.add_js_file(f"explorer-{name}.js", loading_method="defer")
    if names:
        app.add_js_file("explorers-host.js", priority=900, loading_method="defer")


class TryRole(SphinxRole):
    """Words that set an explorer of the same page; without JavaScript, a link to it."""

    def run(self):
        match = re.fullmatch(r"(.+?)\s*<(\w+)=(1~[\w~:,.-]+)>", self.text, re.DOTALL)
        explorers = stored(self.env, self.env.docname)
        labels = [k for k, e in explorers.items() if match and e["name"] == match[2]]
        if not labels:
            message = f"{self.text!r} is not `words <explorer=1~state>` for this page"
            logger.warning(message, location=self.get_location())
            return [nodes.Text(self.text)], []
        address = f"?{match[2]}={match[3]}#{labels[0]}"
        reference = nodes.reference("", match[1], refuri=address, classes=["caps-try"])
        return [reference], []


def setup(app):
    app.add_role("try", TryRole())
    app.add_post_transform(PlaceExplorers)
    app.connect("builder-inited", write_code, priority=900)  # after offline.py
    app.connect("html-page-context", add_scripts)
