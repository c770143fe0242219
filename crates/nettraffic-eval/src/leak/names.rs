//! What the name of a feature says about it.

/// Last words of names that stand for one host, flow or moment.
const IDENTIFIERS: [&str; 25] = [
    "addr",
    "address",
    "daddr",
    "date",
    "datetime",
    "dstip",
    "dstmac",
    "flowid",
    "guid",
    "hostname",
    "id",
    "ip",
    "ipv4",
    "ipv6",
    "ltime",
    "mac",
    "saddr",
    "srcip",
    "srcmac",
    "stime",
    "timestamp",
    "uid",
    "uri",
    "url",
    "uuid",
];

/// Words that make a number of it: `distinct_dst_ip` counts addresses.
const COUNTS: [&str; 12] = [
    "count",
    "ct",
    "different",
    "distinct",
    "entropy",
    "has",
    "is",
    "number",
    "num",
    "rate",
    "share",
    "unique",
];

/// What an `id` tells the kind of, not the one: `vlan_id`, `protocol_id`.
const KINDS: [&str; 10] = [
    "class", "icmp", "kind", "proto", "protocol", "service", "tunnel", "type", "vlan", "vni",
];

/// Names, without blanks and dashes, under which published data sets hand out the label or what was made from it.
const LABELS: [&str; 16] = [
    "attack",
    "attackcat",
    "attackcategory",
    "attackname",
    "attacktype",
    "binarylabel",
    "class",
    "detailedlabel",
    "difficulty",
    "difficultylevel",
    "groundtruth",
    "isattack",
    "label",
    "labels",
    "malicious",
    "target",
];

/// Whether the name stands for one host, flow or moment, as `Src IP`, `flow_id`, `startTimestamp`.
pub(super) fn is_identifier(name: &str) -> bool {
    let words = words(name);
    let is_count = words.iter().any(|word| COUNTS.contains(&word.as_str()));
    let is_kind = words
        .iter()
        .rev()
        .nth(1)
        .is_some_and(|word| KINDS.contains(&word.as_str()));
    let last = words.last().map_or("", String::as_str);
    !is_count && IDENTIFIERS.contains(&last) && !(is_kind && last == "id")
}

/// Whether the name stands for the label or what was made from it.
pub(super) fn is_label(name: &str) -> bool {
    LABELS.contains(&words(name).concat().as_str())
}

/// Words in lower case: parted by what is no letter or digit, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || after_small && letter.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        after_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_published_data_sets_are_told_apart() {
        for name in [
            "Flow ID",
            " Source IP",
            "Dst_IP",
            "srcip",
            "id.orig_h_ip",
            "Timestamp",
            "Stime",
            "uid",
            "src_mac",
            "sourceAddress",
            "id",
        ] {
            assert!(is_identifier(name), "{name}");
        }
        for name in [
            "Flow Duration",
            "dst_host_count",
            "ct_dst_src_ltm",
            "is_sm_ips_ports",
            "distinct_dst_ip",
            "forward_ip_bytes",
            "ttl",
            "Idle Mean",
            "num_file_creations",
            "Down/Up Ratio",
            "rst",
            "valid",
            "vlan_id",
            "protocolId",
            "",
            "protocol",
        ] {
            assert!(!is_identifier(name), "{name}");
            assert!(!is_label(name), "{name}");
        }
        for name in [
            "Label",
            " Label",
            "attack_cat",
            "difficulty level",
            "isAttack",
            "class",
        ] {
            assert!(is_label(name) && !is_identifier(name), "{name}");
        }
    }
}
