//! Seeded, labelled synthetic captures: the traffic of an office, and attacks on it.
//!
//! Packets come out in time order as Ethernet frames with sound checksums, from conversations with
//! real handshakes, segments, delayed ACKs, losses and closes. The ground truth comes along twice:
//! exactly per packet, and as label rules that match the attack conversations and nothing else.
//!
//! ```
//! use nettraffic_synth::{Attack, AttackKind, Scenario};
//! use std::time::Duration;
//!
//! let scan = Attack::new(AttackKind::SynScan).at(Duration::from_secs(60)).rate(10.0);
//! let capture = Scenario::new(7).duration(Duration::from_secs(120)).hosts(4).attack(scan).synthesize();
//!
//! assert_eq!(capture.truth.rules[0].label, "scan_syn");
//! let attacked = (0..capture.truth.packets).filter(|i| capture.truth.packet_label(*i) == Some("scan_syn"));
//! assert!(attacked.count() > 400);
//! assert_eq!(capture.pcap[..4], 0xA1B2_3C4D_u32.to_le_bytes()); // nanosecond pcap
//! ```

mod attack;
mod benign;
mod generator;
mod label;
mod named;
mod rng;
mod scenario;
mod script;
mod source;
mod talk;
mod time;
mod wire;
mod world;

pub use attack::{Attack, AttackKind};
pub use benign::{Activity, Benign};
pub use generator::{Generator, SynthPacket};
pub use label::{BENIGN, LabelRule, Truth};
pub use named::UnknownScenario;
pub use scenario::{Scenario, Synthetic};
