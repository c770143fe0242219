//! TCP headers.

/// The kept part of a TCP header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpHeader {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// Receive window, not scaled.
    pub window: u16,
    /// Control bits.
    pub flags: TcpFlags,
    /// Bytes of the header, options included.
    pub header_len: u8,
    /// Options, as far as they were captured.
    pub options: TcpOptions,
}

/// The options of a TCP header (RFC 9293, 7323, 2018); of repeated ones the last counts.
///
/// Reading ends at the first option whose length is wrong: those before it hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpOptions {
    /// Largest segment that the sender takes, in bytes.
    pub maximum_segment_size: Option<u16>,
    /// Bits by which the sender's windows are to be shifted; 14 is the most that RFC 7323 allows.
    pub window_scale: Option<u8>,
    /// The sender understands selective acknowledgements.
    pub sack_permitted: bool,
    /// Blocks that are acknowledged selectively.
    pub sack_blocks: u8,
    /// Value and echo of the time stamps, in units of the senders.
    pub timestamps: Option<(u32, u32)>,
}

/// The eight TCP control bits, as they stand in the header's fourteenth byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x01);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x02);
    /// Reset the connection.
    pub const RST: Self = Self(0x04);
    /// Push function.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgement number counts.
    pub const ACK: Self = Self(0x10);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x20);
    /// ECN echo.
    pub const ECE: Self = Self(0x40);
    /// Congestion window reduced.
    pub const CWR: Self = Self(0x80);

    /// Whether all bits of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// The bits of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
