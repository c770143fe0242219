//! Packets in one line, for the tests of the accumulators.

use std::net::{IpAddr, Ipv4Addr};

use nettraffic_capture::{IpProtocol, PacketMeta, TcpFlags, TcpHeader, Timestamp, Transport};

use crate::{Accumulate, Direction, Flow, FlowKey};

pub(crate) const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

/// A packet of `payload` bytes, `at` nanoseconds into the epoch.
pub(crate) fn packet(at: i64, payload: u32) -> PacketMeta {
    let mut packet = PacketMeta::new(Timestamp::from_nanos(at), HOST, HOST, IpProtocol::UDP);
    packet.payload_len = payload;
    packet
}

/// A TCP packet with these flags, sequence number and payload length.
pub(crate) fn segment(flags: u8, sequence: u32, payload: u32) -> PacketMeta {
    let mut packet = packet(0, payload);
    packet.protocol = IpProtocol::TCP;
    packet.transport = Transport::Tcp(TcpHeader {
        sequence,
        flags: TcpFlags(flags),
        ..TcpHeader::default()
    });
    packet
}

/// What `A` holds after `packets`.
pub(crate) fn accumulate<A: Accumulate>(packets: &[(Direction, PacketMeta)]) -> A {
    let mut accumulator = A::default();
    let mut flow = empty_flow();
    for (direction, packet) in packets {
        if flow.packets() == 0 {
            (flow.first, flow.last) = (packet.timestamp, packet.timestamp);
        }
        accumulator.update(packet, *direction, &flow);
        flow.last = flow.last.max(packet.timestamp);
        let side = match direction {
            Direction::Forward => &mut flow.forward,
            Direction::Backward => &mut flow.backward,
        };
        side.packets += 1;
    }
    accumulator
}

fn empty_flow() -> Flow<()> {
    let key = FlowKey::new(HOST, 0, HOST, 0, IpProtocol::UDP);
    Flow::new(key, Timestamp::default(), ())
}
