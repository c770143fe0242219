#!/usr/bin/env bash
# Is k-means no slower than scikit-learn's, fitting and scoring, with one thread and with two?
#
#   [ROUNDS=3] benches/peers/kmeans.sh
#
# 1,000,000 rows of 40 columns, 32 clusters; see kmeans.py. NETTRAFFIC_PYTHON names a Python that has
# scikit-learn; else one is made in a temporary folder (`pip install scikit-learn`). Our own program is
# built, unless NETTRAFFIC_BIN names a folder with `kmeans`.
set -euo pipefail
cd "$(dirname "$0")/../.."

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
bin=${NETTRAFFIC_BIN:-}
if [[ -z $bin ]]; then
    cargo build --release --quiet --package nettraffic-models --no-default-features --example kmeans
    bin=${CARGO_TARGET_DIR:-target}/release/examples
fi
python=${NETTRAFFIC_PYTHON:-python3}
if ! "$python" -c 'import sklearn' 2>/dev/null; then
    python3 -m venv "$temporary/python"
    python=$temporary/python/bin/python
    "$python" -m pip install --quiet scikit-learn
fi
"$python" benches/peers/kmeans.py "$bin/kmeans"
