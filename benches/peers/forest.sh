#!/usr/bin/env bash
# Times the random forest beside scikit-learn's: CPU seconds to fit and to predict, on one thread and on two.
#
#   NETTRAFFIC_CORPUS=<folder with flows/nsl-kdd> benches/peers/forest.sh
#
# Without the folder only synthetic rows are timed. ROUNDS (3) sets how often; GROWTH=1
# asks too how the cost grows up to 1,000,000 rows. It fails where fitting is
# not 8 times faster, predicting not 3 times, or the answers are worse. scikit-learn is installed into a
# virtual environment of its own when it is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

cd "$here/../.."
target=${CARGO_TARGET_DIR:-target}
python=python3
"$python" -c 'import sklearn' 2>/dev/null || {
    python3 -m venv "$target/peers"
    python=$target/peers/bin/python
    "$python" -m pip install --quiet scikit-learn
}
cargo build --release --quiet --package nettraffic-models --no-default-features --example forest
"$python" "$here/forest.py" "$target/release/examples/forest" ${NETTRAFFIC_CORPUS:+"$NETTRAFFIC_CORPUS"}
