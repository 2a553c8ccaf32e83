#!/usr/bin/env bash
# All measurements on one GPU, in less than ten minutes: benchmarks/gpu.sh
# It needs the full MNIST (`capsnet data`).  Each part has a time limit, and one that
# fails does not keep the next from running.
# Other options go to each part, so this tries it all out on a CPU:
#   benchmarks/gpu.sh --preset tiny --data mini --epochs 2 --folder /tmp/records
set -uo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=$PWD
python=.venv/bin/python
[ -x "$python" ] || python=python3
failed=""

part() {  # name, seconds, options
  local name=$1 limit=$2
  shift 2
  echo "== $name ($SECONDS s so far)"
  timeout "$limit" "$python" benchmarks/gpu.py "$name" "$@" || failed="$failed $name"
}

part epoch 100 --epochs 6 "$@"
part profile 60 "$@"
part accuracy 90 --epochs 12 "$@"
part table 345 --epochs 15 --seconds 280 "$@"

[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
