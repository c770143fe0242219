//! Features in words that people understand, made from the parts of their names.

use nettraffic_features::Unit;
use nettraffic_viz as viz;

/// Features whose names do not tell by their parts.
const WHOLE: [(&str, &str); 52] = [
    ("protocol", "transport protocol"),
    ("service", "kind of service"),
    ("answered", "answered"),
    ("flow_duration", "length of the connection"),
    ("forward_packets", "packets sent"),
    ("backward_packets", "packets received"),
    ("forward_payload_bytes", "payload sent"),
    ("backward_payload_bytes", "payload received"),
    ("packets_per_second", "packets in both directions"),
    ("bytes_per_second", "bytes in both directions"),
    ("forward_payload_per_second", "payload sent"),
    ("backward_payload_per_second", "payload received"),
    (
        "forward_packet_share",
        "share of packets sent by the source",
    ),
    (
        "forward_payload_share",
        "share of payload sent by the source",
    ),
    ("header_share", "share of headers in the bytes"),
    ("payload_mean", "mean payload of a packet"),
    ("payload_std", "spread of the payload of packets"),
    (
        "forward_data_share",
        "share of sent packets that carry data",
    ),
    (
        "backward_data_share",
        "share of received packets that carry data",
    ),
    ("gap_variation", "unevenness of the time between packets"),
    (
        "forward_gap_variation",
        "unevenness of the time between packets sent",
    ),
    ("response_delay", "time to the first answer"),
    ("active_mean", "mean busy period"),
    ("active_max", "longest busy period"),
    ("idle_periods", "silences over 5 s"),
    ("idle_mean", "mean silence"),
    ("idle_max", "longest silence"),
    ("connection_state", "state of the connection"),
    ("half_open", "left half open by the source"),
    ("ack", "packets with ACK"),
    ("urg", "packets with URG"),
    ("ecn", "packets with congestion marks"),
    ("forward_window", "receive window of the source"),
    ("backward_window", "receive window of the target"),
    ("forward_repeated", "segments that the source sent again"),
    ("backward_repeated", "segments that the target sent again"),
    ("forward_skipped", "gaps in what the source sent"),
    ("backward_skipped", "gaps in what the target sent"),
    ("forward_hops", "routers on the way from the source"),
    ("backward_hops", "routers on the way from the target"),
    ("forward_initial_ttl", "initial time to live of the source"),
    ("backward_initial_ttl", "initial time to live of the target"),
    (
        "pair_connections_60s",
        "connections of these two hosts in 60 s",
    ),
    (
        "pair_services_60s",
        "services asked for between these two hosts in 60 s",
    ),
    (
        "channel_connections",
        "connections from the source to this service of the target",
    ),
    (
        "channel_connections_60s",
        "connections from the source to this service of the target in 60 s",
    ),
    (
        "channel_gap_median",
        "usual time between connections to this service",
    ),
    (
        "channel_gap_variation",
        "unevenness of the time between connections to this service",
    ),
    (
        "channel_regular_share",
        "share of connections to this service that came on the beat",
    ),
    (
        "channel_sent_variation",
        "unevenness of the bytes sent in these connections",
    ),
    (
        "channel_received_variation",
        "unevenness of the bytes received in these connections",
    ),
    (
        "source_age_100",
        "time in which the source made its last 100 connections",
    ),
];

/// Beginnings of the names of windows over hosts, and whose connections they count.
const OWNERS: [(&str, &str); 3] = [
    ("source_", "of the source"),
    ("destination_", "to the target"),
    ("service_", "to this service"),
];

/// What windows count of these connections.
const COUNTED: [(&str, &str); 14] = [
    ("connections", "connections {of}"),
    ("hosts", "other hosts in the connections {of}"),
    ("sources", "sources of the connections {of}"),
    ("services", "services in the connections {of}"),
    ("failed_share", "failed share of the connections {of}"),
    ("rejected_share", "refused share of the connections {of}"),
    ("half_open_share", "half-open share of the connections {of}"),
    (
        "same_service_share",
        "share of this service in the connections {of}",
    ),
    (
        "same_host_share",
        "share of this target in the connections {of}",
    ),
    (
        "same_source_share",
        "share of this source in the connections {of}",
    ),
    (
        "other_host_share",
        "share of other hosts in the connections {of}",
    ),
    ("bytes", "bytes in the connections {of}"),
    ("age", "time of the connections {of}"),
    ("gap_median", "usual time between the connections {of}"),
];

