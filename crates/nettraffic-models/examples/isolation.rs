//! An isolation forest that another program drives, to time it: `isolation COLUMNS ROWS`
//!
//! ROWS holds rows of COLUMNS little-endian `f32`. Then it obeys the lines of its input, each with
//! one line, when the work is done: `fit THREADS SEED` (all else by default) with the number of
//! trees, `score THREADS TIMES` with the mean score of all rows, and `row TIMES` with the same, row
//! by row.

use std::env;
use std::io::{self, BufRead, Write};

use nettraffic_features::PreparedMatrix;
use nettraffic_models::{AnomalyModel, IsolationForest, ModelError};

mod driver;

use driver::{Outcome, on_threads, read_rows};

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [columns, rows] = arguments.as_slice() else {
        return Err("usage: isolation COLUMNS ROWS".into());
    };
    let rows = read_rows(rows, columns.parse()?)?;

    let mut forest = None;
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        match (words.as_slice(), &forest) {
            (["fit", threads, seed], _) => {
                let params = IsolationForest::params().seed(seed.parse()?);
                let fitted = on_threads(threads, "1", || params.fit(&rows))?;
                writeln!(output, "{}", fitted.trees())?;
                forest = Some(fitted);
            }
            (["score", threads, times], Some(forest)) => {
                let scores = on_threads(threads, times, || forest.score(rows.view()))?;
                writeln!(output, "{}", scores.mean().unwrap_or_default())?;
            }
            (["row", times], Some(forest)) => {
                let mut mean = 0.0;
                for _ in 0..times.parse::<usize>()? {
                    mean = mean_row_by_row(forest, &rows)?;
                }
                writeln!(output, "{mean}")?;
            }
            _ => return Err(format!("not understood: {line}").into()),
        }
        output.flush()?;
    }
    Ok(())
}

fn mean_row_by_row(forest: &IsolationForest, rows: &PreparedMatrix) -> Result<f64, ModelError> {
    let mut sum = 0.0;
    for row in rows.view().outer_iter() {
        sum += f64::from(forest.score_row(row)?);
    }
    Ok(sum / rows.rows() as f64)
}
