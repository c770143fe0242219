//! The features by their definitions: all packets are kept, and summed anew for each row.

use std::collections::BTreeMap;

use nettraffic_capture::PacketMeta;
use nettraffic_features::{PacketFeatureConfig, PacketFeatures};

/// Checks every value of every row.
pub(crate) fn check(config: &PacketFeatureConfig, packets: &[PacketMeta]) {
    let mut features = PacketFeatures::new(config.clone());
    let schema = features.schema();
    let mut naive = Naive::default();
    let mut row = Vec::new();
    for (at, packet) in packets.iter().enumerate() {
        row.clear();
        features.push(packet, &mut row);
        let expected = naive.row(packet, config.decay_rates());
        assert_eq!(row.len(), expected.len());
        for ((found, expected), column) in row.iter().zip(expected).zip(schema.columns()) {
            let error = (found - expected.value).abs();
            assert!(
                error <= 1e-9 * expected.scale,
                "{} of packet {at}: {found}, not {}: {packet:?}",
                column.name,
                expected.value
            );
        }
    }
}

/// A value, and what its error is measured by: itself, or what it is a small difference of.
struct Expected {
    value: f64,
    scale: f64,
}

impl Expected {
    fn relative(value: f64) -> Self {
        Self::within(value, value.abs())
    }

    fn within(value: f64, scale: f64) -> Self {
        Self { value, scale }
    }
}

/// All streams by name.
#[derive(Default)]
struct Naive {
    hosts: BTreeMap<String, Series>,
    channels: BTreeMap<String, Series>,
    gaps: BTreeMap<String, Series>,
    sockets: BTreeMap<String, Series>,
}

impl Naive {
    fn row(&mut self, packet: &PacketMeta, rates: &[f64]) -> Vec<Expected> {
        let size = f64::from(packet.wire_len);
        let time = packet.timestamp.as_nanos();
        let tunnel = packet.tunnel;
        let source = format!("{} in {tunnel:?}", packet.source);
        let destination = format!("{} in {tunnel:?}", packet.destination);
        let (source_port, destination_port) = packet.ports().unwrap_or_default();
        let source_end = format!("{source} {source_port} {}", packet.protocol.0);
        let destination_end = format!("{destination} {destination_port} {}", packet.protocol.0);

        let host = self.hosts.entry(source.clone()).or_default();
        host.push(time, "", size, rates);
        let channel = both_ways(&mut self.channels, &source, &destination);
        channel.push(time, &source, size, rates);
        // The gaps of a way have the time of their channel, and are measured by the way's own.
        let gaps = self.gaps.entry(format!("{source} > {destination}"));
        let gaps = gaps.or_default();
        let is_first = gaps.clock.is_none();
        let gap = gaps.advance(time) as f64 / 1e9;
        if !is_first {
            gaps.items.push(Item {
                time: channel.now,
                way: String::new(),
                value: gap,
                residuals: Vec::new(),
            });
        }
        gaps.now = channel.now;
        let socket = both_ways(&mut self.sockets, &source_end, &destination_end);
        socket.push(time, &source_end, size, rates);

        let mut row = host.own("", rates);
        row.extend(channel.own(&source, rates));
        row.extend(channel.pair(&source, rates));
        row.extend(gaps.own("", rates));
        row.extend(socket.own(&source_end, rates));
        row.extend(socket.pair(&source_end, rates));
        row
    }
}

fn both_ways<'a>(series: &'a mut BTreeMap<String, Series>, from: &str, to: &str) -> &'a mut Series {
    let (low, high) = if from < to { (from, to) } else { (to, from) };
    series.entry(format!("{low} and {high}")).or_default()
}

/// The packets of a stream or of two opposite ones.
#[derive(Default)]
struct Series {
    items: Vec<Item>,
    clock: Option<i64>,
    /// Nanoseconds that passed on its clock.
    now: u128,
}

struct Item {
    time: u128,
    /// Who sent it.
    way: String,
    value: f64,
    /// Distance from the mean when it came, at each rate.
    residuals: Vec<f64>,
}

#[derive(Clone, Copy, Default)]
struct Moments {
    weight: f64,
    mean: f64,
    variance: f64,
}

