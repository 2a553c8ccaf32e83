"""Studies: the same network many times, with one thing changed, and what came out.

study.py     a study is a list of configs and seeds, in a file of the folder studies/
measure.py   what is measured of each network, on which digits
turning.py   turned and moved digits
routes.py    what couplings decide
runner.py    trains what is missing, two at a time; never the same twice
record.py    one record of a whole study, from the records of its runs

    capsnet experiment five-programs

Book: chapters 10, 11 and 13 show what came out.
"""

from capsnet_tutorial.experiments.record import study_record
from capsnet_tutorial.experiments.runner import run_study
from capsnet_tutorial.experiments.study import Study, load_study, study_names

__all__ = ["Study", "load_study", "run_study", "study_names", "study_record"]
