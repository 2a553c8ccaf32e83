"""All chapters as cards: a small drawing, and the box that each opens with.

```{chapters}
```

What a chapter teaches, needs and takes is said once, in its box "In this chapter".
"""

import re
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

BOX = re.compile(
    r"\*\*You will learn\*\* (?P<learn>.+?)\n\*\*You need\*\* (?P<need>.+?) "
    r"\*\*Time:\*\* (?P<minutes>\d+) minutes",
    re.DOTALL,
)


def opening(path: Path) -> re.Match | None:
    """The box of a chapter, with its "learn", "need" and "minutes"."""
    cells = nbformat.read(path, as_version=4).cells
    return BOX.search("\n\n".join(cell.source for cell in cells))


class Chapters(SphinxDirective):
    """A card for each notebook whose name begins with its number."""

    def run(self):
        here = Path(self.env.doc2path(self.env.docname)).parent
        cards = nodes.container(classes=["caps-cards"])
        for path in sorted(here.glob("[0-9][0-9]_*.ipynb")):
            drawing = here / "cards" / f"{path.stem}.svg"
            for source in (path, drawing):
                self.env.note_dependency(str(source))
            cards += self.card(path, drawing.read_text(encoding="utf-8"))
        return [cards]

    def card(self, path: Path, drawing: str) -> nodes.container:
        box = opening(path)
        if box is None:
            raise self.error(
                f'{path.name} has no box "In this chapter"; see {__file__}'
            )
        learn = box["learn"].rstrip(".")
        title = re.search(r"^# (?:\d+\. )?(.+)$", box.string, re.M)[1]
        lines = {
            "title": f"[{int(path.name[:2])}. {title}](/book/{path.name})",
            "learn": f"{learn[0].upper()}{learn[1:]}.",
            "need": f"{box['minutes']} minutes. Needs {box['need']}",
        }
        card = nodes.container(classes=["caps-card"])
        card += nodes.raw("", drawing, format="html")
        for name, text in lines.items():
            part = nodes.container(classes=[f"caps-card-{name}"])
            self.state.nested_parse([text], self.content_offset, part)
            card += part
        return card


def setup(app):
    app.add_directive("chapters", Chapters)
