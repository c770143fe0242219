//! Packets in, flow records with their rows out.

use std::sync::Arc;

use nettraffic_capture::{PacketMeta, Timestamp};
use nettraffic_flow::{Accumulate, Flow, FlowConfig, FlowCounters, FlowTable};

use super::custom::CustomFeatures;
use super::level::{
    CicStatistics, CommonStatistics, FullStatistics, Needs, StandardStatistics, Statistics,
    TrafficStatistics,
};
use crate::{
    DuplicateColumn, ExtractionCounters, FeatureSet, HostWindows, Schema, WindowConfig,
    WindowCounters,
};

/// A flow table that remembers what the features of a set need, and not more, and gives out each
/// record with its row.
///
/// `C` are columns of the caller's own, behind those of the set; a flow pays for them alone.
///
/// ```
/// use nettraffic_capture::PacketMeta;
/// use nettraffic_features::{Extractor, FeatureSet};
/// use nettraffic_flow::FlowConfig;
///
/// let features = FeatureSet::named("basic,timing")?;
/// let mut extractor = Extractor::new(features, FlowConfig::default());
/// extractor.push(&PacketMeta::default());
/// extractor.finish();
/// let mut row = Vec::new();
/// while let Some(flow) = extractor.pop(&mut row) {
///     println!("{} {row:?}", flow.uid());
///     assert_eq!(row.len(), extractor.schema().len());
///     row.clear();
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Extractor<C: CustomFeatures = ()> {
    features: FeatureSet,
    schema: Arc<Schema>,
    table: Table<C>,
    /// Where a feature needs them.
    windows: Option<HostWindows>,
}

/// One compiled table for each level.
#[derive(Clone, Debug)]
enum Table<C: CustomFeatures> {
    Counters(FlowTable<((), C)>),
    Traffic(FlowTable<(TrafficStatistics, C)>),
    Cic(FlowTable<(CicStatistics, C)>),
    Standard(FlowTable<(StandardStatistics, C)>),
    Common(FlowTable<(CommonStatistics, C)>),
    Full(FlowTable<(FullStatistics, C)>),
}

/// Does the same with the table of any level.
macro_rules! with_table {
    ($self:expr, $table:ident => $then:expr) => {
        match $self {
            Table::Counters($table) => $then,
            Table::Traffic($table) => $then,
            Table::Cic($table) => $then,
            Table::Standard($table) => $then,
            Table::Common($table) => $then,
            Table::Full($table) => $then,
        }
    };
}

impl Extractor {
    /// An extractor of `features`, with a fixed hash key: for input that nobody crafts against it.
    #[must_use]
    pub fn new(features: FeatureSet, config: FlowConfig) -> Self {
        Self::with_hash_key(features, config, 0)
    }

    /// An extractor whose flow table and windows have this hash key; see [`FlowTable::with_hash_key`].
    #[must_use]
    pub fn with_hash_key(features: FeatureSet, config: FlowConfig, key: u64) -> Self {
        Self {
            schema: features.schema(),
            table: Table::new(features.needs(), config, key),
            windows: windows(&features, WindowConfig::default(), key),
            features,
        }
    }
}

impl<C: CustomFeatures> Extractor<C> {
    /// An extractor of `features` and the columns of `C`.
    ///
    /// # Errors
    /// A column of `C` bears the name of a feature.
    pub fn with_custom(
        features: FeatureSet,
        config: FlowConfig,
        key: u64,
    ) -> Result<Self, DuplicateColumn> {
        let mut columns = features.schema().columns().to_vec();
        columns.extend(C::columns());
        Ok(Self {
            schema: Arc::new(Schema::new(columns)?),
            table: Table::new(features.needs(), config, key),
            windows: windows(&features, WindowConfig::default(), key),
            features,
        })
    }

    /// What the rows hold.
    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.schema)
    }

    /// The sets that the rows hold, without the columns of `C`.
    #[must_use]
    pub fn features(&self) -> &FeatureSet {
        &self.features
    }

    /// Takes in one packet.
    pub fn push(&mut self, packet: &PacketMeta) {
        with_table!(&mut self.table, table => table.push(packet));
    }

    /// Takes in packets, as one by one but faster; see [`FlowTable::push_all`].
    pub fn push_all(&mut self, packets: &[PacketMeta]) {
        with_table!(&mut self.table, table => table.push_all(packets));
    }

    /// Promises that no packet before `time` follows; see [`FlowTable::tick`].
    pub fn tick(&mut self, time: Timestamp) {
        with_table!(&mut self.table, table => table.tick(time));
    }

    /// Where the clock of the flow table stands; see [`FlowTable::now`].
    #[must_use]
    pub fn now(&self) -> Timestamp {
        with_table!(&self.table, table => table.now())
    }

    /// Ends all flows.
    pub fn finish(&mut self) {
        with_table!(&mut self.table, table => table.finish());
    }

    /// The next record that is ready; its features are appended to `row`.
    pub fn pop(&mut self, row: &mut Vec<f64>) -> Option<Flow> {
        let start = row.len();
        let flow = with_table!(&mut self.table, table => pop(table, &self.features, row))?;
        if let Some(windows) = &mut self.windows {
            let facts = windows.observe(&flow);
            self.features.fill_windows(&facts, &mut row[start..]);
        }
        Some(flow)
    }

    /// What became of the packets.
    #[must_use]
    pub fn counters(&self) -> FlowCounters {
        with_table!(&self.table, table => table.counters())
    }

    /// What the windows remember, where a feature needs them.
    #[must_use]
    pub fn window_counters(&self) -> Option<WindowCounters> {
        self.windows.as_ref().map(HostWindows::counters)
    }

    /// Both kinds of counters, as a [`ParallelExtractor`](crate::ParallelExtractor) gives them.
    #[must_use]
    pub fn all_counters(&self) -> ExtractionCounters {
        ExtractionCounters {
            flows: self.counters(),
            windows: self.window_counters(),
        }
    }

    /// Flows in the table.
    #[must_use]
    pub fn open(&self) -> usize {
        with_table!(&self.table, table => table.open())
    }
}

impl<C: CustomFeatures> Table<C> {
    fn new(needs: Needs, config: FlowConfig, key: u64) -> Self {
        if needs == Needs::NOTHING {
            Self::Counters(FlowTable::with_hash_key(config, key))
        } else if Needs::TRAFFIC.include(needs) {
            Self::Traffic(FlowTable::with_hash_key(config, key))
        } else if Needs::CIC.include(needs) {
            Self::Cic(FlowTable::with_hash_key(config, key))
        } else if Needs::STANDARD.include(needs) {
            Self::Standard(FlowTable::with_hash_key(config, key))
        } else if Needs::COMMON.include(needs) {
            Self::Common(FlowTable::with_hash_key(config, key))
        } else {
            Self::Full(FlowTable::with_hash_key(config, key))
        }
    }
}

fn windows(features: &FeatureSet, config: WindowConfig, key: u64) -> Option<HostWindows> {
    features
        .needs_windows()
        .then(|| HostWindows::with_hash_key(config, key))
}

fn pop<A: Statistics, C: CustomFeatures>(
    table: &mut FlowTable<(A, C)>,
    features: &FeatureSet,
    row: &mut Vec<f64>,
) -> Option<Flow>
where
    (A, C): Accumulate,
{
    table.pop_with(|flow, (state, custom)| {
        features.extract(&state.record(flow), row);
        custom.extract(flow, row);
        flow.clone()
    })
}
