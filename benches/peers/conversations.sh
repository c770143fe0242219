#!/usr/bin/env bash
# Compares the conversations of TCP, UDP and SCTP with those of `tshark -z conv`, timeouts off.
#
#   NETTRAFFIC_CORPUS=<folder with captures> benches/peers/conversations.sh [LIST]
#
# LIST (conversations.list beside this script) names captures, one a line, relative to the folder; a
# column after a tab says how many conversations differ and how, and one more why. Compared are the
# packets and bytes of each side, the beginning and the duration. tshark prints bytes from 10,000 on as
# whole kB and the duration to 0.1 ms, so the exact bytes of TCP and UDP are compared once more, per
# conversation, with those added up from its fields. It fails where the differences are not those of the
# list; with DETAILS=1 it names the conversations. tshark is installed from Debian when it is missing;
# NETTRAFFIC_CONVERSATIONS names a built `conversations` (crates/nettraffic-flow/examples), without it
# one is built.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
corpus=${NETTRAFFIC_CORPUS:?set it to the folder with the captures}
list=${1:-$here/conversations.list}

command -v tshark >/dev/null || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes tshark
}
ours=${NETTRAFFIC_CONVERSATIONS:-}
if [[ -z $ours ]]; then
    cd "$here/../.."
    cargo build --release --quiet --package nettraffic-flow --example conversations
    ours=${CARGO_TARGET_DIR:-target}/release/examples/conversations
fi

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# Each packet by itself, so that a later fragment is in no conversation; no name is looked up. The fields
# are for the exact bytes.
by_tshark() {
    tshark -n -r "$1" -z conv,tcp -z conv,udp -z conv,sctp \
        -o ip.defragment:FALSE -o ipv6.defragment:FALSE -o tcp.desegment_tcp_streams:FALSE \
        -o tcp.try_heuristic_first:FALSE -o sctp.reassembly:FALSE \
        -Y '(tcp || udp) && !icmp && !icmpv6' -T fields \
        -e tcp.stream -e udp.stream -e frame.len 2>/dev/null
}

# tshark counts what is in a tunnel in the conversation inside and in the one outside, ours in one of the
# two; so the conversations that are there only while tunnels are closed are added to those inside.
every_layer() {
    "$ours" "$1" 2>/dev/null | LC_ALL=C sort >"$temporary/open"
    "$ours" "$1" closed 2>/dev/null | LC_ALL=C sort >"$temporary/closed"
    cat "$temporary/open"
    LC_ALL=C comm -13 "$temporary/open" "$temporary/closed"
}

# Rows as ours: protocol, one end, the other, packets and bytes of each, beginning, duration.
rows_of_tshark() {
    awk -F '\t' '
        /^(TCP|UDP|SCTP) Conversations/ { protocol = tolower($1); sub(/ .*/, "", protocol); next }
        / <-> / {
            gsub(/ bytes/, ""); gsub(/ kB/, "k"); gsub(/ MB/, "M")
            split($0, part, " "); n = split(part[1], a, ":"); split(part[3], b, ":")
            here = part[1]; there = part[3]
            if (match(here, /:[0-9]+$/)) { from = substr(here, 1, RSTART - 1) "\t" substr(here, RSTART + 1) }
            if (match(there, /:[0-9]+$/)) { to = substr(there, 1, RSTART - 1) "\t" substr(there, RSTART + 1) }
            print protocol "\t" from "\t" to "\t" part[6] "\t" part[7] "\t" part[4] "\t" part[5] "\t" part[10] "\t" part[11]
        }' "$1"
}

# The conversations whose exact number of packets and bytes is not among those of the other; of the
# protocols alone, where the two cut conversations differently.
exact_differences() {
    local by=conversation
    [[ $3 == *split* ]] && by=protocol
    diff <(totals_of_ours "$1" | added_up $by) <(totals_of_tshark "$2" | added_up $by) | grep -c '^>' || true
}
totals_of_ours() {
    awk -F '\t' '$1 != "sctp" { print $1 "\t" $6 + $8 "\t" $7 + $9 }' "$1"
}
totals_of_tshark() {
    awk -F '\t' '
        NF == 3 && $3 ~ /^[0-9]+$/ { count("tcp", $1); count("udp", $2) }
        # A packet in a tunnel is in several.
        function count(protocol, streams, n, i, key) {
            n = split(streams, stream, ",")
            for (i = 1; i <= n; i++) { key = protocol "\t" stream[i]; packets[key]++; bytes[key] += $3 }
        }
        END { for (key in packets) { split(key, part, "\t"); print part[1] "\t" packets[key] "\t" bytes[key] } }' "$1"
}
added_up() {
    if [[ $1 == protocol ]]; then
        awk -F '\t' '{ packets[$1] += $2; bytes[$1] += $3 } END { for (p in packets) print p "\t" packets[p] "\t" bytes[p] }'
    else
        cat
    fi | LC_ALL=C sort
}

