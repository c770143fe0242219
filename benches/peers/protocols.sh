#!/usr/bin/env bash
# Compares the packets by innermost protocol with those of `tshark -z io,phs`.
#
#   NETTRAFFIC_CORPUS=<folder with captures> benches/peers/protocols.sh [LIST]
#
# LIST (protocols.list beside this script) names a capture a line, relative to the folder; a column
# after a tab is the reason why its counts differ. It fails on a difference without a reason, and on
# a reason without a difference. tshark is installed from Debian when it is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
corpus=${NETTRAFFIC_CORPUS:?set it to the folder with the captures}
list=${1:-$here/protocols.list}

command -v tshark >/dev/null || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes tshark
}
cd "$here/../.."
cargo build --release --quiet --package nettraffic-capture --example protocols
ours=${CARGO_TARGET_DIR:-target}/release/examples/protocols

# Each packet by itself: nothing is reassembled, no name is looked up. What only tshark opens stays shut.
hierarchy() {
    tshark -n -q -r "$1" -z io,phs \
        -o ip.defragment:FALSE -o ipv6.defragment:FALSE -o tcp.desegment_tcp_streams:FALSE \
        -o sctp.reassembly:FALSE -o tcp.try_heuristic_first:FALSE \
        --disable-protocol l2tp --disable-protocol capwap --disable-protocol udpencap 2>/dev/null
}

# From the indented tree to counts by innermost protocol. A packet belongs to a node when it is in
# none of the nodes below. An ICMP error counts as itself, not as what it quotes.
innermost() {
    awk '
        / frames:/ {
            match($0, /^ */); depth = RLENGTH / 2
            split($0, parts, "frames:"); frames = parts[2] + 0
            path[depth] = $1
            if (depth > 0) below[parent[depth - 1]] += frames
            parent[depth] = NR
            found = "none"
            for (i = 0; i <= depth; i++) {
                name = path[i]
                if (name == "ip" || name == "ipv6") found = "ip"
                else if (name ~ /^(tcp|udp|sctp|gre|arp|igmp|esp|ah|dccp|rsvp|eigrp|ospf|pim|vrrp|udplite)$/) found = name
                else if (name == "icmp" || name == "icmpv6") { found = name; break }
            }
            total[NR] = frames; kind[NR] = found
        }
        END {
            for (node in total) count[kind[node]] += total[node] - below[node]
            for (name in count) if (count[name] > 0) print name "\t" count[name]
        }' | LC_ALL=C sort
}

captures=0 packets=0 unexplained=0
while IFS=$'\t' read -r capture reason; do
    case $capture in '' | '#'*) continue ;; esac
    theirs=$(hierarchy "$corpus/$capture" | innermost) || theirs="cannot read it"
    counts=$("$ours" "$corpus/$capture") || counts="not read"
    captures=$((captures + 1))
    packets=$((packets + $(awk '{ sum += $2 } END { print sum + 0 }' <<<"$counts")))
    line=$(tr '\t\n' ' ,' <<<"$counts" | sed 's/,$//; s/,/, /g')
    if [[ $counts == "$theirs" ]]; then
        verdict="equal"
        [[ -z $reason ]] || verdict="equal, though the list says: $reason" unexplained=$((unexplained + 1))
    else
        theirs=$(tr '\t\n' ' ,' <<<"$theirs" | sed 's/,$//; s/,/, /g')
        verdict="tshark: $theirs"
        if [[ -n $reason ]]; then
            verdict="$verdict ($reason)"
        else
            verdict="DIFFERS $verdict" unexplained=$((unexplained + 1))
        fi
    fi
    printf '%-50s %-60s %s\n' "$capture" "$line" "$verdict"
done <"$list"

echo "$captures captures, $packets packets, $unexplained without an explanation"
[[ $captures -gt 0 && $unexplained -eq 0 ]]
