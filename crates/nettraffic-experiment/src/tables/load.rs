//! Tables from files.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use nettraffic_features::{Schema, Table, TableOptions};

use super::{TableRows, TableSplit};
use crate::ExperimentError;

/// Seed of the halves of a table that comes without a test part.
const HALVES: u64 = 42;

/// The labelled rows of a table in a file, compressed with gzip or not. Its format is told by its
/// first line.
///
/// # Errors
/// A file that cannot be read, a table that is none, or one of whose rows any is damaged:
/// results are not taken from half a table.
pub fn load_table(path: &Path) -> Result<TableRows, ExperimentError> {
    read_table(path, None).map(|table| TableRows::of_table(&table))
}

/// A table to train on and one to test on, read with the categories of the first.
///
/// # Errors
/// As [`load_table`].
pub fn load_tables(train: &Path, test: &Path) -> Result<TableSplit, ExperimentError> {
    let train = read_table(train, None)?;
    let test = read_table(test, Some(Arc::clone(train.matrix.schema())))?;
    TableSplit::new(TableRows::of_table(&train), TableRows::of_table(&test))
}

/// NSL-KDD (Tavallaee and others 2009) from `KDDTrain+.txt.gz` and `KDDTest+.txt.gz` in `folder`.
///
/// # Errors
/// As [`load_table`].
pub fn load_nsl_kdd(folder: &Path) -> Result<TableSplit, ExperimentError> {
    load_tables(
        &folder.join("KDDTrain+.txt.gz"),
        &folder.join("KDDTest+.txt.gz"),
    )
}

/// UNSW-NB15 (Moustafa and Slay 2015) from `UNSW_NB15_82332.csv.gz` in `folder`, the same
/// halves in every run.
///
/// # Errors
/// As [`load_table`].
pub fn load_unsw(folder: &Path) -> Result<TableSplit, ExperimentError> {
    load_table(&folder.join("UNSW_NB15_82332.csv.gz"))?.halves(HALVES)
}

/// A whole table, with the categories of a schema where one is given.
pub(crate) fn read_table(
    path: &Path,
    schema: Option<Arc<Schema>>,
) -> Result<Table, ExperimentError> {
    let mut options = TableOptions::default();
    if let Some(schema) = schema {
        options = options.schema(schema);
    }
    let failed = |error| ExperimentError::Table {
        path: path.to_owned(),
        error,
    };
    let table = open(path)
        .map_err(|error| ExperimentError::Io {
            path: path.to_owned(),
            error,
        })
        .and_then(|input| options.read(input).map_err(failed))?;
    match table.account.refusals.first() {
        Some(refused) => Err(ExperimentError::RefusedRow {
            path: path.to_owned(),
            row: refused.clone(),
        }),
        None => Ok(table),
    }
}

fn open(path: &Path) -> std::io::Result<Box<dyn Read>> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(MultiGzDecoder::new(file)));
    }
    Ok(Box::new(file))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::PathBuf;

    use super::*;
    use crate::tables::kdd::{kdd_row, kdd_table};

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn a_compressed_table_is_the_plain_one() -> TestResult {
        let folder = tempfile::tempdir()?;
        let text = kdd_table(20, &["scan"]);
        let plain = folder.path().join("plain.txt");
        std::fs::write(&plain, &text)?;
        let packed = folder.path().join("packed.txt");
        let mut encoder =
            flate2::write::GzEncoder::new(File::create(&packed)?, flate2::Compression::fast());
        encoder.write_all(text.as_bytes())?;
        encoder.finish()?;
        let rows = load_table(&plain)?;
        assert_eq!(load_table(&packed)?, rows);
        assert_eq!(rows.counts(), [("benign", 20), ("scan", 5)].into());
        Ok(())
    }

    #[test]
    fn a_test_table_is_read_with_the_categories_of_training() -> TestResult {
        let folder = tempfile::tempdir()?;
        let [train, test] = ["train", "test"].map(|name| folder.path().join(name));
        std::fs::write(
            &train,
            kdd_row(1, "tcp", "normal") + &kdd_row(1, "udp", "normal"),
        )?;
        std::fs::write(
            &test,
            kdd_row(1, "udp", "normal") + &kdd_row(1, "icmp", "smurf"),
        )?;
        let split = load_tables(&train, &test)?;
        assert_eq!(
            split.train().features().view().column(1).to_vec(),
            [0.0, 1.0]
        );
        assert_eq!(
            split.test().features().view().column(1).to_vec(),
            [1.0, 2.0]
        );
        Ok(())
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() -> TestResult {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("damaged"), kdd_table(3, &[]) + "0,tcp,http\n")?;
        std::fs::write(path("other"), "a,b\n1,2\n")?;
        for (name, expected) in [
            ("damaged", "line 4: 3 fields, the table has"),
            ("other", "no known table begins with \"a,b\""),
            ("missing", "missing: "),
        ] {
            let error = load_table(&path(name))
                .map(|rows| rows.len())
                .unwrap_err()
                .to_string();
            assert!(error.contains(name) && error.contains(expected), "{error}");
        }
        Ok(())
    }

    /// The published counts, and that the same rows are trained on wherever this runs.
    #[test]
    fn published_tables_have_their_published_rows() -> TestResult {
        let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
            eprintln!("skipped: NETTRAFFIC_CORPUS is not set");
            return Ok(());
        };
        let count = |rows: &TableRows| {
            let attacks = rows.attacks().iter().filter(|is| **is).count();
            (rows.len() - attacks, attacks)
        };
        let kdd = load_nsl_kdd(&corpus.join("flows/nsl-kdd"))?;
        assert_eq!(count(kdd.train()), (67_343, 58_630));
        assert_eq!(count(kdd.test()), (9_711, 12_833));
        assert_eq!(
            (kdd.train().counts().len(), kdd.test().counts().len()),
            (23, 38)
        );
        assert_eq!(kdd.unseen_attacks().len(), 17);

        let unsw = load_unsw(&corpus.join("flows/unsw-nb15"))?;
        assert_eq!(count(unsw.train()), (18_500, 22_666));
        assert_eq!(count(unsw.test()), (18_500, 22_666));
        let rows = unsw.one_class(42)?;
        assert_eq!((rows.fit.rows(), rows.calibration.rows()), (14_800, 3_700));
        let repeated = unsw.repeated_rows() as f64 / unsw.test().len() as f64;
        assert!((0.35..0.40).contains(&repeated), "{repeated}");
        Ok(())
    }
}
