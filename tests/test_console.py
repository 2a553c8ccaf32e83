"""What a command prints does not decide how it ends; errors are one message."""

import errno
import io
import json
import os
import subprocess
import sys
from unittest import mock

import pytest
from built import ROOT

from capsnet_tutorial import cli
from capsnet_tutorial.console import Forgiving, forgiving

PRINTS = """
import sys
from unittest import mock
from capsnet_tutorial import cli

def data(source):
    print("a" * 100_000)
    print("é🙂", file=sys.stderr)
    open(sys.argv[1], "w").write("done")
    return "MNIST"

with mock.patch.object(cli, "install_mnist", data):
    sys.exit(cli.main(["data"]))
"""


ALSO = ["| true", ">&-", "2>&-", "2> /dev/full", "2>&1 | true"]


@pytest.mark.parametrize(
    "plumbing",
    [
        *("> /dev/full", ">&- 2>&-"),
        *(pytest.param(x, marks=pytest.mark.long) for x in ALSO),
    ],
)
def test_where_its_words_go_does_not_decide_how_it_ends(tmp_path, plumbing):
    script, done = tmp_path / "prints.py", tmp_path / "done"
    script.write_text(PRINTS, encoding="utf-8")
    command = f'"{sys.executable}" "{script}" "{done}" {plumbing}'
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    shell = ["bash", "-o", "pipefail", "-c", command]
    assert subprocess.run(shell, env=ascii_only, timeout=100).returncode == 0
    assert done.read_text() == "done"


class Broken(io.StringIO):
    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_stream_that_breaks_is_left_alone_from_then_on():
    stream = Forgiving(Broken())
    assert stream.lost is None
    assert print("a", file=stream) is None
    assert stream.lost.errno == errno.ENOSPC
    stream._stream = None  # would fail if it were used
    print("b", file=stream, flush=True)


def test_letters_that_a_terminal_lacks_are_written_out():
    bytes_ = io.BytesIO()
    terminal = Forgiving(io.TextIOWrapper(bytes_, encoding="ascii"))
    print("Äpfel 🙂", file=terminal, flush=True)
    assert terminal.lost is None
    assert bytes_.getvalue().strip() == rb"\xc4pfel \U0001f642"


def test_a_closed_stream_is_no_error():
    closed = io.StringIO()
    closed.close()
    with mock.patch.object(sys, "stdout", closed), forgiving() as out:
        print("a")
    assert isinstance(out.lost, ValueError)


def test_what_is_printed_arrives(capsys):
    with forgiving():
        print("a")
        print("b", file=sys.stderr)
    assert capsys.readouterr() == ("a\n", "b\n")


@pytest.mark.parametrize(("command", "code"), [("predict", 1), ("evaluate", 0)])
def test_only_an_answer_that_is_printed_alone_must_arrive(command, code, capsys):
    """`predict` leaves nothing else; what `evaluate` counts is in a file."""

    def answer(options):
        print("7")

    arguments = [command, "tiny", "a.png"][: 3 if command == "predict" else 2]
    with (
        mock.patch.object(cli, f"_{command}", answer),
        mock.patch.object(sys, "stdout", Broken()),
    ):
        assert cli.main(arguments) == code
    assert ("cannot print the answer" in capsys.readouterr().err) == bool(code)


WORLD = [
    (OSError(errno.EIO, "Input/output error"), 1, "[Errno 5] Input/output error"),
    (PermissionError(13, "Permission denied", "a/b"), 1, "a/b: Permission denied"),
    (KeyboardInterrupt(), 130, "stopped; what was whole before still is"),
]


@pytest.mark.parametrize(("error", "code", "words"), WORLD)
def test_a_fault_of_the_world_is_one_line(error, code, words, capsys):
    with mock.patch.object(cli, "install_mnist", side_effect=error):
        assert cli.main(["data"]) == code
    assert capsys.readouterr().err == f"capsnet data: {words}\n"


def test_a_fault_of_a_library_keeps_its_traceback():
    def broken(source):
        json.loads("x")

    with (
        mock.patch.object(cli, "install_mnist", broken),
        pytest.raises(ValueError, match="Expecting value"),
    ):
        cli.main(["data"])
