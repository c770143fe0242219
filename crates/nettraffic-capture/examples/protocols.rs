//! Counts the packets of a capture by their innermost protocol: `protocols CAPTURE`
//!
//! One line a protocol: its name, a tab, the count. `ip` are later fragments and protocols without a
//! name, `none` is what was not decoded.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::process::ExitCode;

use nettraffic_capture::{IpProtocol, PacketMeta, PacketSource, Skip, Transport, decode, open};

fn main() -> ExitCode {
    let Some(capture) = env::args().nth(1) else {
        eprintln!("usage: protocols CAPTURE");
        return ExitCode::FAILURE;
    };
    match count(&capture) {
        Ok(counts) => {
            for (name, count) in counts {
                println!("{name}\t{count}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn count(capture: &str) -> Result<BTreeMap<&'static str, u64>, Box<dyn Error>> {
    let mut counts = BTreeMap::new();
    let mut source = open(capture)?;
    while let Some(packet) = source.next_packet()? {
        *counts.entry(name(&decode(&packet))).or_insert(0) += 1;
    }
    Ok(counts)
}

/// The name that tshark's protocol hierarchy has for it.
fn name(decoded: &Result<PacketMeta, Skip>) -> &'static str {
    let Ok(meta) = decoded else {
        return "none";
    };
    match meta.transport {
        Transport::Arp(_) => return "arp",
        Transport::LaterFragment(_) => return "ip",
        _ => {}
    }
    match meta.protocol {
        IpProtocol::TCP => "tcp",
        IpProtocol::UDP => "udp",
        IpProtocol::ICMP => "icmp",
        IpProtocol::ICMPV6 => "icmpv6",
        IpProtocol::SCTP => "sctp",
        IpProtocol::GRE => "gre",
        IpProtocol(2) => "igmp",
        IpProtocol(50) => "esp",
        IpProtocol(51) => "ah",
        IpProtocol(33) => "dccp",
        IpProtocol(46) => "rsvp",
        IpProtocol(88) => "eigrp",
        IpProtocol(89) => "ospf",
        IpProtocol(103) => "pim",
        IpProtocol(112) => "vrrp",
        IpProtocol(136) => "udplite",
        _ => "ip",
    }
}
