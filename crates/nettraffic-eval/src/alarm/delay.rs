//! How soon attacks are noticed.

use std::collections::BTreeMap;

use serde::Serialize;

/// A row of an attack, as it was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "whoever judges builds it, and it is complete"
)]
pub struct Judged<K> {
    /// The attack that the row is part of: one scan, one flood, not their kind.
    pub attack: K,
    /// When the row's traffic began, nanoseconds.
    pub began_ns: i64,
    /// When its score was there, nanoseconds: a flow is judged at its end.
    pub judged_ns: i64,
    /// Whether it raised an alert.
    pub alert: bool,
}

/// When one attack was noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Detection<K> {
    /// The attack.
    pub attack: K,
    /// Its first traffic, nanoseconds.
    pub began_ns: i64,
    /// Its first alert, nanoseconds; `None` when it raised none.
    pub noticed_ns: Option<i64>,
    /// Rows of it.
    pub rows: u64,
    /// Those that raised an alert.
    pub alerts: u64,
    /// Those that were judged before the first alert; all when there was none.
    pub missed_before: u64,
}

impl<K> Detection<K> {
    /// Nanoseconds from its first traffic to its first alert; `None` when it was never noticed.
    #[must_use]
    pub fn delay_ns(&self) -> Option<u64> {
        let noticed = self.noticed_ns?;
        Some(u64::try_from(noticed.saturating_sub(self.began_ns)).unwrap_or(0))
    }
}

/// Time to detection of each attack, ascending by attack; rows come in any order.
///
/// ```
/// use nettraffic_eval::{Judged, detections};
///
/// let row = |attack, began_ns, judged_ns, alert| Judged { attack, began_ns, judged_ns, alert };
/// let found = detections([
///     row("scan at noon", 100, 130, false),
///     row("scan at noon", 110, 160, true),
///     row("beacon", 500, 900, false),
/// ]);
/// assert_eq!(found[1].delay_ns(), Some(60));
/// assert_eq!((found[0].attack, found[0].delay_ns()), ("beacon", None));
/// ```
pub fn detections<K: Ord>(rows: impl IntoIterator<Item = Judged<K>>) -> Vec<Detection<K>> {
    let mut attacks: BTreeMap<K, Vec<(i64, i64, bool)>> = BTreeMap::new();
    for row in rows {
        let times = (row.judged_ns, row.began_ns, row.alert);
        attacks.entry(row.attack).or_default().push(times);
    }
    let detection = |(attack, rows): (K, Vec<(i64, i64, bool)>)| {
        let alerts = || rows.iter().filter(|row| row.2);
        let noticed_ns = alerts().map(|row| row.0).min();
        let before = |row: &&(i64, i64, bool)| noticed_ns.is_none_or(|noticed| row.0 < noticed);
        Detection {
            attack,
            began_ns: rows.iter().map(|row| row.1).min().unwrap_or(0),
            noticed_ns,
            rows: rows.len() as u64,
            alerts: alerts().count() as u64,
            missed_before: rows.iter().filter(before).count() as u64,
        }
    };
    attacks.into_iter().map(detection).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_alert_counts_whatever_the_order() {
        let row = |judged_ns, alert| Judged {
            attack: 1,
            began_ns: judged_ns - 5,
            judged_ns,
            alert,
        };
        let mut rows = vec![row(30, true), row(10, false), row(20, true), row(15, false)];
        for _ in 0..rows.len() {
            rows.rotate_left(1);
            let found = detections(rows.clone());
            let all: Vec<_> = found
                .iter()
                .map(|d| (d.began_ns, d.noticed_ns, d.rows, d.alerts, d.missed_before))
                .collect();
            assert_eq!(all, [(5, Some(20), 4, 2, 2)]);
            assert_eq!(found.first().and_then(Detection::delay_ns), Some(15));
        }
        assert_eq!(detections::<u8>([]), []);
    }

    #[test]
    fn what_is_never_noticed_has_no_delay() {
        let rows = [(3, false), (4, false)].map(|(judged_ns, alert)| Judged {
            attack: "worm",
            began_ns: 1,
            judged_ns,
            alert,
        });
        let found = detections(rows);
        assert_eq!(
            found.first().map(|d| (d.delay_ns(), d.missed_before)),
            Some((None, 2))
        );
    }
}
