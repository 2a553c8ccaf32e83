"""Pages that are light: of the theme's icons, styles and files, what is used stays.

The theme draws a dozen icons with 1.5 MB of Font Awesome.  Here each becomes a mask of
its outline, in one small style sheet; rules of the theme for things that no page has
are left out; files that nothing asks for are removed.
"""

import re
import zlib
from pathlib import Path
from urllib.parse import quote

import pydata_sphinx_theme
import tinycss2
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme"
THEME_STYLE = "styles/pydata-sphinx-theme.css"
ICON_FONT = "vendor/fontawesome/webfonts/fa-solid-900.ttf"
ICON_SCRIPT = r"<script [^>]*scripts/fontawesome\.js[^>]*></script>"
# What the theme's pages and scripts show; another one there fails the test of icons.
ICONS = {
    "angle-left",
    "angle-right",
    "arrow-up",
    "bars",
    "chevron-down",
    "circle-half-stroke",
    "download",
    "expand",
    "file",
    "file-pdf",
    "list",
    "magnifying-glass",
    "moon",
    "sun",
    "xmark",
}
# Icons that the theme writes with its font before or after a text.
PSEUDO = {
    ".admonition > .admonition-title::after": "lightbulb",
    "html .bd-sidebar-secondary.hide:not(:hover) .onthispage::after": "angle-down",
}
BASE = """
.fa-solid, .fas, {pseudo} {{
  display: inline-block;
  width: 1em;
  vertical-align: -0.125em;
  height: 1em;
  background: currentColor;
  mask: no-repeat center / contain;
}}
.fa-solid::before, .fas::before {{ content: none; }}
{pseudo} {{ content: ""; }}
"""
REMOVED = (
    "*.map",
    "*.LICENSE.txt",
    "scripts/fontawesome.js",
    "vendor/fontawesome/**/*",
    "*.html",  # what the theme puts into its templates
    "sphinx-thebe*",
    "togglebutton*",
    "design-tabs.js",
    "sphinx-design*",
    "locales/**/*",
)


def outline(font: TTFont, codepoint: int) -> str:
    """A glyph as an SVG data address."""
    name = font.getBestCmap()[codepoint]
    glyphs = font.getGlyphSet()
    path, box = SVGPathPen(glyphs, ntos=lambda x: f"{x:.0f}"), BoundsPen(glyphs)
    glyphs[name].draw(path)
    glyphs[name].draw(box)
    left, low, right, high = (round(x) for x in box.bounds)
    size = max(right - left, high - low)
    x, y = (left + right - size) // 2, (low + high - size) // 2
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='{x} {-y - size} {size} "
        f"{size}'><path transform='scale(1 -1)' d='{path.getCommands()}'/></svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe=" '=:/.,-")


def icon_style(static: Path) -> str:
    """One rule for each icon, from the theme's own font and code points."""
    theme = (static / THEME_STYLE).read_text(encoding="utf-8")
    font = TTFont(static / ICON_FONT)
    rules = [BASE.format(pseudo=", ".join(PSEUDO))]
    wanted = [(f".fa-{name}", name) for name in sorted(ICONS)]
    for selector, name in wanted + list(PSEUDO.items()):
        found = re.search(rf'\.fa-{name}:before[^{{}}]*\{{content:"\\(\w+)"', theme)
        if found is None:
            raise ValueError(f"the theme has no icon {name}; see ICONS in {__file__}")
        address = outline(font, int(found[1], 16))
        rules.append(f'{selector} {{ mask-image: url("{address}"); }}\n')
    return "".join(rules)


def without_unused(style: str, words: set[str]) -> str:
    """A style sheet without the rules for classes and ids that are not among words."""
    return _kept(tinycss2.parse_stylesheet(style, skip_comments=True), words)


def _kept(rules: list, words: set[str]) -> str:
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = _split(tinycss2.serialize(rule.prelude))
            used = [one for one in selectors if _names(one) <= words]
            if used and "Font Awesome" not in tinycss2.serialize(rule.content):
                kept.append(f"{','.join(used)}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = _kept(tinycss2.parse_rule_list(rule.content), words)
            if inner:
                prelude = tinycss2.serialize(rule.prelude)
                kept.append(f"@{rule.at_keyword}{prelude}{{{inner}}}")
        elif rule.type != "whitespace" and "Font Awesome" not in rule.serialize():
            kept.append(rule.serialize())
    return "".join(kept)


def _split(selectors: str) -> list[str]:
    """At the commas outside of brackets."""
    return re.split(r",(?![^()]*\))", selectors)


def _names(selector: str) -> set[str]:
    """Classes and ids without which a selector matches nothing."""
    outside = re.sub(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)", "", selector)
    return set(re.findall(r"[.#](-?[A-Za-z_][\w-]*)", outside))


def _words(text: str) -> set[str]:
    return set(re.findall(r"-?[A-Za-z_][\w-]*", text))


def lighten(app, exception):
    """Once all pages are written: what they use stays."""
    if exception is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    static = out / "_static"
    for pattern in REMOVED:
        for path in static.glob(pattern):
            if path.is_file():
                path.unlink()
    pages = {path: path.read_text(encoding="utf-8") for path in out.rglob("*.html")}
    scripts = [path.read_text(encoding="utf-8") for path in static.rglob("*.js")]
    words = _words("\n".join([*pages.values(), *scripts]))
    versions = {}
    for path in static.rglob("*.css"):
        before = path.read_text(encoding="utf-8")
        after = without_unused(before, words)
        if after != before:
            path.write_text(after, encoding="utf-8")
            name = path.relative_to(static).as_posix()
            versions[name] = f"{zlib.crc32(after.encode()):08x}"

    def new_version(link: re.Match) -> str:
        return f"_static/{link[1]}?v={versions[link[1]]}"

    names = "|".join(map(re.escape, versions))
    for path, page in pages.items():
        after = re.sub(rf"_static/({names})\?(?:v|digest)=\w+", new_version, page)
        if after != page:
            path.write_text(after, encoding="utf-8")


def add_icons(app):
    generated = Path(app.doctreedir) / "capsbook"
    generated.mkdir(parents=True, exist_ok=True)
    (generated / "icons.css").write_text(icon_style(THEME / "static"), encoding="utf-8")
    app.add_css_file("icons.css")


def add_template_function(app, page, template, context, doctree):
    context["without_icon_script"] = lambda block: re.sub(ICON_SCRIPT, "", block)


def setup(app):
    app.config.templates_path.insert(0, str(HERE / "templates"))
    app.connect("builder-inited", add_icons)
    app.connect("html-page-context", add_template_function)
    app.connect("build-finished", lighten, priority=900)
