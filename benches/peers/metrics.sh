#!/usr/bin/env bash
# Holds every metric of nettraffic-eval against scikit-learn's and scipy's on random cases: ties, one class only,
# empty and constant scores among them.
#
#   benches/peers/metrics.sh [CASES [SEED]]
#
# 1,000 cases and seed 42 unless told otherwise. It prints the greatest difference of each metric and fails
# where one is above 1e-12, or where one side is undefined and the other is not. scikit-learn is installed
# into a virtual environment of its own when it is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

cd "$here/../.."
target=${CARGO_TARGET_DIR:-target}
python=python3
"$python" -c 'import scipy, sklearn' 2>/dev/null || {
    python3 -m venv "$target/peers"
    python=$target/peers/bin/python
    "$python" -m pip install --quiet scikit-learn
}
cargo build --release --quiet --package nettraffic-eval --example metrics
"$python" "$here/metrics.py" "$target/release/examples/metrics" "$@"
