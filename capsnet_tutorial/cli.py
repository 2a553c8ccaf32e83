"""The command `capsnet`.

capsnet data                    download MNIST (11 MB) and check it
capsnet data --source FOLDER    install it from a folder, without a network
capsnet train                   train a network; start it again, and it goes on
capsnet train --data FOLDER     on images of your own: a folder for each class
capsnet predict RUN PICTURE...  what a trained network says about pictures
capsnet check FILE:NAME         which bugs of the museum a network has
capsnet export RUN --to onnx    the network as a file for other programs, checked
capsnet evaluate FOLDER         count the mistakes of a finished run on the test digits
capsnet experiment NAME         carry out a study: many runs, resumed like one

Exit codes: 0 done; 1 digits missing or damaged, or wrong input; 2 a checkpoint cannot
be written or read; 3 training diverged; 130 after Ctrl-C and 143 after SIGTERM, saved.
"""

import argparse
import functools
import shlex
import sys
import traceback
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from capsnet_tutorial import plots
from capsnet_tutorial.baselines import BASELINES
from capsnet_tutorial.capsnet import PRESETS
from capsnet_tutorial.checks import check
from capsnet_tutorial.checks.named import network_named
from capsnet_tutorial.console import forgiving
from capsnet_tutorial.digits import install_mnist, is_installed
from capsnet_tutorial.experiments import (
    load_study,
    run_study,
    study_names,
    study_record,
)
from capsnet_tutorial.images import ImageSet, load_images
from capsnet_tutorial.records import DataError, to_json, write_atomically
from capsnet_tutorial.records.files import PACKAGE
from capsnet_tutorial.runs import (
    CheckpointError,
    ExportError,
    Stopped,
    TrainConfig,
    evaluate,
    export,
    fit,
    load_named,
    own_config,
    predict_files,
)
from capsnet_tutorial.runs.config import fast_precision
from capsnet_tutorial.runs.evaluation import MISTAKES
from capsnet_tutorial.runs.exports import ENDINGS
from capsnet_tutorial.runs.prediction import Prediction
from capsnet_tutorial.stacking import STACKS
from capsnet_tutorial.training import Diverged
from capsnet_tutorial.variants import VARIANTS
from capsnet_tutorial.variants.bugs import EXHIBITS

MNIST = ("full", "mini")
COUNTED = {"errors": "digits", "miscounts": "digits", "pairs": "pairs"}
ANSWERS = ("predict",)  # what they print is all that they leave


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code.  Errors are one message on stderr."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with forgiving() as out:
        options = _parser().parse_args(arguments)
        code = _run(options, arguments)
        out.flush()
        lost = out.lost is not None and not isinstance(out.lost, BrokenPipeError)
        if options.command in ANSWERS and code == 0 and lost:
            code = _fail(options, f"cannot print the answer ({out.lost})", 1)
    return code


def _run(options: argparse.Namespace, arguments: list[str]) -> int:
    try:
        return options.run(options) or 0
    except (DataError, ExportError) as error:
        return _fail(options, error, 1)
    except CheckpointError as error:
        return _fail(options, error, 2)
    except Diverged as error:
        return _fail(options, error, 3)
    except Stopped as stop:
        again = shlex.join(["capsnet", *arguments])
        print(f"\nstopped and saved; to go on:\n{again}", file=sys.stderr)
        return stop.exit_code
    except KeyboardInterrupt:
        return _fail(options, "stopped; what was whole before still is", 130)
    except OSError as error:  # a disk, a folder, a network
        what = f"{error.filename}: {error.strerror}" if error.filename else error
        return _fail(options, what, 1)
    except ValueError as error:
        if not _is_ours(error):  # a fault of the program, not of the request
            raise
        return _fail(options, error, 1)


