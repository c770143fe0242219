//! How does what a model costs grow with the rows? `growth MODEL [THREADS [ROWS ...]]`
//!
//! MODEL is `forest`, `isolation`, `half-space`, `neighbours`, `kmeans` or `autoencoder`, with its defaults (k-means: 32
//! clusters; the autoencoder: five epochs). It is fitted on 10,000, 100,000 and 1,000,000 rows of 40 columns, or as many as are
//! named, and judges as many, 10,000 of them row by row too. Printed are CPU seconds of all threads, and the
//! exponent of the rows with which they grow.

use std::error::Error;
use std::{env, fs};

use ndarray::Array2;
use nettraffic_features::PreparedMatrix;
#[cfg(feature = "autoencoder")]
use nettraffic_models::Autoencoder;
use nettraffic_models::{
    AnomalyModel, HalfSpaceTrees, IsolationForest, KMeans, ModelError, NearestNeighbours,
    RandomForest,
};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use rayon::ThreadPoolBuilder;

type Outcome<T> = Result<T, Box<dyn Error>>;

const COLUMNS: usize = 40;
const ONE_BY_ONE: usize = 10_000;
/// The kernel counts CPU time in these.
const TICKS_A_SECOND: f64 = 100.0;

type Model = Box<dyn AnomalyModel + Send>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name, rest @ ..] = arguments.as_slice() else {
        return Err("usage: growth MODEL [THREADS [ROWS ...]]".into());
    };
    let threads = rest.first().map_or(Ok(1), |threads| threads.parse())?;
    let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
    let mut sizes = vec![10_000, 100_000, 1_000_000];
    if let [_, named @ ..] = rest
        && !named.is_empty()
    {
        sizes = (named.iter().map(|rows| rows.parse())).collect::<Result<_, _>>()?;
    }
    let (mut fits, mut scores) = (Vec::new(), Vec::new());
    for rows in sizes {
        let (x, classes) = traffic(rows)?;
        let (fitting, model) = timed(|| pool.install(|| fit(name, &x, &classes)))?;
        let (judging, _) = timed(|| pool.install(|| model.score(x.view())))?;
        let count = rows.min(ONE_BY_ONE);
        let before = nanoseconds()?;
        for row in x.view().rows().into_iter().take(count) {
            std::hint::black_box(model.score_row(row)?);
        }
        let single = nanoseconds()? - before;
        println!(
            "{rows:>9} rows: fit {fitting:.2} s, score {judging:.2} s; one by one {:.2} us a row",
            single as f64 / 1e3 / count as f64
        );
        fits.push((rows, fitting));
        scores.push((rows, judging));
    }
    println!(
        "grows as n^{:.2} (fit), n^{:.2} (score)",
        exponent(&fits),
        exponent(&scores)
    );
    Ok(())
}

fn fit(name: &str, x: &PreparedMatrix, classes: &[usize]) -> Result<Model, ModelError> {
    Ok(match name {
        "forest" => {
            let names = ["benign", "attack"].map(str::to_owned);
            let forest = RandomForest::params().fit(x, classes, &names)?;
            Box::new(forest.into_anomaly_model("benign")?)
        }
        "isolation" => Box::new(IsolationForest::params().fit(x)?),
        "half-space" => Box::new(HalfSpaceTrees::params().fit(x)?),
        "neighbours" => Box::new(NearestNeighbours::params().fit(x)?),
        "kmeans" => Box::new(KMeans::params(32).fit(x)?),
        #[cfg(feature = "autoencoder")]
        "autoencoder" => Box::new(Autoencoder::params().epochs(5).patience(5).fit(x)?),
        _ => {
            return Err(ModelError::Parameter {
                name: "model",
                value: name.to_owned(),
                expected: "one that the head of this file names",
            });
        }
    })
}

/// Rows that follow from six hidden numbers, with a little noise, and two classes that
/// overlap: one in five is an attack.
fn traffic(rows: usize) -> Outcome<(PreparedMatrix, Vec<usize>)> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut unit = || (random.next_u32() >> 8) as f32 / (1 << 24) as f32;
    let weights: Vec<f32> = (0..6 * COLUMNS).map(|_| 2.0 * unit() - 1.0).collect();
    let mut values = Vec::with_capacity(rows * COLUMNS);
    let mut classes = Vec::with_capacity(rows);
    for _ in 0..rows {
        let attack = unit() < 0.2;
        let hidden: [f32; 6] = std::array::from_fn(|_| unit() + if attack { 0.3 } else { 0.0 });
        classes.push(usize::from(attack));
        for weights in weights.chunks_exact(6) {
            let sum: f32 = (weights.iter().zip(hidden)).map(|(w, h)| w * h).sum();
            values.push(sum.tanh() + 0.1 * unit());
        }
    }
    let rows = Array2::from_shape_vec((rows, COLUMNS), values)?;
    Ok((PreparedMatrix::new(rows)?, classes))
}

/// CPU seconds of this process, of all threads, that work takes.
fn timed<T>(work: impl FnOnce() -> Result<T, ModelError>) -> Outcome<(f64, T)> {
    let before = cpu()?;
    let done = work()?;
    Ok((cpu()? - before, done))
}

fn cpu() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no fields")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(str::parse::<u64>).sum::<Result<_, _>>()?;
    Ok(ticks as f64 / TICKS_A_SECOND)
}

/// Nanoseconds that the calling thread has had of a processor.
fn nanoseconds() -> Outcome<u64> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(stat.split_whitespace().next().ok_or("no times")?.parse()?)
}

/// Slope of the logarithm of the cost over that of the rows, by least squares.
fn exponent(costs: &[(usize, f64)]) -> f64 {
    let points = || {
        let point = |(rows, cost): &(usize, f64)| ((*rows as f64).ln(), cost.max(0.005).ln());
        costs.iter().map(point)
    };
    let count = costs.len() as f64;
    let (x, y) = points().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let (x, y) = (x / count, y / count);
    let both: f64 = points().map(|point| (point.0 - x) * (point.1 - y)).sum();
    both / points().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}
