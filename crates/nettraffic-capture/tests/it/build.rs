//! Captures made by hand, in either byte order, and what reading them gives.

use nettraffic_capture::{
    CaptureCounters, CaptureError, LinkType, PacketMeta, PacketSource, ReadOptions, Timestamp,
    decode,
};

/// Byte order of the numbers in a capture.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Big,
    Little,
}

impl Order {
    pub(crate) const BOTH: [Self; 2] = [Self::Big, Self::Little];

    pub(crate) fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Self::Big => value.to_be_bytes(),
            Self::Little => value.to_le_bytes(),
        }
    }

    pub(crate) fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Self::Big => value.to_be_bytes(),
            Self::Little => value.to_le_bytes(),
        }
    }
}

pub(crate) const MICROSECONDS: u32 = 0xa1b2_c3d4;
pub(crate) const NANOSECONDS: u32 = 0xa1b2_3c4d;
pub(crate) const MODIFIED: u32 = 0xa1b2_cd34;

/// Seconds, fraction, wire length, captured bytes.
pub(crate) type Record<'a> = (u32, u32, u32, &'a [u8]);

/// A classic pcap file.
pub(crate) fn pcap(order: Order, magic: u32, link_type: u32, records: &[Record<'_>]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(order.u32(magic));
    file.extend(order.u16(2));
    file.extend(order.u16(4));
    for word in [0, 0, 65_535, link_type] {
        file.extend(order.u32(word));
    }
    for (seconds, fraction, wire_len, data) in records {
        for word in [*seconds, *fraction, data.len() as u32, *wire_len] {
            file.extend(order.u32(word));
        }
        if magic == MODIFIED {
            file.extend([0xee; 8]);
        }
        file.extend(*data);
    }
    file
}

/// A pcapng block with the padding its body needs.
pub(crate) fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let len = order.u32(padded as u32 + 12);
    let mut block = Vec::new();
    block.extend(order.u32(kind));
    block.extend(len);
    block.extend(body);
    block.resize(padded + 8, 0);
    block.extend(len);
    block
}

/// A section header of unknown length.
pub(crate) fn section(order: Order) -> Vec<u8> {
    let mut body = order.u32(0x1a2b_3c4d).to_vec();
    body.extend(order.u16(1));
    body.extend(order.u16(0));
    body.extend([0xff; 8]);
    block(order, 0x0a0d_0d0a, &body)
}

/// An interface with raw options.
pub(crate) fn interface(order: Order, link_type: u16, snap_len: u32, options: &[u8]) -> Vec<u8> {
    let mut body = order.u16(link_type).to_vec();
    body.extend([0, 0]);
    body.extend(order.u32(snap_len));
    body.extend(options);
    block(order, 1, &body)
}

/// An option with its padding.
pub(crate) fn option(order: Order, code: u16, value: &[u8]) -> Vec<u8> {
    let mut option = order.u16(code).to_vec();
    option.extend(order.u16(value.len() as u16));
    option.extend(value);
    option.resize(option.len().next_multiple_of(4), 0);
    option
}

/// An enhanced packet captured whole.
pub(crate) fn enhanced(order: Order, interface: u32, ticks: u64, data: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    let len = data.len() as u32;
    for word in [interface, (ticks >> 32) as u32, ticks as u32, len, len] {
        body.extend(order.u32(word));
    }
    body.extend(data);
    block(order, 6, &body)
}

/// A packet as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) time: Timestamp,
    pub(crate) sequence: u64,
    pub(crate) link_type: LinkType,
    pub(crate) wire_len: u32,
    pub(crate) data: Vec<u8>,
}

/// Everything a source gives.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) packets: Vec<Seen>,
    pub(crate) decoded: Vec<PacketMeta>,
    pub(crate) errors: Vec<CaptureError>,
    pub(crate) counters: CaptureCounters,
}

impl Read {
    /// Reads `file` from memory to its end.
    pub(crate) fn all(file: &[u8]) -> Self {
        Self::from(file)
    }

    /// Reads `input` to its end.
    pub(crate) fn from(input: impl std::io::Read + Send) -> Self {
        Self::with(&ReadOptions::new(), input)
    }

    /// Reads `input` to its end in the way of `options`.
    pub(crate) fn with(options: &ReadOptions, input: impl std::io::Read + Send) -> Self {
        match options.from_reader("test", input) {
            Ok(mut source) => Self::drain(&mut *source),
            Err(error) => Self {
                errors: vec![error],
                ..Self::default()
            },
        }
    }

    /// Reads `source` to its end, and checks what must hold for every source.
    pub(crate) fn drain(source: &mut dyn PacketSource) -> Self {
        let mut read = Self::default();
        let mut offset = None;
        loop {
            match source.next_packet() {
                Ok(Some(packet)) => {
                    read.packets.push(Seen {
                        time: packet.timestamp,
                        sequence: packet.sequence,
                        link_type: packet.link_type,
                        wire_len: packet.wire_len,
                        data: packet.data.to_vec(),
                    });
                    read.decoded.extend(decode(&packet));
                }
                Ok(None) => break,
                Err(error) => {
                    let place = Some((error.path().to_owned(), error.offset()));
                    assert_ne!(place, offset, "the same error twice: {error}");
                    offset = place;
                    read.errors.push(error);
                }
            }
        }
        assert!(matches!(source.next_packet(), Ok(None)), "the end is final");
        let counters = source.counters();
        let captured: u64 = read.packets.iter().map(|seen| seen.data.len() as u64).sum();
        assert_eq!(counters.packets, read.packets.len() as u64);
        assert_eq!(counters.captured_bytes, captured);
        read.counters = counters;
        read
    }

    pub(crate) fn datas(&self) -> Vec<&[u8]> {
        self.packets.iter().map(|seen| &seen.data[..]).collect()
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.errors.iter().map(ToString::to_string).collect()
    }
}
