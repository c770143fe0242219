#!/usr/bin/env bash
# How much faster than PyTorch's is our autoencoder, training and scoring, with one thread and with two?
#
#   [ROUNDS=3] benches/peers/autoencoder.sh
#
# 100,000 rows of 80 columns, a network 80-32-8-32-80; see autoencoder.py. NETTRAFFIC_PYTHON names a
# Python that has torch and safetensors; else one is made in a temporary folder (`pip install torch
# safetensors`, which takes gigabytes). Our own program is built, unless NETTRAFFIC_BIN names a folder with
# `autoencoder`.
set -euo pipefail
cd "$(dirname "$0")/../.."

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
bin=${NETTRAFFIC_BIN:-}
if [[ -z $bin ]]; then
    cargo build --release --quiet --package nettraffic-models --example autoencoder
    bin=${CARGO_TARGET_DIR:-target}/release/examples
fi
python=${NETTRAFFIC_PYTHON:-python3}
if ! "$python" -c 'import numpy, safetensors, torch' 2>/dev/null; then
    python3 -m venv "$temporary/python"
    python=$temporary/python/bin/python
    "$python" -m pip install --quiet numpy safetensors torch
fi
"$python" benches/peers/autoencoder.py "$bin/autoencoder"
