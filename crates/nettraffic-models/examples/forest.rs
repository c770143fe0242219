//! A random forest that another program drives, to time it: `forest COLUMNS TRAIN LABELS TEST`
//!
//! TRAIN and TEST hold rows of COLUMNS little-endian `f32`, LABELS a byte for each training row, its
//! class. Then it obeys the lines of its input, each with one line, when the work is done:
//! `fit THREADS SEED` (100 trees, all else by default, unless `MIN_LEAF SHARE_OF_COLUMNS` follow) with the out-of-bag error, `predict THREADS TIMES FILE`, which
//! writes the probabilities of all test rows as `f32`, with their number.

use std::env;
use std::fs;
use std::io::{self, BufRead, Write};

use nettraffic_models::{Classifier, MaxFeatures, RandomForest};

mod driver;

use driver::{Outcome, on_threads, read_rows};

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [columns, train, labels, test] = arguments.as_slice() else {
        return Err("usage: forest COLUMNS TRAIN LABELS TEST".into());
    };
    let columns = columns.parse()?;
    let (train, test) = (read_rows(train, columns)?, read_rows(test, columns)?);
    let labels: Vec<usize> = fs::read(labels)?.into_iter().map(usize::from).collect();
    let classes = labels.iter().max().map_or(0, |most| most + 1);
    let classes: Vec<String> = (0..classes).map(|class| class.to_string()).collect();

    let mut forest = None;
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        match (words.as_slice(), &forest) {
            (["fit", threads, seed, further @ ..], _) => {
                let mut params = RandomForest::params().seed(seed.parse()?);
                if let [min_leaf, share] = further {
                    let share = MaxFeatures::Share(share.parse()?);
                    params = params.min_leaf(min_leaf.parse()?).max_features(share);
                }
                let fitted = on_threads(threads, "1", || params.fit(&train, &labels, &classes))?;
                writeln!(output, "{}", fitted.out_of_bag_error().unwrap_or(1.0))?;
                forest = Some(fitted);
            }
            (["predict", threads, times, file], Some(forest)) => {
                let predict = || forest.probabilities(test.view());
                let probabilities = on_threads(threads, times, predict)?;
                let bytes = probabilities.iter().flat_map(|share| share.to_le_bytes());
                fs::write(file, bytes.collect::<Vec<u8>>())?;
                writeln!(output, "{}", probabilities.len())?;
            }
            _ => return Err(format!("not understood: {line}").into()),
        }
        output.flush()?;
    }
    Ok(())
}
