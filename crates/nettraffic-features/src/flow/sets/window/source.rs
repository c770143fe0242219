//! What the initiator did.

use super::{bytes, count, entry, of, share};
use crate::flow::measure::number;
use crate::{Feature, Missing, Unit};

pub(super) const FEATURES: &[Feature] = &[
    count(
        "source_connections_2s",
        "KDD count, of the source",
        "connections of the initiator in 2 s",
        |facts| number(facts.source.two_seconds.tally.connections),
    ),
    count(
        "source_connections_60s",
        "KDD count, of the source",
        "connections of the initiator in 60 s",
        |facts| number(facts.source.minute.tally.connections),
    ),
    count(
        "source_hosts_2s",
        "horizontal scans",
        "different responders of the initiator in 2 s",
        |facts| number(facts.source.two_seconds.peers),
    ),
    count(
        "source_hosts_60s",
        "horizontal scans",
        "different responders of the initiator in 60 s",
        |facts| number(facts.source.minute.peers),
    ),
    count(
        "source_hosts_100",
        "UNSW-NB15 ct_src_ltm, as different hosts",
        "different responders of the initiator in its last 100 connections",
        |facts| number(facts.source.last_hundred.peers),
    ),
    count(
        "source_services_2s",
        "vertical scans",
        "different services that the initiator asked for in 2 s",
        |facts| number(facts.source.two_seconds.services),
    ),
    count(
        "source_services_60s",
        "vertical scans",
        "different services that the initiator asked for in 60 s",
        |facts| number(facts.source.minute.services),
    ),
    count(
        "source_services_100",
        "vertical scans",
        "different services that the initiator asked for in its last 100 connections",
        |facts| number(facts.source.last_hundred.services),
    ),
    share(
        "source_failed_share_2s",
        "KDD serror_rate + rerror_rate, of the source",
        "failed / connections, of the initiator in 2 s",
        |facts| {
            let tally = facts.source.two_seconds.tally;
            of(tally.failed(), tally.connections)
        },
    ),
    share(
        "source_failed_share_60s",
        "KDD serror_rate + rerror_rate, of the source",
        "failed / connections, of the initiator in 60 s",
        |facts| {
            let tally = facts.source.minute.tally;
            of(tally.failed(), tally.connections)
        },
    ),
    share(
        "source_failed_share_100",
        "threshold random walk (Jung et al. 2004), as a share",
        "failed / connections, of the initiator's last 100",
        |facts| {
            let tally = facts.source.last_hundred.tally;
            of(tally.failed(), tally.connections)
        },
    ),
    share(
        "source_rejected_share_100",
        "KDD dst_host_rerror_rate, of the source",
        "refused, by the responder or an ICMP error / connections, of the initiator's last 100",
        |facts| {
            let tally = facts.source.last_hundred.tally;
            of(tally.rejected, tally.connections)
        },
    ),
    share(
        "source_half_open_share_60s",
        "half-open scans",
        "accepted with SYN and never acknowledged / connections, of the initiator in 60 s",
        |facts| {
            let tally = facts.source.minute.tally;
            of(tally.half_open, tally.connections)
        },
    ),
    share(
        "source_half_open_share_100",
        "half-open scans",
        "accepted with SYN and never acknowledged / connections, of the initiator's last 100",
        |facts| {
            let tally = facts.source.last_hundred.tally;
            of(tally.half_open, tally.connections)
        },
    ),
    share(
        "source_same_service_share_2s",
        "KDD same_srv_rate, of the source",
        "connections to this service / connections, of the initiator in 2 s",
        |facts| {
            let source = facts.source.two_seconds;
            of(source.with_service, source.tally.connections)
        },
    ),
    share(
        "source_same_service_share_60s",
        "KDD same_srv_rate, of the source",
        "connections to this service / connections, of the initiator in 60 s",
        |facts| {
            let source = facts.source.minute;
            of(source.with_service, source.tally.connections)
        },
    ),
    share(
        "source_same_service_share_100",
        "KDD dst_host_same_srv_rate, of the source",
        "connections to this service / connections, of the initiator's last 100",
        |facts| {
            let source = facts.source.last_hundred;
            of(source.with_service, source.tally.connections)
        },
    ),
    share(
        "source_same_host_share_60s",
        "UNSW-NB15 ct_dst_src_ltm, as a share",
        "connections with this responder / connections, of the initiator in 60 s",
        |facts| {
            let source = facts.source.minute;
            of(source.with_peer, source.tally.connections)
        },
    ),
    share(
        "source_same_host_share_100",
        "UNSW-NB15 ct_dst_src_ltm, as a share",
        "connections with this responder / connections, of the initiator's last 100",
        |facts| {
            let source = facts.source.last_hundred;
            of(source.with_peer, source.tally.connections)
        },
    ),
    bytes(
        "source_bytes_2s",
        "volume per host and time",
        "bytes of IP packets that the initiator sent in flows that ended in 2 s",
        |facts| number(facts.source.two_seconds.bytes),
    ),
    bytes(
        "source_bytes_60s",
        "volume per host and time",
        "bytes of IP packets that the initiator sent in flows that ended in 60 s",
        |facts| number(facts.source.minute.bytes),
    ),
    entry(
        "source_age_100",
        Unit::Seconds,
        Missing::Never,
        "connections per time, with slow scans in view",
        "time since the first of the initiator's last 100 connections ended; all of them while there are fewer",
        |facts| Some(facts.source.hundred_age.as_secs_f64()),
    ),
];
