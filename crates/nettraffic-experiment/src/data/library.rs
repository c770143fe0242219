//! Data sets that a comparison reads, each once for every set of features.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use nettraffic_capture::{find_captures, from_reader, open};
use nettraffic_detect::FlowRows;
use nettraffic_eval::{LabelRules, Unmatched};
use nettraffic_features::{FeatureSet, Schema};
use nettraffic_flow::{FlowConfig, PacketBatches};
use nettraffic_synth::Scenario;

use super::Rows;
use super::rows::{Keys, Numbers};
use crate::captures::{Account, read_flows};
use crate::digest::Digest;
use crate::labels::truth;
use crate::plan::{CaptureData, Data, DataSource, Plan, ScenarioData, Study, TableData};
use crate::tables::{TableRows, read_table};
use crate::{ExperimentError, SourceFlows};

/// A data set that was read.
pub(crate) struct Loaded {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) rows: Rows,
    /// Of what it was read from.
    pub(crate) sha256: String,
    /// Tell files apart, whatever they are called.
    files: BTreeSet<PathBuf>,
    schema: Option<Arc<Schema>>,
}

impl Loaded {
    /// Whether it was read from a file that another one was read from too.
    pub(crate) fn shares_a_file(&self, other: &Self) -> bool {
        self.files.intersection(&other.files).next().is_some()
    }
}

/// Data sets that were read already.
#[derive(Default)]
pub(crate) struct Library {
    /// By name and features.
    read: BTreeMap<(String, String), Rc<Loaded>>,
    accounts: Vec<(PathBuf, Account)>,
}

impl Library {
    /// The data sets of a study, those to train on first.
    pub(crate) fn load(
        &mut self,
        plan: &Plan,
        study: &Study,
        progress: &mut impl FnMut(&str),
    ) -> Result<Vec<Rc<Loaded>>, ExperimentError> {
        let features = plan.feature_set(study)?;
        let mut sets: Vec<Rc<Loaded>> = Vec::new();
        // Categories of later tables are those of the first.
        let mut schema: Option<Arc<Schema>> = None;
        for name in study.data() {
            let Some(data) = plan.data(name) else {
                return Err(ExperimentError::Plan(format!(
                    "there is no data set {name:?}"
                )));
            };
            let of = match (&data.source, &schema) {
                (DataSource::Table(_), Some(schema)) => fingerprint(schema),
                (DataSource::Table(_), None) => String::new(),
                _ => features.name().to_owned(),
            };
            let key = (name.clone(), of);
            let set = match self.read.get(&key) {
                Some(read) => Rc::clone(read),
                None => {
                    progress(name);
                    let set = Rc::new(self.read(data, &features, schema.as_ref())?);
                    self.read.insert(key, Rc::clone(&set));
                    set
                }
            };
            schema = schema.or_else(|| set.schema.clone());
            sets.push(set);
        }
        let (train, test) = sets.split_at(study.train.len());
        for tested in test {
            if let Some(trained) = train.iter().find(|trained| trained.shares_a_file(tested)) {
                return Err(ExperimentError::Leak {
                    study: study.name.clone(),
                    trained: trained.name.clone(),
                    tested: tested.name.clone(),
                });
            }
        }
        Ok(sets)
    }

    /// All data sets that were read, and what became of the packets of each capture, in the order of reading.
    pub(crate) fn into_parts(self) -> (Vec<Rc<Loaded>>, Vec<(PathBuf, Account)>) {
        let mut seen = BTreeSet::new();
        let accounts = self.accounts.into_iter();
        (
            self.read.into_values().collect(),
            accounts
                .filter(|(path, _)| seen.insert(path.clone()))
                .collect(),
        )
    }

    fn read(
        &mut self,
        data: &Data,
        features: &FeatureSet,
        schema: Option<&Arc<Schema>>,
    ) -> Result<Loaded, ExperimentError> {
        let mut digest = Digest::default();
        let mut files = BTreeSet::new();
        let (rows, schema) = match &data.source {
            DataSource::Table(table) => {
                digest.file(&table.path)?;
                files.insert(identity(&table.path));
                let (rows, schema) = read_rows(table, schema)?;
                (rows, Some(schema))
            }
            DataSource::Captures(captures) => (
                self.captures(captures, features, &mut digest, &mut files)?,
                None,
            ),
            DataSource::Scenario(scenario) => {
                (self.scenario(scenario, features, &mut digest)?, None)
            }
        };
        Ok(Loaded {
            name: data.name.clone(),
            kind: data.source.kind(),
            rows,
            sha256: digest.hex(),
            files,
            schema,
        })
    }

