//! What became of checking a packet's checksums.

/// Whether the checksums of a packet are right.
///
/// On the machine that sends, wrong ones are usual: the card fills them in after the capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Checksums {
    /// Nobody asked, or there is none to check: the packet is a fragment or was not captured whole,
    /// its UDP header leaves the checksum out, or a source route or a mobile node's home
    /// address makes it cover other addresses.
    #[default]
    Unchecked,
    /// Every one that was checked is right.
    Right,
    /// That of the IPv4 header is wrong.
    WrongNetwork,
    /// That of the TCP, UDP or ICMP header is wrong.
    WrongTransport,
}
