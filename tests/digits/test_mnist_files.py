"""Installing MNIST: from a folder, from bad mirrors, onto disks that refuse."""

import contextlib
import gzip
import hashlib
import http.server
import itertools
import os
import threading
from types import SimpleNamespace

import pytest

from capsnet_tutorial import DataError, cli
from capsnet_tutorial.digits import files

CONTENT = {name: name.encode() * 100 for name in files.FILES}


@pytest.fixture(autouse=True)
def small_files(tmp_path, monkeypatch):
    """Stand-ins for the four files, with their own hashes, and an empty data folder."""
    for name, content in CONTENT.items():
        known = files.Known(len(content), hashlib.sha256(content).hexdigest())
        monkeypatch.setitem(files.FILES, name, known)
    monkeypatch.setenv("CAPSNET_DATA", str(tmp_path / "data"))


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    for name, content in CONTENT.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    return folder


@pytest.fixture
def mirror():
    """A local server; `mirror(answer)` is the address at which it answers that way."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            _, answer, name = self.path.split("/")
            packed = gzip.compress(CONTENT[name.removesuffix(".gz")])
            body = {
                "whole": packed,
                "half": packed[: len(packed) // 2],
                "web page": b"<html>moved</html>",
                "other": gzip.compress(b"other digits"),
                "endless": gzip.compress(b"0" * 10_000_000),
                "large": b"0" * 10_000_000,
                "length": packed,
                "encoded": packed,
                "twice": gzip.compress(packed),
            }.get(answer.replace("%20", " "))
            asked.append(answer)
            if answer == "location":
                self.send_response(302)
                self.send_header("Location", "http://[::1/moved")
                return self.end_headers()
            if answer in ("trickle", "headers"):
                return self.trickle(answer == "headers")
            if body is None:
                return self.send_error(int(answer))
            length = {"half": len(packed), "length": "many"}.get(answer, len(body))
            self.send_response(200)
            self.send_header("Content-Length", str(length))
            if answer == "encoded":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            with contextlib.suppress(OSError):  # the other side has had enough
                self.wfile.write(body)

        def trickle(self, headers):
            """A byte now and then, until the other side has had enough, or 5 s."""
            self.send_response(200)
            if headers:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            else:
                self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(500):
                    if enough.wait(0.01):
                        break
                    self.wfile.write(b"0")

        def log_message(self, *_):
            pass

    asked, enough = [], threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = lambda answer: f"http://127.0.0.1:{server.server_port}/{answer}/"  # noqa: E731
    address.asked = asked
    yield address
    enough.set()
    server.shutdown()
    thread.join()
    server.server_close()


def installed():
    folder = files.mnist_folder()
    return (
        {path.name: path.read_bytes() for path in folder.iterdir()}
        if folder.exists()
        else {}
    )


@pytest.mark.parametrize("inside", [".", "raw", "MNIST/raw"])
@pytest.mark.parametrize("packed", [True, False])
def test_installs_from_a_folder(tmp_path, inside, packed):
    folder = tmp_path / "usb" / inside
    folder.mkdir(parents=True)
    for name, content in CONTENT.items():
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    assert files.install_mnist(tmp_path / "usb") == files.mnist_folder()
    assert installed() == CONTENT
    assert files.is_installed()


def test_whole_files_stay_and_damaged_ones_are_replaced(source):
    files.install_mnist(source)
    whole, damaged = (files.mnist_folder() / name for name in list(CONTENT)[:2])
    damaged.write_bytes(b"half")
    before = whole.stat().st_mtime_ns
    files.install_mnist(source)
    assert installed() == CONTENT
    assert whole.stat().st_mtime_ns == before


def test_a_source_without_the_files_is_named(tmp_path):
    with pytest.raises(
        DataError, match=r"has neither train-images-idx3-ubyte nor .*\.gz"
    ):
        files.install_mnist(tmp_path)
    assert installed() == {}


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-30], lambda b: b"<html>", lambda b: b""]
)
def test_a_damaged_source_is_named(source, spoil):
    path = source / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(
        DataError, match=r"t10k-labels-idx1-ubyte\.gz is (damaged|not MNIST's)"
    ):
        files.install_mnist(source)
    assert "t10k-labels-idx1-ubyte" not in installed()


def a_second_a_call():
    """A clock by which each piece of a file takes a second, on any machine."""
    return SimpleNamespace(monotonic=itertools.count().__next__)


BAD = ["404", "503", "half", "web page", "other", "endless", "large", "location"]
BAD += ["trickle"]


def test_downloads_from_the_first_mirror_that_delivers(mirror, capsys, monkeypatch):
    monkeypatch.setattr(files, "time", a_second_a_call())
    answers = [*BAD, "whole", "unused"]
    files.install_mnist(mirrors=[mirror(answer) for answer in answers])
    assert installed() == CONTENT
    assert "unused" not in mirror.asked
    assert set(mirror.asked) == {answer.replace(" ", "%20") for answer in answers[:-1]}
    assert "train-images-idx3-ubyte from http://127.0.0.1" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["encoded", "twice", "length"])
def test_headers_are_not_believed_only_the_content_is(mirror, answer):
    files.install_mnist(mirrors=[mirror(answer)])
    assert installed() == CONTENT


def test_a_mirror_that_trickles_or_sends_too_much_is_left(mirror, monkeypatch):
    monkeypatch.setattr(files, "time", a_second_a_call())
    with pytest.raises(DataError) as caught:
        files.install_mnist(mirrors=[mirror("trickle"), mirror("large")])
    assert "is slower than 20,000 bytes a second" in str(caught.value)
    assert "is larger than MNIST's" in str(caught.value)


def test_a_mirror_that_trickles_its_headers_is_left(mirror, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE", 0.2)
    with pytest.raises(DataError, match=r"has not begun to answer in 0\.4 seconds"):
        files.install_mnist(mirrors=[mirror("headers")])


def test_a_damaged_file_does_not_hide_a_whole_one(source):
    (source / "t10k-labels-idx1-ubyte").write_bytes(b"half")
    files.install_mnist(source)
    assert installed() == CONTENT


def test_what_a_killed_install_left_is_removed_and_no_more(source):
    folder = files.mnist_folder()
    folder.mkdir(parents=True)
    ours, other = ".t10k-labels-idx1-ubyte.part-7", ".t10k-labels.part-7"
    for name in (ours, other):
        (folder / name).touch()
    files.install_mnist(source)
    assert installed() == CONTENT | {other: b""}


def test_when_no_mirror_delivers_all_are_listed_with_the_manual_way(mirror):
    mirrors = [mirror("404"), mirror("half"), "http://127.0.0.1:9/closed/"]
    with pytest.raises(DataError) as caught:
        files.install_mnist(mirrors=mirrors)
    message = str(caught.value)
    assert all(address in message for address in mirrors)
    assert "capsnet data --source FOLDER" in message
    assert installed() == {}


def test_a_folder_that_cannot_be_written_is_named(source, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CAPSNET_DATA", str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"cannot write .*CAPSNET_DATA"):
        files.install_mnist(source)


def test_a_full_disk_leaves_nothing_half_written(source, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="No space left on device"):
        files.install_mnist(source)
    assert installed() == {}


def test_command_installs_and_says_where(source, capsys):
    assert cli.main(["data", "--source", str(source)]) == 0
    assert str(files.mnist_folder()) in capsys.readouterr().out


def test_command_fails_with_one_message_and_no_traceback(tmp_path, capsys):
    assert cli.main(["data", "--source", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("capsnet data: ")
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_data_folder_is_named_by_the_variable_the_checkout_or_the_cache(
    tmp_path, monkeypatch
):
    assert files.data_folder() == tmp_path / "data"
    monkeypatch.delenv("CAPSNET_DATA")
    assert files.data_folder() == files.CHECKOUT / "data"
    monkeypatch.setattr(files, "CHECKOUT", tmp_path)
    assert files.data_folder().name == "capsnet-tutorial"


def test_mirrors_are_several_and_https():
    assert len(files.MIRRORS) >= 3
    assert all(m.startswith("https://") and m.endswith("/") for m in files.MIRRORS)
