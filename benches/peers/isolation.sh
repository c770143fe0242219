#!/usr/bin/env bash
# How fast does the isolation forest fit and score, beside scikit-learn's?
#
#   [NETTRAFFIC_CORPUS=FOLDER] [ROUNDS=5] benches/peers/isolation.sh
#
# In each round both fit and score, one after the other, on one thread and on two; printed are median CPU
# seconds (user and system) and the median of the rounds' ratios. NETTRAFFIC_PYTHON names a Python that
# has scikit-learn (`python3 -m venv v && v/bin/pip install scikit-learn`, then v/bin/python). Without a corpus
# NSL-KDD is left out. Fails where scoring is less than five times faster.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --release --quiet --package nettraffic-models --no-default-features --example isolation
program=${CARGO_TARGET_DIR:-target}/release/examples/isolation
exec "${NETTRAFFIC_PYTHON:-python3}" benches/peers/isolation.py "$program" ${NETTRAFFIC_CORPUS:+"$NETTRAFFIC_CORPUS"}
