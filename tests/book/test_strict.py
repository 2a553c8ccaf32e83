"""The book, served with a strict Content-Security-Policy, works as from disk."""

import http.server
import re
import sys
import threading

import pytest
from browser import PATIENCE, needs_chromium
from built import FOLDERS, ROOT, built_book, explorer_pages

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from capsbook import strict

PAGE = """<head><script data-a="b">one()</script>
<script src="x.js"></script><script type="application/json">{"two": 2}</script></head>
<script>let toggleHintShow = 'x';</script><button onclick="window.print()">p</button>"""


def test_scripts_of_a_page_become_files():
    page, files = strict.without_inline(PAGE, "../")
    (name,) = files
    assert files == {name: "one()"}
    assert f'<script data-a="b" src="../_static/{name}"></script>' in page
    assert '<script src="x.js"></script>' in page
    assert '{"two": 2}' in page
    assert "toggleHint" not in page
    assert '<button data-run="print">p</button>' in page


def test_no_page_has_a_script_or_a_handler_in_it():
    pages = sorted(built_book().rglob("*.html"))
    assert len(pages) > 15
    for path in pages:
        if path.parent.name == "alone":  # of the tests
            continue
        text = path.read_text(encoding="utf-8")
        for script in strict.INLINE.finditer(text):
            assert strict.DATA in script["attributes"], (path, script[0][:100])
        assert not re.search(r"<[^>]*\son\w+=", text), path


@pytest.fixture(scope="module")
def address():
    """A server of the book, on this machine, that sends the policy."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(built_book()))

        def end_headers(self):
            self.send_header("Content-Security-Policy", strict.POLICY)
            super().end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def served(browser, address):
    """Open a page of the server; page.faults is what goes wrong there."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)

    def served(path):
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on(
            "console",
            lambda m: m.type in ("error", "warning") and page.faults.append(m.text),
        )
        page.goto(address + path)
        return page

    yield served
    context.close()


@needs_chromium
@pytest.mark.parametrize("name", FOLDERS)
def test_figures_live_under_the_policy(served, name):
    path = explorer_pages()[name][0].relative_to(built_book()).as_posix()
    page = served(path)
    place = page.locator(f"[data-explorer={name}]")
    place.scroll_into_view_if_needed()
    place.locator(".cx").wait_for()
    assert page.faults == []


@needs_chromium
def test_text_formulas_search_and_buttons_work_under_the_policy(served):
    page = served("book/02_squash.html")
    page.locator(".katex").first.wait_for()
    assert page.evaluate("document.documentElement.dataset.mode") == "auto"
    page.evaluate("window.print = () => { window.printed = true }")
    page.locator("[data-run=print]").first.dispatch_event("click")
    assert page.evaluate("window.printed")
    page.locator("[data-run=full-screen]").first.click()
    page.wait_for_function("document.fullscreenElement !== null")
    assert page.faults == []
    page = served("search.html?q=squash")
    page.locator("ul.search li").first.wait_for()
    assert page.faults == []


@needs_chromium
def test_the_policy_stops_what_is_not_ours(served):
    page = served("book/notation.html")
    page.evaluate(
        """document.body.insertAdjacentHTML(
          "beforeend", "<img src='data:,' onerror='window.ran = 1'>");
        const script = document.createElement("script");
        script.textContent = "window.ran = 1";
        document.body.append(script);"""
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in fault for fault in page.faults)
