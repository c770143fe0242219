//! Packets made by hand, and the values of the flow that they make.

use std::net::{IpAddr, Ipv4Addr};

use nettraffic_capture::{
    IpProtocol, PacketMeta, TcpFlags, TcpHeader, Timestamp, Transport, UdpHeader,
};
use nettraffic_features::{Extractor, FeatureNames, FeatureSet, Projection};
use nettraffic_flow::{Flow, FlowConfig};

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
const PORTS: (u16, u16) = (40_000, 443);

pub(crate) const FIN: u8 = TcpFlags::FIN.0;
pub(crate) const SYN: u8 = TcpFlags::SYN.0;
pub(crate) const PSH: u8 = TcpFlags::PSH.0;
pub(crate) const ACK: u8 = TcpFlags::ACK.0;
pub(crate) const URG: u8 = TcpFlags::URG.0;

/// Who sends a packet.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Sender {
    Client,
    Server,
}
pub(crate) use Sender::{Client, Server};

fn packet(from: Sender, millis: i64, protocol: IpProtocol, payload: u32) -> PacketMeta {
    let (source, destination) = match from {
        Client => (CLIENT, SERVER),
        Server => (SERVER, CLIENT),
    };
    let time = Timestamp::from_nanos(1_700_000_000_000_000_000 + millis * 1_000_000);
    let mut packet = PacketMeta::new(time, source, destination, protocol);
    packet.payload_len = payload;
    packet
}

/// A TCP segment with a window of 1,000 (client) or 2,000 bytes.
pub(crate) fn segment(from: Sender, millis: i64, flags: u8, payload: u32) -> PacketMeta {
    let mut packet = packet(from, millis, IpProtocol::TCP, payload);
    let (source_port, destination_port, window) = match from {
        Client => (PORTS.0, PORTS.1, 1_000),
        Server => (PORTS.1, PORTS.0, 2_000),
    };
    packet.header_len = 40;
    packet.transport = Transport::Tcp(TcpHeader {
        source_port,
        destination_port,
        flags: TcpFlags(flags),
        header_len: 20,
        window,
        ..TcpHeader::default()
    });
    packet
}

/// The same segment with another window.
pub(crate) fn with_window(mut segment: PacketMeta, window: u16) -> PacketMeta {
    if let Transport::Tcp(tcp) = &mut segment.transport {
        tcp.window = window;
    }
    segment
}

pub(crate) fn datagram(from: Sender, millis: i64, payload: u32) -> PacketMeta {
    let mut packet = packet(from, millis, IpProtocol::UDP, payload);
    let (source_port, destination_port) = match from {
        Client => (PORTS.0, PORTS.1),
        Server => (PORTS.1, PORTS.0),
    };
    packet.header_len = 28;
    packet.transport = Transport::Udp(UdpHeader {
        source_port,
        destination_port,
    });
    packet
}

/// The records of `packets`, and their rows one after another.
pub(crate) fn rows(set: &FeatureSet, packets: &[PacketMeta]) -> (Vec<Flow>, Vec<Vec<f64>>) {
    let mut extractor = Extractor::new(set.clone(), FlowConfig::default());
    extractor.push_all(packets);
    extractor.finish();
    let (mut flows, mut rows) = (Vec::new(), Vec::new());
    let mut row = Vec::new();
    while let Some(flow) = extractor.pop(&mut row) {
        flows.push(flow);
        rows.push(std::mem::take(&mut row));
    }
    (flows, rows)
}

/// The values of the one flow that `packets` make, under these names.
pub(crate) fn check(
    packets: &[PacketMeta],
    names: FeatureNames,
    expected: &[(&str, f64)],
) -> crate::Outcome {
    let set = FeatureSet::named("cic")?;
    let (_, rows) = rows(&set, packets);
    assert_eq!(rows.len(), 1, "one flow was expected");
    let projection = Projection::of(&set.schema(), names)?;
    let mut row = Vec::new();
    projection.apply(&rows[0], &mut row);
    assert!(row.iter().all(|value| value.is_finite()), "{row:?}");
    for (name, expected) in expected {
        let at = projection.schema().position(name).ok_or(*name)?;
        let found = *row.get(at).ok_or(*name)?;
        let near = (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
        assert!(near, "{name}: {found}, not {expected}");
    }
    Ok(())
}

/// As [`check`], under our own names.
pub(crate) fn check_own(packets: &[PacketMeta], expected: &[(&str, f64)]) -> crate::Outcome {
    check(packets, FeatureNames::Own, expected)
}
