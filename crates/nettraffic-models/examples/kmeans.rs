//! k-means that another program drives, to time it: `kmeans COLUMNS ROWS`
//!
//! ROWS holds rows of COLUMNS little-endian `f32`. Then it obeys the lines of its input, each with
//! one line, when the work is done: `fit THREADS CLUSTERS SEED COUNT TIMES` (plain distance, on the
//! first COUNT rows) with the summed squared distances to the centroids, `score THREADS TIMES` (all
//! rows) with the sum of the squared scores.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead, Write};

use ndarray::Array2;
use nettraffic_features::PreparedMatrix;
use nettraffic_models::{AnomalyModel, KMeans, Metric, ModelError};
use rayon::ThreadPoolBuilder;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [columns, rows] = arguments.as_slice() else {
        return Err("usage: kmeans COLUMNS ROWS".into());
    };
    let rows = read_rows(rows, columns.parse()?)?;

    let mut model = None;
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        match (words.as_slice(), &model) {
            (["fit", threads, clusters, seed, count, times], _) => {
                let params = KMeans::params(clusters.parse()?)
                    .metric(Metric::Euclidean)
                    .seed(seed.parse()?);
                let count = count.parse::<usize>()?.min(rows.rows());
                let part = rows.select(&(0..count).collect::<Vec<_>>());
                let fitted = on_threads(threads, times, || params.fit(&part))?;
                writeln!(output, "{}", fitted.inertia())?;
                model = Some(fitted);
            }
            (["score", threads, times], Some(model)) => {
                let scores = on_threads(threads, times, || model.score(rows.view()))?;
                let squares = scores.iter().map(|s| f64::from(*s).powi(2));
                writeln!(output, "{}", squares.sum::<f64>())?;
            }
            _ => return Err(format!("not understood: {line}").into()),
        }
        output.flush()?;
    }
    Ok(())
}

fn read_rows(path: &str, columns: usize) -> Outcome<PreparedMatrix> {
    let bytes = fs::read(path)?;
    let (values, rest) = bytes.as_chunks::<4>();
    if columns == 0 || !rest.is_empty() || values.len() % columns != 0 {
        return Err(format!("{path}: not rows of {columns} values").into());
    }
    let values: Vec<f32> = values
        .iter()
        .map(|value| f32::from_le_bytes(*value))
        .collect();
    let rows = Array2::from_shape_vec((values.len() / columns, columns), values)?;
    Ok(PreparedMatrix::new(rows)?)
}

/// Does the work so many times, and gives the last result.
fn on_threads<T: Send>(
    threads: &str,
    times: &str,
    work: impl Fn() -> Result<T, ModelError> + Sync,
) -> Outcome<T> {
    let times = times.parse::<usize>()?;
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads.parse()?)
        .build()?;
    let mut done = pool.install(&work)?;
    for _ in 1..times {
        done = pool.install(&work)?;
    }
    Ok(done)
}
