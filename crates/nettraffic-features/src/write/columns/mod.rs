//! The columns that stand before the features of a flow.

mod cic;
mod community_id;
mod date;
mod zeek;

use std::fmt;
use std::time::Duration;

use nettraffic_capture::Timestamp;
use nettraffic_flow::Flow;

pub use self::community_id::community_id;
pub(super) use self::date::{Date, TimeOfDay};
use super::line::Line;

/// The columns of a record that stand before its features: who, when, how much and how it ended.
///
/// Whoever takes other names for the features takes those that go with them here, so that
/// programs which read such tables find their way:
///
/// ```
/// use nettraffic_features::{FeatureSet, FlowFormat, FlowWriter, RecordColumns};
///
/// let schema = FeatureSet::named("basic")?.schema();
/// let writer = FlowWriter::with_columns(schema, FlowFormat::Csv, &RecordColumns::cic_2018());
/// let header = String::from_utf8_lossy(writer.header());
/// assert!(header.starts_with("Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,"));
/// # Ok::<(), nettraffic_features::UnknownSet>(())
/// ```
#[derive(Clone)]
pub struct RecordColumns {
    columns: Vec<&'static RecordColumn>,
}

impl RecordColumns {
    /// The columns of Zeek's `conn.log` with its names and meaning, as far as headers alone tell
    /// them, then what Zeek does not have: why the record was given out, and so on.
    ///
    /// Not there are `service` and `missed_bytes`, which need the content of packets, and what
    /// depends on a site's settings.
    #[must_use]
    pub fn zeek() -> Self {
        Self::of(zeek::COLUMNS)
    }

    /// The first seven columns of the tables of CIC-IDS2017, with their names.
    ///
    /// Times are in UTC and have 24 hours; those of the published tables have twelve, without a
    /// word on which half of the day is meant.
    #[must_use]
    pub fn cic_2017() -> Self {
        Self::of(cic::COLUMNS_2017)
    }

    /// The same with the names of CSE-CIC-IDS2018.
    #[must_use]
    pub fn cic_2018() -> Self {
        Self::of(cic::COLUMNS_2018)
    }

    /// With the Community ID (version 1, seed 0) at the end, by which records of many programs
    /// are joined. It costs a hash of each record.
    ///
    /// Every ICMP query counts as an echo: which kind it is, is not kept. There is none between
    /// addresses of two versions.
    #[must_use]
    pub fn with_community_id(mut self) -> Self {
        if !self
            .columns
            .iter()
            .any(|c| c.name == community_id::COLUMN.name)
        {
            self.columns.push(&community_id::COLUMN);
        }
        self
    }

    /// The names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'static RecordColumn> {
        self.columns.iter().copied()
    }

    fn of(columns: &'static [RecordColumn]) -> Self {
        Self {
            columns: columns.iter().collect(),
        }
    }
}

/// Those of Zeek.
impl Default for RecordColumns {
    fn default() -> Self {
        Self::zeek()
    }
}

impl fmt::Debug for RecordColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// One column of a record.
pub(super) struct RecordColumn {
    pub(super) name: &'static str,
    /// What Zeek would call its type.
    pub(super) zeek_type: &'static str,
    pub(super) value: RecordValue,
}

/// How a column is got from a flow, and with it how it is written in every format.
#[derive(Clone, Copy)]
pub(super) enum RecordValue {
    /// A moment, in text as seconds since 1970.
    Time(fn(&Flow) -> Timestamp),
    /// A moment, in text as date and time of day.
    Date(fn(&Flow) -> Timestamp),
    Seconds(fn(&Flow) -> Duration),
    Count(fn(&Flow) -> u64),
    /// A number that not every record has.
    Optional(fn(&Flow) -> Option<u64>),
    /// A name or an address, unset where nothing is written; never with a byte that any format
    /// would have to escape.
    Text(fn(&Flow, &mut Line)),
}

const fn column(name: &'static str, zeek_type: &'static str, value: RecordValue) -> RecordColumn {
    RecordColumn {
        name,
        zeek_type,
        value,
    }
}