def _is_ours(error: Exception) -> bool:
    """Raised by a line of this package."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return PACKAGE in Path(last.filename).parents


def _fail(options: argparse.Namespace, error: object, code: int) -> int:
    print(f"capsnet {options.command}: {error}", file=sys.stderr)
    return code


def _data(options: argparse.Namespace) -> None:
    folder = install_mnist(options.source)
    print(f"MNIST is whole: 60,000 + 10,000 digits in {folder}")


def _train(options: argparse.Namespace) -> None:
    images = _own_images(options)
    config = _config(options, images)
    names = [config.bug, config.variant, "+".join(config.repair), config.preset]
    names += [Path(options.data).stem if images else config.data]
    folder = Path(options.folder or f"runs/{'-'.join(filter(None, names))}")
    if options.resume == "never" and (folder / "config.json").exists():
        raise CheckpointError(f"{folder} holds a run; name another with --folder")
    record = fit(
        config,
        folder,
        cpu=options.cpu,
        compile=options.compile,
        save_minutes=options.save_minutes,
        max_minutes=options.max_minutes,
        data=images,
    )
    last = record["epochs"][-1]
    if "val_errors" in last:
        what = "images" if images else "pairs" if config.pairs else "digits"
        print(f"{last['val_errors']} of {last['val_n']} {what} held out are wrong")
    print(f"weights and record: {folder}")
    if (folder / "reconstructions.png").exists():
        print(f"a picture to look at: {folder}/reconstructions.png")


def _own_images(options: argparse.Namespace) -> ImageSet | None:
    """What --data names, if it is not MNIST."""
    names = ("image_size", "val_fraction", "skip_unreadable")
    settings = {name: x for name, x in vars(options).items() if name in names}
    if getattr(options, "data", "full") not in MNIST:
        return load_images(options.data, **settings)
    if settings:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in settings)
        raise ValueError(f"{flags} is for images of your own; name them with --data")
    return None


def _config(options: argparse.Namespace, images: ImageSet | None = None) -> TrainConfig:
    """What was asked for; the rest as the variant's document has it, or the paper."""
    known = {field.name for field in fields(TrainConfig)}
    asked: dict[str, Any] = {key: x for key, x in vars(options).items() if key in known}
    protocol: dict[str, Any] = {
        "data": "full" if is_installed() else "mini",
        "precision": fast_precision(options.cpu),
    }
    if variant := VARIANTS.get(asked.get("variant")):
        protocol |= variant.protocol
        if asked.get("repair") == ["all"]:
            asked["repair"] = list(variant.repairs)
    if images is not None:
        settings = protocol | asked
        del settings["data"]
        return own_config(images, **settings)
    return TrainConfig(**protocol | asked)


def _experiment(options: argparse.Namespace) -> None:
    study = load_study(options.name)
    folder = Path(options.folder or f"studies/{study.name}")
    run_study(study, folder, seeds=options.seeds, processes=options.processes)
    record = study_record(study, folder, options.seeds)
    write_atomically(folder / "study.json", to_json(record))
    runs = record["runs"]
    name = next(x for x in study.measures if "errors" in runs[0][x])
    for arm in study.arms:
        counts = [run[name]["errors"] for run in runs if run["arm"] == arm]
        print(f"{arm:28}{' '.join(f'{count:6,}' for count in counts)}")
    print(f"wrong, seed by seed, of {runs[0][name]['n']:,} {COUNTED[name]}")
    print(f"the record of the study: {folder}/study.json")


def _evaluate(options: argparse.Namespace) -> None:
    counted = evaluate(options.folder, _own_images(options))
    network = load_named(options.folder)
    share = counted["errors"] / counted["n"]
    what = "digits" if network.digits else "images"
    what = "pairs" if network.pairs else what
    print(
        f"{counted['errors']} of {counted['n']:,} {what} are wrong ({share:.2%}), "
        f"split {counted['split']}"
    )
    if counted["confusion"] is not None:
        print(_confusion(counted["confusion"], network.classes))
    if (picture := Path(options.folder) / MISTAKES).exists():
        print(f"the worst mistakes, as a picture: {picture}")


