//! What the examples share that another program drives to time them.

use std::error::Error;
use std::fs;

use ndarray::Array2;
use nettraffic_features::PreparedMatrix;
use nettraffic_models::ModelError;
use rayon::ThreadPoolBuilder;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Rows of so many little-endian `f32`.
pub(crate) fn read_rows(path: &str, columns: usize) -> Outcome<PreparedMatrix> {
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

/// Does the work so many times on so many threads, and gives the last result.
pub(crate) fn on_threads<T: Send>(
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
