//! How regularly connections come.

use nettraffic_flow::Flow;

use super::facts::Rhythm;

/// Fewer are no rhythm.
const LEAST: usize = 4;

/// The latest connections of a channel, in the order of their starts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Starts {
    connections: u64,
    latest: [Start; Rhythm::CONNECTIONS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Start {
    nanos: i64,
    /// Bytes of IP packets, up to 4 GiB.
    sent: u32,
    received: u32,
}

impl Starts {
    /// Adds a connection; one that began before all that are kept counts, but is not kept.
    pub(super) fn add(&mut self, flow: &Flow) {
        let bytes = |bytes| u32::try_from(bytes).unwrap_or(u32::MAX);
        let start = Start {
            nanos: flow.first.as_nanos(),
            sent: bytes(flow.forward.ip_bytes),
            received: bytes(flow.backward.ip_bytes),
        };
        let place = self
            .kept()
            .partition_point(|kept| kept.nanos <= start.nanos);
        let len = self.kept().len();
        if len < self.latest.len() {
            self.latest.copy_within(place..len, place + 1);
            self.latest[place] = start;
        } else if place > 0 {
            self.latest.copy_within(1..place, 0);
            self.latest[place - 1] = start;
        }
        self.connections += 1;
    }

    pub(super) fn rhythm(&self) -> Rhythm {
        let kept = self.kept();
        let mut rhythm = Rhythm {
            connections: self.connections,
            ..Rhythm::default()
        };
        if kept.len() < LEAST {
            return rhythm;
        }
        let mut gaps = [0; Rhythm::CONNECTIONS - 1];
        let pairs = kept.iter().zip(kept.iter().skip(1));
        for (gap, (earlier, later)) in gaps.iter_mut().zip(pairs) {
            *gap = later.nanos.abs_diff(earlier.nanos);
        }
        let gaps = &mut gaps[..kept.len() - 1];
        gaps.sort_unstable();
        let median = median(gaps);
        rhythm.gap_median = Some(median / 1e9);
        rhythm.gap_variation = variation(gaps.iter().copied());
        rhythm.regular_share = (median > 0.0).then(|| {
            let near = |gap: &&u64| (**gap as f64 - median).abs() <= median / 10.0;
            gaps.iter().filter(near).count() as f64 / gaps.len() as f64
        });
        let sizes = |size: fn(&Start) -> u32| {
            let variation = variation(kept.iter().map(|start| u64::from(size(start))));
            Some(variation.unwrap_or(0.0))
        };
        rhythm.sent_variation = sizes(|start| start.sent);
        rhythm.received_variation = sizes(|start| start.received);
        rhythm
    }

    fn kept(&self) -> &[Start] {
        let len = usize::try_from(self.connections).unwrap_or(usize::MAX);
        &self.latest[..len.min(self.latest.len())]
    }
}

/// Of sorted numbers, at least one.
fn median(sorted: &[u64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle] as f64
    } else {
        (sorted[middle - 1] as f64 + sorted[middle] as f64) / 2.0
    }
}

