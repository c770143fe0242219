//! The account of tidying.

/// What tidying did.
///
/// The account closes: packets pushed are [`given_out`](Self::given_out), [`copies`](Self::copies)
/// and those still [`held`](Self::held).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TidyCounters {
    /// Packets pushed.
    pub packets: u64,
    /// Packets given out, or ready to be.
    pub given_out: u64,
    /// Packets dropped as copies.
    pub copies: u64,
    /// Packets held back at this moment; none after [`finish`](crate::Tidy::finish).
    pub held: u64,
    /// Packets that came after a later one and were put in order.
    pub reordered: u64,
    /// Packets that came too late to be put in order, and were given out as they came.
    pub late: u64,
    /// Packets given out before their time for want of room.
    pub crowded_out: u64,
    /// Packets forgotten before their time for want of room, copies of which were let through.
    pub forgotten: u64,
}

impl TidyCounters {
    /// Name and count of what was changed, and of what could not be.
    pub fn notes(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        [
            ("copies", self.copies),
            ("reordered", self.reordered),
            ("late", self.late),
            ("crowded_out", self.crowded_out),
            ("forgotten", self.forgotten),
        ]
        .into_iter()
    }
}
