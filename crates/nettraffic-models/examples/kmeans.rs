//! k-means that another program drives, to time it: `kmeans COLUMNS ROWS`
//!
//! ROWS holds rows of COLUMNS little-endian `f32`. Then it obeys the lines of its input, each with
//! one line, when the work is done: `fit THREADS CLUSTERS SEED COUNT TIMES` (plain distance, on the
//! first COUNT rows) with the summed squared distances to the centroids, `score THREADS TIMES` (all
//! rows) with the sum of the squared scores.

use std::env;
use std::io::{self, BufRead, Write};

use nettraffic_models::{AnomalyModel, KMeans, Metric};

mod driver;

use driver::{Outcome, on_threads, read_rows};

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