def _confusion(counts: list[list[int]], classes: Sequence[str]) -> str:
    """A row for each true class; what was answered stands above."""
    wide = max(6, *(len(name) + 2 for name in classes))
    lines = [" " * wide + "".join(f"{name:>{wide}}" for name in classes)]
    for name, row in zip(classes, counts, strict=True):
        shown = (f"{n or '.':>{wide}}" for n in row)
        lines.append(f"{name:>{wide}}" + "".join(shown))
    return "\n".join(lines)


def _predict(options: argparse.Namespace) -> None:
    network = load_named(options.network)
    found = predict_files(network, options.pictures, invert=options.invert)
    if options.reconstructions:
        _draw(found, Path(options.reconstructions))
    if options.json:
        print(to_json([one.to_dict() for one in found]).decode(), end="")
        return
    for one in found:
        sure = "" if one.length > 0.5 else "  not sure: no capsule is longer than 0.5"
        done = f"  ({'; '.join(one.done)})" if one.done else ""
        print(f"{one.source}  {one.answer}  {one.length:.2f}{sure}{done}")


def _export(options: argparse.Namespace) -> None:
    network = load_named(options.network)
    name = Path(options.network).resolve().name
    path = Path(options.out or name + ENDINGS[options.to])
    try:
        worst = export(network, path, options.to)
    except OSError as error:
        raise ExportError(f"cannot write {path} ({error.strerror})") from None
    print(f"{path}: as the network, to {worst:.1g}, on batches of 1, 4 and 7")


def _draw(found: list[Prediction], path: Path) -> None:
    """What the network saw, above what it draws."""
    if any(one.reconstruction is None for one in found):
        raise ValueError("this network has no decoder: it draws no reconstructions")
    images = torch.stack([one.image for one in found])
    drawn = torch.stack([one.reconstruction for one in found])
    rows = torch.cat([images, *drawn.split(images.shape[1], dim=1)])
    write_atomically(path, plots.png(plots.digits(rows, columns=len(found))))


def _check(options: argparse.Namespace) -> int:
    report = check(network_named(options.network), n_classes=options.n_classes)
    print(report.to_json() if options.json else report, end="\n" * (not options.json))
    return int(not report.ok)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="capsnet", description="Capsule networks, from a shell."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    data = commands.add_parser("data", help="install the full MNIST, checked")
    data.add_argument(
        "--source",
        metavar="FOLDER",
        help="folder that has the four files, packed (.gz) or not",
    )
    data.set_defaults(run=_data)
    count = commands.add_parser("evaluate", help="count mistakes on the test digits")
    count.add_argument("folder", help="of a finished run")
    count.add_argument("--data", default="full", help="own images, as for train")
    _add_own(count)
    count.set_defaults(run=_evaluate)
    ask = commands.add_parser("predict", help="what a network says about pictures")
    ask.add_argument("network", help="folder of a finished run, or tiny, or paper")
    ask.add_argument("pictures", nargs="+", metavar="PICTURE", help="PNG, JPEG, ...")
    ask.add_argument("--json", action="store_true", help="for other programs")
    ask.add_argument(
        "--invert",
        action=argparse.BooleanOptionalAction,
        help="turn bright and dark round (digits: if the border is bright)",
    )
    ask.add_argument("--reconstructions", metavar="FILE", help="a PNG of what it draws")
    ask.set_defaults(run=_predict)
    give = commands.add_parser("export", help="the network as a file, checked")
    give.add_argument("network", help="folder of a finished run, or tiny, or paper")
    give.add_argument("--to", choices=list(ENDINGS), default="onnx", help="(onnx)")
    give.add_argument("--out", metavar="FILE", help="(NAME.onnx, .pt2 or .pt, here)")
    give.set_defaults(run=_export)
    doctor = commands.add_parser(
        "check", help="which bugs of the museum a network has; exit code 1 if any"
    )
    doctor.add_argument(
        "network", help="file.py:Name, package.module:Name, a run's folder, tiny, paper"
    )
    doctor.add_argument("--n-classes", type=int, help="if it cannot be found")
    doctor.add_argument("--json", action="store_true", help="for other programs")
    doctor.set_defaults(run=_check)
    study = commands.add_parser("experiment", help="carry out a study of the book")
    study.add_argument("name", choices=study_names())
    study.add_argument("--folder", help="for its runs (studies/NAME)")
    study.add_argument("--seeds", type=int, help="only so many of its seeds")
    study.add_argument("--processes", type=int, default=2, help="at a time (2)")
    study.set_defaults(run=_experiment)
    _add_train(commands.add_parser("train", help="train a network; resumes by itself"))
    return parser


