"""The wheel works outside the repository; the set-up cell installs the package."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest
from built import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from capsbook import colab

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_versions_with_hashes_are_those_without():
    pins = {}
    for name in ("requirements.txt", "requirements-hashes.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins[name] = re.findall(r"^([\w.-]+==[^\s;]+)", text, re.MULTILINE)
    plain, hashed = pins.values()
    assert sorted(plain) == sorted(hashed)
    assert len(plain) > 150
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#"):
            assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.long
def test_an_installed_wheel_brings_its_digits_and_weights(tmp_path):
    run(
        *PIP,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        tmp_path,
        ROOT,
    )
    (wheel,) = tmp_path.glob("*.whl")
    assert (
        wheel.stat().st_size < 25_000_000
    )  # three networks; all of MNIST is not in it
    run(*PIP, "install", "--no-deps", "--target", tmp_path / "site", wheel)
    script = """
import capsnet_tutorial as c
print(c.__file__)
print(c.DynamicRouter(3))
print(len(c.load_mnist("train", "mini")))
print(c.load_pretrained("tiny").config.n_primary)
from capsnet_tutorial import digits, records
print(digits.data_folder().name)
print(records.shipped_file("results/encoding-tiny.json").exists())
from capsnet_tutorial.explorers import SquashExplorer
print("export default" in SquashExplorer()._esm, ".cx-panel" in SquashExplorer()._css)
"""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    environment.pop("CAPSNET_DATA", None)
    printed = run(sys.executable, "-c", script, cwd=tmp_path, env=environment).split(
        "\n"
    )
    assert printed[0].startswith(str(tmp_path / "site"))
    assert printed[1:7] == [
        "DynamicRouter(n_iters=3)",
        "4500",
        "288",
        "capsnet-tutorial",
        "True",  # chapter 8 reads it in Colab too
        "True True",  # JavaScript and CSS are in the wheel
    ]


def first_cell(address):
    """Of the chapters for Colab."""
    chapter = nbformat.read(ROOT / "book" / "04_routing.ipynb", as_version=4)
    shown = next(cell.source for cell in chapter.cells if cell.cell_type == "code")
    shown = shown.replace("plots.use_in_notebook()", "")  # there is no notebook here
    return f"{colab.set_up(address)}\n{shown}"


@pytest.fixture
def like_colab(tmp_path):
    """A Python with torch and all else but the package, whose pip has no index."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools")
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    others = Path(run(python, "-c", where).strip()) / "others.pth"
    others.write_text(sysconfig.get_path("purelib"))
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    environment.pop("PIP_FIND_LINKS", None)
    return lambda script: run(python, "-c", script, cwd=tmp_path, env=environment)


@pytest.mark.long
def test_the_set_up_cell_installs_the_package_silently_and_leaves_torch_alone(
    like_colab,
):
    state = "import torch, os; print(torch.__version__, os.stat(torch.__file__).st_ino)"
    before = like_colab(state)
    setup = first_cell(f"file://{ROOT}")
    assert like_colab(setup) == ""
    assert like_colab("import capsnet_tutorial as c; print(c.DynamicRouter(3))") == (
        "DynamicRouter(n_iters=3)\n"
    )
    assert like_colab(state) == before
    assert like_colab(setup) == ""  # a second time, nothing happens


def test_without_an_address_the_set_up_cell_says_what_to_do(like_colab):
    script = f"""
try:
    exec({first_cell("")!r})
except ModuleNotFoundError as error:
    print(error)
"""
    assert "run `pip install .` in the folder of the book" in like_colab(script)
