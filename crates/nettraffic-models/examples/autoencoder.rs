//! An autoencoder that another program drives, to time it: `autoencoder COLUMNS ROWS`
//!
//! ROWS holds rows of COLUMNS little-endian `f32`. Then it obeys the lines of its input, each with
//! one line, when the work is done: `fit THREADS SEED EPOCHS NOISE TIMES` (80-32-8-32-80 for 80
//! columns, batches of 256) with the number of layers, `score THREADS TIMES` (all rows) with the sum
//! of the scores, `single TIMES` (rows one by one) the same, `export FILE` (safetensors) with the
//! number of layers.

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufWriter, Write};

use nettraffic_models::{AnomalyModel, Autoencoder};

mod driver;

use driver::{Outcome, on_threads, read_rows};

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [columns, rows] = arguments.as_slice() else {
        return Err("usage: autoencoder COLUMNS ROWS".into());
    };
    let rows = read_rows(rows, columns.parse()?)?;

    let mut model = None;
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        match (words.as_slice(), &model) {
            (["fit", threads, seed, epochs, noise, times], _) => {
                let epochs = epochs.parse()?;
                let params = Autoencoder::params()
                    .hidden(&[32, 8])
                    .batch(256)
                    .noise(noise.parse()?)
                    .epochs(epochs)
                    .patience(epochs)
                    .seed(seed.parse()?);
                let fitted = on_threads(threads, times, || params.fit(&rows))?;
                writeln!(output, "{}", fitted.widths().len() - 1)?;
                model = Some(fitted);
            }
            (["score", threads, times], Some(model)) => {
                let scores = on_threads(threads, times, || model.score(rows.view()))?;
                writeln!(output, "{}", sum(scores.iter()))?;
            }
            (["single", times], Some(model)) => {
                let scores = on_threads("1", times, || {
                    let rows = rows.view();
                    let scores = rows.rows().into_iter().map(|row| model.score_row(row));
                    scores.collect::<Result<Vec<f32>, _>>()
                })?;
                writeln!(output, "{}", sum(scores.iter()))?;
            }
            (["export", file], Some(model)) => {
                model.to_safetensors(BufWriter::new(File::create(file)?))?;
                writeln!(output, "{}", model.widths().len() - 1)?;
            }
            _ => return Err(format!("not understood: {line}").into()),
        }
        output.flush()?;
    }
    Ok(())
}

fn sum<'a>(scores: impl Iterator<Item = &'a f32>) -> f64 {
    scores.copied().map(f64::from).sum()
}
