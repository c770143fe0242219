//! What the floor takes from a packet.

/// Both ends in an order of their own, and the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FloorKey {
    low: u128,
    high: u128,
    ports: u32,
    protocol: u8,
}

impl FloorKey {
    /// Folded multiplications: as little as spreads well on traffic that nobody crafts against it.
    #[inline]
    pub(crate) fn hash(&self) -> u64 {
        let halves = |value: u128| (value as u64, (value >> 64) as u64);
        let fold = |a: u64, b: u64| {
            let (low, high) = halves(u128::from(a) * u128::from(b));
            low ^ high
        };
        let ((a, b), (c, d)) = (halves(self.low), halves(self.high));
        let addresses = fold(a ^ 0x9e37_79b9_7f4a_7c15, c ^ 0xc2b2_ae3d_27d4_eb4f)
            ^ fold(b ^ 0x1656_67b1_9e37_79f9, d ^ 0x2545_f491_4f6c_dd1d);
        let rest = (u64::from(self.ports) << 8) | u64::from(self.protocol);
        fold(
            addresses ^ 0x9fb2_1c65_1e98_df25,
            rest ^ 0xff51_afd7_ed55_8ccd,
        )
    }
}

/// A packet of IPv4 or IPv6.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FloorPacket {
    /// Microseconds.
    pub(crate) time: u64,
    pub(crate) key: FloorKey,
    /// Whether the higher end sent it.
    pub(crate) reversed: bool,
    pub(crate) payload_len: u32,
    /// Of the transport header.
    pub(crate) header_len: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
}

impl FloorPacket {
    /// From a record of a little-endian pcap file with microseconds.
    #[inline]
    pub(crate) fn parse(record: &[u8; 16], frame: &[u8]) -> Option<Self> {
        let [s0, s1, s2, s3, m0, m1, m2, m3, ..] = *record;
        let seconds = u32::from_le_bytes([s0, s1, s2, s3]);
        let micros = u32::from_le_bytes([m0, m1, m2, m3]);
        let time = u64::from(seconds) * 1_000_000 + u64::from(micros);
        let (ether_type, packet) = behind_tags(frame)?;
        match ether_type {
            0x0800 => ipv4(time, packet),
            0x86dd => ipv6(time, packet),
            _ => None,
        }
    }
}

/// EtherType and what follows, behind all VLAN tags.
#[inline]
fn behind_tags(frame: &[u8]) -> Option<(u16, &[u8])> {
    let mut rest = frame.get(12..)?;
    loop {
        let (&[high, low], behind) = rest.split_first_chunk()?;
        match u16::from_be_bytes([high, low]) {
            0x8100 | 0x88a8 => rest = behind.get(2..)?,
            ether_type => return Some((ether_type, behind)),
        }
    }
}

#[inline]
fn ipv4(time: u64, packet: &[u8]) -> Option<FloorPacket> {
    let header = packet.first_chunk::<20>()?;
    let [first, _, l0, l1, _, _, f0, f1, _, protocol, _, _, ends @ ..] = *header;
    let [a0, a1, a2, a3, b0, b1, b2, b3] = ends;
    let address = |bytes| u128::from(u32::from_be_bytes(bytes));
    let ends = (address([a0, a1, a2, a3]), address([b0, b1, b2, b3]));
    let total_len = usize::from(u16::from_be_bytes([l0, l1]));
    // Padding does not count.
    let packet = packet.get(..total_len).unwrap_or(packet);
    let payload = packet.get(usize::from(first & 15) * 4..)?;
    let is_later_fragment = u16::from_be_bytes([f0, f1]) & 0x1fff != 0;
    let protocol_read = if is_later_fragment { 0 } else { protocol };
    Some(transport(time, ends, protocol, protocol_read, payload))
}

#[inline]
fn ipv6(time: u64, packet: &[u8]) -> Option<FloorPacket> {
    let (header, rest) = packet.split_first_chunk::<40>()?;
    let [_, _, _, _, l0, l1, protocol, _, ends @ ..] = *header;
    let (source, destination) = ends.split_first_chunk::<16>()?;
    let destination = destination.first_chunk::<16>()?;
    let ends = (
        u128::from_be_bytes(*source),
        u128::from_be_bytes(*destination),
    );
    let payload_len = usize::from(u16::from_be_bytes([l0, l1]));
    let payload = rest.get(..payload_len).unwrap_or(rest);
    Some(transport(time, ends, protocol, protocol, payload))
}

/// `read` is the protocol whose header is at the beginning of the segment, if any.
#[inline]
fn transport(
    time: u64,
    (source, destination): (u128, u128),
    protocol: u8,
    read: u8,
    segment: &[u8],
) -> FloorPacket {
    let (mut ports, mut header_len, mut flags, mut window) = ((0, 0), 0, 0, 0);
    if read == 6
        && let Some(&[s0, s1, d0, d1, _, _, _, _, _, _, _, _, offset, bits, w0, w1]) =
            segment.first_chunk()
    {
        ports = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
        header_len = u32::from(offset >> 4) * 4;
        flags = bits;
        window = u16::from_be_bytes([w0, w1]);
    } else if read == 17
        && let Some(&[s0, s1, d0, d1, _, _, _, _]) = segment.first_chunk()
    {
        ports = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
        header_len = 8;
    }
    let reversed = (source, ports.0) > (destination, ports.1);
    let (low, high, ports) = if reversed {
        (destination, source, (ports.1, ports.0))
    } else {
        (source, destination, ports)
    };
    FloorPacket {
        time,
        key: FloorKey {
            low,
            high,
            ports: (u32::from(ports.0) << 16) | u32::from(ports.1),
            protocol,
        },
        reversed,
        payload_len: (segment.len() as u32).saturating_sub(header_len),
        header_len,
        flags,
        window,
    }
}
