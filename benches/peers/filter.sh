#!/usr/bin/env bash
# Compares how many packets each filter expression wants with `tcpdump --count`.
#
#   NETTRAFFIC_CORPUS=<folder with captures> benches/peers/filter.sh
#
# filter.list beside this script names captures, one a line, relative to the folder; a column after
# a tab is the reason why counts differ. filter.expressions has the expressions. It fails on a
# difference without a reason. tcpdump is installed from Debian when it is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
corpus=${NETTRAFFIC_CORPUS:?set it to the folder with the captures}

command -v tcpdump >/dev/null || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes tcpdump
}
cd "$here/../.."
cargo build --release --quiet --package nettraffic-capture --example filter
ours=${CARGO_TARGET_DIR:-target}/release/examples/filter

mapfile -t expressions < <(grep -v '^#' "$here/filter.expressions")
captures=0 compared=0 wanted=0 unexplained=0
while IFS=$'\t' read -r capture reason; do
    case $capture in '' | '#'*) continue ;; esac
    captures=$((captures + 1)) here_differ=0
    counts=$("$ours" "$corpus/$capture" "${expressions[@]}")
    while IFS=$'\t' read -r count expression; do
        # It refuses an expression that wants nothing on a link type, such as ARP on a loopback.
        theirs=$(tcpdump --count -n -r "$corpus/$capture" "$expression" 2>&1 |
            awk '/^[0-9]+ packet/ { print $1 } /rejects all packets/ { print 0 }') || true
        compared=$((compared + 1)) wanted=$((wanted + count))
        [[ $count == "$theirs" ]] && continue
        here_differ=$((here_differ + 1))
        printf '%s: %s: %s, tcpdump %s%s\n' "$capture" "$expression" "$count" "${theirs:-failed}" "${reason:+ ($reason)}"
        [[ -n $reason ]] || unexplained=$((unexplained + 1))
    done <<<"$counts"
    printf '%-45s %d expressions, %d differ\n' "$capture" "${#expressions[@]}" "$here_differ"
done <"$here/filter.list"

echo "$compared comparisons of ${#expressions[@]} expressions on $captures captures, $wanted packets wanted, $unexplained without an explanation"
[[ $captures -gt 0 && $unexplained -eq 0 ]]
