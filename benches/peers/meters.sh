#!/usr/bin/env bash
# What do flow records cost, beside other flow meters and as a multiple of the floor?
#
#   NETTRAFFIC_BENCH=FILE [ROUNDS=5] benches/peers/meters.sh [FEATURES...]
#
# FILE is a little-endian pcap file with microseconds, of a million packets or more. FEATURES are sets of
# `nettraffic-flows --features` (basic unless given); `cic:csv` writes a file of that extension, else
# the records go to /dev/null as CSV. All commands take turns, with the file in the page cache; printed
# is the median of the CPU seconds (user and system, of the whole process and its children), the median
# of each round's ratio to the floor of that round (benches/src/bin/floor), and the most memory in MB.
# softflowd sends no records anywhere; NFStream computes its statistics on one meter, without dissection.
#
# What is not installed is left out and named: Debian has softflowd; NETTRAFFIC_PYTHON names a Python that
# has NFStream (`python3 -m venv v && v/bin/pip install nfstream numpy`, then v/bin/python). Our own are
# built, unless NETTRAFFIC_BIN names a folder with `floor` and `nettraffic-flows`. SLOW_ROUNDS (1) is
# how often NFStream runs, which takes fifty times as long as the others.
set -euo pipefail
cd "$(dirname "$0")/../.."
file=${NETTRAFFIC_BENCH:?a capture of a million packets or more}
rounds=${ROUNDS:-5} slow_rounds=${SLOW_ROUNDS:-1}
sets=("$@")
((${#sets[@]})) || sets=(basic)

if [[ ! $(type -P time) ]]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends time >/dev/null
fi
bin=${NETTRAFFIC_BIN:-}
if [[ -z $bin ]]; then
    cargo build --release --quiet --package nettraffic-benches --bin floor
    cargo build --release --quiet --package nettraffic-examples --no-default-features --bin nettraffic-flows
    bin=${CARGO_TARGET_DIR:-target}/release
fi
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

meter_with_nfstream='
import sys
from nfstream import NFStreamer
flows = NFStreamer(source=sys.argv[1], statistical_analysis=True, n_dissections=0, n_meters=1)
print(sum(1 for flow in flows))'

# Name, then the command.
run() {
    local name=$1
    shift
    command time -q -f '%U %S %M' -o "$temporary/cost" "$@" >/dev/null 2>"$temporary/said" || {
        echo "$name failed: $(tail -n 1 "$temporary/said")" >&2
        return 1
    }
    awk -v round="$round" -v name="$name" '{ print round "\t" name "\t" $1 + $2 "\t" $3 * 1.024e-3 }' \
        "$temporary/cost" >>"$temporary/costs"
}

softflowd=$(type -P softflowd || type -P /usr/sbin/softflowd || true)
[[ $softflowd ]] || echo "left out: softflowd is not installed"
python=${NETTRAFFIC_PYTHON:-python3}
"$python" -c 'import nfstream' 2>/dev/null || {
    echo "left out: $python has no NFStream"
    python=
}

cat "$file" >/dev/null
for ((round = 1; round <= rounds; round++)); do
    run 'floor flow' "$bin/floor" flow "$file"
    run 'floor readhdr' "$bin/floor" readhdr "$file"
    for set in "${sets[@]}"; do
        output=/dev/null
        [[ $set == *:* ]] && output=$temporary/records.${set#*:}
        run "nettraffic-flows $set" "$bin/nettraffic-flows" -q --features "${set%%:*}" -o "$output" "$file"
        rm -f "$temporary"/records.*
    done
    [[ -z $softflowd ]] || run softflowd "$softflowd" -r "$file" -d -m 10000000 -c none -p "$temporary/pid"
    [[ -z $python || $round -gt $slow_rounds ]] || run NFStream "$python" -c "$meter_with_nfstream" "$file"
done

printf '%-42s %6s %8s %9s %8s\n' meter rounds 'CPU s' '× floor' MB
sort -t $'\t' -k 2,2 -s "$temporary/costs" | awk -F '\t' '
    function median(list, n, value, i, j, swap) {
        n = split(list, value, " ")
        for (i = 2; i <= n; i++)
            for (j = i; j > 1 && value[j - 1] + 0 > value[j] + 0; j--) {
                swap = value[j]; value[j] = value[j - 1]; value[j - 1] = swap
            }
        return n % 2 ? value[(n + 1) / 2] : (value[n / 2] + value[n / 2 + 1]) / 2
    }
    {
        if (!($2 in cpu)) order[++names] = $2
        cpu[$2] = cpu[$2] " " $3
        at[$1, $2] = $3
        rounds[$2] = rounds[$2] " " $1
        if ($4 > memory[$2]) memory[$2] = $4
    }
    END {
        for (k = 1; k <= names; k++) {
            name = order[k]; ratios = ""
            n = split(rounds[name], round, " ")
            for (i = 1; i <= n; i++) ratios = ratios " " at[round[i], name] / at[round[i], "floor flow"]
            printf "%-42s %6d %8.2f %9.2f %8.0f\n", name, n, median(cpu[name]), median(ratios), memory[name]
        }
    }'
