//! Where packets come from.

use std::time::Duration;

use crate::{CaptureError, Packet};

/// A lending stream of packets.
///
/// The end of the input is `Ok(None)`. After an error the next call makes progress or
/// ends; it never repeats the error for ever.
pub trait PacketSource {
    /// The next packet, borrowed until the next call.
    ///
    /// # Errors
    /// What is damaged, and where. Every whole packet before the damage has been lent.
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError>;

    /// What has been read so far.
    fn counters(&self) -> CaptureCounters;
}

impl<S: PacketSource + ?Sized> PacketSource for Box<S> {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        (**self).next_packet()
    }

    fn counters(&self) -> CaptureCounters {
        (**self).counters()
    }
}

/// What a source has read.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use nettraffic_capture::{LinkType, Packet, PcapWriter, Timestamp, from_reader};
///
/// let mut writer = PcapWriter::new(Vec::new(), LinkType::ETHERNET)?;
/// for second in [7, 5] {
///     writer.write(&Packet::new(Timestamp::from_seconds(second, 0), LinkType::ETHERNET, &[0; 60]))?;
/// }
/// let file = writer.finish()?;
/// let mut source = from_reader("memory", &file[..])?;
/// while source.next_packet()?.is_some() {}
///
/// let counters = source.counters();
/// assert_eq!((counters.packets, counters.backwards), (2, 1));
/// for (name, count) in counters.notes().filter(|(_, count)| *count > 0) {
///     println!("{name} {count}"); // backwards 1
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureCounters {
    /// Packets lent.
    pub packets: u64,
    /// Their bytes on the wire, as the capture states them.
    pub wire_bytes: u64,
    /// Their captured bytes.
    pub captured_bytes: u64,
    /// Bytes of the input consumed (after decompression).
    pub input_bytes: u64,
    /// Packets whose time lies before that of the packet lent before them.
    pub backwards: u64,
    /// Packets whose time lies more than [`CaptureCounters::JUMP`] after that of the packet
    /// lent before them: a pause, or a clock that was set.
    pub jumps: u64,
    /// Captures of a [`CaptureSet`](crate::CaptureSet) that were opened too late, since too many
    /// others were open: packets after their first had been lent by then.
    pub waited_captures: u64,
    /// How often reading went on behind damage, as
    /// [`ReadOptions::with_recovery`](crate::ReadOptions::with_recovery) asks for.
    pub resynchronisations: u64,
    /// Bytes of the input that were passed over in doing so.
    pub passed_over_bytes: u64,
}

impl CaptureCounters {
    /// The step forward in time from which on it counts as a jump: a day.
    pub const JUMP: Duration = Duration::from_secs(24 * 60 * 60);

    /// How many of the counts say how much was read; the others are [`CaptureCounters::notes`].
    const AMOUNTS: usize = 4;

    /// The sum of both.
    #[must_use]
    pub fn plus(mut self, mut other: Self) -> Self {
        for ((_, sum), (_, more)) in self.fields().into_iter().zip(other.fields()) {
            *sum += *more;
        }
        self
    }

    /// Name and value of every count, in the order of the fields.
    pub fn counts(mut self) -> impl Iterator<Item = (&'static str, u64)> {
        self.fields()
            .map(|(name, count)| (name, *count))
            .into_iter()
    }

    /// Name and value of the counts that tell of something odd in the capture; all are 0 for
    /// a flawless one.
    pub fn notes(self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts().skip(Self::AMOUNTS)
    }

    /// The one list that sums and names go by.
    fn fields(&mut self) -> [(&'static str, &mut u64); 9] {
        // Without `..`: a field that is missing here does not compile.
        let Self {
            packets,
            wire_bytes,
            captured_bytes,
            input_bytes,
            backwards,
            jumps,
            waited_captures,
            resynchronisations,
            passed_over_bytes,
        } = self;
        [
            ("packets", packets),
            ("wire_bytes", wire_bytes),
            ("captured_bytes", captured_bytes),
            ("input_bytes", input_bytes),
            ("backwards", backwards),
            ("jumps", jumps),
            ("waited_captures", waited_captures),
            ("resynchronisations", resynchronisations),
            ("passed_over_bytes", passed_over_bytes),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_summed_and_named_once() {
        let mut counters = CaptureCounters::default();
        for (value, (_, count)) in (1..).zip(counters.fields()) {
            *count = value;
        }
        let fields = counters.counts().count() as u64;
        let values = |counters: CaptureCounters| counters.counts().map(|(_, count)| count);
        assert!(values(counters).eq(1..=fields));
        assert!(values(counters.plus(counters)).eq((1..=fields).map(|value| 2 * value)));

        let shown = format!("{counters:?}");
        for (name, count) in counters.counts() {
            assert!(
                shown.contains(&format!("{name}: {count}")),
                "{name}: {shown}"
            );
        }
        assert_eq!(counters.notes().next(), Some(("backwards", 5)));
    }
}
