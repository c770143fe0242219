//! Packets in one line each.

use std::net::IpAddr;

use nettraffic_capture::{
    IcmpAbout, IcmpHeader, IpProtocol, PacketMeta, TcpFlags, TcpHeader, Timestamp, Transport,
    UdpHeader,
};

pub(super) const SYN: u8 = TcpFlags::SYN.0;
pub(super) const ACK: u8 = TcpFlags::ACK.0;
pub(super) const FIN: u8 = TcpFlags::FIN.0;
pub(super) const RST: u8 = TcpFlags::RST.0;

const CLIENT: u8 = 1;
const SERVER: u8 = 2;

pub(super) fn host(number: u8) -> IpAddr {
    [10, 0, 0, number].into()
}

/// Seconds with decimals, as exact nanoseconds.
pub(super) fn at(seconds: f64) -> Timestamp {
    Timestamp::from_nanos((seconds * 1e9).round() as i64)
}

pub(super) fn packet(
    seconds: f64,
    source: u8,
    destination: u8,
    protocol: IpProtocol,
) -> PacketMeta {
    PacketMeta::new(at(seconds), host(source), host(destination), protocol)
}

pub(super) fn udp(seconds: f64, from: (u8, u16), to: (u8, u16)) -> PacketMeta {
    let mut packet = packet(seconds, from.0, to.0, IpProtocol::UDP);
    packet.transport = Transport::Udp(UdpHeader {
        source_port: from.1,
        destination_port: to.1,
    });
    packet.payload_len = 10;
    packet.header_len = 28;
    packet
}

pub(super) fn tcp(
    seconds: f64,
    from: (u8, u16),
    to: (u8, u16),
    flags: u8,
    sequence: u32,
) -> PacketMeta {
    let mut packet = packet(seconds, from.0, to.0, IpProtocol::TCP);
    packet.transport = Transport::Tcp(TcpHeader {
        source_port: from.1,
        destination_port: to.1,
        sequence,
        flags: TcpFlags(flags),
        ..TcpHeader::default()
    });
    packet
}

/// From the client's port 40000 to the server's port 80.
pub(super) fn ask(seconds: f64, flags: u8, sequence: u32) -> PacketMeta {
    tcp(seconds, (CLIENT, 40000), (SERVER, 80), flags, sequence)
}

/// From the server's port 80 to the client's port 40000.
pub(super) fn answer(seconds: f64, flags: u8, sequence: u32) -> PacketMeta {
    tcp(seconds, (SERVER, 80), (CLIENT, 40000), flags, sequence)
}

pub(super) fn icmp(
    seconds: f64,
    from: u8,
    to: u8,
    kind: u8,
    identifier: Option<u16>,
) -> PacketMeta {
    let mut packet = packet(seconds, from, to, IpProtocol::ICMP);
    packet.transport = Transport::Icmp(IcmpHeader {
        kind,
        code: 0,
        about: identifier.map_or(IcmpAbout::Itself, IcmpAbout::Query),
    });
    packet
}

pub(super) fn handshake(seconds: f64) -> Vec<PacketMeta> {
    vec![
        ask(seconds, SYN, 100),
        acknowledging(answer(seconds, SYN | ACK, 500), 101),
        ask(seconds, ACK, 101),
    ]
}

/// A handshake and a close by both sides, all at one moment.
pub(super) fn connection(seconds: f64) -> Vec<PacketMeta> {
    let mut packets = handshake(seconds);
    packets.extend([
        ask(seconds, FIN | ACK, 101),
        answer(seconds, FIN | ACK, 501),
        ask(seconds, ACK, 102),
    ]);
    packets
}

pub(super) fn acknowledging(mut packet: PacketMeta, number: u32) -> PacketMeta {
    if let Transport::Tcp(tcp) = &mut packet.transport {
        tcp.acknowledgement = number;
    }
    packet
}
