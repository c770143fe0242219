//! What one segment told, beyond its own header.

/// What the tracker saw in one segment, for those who keep a history or count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TcpFacts(u8);

impl TcpFacts {
    /// A SYN, FIN or RST with the number of its sender's last one.
    pub(crate) const REPEATED_CONTROL: Self = Self(1);
    /// Payload that ends no later than the highest number sent so far: sent again, or late.
    pub(crate) const NOTHING_NEW: Self = Self(2);
    /// The acknowledgement covers data of the other side that was never seen.
    pub(crate) const GAP: Self = Self(4);
    /// The sender takes no more data, while the other side may still send.
    pub(crate) const ZERO_WINDOW: Self = Self(8);
    /// A RST with a number that its receiver does not accept: it ends nothing.
    pub(crate) const REFUSED_RESET: Self = Self(16);

    #[inline]
    pub(crate) const fn contains(self, fact: Self) -> bool {
        self.0 & fact.0 != 0
    }

    #[inline]
    pub(super) const fn set(&mut self, fact: Self, holds: bool) {
        if holds {
            self.0 |= fact.0;
        }
    }
}