/// Population standard deviation over mean; undefined when all numbers are 0.
fn variation(numbers: impl ExactSizeIterator<Item = u64> + Clone) -> Option<f64> {
    let count = numbers.len() as f64;
    let sum: u128 = numbers.clone().map(u128::from).sum();
    let mean = sum as f64 / count;
    let squares: f64 = numbers.map(|number| (number as f64 - mean).powi(2)).sum();
    (sum > 0).then(|| (squares / count).sqrt() / mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_capture::{IpProtocol, Timestamp};
    use nettraffic_flow::FlowKey;

    fn rhythm(starts: &[f64], sent: &[u64]) -> Rhythm {
        let key = FlowKey::new(
            [192, 0, 2, 1].into(),
            1,
            [192, 0, 2, 2].into(),
            2,
            IpProtocol::TCP,
        );
        let mut kept = Starts::default();
        for (start, sent) in starts.iter().zip(sent.iter().cycle()) {
            let first = Timestamp::from_nanos((start * 1e9) as i64);
            let mut flow = Flow::new(key, first, ());
            flow.forward.ip_bytes = *sent;
            kept.add(&flow);
        }
        kept.rhythm()
    }

    fn clockwork(count: u32, jitter: impl Fn(u32) -> f64) -> Vec<f64> {
        (0..count)
            .map(|n| 100.0 + f64::from(n) * 60.0 + jitter(n))
            .collect()
    }

    #[test]
    fn tells_clockworks_from_arrivals_at_random() {
        // Exponential gaps by the golden ratio's low-discrepancy sequence.
        let mut time = 0.0;
        let poisson: Vec<f64> = (1..=40)
            .map(|n| {
                time += -60.0 * (1.0 - (f64::from(n) * 0.618_033_988_75).fract()).ln();
                time
            })
            .collect();
        let jittered = |n| if n % 2 == 0 { -1.0 } else { 1.0 };
        let late = |n| if n == 8 { 25.0 } else { 0.0 };
        #[rustfmt::skip]
        let cases = [
            // Name, starts; least and most variation; least and most regular share.
            ("beacon", clockwork(40, |_| 0.0), [0.0, 1e-12], [1.0, 1.0]),
            ("beacon, 3 % jitter", clockwork(40, jittered), [0.03, 0.04], [1.0, 1.0]),
            ("beacon, late once", clockwork(16, late), [0.1, 0.2], [0.86, 0.87]),
            ("poisson", poisson, [0.6, 1.4], [0.0, 0.3]),
            ("bursts", vec![0.0, 0.1, 0.2, 50.0, 50.1, 50.2, 100.0, 100.1], [1.5, 2.0], [0.6, 0.8]),
        ];
        for (name, starts, [least, most], [least_share, most_share]) in cases {
            let rhythm = rhythm(&starts, &[500]);
            let variation = rhythm.gap_variation.unwrap_or(f64::NAN);
            let share = rhythm.regular_share.unwrap_or(f64::NAN);
            assert!((least..=most).contains(&variation), "{name}: {rhythm:?}");
            assert!(
                (least_share..=most_share).contains(&share),
                "{name}: {rhythm:?}"
            );
            assert_eq!(rhythm.connections, starts.len() as u64, "{name}");
            assert_eq!(rhythm.sent_variation, Some(0.0), "{name}");
        }
    }

    #[test]
    fn few_connections_are_no_rhythm() {
        let few = rhythm(&[0.0, 60.0, 120.0], &[100]);
        let expected = Rhythm {
            connections: 3,
            ..Rhythm::default()
        };
        assert_eq!(few, expected);
        let enough = rhythm(&[0.0, 60.0, 120.0, 190.0], &[100, 300]);
        assert_eq!(enough.gap_median, Some(60.0));
        assert_eq!(enough.sent_variation, Some(0.5));
    }

    #[test]
    fn at_one_moment_there_are_no_gaps() {
        let rhythm = rhythm(&[5.0; 6], &[0]);
        assert_eq!(rhythm.gap_median, Some(0.0));
        assert_eq!((rhythm.gap_variation, rhythm.regular_share), (None, None));
        assert_eq!(rhythm.sent_variation, Some(0.0));
    }

    #[test]
    fn keeps_the_latest_starts_in_whatever_order_they_come() {
        let starts: Vec<f64> = (0..16).map(|n| 1000.0 + f64::from(n) * 10.0).collect();
        let in_order = rhythm(&starts, &[1]);
        let mut mixed = vec![7.0, 3.0, 999.0];
        mixed.extend(starts.iter().rev());
        mixed.push(5.0);
        let expected = Rhythm {
            connections: 20,
            ..in_order
        };
        assert_eq!(rhythm(&mixed, &[1]), expected);
    }
}