    fn captures(
        &mut self,
        captures: &CaptureData,
        features: &FeatureSet,
        digest: &mut Digest,
        files: &mut BTreeSet<PathBuf>,
    ) -> Result<Rows, ExperimentError> {
        let rules = captures
            .labels
            .as_ref()
            .map(|path| read_rules(path))
            .transpose()?;
        if let Some(path) = &captures.labels {
            digest.file(path)?;
        }
        let mut flows = FlowRows::new(features.clone());
        let mut names = Vec::new();
        for path in find_captures(&captures.paths)? {
            // Each once, however often it is named.
            if !files.insert(identity(&path)) {
                continue;
            }
            digest.file(&path)?;
            let read = read_flows(
                PacketBatches::new(open(&path)?),
                features,
                &FlowConfig::default(),
            );
            let more = self.whole(&path, read)?;
            // What holds no flows gets no number.
            if !more.is_empty() {
                flows.extend_from(&more);
                names.push(file_name(&path));
            }
        }
        Ok(labelled(flows, rules.as_ref(), captures.unmatched, names))
    }

    fn scenario(
        &mut self,
        scenario: &ScenarioData,
        features: &FeatureSet,
        digest: &mut Digest,
    ) -> Result<Rows, ExperimentError> {
        let made = Scenario::named(&scenario.name, scenario.seed)?.synthesize();
        let rules = made.truth.rules_csv();
        digest.bytes(&made.pcap);
        digest.bytes(rules.as_bytes());
        let name = PathBuf::from(format!(
            "scenario {}, seed {}",
            scenario.name, scenario.seed
        ));
        let labels = |error| ExperimentError::Labels {
            path: name.clone(),
            error,
        };
        let rules = LabelRules::parse(rules.as_bytes()).map_err(labels)?;
        let packets = from_reader(&*name.to_string_lossy(), made.pcap.as_slice())?;
        let read = read_flows(
            PacketBatches::new(packets),
            features,
            &FlowConfig::default(),
        );
        let flows = self.whole(&name, read)?;
        Ok(labelled(
            flows,
            Some(&rules),
            Unmatched::Benign,
            vec![scenario.name.clone()],
        ))
    }

    /// The flows of a capture. Results are not taken from half a one.
    fn whole(&mut self, path: &Path, read: SourceFlows) -> Result<FlowRows, ExperimentError> {
        if let Some(error) = read.errors.into_iter().next() {
            return Err(error.into());
        }
        self.accounts.push((path.to_owned(), read.account));
        Ok(read.flows)
    }
}

fn labelled(
    flows: FlowRows,
    rules: Option<&LabelRules>,
    unmatched: Unmatched,
    files: Vec<String>,
) -> Rows {
    let label = |flow| rules.map_or("benign", |rules| truth(flow, rules, unmatched).name());
    let labels = flows
        .flows()
        .iter()
        .map(|flow| label(flow).to_owned())
        .collect();
    Rows::of_flows(flows, labels, files)
}

fn read_rules(path: &Path) -> Result<LabelRules, ExperimentError> {
    let file = File::open(path).map_err(|error| ExperimentError::Io {
        path: path.to_owned(),
        error,
    })?;
    LabelRules::parse(file).map_err(|error| ExperimentError::Labels {
        path: path.to_owned(),
        error,
    })
}

/// The rows of a table with the keys that its plan names.
fn read_rows(
    data: &TableData,
    schema: Option<&Arc<Schema>>,
) -> Result<(Rows, Arc<Schema>), ExperimentError> {
    let table = read_table(&data.path, schema.cloned())?;
    let known = (0..table.rows()).filter(|row| table.is_attack(*row).is_some());
    let known: Vec<usize> = known.collect();
    let text = |name: &str, row: usize| {
        table
            .identity_column(name)
            .and_then(|column| column.get(row))
    };
    let wrong = |column: &str, row: usize| ExperimentError::Key {
        path: data.path.clone(),
        column: column.to_owned(),
        line: table.lines.get(row).copied().unwrap_or_default(),
    };
    let times = data.time.as_ref().map(|name| {
        let time = |row: &usize| {
            text(name, *row)
                .and_then(nanoseconds)
                .ok_or_else(|| wrong(name, *row))
        };
        known.iter().map(time).collect::<Result<Vec<i64>, _>>()
    });
    let hosts = data.host.as_ref().map(|name| {
        let mut hosts = Numbers::default();
        let mut host =
            |row: &usize| Ok(hosts.of(text(name, *row).ok_or_else(|| wrong(name, *row))?));
        known
            .iter()
            .map(&mut host)
            .collect::<Result<Vec<u64>, ExperimentError>>()
    });
    let keys = Keys {
        conversations: None,
        hosts: hosts.transpose()?,
        times: times.transpose()?,
    };
    let schema = Arc::clone(table.matrix.schema());
    Ok((
        Rows::of_table(&TableRows::of_table(&table), keys, file_name(&data.path)),
        schema,
    ))
}

/// Decimal seconds as nanoseconds, exactly.
fn nanoseconds(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = part.get(..part.len().min(9))?;
    let part: i64 = format!("{digits:0<9}").parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    whole
        .checked_mul(1_000_000_000)?
        .checked_add(if whole < 0 { -part } else { part })
}

/// The same for every path that leads to one file. What cannot be found keeps its name, and
/// fails when it is opened.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn fingerprint(schema: &Schema) -> String {
    format!("{:032x}", schema.fingerprint().0)
}
