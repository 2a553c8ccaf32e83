"""Many small JavaScript modules become the one that Jupyter and the book load.

anywidget takes a single module without imports, and a page from disk cannot import
files.  So the modules that an explorer imports are written before it, leaves first,
each inside a function of its own: a name in one never meets a name in another.
Needs the standard library only: the book is built without torch.
"""

import json
import os
import re
from pathlib import Path

EXPLORERS = Path(__file__).parents[1]
STYLES = ("frame", "panel", "readout", "controls", "chips")  # of the kit, in order
PALETTE = EXPLORERS.parent / "plots" / "palette.json"
NAMES = re.compile(
    r'^import \{(\s*\w+(?:,\s*\w+)*,?\s*)\} from "(\.[\w./]+\.js)";\n', re.MULTILINE
)  # import { a, b } from "../kit/marks.js";
NUMBERS = re.compile(
    r'^import (\w+) from "(\.[\w./]+\.json)" with \{ type: "json" \};\n', re.MULTILINE
)
EXPORT = re.compile(
    r"^export (?=(?:const|class|(?:async )?function\*?) \w+)", re.MULTILINE
)
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
LEFT_OUT = re.compile(
    r"""
    ^\ *//.*\n |  # comments on lines of their own
    ^\ */\*\*(?:(?!\*/)[\s\S])*\*/\n |
    /\*\*(?:(?!\*/)[\s\S])*\*/\ ? |  # types in a line
    \ +//\ [^"'`\n]*$ |  # comments at its end, where surely no text goes on
    ^\n | ^\ +  # empty lines, and what lines begin with: no text runs over lines
    """,
    re.MULTILINE | re.VERBOSE,
)
DARK = (  # Sphinx; JupyterLab and Notebook; VS Code; Colab
    "html[data-theme='dark'] .cx, body[data-jp-theme-light='false'] .cx, "
    "body.vscode-dark .cx, html[theme='dark'] .cx"
)


def module(name: str) -> str:
    """The module of an explorer: `name`/index.js with all that it imports."""
    return joined(EXPLORERS / name / "index.js")


def joined(entry: Path) -> str:
    """A module with all that it imports, as one text without imports.

    Raises:
        ValueError: if an import or export has a form that is not read; the message
            shows those that are.
    """
    bodies: dict[Path, str] = {}  # leaves first
    wanted: dict[Path, set[str]] = {}  # what others import from each

    def without_imports(path: Path) -> str:
        def take(match: re.Match) -> str:
            names = [name.strip() for name in match[1].split(",") if name.strip()]
            needed = Path(os.path.normpath(path.parent / match[2]))
            wanted.setdefault(needed, set()).update(names)
            if needed not in bodies:
                bodies[needed] = _only_known_forms(
                    needed, EXPORT.sub("", without_imports(needed))
                )
            return f"const {{ {', '.join(names)} }} = {_scope(needed)};\n"

        def inline(match: re.Match) -> str:
            numbers = json.loads((path.parent / match[2]).read_text(encoding="utf-8"))
            return f"const {match[1]} = {json.dumps(numbers)};\n"

        text = LEFT_OUT.sub("", path.read_text(encoding="utf-8"))
        return NUMBERS.sub(inline, NAMES.sub(take, text))

    last = without_imports(entry)
    _only_known_forms(entry, re.sub("^export ", "", last, flags=re.MULTILINE))
    scopes = (
        f"const {_scope(path)} = (() => {{\n{body}"
        f"return {{ {', '.join(sorted(wanted[path]))} }};\n}})();\n"
        for path, body in bodies.items()
    )
    return "\n".join([*scopes, last])


def _scope(path: Path) -> str:
    """ "$kit_marks" for kit/marks.js."""
    return f"${path.parent.name}_{path.stem}"


def _only_known_forms(path: Path, text: str) -> str:
    if found := OTHER.search(text):
        raise ValueError(
            f"{path.parent.name}/{path.name}: `{found[0]}` is not read; write "
            '`import { a, b } from "../kit/marks.js";`, '
            '`import numbers from "./numbers.json" with { type: "json" };`, '
            "`export const a = ...` or `export function b() ...`"
        )
    return text


def style(name: str) -> str:
    """The colours of palette.json, the kit's styles, and the explorer's own if any."""
    palette = json.loads(PALETTE.read_text(encoding="utf-8"))
    own = EXPLORERS / name / "style.css"
    return "\n".join(
        [
            f".cx {{ {_colours(palette['light'])} }}",
            f"{DARK} {{ {_colours(palette['dark'])} }}",
            *((EXPLORERS / "kit" / f"{n}.css").read_text("utf-8") for n in STYLES),
            own.read_text(encoding="utf-8") if own.exists() else "",
        ]
    )


def _colours(palette: dict[str, str]) -> str:
    """The book's variables where there are any, else the colours themselves."""
    return " ".join(
        f"--{role}: var(--caps-{role}, {value});" for role, value in palette.items()
    )
