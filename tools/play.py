"""Open an explorer alone, in a page that loads again when one of its files is saved.

    python tools/play.py squash        prints the address to open

The code is joined anew at each load, so no build stands between saving and seeing.
Add ?theme=dark for a dark page, and ?width=360 for a narrow one.
"""

import argparse
import functools
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlsplit

from run_chapter import NOT_STATE

from capsnet_tutorial import explorers
from capsnet_tutorial.explorers.bundle import joining, parts

ROOT = Path(__file__).parents[1]
HOST = ROOT / "book" / "_ext" / "capsbook" / "static" / "explorers-host.js"
FOLDERS = {  # of the explorers, and their classes
    cls.__module__.rpartition(".")[2]: cls
    for cls in (getattr(explorers, name) for name in explorers.__all__)
}
PAGE = Template("""<!doctype html><html lang="en" data-theme="$theme">
<meta charset="utf-8"><title>$name</title><link rel="icon" href="data:,">
<style>body { max-width: ${width}px; margin: 1rem auto; background: $paper }</style>
<figure style="margin: 0"><div data-explorer="$name"></div></figure><script>
document.querySelector("div").dataset.state = JSON.stringify($state);
window.capsExplorers = { $name: $code };
setInterval(async () => {
  if (await (await fetch("newest")).text() !== "$newest") location.reload();
}, 500);</script><script src="explorers-host.js"></script></html>""")


def page(name: str, theme: str = "light", width: str = "760", **_) -> str:
    """The page as its files are now; what cannot be joined is said in its console."""
    paper = json.loads(joining.PALETTE.read_text())[theme]["paper"]
    look = {"theme": theme, "width": int(width), "paper": paper, "newest": newest()}
    try:
        code = {"esm": joining.module(name), "css": joining.style(name)}
    except ValueError as error:
        code = {"esm": f"throw Error({json.dumps(str(error))})", "css": ""}
    code = json.dumps(code).replace("</", "<\\/")
    return PAGE.substitute(look, name=name, code=code, state=first_view(name))


def newest() -> str:
    """When a file was saved last; at another answer, a page loads again."""
    files = [HOST, joining.PALETTE, *joining.EXPLORERS.rglob("*.[cj]s*")]
    return str(max(file.stat().st_mtime_ns for file in files))


@functools.cache
def first_view(name: str) -> str:
    state = FOLDERS[name]().get_state()
    plain = {k: x for k, x in state.items() if not isinstance(x, bytes)}
    keys = {key for key in plain if key[0] != "_"} - {*NOT_STATE}
    return json.dumps({key: plain[key] for key in keys})


@functools.cache
def weights() -> dict[str, str]:
    """The scripts of the shipped network, by the names that an explorer asks for."""
    return parts.as_scripts("tiny", *parts.pack_shipped("tiny", ROOT / "data"))


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        known = {
            "/": lambda: page(self.server.explorer, **dict(parse_qsl(url.query))),
            "/newest": newest,
            "/explorers-host.js": HOST.read_text,
        }
        text = known.get(url.path, lambda: weights().get(url.path[1:], ""))()
        kind = "javascript" if url.path.endswith(".js") else "html"
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", f"text/{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """A page asks twice a second: no line for each."""


def serve(name: str, port: int) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    server.explorer = name
    return server


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("explorer", choices=FOLDERS)
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    with serve(options.explorer, options.port) as server:
        print(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends it)")
        server.serve_forever()
