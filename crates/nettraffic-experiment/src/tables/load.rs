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
    read(path, None).map(|table| TableRows::of_table(&table))
}

/// A table to train on and one to test on, read with the categories of the first.
///
/// # Errors
/// As [`load_table`].
pub fn load_tables(train: &Path, test: &Path) -> Result<TableSplit, ExperimentError> {
    let train = read(train, None)?;
    let test = read(test, Some(Arc::clone(train.matrix.schema())))?;
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

fn read(path: &Path, schema: Option<Arc<Schema>>) -> Result<Table, ExperimentError> {
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
