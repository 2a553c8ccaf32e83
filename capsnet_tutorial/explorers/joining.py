"""Many small JavaScript modules become the one that Jupyter and the book load.

anywidget takes a single module without imports, and a page from disk cannot import
files.  So the modules that an explorer imports are written before it, leaves first.
Needs the standard library only: the book is built without torch.
"""

import json
import re
from pathlib import Path

HERE = Path(__file__).parent
PALETTE = json.loads((HERE.parent / "palette.json").read_text(encoding="utf-8"))
IMPORT = re.compile(r'^import \{[\w,\s]+\} from "\./(\w+)\.js";\n', re.MULTILINE)
COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)  # on a line of its own
DARK = (  # Sphinx; JupyterLab and Notebook; VS Code; Colab
    "html[data-theme='dark'] .cx, body[data-jp-theme-light='false'] .cx, "
    "body.vscode-dark .cx, html[theme='dark'] .cx"
)


def module(name: str, folder: Path = HERE) -> str:
    """The module `name`.js with all that it imports, as one text without imports.

    Raises:
        ValueError: if an import has another form than
            `import { a, b } from "./file.js";`, which is the only one that is read.
    """
    parts: dict[str, str] = {}

    def add(name: str, last: bool = False) -> None:
        text = (folder / f"{name}.js").read_text(encoding="utf-8")
        for needed in IMPORT.findall(text):
            if needed not in parts:
                add(needed)
        text = COMMENT.sub("", IMPORT.sub("", text))
        if re.search(r"^import\b", text, re.MULTILINE):
            raise ValueError(
                f'{name}.js: write `import {{ a, b }} from "./file.js";`, one by one'
            )
        parts[name] = text if last else re.sub(r"^export ", "", text, flags=re.M)

    add(name, last=True)
    return "\n".join(parts.values())


def style(name: str, folder: Path = HERE) -> str:
    """The colours of palette.json, kit.css, and `name`.css if there is one."""
    own = folder / f"{name}.css"
    return "\n".join(
        [
            f".cx {{ {_colours('light')} }}",
            f"{DARK} {{ {_colours('dark')} }}",
            (HERE / "kit.css").read_text(encoding="utf-8"),
            own.read_text(encoding="utf-8") if own.exists() else "",
        ]
    )


def _colours(theme: str) -> str:
    """The book's variables where there are any, else the colours themselves."""
    return " ".join(
        f"--{role}: var(--caps-{role}, {value});"
        for role, value in PALETTE[theme].items()
    )
