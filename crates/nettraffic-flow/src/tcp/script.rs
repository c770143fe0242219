//! Segments in one line each, for the tests of what follows a connection.

use std::net::{IpAddr, Ipv4Addr};

use nettraffic_capture::{IpProtocol, PacketMeta, TcpFlags, TcpHeader, Timestamp, Transport};

use crate::Direction;

pub(crate) const SYN: u8 = TcpFlags::SYN.0;
pub(crate) const ACK: u8 = TcpFlags::ACK.0;
pub(crate) const FIN: u8 = TcpFlags::FIN.0;
pub(crate) const RST: u8 = TcpFlags::RST.0;

/// A segment and which way it goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) direction: Direction,
    pub(crate) tcp: TcpHeader,
    payload: u32,
    nanos: i64,
}

/// From the initiator, with a window of 1,000.
pub(crate) fn ask(flags: u8, sequence: u32, acknowledgement: u32) -> Segment {
    segment(Direction::Forward, flags, sequence, acknowledgement)
}

/// From the responder, with a window of 1,000.
pub(crate) fn answer(flags: u8, sequence: u32, acknowledgement: u32) -> Segment {
    segment(Direction::Backward, flags, sequence, acknowledgement)
}

fn segment(direction: Direction, flags: u8, sequence: u32, acknowledgement: u32) -> Segment {
    let tcp = TcpHeader {
        sequence,
        acknowledgement,
        flags: TcpFlags(flags),
        window: 1_000,
        ..TcpHeader::default()
    };
    Segment {
        direction,
        tcp,
        payload: 0,
        nanos: 0,
    }
}

/// Initial numbers 100 and 500, no window scaling.
pub(crate) fn handshake() -> Vec<Segment> {
    vec![
        ask(SYN, 100, 0),
        answer(SYN | ACK, 500, 101),
        ask(ACK, 101, 501),
    ]
}

/// `segments` after a [`handshake`].
pub(crate) fn established(segments: &[Segment]) -> Vec<Segment> {
    [&handshake(), segments].concat()
}

impl Segment {
    pub(crate) fn payload(mut self, bytes: u32) -> Self {
        self.payload = bytes;
        self
    }

    pub(crate) fn window(mut self, window: u16) -> Self {
        self.tcp.window = window;
        self
    }

    pub(crate) fn scale(mut self, bits: u8) -> Self {
        self.tcp.options.window_scale = Some(bits);
        self
    }

    pub(crate) fn micros(mut self, micros: i64) -> Self {
        self.nanos = micros * 1_000;
        self
    }

    pub(crate) fn stamped(mut self, value: u32, echo: u32) -> Self {
        self.tcp.options.timestamps = Some((value, echo));
        self
    }

    pub(crate) fn selective(mut self) -> Self {
        self.tcp.options.sack_blocks = 1;
        self
    }

    /// All sequence and acknowledgement numbers moved by `distance`, around the wrap if need be.
    pub(crate) fn moved(mut self, distance: u32) -> Self {
        self.tcp.sequence = self.tcp.sequence.wrapping_add(distance);
        if self.tcp.flags.contains(TcpFlags::ACK) {
            self.tcp.acknowledgement = self.tcp.acknowledgement.wrapping_add(distance);
        }
        self
    }

    pub(crate) fn packet(&self) -> PacketMeta {
        let host = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
        let time = Timestamp::from_nanos(self.nanos);
        let mut packet = PacketMeta::new(time, host, host, IpProtocol::TCP);
        packet.payload_len = self.payload;
        packet.transport = Transport::Tcp(self.tcp);
        packet
    }
}
