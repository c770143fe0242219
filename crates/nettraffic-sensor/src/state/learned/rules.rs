//! By which rules rows were made: rows of other rules must not be mixed with them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use nettraffic_capture::DecodeConfig;
use nettraffic_features::FeatureSet;
use nettraffic_flow::FlowConfig;
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"NTROWS1\n";
/// Magic and length.
const FRONT: usize = 12;
const MOST_BYTES: u32 = 1 << 16;

/// How packets were decoded, flows cut and features computed.
#[derive(Clone, Debug)]
pub struct RowRules {
    features: FeatureSet,
    stored: Stored,
}

/// Whether rows may be mixed.
impl PartialEq for RowRules {
    fn eq(&self, other: &Self) -> bool {
        self.stored == other.stored
    }
}

impl Eq for RowRules {}

/// Times in nanoseconds. How many flows may be open is no rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    features: String,
    schema: String,
    tunnels: String,
    /// TCP, UDP, ICMP, others.
    idle_timeouts_ns: [u128; 4],
    active_timeout_ns: u128,
    tcp_linger_ns: u128,
    early_packets: Option<u64>,
    early_after_ns: Option<u128>,
    tunnel_in_key: bool,
    vlan_in_key: bool,
}

impl RowRules {
    /// The rules of rows of these features, of flows that were cut and packets that were decoded like this.
    #[must_use]
    pub fn new(features: FeatureSet, flow: &FlowConfig, decode: &DecodeConfig) -> Self {
        let idle = &flow.idle_timeouts;
        let stored = Stored {
            features: features.name().to_owned(),
            schema: features.schema().fingerprint().to_string(),
            tunnels: decode.tunnels.to_string(),
            idle_timeouts_ns: [idle.tcp, idle.udp, idle.icmp, idle.other]
                .map(|time| time.as_nanos()),
            active_timeout_ns: flow.active_timeout.as_nanos(),
            tcp_linger_ns: flow.tcp_linger.as_nanos(),
            early_packets: flow.early.packets,
            early_after_ns: flow.early.after.map(|time| time.as_nanos()),
            tunnel_in_key: flow.tunnel_in_key,
            vlan_in_key: flow.vlan_in_key,
        };
        Self { features, stored }
    }

    /// The features of the rows.
    #[must_use]
    pub fn features(&self) -> &FeatureSet {
        &self.features
    }

    /// What a file of such rows begins with.
    pub(super) fn file_start(&self) -> Vec<u8> {
        // Names and numbers: it cannot fail, and stays far below 64 KiB.
        let rules = serde_json::to_vec(&self.stored).unwrap_or_default();
        let (length, sum) = (rules.len() as u32, crc32fast::hash(&rules));
        [
            &MAGIC[..],
            &length.to_le_bytes(),
            &rules,
            &sum.to_le_bytes(),
        ]
        .concat()
    }

    /// Whether a file is one of such rows, or not there or empty; if not, what is wrong with it.
    pub(super) fn check(&self, path: &Path) -> io::Result<Result<(), String>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(())),
            file => file?,
        };
        let mut bytes = Vec::new();
        let most = FRONT as u64 + u64::from(MOST_BYTES) + 4;
        file.take(most).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(Ok(()));
        }
        Ok(match read(&bytes) {
            None => Err("damaged".to_owned()),
            Some(stored) => self.stored.check(&stored),
        })
    }
}

impl Stored {
    fn check(&self, found: &Self) -> Result<(), String> {
        if (&found.features, &found.schema) != (&self.features, &self.schema) {
            let (expected, found) = (&self.features, &found.features);
            return Err(format!(
                "its rows are of the features {found}, as another version or configuration computes them, not {expected}"
            ));
        }
        if found != self {
            return Err("its flows were cut or decoded by other rules".to_owned());
        }
        Ok(())
    }
}

fn read(bytes: &[u8]) -> Option<Stored> {
    let (length, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk()?;
    let length = u32::from_le_bytes(*length);
    let (rules, rest) = rest.split_at_checked(length as usize)?;
    let (sum, _) = rest.split_first_chunk()?;
    if u32::from_le_bytes(*sum) != crc32fast::hash(rules) {
        return None;
    }
    serde_json::from_slice(rules).ok()
}
