"""What was run, where, and what came out.

files.py        files on disk: written whole, checked before they are read
provenance.py   records of runs; every number in the book comes from one
"""

from capsnet_tutorial.records.files import (
    DataError,
    read_checked,
    read_json,
    read_sealed,
    sealed,
    sha256,
    shipped_file,
    to_json,
    write_atomically,
)
from capsnet_tutorial.records.provenance import (
    SCHEMA,
    load_record,
    peak_memory_mb,
    provenance,
)

__all__ = [
    "SCHEMA",
    "DataError",
    "load_record",
    "peak_memory_mb",
    "provenance",
    "read_checked",
    "read_json",
    "read_sealed",
    "sealed",
    "sha256",
    "shipped_file",
    "to_json",
    "write_atomically",
]