impl Series {
    /// Time passes only forwards, unless it falls back by more than a day.
    fn advance(&mut self, time: i64) -> u128 {
        const DAY: i128 = 86_400_000_000_000;
        let clock = *self.clock.get_or_insert(time);
        let passed = i128::from(time) - i128::from(clock);
        if !(-DAY..=0).contains(&passed) {
            self.clock = Some(time);
        }
        passed.max(0).unsigned_abs()
    }

    fn push(&mut self, time: i64, way: &str, value: f64, rates: &[f64]) {
        self.now += self.advance(time);
        self.items.push(Item {
            time: self.now,
            way: way.to_owned(),
            value,
            residuals: Vec::new(),
        });
        let means = rates.iter().map(|rate| self.moments(way, *rate).mean);
        let residuals = means.map(|mean| value - mean).collect();
        if let Some(last) = self.items.last_mut() {
            last.residuals = residuals;
        }
    }

    fn own(&self, way: &str, rates: &[f64]) -> Vec<Expected> {
        let moments = || rates.iter().map(|rate| self.moments(way, *rate));
        let weights = moments().map(|of| Expected::relative(of.weight));
        let means = moments().map(|of| Expected::relative(of.mean));
        let deviations =
            moments().map(|of| Expected::within(of.variance.sqrt(), of.mean + of.variance.sqrt()));
        weights.chain(means).chain(deviations).collect()
    }

    fn pair(&self, way: &str, rates: &[f64]) -> Vec<Expected> {
        let opposite = self.items.iter().find(|item| item.way != way);
        let opposite = opposite.map(|item| item.way.as_str());
        let mut columns: [Vec<Expected>; 4] = Default::default();
        for (at, rate) in rates.iter().enumerate() {
            let own = self.moments(way, *rate);
            let other = opposite.map_or(Moments::default(), |way| self.moments(way, *rate));
            let magnitude = own.mean.hypot(other.mean);
            let radius = own.variance.hypot(other.variance);
            let covariance = self.covariance(at, *rate);
            let deviations = (own.variance.sqrt(), other.variance.sqrt());
            let product = deviations.0 * deviations.1;
            let is_defined = deviations.0.min(deviations.1) > 2_f64.powi(-20);
            let correlation = (covariance / product).clamp(-1.0, 1.0);
            let square = magnitude * magnitude;
            for (column, expected) in columns.iter_mut().zip([
                Expected::relative(magnitude),
                Expected::within(radius, radius + square * 1e-3),
                Expected::within(covariance, radius + square * 1e-3),
                match is_defined {
                    true => Expected::within(correlation, 1.0 + 1e-3 * square / product),
                    false => Expected::relative(0.0),
                },
            ]) {
                column.push(expected);
            }
        }
        columns.into_iter().flatten().collect()
    }

    fn moments(&self, way: &str, rate: f64) -> Moments {
        let of_way = || self.items.iter().filter(|item| item.way == way);
        let Some(last) = of_way().next_back() else {
            return Moments::default();
        };
        // Means do not change while time passes; sums of weights as of now would vanish in the end.
        let as_of_last = |item: &Item| power_of_half(rate, last.time - item.time);
        let sum: f64 = of_way().map(as_of_last).sum();
        let mean_of = |value: &dyn Fn(&Item) -> f64| -> f64 {
            let parts = of_way().map(|item| as_of_last(item) * value(item));
            parts.sum::<f64>() / sum
        };
        let mean = mean_of(&|item| item.value);
        let variance = mean_of(&|item| (item.value - mean).powi(2));
        let weight = of_way().map(|item| self.weight(item, rate)).sum();
        Moments {
            weight,
            mean,
            variance,
        }
    }

    /// The damped mean of residuals times the last residual of the opposite way.
    fn covariance(&self, rate_at: usize, rate: f64) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for (at, item) in self.items.iter().enumerate() {
            let earlier = self.items.iter().take(at);
            let last = earlier.rev().find(|earlier| earlier.way != item.way);
            let product = last.map_or(0.0, |last| {
                let faded = power_of_half(rate, item.time - last.time);
                item.residuals[rate_at] * last.residuals[rate_at] * faded
            });
            let of_item = self.weight(item, rate);
            sum += of_item * product;
            weight += of_item;
        }
        sum / weight
    }

    fn weight(&self, item: &Item, rate: f64) -> f64 {
        power_of_half(rate, self.now - item.time)
    }
}

fn power_of_half(rate: f64, nanos: u128) -> f64 {
    (-rate * (nanos as f64 / 1e9)).exp2()
}