# What differs, conversation by conversation: `split` where the same packets make another number of
# conversations, `counts`, `times`, `ours` and `theirs` where only one of the two has any. With DETAILS
# set it names them on the standard error.
differences() {
    awk -F '\t' -v details="${DETAILS:-}" '
        # As tshark prints it.
        function rounded(bytes) {
            if (bytes ~ /[kM]$/ || bytes < 10000) return bytes
            return bytes < 10000000 ? int(bytes / 1000) "k" : int(bytes / 1000000) "M"
        }
        function differ(how, key) { found[how]++; if (details) print how, key, mine[key], "|", other[key] > "/dev/stderr" }
        {
            one = $2 " " $3; two = $4 " " $5
            if (one < two) { key = $1 " " one " " two; counts = $6 " " rounded($7) " " $8 " " rounded($9) }
            else { key = $1 " " two " " one; counts = $8 " " rounded($9) " " $6 " " rounded($7) }
            keys[key]
            is_ours = FILENAME == ARGV[1]
            n = is_ours ? ++ours[key] : ++theirs[key]
            sum[is_ours, key] += $6 + $8
            row[is_ours, key, n] = counts
            begin[is_ours, key, n] = $10; lasts[is_ours, key, n] = $11
            if (is_ours) mine[key] = mine[key] " [" counts " " $10 " " $11 "]"; else other[key] = other[key] " [" counts " " $10 " " $11 "]"
        }
        function is_far(a, b) { return a - b > 0.00011 || b - a > 0.00011 }
        END {
            for (key in keys) {
                if (!theirs[key]) { differ("ours", key); continue }
                if (!ours[key]) { differ("theirs", key); continue }
                if (sum[1, key] != sum[0, key]) { differ("counts", key); continue }
                if (ours[key] != theirs[key]) { differ("split", key); continue }
                how = ""
                # Both lists are in the order of beginnings.
                for (n = 1; n <= ours[key]; n++) {
                    if (row[1, key, n] != row[0, key, n]) { how = "split"; break }
                    if (is_far(begin[1, key, n], begin[0, key, n]) || is_far(lasts[1, key, n], lasts[0, key, n])) how = "times"
                }
                if (how) differ(how, key)
            }
            split("ours theirs counts split times", order, " ")
            for (i = 1; i <= 5; i++) if (found[order[i]]) line = line (line ? ", " : "") order[i] " " found[order[i]]
            print line
        }' <(sort -t $'\t' -g -k 10,10 "$1") <(sort -t $'\t' -g -k 10,10 "$2")
}

captures=0 conversations=0 packets=0 unexplained=0
printf '%-45s %8s %8s %s\n' capture packets convers. differences
while IFS=$'\t' read -r capture expected reason; do
    case $capture in '' | '#'*) continue ;; esac
    by_tshark "$corpus/$capture" >"$temporary/tshark" || true
    every_layer "$corpus/$capture" >"$temporary/ours"
    rows_of_tshark "$temporary/tshark" >"$temporary/theirs"
    found=$(differences "$temporary/ours" "$temporary/theirs")
    bytes=$(exact_differences "$temporary/ours" "$temporary/tshark" "$found")
    ((bytes == 0)) || found="${found:+$found, }bytes $bytes"
    mark=
    if [[ $found != "$expected" ]]; then
        mark=' UNEXPLAINED' unexplained=$((unexplained + 1))
    fi
    here_packets=$(awk -F '\t' '{ n += $6 + $8 } END { print n + 0 }' "$temporary/ours")
    here_conversations=$(wc -l <"$temporary/ours")
    captures=$((captures + 1)) packets=$((packets + here_packets)) conversations=$((conversations + here_conversations))
    printf '%-45s %8d %8d %s\n' "$capture" "$here_packets" "$here_conversations" "${found:-none}${reason:+ ($reason)}$mark"
done <"$list"

echo "$captures captures, $conversations conversations, $packets packets, $unexplained captures with a difference that is not explained"
[[ $captures -gt 0 && $unexplained -eq 0 ]]
