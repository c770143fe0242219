//! What the initiator had to do with the responder.

use super::{count, entry, share};
use crate::flow::measure::number;
use crate::{Feature, Missing, Unit};

pub(super) const FEATURES: &[Feature] = &[
    count(
        "pair_connections_60s",
        "UNSW-NB15 ct_dst_src_ltm",
        "connections from the initiator to the responder in 60 s",
        |facts| number(facts.source.minute.with_peer),
    ),
    count(
        "pair_services_60s",
        "vertical scans",
        "different services of the responder that the initiator asked for in 60 s",
        |facts| number(facts.pair_services_minute),
    ),
    count(
        "channel_connections_60s",
        "password guessing",
        "connections from the initiator to this service of the responder in 60 s",
        |facts| number(facts.channel_minute),
    ),
    count(
        "channel_connections",
        "RITA connection count",
        "connections from the initiator to this service of the responder since they are remembered",
        |facts| number(facts.rhythm.connections),
    ),
    entry(
        "channel_gap_median",
        Unit::Seconds,
        Missing::Indicated(0.0),
        "RITA interval of beacons",
        "median time between the starts of the channel's last 16 connections; undefined with fewer than 4",
        |facts| facts.rhythm.gap_median,
    ),
    entry(
        "channel_gap_variation",
        Unit::Ratio,
        Missing::Indicated(1.0),
        "interval dispersion of beacons, as RITA's",
        "standard deviation / mean of the time between these starts: 0 for a clockwork, about 1 at random; \
         undefined with fewer than 4 connections, or when all began at once",
        |facts| facts.rhythm.gap_variation,
    ),
    share(
        "channel_regular_share",
        "intervals of beacons with jitter",
        "share of these gaps within a tenth of their median; undefined as the variation, or when the median is 0",
        |facts| facts.rhythm.regular_share,
    ),
    entry(
        "channel_sent_variation",
        Unit::Ratio,
        Missing::Indicated(1.0),
        "data size dispersion of beacons, as RITA's",
        "standard deviation / mean of the bytes that the initiator sent in each of these connections; \
         undefined with fewer than 4",
        |facts| facts.rhythm.sent_variation,
    ),
    entry(
        "channel_received_variation",
        Unit::Ratio,
        Missing::Indicated(1.0),
        "data size dispersion of beacons, as RITA's",
        "standard deviation / mean of the bytes that the responder sent in each of these connections, \
         0 when it sent none; undefined with fewer than 4",
        |facts| facts.rhythm.received_variation,
    ),
];
