//! The feature set `rich`.
#![cfg(feature = "flow")]

mod by_hand;
mod corpus;
mod random;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use nettraffic_capture::{
    IpProtocol, PacketMeta, TcpFlags, TcpHeader, Timestamp, Transport, UdpHeader,
};
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::FlowConfig;

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sender {
    Client,
    Server,
}

/// A packet without a transport header, from some moment on.
fn packet(from: Sender, millis: i64, protocol: IpProtocol, payload: u32) -> PacketMeta {
    let (source, destination) = match from {
        Sender::Client => (CLIENT, SERVER),
        Sender::Server => (SERVER, CLIENT),
    };
    let time = Timestamp::from_nanos(1_700_000_000_000_000_000 + millis * 1_000_000);
    let mut packet = PacketMeta::new(time, source, destination, protocol);
    packet.payload_len = payload;
    packet
}

fn ports(from: Sender) -> (u16, u16) {
    match from {
        Sender::Client => (40_000, 443),
        Sender::Server => (443, 40_000),
    }
}

/// A TCP segment with 40 bytes of headers.
fn segment(
    from: Sender,
    millis: i64,
    flags: u8,
    (sequence, acknowledgement): (u32, u32),
    payload: u32,
    window: u16,
) -> PacketMeta {
    let mut packet = packet(from, millis, IpProtocol::TCP, payload);
    packet.header_len = 40;
    let (source_port, destination_port) = ports(from);
    packet.transport = Transport::Tcp(TcpHeader {
        source_port,
        destination_port,
        sequence,
        acknowledgement,
        window,
        flags: TcpFlags(flags),
        ..TcpHeader::default()
    });
    packet
}

fn datagram(from: Sender, millis: i64, payload: u32) -> PacketMeta {
    let mut packet = packet(from, millis, IpProtocol::UDP, payload);
    packet.header_len = 28;
    let (source_port, destination_port) = ports(from);
    packet.transport = Transport::Udp(UdpHeader {
        source_port,
        destination_port,
    });
    packet
}

type Row = HashMap<String, f64>;

/// The rows of the flows that the packets make, by column.
fn rows(packets: &[PacketMeta]) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    rows_of("rich", packets)
}

/// Those of other sets.
fn rows_of(sets: &str, packets: &[PacketMeta]) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let features = FeatureSet::named(sets)?;
    let mut extractor = Extractor::new(features, FlowConfig::default());
    extractor.push_all(packets);
    extractor.finish();
    let schema = extractor.schema();
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    while extractor.pop(&mut row).is_some() {
        let names = schema
            .columns()
            .iter()
            .map(|column| column.name.to_string());
        rows.push(names.zip(row.drain(..)).collect());
    }
    Ok(rows)
}
