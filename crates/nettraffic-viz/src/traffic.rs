//! Traffic volume over time, in bounded memory.

use std::collections::BTreeMap;

use crate::chart::Tone;

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

/// Kinds of traffic that are told apart: as many as there are colours for.
const MOST_KINDS: usize = Tone::MOST;

/// Bytes and packets per bin of time, and of which kind they were.
///
/// Bins widen as the traffic grows longer, so a day costs no more memory than a second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// By time divided by width.
    bins: BTreeMap<i64, Volume>,
    /// Position in [`WIDTHS`].
    width: usize,
    /// Names of the kinds, in the order of their coming.
    kinds: Vec<String>,
}

/// What was counted in one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Volume {
    pub(crate) bytes: u64,
    pub(crate) packets: u64,
    /// Bytes of each kind.
    of_kinds: [u64; MOST_KINDS],
}

impl Volume {
    fn add(&mut self, other: &Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.packets = self.packets.saturating_add(other.packets);
        for (own, others) in self.of_kinds.iter_mut().zip(other.of_kinds) {
            *own = own.saturating_add(others);
        }
    }

    /// Bytes of a kind; `None` is all that has no kind of its own.
    pub(crate) fn of(&self, kind: Option<usize>) -> u64 {
        match kind {
            Some(kind) => self.of_kinds.get(kind).copied().unwrap_or(0),
            None => (self.bytes).saturating_sub(self.of_kinds.iter().sum()),
        }
    }
}

impl Traffic {
    /// Counts a packet of `bytes` on the wire at `time_ns`, nanoseconds since the Unix epoch.
    /// The order of packets does not matter.
    pub fn push(&mut self, time_ns: i64, bytes: u64) {
        self.add(time_ns, 1, bytes);
    }

    /// Counts several packets at one time.
    pub fn add(&mut self, time_ns: i64, packets: u64, bytes: u64) {
        self.count(
            time_ns,
            Volume {
                bytes,
                packets,
                ..Volume::default()
            },
        );
    }

    /// Counts packets of a kind, such as `web`, at one time. The first seven kinds are told apart;
    /// further ones count as all the others.
    pub fn add_kind(&mut self, time_ns: i64, kind: &str, packets: u64, bytes: u64) {
        let mut place = self.kinds.iter().position(|name| name == kind);
        if place.is_none() && self.kinds.len() < MOST_KINDS {
            place = Some(self.kinds.len());
            self.kinds.push(kind.to_owned());
        }
        let mut volume = Volume {
            bytes,
            packets,
            ..Volume::default()
        };
        if let Some(of_kind) = place.and_then(|place| volume.of_kinds.get_mut(place)) {
            *of_kind = bytes;
        }
        self.count(time_ns, volume);
    }

    fn count(&mut self, time_ns: i64, volume: Volume) {
        self.bins
            .entry(time_ns.div_euclid(self.width_ns()))
            .or_default()
            .add(&volume);
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

    /// All that was counted.
    pub(crate) fn total(&self) -> Volume {
        let mut total = Volume::default();
        for volume in self.bins.values() {
            total.add(volume);
        }
        total
    }

    /// The kinds, most bytes first, with their places; what is left over comes last, without one.
    /// Empty unless kinds were told apart.
    pub(crate) fn kinds(&self) -> Vec<(Option<usize>, &str)> {
        let total = self.total();
        let mut kinds: Vec<(Option<usize>, &str)> = (self.kinds.iter().enumerate())
            .map(|(place, name)| (Some(place), name.as_str()))
            .collect();
        kinds.sort_by_key(|&(place, _)| std::cmp::Reverse(total.of(place)));
        if !kinds.is_empty() && total.of(None) > 0 {
            kinds.push((None, "all others"));
        }
        kinds
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
            merged.add(&volume);
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
    fn kinds_are_told_apart_up_to_a_bound_and_widen_with_the_bins() {
        let mut traffic = Traffic::default();
        for (second, kind) in ["web", "dns", "web", "a", "b", "c", "d", "e", "f", "g"]
            .into_iter()
            .enumerate()
        {
            traffic.add_kind(second as i64 * 700 * SECOND, kind, 1, 10 + second as u64);
        }
        let total = traffic.total();
        let told: Vec<(&str, u64)> = (traffic.kinds().into_iter())
            .map(|(place, name)| (name, total.of(place)))
            .collect();
        let expected = [
            ("web", 22),
            ("e", 17),
            ("d", 16),
            ("c", 15),
            ("b", 14),
            ("a", 13),
            ("dns", 11),
            ("all others", 37),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            total.bytes,
            told.iter().map(|(_, bytes)| bytes).sum::<u64>()
        );
        let mut plain = Traffic::default();
        plain.push(0, 1);
        assert!(plain.kinds().is_empty());
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
