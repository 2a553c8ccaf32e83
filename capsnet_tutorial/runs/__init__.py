"""What a training run needs.  Read it in this order:

config.py       what a run is, and all that follows from that alone: order, shifts, rate
loop.py         `fit`: the loop, on one screen
job.py          network, digits and optimizer in memory, on all devices
folder.py       the run's folder: config, log, weights, picture, record
checkpoints.py  one file each, with its SHA-256 in the name
lock.py         one folder, one writer
progress.py     how far a run is, and when it cannot go on
signals.py      Ctrl-C, SIGTERM, SIGHUP, time limits
evaluation.py   `evaluate`: counting mistakes on the test digits, once
prediction.py   `predict_files`: what a trained network says about pictures
exports.py      `export`: the network as a file for other programs
"""

from capsnet_tutorial.runs.checkpoints import CheckpointError
from capsnet_tutorial.runs.config import TrainConfig, own_config
from capsnet_tutorial.runs.evaluation import evaluate, load_run
from capsnet_tutorial.runs.exports import ExportError, export
from capsnet_tutorial.runs.loop import fit
from capsnet_tutorial.runs.prediction import load_named, predict_files
from capsnet_tutorial.runs.signals import Stopped

__all__ = [
    "CheckpointError",
    "ExportError",
    "Stopped",
    "TrainConfig",
    "evaluate",
    "export",
    "fit",
    "load_named",
    "load_run",
    "own_config",
    "predict_files",
]
