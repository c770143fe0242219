//! The flows of late, to see drift and to train successors on.

use std::time::Duration;

use nettraffic_capture::Timestamp;
use nettraffic_detect::FlowRows;
use nettraffic_features::FeatureSet;
use nettraffic_flow::Flow;
use siphasher::sip::SipHasher13;

/// The rows of the flows that ended within a window of packet time, in bounded memory: when there are too many, only
/// those of every second conversation are kept, then of every fourth, and so on. A conversation (who talks to whom) is
/// kept whole or not at all, so that training can still part them.
#[derive(Debug)]
pub(crate) struct Recent {
    rows: FlowRows,
    window: Duration,
    most: usize,
    /// One of 2 to the power of this many conversations is kept.
    thinned: u32,
}

impl Recent {
    pub(crate) fn new(features: FeatureSet, window: Duration, most: usize) -> Self {
        Self {
            rows: FlowRows::new(features),
            window,
            most: most.max(1),
            thinned: 0,
        }
    }

    /// Adds a flow with its row, and says whether it is kept.
    pub(crate) fn push(&mut self, flow: &Flow, row: &[f64]) -> bool {
        if !self.keeps(flow) || row.len() != self.rows.features().schema().len() {
            return false;
        }
        self.rows.push(flow.clone(), row);
        if self.rows.len() > self.most {
            self.make_room(flow.ended);
        }
        true
    }

    /// The rows of the window that ends now.
    pub(crate) fn rows(&self, now: Timestamp) -> FlowRows {
        self.rows.select(&self.within(now))
    }

    /// Gives up the rows that are kept.
    pub(crate) fn take(&mut self) -> FlowRows {
        let none = FlowRows::new(self.rows.features().clone());
        std::mem::replace(&mut self.rows, none)
    }

    /// All rows that are kept.
    pub(crate) fn all(&self) -> &FlowRows {
        &self.rows
    }

    /// How many there are, those that have left the window since the last look among them.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    fn within(&self, now: Timestamp) -> Vec<usize> {
        let flows = self.rows.flows().iter().enumerate();
        let is_recent = |flow: &Flow| now.saturating_since(flow.ended) <= self.window;
        (flows
            .filter(|(_, flow)| is_recent(flow))
            .map(|(index, _)| index))
        .collect()
    }

    fn make_room(&mut self, now: Timestamp) {
        self.rows = self.rows.select(&self.within(now));
        // With some room to spare, so that this is not done for each flow.
        while self.rows.len() > self.most / 4 * 3 && self.thinned < 32 {
            self.thinned += 1;
            let flows = self.rows.flows().iter().enumerate();
            let kept = flows
                .filter(|(_, flow)| self.keeps(flow))
                .map(|(index, _)| index);
            let kept: Vec<usize> = kept.collect();
            self.rows = self.rows.select(&kept);
        }
    }

    fn keeps(&self, flow: &Flow) -> bool {
        if self.thinned == 0 {
            return true;
        }
        let key = &flow.key;
        let mut bytes = Vec::with_capacity(40);
        for address in [key.initiator, key.responder] {
            match address {
                std::net::IpAddr::V4(address) => bytes.extend(address.octets()),
                std::net::IpAddr::V6(address) => bytes.extend(address.octets()),
            }
        }
        bytes.extend(key.responder_port.to_be_bytes());
        bytes.push(key.protocol.0);
        SipHasher13::new()
            .hash(&bytes)
            .is_multiple_of(1 << self.thinned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_capture::IpProtocol;
    use nettraffic_flow::FlowKey;
    use std::net::{IpAddr, Ipv4Addr};

    fn flow(host: u32, second: i64) -> Flow {
        let ip = |bits| IpAddr::V4(Ipv4Addr::from_bits(bits));
        let key = FlowKey::new(ip(host), 4_000, ip(7), 80, IpProtocol::TCP);
        Flow::new(key, Timestamp::from_seconds(second, 0), ())
    }

    #[test]
    fn what_is_old_leaves_and_what_is_too_much_is_thinned_by_conversation() {
        let features = FeatureSet::default();
        let row = vec![0.0; features.schema().len()];
        let mut recent = Recent::new(features, Duration::from_secs(100), 400);
        for second in 0..200 {
            recent.push(&flow(1, second), &row);
        }
        let now = Timestamp::from_seconds(199, 0);
        assert_eq!(recent.rows(now).len(), 101);

        for second in 200..300 {
            for host in 0..20 {
                recent.push(&flow(host, second), &row);
            }
        }
        let now = Timestamp::from_seconds(299, 0);
        let rows = recent.rows(now);
        assert!((60..=400).contains(&rows.len()), "{}", rows.len());
        let count = |host| {
            let of = rows
                .flows()
                .iter()
                .filter(|flow| flow.key == self::flow(host, 0).key);
            of.count()
        };
        let counts: Vec<usize> = (0..20).map(count).filter(|count| *count > 0).collect();
        assert!(
            counts.len() < 10 && counts.iter().all(|count| *count >= 99),
            "{counts:?}"
        );
    }
}
