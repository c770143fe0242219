//! The account of a live source.

/// What became of the packets of an interface: received = lent + dropped by the kernel + waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveCounters {
    /// Packets that passed the filter, those dropped by the kernel included.
    pub received: u64,
    /// Those for which there was no room, since they were not read fast enough.
    pub kernel_drops: u64,
    /// Packets that were lost before the filter saw them, and so are not among the received: the
    /// counts `drop` and `fifo` of the interface in `/proc/net/dev`, since this source was opened.
    /// `None` where they cannot be read.
    pub interface_drops: Option<u64>,
    /// Packets lent.
    pub lent: u64,
    /// Their bytes on the wire.
    pub wire_bytes: u64,
    /// Their captured bytes.
    pub captured_bytes: u64,
    /// How often the interface stopped to be able to receive, or got another name.
    pub gaps: u64,
    /// How often that ended.
    pub resumptions: u64,
}

impl LiveCounters {
    /// Packets received and neither dropped nor lent yet.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.received
            .saturating_sub(self.kernel_drops)
            .saturating_sub(self.lent)
    }

    /// Name and value of every count that is known, in the order of the fields.
    pub fn counts(self) -> impl Iterator<Item = (&'static str, u64)> {
        // Without `..`: a field that is missing here does not compile.
        let Self {
            received,
            kernel_drops,
            interface_drops,
            lent,
            wire_bytes,
            captured_bytes,
            gaps,
            resumptions,
        } = self;
        [
            ("received", Some(received)),
            ("kernel_drops", Some(kernel_drops)),
            ("interface_drops", interface_drops),
            ("lent", Some(lent)),
            ("wire_bytes", Some(wire_bytes)),
            ("captured_bytes", Some(captured_bytes)),
            ("gaps", Some(gaps)),
            ("resumptions", Some(resumptions)),
        ]
        .into_iter()
        .filter_map(|(name, count)| Some((name, count?)))
    }
}

/// A 32-bit counter of the system that wraps round, summed up in 64 bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wrapping {
    last: u32,
    total: u64,
}

impl Wrapping {
    /// Counts from `start` on.
    pub(super) fn from(start: u32) -> Self {
        Self {
            last: start,
            total: 0,
        }
    }

    /// The reading before.
    pub(super) fn last(self) -> u32 {
        self.last
    }

    /// Takes a reading; between two of them there must be fewer than 2^32 events.
    pub(super) fn read(&mut self, value: u32) -> u64 {
        self.total += u64::from(value.wrapping_sub(self.last));
        self.last = value;
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_counter_goes_on() {
        let mut counter = Wrapping::from(u32::MAX - 1);
        let readings = [u32::MAX, 3, 3, u32::MAX, 0];
        let totals = readings.map(|reading| counter.read(reading));
        let round = u64::from(u32::MAX) + 1;
        assert_eq!(totals, [1, 5, 5, round + 1, round + 2]);
    }

    #[test]
    fn what_waits_is_received_and_neither_dropped_nor_lent() {
        let counters = LiveCounters {
            received: 10,
            kernel_drops: 3,
            lent: 5,
            ..LiveCounters::default()
        };
        assert_eq!(counters.waiting(), 2);
        let names: Vec<_> = counters.counts().map(|(name, _)| name).collect();
        assert_eq!(names.len(), 7, "an unknown count is left out: {names:?}");
    }
}
