//! Packets cut into records as CICFlowMeter cuts them.

use std::collections::HashMap;
use std::time::Duration;

use nettraffic_capture::{IpProtocol, PacketMeta, TcpFlags, TcpHeader};
use nettraffic_features::{CicStatistics, FeatureSet, Projection, Statistics};
use nettraffic_flow::{Accumulate, Direction, Flow, FlowKey};

/// An address and a port.
type End = (std::net::IpAddr, u16);

/// One of its records: the packets, and who is said to be the source.
pub(super) struct Cut {
    pub(super) source: End,
    pub(super) destination: End,
    pub(super) packets: Vec<PacketMeta>,
}

/// Since the first packet, as its timeout is measured.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A record ends with the first FIN, or with the first packet that is more than the timeout after its
/// first one; those of a single packet are dropped, unless a FIN ends them.
pub(super) fn cut(packets: &[PacketMeta]) -> Vec<Cut> {
    let mut open: HashMap<[End; 2], Cut> = HashMap::new();
    let mut done = Vec::new();
    for packet in packets {
        let Some((source, destination)) = ends(packet) else {
            continue;
        };
        let mut key = [source, destination];
        key.sort_unstable();
        let new = |source, destination| Cut {
            source,
            destination,
            packets: vec![*packet],
        };
        let Some(record) = open.get_mut(&key) else {
            open.insert(key, new(source, destination));
            continue;
        };
        let first = record
            .packets
            .first()
            .map_or(packet.timestamp, |first| first.timestamp);
        if packet.timestamp.saturating_since(first) > TIMEOUT {
            let next = new(record.source, record.destination);
            done.push(std::mem::replace(record, next));
            continue;
        }
        record.packets.push(*packet);
        if flags(packet).contains(TcpFlags::FIN) {
            done.extend(open.remove(&key));
        }
    }
    done.extend(open.into_values());
    done.retain(|record| record.packets.len() > 1);
    done
}

/// What CICFlowMeter looks at: TCP over IPv4, in this capture.
fn ends(packet: &PacketMeta) -> Option<(End, End)> {
    let (source_port, destination_port) = packet.ports()?;
    (packet.protocol == IpProtocol::TCP).then_some((
        (packet.source, source_port),
        (packet.destination, destination_port),
    ))
}

pub(super) fn flags(packet: &PacketMeta) -> TcpFlags {
    packet
        .tcp()
        .map_or(TcpFlags(0), |tcp: &TcpHeader| tcp.flags)
}

impl Cut {
    pub(super) fn side(&self, packet: &PacketMeta) -> Direction {
        if packet.source == self.source.0 {
            Direction::Forward
        } else {
            Direction::Backward
        }
    }

    pub(super) fn of_side(&self, direction: Direction) -> impl Iterator<Item = &PacketMeta> {
        self.packets
            .iter()
            .filter(move |packet| self.side(packet) == direction)
    }

    /// Microseconds from the first packet to the last.
    pub(super) fn duration(&self) -> u128 {
        match self.packets.as_slice() {
            [first, .., last] => last.timestamp.saturating_since(first.timestamp).as_micros(),
            _ => 0,
        }
    }

    /// The row that our accumulators and entries make of the same packets.
    pub(super) fn row(&self, set: &FeatureSet, projection: &Projection) -> Vec<f64> {
        let key = FlowKey::new(
            self.source.0,
            self.source.1,
            self.destination.0,
            self.destination.1,
            IpProtocol::TCP,
        );
        let first = self
            .packets
            .first()
            .map(|first| first.timestamp)
            .unwrap_or_default();
        let mut flow = Flow::new(key, first, ());
        let mut state = CicStatistics::default();
        for packet in &self.packets {
            let direction = self.side(packet);
            state.update(packet, direction, &flow);
            let side = match direction {
                Direction::Forward => &mut flow.forward,
                Direction::Backward => &mut flow.backward,
            };
            side.packets += 1;
            side.payload_bytes += u64::from(packet.payload_len);
            side.ip_bytes += u64::from(packet.ip_len());
            flow.last = flow.last.max(packet.timestamp);
        }
        let (mut own, mut row) = (Vec::new(), Vec::new());
        set.extract(&state.record(&flow), &mut own);
        projection.apply(&own, &mut row);
        row
    }
}
