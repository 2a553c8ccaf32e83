"""From a formula to the line that computes it, and to the test that proves it.

{src}`squash.py: return (s`      links to the line of squash.py with this text
{src}`fast/routing.py: learn`    files in folders of the package, in the same way
{test}`test_squash.py: test_x`   links to that test
{trials}`resumes`                how often a promise of tests/trials.py was tried
```{listing} capsnet_tutorial/squash.py   a file, an anchor at each line
```

A text that is on no line, or on several, and a trial that failed are warnings: the
strict build fails.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

ROOT = Path(__file__).parents[3]
PAGES = {  # folder of the files, and the pages that list them
    "src": ("capsnet_tutorial", ["book/source", "book/source_around"]),
    "test": ("tests", ["book/proofs", "book/proofs_around"]),
}
TRIALS = ROOT / "data" / "results" / "trials.json"
logger = logging.getLogger(__name__)


def anchor(file: str, line: int | str) -> str:
    """Of a line; "fast-routing-12" for line 12 of fast/routing.py."""
    return re.sub(r"[_/]", "-", f"{file.removesuffix('.py')}-{line}")


def lines_with(path: Path, text: str) -> list[int]:
    """Numbers of the lines of a file that contain a text."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [number for number, line in enumerate(lines, 1) if text in line]


def page_with(file: str, pages: list[str]) -> str | None:
    """The page that lists a file."""
    for page in pages:
        if lines_with(ROOT / f"{page}.md", f"{{listing}} {file}"):
            return page
    return None


class EvidenceRole(SphinxRole):
    """A link into a listing, found by the text of the line."""

    def run(self):
        folder, pages = PAGES[self.name]
        file, _, text = (part.strip() for part in self.text.partition(":"))
        path = ROOT / folder / file
        numbers = lines_with(path, text if self.name == "src" else f"def {text}(")
        page = page_with(f"{folder}/{file}", pages)
        if len(numbers) != 1 or page is None:
            message = f"{folder}/{file} has {len(numbers)} lines with {text!r}, not one"
            if page is None:
                message = f"{folder}/{file} is listed on no page of {pages}"
            logger.warning(message, location=self.get_location())
            return [nodes.literal(self.text, self.text)], []
        self.env.note_dependency(str(path))
        label = f"{file}, line {numbers[0]}" if self.name == "src" else text
        reference = nodes.reference("", "", nodes.literal("", label), internal=True)
        reference["classes"].append("caps-evidence")
        address = self.env.app.builder.get_relative_uri(self.env.docname, page)
        reference["refuri"] = f"{address}#{anchor(file, numbers[0])}"
        return [reference], []


class TrialsRole(SphinxRole):
    """How often a promise was tried, from the record of tests/trials.py."""

    def run(self):
        self.env.note_dependency(str(TRIALS))
        record = json.loads(TRIALS.read_bytes())["promises"]
        tried = record.get(self.text, {"trials": 0, "failed": 0})
        if not tried["trials"] or tried["failed"]:
            message = f"{self.text}: {tried['trials']} trials, {tried['failed']} failed"
            logger.warning(message, location=self.get_location())
        return [nodes.Text(f"{tried['trials']:,}")], []


class Listing(SphinxDirective):
    """A whole Python file, highlighted, with an anchor at every line."""

    required_arguments = 1

    def run(self):
        path = ROOT / self.arguments[0]
        self.env.note_dependency(str(path))
        file = self.arguments[0].partition("/")[2]
        prefix = anchor(file, "").removesuffix("-")
        formatter = HtmlFormatter(linenos="inline", lineanchors=prefix)
        code = highlight(path.read_text(encoding="utf-8"), PythonLexer(), formatter)
        code = re.sub(
            r'<a id="([^"]+)" name="[^"]+"></a>', r'<span id="\1"></span>', code
        )
        code = code.replace("<pre>", f'<pre tabindex="0" aria-label="{file}">')
        html = f'<div class="highlight-python notranslate caps-listing">{code}</div>'
        return [nodes.raw("", html, format="html")]


class EvidenceLine(SphinxPostTransform):
    """A paragraph of nothing but evidence is a note to the formula above it."""

    default_priority = 900

    def run(self, **_):
        for paragraph in self.document.findall(nodes.paragraph):
            parts = [part for part in paragraph.children if part.astext().strip()]
            in_table = isinstance(paragraph.parent, nodes.entry)
            if parts and not in_table and all(map(is_evidence, parts)):
                paragraph["classes"].append("caps-evidence-line")


def is_evidence(node):
    return isinstance(node, nodes.reference) and "caps-evidence" in node["classes"]


def setup(app):
    app.add_post_transform(EvidenceLine)
    app.add_role("src", EvidenceRole())
    app.add_role("test", EvidenceRole())
    app.add_role("trials", TrialsRole())
    app.add_directive("listing", Listing)
