//! What is done to a capture.

/// Which way addresses are mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum PseudonymDirection {
    /// Addresses become pseudonyms.
    #[default]
    Pseudonymise,
    /// Pseudonyms made with the same key become the addresses again. What was cut stays cut.
    Restore,
}

/// What happens to link-layer addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "they change or they do not")]
pub enum MacAddresses {
    /// They become pseudonyms that keep nothing but the group and the local bit.
    #[default]
    Pseudonyms,
    /// They stay as they are, maker and device included.
    Kept,
}

/// How an [`Anonymizer`](crate::Anonymizer) works. The default makes pseudonyms of all addresses
/// and moves nothing in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnonymizeOptions {
    /// Which way addresses are mapped.
    pub direction: PseudonymDirection,
    /// What happens to link-layer addresses.
    pub mac_addresses: MacAddresses,
    /// Nanoseconds that are added to every packet's time; negative ones move it back.
    pub shift_nanos: i64,
}

impl AnonymizeOptions {
    /// The same with another direction.
    #[must_use]
    pub fn with_direction(mut self, direction: PseudonymDirection) -> Self {
        self.direction = direction;
        self
    }

    /// The same with another treatment of link-layer addresses.
    #[must_use]
    pub fn with_mac_addresses(mut self, mac_addresses: MacAddresses) -> Self {
        self.mac_addresses = mac_addresses;
        self
    }

    /// The same with another shift in time.
    #[must_use]
    pub fn with_shift_nanos(mut self, shift_nanos: i64) -> Self {
        self.shift_nanos = shift_nanos;
        self
    }
}
