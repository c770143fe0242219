#!/usr/bin/env bash
# How much faster is reading plus decoding than tshark's?
#
#   NETTRAFFIC_BENCH=FILE [ROUNDS=3] benches/peers/tshark.sh
#
# FILE is a capture of two million packets or more; without it a synthetic one is written to a
# temporary place. The two take turns, and of each the round with the least CPU time (user and
# system, of the whole process) counts, with the file in the page cache. tshark runs as cheaply as it
# can while it still decodes: no names looked up, nothing printed but the protocols, which is what
# ours prints too (crates/nettraffic-capture/examples/protocols.rs). Fails below a ratio of 5.
# tshark and time are installed from Debian when they are missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${ROUNDS:-3}

missing=()
for tool in tshark time; do
    [[ $(type -P "$tool") ]] || missing+=("$tool")
done
if ((${#missing[@]})); then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
fi
cargo build --quiet --release --package nettraffic-capture --example protocols
ours=${CARGO_TARGET_DIR:-target}/release/examples/protocols

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
file=${NETTRAFFIC_BENCH:-}
if [[ -z $file ]]; then
    file=$temporary/load.pcap
    cargo build --quiet --release --package nettraffic-examples --no-default-features --bin nettraffic-synth
    "${CARGO_TARGET_DIR:-target}/release/nettraffic-synth" load --packets 2000000 --seed 3 -o "$file" >/dev/null
fi
cat "$file" >/dev/null

# CPU seconds of a command.
cpu() {
    command time -q -f '%U %S' -o "$temporary/cpu" "$@" >"$temporary/out" 2>/dev/null
    awk '{ print $1 + $2 }' "$temporary/cpu"
}

for ((round = 1; round <= rounds; round++)); do
    # One run of tshark takes as long as many of ours: a few, so that one quiet moment is among them.
    for _ in 1 2 3; do
        cpu "$ours" "$file" >>"$temporary/ours"
    done
    cp "$temporary/out" "$temporary/counts"
    cpu tshark -n -q -r "$file" -z io,phs >>"$temporary/tshark"
    printf 'round %d: ours %s s, tshark %s s\n' "$round" "$(tail -n 1 "$temporary/ours")" "$(tail -n 1 "$temporary/tshark")"
done

least() { sort -n "$1" | head -n 1; }
awk -v ours="$(least "$temporary/ours")" -v tshark="$(least "$temporary/tshark")" \
    -v packets="$(awk '{ sum += $2 } END { print sum }' "$temporary/counts")" 'BEGIN {
        printf "%d packets: ours %.2f s, tshark %.2f s, ratio %.0f\n", packets, ours, tshark, tshark / ours
        exit !(tshark >= 5 * ours)
    }'
