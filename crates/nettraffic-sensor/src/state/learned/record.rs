//! One flow and its row, in as many bytes as every other.
//!
//! Of a flow its key, times, numbers and counts are kept; not its history and state.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nettraffic_capture::{IpProtocol, Timestamp, Tunnel, TunnelKind};
use nettraffic_flow::{Flow, FlowEnd, FlowKey, Side};

/// Bytes of a flow without its row and its checksum.
const FLOW: usize = 2 * 17 + 4 + 1 + 6 + 3 + 8 + 3 + 4 + 8 + 3 * 8 + 1 + 6 * 8;

/// Bytes of a record with a row of this width.
pub(super) const fn length(width: usize) -> usize {
    FLOW + width * 8 + 4
}

/// Puts a record in the place of what `record` held.
pub(super) fn write(flow: &Flow, row: &[f64], record: &mut Vec<u8>) {
    record.clear();
    record.reserve(length(row.len()));
    let key = &flow.key;
    for address in [key.initiator, key.responder] {
        let (version, bytes) = match address {
            IpAddr::V4(address) => (4, address.to_ipv6_mapped().octets()),
            IpAddr::V6(address) => (6, address.octets()),
        };
        record.push(version);
        record.extend(bytes);
    }
    record.extend(key.initiator_port.to_le_bytes());
    record.extend(key.responder_port.to_le_bytes());
    record.push(key.protocol.0);
    let tunnel = key.tunnel.and_then(|tunnel| {
        let kind = TunnelKind::ALL
            .iter()
            .position(|kind| *kind == tunnel.kind)?;
        Some((kind as u8 + 1, tunnel.depth, tunnel.id))
    });
    let (kind, depth, id) = tunnel.unwrap_or_default();
    record.extend([kind, depth]);
    record.extend(id.to_le_bytes());
    write_vlan(key.vlan, record);
    record.extend(key.about.to_le_bytes());
    write_vlan(flow.vlan, record);
    record.extend(flow.continuation.to_le_bytes());
    record.extend(flow.sequence.to_le_bytes());
    for time in [flow.first, flow.last, flow.ended] {
        record.extend(time.as_nanos().to_le_bytes());
    }
    let end = FlowEnd::ALL.iter().position(|end| *end == flow.end);
    record.push(end.unwrap_or_default() as u8);
    for side in [&flow.forward, &flow.backward] {
        for count in [side.packets, side.payload_bytes, side.ip_bytes] {
            record.extend(count.to_le_bytes());
        }
    }
    debug_assert_eq!(record.len(), FLOW);
    for value in row {
        record.extend(value.to_le_bytes());
    }
    record.extend(crc32fast::hash(record).to_le_bytes());
}

/// Reads a record and appends its row; `None` when it is damaged.
pub(super) fn read(record: &[u8], row: &mut Vec<f64>) -> Option<Flow> {
    let (body, sum) = record.split_last_chunk()?;
    if u32::from_le_bytes(*sum) != crc32fast::hash(body) {
        return None;
    }
    let (flow, values) = body.split_at_checked(FLOW)?;
    let flow = read_flow(&mut Bytes(flow))?;
    let (values, []) = values.as_chunks() else {
        return None;
    };
    row.extend(values.iter().map(|value| f64::from_le_bytes(*value)));
    row.iter().all(|value| value.is_finite()).then_some(flow)
}

fn read_flow(bytes: &mut Bytes<'_>) -> Option<Flow> {
    let (initiator, responder) = (bytes.address()?, bytes.address()?);
    let (initiator_port, responder_port) = (bytes.u16()?, bytes.u16()?);
    let protocol = IpProtocol(bytes.u8()?);
    let mut key = FlowKey::new(
        initiator,
        initiator_port,
        responder,
        responder_port,
        protocol,
    );
    let (kind, depth, id) = (bytes.u8()?, bytes.u8()?, bytes.u32()?);
    if let Some(kind) = kind.checked_sub(1) {
        let mut tunnel = Tunnel::new(*TunnelKind::ALL.get(usize::from(kind))?, id);
        tunnel.depth = depth;
        key.tunnel = Some(tunnel);
    }
    key.vlan = bytes.vlan()?;
    key.about = bytes.u64()?;
    let vlan = bytes.vlan()?;
    let (continuation, sequence) = (bytes.u32()?, bytes.u64()?);
    let mut flow = Flow::new(key, bytes.time()?, ());
    (flow.vlan, flow.continuation, flow.sequence) = (vlan, continuation, sequence);
    (flow.last, flow.ended) = (bytes.time()?, bytes.time()?);
    flow.end = *FlowEnd::ALL.get(usize::from(bytes.u8()?))?;
    flow.forward = bytes.side()?;
    flow.backward = bytes.side()?;
    Some(flow)
}

fn write_vlan(vlan: Option<u16>, record: &mut Vec<u8>) {
    record.push(vlan.is_some().into());
    record.extend(vlan.unwrap_or_default().to_le_bytes());
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn time(&mut self) -> Option<Timestamp> {
        self.take()
            .map(i64::from_le_bytes)
            .map(Timestamp::from_nanos)
    }

    fn vlan(&mut self) -> Option<Option<u16>> {
        let (is_there, vlan) = (self.u8()?, self.u16()?);
        Some((is_there != 0).then_some(vlan))
    }

    fn address(&mut self) -> Option<IpAddr> {
        let (version, bytes) = (self.u8()?, Ipv6Addr::from(self.take::<16>()?));
        match version {
            4 => bytes
                .to_ipv4_mapped()
                .map(|address: Ipv4Addr| address.into()),
            6 => Some(bytes.into()),
            _ => None,
        }
    }

    fn side(&mut self) -> Option<Side> {
        let mut side = Side::default();
        side.packets = self.u64()?;
        side.payload_bytes = self.u64()?;
        side.ip_bytes = self.u64()?;
        Some(side)
    }
}