def _add_own(parser: Any) -> None:
    """How images of one's own are read; what is not asked for is not in the options."""
    add = functools.partial(parser.add_argument, default=argparse.SUPPRESS)
    add("--image-size", type=int, help="bring them to this height and width")
    add("--val-fraction", type=float, help="of each class, held out (0.1)")
    add("--skip-unreadable", action="store_true", help="leave out broken pictures")


def _add_train(train: argparse.ArgumentParser) -> None:
    train.set_defaults(run=_train)
    _add_config(train)
    add = train.add_argument
    add("--folder", help="for all that the run writes (runs/PRESET-DATA)")
    add("--cpu", action="store_true", help="even if there is a GPU")
    add("--compile", action="store_true", help="use torch.compile")
    add("--resume", choices=("auto", "never"), default="auto", help="(auto)")
    add("--save-minutes", type=float, default=5.0, help="between checkpoints (5)")
    add("--max-minutes", type=float, help="save and stop after so many")


def _add_config(train: argparse.ArgumentParser) -> None:
    """Fields of TrainConfig; what is not asked for is not in the options."""
    default = TrainConfig()

    def adder(group):
        def add(name: str, help: str, **options: Any) -> None:
            field = name.removeprefix("--").replace("-", "_")
            value = getattr(default, field)
            shown = (
                "" if value in ("", ()) or isinstance(value, bool) else f" ({value})"
            )
            options = {"help": help + shown, "default": argparse.SUPPRESS, **options}
            group.add_argument(name, **options)

        return add

    add = adder(train)
    add("--preset", "size", choices=list(PRESETS))
    add("--data", "full or mini MNIST, or a folder of images, or an .npz")
    _add_own(train.add_argument_group("images of your own"))
    add("--epochs", "passes over the digits", type=int)
    add("--batch-size", "digits a step", type=int)
    add("--lr", "Adam's learning rate", type=float)
    add("--schedule", "of the learning rate", choices=("exponential", "one-cycle"))
    add("--max-shift", "pixels", type=int)
    add("--max-turn", "degrees each way", type=float)
    add("--pad", "pixels of 0 around each image", type=int)
    add(
        "--pairs",
        "two digits in each image: MultiMNIST, with --pad 4 --max-shift 4",
        action="store_true",
    )
    add("--n-iters", "routing iterations", type=int)
    add("--seed", "of weights, order and shifts", type=int)
    held = "trainval: learn from all, hold nothing out"
    add("--init", "weights to begin with: a run's folder, tiny or paper")
    add("--split", held, choices=("train", "trainval"))
    add("--precision", "the faster one here", choices=("float32", "bfloat16"))
    add = adder(train.add_argument_group("other networks"))
    known = "of another document, errors included, or without capsules"
    add("--variant", known, choices=[*VARIANTS, *BASELINES, *STACKS])
    add("--bug", "a bug to plant in the network of the paper", choices=[*EXHIBITS])
    add("--repair", 'what to mend in it, or "all"', nargs="+", metavar="NAME")
    add = adder(train.add_argument_group("what the authors' code does differently"))
    add(
        "--reconstruction-weight",
        "of the summed squared error; theirs: 0.01",
        type=float,
    )
    for flag, text in {
        "--all-shifts": "each image in all 25 shifts, once each in 25 epochs",
        "--primary-scale": "divide the primary votes by the number of capsule types",
        "--class-bias": "a bias for each class capsule",
    }.items():
        add(flag, text, action="store_true")


if __name__ == "__main__":
    sys.exit(main())
