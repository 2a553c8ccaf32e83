"""Everything a page needs comes with it: it asks nothing of other hosts."""

import json
from pathlib import Path

HERE = Path(__file__).parent
PALETTE = json.loads(
    (HERE.parents[2] / "capsnet_tutorial" / "plots" / "palette.json").read_text()
)
STRAY = ("thebe",)  # would load a kernel from elsewhere; the theme adds it unasked


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


def drop_stray_scripts(app, page, template, context, doctree):
    def is_stray(script):
        text = str(vars(script)) if hasattr(script, "__dict__") else str(script)
        return any(word in text.lower() for word in STRAY)

    context["script_files"] = [
        s for s in context.get("script_files", []) if not is_stray(s)
    ]


def setup(app):
    app.connect("builder-inited", add_static)
    app.connect("html-page-context", drop_stray_scripts, priority=900)
