"""Every flag of every command with hostile values: one message, nothing written."""

import random
from unittest import mock

import pytest

from capsnet_tutorial import cli

VALUES = [
    "",
    "-1",
    "0",
    "1",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "9" * 400,
    "x",
    "é🙂",
    "--",
]
VALUES += ["1.5", "None", "[]", "0x10", "1_000", " 3 ", "/dev/null", "/proc/self/mem"]
VALUES += ["../../x", "a\x1bb", "*", "$HOME", "-", "15", "101", "1e-300", "true"]
FIRST = {
    "data": [],
    "train": ["--preset", "tiny", "--data", "mini", "--cpu"],
    "evaluate": ["nowhere"],
    "predict": ["tiny", "nowhere.png"],
    "check": ["nowhere"],
    "export": ["nowhere"],
    "experiment": ["nothing"],
}
TIMES = [4, pytest.param(100, marks=pytest.mark.long)]


def flags_of(command):
    parser = cli._parser()._subparsers._group_actions[0].choices[command]
    return [
        action.option_strings[-1] for action in parser._actions if action.option_strings
    ]


def trained(config, folder, **options):
    """In place of a training: the request was good."""
    raise cli.Stopped(0)


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("command", FIRST)
def test_a_flag_is_honoured_or_refused_with_one_message(
    tmp_path, monkeypatch, capsys, record_property, command, times
):
    monkeypatch.chdir(tmp_path)
    chance, flags = random.Random(times), flags_of(command)
    record_property("trials", times * len(flags))
    answers = set()
    for flag in [flag for flag in flags for _ in range(times)]:
        arguments = [command, *FIRST[command], flag, chance.choice(VALUES)]
        with (
            mock.patch.object(cli, "fit", trained),
            mock.patch.object(cli, "install_mnist", return_value="there"),
        ):
            try:
                code = cli.main(arguments)
            except SystemExit as stop:  # argparse's own
                code = stop.code
        told = capsys.readouterr().err
        answers.add(code)
        assert code in (0, 1, 2), arguments
        assert code == 0 or told.count("capsnet") >= 1, arguments
        assert "Traceback" not in told
        assert list(tmp_path.iterdir()) == [], arguments
    assert answers & {1, 2} or times < 10
