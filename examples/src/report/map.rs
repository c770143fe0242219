//! Flows on a plane: a bounded choice of them, by what they exchanged.

use nettraffic_capture::IpProtocol;
use nettraffic_detect::Verdict;
use nettraffic_flow::Flow;
use nettraffic_viz::{FlowMap, MapPoint, principal_components};

/// Flows of either kind, with an alert and without, that are kept at most; beyond twice that, every
/// second one is left out.
const MOST: usize = 2_000;
/// A direction is named after what counts at least this much in it.
const COUNTS: f64 = 0.3;

/// What a flow is placed by, and what that is called.
const FIGURES: [&str; 10] = [
    "packets sent",
    "packets received",
    "bytes sent",
    "bytes received",
    "duration",
    "bytes per packet sent",
    "bytes per packet received",
    "TCP",
    "a well-known port",
    "an answer",
];

/// Chooses flows evenly while they pass.
pub(super) struct Chooser {
    quiet: Choice,
    loud: Choice,
}

#[derive(Default)]
struct Choice {
    seen: u64,
    /// One of so many is kept.
    every: u64,
    rows: Vec<(Vec<f64>, Option<String>)>,
}

impl Chooser {
    pub(super) fn new() -> Self {
        Self {
            quiet: Choice::default(),
            loud: Choice::default(),
        }
    }

    pub(super) fn push(&mut self, verdict: &Verdict) {
        let kind = verdict.alert.as_ref().map(|alert| {
            let class = alert.class.as_ref();
            class.map_or_else(|| "unusual".to_owned(), |class| class.name.clone())
        });
        let choice = match kind {
            Some(_) => &mut self.loud,
            None => &mut self.quiet,
        };
        choice.push(|| (figures(&verdict.flow), kind));
    }

    /// The map of the chosen flows; `None` for too few.
    pub(super) fn finish(self) -> Option<FlowMap> {
        let chosen_from = self.quiet.seen + self.loud.seen;
        let chosen = self.quiet.rows.into_iter().chain(self.loud.rows);
        let (rows, kinds): (Vec<_>, Vec<_>) = chosen.unzip();
        if rows.len() < 10 {
            return None;
        }
        let found = principal_components(&rows);
        let points = found.places.iter().zip(kinds);
        let [x_title, y_title] = [0, 1].map(|axis| {
            let share = 100.0 * found.explained[axis];
            let loadings = named(&found.loadings[axis]);
            format!("{share:.0} % of the differences: {loadings}")
        });
        Some(FlowMap {
            meaning: "the two directions in which they differ most (principal components) in \
                      packets, bytes, duration, protocol, port and answer"
                .to_owned(),
            x_title,
            y_title,
            points: points
                .map(|(&[x, y], kind)| MapPoint { x, y, kind })
                .collect(),
            chosen_from,
        })
    }
}

impl Choice {
    fn push(&mut self, row: impl FnOnce() -> (Vec<f64>, Option<String>)) {
        self.every = self.every.max(1);
        if self.seen.is_multiple_of(self.every) {
            self.rows.push(row());
            if self.rows.len() >= 2 * MOST {
                let mut keep = false;
                self.rows.retain(|_| {
                    keep = !keep;
                    keep
                });
                self.every *= 2;
            }
        }
        self.seen += 1;
    }
}

/// Amounts are told apart by their size: 10 from 100 as 100 from 1,000.
fn figures(flow: &Flow) -> Vec<f64> {
    let size = |amount: f64| amount.max(0.0).ln_1p();
    let (forward, backward) = (&flow.forward, &flow.backward);
    let mean = |bytes: u64, packets: u64| bytes as f64 / packets.max(1) as f64;
    vec![
        size(forward.packets as f64),
        size(backward.packets as f64),
        size(forward.payload_bytes as f64),
        size(backward.payload_bytes as f64),
        size(flow.duration().as_secs_f64() * 1e3),
        size(mean(forward.payload_bytes, forward.packets)),
        size(mean(backward.payload_bytes, backward.packets)),
        f64::from(flow.key.protocol == IpProtocol::TCP),
        f64::from(flow.key.responder_port < 1024),
        f64::from(backward.packets > 0),
    ]
}

/// What counts most in a direction: `more packets sent, less duration`.
fn named(loadings: &[f64]) -> String {
    let mut ranked: Vec<(&str, f64)> = FIGURES.into_iter().zip(loadings.iter().copied()).collect();
    ranked.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let named = ranked
        .iter()
        .filter(|(_, weight)| weight.abs() >= COUNTS)
        .take(3);
    let words: Vec<String> = named
        .map(|(name, weight)| format!("{} {name}", if *weight > 0.0 { "more" } else { "less" }))
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_even_and_bounded() {
        let mut choice = Choice::default();
        for number in 0..50_000_u32 {
            choice.push(|| (vec![f64::from(number)], None));
        }
        assert_eq!(choice.seen, 50_000);
        assert!((MOST..2 * MOST).contains(&choice.rows.len()));
        let gaps = choice
            .rows
            .windows(2)
            .map(|pair| pair[1].0[0] - pair[0].0[0]);
        assert!(gaps.into_iter().all(|gap| gap == choice.every as f64));
    }

    #[test]
    fn directions_are_named_after_what_counts() {
        let mut loadings = vec![0.0; FIGURES.len()];
        (loadings[0], loadings[4], loadings[7]) = (0.6, -0.7, 0.1);
        assert_eq!(named(&loadings), "less duration, more packets sent");
    }
}
