"""Explorers, opened in Chromium."""

import pytest
from browser import at_rest
from built import alone, explorer_pages


@pytest.fixture
def open_explorer(open_page):
    """An explorer at a state, at rest; page.explorer is its frame.

    Args:
        name: of the explorer.
        state: a link, such as "1~s:2000,1000".
        page: "alone" with its styles and scripts; "chapter": in the first page of the
            book that has it; or a page of the book.
        options: of `browser.opened`.
    """

    def open_explorer(name, state="", page="alone", **options):
        first = explorer_pages()[name][0]
        path = {"alone": alone(name), "chapter": first}.get(page, page)
        opened = open_page(path, f"?{name}={state}" if state else "", **options)
        opened.name = name
        opened.explorer = opened.locator(f"[data-explorer={name}] .cx")
        if options.get("java_script_enabled", True):
            opened.explorer.wait_for()
            opened.explorer.scroll_into_view_if_needed()
            at_rest(opened, name)
        return opened

    return open_explorer
