//! Captures made by the tests, and the flow records that the whole way from their bytes gives.

use std::error::Error;
use std::iter;
use std::net::IpAddr;

use nettraffic_capture::{
    DecodeConfig, Decoder, IpProtocol, LinkType, Packet, PacketSource, PcapWriter, Timestamp,
    Tunnels, from_reader,
};
use nettraffic_flow::{Flow, FlowConfig, FlowCounters, FlowTable};

use crate::frames::{IPV4, TCP, ethernet, tcp, v4};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// When traces begin: a time like any other.
const BEGIN: i64 = 1_700_000_000;

/// Frames of Ethernet with their times, and how to meter them.
pub(crate) struct Trace {
    frames: Vec<(Timestamp, Vec<u8>)>,
    begin: i64,
    decode: DecodeConfig,
    flows: FlowConfig,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self {
            frames: Vec::new(),
            begin: BEGIN,
            decode: DecodeConfig::default(),
            flows: FlowConfig::default(),
        }
    }

    /// With its beginning at another second of the epoch.
    pub(crate) fn beginning_at(mut self, begin: i64) -> Self {
        self.begin = begin;
        self
    }

    /// With tunnels left closed.
    pub(crate) fn closed(mut self) -> Self {
        self.decode = self.decode.with_tunnels(Tunnels::NONE);
        self
    }

    /// A frame, so many nanoseconds after the beginning.
    pub(crate) fn frame_at_nanos(mut self, nanos: i64, frame: Vec<u8>) -> Self {
        let time = Timestamp::from_nanos(self.begin * 1_000_000_000 + nanos);
        self.frames.push((time, frame));
        self
    }

    /// A frame, so many seconds after the beginning.
    pub(crate) fn frame(self, at: f64, frame: Vec<u8>) -> Self {
        self.frame_at_nanos((at * 1e9).round() as i64, frame)
    }

    /// A packet of IPv4 in a frame of its own.
    pub(crate) fn packet(self, at: f64, protocol: u8, from: u8, to: u8, payload: &[u8]) -> Self {
        self.frame(at, ethernet(IPV4, &v4(protocol, from, to, payload)))
    }

    /// A segment from 10.0.0.1, port 40000, to 10.0.0.2, port 80: flags, sequence and acknowledgement
    /// numbers, bytes of payload.
    pub(crate) fn ask(self, at: f64, header: (u8, u32, u32), payload: usize) -> Self {
        let segment = tcp(40_000, 80, header, &vec![b'q'; payload]);
        self.packet(at, TCP, 1, 2, &segment)
    }

    /// A segment back.
    pub(crate) fn answer(self, at: f64, header: (u8, u32, u32), payload: usize) -> Self {
        let segment = tcp(80, 40_000, header, &vec![b'a'; payload]);
        self.packet(at, TCP, 2, 1, &segment)
    }

    /// Each frame again, a microsecond later.
    pub(crate) fn doubled(mut self) -> Self {
        let frames = std::mem::take(&mut self.frames);
        for (time, frame) in frames {
            self.frames.push((time, frame.clone()));
            let later = Timestamp::from_nanos(time.as_nanos() + 1_000);
            self.frames.push((later, frame));
        }
        self
    }

    /// The capture file.
    pub(crate) fn file(&self) -> Outcome<Vec<u8>> {
        let mut file = PcapWriter::new(Vec::new(), LinkType::ETHERNET)?;
        for (time, frame) in &self.frames {
            file.write(&Packet::new(*time, LinkType::ETHERNET, frame))?;
        }
        Ok(file.finish()?)
    }

    /// The records, and the account.
    pub(crate) fn meter(&self) -> Outcome<(Vec<Flow>, FlowCounters)> {
        let file = self.file()?;
        let mut source = from_reader("trace", &*file)?;
        let mut decoder = Decoder::new(self.decode);
        let mut table = FlowTable::new(self.flows.clone());
        while let Some(packet) = source.next_packet()? {
            if let Ok(packet) = decoder.decode(&packet) {
                table.push(&packet);
            }
        }
        table.finish();
        let flows = iter::from_fn(|| table.pop()).collect();
        Ok((flows, table.counters()))
    }

    /// The records as [`line`] has them.
    pub(crate) fn lines(&self) -> Outcome<Vec<String>> {
        Ok(self.meter()?.0.iter().map(line).collect())
    }

    /// Holds the records against their lines.
    #[track_caller]
    pub(crate) fn check(&self, expected: &[&str]) -> Outcome {
        assert_eq!(self.lines()?, expected);
        Ok(())
    }
}

/// `udp 1:5000 > 2:53` with the last byte of each address, the tunnel if any, packets and payload bytes of
/// each side, and why it ended.
pub(crate) fn line(flow: &Flow) -> String {
    let last_byte = |address: IpAddr| match address {
        IpAddr::V4(address) => address.octets()[3],
        IpAddr::V6(address) => address.octets()[15],
    };
    let protocol = match flow.key.protocol {
        IpProtocol::TCP => "tcp".to_owned(),
        IpProtocol::UDP => "udp".to_owned(),
        IpProtocol::ICMP => "icmp".to_owned(),
        other => format!("ip-{}", other.0),
    };
    let tunnel = flow.key.tunnel.map(|tunnel| format!(" in {tunnel}"));
    format!(
        "{protocol} {}:{} > {}:{}{} {}+{} packets {}+{} bytes {}",
        last_byte(flow.key.initiator),
        flow.key.initiator_port,
        last_byte(flow.key.responder),
        flow.key.responder_port,
        tunnel.unwrap_or_default(),
        flow.forward.packets,
        flow.backward.packets,
        flow.forward.payload_bytes,
        flow.backward.payload_bytes,
        flow.end,
    )
}
