"""The chapters: their form, their plain editions, and the numbers in their prose."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import nbformat
import pytest
from built import ROOT, built_book

sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import check_book
from capsbook import colab, light, pictures, site

CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))


def test_chapters_have_no_faults():
    assert list(check_book.faults(CHAPTERS)) == []
    listed = re.findall(r"book/(?:index|\d\d_\w+)", (ROOT / "_toc.yml").read_text())
    assert sorted(listed) == [f"book/{path.stem}" for path in CHAPTERS]
    assert len(CHAPTERS) > 10


def cell(source="x", tags=(), outputs=(), **metadata):
    made = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags), **metadata})
    made.execution_count, made.outputs = 1, list(outputs)
    return made


PICTURE = nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg/>"})


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        (cell("plot();"), "ends in ';'"),
        (cell("x = 1\n" * 30), "30 lines|31 lines"),
        (cell("x" * 81), "a line of 81 characters"),
        (cell(tags=["nbval-ignore-output"]), "without a reason"),
        (cell(outputs=[PICTURE]), "without alt text"),
        (
            cell(outputs=[nbformat.v4.new_output("error", ename="E")]),
            "stored the error E",
        ),
        (cell(outputs=[nbformat.v4.new_output("stream", name="stderr")]), "stderr"),
    ],
)
def test_faults_are_found(faulty, message):
    assert any(re.search(message, fault) for fault in check_book.faults_of_cell(faulty))


def test_set_up_cells_must_be_equal(tmp_path):
    for n, code in enumerate(("a = 1", "a = 2")):
        first = cell(code, tags=["remove-cell"])
        nbformat.write(nbformat.v4.new_notebook(cells=[first]), tmp_path / f"{n}.ipynb")
    assert list(check_book.faults(sorted(tmp_path.iterdir()))) == [
        "the chapters have 2 different set-up cells"
    ]


def test_plain_editions_have_no_myst_and_keep_every_code_cell():
    seen = 0
    for chapter in CHAPTERS:
        before = nbformat.read(chapter, as_version=4)
        for folder in ("book", "_sources/book", "../lab"):
            after = nbformat.read(built_book() / folder / chapter.name, as_version=4)
            nbformat.validate(after)
            text = "\n".join(c.source for c in after.cells if c.cell_type == "markdown")
            raw = re.findall(
                r"\{[\w:-]+\}`|^:::|^```\{|\$\$ \([\w-]+\)", text, re.MULTILINE
            )
            assert raw == [], f"{chapter.name}: {raw}"
            kept = [c.source for c in after.cells if c.cell_type == "code"]
            if folder != "../lab":
                kept[0] = kept[0].removeprefix(f"{colab.set_up(colab.repository())}\n")
            assert kept == [c.source for c in before.cells if c.cell_type == "code"]
            seen += 1
    assert seen == 3 * len(CHAPTERS)


def test_plain_editions_have_numbers_quotes_and_captions():
    chapter = nbformat.read(built_book() / "book" / "04_routing.ipynb", as_version=4)
    text = "\n".join(c.source for c in chapter.cells)
    assert r"\tag{4.1}" in text
    assert "of figure 4.1. Their votes" in text
    assert "*Figure 4.1.* Routing, whole." in text
    assert "logits = logits + agreement\n```" in text  # quoted from the package


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        (
            "https://github.com/some-body/caps.book.git",
            "https://github.com/some-body/caps.book",
        ),
        (
            "git@github.com:some-body/capsules.git",
            "https://github.com/some-body/capsules",
        ),
        ("https://example.org/some-body/capsules", ""),
        (None, ""),
    ],
)
def test_the_address_is_that_of_the_git_remote(tmp_path, monkeypatch, remote, address):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    if remote:
        subprocess.run(
            ["git", "-C", tmp_path, "remote", "add", "origin", remote], check=True
        )
    monkeypatch.setattr(colab, "ROOT", tmp_path)
    assert colab.repository() == address


def test_the_address_is_none_inside_another_repository(tmp_path, monkeypatch):
    """Of an unpacked zip, too: the address around it is not ours."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    remote = ["remote", "add", "origin", "https://github.com/some-body/else"]
    subprocess.run(["git", "-C", tmp_path, *remote], check=True)
    (tmp_path / "book").mkdir()
    monkeypatch.setattr(colab, "ROOT", tmp_path / "book")
    assert colab.repository() == ""


