//! Traffic volume over time, in bounded memory.

use std::collections::BTreeMap;

/// Widths of bins in nanoseconds; each divides the next, so that bins merge exactly.
const WIDTHS: [i64; 15] = [
    MILLI,
    10 * MILLI,
    100 * MILLI,
    SECOND,
    5 * SECOND,
    15 * SECOND,
    60 * SECOND,
    300 * SECOND,
    900 * SECOND,
    3600 * SECOND,
    6 * 3600 * SECOND,
    DAY,
    10 * DAY,
    100 * DAY,
    1000 * DAY,
];
const MILLI: i64 = 1_000_000;
const SECOND: i64 = 1000 * MILLI;
const DAY: i64 = 86_400 * SECOND;

/// Bins that are kept: more would not be seen.
const MOST_BINS: i64 = 400;

/// Bytes and packets per bin of time.
///
/// Bins widen as the traffic grows longer, so a day costs no more memory than a second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// By time divided by width.
    bins: BTreeMap<i64, Volume>,
    /// Position in [`WIDTHS`].
    width: usize,
}

/// What was counted in one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Volume {
    pub(crate) bytes: u64,
    pub(crate) packets: u64,
}

impl Traffic {
    /// Counts a packet of `bytes` on the wire at `time_ns`, nanoseconds since the Unix epoch.
    /// The order of packets does not matter.
    pub fn push(&mut self, time_ns: i64, bytes: u64) {
        self.add(time_ns, 1, bytes);
    }

    /// Counts several packets at one time.
    pub fn add(&mut self, time_ns: i64, packets: u64, bytes: u64) {
        let volume = self
            .bins
            .entry(time_ns.div_euclid(self.width_ns()))
            .or_default();
        volume.packets = volume.packets.saturating_add(packets);
        volume.bytes = volume.bytes.saturating_add(bytes);
        while self.len() > MOST_BINS && self.width + 1 < WIDTHS.len() {
            self.widen();
        }
    }

    /// Width of a bin, nanoseconds.
    #[must_use]
    pub fn width_ns(&self) -> i64 {
        WIDTHS[self.width]
    }

    /// Begin of the first and end of the last bin; `None` without traffic.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let (first, last) = self.ends()?;
        let width = self.width_ns();
        Some((
            first.saturating_mul(width),
            (last + 1).saturating_mul(width),
        ))
    }

    /// Begin of every bin with its volume, empty bins between included.
    pub(crate) fn bins(&self) -> impl Iterator<Item = (i64, Volume)> + '_ {
        let (first, last) = self.ends().unwrap_or((0, -1));
        let volume = |bin: i64| self.bins.get(&bin).copied().unwrap_or_default();
        (first..=last).map(move |bin| (bin.saturating_mul(self.width_ns()), volume(bin)))
    }

    fn ends(&self) -> Option<(i64, i64)> {
        Some((
            *self.bins.first_key_value()?.0,
            *self.bins.last_key_value()?.0,
        ))
    }

    /// Bins from first to last, empty ones included.
    fn len(&self) -> i64 {
        self.ends().map_or(0, |(first, last)| last - first + 1)
    }

    fn widen(&mut self) {
        let old = self.width_ns();
        self.width += 1;
        let factor = self.width_ns() / old;
        for (bin, volume) in std::mem::take(&mut self.bins) {
            let merged = self.bins.entry(bin.div_euclid(factor)).or_default();
            merged.bytes = merged.bytes.saturating_add(volume.bytes);
            merged.packets = merged.packets.saturating_add(volume.packets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_widen_and_nothing_is_lost() {
        for (step, count, width) in [
            (0, 10, MILLI),
            (MILLI, 400, MILLI),
            (MILLI, 401, 10 * MILLI),
            (SECOND, 401, 5 * SECOND),
            (3600 * SECOND, 24 * 14, 3600 * SECOND),
            (i64::MAX / 1000, 1000, 1000 * DAY),
        ] {
            let mut traffic = Traffic::default();
            for packet in 0..count {
                traffic.push(packet * step, 100);
            }
            assert_eq!(traffic.width_ns(), width, "{count} steps of {step}");
            assert!(traffic.bins().count() <= MOST_BINS as usize);
            let bytes: u64 = traffic.bins().map(|(_, volume)| volume.bytes).sum();
            assert_eq!(bytes, 100 * count as u64);
        }
    }

    #[test]
    fn order_does_not_matter_even_before_1970() {
        let times = [-5 * SECOND, 3, -1, 700 * SECOND, 44 * SECOND];
        let (mut forward, mut backward) = (Traffic::default(), Traffic::default());
        for time in times {
            forward.push(time, 1);
        }
        for time in times.iter().rev() {
            backward.push(*time, 1);
        }
        assert_eq!(forward, backward);
        assert!(
            forward
                .span()
                .is_some_and(|(first, last)| first <= -5 * SECOND && last > 700 * SECOND)
        );
    }

    #[test]
    fn the_whole_range_of_times_fits() {
        let mut traffic = Traffic::default();
        traffic.push(i64::MIN, 1);
        traffic.push(i64::MAX, 1);
        assert_eq!(
            traffic
                .bins()
                .map(|(_, volume)| volume.packets)
                .sum::<u64>(),
            2
        );
    }
}
