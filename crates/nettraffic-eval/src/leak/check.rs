//! All checks of one comparison.

use super::finding::Leak;
use super::{duplicates, files, identifier, names, shortcut};
use crate::error::same_length;
use crate::{EvalError, Split};

/// Looks for what makes a comparison look better than it is. It knows neither models nor files: it
/// takes the split, what is an attack, and whatever else is known of the rows.
///
/// What is not given is not checked. Thresholds (at each kind of [`Leak`]) are set so that a sound
/// split gives no finding.
///
/// ```
/// use nettraffic_eval::{Leak, LeakCheck, Split};
///
/// let attack: Vec<bool> = (0..100).map(|row| row % 2 == 1).collect();
/// let split = Split::new((0..50).collect(), (50..100).collect());
/// let value = |row: usize, column: usize| match column {
///     0 => (row * row % 97) as f64,
///     _ => if attack[row] { 64.0 } else { 128.0 },
/// };
/// let findings = LeakCheck::new(&split, &attack)?
///     .features(&["bytes", "ttl"], value)
///     .findings();
/// assert_eq!(
///     findings[0].to_string(),
///     "\"ttl\" alone tells attacks from benign rows (attacks have the lower values, area 1.0000): a \
///      model may learn how the data were made, not what attacks are like"
/// );
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
pub struct LeakCheck<'a> {
    sides: Sides<'a>,
    findings: Vec<Leak>,
}

/// The rows of a split and what they are.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) train: &'a [usize],
    pub(super) test: &'a [usize],
    attack: &'a [bool],
}

impl Sides<'_> {
    /// Of a row of the split.
    pub(super) fn is_attack(&self, row: usize) -> bool {
        self.attack.get(row).copied().unwrap_or(false)
    }
}

impl<'a> LeakCheck<'a> {
    /// Of a split of rows, of which `attack` says what each is.
    ///
    /// # Errors
    /// The split names a row that is not there.
    pub fn new(split: &'a Split, attack: &'a [bool]) -> Result<Self, EvalError> {
        let rows = attack.len();
        let named = split.train.iter().chain(&split.test).max();
        if let Some(&row) = named.filter(|row| **row >= rows) {
            return Err(EvalError::NoSuchRow { row, rows });
        }
        Ok(Self {
            sides: Sides {
                train: &split.train,
                test: &split.test,
                attack,
            },
            findings: Vec::new(),
        })
    }

    /// Checks the features that models learn from: repeated rows, features that alone separate,
    /// identifiers, the label. `value` gives the value of a row in a column; NaN is a missing value.
    /// Costs O(rows × columns) memory accesses and a sort of each column.
    #[must_use]
    pub fn features<S: AsRef<str>>(
        mut self,
        columns: &[S],
        value: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let sides = self.sides;
        let repeated = duplicates::repeated(sides, columns.len(), &value);
        let tested = sides.test.len() as u64;
        if repeated > 0 && repeated as f64 >= LEAST_REPEATED * tested as f64 {
            self.findings.push(Leak::DuplicateRows { repeated, tested });
        }
        for (column, feature) in columns.iter().enumerate() {
            let feature = feature.as_ref();
            let value = |row| value(row, column);
            if names::is_label(feature) {
                let feature = feature.to_owned();
                self.findings.push(Leak::LabelAmongFeatures { feature });
            }
            self.findings.extend(shortcut::find(sides, feature, value));
            let sign = identifier::find(sides.train, feature, value);
            self.findings.extend(sign.map(|sign| Leak::Identifier {
                feature: feature.to_owned(),
                sign,
            }));
        }
        self
    }

    /// Checks that no test row shares its key with a training row: `name` says what the key is, such as
    /// `conversation`. Any shared key is a finding.
    ///
    /// # Errors
    /// Another number of keys than of rows.
    pub fn group<K: Ord>(mut self, name: &str, keys: &[K]) -> Result<Self, EvalError> {
        self.check_length("keys", keys.len())?;
        let mut trained: Vec<&K> = self.sides.train.iter().map(|row| &keys[*row]).collect();
        trained.sort_unstable();
        let is_trained = |row: &&usize| trained.binary_search(&&keys[**row]).is_ok();
        let shared = self.sides.test.iter().filter(is_trained).count() as u64;
        if shared > 0 {
            self.findings.push(Leak::SharedGroup {
                group: name.to_owned(),
                shared,
                tested: self.sides.test.len() as u64,
            });
        }
        Ok(self)
    }

    /// Checks that every test row is later than all training rows. Give times where a split is meant to
    /// be in order; one that is drawn at random never is. Nanoseconds.
    ///
    /// # Errors
    /// Another number of times than of rows.
    pub fn times(mut self, times_ns: &[i64]) -> Result<Self, EvalError> {
        self.check_length("times", times_ns.len())?;
        let Sides { train, test, .. } = self.sides;
        let trained = train.iter().map(|row| times_ns[*row]).max();
        let tested = test.iter().map(|row| times_ns[*row]).min();
        if let Some((last_trained_ns, first_tested_ns)) = trained.zip(tested)
            && first_tested_ns <= last_trained_ns
        {
            let old = |row: &&usize| times_ns[**row] <= last_trained_ns;
            self.findings.push(Leak::TimeOverlap {
                overlapping: test.iter().filter(old).count() as u64,
                tested: test.len() as u64,
                last_trained_ns,
                first_tested_ns,
            });
        }
        Ok(self)
    }

    /// Checks that the file (the capture, the day) that a row is from does not tell whether it is an
    /// attack.
    ///
    /// # Errors
    /// Another number of files than of rows.
    pub fn files<K: Ord>(mut self, files: &[K]) -> Result<Self, EvalError> {
        self.check_length("files", files.len())?;
        self.findings.extend(files::find(self.sides, files));
        Ok(self)
    }

    /// What was found: one finding after the other in the order of the checks; features in theirs.
    #[must_use]
    pub fn findings(self) -> Vec<Leak> {
        self.findings
    }

    fn check_length(&self, what: &'static str, length: usize) -> Result<(), EvalError> {
        same_length(what, length, "rows", self.sides.attack.len())
    }
}

/// A few short flows are alike on any network.
const LEAST_REPEATED: f64 = 0.01;
