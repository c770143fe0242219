//! What was done with the service, at whatever host.

use super::{count, of, share};
use crate::Feature;
use crate::flow::measure::number;

pub(super) const FEATURES: &[Feature] = &[
    count(
        "service_connections_2s",
        "KDD srv_count",
        "connections to the service, at whatever host, in 2 s",
        |facts| number(facts.service_two_seconds.tally.connections),
    ),
    count(
        "service_connections_60s",
        "KDD srv_count, over 60 s",
        "connections to the service, at whatever host, in 60 s",
        |facts| number(facts.service_minute.tally.connections),
    ),
    count(
        "service_sources_60s",
        "spreading worms",
        "different initiators of connections to the service in 60 s",
        |facts| number(facts.service_minute.sources),
    ),
    count(
        "service_hosts_60s",
        "KDD srv_diff_host_rate, as a count of hosts",
        "different responders of connections to the service in 60 s",
        |facts| number(facts.service_minute.destinations),
    ),
    share(
        "service_failed_share_2s",
        "KDD srv_serror_rate + srv_rerror_rate",
        "failed / connections, to the service in 2 s",
        |facts| {
            let tally = facts.service_two_seconds.tally;
            of(tally.failed(), tally.connections)
        },
    ),
    share(
        "service_failed_share_60s",
        "KDD srv_serror_rate + srv_rerror_rate, over 60 s",
        "failed / connections, to the service in 60 s",
        |facts| {
            let tally = facts.service_minute.tally;
            of(tally.failed(), tally.connections)
        },
    ),
    share(
        "service_other_host_share_2s",
        "KDD srv_diff_host_rate",
        "connections to other responders / connections, to the service in 2 s",
        |facts| {
            let service = facts.service_two_seconds;
            let connections = service.tally.connections;
            of(connections - service.with_destination, connections)
        },
    ),
];
