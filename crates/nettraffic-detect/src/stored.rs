//! What a bundle holds, and what must hold between its parts.

mod tidy_rules;

use std::time::Duration;

use nettraffic_capture::{DecodeConfig, IpProtocol, UnknownTunnel};
use nettraffic_features::{ColumnKind, FeatureSet, Schema};
use nettraffic_flow::{EarlyReports, FlowConfig};
use nettraffic_models::Threshold;
use serde::{Deserialize, Serialize};

pub(crate) use tidy_rules::TidyRules;

use crate::baseline::{Baseline, Usual};
use crate::scorer::{Member, Scorer};
use crate::{DetectError, TrainingSummary};

/// The parts of a detector. Each checks itself while it is read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// Names of the feature sets, separated by commas.
    pub(crate) feature_sets: String,
    pub(crate) flow_rules: FlowRules,
    /// The tunnels that were opened, by name: as much a part of what a model learned as the timeouts.
    pub(crate) tunnels: String,
    #[serde(default, skip_serializing_if = "TidyRules::is_none")]
    pub(crate) tidying: TidyRules,
    /// The columns of a raw row.
    pub(crate) schema: Schema,
    pub(crate) scorer: Scorer,
    pub(crate) threshold: Threshold,
    pub(crate) baseline: Baseline,
    /// Knows labelled attacks apart, beside a model that only knows what is usual.
    pub(crate) known: Option<KnownAttacks>,
    pub(crate) summary: TrainingSummary,
}

/// A forest that was shown labelled attacks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KnownAttacks {
    pub(crate) forest: Member,
    /// Above it a flow is an alert even when the other model finds it usual.
    pub(crate) threshold: Threshold,
}

/// How flows are told apart and when they are reported, times in nanoseconds: part of what a model
/// learned, so part of its bundle. How many may be open is not.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct FlowRules {
    /// TCP, UDP, ICMP, others.
    idle: [u64; 4],
    active: u64,
    linger: u64,
    early_packets: Option<u64>,
    early_after: Option<u64>,
    tunnel_in_key: bool,
    vlan_in_key: bool,
}

impl Stored {
    /// How its packets must be decoded.
    pub(crate) fn decode_config(&self) -> Result<DecodeConfig, DetectError> {
        let tunnels = self.tunnels.parse();
        let tunnels =
            tunnels.map_err(|error: UnknownTunnel| DetectError::Bundle(error.to_string()))?;
        Ok(DecodeConfig::default().with_tunnels(tunnels))
    }

    /// The feature sets that it needs, unless its parts do not fit together.
    pub(crate) fn check(&self) -> Result<FeatureSet, DetectError> {
        let unsound = |what: &str| Err(DetectError::Bundle(what.to_owned()));
        let features = FeatureSet::named(&self.feature_sets)
            .map_err(|error| DetectError::Bundle(error.to_string()))?;
        self.decode_config()?;
        let schema = &self.schema;
        let (expected, found) = (schema.fingerprint(), features.schema().fingerprint());
        if expected != found {
            return Err(DetectError::OtherFeatures { expected, found });
        }
        if let Err(what) = self.scorer.check(schema) {
            return unsound(what);
        }
        if let Some(known) = &self.known {
            if let Err(what) = known.forest.check(schema) {
                return unsound(what);
            }
            if known.forest.model.forest().is_none() {
                return unsound("it knows attacks by what is no forest");
            }
        }
        let columns = (schema.columns().iter()).zip(&self.baseline.columns);
        let fits = self.baseline.columns.len() == schema.len()
            && columns
                .into_iter()
                .all(|(column, usual)| usual.fits(&column.kind));
        if !fits {
            return unsound("its baseline does not fit its features");
        }
        Ok(features)
    }
}

impl Usual {
    /// Whether these can be the usual values of a column of that kind.
    fn fits(&self, kind: &ColumnKind) -> bool {
        match (self, kind) {
            (Self::Shares(shares), ColumnKind::Category(names)) => {
                shares.len() == names.len() + 1
                    && shares.iter().all(|share| (0.0..=1.0).contains(share))
            }
            (Self::Shares(_), _) | (_, ColumnKind::Category(_)) => false,
            (Self::Range { low, high }, _) => low.is_finite() && high.is_finite() && low <= high,
        }
    }
}

