"""What others see of the book: descriptions, a card, a map of the site, a 404 page.

Links from elsewhere need to know where the book is published: BOOK_URL, or else the
pages of the project on GitHub.  Without either they are left out.
"""

import os
import re
from pathlib import Path

from .cards import opening
from .colab import repository

LOST = (
    "<h1>No such page</h1>\n<p>The address may be older than the book. Begin at the "
    '<a href="{url}book/index.html">first page</a>, or search for a word.</p>'
)


def address() -> str:
    """Where the book is published, with a slash at its end, or empty."""
    owner, _, name = repository().removeprefix("https://github.com/").partition("/")
    pages = f"https://{owner}.github.io/{name}" if name else ""
    url = os.environ.get("BOOK_URL", pages)
    if url and not re.fullmatch(r"https?://[^\s?#]+", url):
        raise ValueError(f"BOOK_URL is {url!r}; it must be like https://host/folder/")
    return url and url.rstrip("/") + "/"


def place(app, config):
    url = address()
    config.html_baseurl = config.ogp_site_url = url
    config.ogp_site_name = config.html_title
    config.ogp_image = "_static/card.png" if url else None
    config.ogp_image_alt = "A drawn 5, and ten bars: that of the 5 reaches 0.94."
    config.ogp_social_cards = {"enable": False}
    config.sitemap_url_scheme = "{link}"
    config.sitemap_excludes = ["search.html", "404.html"]
    config.notfound_urls_prefix = re.sub(r"^https?://[^/]+", "", url) or "/"
    config.notfound_context = {
        "title": "No such page",
        "body": LOST.format(url=config.notfound_urls_prefix),
    }


def describe(app, page, template, context, doctree):
    """A chapter by the box that it opens with; other pages begin with what they are."""
    path = Path(app.srcdir, f"{page}.ipynb")
    box = opening(path) if path.exists() else None
    if box:
        words = re.sub(r"[*`]", "", f"You will learn {box['learn']}").replace("\n", " ")
        context["meta"] = {**(context["meta"] or {}), "og:description": words}


def without_address(app, page, template, context, doctree):
    """Tags that would have to say where the page is."""
    if not app.config.html_baseurl and "metatags" in context:
        tag = r'<meta property="og:url"[^>]*>\n'
        context["metatags"] = re.sub(tag, "", context["metatags"])


def setup(app):
    app.connect("config-inited", place)
    app.connect("html-page-context", describe, priority=100)
    app.connect("html-page-context", without_address, priority=900)
    app.setup_extension("sphinxext.opengraph")
    app.setup_extension("notfound.extension")
    if address():
        app.setup_extension("sphinx_sitemap")