/// Ends of the names of flow features, and what they tell of packets or of the time between them.
const ENDS: [(&str, &str); 7] = [
    ("_mean", "mean"),
    ("_std", "spread of the"),
    ("_min", "smallest"),
    ("_max", "largest"),
    ("_p50", "median"),
    ("_p10", "10th percentile of the"),
    ("_p90", "90th percentile of the"),
];

/// The feature in words; `None` for one that only its name describes.
pub(crate) fn words(feature: &str) -> Option<String> {
    if let Some((_, words)) = WHOLE.iter().find(|(name, _)| *name == feature) {
        return Some((*words).to_owned());
    }
    windowed(feature)
        .or_else(|| flagged(feature))
        .or_else(|| measured(feature))
}

/// `destination_connections_2s`: connections to the target in 2 s.
fn windowed(feature: &str) -> Option<String> {
    let (owner, of) = OWNERS
        .iter()
        .find(|(owner, _)| feature.starts_with(owner))?;
    let (what, window) = feature.strip_prefix(owner)?.rsplit_once('_')?;
    let window = match window.strip_suffix('s') {
        Some(seconds) if is_number(seconds) => format!("in {seconds} s"),
        None if is_number(window) => format!("among the last {window}"),
        _ => return None,
    };
    let (_, words) = COUNTED.iter().find(|(name, _)| *name == what)?;
    Some(format!("{} {window}", words.replace("{of}", of)))
}

/// `forward_syn`: packets with SYN sent.
fn flagged(feature: &str) -> Option<String> {
    let (rest, direction) = directed(feature)?;
    let flag = ["syn", "fin", "rst", "psh", "urg"]
        .into_iter()
        .find(|flag| *flag == rest)?;
    Some(format!("packets with {} {direction}", flag.to_uppercase()))
}

/// `forward_gap_max`: largest time between packets sent.
fn measured(feature: &str) -> Option<String> {
    let (rest, direction) = directed(feature).unwrap_or((feature, "in both directions"));
    let (end, words) = ENDS.iter().find(|(end, _)| rest.ends_with(end))?;
    let what = match rest.strip_suffix(end)? {
        "gap" => "time between packets",
        "payload" => "payload of packets",
        "ip_length" => "length of packets",
        _ => return None,
    };
    Some(format!("{words} {what} {direction}"))
}

fn directed(feature: &str) -> Option<(&str, &'static str)> {
    let sent = feature.strip_prefix("forward_").map(|rest| (rest, "sent"));
    sent.or_else(|| {
        feature
            .strip_prefix("backward_")
            .map(|rest| (rest, "received"))
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The unit in which a report shows values of a feature.
pub(crate) fn unit(feature: &str, unit: Unit) -> viz::Unit {
    match unit {
        Unit::Count => viz::Unit::Count,
        Unit::Bytes => viz::Unit::Bytes,
        Unit::Seconds => viz::Unit::Seconds,
        Unit::BytesPerSecond => viz::Unit::BytesPerSecond,
        Unit::PacketsPerSecond => viz::Unit::PerSecond,
        Unit::Ratio if feature.contains("share") => viz::Unit::Share,
        Unit::Flag => viz::Unit::Flag,
        _ => viz::Unit::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_features::FeatureSet;

    #[test]
    fn names_become_words() {
        for (name, expected) in [
            (
                "destination_connections_2s",
                "connections to the target in 2 s",
            ),
            (
                "source_hosts_100",
                "other hosts in the connections of the source among the last 100",
            ),
            (
                "service_failed_share_60s",
                "failed share of the connections to this service in 60 s",
            ),
            ("forward_syn", "packets with SYN sent"),
            ("backward_gap_max", "largest time between packets received"),
            ("payload_std", "spread of the payload of packets"),
            ("gap_mean", "mean time between packets in both directions"),
            ("half_open", "left half open by the source"),
        ] {
            assert_eq!(words(name).as_deref(), Some(expected));
        }
        for name in [
            "",
            "forward_",
            "source_hosts",
            "source__2s",
            "packet_01_gap",
            "service_2s",
        ] {
            assert_eq!(words(name), None, "{name}");
        }
    }

    #[test]
    fn every_feature_that_detectors_use_by_default_has_words() {
        let set = FeatureSet::default();
        let indicators = |name: &&str| !name.ends_with("_undefined") && !name.ends_with("_missing");
        let schema = set.schema();
        let names = schema.columns().iter().map(|column| &*column.name);
        let without: Vec<&str> = names
            .filter(indicators)
            .filter(|name| words(name).is_none())
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