impl FlowRules {
    pub(crate) fn of(config: &FlowConfig) -> Self {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let idle = &config.idle_timeouts;
        Self {
            idle: [idle.tcp, idle.udp, idle.icmp, idle.other].map(nanos),
            active: nanos(config.active_timeout),
            linger: nanos(config.tcp_linger),
            early_packets: config.early.packets,
            early_after: config.early.after.map(nanos),
            tunnel_in_key: config.tunnel_in_key,
            vlan_in_key: config.vlan_in_key,
        }
    }

    pub(crate) fn config(self) -> FlowConfig {
        let [tcp, udp, icmp, other] = self.idle.map(Duration::from_nanos);
        let mut early = EarlyReports::default();
        early.packets = self.early_packets;
        early.after = self.early_after.map(Duration::from_nanos);
        FlowConfig::default()
            .with_idle_timeout(other)
            .with_idle_timeout_of(IpProtocol::TCP, tcp)
            .with_idle_timeout_of(IpProtocol::UDP, udp)
            .with_idle_timeout_of(IpProtocol::ICMP, icmp)
            .with_active_timeout(Duration::from_nanos(self.active))
            .with_tcp_linger(Duration::from_nanos(self.linger))
            .with_early_reports(early)
            .with_tunnel_in_key(self.tunnel_in_key)
            .with_vlan_in_key(self.vlan_in_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        fit_with_attacks, forest, fusion, kmeans_and_forest, office, packets, rows, rows_with,
        saved,
    };
    use crate::{Detector, Engine, FlowRows, Limits, ModelKind, bundle};
    use nettraffic_capture::PacketMeta;
    use nettraffic_synth::Scenario;
    use proptest::prelude::Rng as _;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

    fn basic() -> FeatureSet {
        FeatureSet::named("basic").unwrap()
    }

    #[test]
    fn a_bundle_gives_back_the_same_detector() {
        let flows = rows(&crate::testing::attacked(3));
        for detector in [kmeans_and_forest(), forest(), fusion()] {
            let bytes = saved(&detector);
            let loaded = Detector::load(&*bytes).unwrap();
            assert_eq!(saved(&loaded), bytes);
            let verdicts = detector.judge(&flows).unwrap();
            assert!(verdicts.iter().any(|verdict| verdict.alert.is_some()));
            assert_eq!(loaded.judge(&flows).unwrap(), verdicts);
            assert_eq!(loaded.flow_config(), detector.flow_config());
            assert_eq!(loaded.training(), detector.training());
        }
    }

    #[test]
    fn parts_that_do_not_fit_together_are_refused() {
        let sound = kmeans_and_forest().stored;
        let small = fit_with_attacks(ModelKind::KMeans, basic()).stored;
        let mut seen = Vec::new();
        let mut check = |what: &str, spoil: &dyn Fn(&mut Stored)| {
            let mut stored = sound.clone();
            spoil(&mut stored);
            let mut bytes = Vec::new();
            let written = bundle::write(&stored, &mut bytes);
            let read = written.and_then(|()| Detector::load(&*bytes).map(|_| ()));
            let error = read.unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
            seen.push(what.to_owned());
        };
        check("no feature set \"magic\"", &|stored| {
            stored.feature_sets = "magic".into();
        });
        check("rows of the schema", &|stored| {
            stored.feature_sets = "basic".into();
        });
        check("columns that do not exist", &|stored| {
            stored.feature_sets = "basic".into();
            stored.schema = small.schema.clone();
        });
        check("model is for other features", &|stored| {
            stored.scorer = small.scorer.clone();
            stored.scorer.members[0].look_at((10..10 + small.schema.len()).collect());
        });
        check("model is for another number", &|stored| {
            stored.scorer.members[0].model = small.scorer.members[0].model.clone();
        });
        check("fusion is for another number", &|stored| {
            let member = stored.scorer.members[0].clone();
            stored.scorer.members.push(member);
        });
        check("what is no forest", &|stored| {
            if let Some(known) = &mut stored.known {
                known.forest = stored.scorer.members[0].clone();
            }
        });
        let category = (sound.schema.columns().iter())
            .position(|column| matches!(column.kind, ColumnKind::Category(_)))
            .unwrap();
        let number = (sound.schema.columns().iter())
            .position(|column| column.kind == ColumnKind::Number)
            .unwrap();
        let range = |low, high| Usual::Range { low, high };
        for (column, usual) in [
            (number, range(1.0, 0.0)),
            (number, Usual::Shares(vec![1.0])),
            (category, range(0.0, 1.0)),
            (category, Usual::Shares(vec![1.0])),
        ] {
            let spoil = |stored: &mut Stored| stored.baseline.columns[column] = usual.clone();
            check("baseline does not fit", &spoil);
        }
        check("baseline does not fit", &|stored| {
            let Usual::Shares(shares) = &mut stored.baseline.columns[category] else {
                unreachable!("it is a category");
            };
            shares[0] = 1.5;
        });
        check("NaN is not finite", &|stored| {
            stored.baseline.columns[number] = range(f64::NAN, 0.0);
        });
        check("baseline does not fit", &|stored| {
            stored.baseline.columns.clear();
        });
    }

    #[test]
    fn absurd_numbers_overflow_nothing() {
        for nanos in [0, 1, u64::MAX] {
            let mut stored = kmeans_and_forest().stored;
            stored.flow_rules = FlowRules {
                idle: [nanos; 4],
                active: nanos,
                linger: nanos,
                ..stored.flow_rules
            };
            let detector = Detector::new(stored).unwrap();
            let mut engine = Engine::new(detector, &Limits::default());
            for packet in packets(&office(1)).iter().take(300) {
                engine.push(packet).unwrap();
            }
            engine.tick(nettraffic_capture::Timestamp::MAX).unwrap();
            engine.finish().unwrap();
            assert!(engine.pop().is_some());
        }
    }

    /// Random damage behind a checksum that was made to fit, so that it reaches the decoder.
    #[test]
    fn a_crafted_bundle_is_refused_or_judges_without_a_panic() {
        let flows = rows_with(&office(4), basic());
        let flows = flows.select(&(0..40.min(flows.len())).collect::<Vec<_>>());
        let mut rng = TestRunner::new_with_rng(
            Config::default(),
            TestRng::from_seed(RngAlgorithm::XorShift, &[7; 16]),
        )
        .new_rng();
        let packets = packets(&Scenario::new(5).hosts(1).packets(30));
        let (mut refused, mut judged) = (0, 0);
        let sound = [ModelKind::KMeans, ModelKind::Forest]
            .map(|model| saved(&fit_with_attacks(model, basic())));
        for round in 0..3_000 {
            let mut bytes = sound[round % 2].clone();
            damage(&mut bytes, &mut rng);
            match Detector::load(&*bytes) {
                Err(
                    DetectError::Damaged(_)
                    | DetectError::Bundle(_)
                    | DetectError::OtherFeatures { .. },
                ) => refused += 1,
                Err(other) => panic!("{other}"),
                Ok(detector) => {
                    judged += 1;
                    exercise(&detector, &flows, &packets);
                }
            }
        }
        assert!(
            refused > 300 && judged > 100,
            "{refused} refused, {judged} judged"
        );
    }

    /// Changes some bytes, most often near the beginning or the end, where the small parts are.
    fn damage(bytes: &mut Vec<u8>, rng: &mut TestRng) {
        let header = 24;
        let mut below = |limit: usize| (rng.next_u64() % limit.max(1) as u64) as usize;
        let length = bytes.len() - header;
        for _ in 0..=below(3) {
            let offset = match below(4) {
                0 => below(length),
                1 => below(length.min(4_000)),
                _ => length - 1 - below(length.min(4_000)),
            };
            let at = header + offset.min(bytes.len() - header - 1);
            match below(6) {
                0 => bytes[at] ^= 1 << below(8),
                1 => bytes[at] = 0xff,
                2 => bytes[at..].iter_mut().take(9).for_each(|byte| *byte = 0xff),
                3 => drop(bytes.drain(at..=at)),
                4 => bytes.insert(at, below(256) as u8),
                _ => bytes[at] = below(256) as u8,
            }
        }
        let (head, body) = bytes.split_at_mut(header);
        head[12..20].copy_from_slice(&(body.len() as u64).to_le_bytes());
        head[20..].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    }

    /// Asks a detector whatever can be asked.
    fn exercise(detector: &Detector, flows: &FlowRows, packets: &[PacketMeta]) {
        for verdict in detector.judge(flows).unwrap() {
            for reason in verdict.alert.iter().flat_map(|alert| &alert.reasons) {
                assert!((0.0..=1.0).contains(&reason.share), "{reason}");
            }
        }
        assert!(detector.expected_false_alarm_rate() <= 1.0);
        let per_day = detector.expected_alerts_per_day();
        assert!(per_day.is_none_or(|alerts| alerts >= 0.0 && alerts.is_finite()));
        let (low, high) = detector.threshold().interval();
        assert!(low <= high);
        let _ = detector.training().pace.active_time();
        let mut engine = Engine::new(detector.clone(), &Limits::default());
        for packet in packets {
            engine.push(packet).unwrap();
        }
        engine.finish().unwrap();
    }
}
