"""Pictures that belong to the page: matplotlib's SVG, put inline.

An SVG behind <img> keeps the colours it was saved with.  Inline, each colour of
the palette becomes a CSS variable: a picture follows light and dark at once,
its text uses the page's font, and its alt text names the graphic.
"""

import re
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from .offline import PALETTE

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
KEEP = {f"{{{SVG}}}{name}" for name in ("defs", "clipPath")}  # ids that others refer to


def themed(text: str) -> str:
    """Replace every colour of the palette by the CSS variable of its role."""
    for role, value in PALETTE["light"].items():
        text = re.sub(
            re.escape(value), f"var(--caps-{role})", text, flags=re.IGNORECASE
        )
    return text


def inline(path: Path, alt: str, prefix: str) -> str:
    """The SVG of a file as part of a page: named `alt`, its ids made unique."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    text = ElementTree.tostring(root, encoding="unicode")
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    for element in root.iter():
        name = element.get("id")
        if name in used:
            element.set("id", f"{prefix}-{name}")
        elif name is not None:
            del element.attrib["id"]
    width = float(root.attrib.pop("width").removesuffix("pt")) * 4 / 3
    root.attrib.pop("height")
    root.set("role", "img")
    root.set("aria-label", alt)
    root.set("class", "caps-picture")
    root.set("style", f"max-width: {width:.0f}px")
    text = ElementTree.tostring(root, encoding="unicode")
    for name in used:
        text = text.replace(f"#{name}", f"#{prefix}-{name}")
    return themed(text)


class InlinePictures(SphinxPostTransform):
    """Replace every image of an .svg by the picture itself, for HTML."""

    default_priority = 900  # after images have been collected
    formats = ("html",)

    def run(self, **_):
        for number, image in enumerate(self.document.findall(nodes.image)):
            path = Path(self.app.srcdir) / image["uri"]
            if path.suffix == ".svg" and path.exists():
                svg = inline(path, image.get("alt", ""), f"picture{number}")
                image.replace_self(nodes.raw("", svg, format="html"))


def setup(app):
    app.add_post_transform(InlinePictures)
