"""The command `capsnet`.

capsnet data                    download MNIST (11 MB) and check it
capsnet data --source FOLDER    install it from a folder, without a network
"""

import argparse
import sys

from capsnet_tutorial.mnist_files import DataError, install_mnist


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code: 0, or 1 with one message on stderr."""
    parser = argparse.ArgumentParser(
        prog="capsnet", description="Capsule networks, from a shell."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    data = commands.add_parser(
        "data", help="install the full MNIST, checked by SHA-256"
    )
    data.add_argument(
        "--source",
        metavar="FOLDER",
        help="folder that has the four files, packed (.gz) or not",
    )
    options = parser.parse_args(arguments)
    try:
        folder = install_mnist(options.source)
    except DataError as error:
        print(f"capsnet data: {error}", file=sys.stderr)
        return 1
    print(f"MNIST is whole: 60,000 + 10,000 digits in {folder}")
    return 0