def test_the_address_is_none_where_git_is_not_installed(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.setattr(colab, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert colab.repository() == ""


def test_the_colab_button_needs_an_address(monkeypatch):
    class Config:
        html_theme_options = {}  # noqa: RUF012

    monkeypatch.setattr(colab, "repository", lambda: "")
    colab.add_button(None, Config)
    assert Config.html_theme_options == {}
    monkeypatch.setattr(colab, "repository", lambda: "https://github.com/a/b")
    colab.add_button(None, Config)
    assert "colab_url" in Config.html_theme_options["launch_buttons"]


def test_pictures_follow_the_theme(tmp_path):
    path = tmp_path / "picture.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        ' width="72pt" height="36pt"><defs><clipPath id="p1"/></defs>'
        '<g id="axes_1" style="fill: #0072b2" clip-path="url(#p1)"/></svg>'
    )
    svg = pictures.inline(path, "An alt text", "picture7")
    assert "fill: var(--caps-below)" in svg
    assert 'aria-label="An alt text"' in svg
    assert 'clip-path="url(#picture7-p1)"' in svg
    assert 'id="picture7-p1"' in svg
    assert "axes_1" not in svg
    assert "max-width: 96px" in svg


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.hrefs = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids.add(attrs.get("id"))
        if tag == "a" and attrs.get("href"):
            self.hrefs.append(attrs["href"])


def book_pages():
    """All pages of the book; not those that tests add to it."""
    return [*built_book().glob("*.html"), *built_book().glob("book/*.html")]


def test_every_internal_link_leads_somewhere():
    pages = {p: Links(p.read_text()) for p in book_pages()}
    followed = 0
    for page, links in pages.items():
        for href in links.hrefs:
            if re.match(r"[a-z]+:|//", href):
                continue
            address, _, fragment = href.partition("#")
            file = address.partition("?")[0]
            if file.startswith("/"):  # the page for the lost: from the root of the site
                target = built_book() / file.lstrip("/")
            else:
                target = (page.parent / file).resolve() if file else page.resolve()
            assert target.exists(), f"{page.name}: {href}"
            if fragment and target.suffix == ".html":
                assert fragment in pages[target].ids, f"{page.name}: {href}"
            followed += 1
    assert followed > 400


def test_evidence_leads_to_lines_and_tests():
    links = Links((built_book() / "book" / "02_squash.html").read_text()).hrefs
    assert sum(link.startswith("source.html#squash-") for link in links) >= 3
    assert sum(link.startswith("proofs.html#test-squash-") for link in links) >= 4


def test_numbers_about_tiny_are_those_of_its_record():
    record = json.loads((ROOT / "data" / "results" / "tiny.json").read_text())
    preface = "\n".join(
        c.source for c in nbformat.read(ROOT / "book" / "index.ipynb", 4).cells
    )
    (errors,) = re.findall(r"([\d,]+) of the 10,000 test digits", preface)
    assert int(errors) == record["counted_on"]["errors"]
    assert record["counted_on"]["n"] == 10_000


def test_the_address_of_the_book_is_asked_for_or_known(monkeypatch):
    monkeypatch.setattr(site, "repository", lambda: "https://github.com/some/caps")
    monkeypatch.delenv("BOOK_URL", raising=False)
    assert site.address() == "https://some.github.io/caps/"
    monkeypatch.setenv("BOOK_URL", "https://caps.example")
    assert site.address() == "https://caps.example/"
    monkeypatch.setenv("BOOK_URL", "caps.example")
    with pytest.raises(ValueError, match=r"'caps.example'; it must be like https://"):
        site.address()
    monkeypatch.delenv("BOOK_URL")
    monkeypatch.setattr(site, "repository", lambda: "")
    assert site.address() == ""


def test_a_book_outside_its_repository_names_none(monkeypatch, tmp_path):
    """An unpacked archive, perhaps inside somebody's repository; or no git at all."""
    monkeypatch.setattr(colab, "ROOT", tmp_path)
    assert colab.repository() == ""
    monkeypatch.setattr(colab, "ROOT", ROOT)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert colab.repository() == ""


def test_only_rules_that_match_nothing_are_left_out():
    style = (
        "@font-face{font-family:'Font Awesome 6 Free'}@font-face{font-family:Mine}"
        ".a:not(.gone,.b) .b,.gone{top:1px}.gone>p{top:2px}#main{top:3px}"
        "@media print{.gone{top:4px}}@media (width > 2px){p,.gone{top:5px}}"
    )
    assert light.without_unused(style, {"a", "b", "main"}) == (
        "@font-face{font-family:Mine}.a:not(.gone,.b) .b{top:1px}#main{top:3px}"
        "@media (width > 2px){p{top:5px}}"
    )


def test_an_icon_that_the_theme_does_not_have_is_named(monkeypatch):
    monkeypatch.setattr(light, "ICONS", {"no-such-icon"})
    with pytest.raises(ValueError, match="no icon no-such-icon"):
        light.icon_style(light.THEME / "static")
