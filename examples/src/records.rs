//! How flow records are written: names, format, ground truth.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nettraffic_eval::{LabelRules, Unmatched};
use nettraffic_experiment::truth;
use nettraffic_features::{
    Column, FeatureNames, FlowFormat, FlowWriter, Projection, RecordColumns, Schema,
};
use nettraffic_flow::Flow;

use crate::{Failure, UnmatchedArgument, read_rules};

/// The format and the columns of flow records.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Records")]
pub struct Recording {
    /// Format of the records
    #[arg(long, value_enum, default_value_t = RecordFormat::Csv)]
    pub format: RecordFormat,
    /// The same as --format ndjson
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Names and units of the columns: our own, or those of the public data sets (needs the set cic)
    #[arg(long, value_name = "own|cic2017|cic2018", default_value_t = FeatureNames::Own)]
    names: FeatureNames,
    /// Add a column with the Community ID of each flow
    #[arg(long)]
    community_id: bool,
    /// Add a column with the class of each flow, by rules of address, port, protocol and time
    #[arg(long, value_name = "RULES")]
    label: Option<PathBuf>,
    /// What flows are that no rule matches
    #[arg(long, value_enum, default_value_t = UnmatchedArgument::Benign, requires = "label")]
    unmatched: UnmatchedArgument,
}

/// A format of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[expect(clippy::exhaustive_enums, reason = "an argument of this program")]
pub enum RecordFormat {
    /// Comma-separated values
    Csv,
    /// One JSON object a line
    Ndjson,
    /// As Zeek writes conn.log, separated by tabs
    Zeek,
    /// Apache Parquet
    #[cfg(feature = "parquet")]
    Parquet,
    /// Arrow IPC, as a file
    #[cfg(feature = "parquet")]
    Arrow,
}

/// Makes the written row of a record out of its features.
#[derive(Clone, Debug)]
pub struct RecordRows {
    schema: Arc<Schema>,
    columns: RecordColumns,
    projection: Option<Projection>,
    labels: Option<Arc<RowLabels>>,
}

#[derive(Debug)]
struct RowLabels {
    rules: LabelRules,
    unmatched: Unmatched,
    classes: Vec<String>,
}

impl Recording {
    /// Whether a record says why it was given out.
    #[must_use]
    pub fn tells_early_reports(&self) -> bool {
        self.names == FeatureNames::Own
    }

    /// Which files it reads.
    #[must_use]
    pub fn inputs(&self) -> Option<&Path> {
        self.label.as_deref()
    }

    /// The format of lines; `None` of columns.
    #[must_use]
    pub fn text(&self) -> Option<FlowFormat> {
        match self.format {
            RecordFormat::Csv if self.json => Some(FlowFormat::Ndjson),
            RecordFormat::Csv => Some(FlowFormat::Csv),
            RecordFormat::Ndjson => Some(FlowFormat::Ndjson),
            RecordFormat::Zeek => Some(FlowFormat::ZeekTsv),
            #[cfg(feature = "parquet")]
            RecordFormat::Parquet | RecordFormat::Arrow => None,
        }
    }

    /// How rows with features of `schema` are written.
    ///
    /// # Errors
    /// The label rules cannot be read, or the names need features that are not there.
    pub fn rows(&self, schema: &Arc<Schema>) -> Result<RecordRows, Failure> {
        let projection = match self.names {
            FeatureNames::Own => None,
            names => Some(Projection::of(schema, names).map_err(Failure::usage)?),
        };
        let mut columns = match self.names {
            FeatureNames::Cic2017 => RecordColumns::cic_2017(),
            FeatureNames::Cic2018 => RecordColumns::cic_2018(),
            _ => RecordColumns::zeek(),
        };
        if self.community_id {
            columns = columns.with_community_id();
        }
        let schema = projection
            .as_ref()
            .map_or_else(|| Arc::clone(schema), Projection::schema);
        let rows = RecordRows {
            schema,
            columns,
            projection,
            labels: None,
        };
        match &self.label {
            None => Ok(rows),
            Some(path) => rows.with_labels(
                read_rules(path)?,
                self.unmatched.into(),
                match self.names {
                    FeatureNames::Own => "label",
                    _ => "Label",
                },
            ),
        }
    }
}

impl RecordRows {
    fn with_labels(
        mut self,
        rules: LabelRules,
        unmatched: Unmatched,
        name: &'static str,
    ) -> Result<Self, Failure> {
        let classes: BTreeSet<String> = rules
            .rules()
            .iter()
            .map(|rule| rule.label.clone())
            .chain(["benign", "unknown"].map(str::to_owned))
            .collect();
        let classes: Vec<String> = classes.into_iter().collect();
        let mut columns = self.schema.columns().to_vec();
        columns.push(Column::category(name, classes.iter().cloned()));
        self.schema = Arc::new(Schema::new(columns).map_err(Failure::usage)?);
        self.labels = Some(Arc::new(RowLabels {
            rules,
            unmatched,
            classes,
        }));
        Ok(self)
    }

    /// What the rows hold.
    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.schema)
    }

    /// What stands before them in a record.
    #[must_use]
    pub fn columns(&self) -> &RecordColumns {
        &self.columns
    }

    /// A writer of lines.
    #[must_use]
    pub fn writer(&self, format: FlowFormat) -> FlowWriter {
        FlowWriter::with_columns(self.schema(), format, &self.columns)
    }

    /// Appends the written row of a flow with these features.
    pub fn complete(&self, flow: &Flow, features: &[f64], row: &mut Vec<f64>) {
        match &self.projection {
            Some(projection) => projection.apply(features, row),
            None => row.extend_from_slice(features),
        }
        if let Some(labels) = &self.labels {
            let class = truth(flow, &labels.rules, labels.unmatched).name();
            let place = labels.classes.iter().position(|known| known == class);
            row.push(place.unwrap_or(labels.classes.len()) as f64);
        }
    }
}
