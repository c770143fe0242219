#!/usr/bin/env bash
# Are as many packets rescued from damaged captures as tcpdump and capinfos rescue, and at what cost?
#
#   NETTRAFFIC_CORPUS=folder benches/peers/damaged.sh
#
# Reads every file of the folder's `malformed` with each of the three and prints a table. Fails if
# this reader gets fewer packets from any file, is ended by a signal, takes longer than a second or
# more than 64 MiB. NETTRAFFIC_COUNT names a built `count` (crates/nettraffic-capture/examples);
# without it one is built.
set -euo pipefail
cd "$(dirname "$0")/../.."

corpus=${NETTRAFFIC_CORPUS:?the folder that holds malformed/}
missing=()
for tool in tcpdump capinfos time; do
    [[ $(type -P "$tool") ]] || missing+=("$tool")
done
if ((${#missing[@]})); then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
        tcpdump wireshark-common time >/dev/null
fi

count=${NETTRAFFIC_COUNT:-}
if [[ -z $count ]]; then
    cargo build --quiet --release --locked -p nettraffic-capture --example count
    count=${CARGO_TARGET_DIR:-target}/release/examples/count
fi

figures=$(mktemp)
trap 'rm -f "$figures"' EXIT

# tcpdump does not tell its count once something is wrong, so it copies what it can read first.
by_tcpdump() {
    { timeout 20 tcpdump -U -r "$1" -w - 2>/dev/null || true; } |
        tcpdump -r - --count 2>/dev/null | sed -n 's/^\([0-9]*\) packets\{0,1\}.*/\1/p'
}

# capinfos counts a file that is no capture at all as one packet, of a type of its own.
by_capinfos() {
    timeout 20 capinfos -t -c -M -T -r "$1" 2>/dev/null |
        awk -F '\t' 'tolower($2) ~ /pcap/ && $NF ~ /^[0-9]+$/ { print $NF }'
}

files=0 fewer=0 costly=0
printf '%8s %8s %8s %7s %7s  %s\n' ours tcpdump capinfos seconds MiB file
while IFS= read -r file; do
    status=0
    line=$(command time -q -f '%e %M' -o "$figures" \
        timeout 20 "$count" "$file" 2>/dev/null) || status=$?
    read -r seconds kib <"$figures"
    ours=${line%%$'\t'*}
    dump=$(by_tcpdump "$file" || true)
    infos=$(by_capinfos "$file" || true)
    mark=
    if ((${ours:-0} < ${dump:-0} || ${ours:-0} < ${infos:-0})); then
        mark=' fewer'
        fewer=$((fewer + 1))
    fi
    if ((status != 0 || kib > 65536)) || [[ $seconds != 0.* ]]; then
        mark+=" status $status"
        costly=$((costly + 1))
    fi
    files=$((files + 1))
    printf '%8s %8s %8s %7s %7s  %s%s\n' \
        "${ours:--}" "${dump:--}" "${infos:--}" "$seconds" $((kib / 1024)) "${file#"$corpus"/}" "$mark"
done < <(find -L "$corpus/malformed" -type f | LC_ALL=C sort)

echo "$files files, $fewer with fewer packets than a peer, $costly that failed or cost too much"
((fewer == 0 && costly == 0))
