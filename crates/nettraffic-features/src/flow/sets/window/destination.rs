//! What was done to the responder.

use super::{bytes, count, of, share};
use crate::Feature;
use crate::flow::measure::number;

pub(super) const FEATURES: &[Feature] = &[
    count(
        "destination_connections_2s",
        "KDD count",
        "connections to the responder in 2 s",
        |facts| number(facts.destination.two_seconds.tally.connections),
    ),
    count(
        "destination_connections_60s",
        "KDD count, over 60 s",
        "connections to the responder in 60 s",
        |facts| number(facts.destination.minute.tally.connections),
    ),
    count(
        "destination_connections_100",
        "KDD dst_host_count",
        "connections to the responder, up to the last 100",
        |facts| number(facts.destination.last_hundred.tally.connections),
    ),
    count(
        "destination_hosts_60s",
        "distributed floods and scans",
        "different initiators of connections to the responder in 60 s",
        |facts| number(facts.destination.minute.peers),
    ),
    count(
        "destination_hosts_100",
        "distributed floods and scans",
        "different initiators of the last 100 connections to the responder",
        |facts| number(facts.destination.last_hundred.peers),
    ),
    count(
        "destination_services_2s",
        "vertical scans",
        "different services that were asked for at the responder in 2 s",
        |facts| number(facts.destination.two_seconds.services),
    ),
    count(
        "destination_services_60s",
        "vertical scans",
        "different services that were asked for at the responder in 60 s",
        |facts| number(facts.destination.minute.services),
    ),
    count(
        "destination_services_100",
        "KDD dst_host_diff_srv_rate, as a count of services",
        "different services in the last 100 connections to the responder",
        |facts| number(facts.destination.last_hundred.services),
    ),
    share(
        "destination_failed_share_2s",
        "KDD serror_rate + rerror_rate",
        "failed / connections, to the responder in 2 s",
        |facts| {
            let tally = facts.destination.two_seconds.tally;
            of(tally.failed(), tally.connections)
        },
    ),
    share(
        "destination_failed_share_60s",
        "KDD serror_rate + rerror_rate, over 60 s",
        "failed / connections, to the responder in 60 s",
        |facts| {
            let tally = facts.destination.minute.tally;
            of(tally.failed(), tally.connections)
        },
    ),
    share(
        "destination_failed_share_100",
        "KDD dst_host_serror_rate + dst_host_rerror_rate",
        "failed / connections, of the last 100 to the responder",
        |facts| {
            let tally = facts.destination.last_hundred.tally;
            of(tally.failed(), tally.connections)
        },
    ),
    share(
        "destination_rejected_share_2s",
        "KDD rerror_rate",
        "refused, by the responder or an ICMP error / connections, to the responder in 2 s",
        |facts| {
            let tally = facts.destination.two_seconds.tally;
            of(tally.rejected, tally.connections)
        },
    ),
    share(
        "destination_rejected_share_100",
        "KDD dst_host_rerror_rate",
        "refused, by the responder or an ICMP error / connections, of the last 100 to the responder",
        |facts| {
            let tally = facts.destination.last_hundred.tally;
            of(tally.rejected, tally.connections)
        },
    ),
    share(
        "destination_half_open_share_60s",
        "SYN floods",
        "accepted with SYN and never acknowledged / connections, to the responder in 60 s",
        |facts| {
            let tally = facts.destination.minute.tally;
            of(tally.half_open, tally.connections)
        },
    ),
    share(
        "destination_half_open_share_100",
        "SYN floods",
        "accepted with SYN and never acknowledged / connections, of the last 100 to the responder",
        |facts| {
            let tally = facts.destination.last_hundred.tally;
            of(tally.half_open, tally.connections)
        },
    ),
    share(
        "destination_same_service_share_2s",
        "KDD same_srv_rate = 1 − diff_srv_rate",
        "connections to this service / connections, to the responder in 2 s",
        |facts| {
            let destination = facts.destination.two_seconds;
            of(destination.with_service, destination.tally.connections)
        },
    ),
    share(
        "destination_same_service_share_100",
        "KDD dst_host_same_srv_rate = dst_host_srv_count / dst_host_count",
        "connections to this service / connections, of the last 100 to the responder",
        |facts| {
            let destination = facts.destination.last_hundred;
            of(destination.with_service, destination.tally.connections)
        },
    ),
    share(
        "destination_same_source_share_60s",
        "distributed floods and scans",
        "connections of this initiator / connections, to the responder in 60 s",
        |facts| {
            let destination = facts.destination.minute;
            of(destination.with_peer, destination.tally.connections)
        },
    ),
    share(
        "destination_same_source_share_100",
        "KDD dst_host_same_src_port_rate, of addresses",
        "connections of this initiator / connections, of the last 100 to the responder",
        |facts| {
            let destination = facts.destination.last_hundred;
            of(destination.with_peer, destination.tally.connections)
        },
    ),
    bytes(
        "destination_bytes_60s",
        "floods, and data that leaves",
        "bytes of IP packets that were sent to the responder in flows that ended in 60 s",
        |facts| number(facts.destination.minute.bytes),
    ),
];
