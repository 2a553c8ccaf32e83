"""Everything a page needs comes with it: it asks nothing of other hosts."""

import json
from pathlib import Path

HERE = Path(__file__).parent
PALETTE = json.loads(
    (HERE.parents[2] / "capsnet_tutorial" / "plots" / "palette.json").read_text()
)
# What the theme and Jupyter Book add unasked, and no page uses; thebe would even load a
# kernel from elsewhere.
STRAY = ("thebe", "togglebutton", "design-tabs", "design-style", "sphinx-design")


def colours(theme: str) -> str:
    """The palette as CSS variables: --caps-below, --caps-above, ..."""
    return "".join(f"--caps-{role}: {value};" for role, value in PALETTE[theme].items())


def add_static(app):
    generated = Path(app.doctreedir) / "capsbook"
    generated.mkdir(parents=True, exist_ok=True)
    (generated / "palette.css").write_text(
        f":root {{ {colours('light')} }}\n"
        f"html[data-theme='dark'] {{ {colours('dark')} }}\n"
    )
    app.config.html_static_path += [str(HERE / "static"), str(generated)]
    app.add_css_file("palette.css")
    app.add_css_file("book.css")


def drop_strays(app, page, template, context, doctree):
    def is_stray(asset):
        text = str(vars(asset)) if hasattr(asset, "__dict__") else str(asset)
        return any(word in text.lower() for word in STRAY)

    for kind in ("script_files", "css_files"):
        context[kind] = [one for one in context.get(kind, []) if not is_stray(one)]


def setup(app):
    app.connect("builder-inited", add_static)
    app.connect("html-page-context", drop_strays, priority=900)
